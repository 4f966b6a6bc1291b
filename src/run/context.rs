//! What a feed is run with: everything that is the same for all its families.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::carrier::{guide, policy};
use crate::engine::{Engine, open_record, seal_record};
use crate::fault::Fault;
use crate::mapping::{Carrier, Feed, Style};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::model::ids::Pseudonym;
use crate::model::record::Record;
use crate::policy::Policy;
use crate::reconcile::{self, Rules};
use crate::store::{RunRow, Scope};
use crate::x12::guide::Guide;

/// A feed on a business date: the site it belongs to, its carrier, and the rules its decisions are made by.
pub(super) struct FeedContext<'e> {
    pub engine: &'e Engine,
    pub feed: &'e Feed,
    pub carrier: &'e Carrier,
    pub policy: Policy,
    pub rules: Rules,
    pub guide: Cow<'static, Guide>,
    pub census_source: String,
    pub elections_source: String,
    /// The business date as the store has it.
    as_of: String,
}

impl<'e> FeedContext<'e> {
    /// A feed on one date.
    ///
    /// # Errors
    /// POL001 when the carrier has no policy.
    pub fn new(engine: &'e Engine, feed: &'e Feed, as_of: NaiveDate) -> Result<FeedContext<'e>, Fault> {
        // A feed whose carrier is not configured is refused with the configuration.
        let carrier = &engine.site.carriers[&feed.carrier];
        let policy = policy(carrier)?;
        let rules = Rules {
            as_of,
            visible: policy.fields(),
            plans: carrier.plans.iter().map(|(code, plan)| (code.clone(), plan.line)).collect(),
            coverage_ends: feed.coverage_ends,
            subscriber_id: carrier.file.subscriber_id,
            plan_change: carrier.file.plan_change,
            retro_days_back: carrier.file.retro_days_back,
            retro_days_forward: carrier.file.retro_days_forward,
            first_load: engine.store.covered(feed.name.as_str())? == 0,
            retro_termination_days_max: carrier.file.retro_termination_days_max,
        };
        Ok(FeedContext {
            engine,
            feed,
            carrier,
            policy,
            rules,
            guide: guide(carrier)?,
            census_source: format!("census/{}", feed.census),
            elections_source: format!("elections/{}", feed.elections),
            as_of: as_of.to_string(),
        })
    }

    /// The feed's name as the store has it.
    pub fn name(&self) -> &str {
        self.feed.name.as_str()
    }

    /// Whether the carrier takes full files.
    pub fn is_full(&self) -> bool {
        self.carrier.file.style == Style::Full
    }

    /// What a run's decisions are made of.
    pub fn scope(&self, run: &RunRow) -> Scope<'_> {
        Scope {
            feed: self.name(),
            census: &self.census_source,
            census_input: run.census_input,
            elections: &self.elections_source,
            elections_input: run.elections_input,
            rules: self.rules_digest(),
            as_of: &self.as_of,
        }
    }

    /// A digest of everything but the date that a decision depends on: when it differs, everybody is decided anew.
    fn rules_digest(&self) -> [u8; 16] {
        let Rules { as_of: _, visible, plans, coverage_ends, subscriber_id, plan_change, .. } = &self.rules;
        let windows =
            [self.rules.retro_days_back, self.rules.retro_days_forward, self.rules.retro_termination_days_max];
        let text = format!("{visible:?}{plans:?}{coverage_ends:?}{subscriber_id:?}{plan_change:?}{windows:?}");
        self.engine.vault.digest("rules", text.as_bytes())
    }

    /// Opens a sealed record of a family. The context is a source or a feed.
    ///
    /// # Errors
    /// The vault's; RUN003 when the record is of another version.
    pub fn open<T: Record>(&self, context: &str, key: Pseudonym, sealed: &[u8]) -> Result<T, Fault> {
        open_record(self.engine, context, key, sealed)
    }

    /// Seals what the carrier is told of a family.
    pub fn seal<T: Record>(&self, key: Pseudonym, value: &T) -> Vec<u8> {
        seal_record(self.engine, self.name(), key, value)
    }

    /// What the file says of a family.
    pub fn written(&self, known: Option<&Enrolled>, change: Option<&FamilyChange>) -> Option<FamilyChange> {
        if self.is_full() {
            reconcile::statement(known?, self.rules.as_of, self.carrier.file.terminated_lookback_days)
        } else {
            change.cloned()
        }
    }
}
