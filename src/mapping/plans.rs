//! `mappings/plans/<employer>.toml`: what an employer's plan documents say of who may be covered, and how long.
//!
//! A carrier's file says how things are told; this one says what holds whoever the carrier is. Without it nobody is
//! too old, too new, or too long under COBRA, and no plan closes.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Serialize, Serializer};

use super::carrier::iso;
use super::document::{self, MentionKind, Parsed, Shape, Table, Text};
use super::feed::{COVERAGE_ENDS, CoverageEnds};
use super::rules;
use super::shapes::{DATE, PLAN_CODE};
use super::tiers::{self, TierRules};
use crate::model::election::{CareKind, Line};
use crate::model::ids::EmployerName;
use crate::model::person::EmploymentStatus;

/// An employer's plan documents, as far as they decide who is covered when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlanRules {
    /// By line of care.
    #[serde(serialize_with = "by_word")]
    pub lines: BTreeMap<CareKind, LineRules>,
    /// Plans that are not offered for ever, by our plan code.
    pub terms: BTreeMap<String, PlanTerm>,
    /// When everybody may choose anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<EnrollmentWindow>,
}

/// Weeks in which everybody may choose anew, whatever has happened to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EnrollmentWindow {
    /// The first business date of it.
    #[serde(serialize_with = "iso")]
    pub from: NaiveDate,
    /// The last day on which anybody may choose.
    #[serde(serialize_with = "iso")]
    pub until: NaiveDate,
    /// Days after it on which files may still bring what was chosen in time, 0 to 60. Default 0.
    pub grace_days: u32,
    /// The first day of what is chosen.
    #[serde(serialize_with = "iso")]
    pub effective: NaiveDate,
}

impl EnrollmentWindow {
    /// The last day on which what was chosen in time may come.
    pub fn closes(&self) -> NaiveDate {
        self.until.checked_add_days(Days::new(self.grace_days.into())).unwrap_or(self.until)
    }
}

/// What an employer lays down beside one carrier, or has from others: it decides together with the carrier's own file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sponsor {
    /// Plans of other carriers, by our plan code: a choice of one replaces one of this carrier's.
    pub elsewhere: BTreeMap<String, Line>,
    /// Its plan documents.
    pub rules: PlanRules,
}

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
    /// Where employment ended. 1 to 60: the law asks for 18 (29 U.S.C. 1162), some states for more.
    pub months: u32,
    /// Where the employee died. Default 36.
    pub months_after_death: u32,
}

/// A plan that is not offered for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanTerm {
    /// The last day on which anybody is covered by it.
    #[serde(serialize_with = "iso")]
    pub until: NaiveDate,
    /// The plan that whoever chooses nothing else has from the day after. Default none: a person is asked.
    pub rolls_to: Option<String>,
}

fn by_word<S: Serializer>(lines: &BTreeMap<CareKind, LineRules>, out: S) -> Result<S::Ok, S::Error> {
    out.collect_map(lines.iter().map(|(kind, rules)| (kind.word(), rules)))
}

fn status_words<S: Serializer>(covers: &Option<Vec<EmploymentStatus>>, out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(covers.iter().flatten().filter_map(status_word))
}

fn status_list<S: Serializer>(statuses: &[EmploymentStatus], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(statuses.iter().filter_map(status_word))
}

fn status_word(status: &EmploymentStatus) -> Option<&'static str> {
    STATUSES.iter().find(|(_, one)| one == status).map(|(word, _)| *word)
}

/// What a census may say of whoever has not left.
const STATUSES: [(&str, EmploymentStatus); 4] = [
    ("active", EmploymentStatus::Active),
    ("part-time", EmploymentStatus::PartTime),
    ("leave", EmploymentStatus::Leave),
    ("retired", EmploymentStatus::Retired),
];

const STATUS: Shape<EmploymentStatus> = Shape {
    read: |text| STATUSES.iter().find(|(word, _)| *word == text).map(|(_, status)| *status),
    rule: "whom a line covers is active, part-time, leave or retired",
    next: "take it from the plan document; leave the setting out where it covers all of them",
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

impl PlanRules {
    /// Whether they decide nothing.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.terms.is_empty() && self.windows.is_empty()
    }

    /// Reads `mappings/plans/<employer>.toml`; `path` is the file's path below the site.
    pub fn parse(employer: &EmployerName, path: &str, text: &str) -> Parsed<PlanRules> {
        document::read(path, text, |table| read(employer, table))
    }
}

fn read(employer: &EmployerName, table: &Table<'_>) -> Option<PlanRules> {
    table.mention(MentionKind::Employer, &Text { text: employer.to_string(), place: table.place() });
    let classes = table.section("classes", |classes| Some(classes.each(read_class).into_iter().collect()));
    let named = NamedParts { tiers: tiers::read_sets(table), classes: classes.unwrap_or_default() };
    let read_line = |name: &Text, table: &Table<'_>| read_line(name, table, &named);
    let lines = table.section("lines", |lines| Some(lines.each(read_line).into_iter().collect()));
    let terms = table.section("plans", |plans| Some(plans.each(read_term).into_iter().collect()));
    let windows = table.tables("windows", read_window);
    Some(PlanRules { lines: lines.unwrap_or_default(), terms: terms.unwrap_or_default(), windows })
}

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
    let employment = employment.iter().filter_map(|text| table.shaped(text, &STATUS)).collect();
    let pay_class = table.texts("pay_class").iter().filter_map(|text| table.shaped(text, &PAY_CLASS)).collect();
    Some((name.text.clone(), ClassRule { employment, pay_class }))
}

fn read_line(name: &Text, table: &Table<'_>, named: &NamedParts) -> Option<(CareKind, LineRules)> {
    let kind = table.shaped(name, &KIND);
    let tiers = table.text("tiers").and_then(|set| NamedParts::find(&named.tiers, &set, table));
    let classes = table.texts("classes");
    let classes = classes.iter().filter_map(|class| NamedParts::find(&named.classes, class, table)).collect();
    let classes = table.has("classes").then_some(classes);
    let covers: Vec<EmploymentStatus> =
        table.texts("covers").iter().filter_map(|text| table.shaped(text, &STATUS)).collect();
    let rules = LineRules {
        covers: table.has("covers").then_some(covers),
        employment: table.maybe("employment", &COVERAGE_ENDS),
        child: table.section("child", read_child),
        wait: table.section("wait", read_wait),
        cobra: table.section("cobra", read_cobra),
        tiers,
        classes,
        survivors: table.maybe("survivors", &SURVIVORS).unwrap_or_default(),
    };
    Some((kind?, rules))
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
    let months = table.need_whole("months", 1..=60);
    let months_after_death = table.whole("months_after_death", 36, 1..=60);
    Some(CobraLimit { months: months?, months_after_death })
}

fn read_window(table: &Table<'_>) -> Option<EnrollmentWindow> {
    let (from, until) = (table.need("from", &DATE), table.need("until", &DATE));
    let effective = table.need("effective", &DATE);
    let grace_days = table.whole("grace_days", 0, 0..=60);
    let window = EnrollmentWindow { from: from?, until: until?, grace_days, effective: effective? };
    if window.until < window.from || window.effective <= window.from {
        let rule = "a window ends after it begins, and what is chosen in it begins after that";
        let place = table.place_of(if window.until < window.from { "until" } else { "effective" });
        table.refuse(rules::CONTRADICTION.worded(rule, "change one of the days").at(place));
    }
    Some(window)
}

fn read_term(name: &Text, table: &Table<'_>) -> Option<(String, PlanTerm)> {
    let plan = table.shaped(name, &PLAN_CODE);
    table.mention(MentionKind::Plan, name);
    let until = table.need("until", &DATE);
    let rolls_to = table.text("rolls_to");
    rolls_to.iter().for_each(|text| table.mention(MentionKind::Plan, text));
    let rolls_to = rolls_to.and_then(|text| table.shaped(&text, &PLAN_CODE));
    Some((plan?, PlanTerm { until: until?, rolls_to }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Parsed<PlanRules> {
        PlanRules::parse(&EmployerName::new("e").unwrap(), "mappings/plans/e.toml", text)
    }

    #[test]
    fn a_line_has_ages_waiting_and_cobra_and_a_plan_its_last_day() {
        let parsed = parsed(
            "[lines.medical]\nemployment = \"employment-end\"\nchild = { until = 26 }\n\
             wait = { days = 30, then = \"first-of-month\" }\ncobra = { months = 18 }\n\
             [plans.OLD]\nuntil = \"2026-12-31\"\nrolls_to = \"NEW\"\n",
        );
        let rules = parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults));
        let medical = &rules.lines[&CareKind::Medical];
        let child = medical.child.as_ref().unwrap();
        assert_eq!((child.until, child.student_until, child.then, child.certified), (26, 26, AgeEnds::MonthEnd, true));
        assert_eq!(medical.cobra.as_ref().unwrap().months_after_death, 36);
        assert_eq!(rules.terms["OLD"].rolls_to.as_deref(), Some("NEW"));
        let plans = parsed.mentions.iter().filter(|mention| mention.of == MentionKind::Plan).count();
        assert_eq!(plans, 2);
    }

    #[test]
    fn every_fault_of_plan_rules_is_found_at_once() {
        let faults = parsed(
            "[lines.medicine]\nwait = { days = 120 }\n[lines.dental]\nchild = { until = 25, student_until = 23 }\n\
             cobra = {}\n[plans.OLD]\nrolls_to = \"a b\"\n",
        )
        .faults;
        let codes: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect();
        assert_eq!(codes.len(), 6, "{codes:?}");
    }
}
