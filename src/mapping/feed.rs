//! `schedules/<feed>.toml`: one employer's data to one carrier, on a schedule, within guards.

use chrono::Weekday;
use serde::Serialize;

use super::document::{self, MentionKind, Parsed, Shape, Table};
use super::expect::{self, Expectations, FileExpected};
use super::rules;
use super::shapes::{CALENDAR, CARRIER, DAY, EMPLOYER, FEED, PARTY_ID, SOURCE, TIME, ZONE};
use crate::model::ids::{CalendarName, CarrierName, EmployerName, FeedName, SourceName};
use crate::model::source::{SourceKind, SourceRef};
use crate::schedule::{Missed, OnHoliday, Schedule, Zone};

/// One employer's data to one carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The name of the file.
    pub name: FeedName,
    /// Whose data.
    pub employer: EmployerName,
    /// To whom.
    pub carrier: CarrierName,
    /// The census it reads.
    pub census: SourceName,
    /// The elections it reads.
    pub elections: SourceName,
    /// When it runs.
    pub schedule: Schedule,
    /// The carrier's policy number for the employer (REF*38).
    pub master_policy: String,
    /// The carrier's group number (REF*1L); sent for every member where given.
    pub group_number: Option<String>,
    /// When coverage ends after employment does. Default the end of that month.
    pub coverage_ends: CoverageEnds,
    /// What becomes of somebody who would be covered in two families at once on one line of care. Default a question.
    pub covered_twice: CoveredTwice,
    /// What a first day is worth that moves to a later one and nothing says why. Default a question.
    pub later_starts: LaterStarts,
    /// Beyond which limits the run is held.
    pub guards: Guards,
    /// What is expected of its files.
    pub expect: Expectations,
}

/// When coverage ends after employment does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoverageEnds {
    /// On the last day of the month employment ended in.
    #[default]
    MonthEnd,
    /// On the last day of employment.
    EmploymentEnd,
}

/// Whether somebody may be covered in two families at once on one line of care: as an employee and as a spouse, or as
/// a child of two employees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoveredTwice {
    /// Most plans forbid it: a person is asked.
    #[default]
    Ask,
    /// The plans allow it.
    Allowed,
}

/// What a first day of an election is worth that is later than was told, while nothing else differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaterStarts {
    /// It may be a correction: a person is asked.
    #[default]
    Ask,
    /// The employer's system moves it for reasons of its own: the day that was told stays.
    AsTold,
}

/// Limits beyond which a run is held for a person. A percentage counts members of the feed as last told; a number is
/// beside it for large feeds, of which a small percentage is many people. Either of the two holds the run, but for a
/// few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guards {
    /// So many of one kind hold no run, however small the feed. Default 3.
    pub few_max: u32,
    /// Default 5, 0 to 100.
    pub terminations_percent_max: u32,
    /// Default 100.
    pub terminations_max: u32,
    /// Default 20, 0 to 100.
    pub additions_percent_max: u32,
    /// Default 500.
    pub additions_max: u32,
    /// Default 20, 0 to 100.
    pub changes_percent_max: u32,
    /// Default 500.
    pub changes_max: u32,
    /// Share of members in whom the same identifying element (birth date, number, name) changed. Default 10.
    pub field_percent_max: u32,
    /// Families a run may hold before it is held as a whole, in percent. Default 10.
    pub held_percent_max: u32,
}

impl Default for Guards {
    fn default() -> Guards {
        Guards {
            few_max: 3,
            terminations_percent_max: 5,
            terminations_max: 100,
            additions_percent_max: 20,
            additions_max: 500,
            changes_percent_max: 20,
            changes_max: 500,
            field_percent_max: 10,
            held_percent_max: 10,
        }
    }
}

impl Guards {
    fn read(table: &Table<'_>) -> Option<Guards> {
        let usual = Guards::default();
        let percent = |key: &str, default: u32| table.whole(key, default, 0..=100);
        let number = |key: &str, default: u32| table.whole(key, default, 0..=10_000_000);
        Some(Guards {
            few_max: number("few_max", usual.few_max),
            terminations_percent_max: percent("terminations_percent_max", usual.terminations_percent_max),
            terminations_max: number("terminations_max", usual.terminations_max),
            additions_percent_max: percent("additions_percent_max", usual.additions_percent_max),
            additions_max: number("additions_max", usual.additions_max),
            changes_percent_max: percent("changes_percent_max", usual.changes_percent_max),
            changes_max: number("changes_max", usual.changes_max),
            field_percent_max: percent("field_percent_max", usual.field_percent_max),
            held_percent_max: percent("held_percent_max", usual.held_percent_max),
        })
    }
}

impl Feed {
    /// The census it reads, among all sources.
    pub fn census_source(&self) -> SourceRef {
        SourceRef { kind: SourceKind::Census, name: self.census.clone() }
    }

    /// The elections it reads, among all sources.
    pub fn elections_source(&self) -> SourceRef {
        SourceRef { kind: SourceKind::Elections, name: self.elections.clone() }
    }

    /// Whether it is computed from a source, as the store calls it.
    pub fn reads(&self, source: &str) -> bool {
        [self.census_source(), self.elections_source()].iter().any(|read| read.to_string() == source)
    }

    /// Its census and its elections, each with the hour and the number of rows that its schedule names.
    pub fn files_expected(&self) -> [(SourceRef, FileExpected); 2] {
        [(self.census_source(), self.expect.census), (self.elections_source(), self.expect.elections)]
    }

    /// Reads `schedules/<feed>.toml`; `path` is the file's path below the site.
    pub fn parse(name: &FeedName, path: &str, text: &str) -> Parsed<Feed> {
        document::read(path, text, |table| read(name, table))
    }
}

pub(super) const COVERAGE_ENDS: Shape<CoverageEnds> = Shape {
    read: |text| match text {
        "month-end" => Some(CoverageEnds::MonthEnd),
        "employment-end" => Some(CoverageEnds::EmploymentEnd),
        _ => None,
    },
    rule: "coverage ends at month-end or employment-end",
    next: "take it from the plan document",
};

const LATER_STARTS: Shape<LaterStarts> = Shape {
    read: |text| match text {
        "ask" => Some(LaterStarts::Ask),
        "as-told" => Some(LaterStarts::AsTold),
        _ => None,
    },
    rule: "a first day that moves to a later one is ask or as-told",
    next: "write as-told where the employer's system states another first day for reasons of its own",
};

pub(super) const COVERED_TWICE: Shape<CoveredTwice> = Shape {
    read: |text| match text {
        "ask" => Some(CoveredTwice::Ask),
        "allowed" => Some(CoveredTwice::Allowed),
        _ => None,
    },
    rule: "cover in two families at once is ask or allowed",
    next: "take it from the plan document: most plans forbid it",
};

fn read(name: &FeedName, table: &Table<'_>) -> Option<Feed> {
    let employer = table.need_name("employer", MentionKind::Employer, &EMPLOYER);
    let carrier = table.need_name("carrier", MentionKind::Carrier, &CARRIER);
    let census = table.need_name("census", MentionKind::Census, &SOURCE);
    let elections = table.need_name("elections", MentionKind::Elections, &SOURCE);
    let schedule = read_schedule(table);
    let master_policy = table.need("master_policy", &PARTY_ID);
    let group_number = table.maybe("group_number", &PARTY_ID);
    let coverage_ends = table.maybe("coverage_ends", &COVERAGE_ENDS).unwrap_or_default();
    let covered_twice = table.maybe("covered_twice", &COVERED_TWICE).unwrap_or_default();
    let later_starts = table.maybe("later_starts", &LATER_STARTS).unwrap_or_default();
    let guards = table.section("guards", Guards::read).unwrap_or_default();
    let expect = table.section("expect", expect::read).unwrap_or_default();
    Some(Feed {
        name: name.clone(),
        employer: employer?,
        carrier: carrier?,
        census: census?,
        elections: elections?,
        schedule: schedule?,
        master_policy: master_policy?,
        group_number,
        coverage_ends,
        covered_twice,
        later_starts,
        guards,
        expect,
    })
}

const ON_HOLIDAY: Shape<OnHoliday> = Shape {
    read: |text| match text {
        "skip" => Some(OnHoliday::Skip),
        "before" => Some(OnHoliday::Before),
        "after" => Some(OnHoliday::After),
        _ => None,
    },
    rule: "on a closed day a run is skipped, or moved before or after it",
    next: "write on_holiday = \"skip\", \"before\" or \"after\"",
};

const MISSED: Shape<Missed> = Shape {
    read: |text| match text {
        "ask" => Some(Missed::Ask),
        "run" => Some(Missed::Run),
        _ => None,
    },
    rule: "a run that was missed waits for a person, or is run",
    next: "write missed = \"ask\" or \"run\"",
};

fn read_schedule(table: &Table<'_>) -> Option<Schedule> {
    let days = read_days(table);
    let time = table.need("time", &TIME);
    let zone = read_zone(table);
    let cut_off = table.need("cut_off", &TIME);
    let calendar = read_calendar(table);
    let on_holiday = table.maybe("on_holiday", &ON_HOLIDAY).unwrap_or_default();
    let after = read_after(table);
    let missed = table.maybe("missed", &MISSED).unwrap_or_default();
    Some(Schedule { days, time: time?, zone: zone?, cut_off: cut_off?, calendar, on_holiday, after, missed })
}

fn read_days(table: &Table<'_>) -> Vec<Weekday> {
    let asked = table.texts("days");
    let mut days: Vec<Weekday> = asked.iter().filter_map(|day| table.shaped(day, &DAY)).collect();
    if asked.is_empty() {
        days = (0..7).filter_map(|day| Weekday::try_from(day).ok()).collect();
    }
    days.sort_by_key(|day| day.num_days_from_monday());
    days.dedup();
    days
}

/// A zone of the right form that is none of the list's is a fault of its own.
fn read_zone(table: &Table<'_>) -> Option<Zone> {
    let name = table.need("zone", &ZONE)?;
    let zone = Zone::named(&name);
    if zone.is_none() {
        table.refuse(rules::UNKNOWN_ZONE.at(table.place_of("zone")));
    }
    zone
}

/// Only a calendar makes a day a holiday.
fn read_calendar(table: &Table<'_>) -> Option<CalendarName> {
    let text = if table.has("on_holiday") { table.need_text("calendar") } else { table.text("calendar") }?;
    table.mention(MentionKind::Calendar, &text);
    table.shaped(&text, &CALENDAR)
}

fn read_after(table: &Table<'_>) -> Vec<FeedName> {
    let named = table.texts("after");
    named.iter().for_each(|feed| table.mention(MentionKind::Feed, feed));
    named.iter().filter_map(|feed| table.shaped(feed, &FEED)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &str = "employer = \"e\"\ncarrier = \"c\"\ncensus = \"s\"\nelections = \"l\"\nmaster_policy = \"P1\"\n\
        days = [\"fri\", \"mon\", \"mon\"]\ntime = \"21:30\"\nzone = \"America/New_York\"\ncut_off = \"05:00\"\n";

    #[test]
    fn a_feed_names_its_parts_and_has_guards_without_asking() {
        let parsed = Feed::parse(&FeedName::new("f").unwrap(), "schedules/f.toml", FEED);
        let feed = parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults));
        assert_eq!((feed.schedule.days.len(), feed.guards.terminations_max), (2, 100));
        assert_eq!(parsed.mentions.len(), 4);
    }

    #[test]
    fn a_guard_cannot_be_more_than_everybody() {
        let text = format!("{FEED}[guards]\nterminations_percent_max = 101\n");
        let parsed = Feed::parse(&FeedName::new("f").unwrap(), "schedules/f.toml", &text);
        assert_eq!(
            parsed.faults[0].to_string(),
            "CFG005 the number is out of range (least 0, most 100) at schedules/f.toml:11:28"
        );
    }
}
