//! What the first version of bex has recorded of families, at random, written by its layout and by none of today's
//! code: read today it covers the same days.

use bex::mapping::{PlanChange, Styles};
use bex::model::election::{CareKind, Election, Line, Tier};
use bex::model::enrollment::Enrolled;
use bex::model::person::Employment;
use bex::model::phi::Phi;
use bex::model::record::from_bytes;
use bex::model::told::ToldFamily;
use bex::reconcile::{Given, Rules, decide};
use chrono::NaiveDate;
use proptest::prelude::*;

use super::lives::{DAYS, Days, day, days_of, family, lives, rules};

/// A coverage as the first version knew one: both days, and nothing of where it is on file.
#[derive(Clone, Debug)]
struct Old {
    plan: &'static str,
    level: usize,
    begin: i64,
    end: Option<i64>,
    cost: Option<i64>,
    event: Option<u64>,
}

/// The plans that it told of, each with its place in the list of lines.
const PLANS: [(&str, u64, Line); 4] =
    [("DENTAL", 5, Line::Dental), ("EPO", 4, Line::Epo), ("HMO", 1, Line::Hmo), ("PPO", 2, Line::Ppo)];

/// Its four levels, in their order.
const LEVELS: [Tier; 4] = [Tier::Employee, Tier::EmployeeSpouse, Tier::EmployeeChildren, Tier::Family];

fn line_of(plan: &str) -> Line {
    PLANS.iter().find(|(code, ..)| *code == plan).unwrap().2
}

fn any_old() -> impl Strategy<Value = Old> {
    let end = prop_oneof![
        2 => Just(None),
        // What was told and taken back ends on its first day, or before.
        1 => (-3..=0i64).prop_map(Some),
        3 => (1..200i64).prop_map(Some),
    ];
    let plan = proptest::sample::select(PLANS.map(|(plan, ..)| plan).to_vec());
    let (cost, event) = (proptest::option::of(-50..90_000i64), proptest::option::of(0..11u64));
    (plan, 0..4usize, 0..200i64, end, cost, event).prop_map(|(plan, level, begin, lasts, cost, event)| Old {
        plan,
        level,
        begin,
        end: lasts.map(|lasts| begin + lasts),
        cost,
        event,
    })
}

/// The members' coverages, in the order of plan and first day, and perhaps two of a line on one day. Dependents have
/// what the employee has of a line, or nothing.
fn any_household() -> impl Strategy<Value = Vec<Vec<Old>>> {
    let own = proptest::collection::vec(any_old(), 1..6).prop_map(|mut all| {
        all.sort_by_key(|old| (old.plan, old.begin));
        all.dedup_by_key(|old| (old.plan, old.begin));
        all
    });
    (own, proptest::collection::vec(any::<[bool; 2]>(), 0..3)).prop_map(|(own, dependents)| {
        let shared = |[medical, dental]: [bool; 2]| {
            let has = |old: &&Old| if old.plan == "DENTAL" { dental } else { medical };
            own.iter().filter(has).cloned().collect()
        };
        std::iter::once(own.clone()).chain(dependents.into_iter().map(shared)).collect()
    })
}

/// Appends as version 1 did.
#[derive(Default)]
struct Layout(Vec<u8>);

impl Layout {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn date(&mut self, date: NaiveDate) {
        let epoch = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap();
        self.number((date - epoch).num_days() as u64);
    }

    fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Layout, T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn nothing(&mut self, fields: usize) {
        self.0.extend(std::iter::repeat_n(0, fields));
    }

    fn person(&mut self, key: &str, n: usize) {
        self.text(key);
        // Subscriber, spouse, child.
        self.number([0, 1, 3][n.min(2)]);
        ["MISTYPED", &format!("PERSON{key}"), "", ""].iter().for_each(|name| self.text(name));
        self.nothing(1);
        self.maybe(Some(day([-12_000, -9000, -3000][n])), Layout::date);
        self.number(0);
        // Address, phone, mail and marital status.
        self.nothing(4);
    }

    fn coverage(&mut self, old: &Old) {
        let (plan, line, _) = PLANS.iter().find(|(code, ..)| *code == old.plan).unwrap();
        self.text(plan);
        self.number(*line);
        self.number(old.level as u64);
        self.date(day(old.begin));
        self.maybe(old.end.map(day), Layout::date);
        self.nothing(1);
        // The sign stands in the lowest bit.
        self.maybe(old.cost, |out, cost| out.number(((cost << 1) ^ (cost >> 63)) as u64));
        self.maybe(old.event, Layout::number);
    }
}

fn keys() -> [&'static str; 3] {
    ["E1", "01", "02"]
}

/// The record of a household, as version 1 wrote it.
fn version_1(household: &[Vec<Old>]) -> Vec<u8> {
    let mut out = Layout(vec![1]);
    out.text("E1");
    out.number(household.len() as u64);
    for ((n, coverages), key) in household.iter().enumerate().zip(keys()) {
        out.person(key, n);
        // An employee at work, of whom neither days nor a reason are told.
        out.number(0);
        out.nothing(3);
        out.number(coverages.len() as u64);
        coverages.iter().for_each(|old| out.coverage(old));
    }
    out.0
}

/// What it covered: of two of a line on one day the one that began later, and what was taken back on no day.
fn covered(household: &[Vec<Old>]) -> Days {
    let mut days = Days::new();
    for (coverages, key) in household.iter().zip(keys()) {
        let mut lasting: Vec<&Old> = coverages.iter().filter(|old| old.end.is_none_or(|end| end > old.begin)).collect();
        lasting.sort_by_key(|old| (old.begin, old.plan));
        for old in lasting {
            for n in old.begin..=old.end.unwrap_or(DAYS).min(DAYS) {
                let place = (key.to_string(), line_of(old.plan).kind(), n);
                days.insert(place, (old.plan.to_string(), LEVELS[old.level], false));
            }
        }
    }
    days
}

/// What the engine takes the record for: a plan of another line is chosen, and everything else stands as it was told.
fn taken_for(known: &Enrolled) -> Days {
    let mut rules = Rules { first_load: false, ..rules(AS_OF, Styles::usual(PlanChange::TermAdd)) };
    rules.plans.insert("VISION".into(), Line::Vision);
    let elections = [Election { waived: false, ..Election::waiver("VISION", day(AS_OF)) }];
    let family = family(0, Employment::default());
    let (census, elections) = (Some(&family), Some(&elections[..]));
    let decision = decide(&rules, Given { census, elections, told: Some(known), ..Given::default() });
    let told = days_of(decision.known.as_ref());
    assert!(told.keys().any(|(_, kind, _)| *kind == CareKind::Vision), "{:?}", decision.holds);
    told.into_iter().filter(|((_, kind, _), _)| *kind != CareKind::Vision).collect()
}

const AS_OF: i64 = 60;

fn has_a_day_alone(days: &Days) -> bool {
    let at = |(key, kind, _): &(String, CareKind, i64), n: i64| days.get(&(key.clone(), *kind, n));
    days.iter().any(|(place, what)| at(place, place.2 - 1) != Some(what) && at(place, place.2 + 1) != Some(what))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2 * lives().cases, ..lives() })]

    /// Property 1 of the design. What two overlapping spans leave of one of them is a day alone at times, which nothing
    /// can say.
    #[test]
    fn old_records_cover_the_same_days(household in any_household()) {
        prop_assume!(!has_a_day_alone(&covered(&household)));
        let bytes = version_1(&household);
        let known: Enrolled = from_bytes(&bytes).unwrap();
        prop_assert_eq!(known.subscriber_id.clone(), Phi::new("E1".to_string()));
        prop_assert_eq!(from_bytes(&bytes), Ok(ToldFamily { known: known.clone(), change: None }));
        prop_assert_eq!(taken_for(&known), covered(&household));
    }
}
