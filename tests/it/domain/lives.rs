//! Lives at random: nights in which families grow, move, leave and come back, held against a model that knows days
//! only.

use std::collections::{BTreeMap, BTreeSet};

use bex::mapping::{
    CoverageEnds, CoveredTwice, DeclaredReference, Distance, EndedAs, FileWindows, LaterStarts, PlanChange, PlanYear,
    Styles, SubscriberId,
};
use bex::model::election::{CareKind, Covered, Election, LifeEvent, Line, Tier};
use bex::model::enrollment::{
    Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, Reason,
};
use bex::model::field::{Field, FieldSet};
use bex::model::person::{Employment, EmploymentStatus, EndReason, Family, Person, Relationship, Sex};
use bex::model::phi::Phi;
use bex::reconcile::{
    Decision, Given, Reply, Rules, Ruling, Stands, Stating, balanced, chosen, decide, explicit, repliable, stands,
    stands_unchosen, statement, unchosen,
};
use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::plan_rules::documents;

/// What plan documents say of events, of status and of whoever comes back.
const PLANS: &str = "[lines.medical]\n\
    begins = { birth = \"first-of-month\", marriage = \"day-after\", other = \"first-of-month-after\" }\n\
    ends = { divorce = \"event\", other = \"month-end\" }\nleave = \"ends\"\nrehire = { reinstate_within_days = 20 }\n\
    [lines.dental]\nlike = \"medical\"\nrehire = { reinstate_within_days = 90 }\n";

pub(super) const KEYS: [&str; 4] = ["01", "02", "03", "04"];
/// The days a model looks at, from the first of 2026.
pub(super) const DAYS: i64 = 500;

pub(super) fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + TimeDelta::days(number)
}

pub(super) fn rules(as_of: i64, style: Styles) -> Rules {
    Rules {
        as_of: day(as_of),
        visible: FieldSet::of(Field::ALL),
        plans: BTreeMap::from([("PPO".into(), Line::Ppo), ("HMO".into(), Line::Hmo), ("DENTAL".into(), Line::Dental)]),
        elsewhere: BTreeMap::from([("THEIRS".into(), Line::Epo)]),
        coverage_ends: CoverageEnds::MonthEnd,
        // One style with plan documents, one without.
        lines: if style.plan_change == PlanChange::Change { documents(PLANS).lines } else { BTreeMap::new() },
        terms: BTreeMap::new(),
        windows: Vec::new(),
        plan_year: PlanYear::default(),
        accounts: Vec::new(),
        covered_twice: CoveredTwice::Ask,
        later_starts: LaterStarts::Ask,
        subscriber_id: SubscriberId::EmployeeId,
        plan_change: style.plan_change,
        dialect: style.dialect,
        frozen_until: None,
        by_hand: Vec::new(),
        refs: Vec::new(),
        reach: FileWindows { end_back: Distance::Days(60), ..FileWindows::default() },
        first_load: as_of == 0,
        loaded_on: None,
    }
}

pub(super) fn person(key: &str, relationship: Relationship, born: i64) -> Person {
    Person {
        key: Phi::new(key.into()),
        relationship,
        last_name: Phi::new("EXAMPLE".into()),
        first_name: Phi::new(format!("PERSON{key}")),
        middle_name: Phi::default(),
        suffix: Phi::default(),
        ssn: None,
        birth_date: Some(Phi::new(day(born))),
        sex: Phi::new(Sex::Female),
        address: None,
        phone: None,
        email: None,
        marital_status: None,
        over_age: None,
    }
}

/// An employee with a spouse, two children, and one who is born on a day of the year.
pub(super) fn family(born: i64, employment: Employment) -> Family {
    let ages = [-9000, -3000, -2000, born];
    let relationship = |key: &str| if key == "01" { Relationship::Spouse } else { Relationship::Child };
    Family {
        subscriber: person("E1", Relationship::Subscriber, -12_000),
        employment,
        dependents: KEYS.iter().zip(ages).map(|(key, born)| person(key, relationship(key), born)).collect(),
    }
}

fn stating(as_of: i64) -> Stating {
    Stating {
        as_of: day(as_of),
        lookback_days: 60,
        ended: EndedAs::Statement,
        since: None,
        names_ends: false,
        spans: Default::default(),
    }
}

#[derive(Clone, Debug)]
pub(super) struct Night {
    pub(super) after: i64,
    pub(super) elections: Vec<Election>,
    pub(super) employment: Employment,
}

fn any_covered() -> impl Strategy<Value = Vec<Covered>> {
    let own = (proptest::option::weighted(0.2, 0..200i64), proptest::option::weighted(0.2, 0..300i64));
    let one = |key: &'static str| {
        proptest::option::of(own.clone()).prop_map(move |days| {
            days.map(|(start, end)| Covered {
                start: start.map(day),
                end: end.map(day),
                ..Covered::with_all(Phi::new(key.into()), None)
            })
        })
    };
    (one("01"), one("02"), one("03"), one("04")).prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().flatten().collect())
}

fn any_election() -> impl Strategy<Value = Election> {
    let plan = prop_oneof![4 => Just("PPO"), 2 => Just("HMO"), 2 => Just("DENTAL"), 1 => Just("THEIRS")];
    let event = proptest::option::of(prop_oneof![
        2 => Just(LifeEvent::NewHire),
        2 => Just(LifeEvent::Birth),
        1 => Just(LifeEvent::Marriage),
        1 => Just(LifeEvent::Divorce),
        1 => Just(LifeEvent::OtherCoverage),
    ]);
    // Some choices say the day of their event, and some of those say no first day.
    let dated = (proptest::option::weighted(0.3, 0..240i64), proptest::bool::weighted(0.3));
    let start = prop_oneof![3 => Just(0i64), 2 => 0..240i64];
    let end = proptest::option::weighted(0.2, 1..400i64);
    (plan, any_covered(), start, end, proptest::bool::weighted(0.1), event, dated).prop_map(
        |(plan, dependents, start, end, waived, event, (event_day, undated))| Election {
            plan: plan.into(),
            waived,
            tier: None,
            start: day(event_day.filter(|_| undated).unwrap_or(start)),
            end: end.map(|days| day(event_day.filter(|_| undated).unwrap_or(start) + days)),
            dependents: if waived { Vec::new() } else { dependents },
            pcp: None,
            cost: None,
            event,
            event_day: event_day.map(day),
            undated: undated && event_day.is_some(),
        },
    )
}

fn any_employment() -> impl Strategy<Value = Employment> {
    let ended = |status, last: i64| Employment {
        status,
        hired: None,
        ended: Some(Phi::new(day(last))),
        end_reason: Some(EndReason::Quit),
        ..Employment::default()
    };
    let back = |hired: i64| Employment { hired: Some(Phi::new(day(hired))), ..Employment::default() };
    let since = |(leave, since): (bool, i64)| {
        let status = if leave { EmploymentStatus::Leave } else { EmploymentStatus::Active };
        Employment { status, status_since: Some(Phi::new(day(since))), ..Employment::default() }
    };
    prop_oneof![
        6 => Just(Employment::default()),
        1 => (0..200i64).prop_map(move |last| ended(EmploymentStatus::Terminated, last)),
        1 => (0..200i64).prop_map(move |last| ended(EmploymentStatus::Cobra, last)),
        1 => (0..240i64).prop_map(back),
        1 => (proptest::bool::ANY, 0..240i64).prop_map(since),
    ]
}

pub(super) fn any_life() -> impl Strategy<Value = Vec<Night>> {
    let night = (0..70i64, proptest::collection::vec(any_election(), 0..4), any_employment());
    let night = night.prop_map(|(after, elections, employment)| {
        // A file cannot hold two elections of one plan that start on one day: they are left out where it is read.
        let mut seen = BTreeSet::new();
        let elections = elections.into_iter().filter(|e| seen.insert((e.plan.clone(), e.start))).collect();
        Night { after, elections, employment }
    });
    proptest::collection::vec(night, 1..6)
}

/// What a carrier has on each day: the plan, the level, and whether it is under COBRA.
pub(super) type Days = BTreeMap<(String, CareKind, i64), (String, Tier, bool)>;

pub(super) fn number(date: NaiveDate) -> i64 {
    (date - day(0)).num_days()
}

fn covered_days(coverage: &Coverage) -> std::ops::RangeInclusive<i64> {
    let last = coverage.end.filter(|end| *end > coverage.begin).map(number);
    match (coverage.end, last) {
        (None, _) => number(coverage.begin)..=DAYS,
        (Some(_), Some(last)) => number(coverage.begin)..=last.min(DAYS),
        // Taken back: an empty range.
        (Some(_), None) => number(coverage.begin)..=number(coverage.begin) - 1,
    }
}

pub(super) fn days_of(enrolled: Option<&Enrolled>) -> Days {
    let mut days = Days::new();
    for member in enrolled.into_iter().flat_map(|enrolled| &enrolled.members) {
        for coverage in &member.coverages {
            for number in covered_days(coverage) {
                let place = (member.person.key.reveal().clone(), coverage.line.kind(), number);
                let other = days.insert(place, what(coverage));
                assert_eq!(other, None, "two plans of one line on one day");
            }
        }
    }
    days
}

fn what(coverage: &Coverage) -> (String, Tier, bool) {
    (coverage.plan.clone(), coverage.tier, coverage.cobra.is_some())
}

/// A carrier that knows only days: each loop is carried out on them.
fn carried_out(mut days: Days, change: &FamilyChange) -> Days {
    for member in &change.members {
        let key = member.person.key.reveal().clone();
        for sent in &member.coverages {
            let coverage = &sent.coverage;
            let place = |number| (key.clone(), coverage.line.kind(), number);
            let first = number(coverage.begin);
            match sent.maintenance {
                Maintenance::Add => {
                    for number in covered_days(coverage) {
                        assert_eq!(days.insert(place(number), what(coverage)), None, "begun on a covered day");
                    }
                }
                Maintenance::Terminate => {
                    let last = coverage.end.map(number).unwrap();
                    let kept = if last > first { last } else { first - 1 };
                    assert!(days.contains_key(&place(first)), "ended without having begun");
                    // A stretch at another level is a coverage of its own, with a loop of its own.
                    let stretch = days.get(&place(first)).cloned();
                    let lost = (kept + 1..).take_while(|next| days.get(&place(*next)) == stretch.as_ref());
                    lost.collect::<Vec<_>>().into_iter().for_each(|next| drop(days.remove(&place(next))));
                }
                Maintenance::Reinstate => {
                    let mut next = first;
                    while days.contains_key(&place(next)) {
                        next += 1;
                    }
                    for number in next..=coverage.end.map_or(DAYS, |end| number(end).min(DAYS)) {
                        assert_eq!(days.insert(place(number), what(coverage)), None, "brought back on a covered day");
                    }
                }
                Maintenance::Change => {
                    // From this day to the end of the stretch it lies in; before one, that one begins earlier.
                    let begin = (first..=DAYS).find(|next| days.contains_key(&place(*next))).unwrap();
                    let stretch = days[&place(begin)].clone();
                    let lasts = (begin..=DAYS).take_while(|next| days.get(&place(*next)) == Some(&stretch));
                    let last = lasts.last().unwrap();
                    days.extend((first..=last).map(|next| (place(next), what(coverage))));
                }
                Maintenance::Audit => panic!("no change file states for comparison"),
            }
        }
    }
    days
}

/// What a change says, without a word of anybody.
fn loops(change: &FamilyChange) -> Vec<String> {
    let sent = change.members.iter().flat_map(|member| &member.coverages);
    let one = |sent: &CoverageChange| {
        let Coverage { plan, tier, begin, end, cobra, .. } = &sent.coverage;
        format!("{} {plan} {} {begin}..{end:?} {cobra:?}", sent.maintenance.word(), tier.code())
    };
    sent.map(one).collect()
}

pub(super) struct Lived {
    pub(super) known: Option<Enrolled>,
    pub(super) decision: Decision,
    pub(super) before: Days,
    pub(super) as_of: i64,
    pub(super) family: Family,
}

impl Lived {
    /// Whether somebody has cover on this night or later.
    pub(super) fn goes_on(&self, member: &Member) -> bool {
        member.coverages.iter().any(|span| span.is_open_on(day(self.as_of)) && !span.is_cancelled())
    }
}

/// Every night of a life, one after the other, each with what the carrier knew before it.
pub(super) fn lived(born: i64, style: Styles, life: &[Night]) -> Vec<Lived> {
    lived_by(born, style, life, &[])
}

/// The same with an employee who has another number from some night on.
pub(super) fn lived_renumbered(born: i64, style: Styles, life: &[Night], from: usize) -> Vec<Lived> {
    lived_as(born, style, life, &|night| Asked { refs: &[], number: if night < from { "E1" } else { "E2" } })
}

/// What differs on a night beside elections and employment: what the carrier asks for, and the employee's number.
struct Asked<'a> {
    refs: &'a [DeclaredReference],
    number: &'static str,
}

/// The same with a carrier that asks for references. The employee moves between three departments, and works in one
/// place.
pub(super) fn lived_by(born: i64, style: Styles, life: &[Night], refs: &[DeclaredReference]) -> Vec<Lived> {
    lived_as(born, style, life, &|_| Asked { refs, number: "E1" })
}

fn lived_as<'a>(born: i64, style: Styles, life: &[Night], asked: &dyn Fn(usize) -> Asked<'a>) -> Vec<Lived> {
    let (mut told, mut as_of, mut nights): (Option<Enrolled>, i64, Vec<Lived>) = (None, 0, Vec::new());
    for night in life {
        as_of += if nights.is_empty() { 0 } else { night.after };
        let (department, location) = (Phi::new(format!("D{}", night.after % 3)), Phi::new("NORTH".to_string()));
        let Asked { refs, number } = asked(nights.len());
        let mut family = family(born, Employment { department, location, ..night.employment.clone() });
        family.subscriber.key = Phi::new(number.to_string());
        let rules = Rules { refs: refs.to_vec(), ..rules(as_of, style) };
        let given = || Given {
            census: Some(&family),
            elections: Some(&night.elections),
            told: told.as_ref(),
            ..Given::default()
        };
        let decision = decide(&rules, given());
        let before = days_of(told.as_ref());
        told = decision.known.clone().or(told);
        nights.push(Lived { known: decision.known.clone(), decision, before, as_of, family });
    }
    nights
}

fn any_style() -> impl Strategy<Value = Styles> {
    prop_oneof![Just(PlanChange::Change), Just(PlanChange::TermAdd)].prop_map(Styles::usual)
}

/// The same lives in every run, so that a fault is found where it was made. Others are tried by `PROPTEST_CASES`.
pub(super) fn lives() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(834), ..ProptestConfig::default() }
}

proptest! {
    // Ten thousand families in every run of the tests, by all properties together.
    #![proptest_config(ProptestConfig { cases: 4 * lives().cases, ..lives() })]

    /// Properties 6 and 14 of the design, in the two usual dialects: acts lead from what was told to the target.
    #[test]
    fn the_carrier_believes_the_change_file(born in 0..200i64, style in any_style(), life in any_life()) {
        for night in lived(born, style, &life) {
            prop_assert!(night.decision.holds.iter().all(|fault| fault.code != "REC017"), "loops lead elsewhere");
            let (Some(change), Some(known)) = (&night.decision.change, &night.known) else { continue };
            let after = carried_out(night.before, change);
            prop_assert_eq!(after, days_of(Some(known)));
        }
    }

    #[test]
    fn every_choice_and_everything_told_ends_in_a_place(born in 0..200i64, style in any_style(), life in any_life()) {
        let (mut told, nights) = (None, lived(born, style, &life));
        for (night, said) in nights.iter().zip(&life) {
            let rules = Rules { first_load: told.is_none(), ..rules(night.as_of, style) };
            let (census, elections) = (Some(&night.family), Some(&said.elections[..]));
            let given = Given { census, elections, told: told.as_ref(), ..Given::default() };
            let decision = decide(&rules, given);
            let chosen = chosen(&rules, &given);
            for one in &chosen {
                let place = stands(&rules, &given, &decision, one);
                prop_assert!(place != Stands::Unexplained, "{} from {} on", one.plan, one.first);
            }
            for one in unchosen(&given, &chosen) {
                let place = stands_unchosen(&decision, &one);
                prop_assert!(place != Stands::Unexplained, "{} told from {} on", one.plan, one.first);
            }
            told = decision.known.or(told);
        }
    }

    #[test]
    fn every_answer_gives_everything_a_place_and_leads_a_carrier_there(
        born in 0..200i64, style in any_style(), life in any_life(), answer in 0..400i64,
    ) {
        let (mut told, nights) = (None, lived(born, style, &life));
        for (night, said) in nights.iter().zip(&life) {
            let rules = Rules { first_load: told.is_none(), ..rules(night.as_of, style) };
            let (census, elections) = (Some(&night.family), Some(&said.elections[..]));
            let given = Given { census, elections, told: told.as_ref(), ..Given::default() };
            let asked = decide(&rules, given).holds;
            let replies: Vec<Reply> = asked.iter().filter_map(|hold| reply(hold, answer)).collect();
            let given = Given { replies: &replies, ..given };
            let decision = balanced(&rules, &given, decide(&rules, given));
            let in_doubt = decision.holds.iter().find(|hold| ["REC017", "REC025"].contains(&hold.code));
            prop_assert!(in_doubt.is_none(), "{} after {replies:?}", in_doubt.unwrap());
            told = decision.known.or(told);
        }
    }

    /// Property 9.
    #[test]
    fn the_same_night_again_says_nothing(born in 0..200i64, style in any_style(), life in any_life()) {
        let nights = lived(born, style, &life);
        for (night, given) in nights.iter().zip(&life) {
            // A question may be answered by what was told beside it: an end of employment closes those about elections.
            let Some(known) = night.known.as_ref().filter(|_| night.decision.holds.is_empty()) else { continue };
            let rules = Rules { first_load: false, ..rules(night.as_of, style) };
            let again = Given {
                census: Some(&night.family),
                elections: Some(&given.elections),
                told: Some(known),
                ..Given::default()
            };
            let said = decide(&rules, again).change.map(|change| loops(&change));
            prop_assert_eq!(said, None);
        }
    }

    /// Properties 2, 3, 4 and 5: no two spans of a line share a day, or [`days_of`] would not take them.
    #[test]
    fn nobody_is_covered_before_birth_and_dependents_stay_within_the_subscriber(
        born in 0..200i64, style in any_style(), life in any_life(),
    ) {
        for night in lived(born, style, &life) {
            let days = days_of(night.known.as_ref());
            for member in night.known.iter().flat_map(|known| &known.members) {
                let order: Vec<_> = member.coverages.iter().map(|span| (&span.plan, span.begin)).collect();
                prop_assert!(order.is_sorted(), "{order:?}");
            }
            for ((key, kind, number), (plan, ..)) in &days {
                prop_assert!(key != "04" || *number >= born, "covered {} days before birth", born - number);
                let subscriber = days.get(&("E1".to_string(), *kind, *number));
                prop_assert_eq!(subscriber.map(|(plan, ..)| plan), Some(plan));
            }
        }
    }

    /// Properties 11 and 12.
    #[test]
    fn a_question_keeps_the_whole_line_and_the_end_of_employment_passes_it(
        born in 0..200i64, style in any_style(), life in any_life(),
    ) {
        for night in lived(born, style, &life) {
            let lines: BTreeSet<CareKind> = night.decision.holds.iter().filter_map(line_of).collect();
            let (Some(known), false) = (&night.known, lines.is_empty()) else { continue };
            let after = days_of(Some(known));
            let stands = |kind: &CareKind| lines.contains(kind);
            let before = night.before.iter().filter(|((_, kind, n), _)| stands(kind) && within_employment(&night, *n));
            let after = after.iter().filter(|((_, kind, n), _)| stands(kind) && within_employment(&night, *n));
            prop_assert_eq!(before.collect::<Vec<_>>(), after.collect::<Vec<_>>());
        }
    }

    /// Property 18.
    #[test]
    fn xn_stands_only_beside_a_statement(born in 0..200i64, style in any_style(), life in any_life()) {
        for night in lived(born, style, &life) {
            let known = night.known.as_ref();
            let full = known.and_then(|known| statement(known, stating(night.as_of)));
            for member in night.decision.change.iter().chain(&full).flat_map(|change| &change.members) {
                let notice = member.reason == Some(Reason::NotificationOnly);
                prop_assert!(!notice || member.maintenance == Maintenance::Audit);
            }
        }
    }

    /// Property 15, in the two usual dialects.
    #[test]
    fn a_full_file_states_every_day_from_tonight_on(born in 0..200i64, style in any_style(), life in any_life()) {
        for night in lived(born, style, &life) {
            let Some(known) = &night.known else { continue };
            let ahead = |days: Days| -> Days { days.into_iter().filter(|((.., n), _)| *n >= night.as_of).collect() };
            let mut stated = Days::new();
            let full = statement(known, stating(night.as_of));
            for member in full.iter().flat_map(|family| &family.members) {
                for sent in &member.coverages {
                    let place = |n| (member.person.key.reveal().clone(), sent.coverage.line.kind(), n);
                    stated.extend(covered_days(&sent.coverage).map(|n| (place(n), what(&sent.coverage))));
                }
            }
            prop_assert_eq!(ahead(stated), ahead(days_of(Some(known))));
        }
    }

    #[test]
    fn a_full_file_that_says_changes_leads_a_carrier_there_and_states_every_day(
        born in 0..200i64, style in any_style(), life in any_life(),
    ) {
        for night in lived(born, style, &life) {
            let (Some(change), Some(known)) = (&night.decision.change, &night.known) else { continue };
            let file = explicit(statement(known, stating(night.as_of)), change);
            let members = || file.iter().flat_map(|family| &family.members);
            let acts = members().map(|member| {
                let said = member.coverages.iter().filter(|sent| sent.maintenance != Maintenance::Audit);
                MemberChange { coverages: said.cloned().collect(), ..member.clone() }
            });
            let acts = FamilyChange { members: acts.collect(), ..change.clone() };
            prop_assert_eq!(carried_out(night.before.clone(), &acts), days_of(Some(known)));
            let ahead = |days: Days| -> Days { days.into_iter().filter(|((.., n), _)| *n >= night.as_of).collect() };
            let mut stated = Days::new();
            for member in members() {
                let notice = member.reason == Some(Reason::NotificationOnly);
                prop_assert!(!notice || member.maintenance == Maintenance::Audit);
                for sent in &member.coverages {
                    let place = |n| (member.person.key.reveal().clone(), sent.coverage.line.kind(), n);
                    stated.extend(covered_days(&sent.coverage).map(|n| (place(n), what(&sent.coverage))));
                }
            }
            prop_assert_eq!(ahead(stated), ahead(days_of(Some(known))));
        }
    }

    /// Property 10.
    #[test]
    fn the_order_of_elections_does_not_matter(born in 0..200i64, style in any_style(), life in any_life()) {
        let backwards = |night: &Night| night.elections.iter().rev().cloned().collect();
        let reversed = |night: &Night| Night { elections: backwards(night), ..night.clone() };
        let other: Vec<Night> = life.iter().map(reversed).collect();
        for (one, another) in lived(born, style, &life).into_iter().zip(lived(born, style, &other)) {
            prop_assert!(one.decision == another.decision);
        }
    }
}

/// What somebody replies to a question, where it takes a reply: a word, or this day of the year.
fn reply(question: &bex::fault::Fault, answer: i64) -> Option<Reply> {
    let takes = repliable(question.code)?;
    let words = [Ruling::Tell, Ruling::New, Ruling::Allowed, Ruling::LeftOut, Ruling::On(day(answer))];
    let by_hand = [Ruling::ByHand].into_iter().filter(|_| answer % 2 == 1);
    let choice = by_hand.chain(words).find(|choice| takes.takes(*choice))?;
    let text = question.to_string();
    let plan = ["PPO", "HMO", "DENTAL", "THEIRS"].into_iter().find(|plan| text.contains(plan)).unwrap_or_default();
    Some(Reply { code: question.code.into(), plan: plan.into(), choice })
}

/// The line a question is about, by the plan it names.
fn line_of(question: &bex::fault::Fault) -> Option<CareKind> {
    let named = question.to_string();
    let plans = [("PPO", Line::Ppo), ("HMO", Line::Hmo), ("DENTAL", Line::Dental)];
    plans.into_iter().find(|(plan, _)| named.contains(plan)).map(|(_, line)| line.kind())
}

/// Whether a day is one that the end of employment does not decide.
fn within_employment(night: &Lived, number: i64) -> bool {
    let ended = night.family.employment.ended.as_ref().map(|day| *day.reveal());
    ended.is_none_or(|ended| day(number) < ended)
}
