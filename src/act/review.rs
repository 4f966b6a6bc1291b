//! Review: every event in exactly one range that somebody has signed for, day by day, exceptions first, by a person who
//! did nothing of what it holds.
#![allow(clippy::disallowed_methods, reason = "an edge: this act reads the list of who signs with which key")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::record::{ActOf, Grounds, keep};
use super::rules;
use crate::access::rules::ANOTHER_PERSON;
use crate::access::{Permit, Review};
use crate::audit::{Action, Event};
use crate::crypt::signature::{SignedText, is_signed};
use crate::engine::{Engine, OpenSite};
use crate::fault::Fault;
use crate::mapping::Environment;
use crate::model::ids::hex;
use crate::run::day_of_leaf;
use crate::store::{NewReview, RecordedLeaf};

/// The events of a day that nobody has signed for yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewDay {
    /// UTC.
    pub day: NaiveDate,
    /// The first event.
    pub first: i64,
    /// The last event.
    pub last: i64,
    /// What must be looked at one by one.
    pub exceptions: Vec<ReviewedEvent>,
    /// How many there are of each kind.
    pub counts: BTreeMap<String, u64>,
    /// Who did anything of it.
    pub people: BTreeSet<String>,
    digest: [u8; 32],
}

/// One line of the record that must be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedEvent {
    /// Number in the order of recording.
    pub seq: i64,
    /// Its leaf, one line of JSON.
    pub leaf: String,
}

impl ReviewDay {
    /// What is signed for: it fits these events and no others.
    pub fn text(&self) -> String {
        format!("bex review\n{}\n{} {}\n{}\n", self.day, self.first, self.last, hex(&self.digest))
    }

    /// How the range is known in short.
    pub fn digest(&self) -> String {
        hex(&self.digest[..6])
    }
}

/// What must be looked at one by one: what people decided, what leaves the usual way, what was read of people, what was
/// not as it was recorded.
const EXCEPTIONS: [Action; 47] = [
    Action::LogBegun,
    Action::LogLost,
    Action::LogDoubted,
    Action::LogSettled,
    Action::DecisionsRead,
    Action::KeysRotated,
    Action::ToldAsked,
    Action::ToldApproved,
    Action::FileDestroyed,
    Action::FamiliesShredded,
    Action::ReasonsShredded,
    Action::LegallyHeld,
    Action::LegalHoldLifted,
    Action::AckSettled,
    Action::AckReread,
    Action::InputSettled,
    Action::InputReread,
    Action::FeedHeld,
    Action::FeedUnheld,
    Action::BaselineDeclared,
    Action::DeliveryAssumed,
    Action::AccessDenied,
    Action::EmergencyDeclared,
    Action::DisclosuresRead,
    Action::AffectedRead,
    Action::RunReleased,
    Action::RunVoided,
    Action::RunRebuilt,
    Action::DeliveryAttested,
    Action::DeliverySettled,
    Action::DeliveryResent,
    Action::DeliveryRebound,
    Action::DeliveryHeld,
    Action::DeliveryUncertain,
    Action::ClockJumped,
    Action::SettingChanged,
    Action::SettingApproved,
    Action::ActAsked,
    Action::ActRefused,
    Action::SettingsAdopted,
    Action::StoreRecovered,
    Action::StoreMoved,
    Action::AckContradicting,
    Action::AckPremature,
    Action::QuestionAnswered,
    Action::QuestionAsked,
    Action::SlotSkipped,
];

/// The days with events that nobody has signed for, the oldest first.
///
/// # Errors
/// STO001.
pub fn review_days(engine: &OpenSite) -> Result<Vec<ReviewDay>, Fault> {
    let mut days: Vec<ReviewDay> = Vec::new();
    // Beside the days, because a hash under way cannot be compared or shown.
    let mut hashes: Vec<Sha256> = Vec::new();
    let mut newest = None;
    let mut behind = engine.store.reviewed_up_to()?;
    loop {
        let page = engine.store.leaves_behind(behind)?;
        let Some(last) = page.last() else { break };
        behind = last.seq;
        for leaf in page {
            let read: Value = serde_json::from_str(&leaf.leaf).unwrap_or(Value::Null);
            // A leaf without a moment belongs to the day before it: it must not be in no range.
            let day =
                day_of_leaf(&leaf.leaf).or(days.last().map(|day| day.day)).unwrap_or_else(|| engine.clock.today());
            let went_back = goes_back(&read, &mut newest);
            // A clock that was set forward and put right must not leave a day that ends years from now.
            if days.last().is_none_or(|open| day > open.day || (went_back && day < open.day)) {
                days.push(ReviewDay::new(day, leaf.seq));
                hashes.push(Sha256::new());
            }
            let (Some(open), Some(hash)) = (days.last_mut(), hashes.last_mut()) else { continue };
            hash.update(&leaf.hash);
            open.add(leaf, &read, went_back);
        }
    }
    for (day, hash) in days.iter_mut().zip(hashes) {
        day.digest = hash.finalize().into();
    }
    Ok(days)
}

/// How far behind the newest moment a record may stand: who waits to write has looked at the clock before.
const BEHIND_MAX: TimeDelta = TimeDelta::minutes(5);

/// Whether a record's moment lies before the newest so far: somebody has set the clock back.
fn goes_back(read: &Value, newest: &mut Option<DateTime<FixedOffset>>) -> bool {
    let Some(at) = read["at"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok()) else { return false };
    let went_back = newest.is_some_and(|newest| at < newest - BEHIND_MAX);
    // From there on the time that was set counts: the day has one such record, not all that follow.
    *newest = Some(if went_back { at } else { newest.map_or(at, |newest| newest.max(at)) });
    went_back
}

impl ReviewDay {
    fn new(day: NaiveDate, first: i64) -> ReviewDay {
        let (counts, people) = (BTreeMap::new(), BTreeSet::new());
        ReviewDay { day, first, last: first, exceptions: Vec::new(), counts, people, digest: [0; 32] }
    }

    fn add(&mut self, leaf: RecordedLeaf, read: &Value, went_back: bool) {
        self.last = leaf.seq;
        let action = read["action"].as_str().unwrap_or("unreadable").to_string();
        // What cannot be read must be looked at, and so must whatever an emergency gave leave to.
        let exception = EXCEPTIONS.iter().any(|known| known.word() == action)
            || action == "unreadable"
            || went_back
            || read["granted"].as_str().is_some_and(|ground| ground.starts_with("emergency"));
        *self.counts.entry(action).or_default() += 1;
        let actor = &read["actor"];
        let person = actor["person"].as_str().or(actor["user"].as_str());
        self.people.extend(person.map(str::to_string));
        if exception {
            self.exceptions.push(ReviewedEvent { seq: leaf.seq, leaf: leaf.leaf });
        }
    }
}

/// A day, as it was looked at, with what was found.
#[derive(Clone, Copy, Debug)]
pub struct ReviewSigned<'s> {
    /// The day that was looked at.
    pub day: NaiveDate,
    /// What was looked at, as it is known in short.
    pub digest: &'s str,
    /// An armoured signature of [`ReviewDay::text`], where the site wants one.
    pub signature: Option<&'s str>,
    /// What was found.
    pub finding: &'s Grounds<'s>,
}

/// Signs for a day's events.
///
/// # Errors
/// ANS007 when the day is not the oldest that waits, is not over, or holds other events than were looked at; ACC002
/// when the person who signs did something of it; ANS008 without the signature that the site wants; RUN020 without a
/// finding; STO001.
pub fn sign_review(engine: &Engine, signed: &ReviewSigned, permit: &Permit<Review>) -> Result<ReviewDay, Fault> {
    signed.finding.given()?;
    let mut days = review_days(engine)?.into_iter();
    let day = days.next().filter(|day| day.day == signed.day);
    // Today goes on: what is signed must not grow afterwards. What another day has followed does not go on.
    let over = signed.day < engine.clock.today() || days.next().is_some();
    let day = day.filter(|day| over && day.digest() == signed.digest).ok_or_else(|| rules::NOT_THIS_DAY.fault())?;
    let alone = did_nothing(engine, &day)?;
    let signature = signature(engine, &day, signed.signature)?;
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "review", feed: "", run: None }, signed.finding)?;
    change.record_review(&NewReview { first: day.first, last: day.last, digest: day.digest, signature, act })?;
    let event = Event::new(Action::ReviewSigned).name("day", &day.day.to_string()).count("first", day.first);
    let event = event.count("last", day.last).count("exceptions", day.exceptions.len() as i64).count("recorded", act);
    let event = event.done_alone(alone);
    engine.commit(change, &[event.name("digest", &hex(&day.digest)).permitted(permit)])?;
    Ok(day)
}

/// Whether one person does alone here what wants two; refused where the site does not declare that.
fn did_nothing(engine: &Engine, day: &ReviewDay) -> Result<bool, Fault> {
    let person = engine.actor.person().as_str();
    if !day.people.contains(person) {
        return Ok(false);
    }
    let declared = engine.site.access.declared.as_ref();
    let one = declared.is_some_and(|declared| declared.one_person.is_some());
    if one || (declared.is_none() && engine.site.environment == Environment::Test) {
        return Ok(true);
    }
    Err(ANOTHER_PERSON.fault().name("day", &day.day.to_string()).name("person", person))
}

/// The list of who signs with which key, as `ssh-keygen` knows it.
const REVIEWERS: &str = "keys/reviewers";

fn signature<'s>(engine: &Engine, day: &ReviewDay, signature: Option<&'s str>) -> Result<Option<&'s str>, Fault> {
    // Where the operating system's word is enough, a signature is neither asked for nor kept.
    let wanted = engine.site.access.declared.as_ref().is_some_and(|declared| declared.review.ssh_key);
    if !wanted {
        return Ok(None);
    }
    let allowed = std::fs::read_to_string(engine.site.root.join(REVIEWERS)).unwrap_or_default();
    let signature = signature.ok_or_else(|| rules::NO_SIGNATURE.fault().name("file", REVIEWERS))?;
    let text = day.text();
    let signed = SignedText { person: engine.actor.person().as_str(), namespace: "bex-review", text: &text, signature };
    if is_signed(&signed, &allowed) {
        Ok(Some(signature))
    } else {
        Err(rules::NO_SIGNATURE.fault().name("file", REVIEWERS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_person_decides_or_reads_stands_first_in_the_review() {
        // Who signs does nothing but that.
        let of_review = [Action::ReviewSigned.word()];
        let persons = ["A person ", "Another person ", "Somebody "];
        let acts = Action::ALL.iter().filter(|(word, means)| {
            persons.iter().any(|person| means.starts_with(person)) && !of_review.contains(word)
        });
        let first = |word: &str| EXCEPTIONS.iter().any(|action| action.word() == word);
        let left_out: Vec<&str> = acts.map(|(word, _)| *word).filter(|word| !first(word)).collect();
        assert_eq!(left_out, Vec::<&str>::new());
    }

    #[test]
    fn a_record_that_was_written_with_the_clock_set_back_is_looked_at_and_one_that_only_waited_is_not() {
        let mut newest = None;
        let mut went_back = |at: &str| goes_back(&serde_json::json!({ "at": at }), &mut newest);
        assert!(!went_back("2026-03-02T21:00:00Z") && !went_back("2026-03-02T20:58:00Z"));
        assert!(!went_back("2026-03-02T21:06:00Z") && went_back("2026-03-02T20:58:00Z"));
        assert!(!went_back("2026-03-02T20:59:00Z"), "once");
    }
}
