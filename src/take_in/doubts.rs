//! Whether a file is the one it should be: of the same people as the one before, about as long, not older, and not the
//! same under another name. What is read well may still be somebody else's.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::moved::MovedValues;
use super::names::name_of;
use super::recording::Versions;
use super::trial::is_called_trial;
use crate::census::{self, Open, Summary};
use crate::engine::{Engine, RecordPlace, open_record};
use crate::fault::{Fault, Label, Place};
use crate::intake::rules;
use crate::mapping::Environment;
use crate::mapping::format::Limits;
use crate::model::person::Family;
use crate::model::record::to_bytes;
use crate::model::source::{SourceKind, SourceRef};
use crate::state::InputState;
use crate::store::InputRow;

/// Why a file is not applied, and whether feeds wait for what becomes of it.
pub(super) struct Doubt {
    /// Quarantined where what is there may be wrong, too: feeds wait. Held where what is there stands.
    pub state: InputState,
    pub fault: Fault,
}

/// A file that was read to its end and is not applied yet.
pub(super) struct ReadFile<'r> {
    pub source: &'r str,
    /// The business date it is read for.
    pub date: &'r str,
    /// Its number, once it is in the archive.
    pub input: Option<i64>,
    /// What it is called, where that is known.
    pub name: Option<String>,
    pub summary: &'r Summary,
    pub versions: Versions,
    /// Values that are told otherwise than before.
    pub moved: MovedValues,
    /// Families that are made up.
    pub made_up: u64,
}

/// The fewest rows of the file before at which a file can be far shorter: of a dozen people, half may leave.
const ROWS_COMPARED_MIN: u64 = 20;

/// Asks of a file that was read whether it is the one it should be. A file of which a person has said so is not asked.
///
/// # Errors
/// STO001; the archive's and the vault's.
pub(super) fn doubt<'o>(engine: &Engine, read: &ReadFile<'_>, open: &mut Open<'o>) -> Result<Option<Doubt>, Fault> {
    if let Some(fault) = of_itself(engine, read) {
        return Ok(Some(Doubt { state: InputState::Held, fault }));
    }
    let Some(before) = engine.store.current_input(read.source)? else { return Ok(None) };
    let Some(source) = SourceRef::parse(read.source) else { return Ok(None) };
    let Some(limits) = limits(engine, &source) else { return Ok(None) };
    let place = || Place::Named(Label::new(read.source));
    let named = |fault: Fault| {
        let fault = read.input.map_or(fault.clone(), |input| fault.count("input", input.unsigned_abs()));
        fault.count("before it", before.id.unsigned_abs())
    };
    let quarantined = |fault: Fault| Doubt { state: InputState::Quarantined, fault: named(fault) };
    let held = |fault: Fault| Doubt { state: InputState::Held, fault: named(fault) };
    if let Some(share) = share_known(engine, read, open)?.filter(|share| *share < limits.overlap_percent_min.into()) {
        let fault = rules::OTHER_PEOPLE.at(place()).count("percent known", share);
        return Ok(Some(quarantined(fault.count("fewest", limits.overlap_percent_min.into()))));
    }
    let rows_before = engine.store.arrival(before.id)?.and_then(|arrival| arrival.people).unwrap_or(0).unsigned_abs();
    let rows = read.summary.rows;
    if rows_before >= ROWS_COMPARED_MIN && rows * 100 < rows_before * u64::from(limits.rows_percent_min) {
        return Ok(Some(quarantined(rules::SHRUNK.at(place()).count("rows", rows).count("rows before", rows_before))));
    }
    let names = FileNames { now: read.name.clone(), before: name_of(engine, before.id)? };
    if names.is_older() {
        return Ok(Some(held(rules::OLDER.at(place()))));
    }
    if let Some(fault) = moved(read, limits) {
        return Ok(Some(held(fault)));
    }
    let same = read.versions.all() == 0 && read.summary.absence_is_meaningful && names.is_another();
    Ok(same.then(|| held(rules::NOTHING_NEW.at(place()))))
}

/// What a file says of itself that makes it doubtful, whatever came before: it is a trial, or of a day far away.
fn of_itself(engine: &Engine, read: &ReadFile<'_>) -> Option<Fault> {
    let named = |fault: Fault| read.input.map_or(fault.clone(), |input| fault.count("input", input.unsigned_abs()));
    let place = || Place::Named(Label::new(read.source));
    let name = read.name.as_deref().unwrap_or_default();
    // One Tester among a thousand is somebody's leftover; one among ten means that the file is one.
    let made_up = read.made_up * 10 >= read.versions.stated.max(1) && read.made_up > 0;
    if engine.site.environment == Environment::Production && (is_called_trial(name) || made_up) {
        return Some(named(rules::TRIAL.at(place()).count("families made up", read.made_up)));
    }
    let today: NaiveDate = read.date.parse().ok()?;
    let days = (day_in(name)? - today).num_days().abs();
    (days > FAR_DAYS).then(|| named(rules::FAR_DAY.at(place()).count("days", days.unsigned_abs())))
}

/// Days between the day in a file's name and the night it is read on, beyond which one of the two is wrong.
const FAR_DAYS: i64 = 92;

/// The fewest families of which a value must be told otherwise before anything seems to have moved.
const MOVED_MIN: u64 = 10;

/// That a column seems to have moved: one value of more people than the mapping allows is another one.
fn moved(read: &ReadFile<'_>, limits: &Limits) -> Option<Fault> {
    let (column, moved) = read.moved.most(read.versions.changed)?;
    let most = u64::from(limits.moved_percent_max);
    let is_moved = moved >= MOVED_MIN && moved * 100 > read.versions.met * most && most < 100;
    let fault = || rules::COLUMN_MOVED.at(Place::Named(Label::new(read.source))).name("column", column);
    is_moved.then(|| fault().count("families", moved).count("of", read.versions.met))
}

/// What a source's files are compared by; none where they are not compared, because each tells of some people only.
fn limits<'e>(engine: &'e Engine, source: &SourceRef) -> Option<&'e Limits> {
    match source.kind {
        SourceKind::Census => {
            engine.site.census.get(&source.name).filter(|mapping| mapping.snapshot).map(|mapping| &mapping.limits)
        }
        SourceKind::Elections => engine.site.elections.get(&source.name).map(|mapping| &mapping.limits),
    }
}

/// How many of the families, in percent of the smaller side, are known from before: by their key, or by who is in them.
/// None where one side has nobody.
fn share_known<'o>(engine: &Engine, read: &ReadFile<'_>, open: &mut Open<'o>) -> Result<Option<u64>, Fault> {
    let Some(source) = SourceRef::parse(read.source) else { return Ok(None) };
    let Versions { known, stated, met, .. } = read.versions;
    let smaller = known.min(stated);
    if smaller == 0 {
        return Ok(None);
    }
    let share = |met: u64| (met * 100 / smaller).min(100);
    if share(met) >= 100 {
        return Ok(Some(100));
    }
    // Keys change where payrolls do. Before a file is taken for somebody else's, its people are looked at: that reads
    // it once more, which hardly ever happens.
    let more = match source.kind {
        _ if share(met) >= 50 => met,
        SourceKind::Census => met.max(people_known(engine, read, open)?),
        // Elections may come under new numbers before the census does, and name nobody.
        SourceKind::Elections => return Ok(None),
    };
    Ok(Some(share(more)))
}

/// How many families of a census have a subscriber whose number, or name and birth date, was known before.
fn people_known<'o>(engine: &Engine, read: &ReadFile<'_>, open: &mut Open<'o>) -> Result<u64, Fault> {
    let mapping = SourceRef::parse(read.source).and_then(|source| engine.site.census.get(&source.name));
    let (Some(mapping), Ok(as_of)) = (mapping, read.date.parse()) else { return Ok(0) };
    let mut known = HashSet::new();
    for key in engine.store.digests(read.source)?.into_keys() {
        let Some(kept) = engine.store.sealed_family(read.source, key)? else { continue };
        let at = RecordPlace { of: read.source, key, from: kept.from };
        let family: Option<Family> = open_record(engine, at, &kept.sealed)?;
        known.extend(family.iter().flat_map(marks));
    }
    let mut met = 0;
    let mut count = |family: Option<&Family>| {
        met += u64::from(family.is_some_and(|family| marks(family).iter().any(|mark| known.contains(mark))))
    };
    let again = census::read_families(open, mapping, as_of, &mut |row| {
        count(row.family.as_ref());
        Ok(())
    });
    again.map(|_| met).map_err(|faults| faults.into_iter().next().unwrap_or_else(|| rules::UNREADABLE.fault()))
}

/// What a subscriber is known by, whatever the employee number: the number, and name with birth date.
fn marks(family: &Family) -> Vec<Vec<u8>> {
    let person = &family.subscriber;
    let named = [to_bytes(&person.last_name), to_bytes(&person.first_name), to_bytes(&person.birth_date)].concat();
    let numbered = person.ssn.as_ref().map(to_bytes);
    numbered.into_iter().chain([named]).collect()
}

/// What a file is called, and what the one before was.
struct FileNames {
    now: Option<String>,
    before: Option<String>,
}

impl FileNames {
    /// Whether the day in its name lies before the other's.
    fn is_older(&self) -> bool {
        let day = |name: &Option<String>| name.as_deref().and_then(day_in);
        day(&self.now).zip(day(&self.before)).is_some_and(|(now, before)| now < before)
    }

    /// Whether they differ in more than numbers, as names with a date or a count in them do.
    fn is_another(&self) -> bool {
        let letters = |name: &String| name.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
        self.now.as_ref().map(letters).zip(self.before.as_ref().map(letters)).is_some_and(|(now, before)| now != before)
    }
}

/// The day that a file's name holds, where it holds one and can be read in one way: `20260302`, `2026-03-02`,
/// `03-22-2026`.
pub(super) fn day_in(name: &str) -> Option<NaiveDate> {
    let digits: Vec<u32> =
        name.chars().filter(|c| !"-_. ".contains(*c)).map(|c| c.to_digit(10).unwrap_or(99)).collect();
    let runs = digits.split(|digit| *digit == 99).filter(|run| run.len() >= 8);
    // Behind a day may stand a time; another day makes it a span, of which neither end is the file's.
    let mut days = runs.flat_map(|run| run.chunks_exact(8)).filter_map(day_of);
    let first = days.next()?;
    days.all(|day| day == first).then_some(first)
}

fn day_of(digits: &[u32]) -> Option<NaiveDate> {
    let number = |from: usize, to: usize| digits[from..to].iter().fold(0, |sum, digit| sum * 10 + digit);
    let day = |year: u32, month: u32, day: u32| {
        NaiveDate::from_ymd_opt(year.cast_signed(), month, day).filter(|_| (2000..2100).contains(&year))
    };
    let year_last = number(4, 8);
    let forms = [
        day(number(0, 4), number(4, 6), number(6, 8)),
        day(year_last, number(0, 2), number(2, 4)),
        day(year_last, number(2, 4), number(0, 2)),
    ];
    let mut read = forms.into_iter().flatten();
    let first = read.next()?;
    read.all(|other| other == first).then_some(first)
}

/// The day by which a later file is compared with this one, as the store keeps it.
pub(super) fn as_of(engine: &Engine, input: &InputRow) -> Result<Option<String>, Fault> {
    Ok(name_of(engine, input.id)?.as_deref().and_then(day_in).map(|day| day.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_a_name_is_read_where_it_can_be_read_in_one_way() {
        let day = |name: &str| day_in(name).map(|day| day.to_string());
        for name in ["census_20260322.csv", "census-2026-03-22.csv", "census 03.22.2026.csv", "c_20260322_1405.csv"] {
            assert_eq!(day(name).as_deref(), Some("2026-03-22"), "{name}");
        }
        for name in ["census.csv", "census-03-02-2026.csv", "census-99999999.csv", "census_20260322_20260401.csv"] {
            assert_eq!(day(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_differ_in_numbers_only_are_the_same_name() {
        let another =
            |now: &str, before: &str| FileNames { now: Some(now.into()), before: Some(before.into()) }.is_another();
        assert!(!another("census-20260303.csv", "Census-20260302.csv"));
        assert!(another("census-copy.csv", "census.csv"));
    }
}
