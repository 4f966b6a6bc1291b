//! `mappings/plans/<employer>.toml`: what an employer's plan documents say of who may be covered, and how long.
//!
//! A carrier's file says how things are told; this one says what holds whoever the carrier is. Without it nobody is
//! too old, too new, or too long under COBRA, and no plan closes.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Serialize, Serializer};

use super::accounts::{self, CarrierAccount};
use super::carrier::iso;
use super::document::{self, MentionKind, Parsed, Table, Text};
use super::event_days::{self, PlanYear};
use super::line_rules::{self, LineRules};
use super::rules;
use super::shapes::{DATE, PLAN_CODE};
use crate::model::election::{CareKind, Line};
use crate::model::ids::{CarrierName, EmployerName};

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
    /// When a year of the plans begins. Default with the calendar's.
    #[serde(skip_serializing_if = "PlanYear::is_usual")]
    pub plan_year: PlanYear,
    /// How carriers keep employees apart, in the order in which they are looked through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<CarrierAccount>,
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

impl PlanRules {
    /// The same, with the accounts of this carrier alone: how another one keeps people apart decides nothing here.
    pub fn of_carrier(&self, carrier: &CarrierName) -> PlanRules {
        let accounts = self.accounts.iter().filter(|account| account.carrier == *carrier).cloned().collect();
        PlanRules { accounts, ..self.clone() }
    }

    /// Whether they decide nothing.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
            && self.lines.is_empty()
            && self.terms.is_empty()
            && self.windows.is_empty()
            && self.plan_year.is_usual()
    }

    /// Reads `mappings/plans/<employer>.toml`; `path` is the file's path below the site.
    pub fn parse(employer: &EmployerName, path: &str, text: &str) -> Parsed<PlanRules> {
        document::read(path, text, |table| read(employer, table))
    }
}

fn read(employer: &EmployerName, table: &Table<'_>) -> Option<PlanRules> {
    table.mention(MentionKind::Employer, &Text { text: employer.to_string(), place: table.place() });
    let classes = line_rules::read_classes(table);
    let accounts = accounts::read(table, &classes);
    let lines = line_rules::read(table, classes);
    let terms = table.section("plans", |plans| Some(plans.each(read_term).into_iter().collect()));
    let windows = table.tables("windows", read_window);
    let plan_year = event_days::read_plan_year(table);
    Some(PlanRules { lines, terms: terms.unwrap_or_default(), windows, plan_year, accounts })
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
    use super::super::line_rules::AgeEnds;
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
