//! What each delivery told of one family: the version that its file was written from, and when the file was sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use crate::carrier::named;
use crate::crypt::rules::FAMILY_DESTROYED;
use crate::engine::{Engine, RecordPlace, SealedTold, open_told};
use crate::fault::Fault;
use crate::mapping::{DependentsEnded, EndedAs, FileDialect, Members, Spans};
use crate::model::enrollment::{Enrolled, FamilyChange, MemberChange};
use crate::model::field::{Field, FieldSet};
use crate::model::ids::Pseudonym;
use crate::model::person::Relationship;
use crate::model::told::ToldFamily;
use crate::policy::{PolicyVersion, told};
use crate::reconcile::{Stating, explicit, statement};
use crate::state::{AttemptState, LedgerState, RunAct};
use crate::store::{SendingRow, TellingRow, ToldVersion};

/// Days for which an ended coverage stands in a full file, where the rules of its run are not kept.
const LOOKBACK_DAYS: u32 = 60;

/// A delivery whose file tells of a family.
pub(super) struct Telling {
    pub feed: String,
    pub row: TellingRow,
    /// Each time the file may have come to the carrier, the oldest first; never empty.
    pub sendings: Vec<SendingRow>,
    /// What it says of the family.
    pub change: FamilyChange,
    settings: FileSettings,
}

impl Telling {
    /// Which elements it told of a member.
    pub fn told(&self, member: &MemberChange) -> FieldSet {
        self.settings.told(member)
    }
}

/// What decided how a file was written, as far as an account needs it.
#[derive(Clone, Copy)]
pub(super) struct FileSettings {
    permitted: FieldSet,
    lookback_days: u32,
    /// The first day that a file of an open enrollment is about.
    since: Option<NaiveDate>,
    names_ends: bool,
    dialect: FileDialect,
    /// Families are numbered by the subscriber's Social Security number.
    numbered_by_ssn: bool,
    /// A full file that says what has changed by codes of its own.
    says_changes: bool,
}

impl FileSettings {
    /// What a full file said of a family on a date; `change` is what had changed of it with that file.
    pub fn stated(self, known: &Enrolled, as_of: NaiveDate, change: Option<&FamilyChange>) -> Option<FamilyChange> {
        // How an end was said is no matter of what was told.
        let FileSettings { lookback_days, since, names_ends, dialect, .. } = self;
        let stating =
            Stating { as_of, lookback_days, ended: EndedAs::Statement, since, names_ends, spans: dialect.spans };
        let stated = statement(known, stating.with(change));
        let file = match change.filter(|_| self.says_changes) {
            Some(change) => explicit(stated, change),
            None => stated,
        };
        file.map(|file| named(Cow::Owned(file), self.dialect).into_owned())
    }

    pub fn told(self, member: &MemberChange) -> FieldSet {
        let fields = told(member, self.permitted);
        let subscriber = member.person.relationship == Relationship::Subscriber;
        if self.numbered_by_ssn && subscriber { fields.with(Field::Ssn) } else { fields }
    }
}

/// On which ground a delivery was told, as the version of the policy says that it was sealed under.
pub(super) fn basis(row: &TellingRow) -> Option<String> {
    row.policy.as_deref().and_then(PolicyVersion::parse).map(|version| version.basis)
}

/// Reads what was told, and remembers the rules it has read.
pub(super) struct Tellings<'e> {
    engine: &'e Engine,
    rules: BTreeMap<Vec<u8>, Value>,
    /// How many there were of which the records were destroyed.
    pub destroyed: u64,
}

impl<'e> Tellings<'e> {
    pub fn new(engine: &'e Engine) -> Tellings<'e> {
        Tellings { engine, rules: BTreeMap::new(), destroyed: 0 }
    }

    /// Everything that any delivery told of a family.
    pub fn of(&mut self, family: Pseudonym) -> Result<Vec<Telling>, Fault> {
        let mut found = Vec::new();
        for feed in self.engine.store.feeds_delivered()? {
            found.extend(self.of_feed(&feed, family)?);
        }
        Ok(found)
    }

    fn of_feed(&mut self, feed: &str, family: Pseudonym) -> Result<Vec<Telling>, Fault> {
        let store = &self.engine.store;
        let versions = store.versions_of(feed, family)?;
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        let rows = store.telling(feed, family)?;
        let mut sendings = sendings(self.engine, feed, &rows)?;
        let mut versions =
            FamilyVersions { engine: self.engine, feed, family, rows: &versions, opened: BTreeMap::new() };
        let mut found = Vec::new();
        for row in rows {
            // A file that never left told nobody, whatever the ledger has staged or taken back.
            let Some(sendings) = sendings.remove(&row.id) else { continue };
            let settings = self.settings(&row)?;
            let said = match versions.said(&row, settings) {
                Err(fault) if fault.is(&FAMILY_DESTROYED) => {
                    self.destroyed += 1;
                    continue;
                }
                said => said?,
            };
            let Some(change) = said else { continue };
            found.push(Telling { feed: feed.to_string(), row, sendings, change, settings });
        }
        Ok(found)
    }

    /// How a delivery's file was written.
    pub fn settings(&mut self, row: &TellingRow) -> Result<FileSettings, Fault> {
        // Bound when the file was sealed: the policy may have been another when its run decided.
        let terms: Option<Value> = row.terms.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let bound = terms.as_ref().and_then(|terms| terms["policy"].as_str()).map(|words| of_words(words.split(' ')));
        let rules = self.rules_of(row)?;
        let decided = rules["disclose"].as_array().map(|words| of_words(words.iter().filter_map(Value::as_str)));
        // A delivery of a version that kept neither: what its records hold is what its policy let through.
        let permitted = bound.or(decided).unwrap_or_else(|| FieldSet::of(Field::ALL));
        let lookback = rules["file"]["terminated_lookback_days"].as_u64().and_then(|days| u32::try_from(days).ok());
        let year = rules["file"]["year"].as_str().and_then(|day| day.parse().ok());
        Ok(FileSettings {
            permitted,
            lookback_days: lookback.unwrap_or(LOOKBACK_DAYS),
            since: year.filter(|_| rules["file"]["style"].as_str() == Some("open-enrollment")),
            dialect: dialect_of(&rules["file"]["dialect"]),
            names_ends: rules["file"]["omission"].as_str().is_some_and(|word| word != "ends-on-file-date"),
            numbered_by_ssn: rules["file"]["subscriber_id"].as_str() == Some("ssn"),
            says_changes: rules["file"]["style"].as_str() == Some("full-explicit"),
        })
    }

    fn rules_of(&mut self, row: &TellingRow) -> Result<Value, Fault> {
        let Some(digest) = &row.rules else { return Ok(Value::Null) };
        if let Some(known) = self.rules.get(digest) {
            return Ok(known.clone());
        }
        let body = self.engine.store.ruleset(digest)?.unwrap_or_default();
        let rules: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        self.rules.insert(digest.clone(), rules.clone());
        Ok(rules)
    }
}

/// What of a dialect decides who stands in a file.
fn dialect_of(kept: &Value) -> FileDialect {
    let is = |setting: &str, word: &str| kept[setting].as_str() == Some(word);
    let spans = if is("spans", "one") { Spans::One } else { Spans::All };
    let members = if is("members", "subscriber-only") { Members::SubscriberOnly } else { Members::Family };
    let implied = is("dependents_ended", "implied");
    let dependents_ended = if implied { DependentsEnded::Implied } else { DependentsEnded::Listed };
    FileDialect { spans, members, dependents_ended, ..FileDialect::default() }
}

fn of_words<'w>(words: impl Iterator<Item = &'w str>) -> FieldSet {
    let required = FieldSet::of(crate::policy::REQUIRED);
    words.filter_map(Field::from_word).fold(required, FieldSet::with)
}

/// When the files of these deliveries may have come to the carrier, by delivery.
pub(super) fn sendings(
    engine: &Engine,
    feed: &str,
    rows: &[TellingRow],
) -> Result<BTreeMap<i64, Vec<SendingRow>>, Fault> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut found: BTreeMap<i64, Vec<SendingRow>> = BTreeMap::new();
    for sending in engine.store.sendings(&ids)? {
        found.entry(sending.delivery).or_default().push(sending);
    }
    found.values_mut().for_each(leave_out_looks);
    for (run, at) in engine.store.handed_out(feed, RunAct::Carry.word())? {
        let Some(row) = rows.iter().find(|row| row.run == run) else { continue };
        let sent = found.entry(row.id).or_default();
        // Whoever says afterwards that the file was carried there has said when it came there.
        if sent.iter().all(|sending| sending.state != AttemptState::ByHand) {
            sent.push(SendingRow { delivery: row.id, state: AttemptState::Intent, evidence: None, at });
        }
    }
    Ok(found)
}

/// A look that found our own file there sent nothing, unless it is all that is known of how it came there.
fn leave_out_looks(sendings: &mut Vec<SendingRow>) {
    let looked = |sending: &SendingRow| sending.evidence.as_deref() == Some("found-unexpectedly");
    if !sendings.iter().all(looked) {
        sendings.retain(|sending| !looked(sending));
    }
}

/// The versions of a family that a feed's ledger has, opened as they are needed.
struct FamilyVersions<'v> {
    engine: &'v Engine,
    feed: &'v str,
    family: Pseudonym,
    rows: &'v [ToldVersion],
    opened: BTreeMap<i64, ToldFamily>,
}

impl FamilyVersions<'_> {
    /// What the file of a delivery says of the family; none where it says nothing.
    fn said(&mut self, row: &TellingRow, settings: FileSettings) -> Result<Option<FamilyChange>, Fault> {
        let Some(version) = version_in(self.rows, row.id, row.style == "full") else { return Ok(None) };
        let at = RecordPlace { of: self.feed, key: self.family, from: version.from };
        if !self.opened.contains_key(&version.from) {
            let sealed = SealedTold { known: &version.known, change: &version.change };
            self.opened.insert(version.from, open_told(self.engine, at, sealed)?);
        }
        let Some(ToldFamily { known, change }) = self.opened.get(&version.from) else { return Ok(None) };
        if row.style != "full" {
            return Ok(change.clone());
        }
        let changed = change.as_ref().filter(|_| version.from == row.id);
        let Ok(as_of) = row.business_date.parse::<NaiveDate>() else { return Ok(None) };
        Ok(settings.stated(known, as_of, changed))
    }
}

/// The version that a delivery's file was written from: the one staged for it, and of a full file else the one that
/// counted as told then.
fn version_in(versions: &[ToldVersion], delivery: i64, full: bool) -> Option<&ToldVersion> {
    // Also where it is void now: what was rejected or taken back afterwards had been told.
    let staged = versions.iter().find(|version| version.from == delivery);
    let stood = |version: &&ToldVersion| {
        let ends = version.until.is_none_or(|until| until > delivery);
        full && version.state == LedgerState::Told && version.from < delivery && ends
    };
    staged.or_else(|| versions.iter().rfind(stood))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(from: i64, until: Option<i64>, state: LedgerState) -> ToldVersion {
        ToldVersion { from, until, state, known: Vec::new(), change: Vec::new() }
    }

    #[test]
    fn a_file_was_written_from_what_was_staged_for_it_or_from_what_was_told_then() {
        let told = LedgerState::Told;
        let versions = [version(1, Some(4), told), version(3, None, LedgerState::Void), version(4, None, told)];
        let from = |delivery, full| version_in(&versions, delivery, full).map(|version| version.from);
        assert_eq!((from(1, true), from(2, true), from(3, true), from(4, true)), (Some(1), Some(1), Some(3), Some(4)));
        assert_eq!((from(9, true), from(2, false), from(3, false)), (Some(4), None, Some(3)));
    }

    #[test]
    fn a_look_that_finds_our_file_sent_nothing_unless_nothing_else_is_known() {
        let sending = |evidence: &str| SendingRow {
            delivery: 1,
            state: AttemptState::Delivered,
            evidence: Some(evidence.to_string()),
            at: String::new(),
        };
        let mut both = vec![sending("read-back"), sending("found-unexpectedly")];
        leave_out_looks(&mut both);
        let mut alone = vec![sending("found-unexpectedly")];
        leave_out_looks(&mut alone);
        assert_eq!((both.len(), alone.len()), (1, 1));
    }
}
