//! What a family is to have, worked out day by day from the rules as people say them: no spans, no acts, no edges. It
//! is slow, and knows nothing of how the engine decides. Random lives are held against it.
//!
//! For each day and line: of the elections that have begun, the one that began last decides. It covers the employee and
//! those whom it names, from their own first day or their birth on, until their own last day or its. An election of
//! another carrier's plan covers nobody here. A waiver ends its plan. Employment ends everything with its month. Days
//! before the first election stay as they were told.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use bex::mapping::{PlanChange, Styles};
use bex::model::election::{CareKind, Covered, Election, Tier};
use bex::model::person::{Employment, EmploymentStatus, EndReason};
use bex::model::phi::Phi;
use chrono::{Datelike as _, Months};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use super::lives::{DAYS, Days, KEYS, Lived, Night, day, days_of, lived, number};

/// Days ahead of a night of which a carrier is told.
const AHEAD: i64 = 90;

/// The employee's key.
const SELF: &str = "E1";

/// An election as it is drawn: its days counted from the night.
#[derive(Clone, Debug)]
struct Drawn {
    plan: &'static str,
    waived: bool,
    start: i64,
    lasts: Option<i64>,
    dependents: Vec<(&'static str, Option<i64>, Option<i64>)>,
}

fn any_drawn() -> impl Strategy<Value = Drawn> {
    let plan = prop_oneof![4 => Just("PPO"), 2 => Just("HMO"), 2 => Just("DENTAL"), 1 => Just("THEIRS")];
    let start = prop_oneof![2 => Just(0i64), 3 => -40..60i64];
    let lasts = proptest::option::weighted(0.25, 1..200i64);
    let own = || (proptest::option::weighted(0.3, -20..60i64), proptest::option::weighted(0.2, 1..200i64));
    let one = move |key: &'static str| {
        proptest::option::weighted(0.4, own()).prop_map(move |days| days.map(|(start, end)| (key, start, end)))
    };
    let dependents = (one(KEYS[0]), one(KEYS[1]), one(KEYS[2]), one(KEYS[3]))
        .prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().flatten().collect::<Vec<_>>());
    (plan, proptest::bool::weighted(0.1), start, lasts, dependents)
        .prop_map(|(plan, waived, start, lasts, dependents)| Drawn { plan, waived, start, lasts, dependents })
}

fn drawn_election(drawn: &Drawn, as_of: i64) -> Election {
    let first = (as_of + drawn.start).max(0);
    let covered = |(key, start, end): &(&str, Option<i64>, Option<i64>)| Covered {
        start: start.map(|days| day(first + days.max(0))),
        end: end.map(|days| day(first + start.unwrap_or(0).max(0) + days)),
        ..Covered::with_all(Phi::new((*key).into()), None)
    };
    Election {
        plan: drawn.plan.into(),
        waived: drawn.waived,
        tier: None,
        start: day(first),
        end: drawn.lasts.map(|days| day(first + days)),
        dependents: if drawn.waived { Vec::new() } else { drawn.dependents.iter().map(covered).collect() },
        pcp: None,
        cost: None,
        event: None,
        event_day: None,
        undated: false,
    }
}

/// What changes from one night to the next: elections join those that stand. What is withdrawn or moves is tried
/// elsewhere: whether a first day is corrected or chosen anew is no matter of days.
fn any_nights() -> impl Strategy<Value = Vec<Night>> {
    let left = proptest::option::weighted(0.15, -20..60i64);
    let night = (0..50i64, proptest::collection::vec(any_drawn(), 0..3), left);
    proptest::collection::vec(night, 1..6).prop_map(|nights| {
        let (mut as_of, mut standing, mut made) = (0, Vec::<Election>::new(), Vec::new());
        for (after, drawn, left) in nights {
            let after = if made.is_empty() { 0 } else { after };
            as_of += after;
            standing.extend(drawn.iter().map(|one| drawn_election(one, as_of)));
            let mut seen = BTreeSet::new();
            standing.retain(|one| seen.insert((one.plan.clone(), one.start)));
            let employment = left.map_or_else(Employment::default, |days| Employment {
                status: EmploymentStatus::Terminated,
                ended: Some(Phi::new(day((as_of + days).max(0)))),
                end_reason: Some(EndReason::Quit),
                ..Employment::default()
            });
            made.push(Night { after, elections: standing.clone(), employment });
        }
        made
    })
}

fn kind_of(plan: &str) -> CareKind {
    if plan == "DENTAL" { CareKind::Dental } else { CareKind::Medical }
}

/// What is known of a family on a night, for the slow model.
struct ByDays<'n> {
    night: &'n Lived,
    elections: &'n [Election],
    born: i64,
    by_documents: bool,
    last_employed: Option<i64>,
}

impl ByDays<'_> {
    /// Whom a line covers on a day, with which plan.
    fn on(&self, kind: CareKind, n: i64) -> BTreeMap<String, String> {
        if self.last_employed.is_some_and(|last| n > last) {
            return BTreeMap::new();
        }
        let of_line = || self.elections.iter().filter(|one| kind_of(&one.plan) == kind);
        let begun = of_line().filter(|one| !one.waived && number(one.start) <= n);
        let waived = |plan: &str, since: i64| {
            of_line().any(|one| one.waived && one.plan == plan && number(one.start) > since && number(one.start) <= n)
        };
        let decides = begun.max_by_key(|one| one.start).filter(|one| !self.is_history(kind, one));
        let Some(decides) = decides else {
            let stands = self.told_on(kind, n).filter(|(_, plan)| !waived(plan, -1) && !self.has_moved(kind, n));
            return stands.map(|(key, plan)| (key.to_string(), plan.to_string())).collect();
        };
        let is_over = decides.end.is_some_and(|end| number(end) < n) || waived(&decides.plan, number(decides.start));
        if is_over || decides.plan == "THEIRS" {
            return BTreeMap::new();
        }
        let named = decides.dependents.iter().filter(|covered| self.covers(decides, covered, n));
        let people = named.map(|covered| covered.person.reveal().clone()).chain([SELF.to_string()]);
        people.map(|key| (key, decides.plan.clone())).collect()
    }

    fn told_on(&self, kind: CareKind, n: i64) -> impl Iterator<Item = (&str, &str)> {
        let told = self.night.before.iter().filter(move |((_, told, on), _)| (*told, *on) == (kind, n));
        told.map(|((key, ..), (plan, ..))| (key.as_str(), plan.as_str()))
    }

    /// Whether a day belongs to cover that has not begun, and that the first election now begins later.
    fn has_moved(&self, kind: CareKind, n: i64) -> bool {
        let own = |n| self.told_on(kind, n).find(|(key, _)| *key == SELF).map(|(_, plan)| plan);
        let of_line = self.elections.iter().filter(|one| !one.waived && kind_of(&one.plan) == kind);
        let Some(first) = of_line.min_by_key(|one| one.start) else { return false };
        let begins = (n..=DAYS).take_while(|at| *at < number(first.start)).all(|at| own(at) == Some(&first.plan));
        n > self.night.as_of && begins && own(self.night.as_of) != Some(&first.plan)
    }

    /// Whether an election was over before tonight, and the carrier has never heard of this line on its first day.
    fn is_history(&self, kind: CareKind, election: &Election) -> bool {
        self.last_of(kind, election).is_some_and(|last| last < self.night.as_of)
            && self.told_on(kind, number(election.start)).next().is_none()
    }

    /// The last day on which an election holds: its own, the eve of the next one or of a waiver, or of employment.
    fn last_of(&self, kind: CareKind, election: &Election) -> Option<i64> {
        let after = |one: &&Election| {
            kind_of(&one.plan) == kind && one.start > election.start && (!one.waived || one.plan == election.plan)
        };
        let next = self.elections.iter().filter(after).map(|one| number(one.start) - 1);
        next.chain(election.end.map(number)).chain(self.last_employed).min()
    }

    fn covers(&self, election: &Election, covered: &Covered, n: i64) -> bool {
        let birth = if covered.person.reveal() == KEYS[3] { self.born } else { i64::MIN };
        let first = covered.start.map_or(number(election.start), number).max(birth);
        // The plan documents of one style cover the newborn from the first of a month on.
        let by_birth = self.by_documents && covered.start.is_none() && birth > number(election.start);
        let first = if by_birth { month_end(first - 1) + 1 } else { first };
        let is_near = first <= self.night.as_of + AHEAD;
        // Who has the plan already keeps it, whatever own day a later row says. What was told and has begun stays with
        // a row that ends before the own day.
        let (kind, key, begins) = (kind_of(&election.plan), covered.person.reveal(), number(election.start));
        let is_told = |n| self.told_on(kind, n).any(|told| told == (key, &election.plan));
        let held = || first > begins && self.on(kind, begins - 1).get(key) == Some(&election.plan);
        let is_for_later = self.last_of(kind, election).is_some_and(|last| last < first);
        let stands =
            || is_for_later && is_told(n) && (begins..=self.night.as_of).any(|n| is_told(n) && !is_told(n - 1));
        ((is_near && n >= first) || held() || stands()) && covered.end.is_none_or(|end| n <= number(end))
    }

    fn days(&self) -> Days {
        let mut days = Days::new();
        for (kind, n) in [CareKind::Medical, CareKind::Dental].into_iter().flat_map(|k| (0..=DAYS).map(move |n| (k, n)))
        {
            let people = self.on(kind, n);
            let children = people.keys().filter(|key| ![SELF, KEYS[0]].contains(&key.as_str())).count();
            let tier = match (people.contains_key(KEYS[0]), children) {
                (false, 0) => Tier::Employee,
                (true, 0) => Tier::EmployeeSpouse,
                (false, _) => Tier::EmployeeChildren,
                (true, _) => Tier::Family,
            };
            days.extend(people.into_iter().map(|(key, plan)| ((key, kind, n), (plan, tier, false))));
        }
        days
    }
}

pub(super) fn month_end(n: i64) -> i64 {
    let date = day(n).with_day(1).unwrap() + Months::new(1);
    number(date) - 1
}

/// The days on which the model and the engine differ, in words.
fn differences(model: &Days, engine: &Days) -> Vec<String> {
    let keys: BTreeSet<_> = model.keys().chain(engine.keys()).collect();
    let differ = keys.into_iter().filter(|key| model.get(*key) != engine.get(*key));
    differ.map(|key| format!("{key:?}: {:?}, engine {:?}", model.get(key), engine.get(key))).collect()
}

/// The nights of a life that no question stands on, each held against the model; how many there are of how many.
fn compared(born: i64, plan_change: PlanChange, nights: &[Night]) -> Result<[usize; 2], String> {
    let lived = lived(born, Styles::usual(plan_change), nights);
    let asked = |night: &Lived| !night.decision.holds.is_empty();
    for (night, said) in lived.iter().zip(nights).filter(|(night, _)| !asked(night)) {
        let last_employed = said.employment.ended.as_ref().map(|ended| month_end(number(*ended.reveal())));
        let by_documents = plan_change == PlanChange::Change;
        let model = ByDays { night, elections: &said.elections, born, by_documents, last_employed };
        let engine = night.known.as_ref().map_or_else(|| night.before.clone(), |known| days_of(Some(known)));
        let found = differences(&model.days(), &engine);
        if let Some(first) = found.first() {
            return Err(format!("night of {}, born {}: {} days, {first}", day(night.as_of), day(born), found.len()));
        }
    }
    Ok([lived.iter().filter(|night| !asked(night)).count(), lived.len()])
}

#[test]
fn whoever_is_in_no_question_has_what_a_slow_model_says_for_each_day() {
    let usual = ProptestConfig::default().cases;
    // `PROPTEST_CASES` tries as many as it says.
    let cases = if usual == 256 { 400 } else { usual };
    let config =
        ProptestConfig { cases, rng_seed: RngSeed::Fixed(834), failure_persistence: None, ..Default::default() };
    let (of_model, all) = (Cell::new(0), Cell::new(0));
    let lives = (0..200i64, prop_oneof![Just(PlanChange::TermAdd), Just(PlanChange::Change)], any_nights());
    TestRunner::new(config)
        .run(&lives, |(born, style, nights)| {
            let [some, these] = compared(born, style, &nights).map_err(TestCaseError::fail)?;
            of_model.set(of_model.get() + some);
            all.set(all.get() + these);
            Ok(())
        })
        .unwrap();
    assert!(of_model.get() * 2 > all.get(), "{} of {} nights are compared", of_model.get(), all.get());
}

/// An election of everybody's plan from a day on, with dependents of whom it says a first and a last day, or none.
fn from(first: i64, dependents: &[(&'static str, Option<i64>, Option<i64>)]) -> Election {
    let own = dependents.iter().map(|(key, start, end)| (*key, start.map(|n| n - first), end.map(|n| n - first)));
    let drawn = Drawn { plan: "PPO", waived: false, start: first, lasts: None, dependents: own.collect() };
    let ends = dependents.iter().map(|(.., end)| end.map(day));
    let mut election = drawn_election(&drawn, 0);
    election.dependents.iter_mut().zip(ends).for_each(|(covered, end)| covered.end = end);
    election
}

/// What is shown, the day of the birth, the way of telling, and the elections of each night after so many days.
type ToldLife<'l> = (&'l str, i64, PlanChange, &'l [(i64, Vec<Election>)]);

#[test]
fn what_an_election_says_of_somebody_holds_beside_every_other_one_and_again_the_next_night() {
    let spouse = |first| [(KEYS[0], first, None)];
    let newborn = [(KEYS[3], None, None)];
    let (change, term_add) = (PlanChange::Change, PlanChange::TermAdd);
    let lives: [ToldLife; 6] = [
        (
            "an earlier election is added before one that was told with somebody's own first day",
            0,
            term_add,
            &[(0, vec![from(2, &spouse(Some(4)))]), (0, vec![from(2, &spouse(Some(4))), from(0, &spouse(None))])],
        ),
        (
            "somebody who was to begin is named from behind the last day of an election that is added",
            0,
            term_add,
            &[
                (0, vec![from(53, &[]), from(0, &spouse(Some(19)))]),
                (7, vec![from(53, &[]), from(0, &spouse(Some(19))), from(7, &spouse(Some(53)))]),
            ],
        ),
        (
            "an election between two others covers nobody but the employee",
            0,
            term_add,
            &[
                (0, vec![from(0, &spouse(None))]),
                (50, vec![from(0, &spouse(None)), from(48, &[]), from(50, &spouse(Some(80)))]),
            ],
        ),
        (
            "who has a plan is dated anew by the next election of it",
            0,
            term_add,
            &[
                (0, vec![from(0, &spouse(None))]),
                (7, vec![from(0, &spouse(None)), from(7, &[(KEYS[0], Some(30), None), (KEYS[1], None, None)])]),
            ],
        ),
        (
            "a newborn whose plan documents' day is overtaken by the next election",
            91,
            change,
            &[
                (0, vec![from(6, &newborn)]),
                (55, vec![from(6, &newborn)]),
                (37, vec![from(6, &newborn), from(92, &newborn)]),
                (0, vec![from(6, &newborn), from(92, &newborn)]),
                (1, vec![from(6, &newborn), from(92, &newborn)]),
            ],
        ),
        (
            "a newborn far ahead, on the day on which somebody else's last day changes the level",
            152,
            change,
            &[
                (0, vec![from(0, &[(KEYS[1], None, Some(180)), newborn[0]])]),
                (0, vec![from(0, &[(KEYS[1], None, Some(180)), newborn[0]])]),
            ],
        ),
    ];
    for (what, born, style, nights) in lives {
        let night = |(after, elections): &(i64, Vec<Election>)| Night {
            after: *after,
            elections: elections.clone(),
            employment: Employment::default(),
        };
        let nights: Vec<Night> = nights.iter().map(night).collect();
        let [some, all] = compared(born, style, &nights).unwrap_or_else(|found| panic!("{what}: {found}"));
        assert_eq!(some, all, "{what}: no night is in question");
    }
}
