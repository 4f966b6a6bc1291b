//! An employee dies, and the others go on in a family of their own, or not: two families night by night, held against
//! what plan documents give each person on each day.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use bex::mapping::{PlanChange, Styles};
use bex::model::election::{CareKind, Covered, Election, LifeEvent};
use bex::model::enrollment::{Enrolled, Maintenance, MemberChange, Reason};
use bex::model::person::{Employment, EmploymentStatus, EndReason, Family, Relationship};
use bex::model::phi::Phi;
use bex::reconcile::{Beside, Decision, Given, Rules, balanced, decide};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use super::lives::{day, days_of, family, person, rules};
use super::plan_rules::documents;

/// The night on which a death may be known for the first time, and those on which files may say more.
const NIGHTS: [i64; 5] = [0, 60, 63, 70, 80];

/// The others, by their keys in the employee's family; the first of them is the subscriber of their own.
const OTHERS: [&str; 3] = ["01", "02", "03"];

/// What happens.
#[derive(Clone, Debug)]
struct Death {
    style: PlanChange,
    /// Whether plan documents leave open what becomes of the others, by line.
    asks: [bool; 2],
    on: i64,
    /// The night from which on the census says so.
    known_from: usize,
    /// Whom each line covers beside the employee.
    covers: [Vec<bool>; 2],
    /// The night from which on the others stand in files as a family of their own, with the first day of each line's
    /// choice, if there is one.
    own: Option<Own>,
}

#[derive(Clone, Debug)]
struct Own {
    from: usize,
    begins: [Option<i64>; 2],
    /// Whom it covers beside its subscriber.
    covers: Vec<bool>,
}

const PLANS: [&str; 2] = ["PPO", "DENTAL"];
const KINDS: [CareKind; 2] = [CareKind::Medical, CareKind::Dental];

fn any_death() -> impl Strategy<Value = Death> {
    let style = prop_oneof![Just(PlanChange::Change), Just(PlanChange::TermAdd)];
    let others = || proptest::collection::vec(proptest::bool::weighted(0.7), 3);
    // Mostly the day after the month of the death: 1st of March or of April.
    let begins = || proptest::option::weighted(0.8, prop_oneof![3 => Just(59i64), 2 => Just(90i64), 2 => 30..130i64]);
    let own = (1..NIGHTS.len(), [begins(), begins()], others());
    let own = own.prop_map(|(from, begins, covers)| Own { from, begins, covers });
    let asks = [proptest::bool::weighted(0.7), proptest::bool::weighted(0.7)];
    (style, asks, 25..75i64, 1..3usize, [others(), others()], proptest::option::weighted(0.8, own))
        .prop_map(|(style, asks, on, known_from, covers, own)| Death { style, asks, on, known_from, covers, own })
}

/// Both families, as files have them on a night.
struct Files {
    family: Family,
    elections: Vec<Election>,
    own: Option<(Family, Vec<Election>)>,
}

impl Death {
    fn is_known(&self, night: usize) -> bool {
        night >= self.known_from && NIGHTS[night] >= self.on
    }

    /// The last day that employment covers.
    fn last(&self) -> i64 {
        super::target_by_days::month_end(self.on)
    }

    fn rules(&self, night: usize) -> Rules {
        let words = self.asks.map(|asks| if asks { "ask" } else { "end" });
        let text =
            format!("[lines.medical]\nsurvivors = \"{}\"\n[lines.dental]\nsurvivors = \"{}\"\n", words[0], words[1]);
        Rules { lines: documents(&text).lines, ..rules(NIGHTS[night], Styles::usual(self.style)) }
    }

    fn files(&self, night: usize) -> Files {
        let died = Employment {
            status: EmploymentStatus::Terminated,
            ended: Some(Phi::new(day(self.on))),
            end_reason: Some(EndReason::Died),
            ..Employment::default()
        };
        let employment = if self.is_known(night) { died } else { Employment::default() };
        let chosen = |n: usize| election(PLANS[n], 0, self.covers[n].iter().zip(OTHERS));
        let own = self.own.as_ref().filter(|own| night >= own.from);
        Files {
            family: family(400, employment),
            elections: vec![chosen(0), chosen(1)],
            own: own.map(|own| (survivors(), own.elections())),
        }
    }
}

impl Own {
    fn elections(&self) -> Vec<Election> {
        let chosen = |n: usize| {
            let covers = self.covers.iter().zip(OTHERS).skip(1);
            self.begins[n].map(|first| election(PLANS[n], first, covers))
        };
        (0..2).filter_map(chosen).collect()
    }
}

fn election<'o>(plan: &str, first: i64, covers: impl Iterator<Item = (&'o bool, &'o str)>) -> Election {
    let covered = covers.filter(|(covered, _)| **covered);
    Election {
        waived: false,
        dependents: covered.map(|(_, key)| Covered::with_all(Phi::new(key.to_string()), None)).collect(),
        ..Election::waiver(plan, day(first))
    }
}

/// The spouse with the children.
fn survivors() -> Family {
    let before = family(400, Employment::default());
    let spouse = &before.dependents[0];
    let mut subscriber = person("E9", Relationship::Subscriber, 0);
    (subscriber.first_name, subscriber.birth_date) = (spouse.first_name.clone(), spouse.birth_date.clone());
    let employment = Employment { survivor_of: Some(Phi::new("E1".into())), ..Employment::default() };
    Family { subscriber, employment, dependents: before.dependents[1..3].to_vec() }
}

/// What the carrier has of both.
#[derive(Clone, Default)]
struct Told {
    family: Option<Enrolled>,
    own: Option<Enrolled>,
}

/// A night of both, decided as a run does.
struct Decided {
    files: Files,
    family: Decision,
    own: Option<Decision>,
    before: Told,
    after: Told,
}

/// A family as the other one is decided beside it: by itself.
fn beside<'a>(rules: &Rules, given: &Given<'a>) -> Beside<'a> {
    let known = decide(rules, *given).known.or_else(|| given.told.cloned());
    let (family, elections) = (given.census.unwrap(), given.elections.unwrap());
    Beside { family, name: "other".into(), elections, told: given.told, known }
}

fn decided(death: &Death, night: usize, before: &Told) -> Decided {
    let (rules, files) = (death.rules(night), death.files(night));
    let of_family = || Given {
        census: Some(&files.family),
        elections: Some(&files.elections),
        told: before.family.as_ref(),
        ..Given::default()
    };
    let of_own = files.own.as_ref().map(|(family, elections)| Given {
        census: Some(family),
        elections: Some(elections),
        told: before.own.as_ref(),
        ..Given::default()
    });
    let the_family = [beside(&rules, &of_family())];
    let the_own = of_own.as_ref().map(|given| beside(&rules, given));
    let proved = |given: Given| balanced(&rules, &given, decide(&rules, given));
    let family = proved(Given { beside: the_own.as_slice(), ..of_family() });
    let own = of_own.map(|given| proved(Given { beside: &the_family, ..given }));
    let after = Told {
        family: family.known.clone().or_else(|| before.family.clone()),
        own: own.as_ref().and_then(|own| own.known.clone()).or_else(|| before.own.clone()),
    };
    Decided { family, own, before: before.clone(), after, files }
}

/// In which families a carrier covers people, by line and day.
type Covering = BTreeMap<(String, CareKind, i64), Vec<&'static str>>;

fn covered(told: &Told) -> Covering {
    let mut covered = Covering::new();
    for (name, enrolled) in [("E1", &told.family), ("E9", &told.own)] {
        for ((key, kind, n), _) in days_of(enrolled.as_ref()) {
            let key = if key == "E9" { OTHERS[0].to_string() } else { key };
            covered.entry((key, kind, n)).or_default().push(name);
        }
    }
    covered
}

impl Decided {
    fn holds(&self) -> Vec<&'static str> {
        let own = self.own.iter().flat_map(|own| &own.holds);
        self.family.holds.iter().chain(own).map(|hold| hold.code).collect()
    }

    /// The first day on which the others are covered on a line in a family of their own, as files say.
    fn begins(&self, death: &Death, line: usize) -> Option<i64> {
        death.own.as_ref().filter(|_| self.files.own.is_some())?.begins[line]
    }

    /// Whether a line is left open: somebody is covered on it beyond employment, and plan documents do not end that.
    fn is_left_open(&self, death: &Death, night: usize, line: usize) -> bool {
        death.is_known(night) && death.asks[line] && death.covers[line].contains(&true)
    }

    /// The families that cover somebody on a day, where all that is asked has its answer.
    fn right(&self, death: &Death, night: usize, (who, line, n): (&str, usize, i64)) -> Vec<&'static str> {
        let (begins, last) = (self.begins(death, line), death.last());
        let at = OTHERS.iter().position(|other| *other == who);
        let names = |at| at == 0 || death.own.as_ref().is_some_and(|own| own.covers[at]);
        let in_own = begins.is_some_and(|first| n >= first) && at.is_some_and(names);
        let goes_on = match begins {
            _ if !death.is_known(night) => true,
            _ if !self.is_left_open(death, night, line) => n <= last,
            // Until the others are in a family of their own, or somebody says the day.
            Some(first) => n < first.max(last + 1),
            None => true,
        };
        let in_family = goes_on && at.is_none_or(|at| death.covers[line][at]);
        [("E1", in_family), ("E9", in_own)].into_iter().filter(|(_, is_in)| *is_in).map(|(name, _)| name).collect()
    }

    /// What is wrong with the carrier's knowledge after a night, in words.
    fn wrong(&self, death: &Death, night: usize) -> Option<String> {
        let holds = self.holds();
        let unheard = (0..2).find(|line| self.is_left_open(death, night, *line) && self.begins(death, *line).is_none());
        if let Some(line) = unheard.filter(|_| !holds.contains(&"REC029")) {
            return Some(format!("nobody asks what becomes of the others on {}", PLANS[line]));
        }
        let (before, after) = (covered(&self.before), covered(&self.after));
        let everybody = || ["E1"].into_iter().chain(OTHERS).flat_map(|who| (0..2).map(move |line| (who, line)));
        let mut days = everybody().flat_map(|(who, line)| (0..NIGHTS[night] + 90).map(move |n| (who, line, n)));
        let wrong = days.find_map(|(who, line, n)| {
            let place = (who.to_string(), KINDS[line], n);
            let of = |told: &Covering| told.get(&place).cloned().unwrap_or_default();
            let (had, has, right) = (of(&before), of(&after), self.right(death, night, (who, line, n)));
            let twice = (has.len() > 1 && had.len() < 2).then_some("covered twice");
            let lost = had.iter().any(|name| right.contains(name) && !has.contains(name)).then_some("lost");
            let other = (holds.is_empty() && has != right).then_some("other than what is right");
            let wrong = twice.or(lost).or(other)?;
            Some(format!("{wrong}: {who} {} on day {n}, {has:?} for {right:?}, had {had:?}", PLANS[line]))
        });
        wrong.or_else(|| self.said_wrongly())
    }

    /// Reasons: death is the employee's own, and whoever goes on is told as a survivor.
    fn said_wrongly(&self) -> Option<String> {
        let told = |decision: &Decision| decision.change.iter().flat_map(|c| c.members.clone()).collect::<Vec<_>>();
        let died = self.files.family.employment.end_reason == Some(EndReason::Died);
        let of_family = |said: &MemberChange| {
            let own = said.person.relationship == Relationship::Subscriber;
            let due = if own { Reason::Death } else { Reason::BenefitsEnded };
            let ends = said.maintenance == Maintenance::Terminate && died;
            ends && said.reason != Some(due)
                && said.coverages.iter().all(|s| s.coverage.event != Some(LifeEvent::Death))
        };
        let of_own = |said: &MemberChange| {
            said.employment.survivor_of.is_none()
                || (said.maintenance == Maintenance::Add && said.reason != Some(Reason::Survivor))
        };
        let (family, own) = (told(&self.family), self.own.as_ref().map(told).unwrap_or_default());
        let wrong = family.iter().find(|said| of_family(said)).or_else(|| own.iter().find(|said| of_own(said)));
        wrong.map(|said| format!("{:?} {:?} of {}", said.maintenance, said.reason, said.person.key.reveal()))
    }
}

#[test]
fn whoever_is_left_behind_has_what_plan_documents_give_and_nobody_is_covered_twice() {
    let usual = ProptestConfig::default().cases;
    let cases = if usual == 256 { 400 } else { usual };
    let config =
        ProptestConfig { cases, rng_seed: RngSeed::Fixed(834), failure_persistence: None, ..Default::default() };
    let (answered, all, asked) = (Cell::new(0), Cell::new(0), Cell::new(BTreeSet::new()));
    TestRunner::new(config)
        .run(&any_death(), |death| {
            let mut told = Told::default();
            for (night, as_of) in NIGHTS.into_iter().enumerate() {
                let decided = decided(&death, night, &told);
                let wrong = decided.wrong(&death, night);
                prop_assert_eq!(wrong, None, "on {}, asked {:?}", as_of, decided.holds());
                let mut codes = asked.take();
                codes.extend(decided.holds());
                asked.set(codes);
                all.set(all.get() + usize::from(death.is_known(night)));
                answered.set(answered.get() + usize::from(death.is_known(night) && decided.holds().is_empty()));
                told = decided.after;
            }
            Ok(())
        })
        .unwrap();
    assert!(answered.get() * 4 > all.get(), "{} of {} nights are compared", answered.get(), all.get());
    assert_eq!(asked.take(), BTreeSet::from(["REC018", "REC029"]));
}
