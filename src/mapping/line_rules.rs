//! What plan documents say of a line of care: who may be covered, from when on, and until when.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::document::{Shape, Table, Text};
use super::event_days::{self, BeginsOn, Ends, EndsOn, EventRules};
use super::feed::{COVERAGE_ENDS, COVERED_TWICE, CoverageEnds, CoveredTwice};
use super::rules;
use super::tiers::{self, TierRules};
use crate::fault::Place;
use crate::model::election::CareKind;
use crate::model::person::EmploymentStatus;

/// What holds of every plan on a line of care.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LineRules {
    /// When coverage ends after employment does. Default what the feed says.
    pub employment: Option<CoverageEnds>,
    /// Whom it covers while they are employed or retired, by their status. Default everybody.
    #[serde(serialize_with = "status_words", skip_serializing_if = "Option::is_none")]
    pub covers: Option<Vec<EmploymentStatus>>,
    /// Of which classes it covers employees; one of them is enough. Default everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<ClassRule>>,
    /// On which day cover begins by an event where none is stated of whoever comes. Default on the choice's.
    #[serde(skip_serializing_if = "EventRules::is_empty")]
    pub begins: EventRules<BeginsOn>,
    /// On which day it ends by an event. Default on the choice's.
    #[serde(skip_serializing_if = "EventRules::is_empty")]
    pub ends: EventRules<EndsOn>,
    /// Until when a child may be covered. Default without a limit.
    pub child: Option<ChildLimit>,
    /// How long a new employee waits. Default not at all.
    pub wait: Option<WaitingPeriod>,
    /// How long cover goes on under COBRA. Default until an input ends it.
    pub cobra: Option<CobraLimit>,
    /// Which levels of cover there are. Default employee, spouse, children and family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiers: Option<TierRules>,
    /// What becomes of the others when the employee has died. Default it ends with employment, like everybody's.
    #[serde(skip_serializing_if = "Survivors::is_usual")]
    pub survivors: Survivors,
    /// What a leave of absence does. Default nothing.
    #[serde(skip_serializing_if = "OnLeave::is_usual")]
    pub leave: OnLeave,
    /// Whether somebody may be covered in two families at once. Default what the feed says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twice: Option<CoveredTwice>,
    /// For how many days after employment somebody who comes back has the old choices again. Default for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reinstate_within_days: Option<u32>,
}

/// Employees whom plan documents treat alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassRule {
    /// By their status in the census; all where none is named.
    #[serde(serialize_with = "status_list")]
    pub employment: Vec<EmploymentStatus>,
    /// By how they are paid, in the census's own words; all where none is named.
    pub pay_class: Vec<String>,
}

impl ClassRule {
    /// Whether an employee is of this class. Case and blanks around a word make no difference.
    pub fn has(&self, status: EmploymentStatus, pay_class: &str) -> bool {
        let paid = |word: &String| word.eq_ignore_ascii_case(pay_class.trim());
        (self.employment.is_empty() || self.employment.contains(&status))
            && (self.pay_class.is_empty() || self.pay_class.iter().any(paid))
    }
}

/// What becomes of those who were covered beside an employee who has died.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Survivors {
    /// Their cover ends with employment.
    #[default]
    End,
    /// A person says the last day; until then it goes on.
    Ask,
}

impl Survivors {
    fn is_usual(&self) -> bool {
        *self == Survivors::End
    }
}

/// What a leave of absence does to cover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnLeave {
    /// It goes on.
    #[default]
    Covered,
    /// It ends when leave begins, and begins anew when the employee is back.
    Ends,
}

impl OnLeave {
    fn is_usual(&self) -> bool {
        *self == OnLeave::Covered
    }
}

/// By which feed a carrier is told of whoever goes on under COBRA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CobraFeed {
    /// The one whose carrier covers them while they are employed.
    #[default]
    Same,
    /// By another one, of whoever administers COBRA: here cover ends with employment.
    Another,
}

impl CobraFeed {
    fn is_usual(&self) -> bool {
        *self == CobraFeed::Same
    }
}

/// Until when a child may be covered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChildLimit {
    /// The birthday that sets the limit, in years, 1 to 99.
    pub until: u32,
    /// The birthday that sets it for a child whom the census calls a student, at least `until`. Default `until`.
    pub student_until: u32,
    /// The last covered day. Default the end of the birthday's month.
    pub then: AgeEnds,
    /// Whether a child whom the census calls certified stays covered at any age. Default true.
    pub certified: bool,
}

/// When coverage ends that a birthday limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgeEnds {
    /// On the eve of the birthday.
    Birthday,
    /// On the last day of the birthday's month.
    #[default]
    MonthEnd,
    /// On the last day of the birthday's year.
    YearEnd,
}

/// How long a new employee waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingPeriod {
    /// Days from the day of hire on, 0 to 90: the law allows no more (42 U.S.C. 300gg-7).
    pub days: u32,
    /// From which day on, once they are over. Default that day itself.
    pub then: WaitEnds,
}

/// When coverage begins after a waiting period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitEnds {
    /// On the day after the last of its days.
    #[default]
    Day,
    /// On the first day of a month: that day, or the next such day.
    FirstOfMonth,
}

/// How long cover goes on under COBRA, in months from the first day that employment does not cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CobraLimit {
    /// Where employment ended. 1 to 60: the law asks for 18 (29 U.S.C. 1162), some states for more. None where another
    /// feed tells of it.
    pub months: Option<u32>,
    /// Where the employee died. Default 36.
    pub months_after_death: u32,
    /// By which feed it is told.
    #[serde(skip_serializing_if = "CobraFeed::is_usual")]
    pub feed: CobraFeed,
}

fn status_words<S: Serializer>(covers: &Option<Vec<EmploymentStatus>>, out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(covers.iter().flatten().filter_map(status_word))
}

fn status_list<S: Serializer>(statuses: &[EmploymentStatus], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(statuses.iter().filter_map(status_word))
}

fn status_word(status: &EmploymentStatus) -> Option<&'static str> {
    CLASS_STATUSES.iter().find(|(_, one)| one == status).map(|(word, _)| *word)
}

/// What a census may say of an employee of a class.
const CLASS_STATUSES: [(&str, EmploymentStatus); 5] = [
    ("active", EmploymentStatus::Active),
    ("part-time", EmploymentStatus::PartTime),
    ("leave", EmploymentStatus::Leave),
    ("retired", EmploymentStatus::Retired),
    ("cobra", EmploymentStatus::Cobra),
];

/// And of whoever has not left.
const STATUSES: &[(&str, EmploymentStatus)] = CLASS_STATUSES.split_at(4).0;

const STATUS: Shape<EmploymentStatus> = Shape {
    read: |text| STATUSES.iter().find(|(word, _)| *word == text).map(|(_, status)| *status),
    rule: "whom a line covers is active, part-time, leave or retired",
    next: "take it from the plan document; leave the setting out where it covers all of them",
};

const CLASS_STATUS: Shape<EmploymentStatus> = Shape {
    read: |text| CLASS_STATUSES.iter().find(|(word, _)| *word == text).map(|(_, status)| *status),
    rule: "the employees of a class are active, part-time, leave, retired or cobra",
    next: "take it from the plan document; leave the setting out where it has all of them",
};

const KIND: Shape<CareKind> = Shape {
    read: CareKind::from_word,
    rule: "a line of care is one of medical dental vision drug mental-health long-term-care long-term-disability \
           short-term-disability",
    next: "write [lines.medical], for example; plans of the lines HLT HMO PPO POS EPO are medical",
};

const PAY_CLASS: Shape<String> = Shape {
    read: |text| Some(text.trim().to_string()).filter(|word| (1..=40).contains(&word.chars().count())),
    rule: "how a class is paid is 1 to 40 characters",
    next: "write it as the census does",
};

const SURVIVORS: Shape<Survivors> = Shape {
    read: |text| match text {
        "end" => Some(Survivors::End),
        "ask" => Some(Survivors::Ask),
        _ => None,
    },
    rule: "when an employee has died, the others' cover ends or a person is asked: end or ask",
    next: "take it from the plan document",
};

const AGE_ENDS: Shape<AgeEnds> = Shape {
    read: |text| match text {
        "birthday" => Some(AgeEnds::Birthday),
        "month-end" => Some(AgeEnds::MonthEnd),
        "year-end" => Some(AgeEnds::YearEnd),
        _ => None,
    },
    rule: "cover that a birthday limits ends at birthday, month-end or year-end",
    next: "take it from the plan document",
};

const WAIT_ENDS: Shape<WaitEnds> = Shape {
    read: |text| match text {
        "day" => Some(WaitEnds::Day),
        "first-of-month" => Some(WaitEnds::FirstOfMonth),
        _ => None,
    },
    rule: "after a waiting period cover begins on that day or on the first-of-month",
    next: "take it from the plan document",
};

const ON_LEAVE: Shape<OnLeave> = Shape {
    read: |text| match text {
        "covered" => Some(OnLeave::Covered),
        "ends" => Some(OnLeave::Ends),
        _ => None,
    },
    rule: "on a leave of absence an employee is covered, or cover ends: covered or ends",
    next: "take it from the plan document",
};

const COBRA_FEED: Shape<CobraFeed> = Shape {
    read: |text| match text {
        "same" => Some(CobraFeed::Same),
        "another" => Some(CobraFeed::Another),
        _ => None,
    },
    rule: "whoever goes on under COBRA is told of by the same feed or by another",
    next: "ask who administers COBRA; another, where that is somebody else with a file of their own",
};

/// What lines name by its name in the same file.
struct NamedParts {
    tiers: BTreeMap<String, TierRules>,
    classes: BTreeMap<String, ClassRule>,
}

impl NamedParts {
    /// Finds a part that a line names.
    fn find<T: Clone>(parts: &BTreeMap<String, T>, name: &Text, table: &Table<'_>) -> Option<T> {
        let found = parts.get(&name.text).cloned();
        if found.is_none() {
            let rule = "what a line names stands in the same file";
            let next = "write [tiers.NAME] or [classes.NAME], or correct the name";
            table.refuse(rules::CONTRADICTION.worded(rule, next).at(name.place.clone()));
        }
        found
    }
}

fn read_class(name: &Text, table: &Table<'_>) -> Option<(String, ClassRule)> {
    let employment = table.texts("employment");
    let employment = employment.iter().filter_map(|text| table.shaped(text, &CLASS_STATUS)).collect();
    let pay_class = table.texts("pay_class").iter().filter_map(|text| table.shaped(text, &PAY_CLASS)).collect();
    Some((name.text.clone(), ClassRule { employment, pay_class }))
}

/// A line as its own section states it.
struct StatedLine {
    kind: CareKind,
    rules: LineRules,
    /// The line whose settings it takes, where it has none of its own.
    like: Option<(CareKind, Place)>,
    /// The names of its own settings.
    stated: BTreeSet<String>,
}

/// Reads the classes of a file.
pub(super) fn read_classes(table: &Table<'_>) -> BTreeMap<String, ClassRule> {
    let classes = table.section("classes", |classes| Some(classes.each(read_class).into_iter().collect()));
    classes.unwrap_or_default()
}

/// Reads the lines of care of a file.
pub(super) fn read(table: &Table<'_>, classes: BTreeMap<String, ClassRule>) -> BTreeMap<CareKind, LineRules> {
    let named = NamedParts { tiers: tiers::read_sets(table), classes };
    let read_line = |name: &Text, table: &Table<'_>| read_line(name, table, &named);
    let lines = table.section("lines", |lines| Some(lines.each(read_line)));
    let lines = lines.unwrap_or_default();
    for line in &lines {
        refuse_nobody(table, line, &lines);
    }
    lines.iter().map(|line| (line.kind, line.whole(&lines))).collect()
}

/// A line is like one that has settings of its own: so nothing is like itself, and nobody follows a chain.
fn refuse_nobody(table: &Table<'_>, line: &StatedLine, lines: &[StatedLine]) {
    let Some((like, place)) = &line.like else { return };
    let stands = lines.iter().any(|other| other.kind == *like && other.like.is_none());
    if !stands {
        let rule = "a line is like another one of the same file that is like none";
        let next = "name a line that has a section of its own without like";
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(place.clone()));
    }
}

impl StatedLine {
    fn states(&self, setting: &str) -> bool {
        self.stated.contains(setting)
    }

    /// Its own settings, and for the rest those of the line that it is like.
    fn whole(&self, lines: &[StatedLine]) -> LineRules {
        let like = self.like.as_ref().and_then(|(like, _)| lines.iter().find(|other| other.kind == *like));
        let Some(base) = like.map(|line| &line.rules) else { return self.rules.clone() };
        let own = &self.rules;
        let from = |setting| if self.states(setting) { own } else { base };
        LineRules {
            employment: own.employment.or(base.employment),
            covers: from("covers").covers.clone(),
            classes: from("classes").classes.clone(),
            begins: from("begins").begins.clone(),
            ends: from("ends").ends.clone(),
            child: from("child").child.clone(),
            wait: from("wait").wait.clone(),
            cobra: from("cobra").cobra.clone(),
            tiers: from("tiers").tiers.clone(),
            survivors: from("survivors").survivors,
            leave: from("leave").leave,
            twice: from("twice").twice,
            reinstate_within_days: from("rehire").reinstate_within_days,
        }
    }
}

fn read_line(name: &Text, table: &Table<'_>, named: &NamedParts) -> Option<StatedLine> {
    let kind = table.shaped(name, &KIND);
    let tiers = table.text("tiers").and_then(|set| NamedParts::find(&named.tiers, &set, table));
    let classes = table.texts("classes");
    let classes = classes.iter().filter_map(|class| NamedParts::find(&named.classes, class, table)).collect();
    let classes = table.has("classes").then_some(classes);
    let covers = table.texts("covers");
    let covers = covers.iter().filter_map(|text| table.shaped(text, &STATUS)).collect();
    let Ends { events: ends, employment } = read_ends(table);
    let rules = LineRules {
        begins: table.section("begins", event_days::read_begins).unwrap_or_default(),
        ends,
        covers: table.has("covers").then_some(covers),
        employment,
        child: table.section("child", read_child),
        wait: table.section("wait", read_wait),
        cobra: table.section("cobra", read_cobra),
        tiers,
        classes,
        survivors: table.maybe("survivors", &SURVIVORS).unwrap_or_default(),
        leave: table.maybe("leave", &ON_LEAVE).unwrap_or_default(),
        twice: table.maybe("twice", &COVERED_TWICE),
        reinstate_within_days: table.section("rehire", |rehire| rehire.need_whole("reinstate_within_days", 0..=366)),
    };
    let like = table.text("like").and_then(|text| Some((table.shaped(&text, &KIND)?, text.place.clone())));
    let stated = table.keys().into_iter().map(|key| key.text).collect();
    Some(StatedLine { kind: kind?, rules, like, stated })
}

/// What ends by which event; after employment by either of the two names of that setting.
fn read_ends(table: &Table<'_>) -> Ends {
    let ends = table.section("ends", event_days::read_ends).unwrap_or_default();
    let employment = table.maybe("employment", &COVERAGE_ENDS);
    if table.has("employment") && ends.employment.is_some() {
        event_days::refuse_both(table, "employment", "ends.employment");
    }
    Ends { employment: ends.employment.or(employment), ..ends }
}

fn read_child(table: &Table<'_>) -> Option<ChildLimit> {
    let until = table.need_whole("until", 1..=99);
    let then = table.maybe("then", &AGE_ENDS).unwrap_or_default();
    let student_until = table.maybe_whole("student_until", 1..=99);
    let certified = table.flag("certified", true);
    let until = until?;
    let student_until = student_until.unwrap_or(until);
    if student_until < until {
        let rule = "a student's limit is not below that of other children";
        let next = "correct until or student_until";
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place_of("student_until")));
    }
    Some(ChildLimit { until, student_until, then, certified })
}

fn read_wait(table: &Table<'_>) -> Option<WaitingPeriod> {
    let days = table.need_whole("days", 0..=90);
    let then = table.maybe("then", &WAIT_ENDS).unwrap_or_default();
    Some(WaitingPeriod { days: days?, then })
}

fn read_cobra(table: &Table<'_>) -> Option<CobraLimit> {
    let feed = table.maybe("feed", &COBRA_FEED).unwrap_or_default();
    let months_after_death = table.whole("months_after_death", 36, 1..=60);
    let months = table.maybe_whole("months", 1..=60);
    if feed == CobraFeed::Same && !table.has("months") {
        return table.need_whole("months", 1..=60).map(|_| CobraLimit { months, months_after_death, feed });
    }
    Some(CobraLimit { months, months_after_death, feed })
}
