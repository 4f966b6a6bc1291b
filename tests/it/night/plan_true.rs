//! Five hundred random nights: whatever an employer sends, what a plan says is what the run does. Files come, do not
//! come, are cut off, empty, old or sent twice; families come, go, move, marry and cannot be read; mappings change;
//! carriers accept, reject or do not answer; guards hold, and a person releases or gives up.
//!
//! `BEX_NIGHTS=20000 BEX_SEED=1 cargo test --test it -- night::plan_true` plays more, from another seed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bex::access::Concern;
use bex::act::{self, Grounds, LetGo};
use bex::config;
use bex::engine::clock::Clock;
use bex::engine::{Engine, Steps};
use bex::night::{Night, Turn, feed_named, run_night};
use bex::run::{self, Cause, Outcome, StandingRun};
use bex::state::{RunAct, RunStanding};
use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::fortnight::{Chance, number};
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

const FEED: &str = "example-feed";
const GROUNDS: Grounds<'_> = Grounds { reason: "asked", evidence: Some("ticket 4711"), asked: None };
const FAMILIES: u64 = 9;
/// Nights of one employer, before another one begins.
const NIGHTS_OF_ONE: u64 = 25;

/// A family as its employer knows it.
#[derive(Clone, Copy)]
struct Household {
    number: u64,
    in_census: bool,
    elects: bool,
    waives: bool,
    spouse: bool,
    child: bool,
    street: u64,
    left: bool,
    /// Nobody can read the employee's birth date.
    unreadable: bool,
    /// Cover begins longer ago than anybody is told of by itself.
    late: bool,
    /// The employee stands in the census twice.
    twice: bool,
}

impl Household {
    fn new(number: u64) -> Household {
        Household {
            number,
            in_census: true,
            elects: true,
            waives: false,
            spouse: false,
            child: false,
            street: 30,
            left: false,
            unreadable: false,
            late: false,
            twice: false,
        }
    }

    fn changes(&mut self, chance: &mut Chance) {
        match chance.next() % 12 {
            0 | 1 => self.street += 1,
            2 => self.spouse = !self.spouse,
            3 => self.child = !self.child,
            4 => self.in_census = !self.in_census,
            5 => self.elects = !self.elects,
            6 => self.waives = !self.waives,
            7 => self.left = !self.left,
            8 => self.unreadable = !self.unreadable,
            9 => self.late = !self.late,
            10 => self.twice = !self.twice,
            _ => {}
        }
    }

    fn census(&self, into: &mut String) {
        let Household { number: n, street, .. } = self;
        let name = char::from(b'a' + *n as u8);
        let born = if self.unreadable { "13/45/1979" } else { "04/12/1979" };
        let (status, left) = if self.left { ("T", "02/27/2026") } else { ("A", "") };
        let reason = if self.left { "VOLUNTARY" } else { "" };
        for _ in 0..if self.twice { 2 } else { 1 } {
            let _ = writeln!(
                into,
                "EXE-{n},00,EE,Probe{name},Ada,899-31-{n}001,{born},F,{street} Example Way,Springfield,IL,62701,\
                 217-555-0141,{status},05/19/2014,{left},{reason},G7"
            );
        }
        if self.spouse {
            let _ = writeln!(into, "EXE-{n},01,SP,Probe{name},Bo,899-31-{n}002,09/30/1981,M,,,,,,,,,,");
        }
        if self.child {
            let _ = writeln!(into, "EXE-{n},02,Dep,Probe{name},Cy,,02/11/2020,M,,,,,,,,,,");
        }
    }

    fn elections(&self, into: &mut String) {
        let (level, covered) = match (self.spouse, self.child) {
            (true, true) => ("FAM", "01;02"),
            (true, false) => ("ES", "01"),
            (false, true) => ("EC", "02"),
            (false, false) => ("EE", ""),
        };
        let from = if self.late { "06/01/2025" } else { "01/01/2026" };
        let waived = if self.waives { "Y" } else { "N" };
        let _ = writeln!(into, "EXE-{},Medical PPO,{level},{from},,{covered},204.10,OE,{waived}", self.number);
    }
}

/// An employer, its carrier, and the office between them.
struct Story {
    chance: Chance,
    feed: FirstFeed,
    families: Vec<Household>,
    day: NaiveDate,
    /// What the nights came to, so that no story is about nothing.
    met: BTreeSet<&'static str>,
}

impl Story {
    fn new(seed: u64) -> Story {
        let families = (1..=FAMILIES).map(Household::new).collect();
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        Story { chance: Chance::new(seed), feed: FirstFeed::new(), families, day, met: BTreeSet::new() }
    }

    fn engine(&self) -> Engine {
        let moment = self.day.and_time(NaiveTime::from_hms_opt(22, 0, 0).unwrap()).and_utc();
        Engine::open(config::load(&self.feed.site()).unwrap(), Clock::fixed_at(moment), Steps::default()).unwrap()
    }

    /// What the employer sends before the night.
    fn evening(&mut self) {
        for n in 0..self.families.len() {
            if self.chance.in_hundred(12) {
                self.families[n].changes(&mut self.chance);
            }
        }
        let head = |text: &str| format!("{}\n", text.lines().next().unwrap());
        let (mut census, mut elections) = (head(CENSUS), head(ELECTIONS));
        self.families.iter().filter(|family| family.in_census).for_each(|family| family.census(&mut census));
        self.families.iter().filter(|family| family.elects).for_each(|family| family.elections(&mut elections));
        for (name, text) in [("census", census), ("elections", elections)] {
            self.sends(name, &text);
        }
        if self.chance.in_hundred(4) {
            let mapping = std::fs::read_to_string(self.feed.site().join(CENSUS_MAPPING)).unwrap();
            let (with, without) = ("phone = \"Phone\"\n", "# no phone\n");
            let (from, to) = if mapping.contains(with) { (with, without) } else { (without, with) };
            self.feed.edit(CENSUS_MAPPING, from, to);
        }
    }

    fn sends(&mut self, name: &str, text: &str) {
        let cut = text.len() - (self.chance.next() as usize % text.len()) / 2;
        match self.chance.next() % 100 {
            0..20 => {}
            20..23 => self.feed.sends(&format!("{name}.csv"), ""),
            23..26 => self.feed.sends(&format!("{name}.csv"), &text.as_bytes()[..cut]),
            26..29 => self.feed.sends(&format!("{name}_20260101.csv"), text),
            29..33 => {
                self.feed.sends(&format!("{name}.csv"), text);
                self.feed.sends(&format!("{name}-again.csv"), text);
            }
            _ => self.feed.sends(&format!("{name}.csv"), text),
        }
    }

    /// The plan, then the run, and what differs between them.
    fn night(&mut self, engine: &Engine, what: &str) {
        let feed = feed_named(&engine.site, FEED).unwrap();
        let planned = run::plan(engine, feed, self.day);
        let turn = Turn { feed, date: self.day, cause: Cause::Asked };
        let night = Night { turns: vec![turn], jobs: 1, expected: std::collections::BTreeMap::new() };
        let report = run_night(engine, &night, &mut |_| {}).unwrap();
        let ran = &report.feeds[0];
        let outcome = &ran.outcome;
        let codes = |faults: &[bex::fault::Fault]| faults.iter().map(|fault| fault.code).collect::<Vec<_>>();
        let said = codes(outcome.faults());
        self.met.insert(outcome.word());
        let planned = match planned {
            Ok(planned) => planned.decided,
            Err(fault) => {
                assert_eq!((outcome.word(), said), ("failed", vec![fault.code]), "{what}");
                return;
            }
        };
        assert_eq!(codes(&planned.guards), if matches!(outcome, Outcome::Held(_)) { said } else { vec![] }, "{what}");
        let expected = match (planned.guards.is_empty(), planned.staged) {
            (false, _) => "held",
            (true, 0) => "nothing to send",
            (true, _) => "delivered",
        };
        assert_eq!(outcome.word(), expected, "{what}: {outcome:?}");
        assert_eq!(ran.run.as_ref().unwrap().tally(), planned.tally, "{what}");
        let asked: BTreeSet<(String, String)> =
            ran.questions.iter().map(|asked| (asked.member(), asked.hold.code.clone())).collect();
        let foretold: BTreeSet<(String, String)> =
            planned.holds.iter().map(|(key, fault)| (key.short(), fault.code.to_string())).collect();
        assert_eq!(asked, foretold, "{what}: questions");
        if !asked.is_empty() {
            self.met.insert("questions");
        }
    }

    /// What people and the carrier do about the newest run before the next night.
    fn morning(&mut self, engine: &Engine) {
        let Some(newest) = engine.store.newest_run(FEED).unwrap() else { return };
        let stands = StandingRun::of(engine, newest).unwrap();
        let run = stands.run.id;
        let lot = self.chance.next() % 100;
        if stands.standing == RunStanding::Guarded {
            if lot < 60 {
                let asked = LetGo { run, reason: "asked", except: &[] };
                act::release(engine, &asked, &engine.grant(Concern::Anywhere).unwrap()).unwrap();
            } else {
                run::void(engine, run, "asked", &engine.grant(Concern::Anywhere).unwrap()).unwrap();
            }
        }
        let decided = match lot {
            0..60 => RunAct::SettleAccepted,
            60..70 => RunAct::SettleRejected,
            _ => return,
        };
        // What does not fit how it stands is refused, as it is to anybody.
        if let Ok(plan) = act::plan(engine, run, decided) {
            act::settle(engine, &plan, &GROUNDS, &engine.grant(Concern::Anywhere).unwrap()).unwrap();
        }
    }
}

/// A quarter of the nights.
fn what_is_planned_is_done(quarter: u64) {
    let (first, nights) = (number("BEX_SEED", 1), number("BEX_NIGHTS", 500).div_ceil(4));
    let mut met = BTreeSet::new();
    for story in 0..nights.div_ceil(NIGHTS_OF_ONE) {
        let seed = first + story * 4 + quarter;
        let mut of = Story::new(seed);
        for night in 0..NIGHTS_OF_ONE {
            of.evening();
            let engine = of.engine();
            of.night(&engine, &format!("seed {seed}, night {night}"));
            of.morning(&engine);
            of.day += TimeDelta::days(1);
        }
        met.extend(of.met);
    }
    assert!(
        ["delivered", "nothing to send", "held", "failed", "questions"].iter().all(|end| met.contains(end)),
        "{met:?}"
    );
}

#[test]
fn on_random_nights_what_a_plan_says_is_what_the_run_does_the_first_quarter() {
    what_is_planned_is_done(0);
}

#[test]
fn on_random_nights_what_a_plan_says_is_what_the_run_does_the_second_quarter() {
    what_is_planned_is_done(1);
}

#[test]
fn on_random_nights_what_a_plan_says_is_what_the_run_does_the_third_quarter() {
    what_is_planned_is_done(2);
}

#[test]
fn on_random_nights_what_a_plan_says_is_what_the_run_does_the_last_quarter() {
    what_is_planned_is_done(3);
}
