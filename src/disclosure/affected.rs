//! Who was in a delivery: for the notices that follow when a file has gone astray.

use std::collections::BTreeSet;

use super::account::{Certainty, known_delivery};
use super::read::RecordedReading;
use super::telling::{FileSettings, Tellings, sendings};
use crate::access::{Permit, ReadAffected};
use crate::act::Grounds;
use crate::audit::Action;
use crate::crypt::rules::FAMILY_DESTROYED;
use crate::engine::{Engine, RecordPlace, SealedTold, open_told};
use crate::fault::Fault;
use crate::model::enrollment::{FamilyChange, MemberChange};
use crate::model::field::FieldSet;
use crate::model::ids::Pseudonym;
use crate::model::person::{Person, Relationship};
use crate::model::phi::Phi;
use crate::model::told::ToldFamily;
use crate::store::{StagedRow, TellingRow};

/// Which deliveries, and how much of them.
#[derive(Clone, Debug)]
pub struct AffectedAsked<'a> {
    /// By their numbers; people who are in several count once.
    pub deliveries: &'a [i64],
    /// Whether people are listed.
    pub list: bool,
    /// Whether they are listed with name and address.
    pub names: bool,
}

/// Whom deliveries told of.
#[derive(Clone, Debug, Default)]
pub struct Affected {
    /// The deliveries, each with its carrier and whether it came there.
    pub deliveries: Vec<AffectedDelivery>,
    /// Families, each counted once.
    pub families: u64,
    /// People, each counted once.
    pub people: u64,
    /// Families of which the records were destroyed when their time was over: who was in them, nobody can say any more.
    pub destroyed: u64,
    /// What was told of anybody.
    pub fields: FieldSet,
    /// People, where they were asked for.
    pub listed: Vec<AffectedPerson>,
}

/// A delivery that is asked about.
#[derive(Clone, Debug)]
pub struct AffectedDelivery {
    /// Its number.
    pub id: i64,
    /// The feed it belongs to.
    pub feed: String,
    /// Configured name of its carrier.
    pub carrier: String,
    /// Its name at the carrier.
    pub file: String,
    /// When it may have come to the carrier, and how sure that is; empty where it was never sent.
    pub sent: Vec<(String, Certainty)>,
}

/// Somebody a delivery told of.
#[derive(Clone, Debug)]
pub struct AffectedPerson {
    /// Pseudonym of the household.
    pub family: Pseudonym,
    /// To the subscriber.
    pub relationship: Relationship,
    /// What was told.
    pub fields: FieldSet,
    /// Name and address as they were told; only where they were asked for.
    pub told: Option<[String; 5]>,
}

/// Counts or lists whom deliveries told of. A list is recorded as read.
///
/// # Errors
/// DIS004 when there is no such delivery; RUN020 for a list without a reason; STO001; the vault's.
pub fn affected(
    engine: &Engine,
    asked: &AffectedAsked,
    grounds: &Grounds,
    permit: &Permit<ReadAffected>,
) -> Result<Affected, Fault> {
    if asked.list {
        grounds.given()?;
    }
    let mut counting =
        Counting { engine, asked, families: BTreeSet::new(), people: BTreeSet::new(), found: Affected::default() };
    for id in asked.deliveries {
        counting.add(*id)?;
    }
    let found = counting.found;
    if asked.list {
        let reading = RecordedReading { engine, action: Action::AffectedRead, act: "affected", grounds };
        let first = asked.deliveries.first().copied().unwrap_or_default();
        let names = if asked.names { "shown" } else { "masked" };
        reading.record(|event| {
            let event = event.count("delivery", first).count("deliveries", asked.deliveries.len() as i64);
            event.count("people", found.people.cast_signed()).name("names", names).permitted(permit)
        })?;
    }
    Ok(found)
}

struct Counting<'e> {
    engine: &'e Engine,
    asked: &'e AffectedAsked<'e>,
    families: BTreeSet<Pseudonym>,
    people: BTreeSet<(Pseudonym, Option<Phi<String>>)>,
    found: Affected,
}

impl Counting<'_> {
    fn add(&mut self, id: i64) -> Result<(), Fault> {
        let store = &self.engine.store;
        let row = known_delivery(store.telling_of(id)?, id)?;
        let feed = known_delivery(store.delivery(id)?, id)?.feed;
        let settings = Tellings::new(self.engine).settings(&row)?;
        let rows = std::slice::from_ref(&row);
        let sent = sendings(self.engine, &feed, rows)?.remove(&id).unwrap_or_default();
        let sent = sent.into_iter().map(|sending| (sending.at, Certainty::of(sending.state))).collect();
        let (carrier, file) = (row.carrier.clone(), row.final_name.clone());
        self.found.deliveries.push(AffectedDelivery { id, feed: feed.clone(), carrier, file, sent });
        let mut after = Vec::new();
        loop {
            let full = row.style == "full";
            let page = if full { store.stated_in(&feed, id, &after)? } else { store.staged_changes(id, &after)? };
            let Some(last) = page.last() else { return Ok(()) };
            after = last.key.0.to_vec();
            for staged in &page {
                let change = match self.said(&feed, &row, staged, settings) {
                    Err(fault) if fault.is(&FAMILY_DESTROYED) => {
                        self.found.destroyed += u64::from(self.families.insert(staged.key));
                        continue;
                    }
                    said => said?,
                };
                change.iter().for_each(|change| self.count(staged.key, change, settings));
            }
        }
    }

    fn said(
        &self,
        feed: &str,
        row: &TellingRow,
        staged: &StagedRow,
        settings: FileSettings,
    ) -> Result<Option<FamilyChange>, Fault> {
        let at = RecordPlace { of: feed, key: staged.key, from: staged.from };
        let sealed = SealedTold { known: &staged.known, change: &staged.change };
        let ToldFamily { known, change } = open_told(self.engine, at, sealed)?;
        if row.style != "full" {
            return Ok(change);
        }
        let changed = change.filter(|_| staged.from == row.id);
        let as_of = row.business_date.parse().ok();
        Ok(as_of.and_then(|as_of| settings.stated(&known, as_of, changed.as_ref())))
    }

    fn count(&mut self, family: Pseudonym, change: &FamilyChange, settings: FileSettings) {
        self.found.families += u64::from(!change.members.is_empty() && self.families.insert(family));
        for member in &change.members {
            let subscriber = member.person.relationship == Relationship::Subscriber;
            let mark = (!subscriber).then(|| member.person.key.clone());
            let fields = settings.told(member);
            self.found.fields = fields.iter().fold(self.found.fields, FieldSet::with);
            // Who is in several files gets one letter.
            if self.people.insert((family, mark)) {
                self.found.people += 1;
                self.list(family, member, fields, change);
            }
        }
    }

    fn list(&mut self, family: Pseudonym, member: &MemberChange, fields: FieldSet, change: &FamilyChange) {
        if !self.asked.list {
            return;
        }
        let subscriber = change.members.first().map(|first| &first.person);
        let told = self.asked.names.then(|| name_and_address(&member.person, subscriber));
        let relationship = member.person.relationship;
        self.found.listed.push(AffectedPerson { family, relationship, fields, told });
    }
}

/// Last and first name, street, town, state with postal code; a dependent without an address lives with the subscriber.
fn name_and_address(person: &Person, subscriber: Option<&Person>) -> [String; 5] {
    let address = person.address.as_ref().or(subscriber.and_then(|subscriber| subscriber.address.as_ref()));
    let address = address.map(|address| address.reveal().clone()).unwrap_or_default();
    let street = [address.line1.as_str(), address.line2.as_str()].join(" ");
    let area = [address.state.as_str(), address.zip.as_str()].join(" ");
    let (last, first) = (person.last_name.reveal().clone(), person.first_name.reveal().clone());
    [last, first, street.trim().to_string(), address.city, area.trim().to_string()]
}
