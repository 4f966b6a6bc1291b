//! Whom the rows of a carrier's report name: a subscriber by employee number, or by the Social Security number that the
//! carrier was told. Of that there is no index: it is compared in memory with what the delivery tells, as a digest, and
//! is kept nowhere.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::build::each_family;
use super::context::FeedContext;
use super::outcome::unknown_run;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::{Carrier, Feed, SubscriberId};
use crate::model::ids::{FeedName, Pseudonym};
use crate::model::phi::Phi;
use crate::store::DeliveryRow;

/// Families by what stands for their subscribers' numbers in memory.
type FamilyByNumber = HashMap<[u8; 16], Pseudonym>;

/// Whom the rows of one report name.
pub(super) struct ReportedMembers<'r> {
    engine: &'r Engine,
    carrier: &'r Carrier,
    /// Of each delivery that was named, its subscribers: its records are opened once for all rows.
    told: BTreeMap<i64, FamilyByNumber>,
}

impl<'r> ReportedMembers<'r> {
    /// Of a report that came from this carrier.
    pub fn of(engine: &'r Engine, carrier: &'r Carrier) -> ReportedMembers<'r> {
        ReportedMembers { engine, carrier, told: BTreeMap::new() }
    }

    /// The delivery of a control number.
    ///
    /// # Errors
    /// STO001.
    pub fn delivery(&self, number: i64) -> Result<Option<DeliveryRow>, Fault> {
        self.engine.store.delivery_numbered(&self.engine.site.partner(self.carrier), number)
    }

    /// The family that a subscriber's number stands for, where the delivery tells of it.
    ///
    /// # Errors
    /// STO001; what opening the delivery's records can say.
    pub fn family(&mut self, row: &DeliveryRow, member: &str) -> Result<Option<Pseudonym>, Fault> {
        let engine = self.engine;
        let feed = FeedName::new(&row.feed).and_then(|name| engine.site.feeds.get(&name));
        let Some(feed) = feed.filter(|_| !member.is_empty()) else { return Ok(None) };
        if engine.site.carriers[&feed.carrier].file.subscriber_id == SubscriberId::Ssn {
            return self.family_told(feed, row, member);
        }
        let employer = feed.employer.as_str();
        let number = Pseudonym(engine.vault.pseudonym("family", &[employer.as_bytes(), member.as_bytes()]));
        let family = engine.store.family_numbered(employer, number)?.unwrap_or(number);
        Ok(engine.store.tells_of(row.id, family)?.then_some(family))
    }

    /// The same by the number that the delivery itself has given to the subscriber.
    fn family_told(&mut self, feed: &Feed, row: &DeliveryRow, member: &str) -> Result<Option<Pseudonym>, Fault> {
        // Carriers write it with dashes or blanks; more than that is not guessed.
        let digits: String = member.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let wanted = in_memory(self.engine, &digits);
        if !self.told.contains_key(&row.id) {
            self.told.insert(row.id, subscribers(self.engine, feed, row)?);
        }
        Ok(self.told.get(&row.id).and_then(|told| told.get(&wanted)).copied())
    }
}

/// What stands for a number while a report is read.
fn in_memory(engine: &Engine, number: &str) -> [u8; 16] {
    engine.vault.digest("reported subscriber", number.as_bytes())
}

/// The subscribers that a delivery tells of, by the numbers it calls them by.
fn subscribers(engine: &Engine, feed: &Feed, row: &DeliveryRow) -> Result<FamilyByNumber, Fault> {
    let run = engine.store.run(row.run)?.ok_or_else(unknown_run)?;
    let as_of: NaiveDate = run.business_date.parse().map_err(|_| unknown_run())?;
    let context = FeedContext::new(engine, feed, as_of)?;
    let mut found = FamilyByNumber::new();
    each_family(&context, row, &mut |family| {
        // A number that was corrected is known to the carrier by either.
        let numbers = [&family.change.subscriber_id, &family.known.subscriber_id];
        found.extend(numbers.map(|number: &Phi<String>| (in_memory(engine, number.reveal()), family.key)));
        Ok(())
    })?;
    Ok(found)
}
