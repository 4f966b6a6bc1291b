//! What a feed is run with: everything that is the same for all its families.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::carrier::{self, CompiledCarrier, Numbered};
use crate::engine::{Engine, RecordPlace, open_if_kept, open_record};
use crate::fault::Fault;
use crate::mapping::{Carrier, Feed};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::model::ids::Pseudonym;
use crate::model::record::FamilyRecord;
use crate::reconcile::Rules;
use crate::store::{RunRow, Scope, UsedRules};
use crate::t834::Header;

/// A feed on a business date: the site it belongs to, its carrier, and the rules its decisions are made by.
pub(super) struct FeedContext<'e> {
    pub engine: &'e Engine,
    pub feed: &'e Feed,
    pub carrier: &'e Carrier,
    /// What both say, as it decides, is written and is judged.
    pub compiled: CompiledCarrier,
    /// What decides on this date.
    pub rules: Rules,
    pub census_source: String,
    pub elections_source: String,
    /// The business date as the store has it.
    as_of: String,
    /// The rule set in its serialised form.
    rules_text: String,
}

impl<'e> FeedContext<'e> {
    /// A feed on one date.
    ///
    /// # Errors
    /// POL001 when the carrier has no policy.
    pub fn new(engine: &'e Engine, feed: &'e Feed, as_of: NaiveDate) -> Result<FeedContext<'e>, Fault> {
        // A feed whose carrier is not configured is refused with the configuration.
        let carrier = &engine.site.carriers[&feed.carrier];
        let compiled = CompiledCarrier::new(carrier, feed, &engine.site.sponsor(feed))?;
        let mut rules = compiled.rules_on(as_of, !engine.store.covers_anybody(feed.name.as_str())?);
        rules.loaded_on = engine.store.first_delivered_for(feed.name.as_str())?.and_then(|day| day.parse().ok());
        Ok(FeedContext {
            engine,
            feed,
            carrier,
            rules_text: compiled.ruleset.text(),
            compiled,
            rules,
            census_source: feed.census_source().to_string(),
            elections_source: feed.elections_source().to_string(),
            as_of: as_of.to_string(),
        })
    }

    /// The feed's name as the store has it.
    pub fn name(&self) -> &str {
        self.feed.name.as_str()
    }

    /// Whether the carrier takes full files.
    pub fn is_full(&self) -> bool {
        self.compiled.is_full()
    }

    /// Whether nothing new is said tonight of a family of which the last file is not answered yet, or is.
    pub fn waits(&self, is_waiting: bool) -> bool {
        self.compiled.is_audit() || (is_waiting && !self.is_full())
    }

    /// What a run's decisions are made of.
    pub fn scope(&self, run: &RunRow) -> Scope<'_> {
        Scope {
            feed: self.name(),
            census: &self.census_source,
            census_input: run.census_input,
            elections: &self.elections_source,
            elections_input: run.elections_input,
            rules: self.used_rules().digest,
            as_of: &self.as_of,
        }
    }

    /// The rules as they are recorded with a run. The digest is keyed, so that whoever has the store alone cannot try
    /// out settings.
    pub fn used_rules(&self) -> UsedRules<'_> {
        UsedRules { digest: self.engine.vault.digest("rules", self.rules_text.as_bytes()), body: &self.rules_text }
    }

    /// The header of a delivery of the feed.
    pub fn header(&self, numbered: &Numbered) -> Header {
        carrier::header(&self.engine.site, self.feed, self.rules.as_of, numbered)
    }

    /// Opens a sealed record of what the feed has told, or will tell, of a family: the version that begins with this
    /// delivery.
    ///
    /// # Errors
    /// The vault's; RUN003 when the record is of another version.
    pub fn open<T: FamilyRecord>(&self, key: Pseudonym, from: i64, sealed: &[u8]) -> Result<T, Fault> {
        open_record(self.engine, RecordPlace { of: self.name(), key, from }, sealed)
    }

    /// The same where nothing is left to read of a family whose records were destroyed.
    ///
    /// # Errors
    /// As [`FeedContext::open`].
    pub fn open_if_kept<T: FamilyRecord>(&self, key: Pseudonym, from: i64, sealed: &[u8]) -> Result<Option<T>, Fault> {
        open_if_kept(self.engine, RecordPlace { of: self.name(), key, from }, sealed)
    }

    /// What the file says of a family, and of what has changed of it with this file.
    pub fn written<'c>(
        &self,
        known: Option<&Enrolled>,
        change: Option<&'c FamilyChange>,
    ) -> Option<Cow<'c, FamilyChange>> {
        self.compiled.written(self.rules.as_of, known, change)
    }
}
