//! What a delivery said, once more: its file is written again from the same records, so that a place in it leads to
//! whom it tells of. Nothing of it is kept.

use chrono::NaiveDate;

use super::account_words::AccountWords;
use super::build::{each_family, rebuild};
use super::context::FeedContext;
use super::outcome::unknown_run;
use crate::crypt::spool::Spooled;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::election::LifeEvent;
use crate::model::enrollment::{Coverage, CoverageChange, Maintenance};
use crate::model::ids::{FeedName, Pseudonym};
use crate::model::person::Relationship;
use crate::model::phi::Phi;
use crate::store::{DeliveryRow, RunRow};

/// A delivery's file, written again.
pub struct WrittenFile {
    /// Its bytes, readable while this lives.
    pub spooled: Spooled,
    /// The member loops, in their order.
    pub members: Vec<WrittenMember>,
    /// Whether they are the bytes that were sealed. Where settings have changed since, places may differ.
    pub is_exact: bool,
}

/// Whom a member loop tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenMember {
    /// The family's pseudonym.
    pub family: Pseudonym,
    /// The key within the family; none for the subscriber.
    pub person: Option<Phi<String>>,
    /// What is said of it: added, changed, ended.
    pub told: Maintenance,
    /// Its coverage loops, in their order.
    pub covers: Vec<WrittenCover>,
}

/// What a coverage loop is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenCover {
    /// Our code of the plan.
    pub plan: String,
    /// What is said of it.
    pub told: Maintenance,
    /// What led to it, where the elections say so.
    pub event: Option<LifeEvent>,
    /// In which account of the carrier's it is, in words; none where employees are not kept apart.
    pub account: Option<String>,
}

impl WrittenCover {
    fn of(change: &CoverageChange, accounts: &AccountWords) -> WrittenCover {
        let Coverage { plan, event, .. } = &change.coverage;
        WrittenCover {
            plan: plan.clone(),
            told: change.maintenance,
            event: *event,
            account: accounts.account(&change.coverage),
        }
    }
}

/// Writes the file of a run's delivery again.
///
/// # Errors
/// RUN006 when its feed is not configured any more; what building can say.
pub fn written_file(engine: &Engine, run: &RunRow, row: &DeliveryRow) -> Result<WrittenFile, Fault> {
    let feed = FeedName::new(&run.feed).and_then(|name| engine.site.feeds.get(&name)).ok_or_else(unknown_run)?;
    let as_of: NaiveDate = run.business_date.parse().map_err(|_| unknown_run())?;
    let context = FeedContext::new(engine, feed, as_of)?;
    let (mut members, accounts) = (Vec::new(), AccountWords::of(&context));
    each_family(&context, row, &mut |family| {
        for member in &family.change.members {
            let dependent = member.person.relationship != Relationship::Subscriber;
            let person = dependent.then(|| member.person.key.clone());
            let covers = member.coverages.iter().map(|change| WrittenCover::of(change, &accounts)).collect();
            members.push(WrittenMember { family: family.key, person, told: member.maintenance, covers });
        }
        Ok(())
    })?;
    let spooled = rebuild(&context, row)?.spooled;
    let digest = engine.vault.digest("plain", &spooled.sha256()?);
    let is_exact = row.plain_digest.as_deref() == Some(&digest[..]);
    Ok(WrittenFile { spooled, members, is_exact })
}
