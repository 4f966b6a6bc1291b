//! Fortnights in memory: mixed faults from a seed, and operators who do what the board prints and nothing else. Where
//! states may go, how a run stands, what is printed of it, which acts fit, what an answer does and when a feed is due
//! are the program's own; the store, the network and the carrier are not. One carrier shows what it was sent, one takes
//! every file at once, one shows nothing. Each fortnight must end with every delivery settled, nothing lost and nothing
//! taken twice.
//!
//! `BEX_FORTNIGHTS=100000 BEX_SEED=1 cargo test --test it -- night::fortnight` plays more, from another seed.

use std::collections::{BTreeMap, BTreeSet};

use bex::audit::Action;
use bex::schedule::{Known, Missed, Moment, OnHoliday, Schedule, Standing, Zone, standings};
use bex::state::{
    AckState, Answer, AnswerLevel, Answered, AttemptState, DeliveryState, Effect, RunAct, RunFacts, RunStanding,
    RunState, State as _, Urgency,
};
use chrono::{NaiveDate, NaiveTime, TimeDelta, Weekday};

const FEEDS: usize = 3;
const NIGHTS: i64 = 14;
/// Nights without a fault afterwards: whatever is left comes to its end in them.
const QUIET: i64 = 10;

/// A small generator: the same seed is the same fortnight on every machine.
pub(super) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn in_hundred(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// A file that the carrier has.
struct CarrierFile {
    changes: BTreeSet<u32>,
    /// What it has decided; none while it has not.
    verdict: Option<Answer>,
    answered: bool,
    /// Taken out of the folder: looking does not find it any more.
    taken: bool,
}

struct Run {
    date: NaiveDate,
    run: RunState,
    delivery: Option<DeliveryState>,
    attempts: Vec<AttemptState>,
    number: u32,
    tells: BTreeSet<u32>,
    g999: Option<Answer>,
    objection: Option<AckState>,
    released: bool,
    settled: bool,
    delivered_on: Option<i64>,
    /// What keeps it until somebody mends it.
    gate: bool,
    rebound: bool,
    in_the_way: bool,
}

impl Run {
    fn new(date: NaiveDate) -> Run {
        RunState::Open.begin(Action::RunOpened).unwrap();
        Run {
            date,
            run: RunState::Open,
            delivery: None,
            attempts: Vec::new(),
            number: 0,
            tells: BTreeSet::new(),
            g999: None,
            objection: None,
            released: false,
            settled: false,
            delivered_on: None,
            gate: false,
            rebound: false,
            in_the_way: false,
        }
    }

    fn goes(&mut self, to: RunState, by: Action) {
        self.run.go_over(to, by).unwrap();
        self.run = to;
    }

    fn delivery_goes(&mut self, to: DeliveryState, by: Action) {
        let from = self.delivery.unwrap();
        from.go_over(to, by).unwrap_or_else(|fault| panic!("{from:?} to {to:?} by {by:?}: {fault}"));
        self.delivery = Some(to);
    }

    fn attempt_goes(&mut self, to: AttemptState, by: Action) {
        let last = self.attempts.last_mut().unwrap();
        last.go_over(to, by).unwrap();
        *last = to;
    }

    fn may_be_published(&self) -> bool {
        let delivered = self.delivery.is_some_and(|it| it.is_delivered() || it == DeliveryState::Uncertain);
        delivered || self.attempts.iter().any(|attempt| attempt.may_be_published())
    }

    fn standing(&self, today: i64) -> RunStanding {
        let overdue = self.delivered_on.is_some_and(|then| today > then + 1);
        RunFacts {
            run: self.run,
            delivery: self.delivery,
            attempt: self.attempts.last().copied(),
            may_be_published: self.may_be_published(),
            g999: self.g999.filter(|_| !self.settled),
            objection: self.objection,
            overdue: overdue && self.delivery == Some(DeliveryState::Delivered),
        }
        .standing()
    }
}

/// What a carrier lets be seen of what it was sent.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Style {
    /// Files stand in its folder until it takes them.
    #[default]
    Seen,
    /// It takes every file away at once.
    Swept,
    /// It shows nothing of its folder.
    Blind,
}

const STYLES: [Style; FEEDS] = [Style::Seen, Style::Swept, Style::Blind];

#[derive(Default)]
struct Feed {
    style: Style,
    /// Changes that nobody has been told of and no run is about to tell.
    pending: BTreeSet<u32>,
    runs: Vec<Run>,
    settled: Option<NaiveDate>,
    carrier: BTreeMap<u32, CarrierFile>,
    /// Numbers that came to the carrier more than once.
    twice: u32,
}

struct Office {
    chance: Chance,
    schedule: Schedule,
    since: Moment,
    feeds: Vec<Feed>,
    next_number: u32,
    next_change: u32,
    today: i64,
    quiet: bool,
    acts: u32,
}

fn day(n: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + TimeDelta::days(n)
}

impl Office {
    fn new(seed: u64) -> Office {
        let schedule = Schedule {
            days: (0..5).map(|day| Weekday::try_from(day).unwrap()).collect(),
            time: NaiveTime::from_hms_opt(21, 0, 0).unwrap(),
            zone: Zone::named("America/Chicago").unwrap(),
            cut_off: NaiveTime::from_hms_opt(5, 0, 0).unwrap(),
            calendar: None,
            on_holiday: OnHoliday::Skip,
            after: Vec::new(),
            missed: Missed::Ask,
        };
        Office {
            chance: Chance(seed),
            schedule,
            since: Moment::parse("2026-03-02T12:00:00Z").unwrap(),
            feeds: STYLES.map(|style| Feed { style, ..Feed::default() }).into(),
            next_number: 1,
            next_change: 1,
            today: 0,
            quiet: false,
            acts: 0,
        }
    }

    /// Whether a fault happens.
    fn fault(&mut self, percent: u64) -> bool {
        !self.quiet && self.chance.in_hundred(percent)
    }

    // ── the night ──

    fn night(&mut self) {
        for n in 0..FEEDS {
            for _ in 0..if self.quiet { 0 } else { self.chance.next() % 4 } {
                self.feeds[n].pending.insert(self.next_change);
                self.next_change += 1;
            }
        }
        // A machine that is down all night makes no pass.
        if self.fault(8) {
            return;
        }
        let now = Moment::parse(&format!("{}T04:00:00Z", day(self.today + 1))).unwrap();
        (0..FEEDS).for_each(|n| self.pass(n, now));
    }

    fn pass(&mut self, n: usize, now: Moment) {
        let feed = &self.feeds[n];
        let counted = feed.runs.iter().filter(|run| run.run != RunState::Void);
        let known = Known { since: self.since, newest: counted.map(|run| run.date).max(), settled: feed.settled };
        let due = standings(&self.schedule, None, &known, now).into_iter().filter(|(_, it)| *it == Standing::Due);
        let dates: Vec<NaiveDate> = due.map(|(slot, _)| slot.date).collect();
        dates.into_iter().for_each(|date| self.run_feed(n, date));
    }

    /// As a feed's run is opened: what is unfinished comes first.
    fn run_feed(&mut self, n: usize, date: NaiveDate) {
        if let Some(last) = self.feeds[n].runs.len().checked_sub(1) {
            match self.feeds[n].runs[last].run {
                RunState::Done | RunState::Void => {}
                RunState::Held => return,
                RunState::Open | RunState::Failed | RunState::Uncertain => self.resume(n, last),
            }
            if !self.feeds[n].runs[last].run.is_final() {
                return;
            }
        }
        self.feeds[n].runs.push(Run::new(date));
        self.feeds[n].settled = self.feeds[n].settled.max(Some(date));
        self.carry_on(n, self.feeds[n].runs.len() - 1);
    }

    fn resume(&mut self, n: usize, r: usize) {
        let run = &mut self.feeds[n].runs[r];
        if matches!(run.run, RunState::Held | RunState::Failed) {
            run.goes(RunState::Open, Action::RunResumed);
            run.objection = run.objection.filter(|kind| *kind != AckState::Premature);
        }
        self.carry_on(n, r);
    }

    fn carry_on(&mut self, n: usize, r: usize) {
        if self.feeds[n].runs[r].delivery.is_none() && !self.number(n, r) {
            return;
        }
        if self.feeds[n].runs[r].may_be_published() {
            return self.look(n, r);
        }
        let (refuses, rebinds) = (self.fault(4), self.fault(4));
        let run = &mut self.feeds[n].runs[r];
        if run.delivery == Some(DeliveryState::Numbered) {
            run.gate |= refuses;
            if run.gate {
                return run.goes(RunState::Held, Action::RunHeld);
            }
            run.delivery_goes(DeliveryState::Sealed, Action::DeliverySealed);
        }
        run.rebound |= rebinds;
        if run.rebound {
            return run.goes(RunState::Held, Action::RunHeld);
        }
        self.attempt(n, r);
    }

    /// Decides and numbers; `false` where the run ends or stops before.
    fn number(&mut self, n: usize, r: usize) -> bool {
        let guarded = self.fault(8);
        let (feed, number) = (&mut self.feeds[n], self.next_number);
        if feed.pending.is_empty() {
            feed.runs[r].goes(RunState::Done, Action::RunEmpty);
            return false;
        }
        if guarded && !feed.runs[r].released {
            feed.runs[r].goes(RunState::Held, Action::RunHeld);
            return false;
        }
        DeliveryState::Numbered.begin(Action::DeliveryNumbered).unwrap();
        let run = &mut feed.runs[r];
        (run.delivery, run.number, run.tells) =
            (Some(DeliveryState::Numbered), number, std::mem::take(&mut feed.pending));
        self.next_number += 1;
        // Killed between two commits.
        !self.fault(4)
    }

    fn attempt(&mut self, n: usize, r: usize) {
        let (down, taken, killed) = (self.fault(12), self.fault(5), self.fault(5));
        let run = &mut self.feeds[n].runs[r];
        if run.in_the_way || taken {
            if run.attempts.last().is_none_or(|last| *last != AttemptState::Intent) {
                run.attempts.push(AttemptState::Intent);
            }
            run.in_the_way = true;
            run.delivery_goes(DeliveryState::Sending, Action::DeliveryIntent);
            run.delivery_goes(DeliveryState::Held, Action::DeliveryHeld);
            return run.goes(RunState::Held, Action::DeliveryHeld);
        }
        run.attempts.push(AttemptState::Intent);
        run.delivery_goes(DeliveryState::Sending, Action::DeliveryIntent);
        if down {
            run.attempt_goes(AttemptState::Failed, Action::DeliveryFailed);
            run.delivery_goes(DeliveryState::Sealed, Action::DeliveryFailed);
            return run.goes(RunState::Failed, Action::DeliveryFailed);
        }
        run.attempt_goes(AttemptState::Verified, Action::DeliveryVerified);
        if killed {
            // What it has left is not published: the next attempt begins anew, after it was put back to sealed.
            run.attempt_goes(AttemptState::Failed, Action::DeliveryFailed);
            return run.delivery_goes(DeliveryState::Sealed, Action::DeliveryFailed);
        }
        run.attempt_goes(AttemptState::Publishing, Action::DeliveryPublishing);
        self.publish(n, r);
    }

    fn publish(&mut self, n: usize, r: usize) {
        let (lost, arrives, taken) = (self.fault(12), self.chance.in_hundred(50), self.chance.in_hundred(50));
        if !lost || arrives {
            self.arrives(n, r, self.feeds[n].style == Style::Swept || (lost && taken));
        }
        if lost {
            let run = &mut self.feeds[n].runs[r];
            run.delivery_goes(DeliveryState::Uncertain, Action::DeliveryUncertain);
            return run.goes(RunState::Uncertain, Action::DeliveryUncertain);
        }
        // Killed after the rename and before the proof.
        if !self.fault(5) {
            self.delivered(n, r, Action::DeliveryDelivered);
        }
    }

    fn arrives(&mut self, n: usize, r: usize, taken: bool) {
        let (number, changes) = (self.feeds[n].runs[r].number, self.feeds[n].runs[r].tells.clone());
        let file = CarrierFile { changes, verdict: None, answered: false, taken };
        if self.feeds[n].carrier.insert(number, file).is_some() {
            self.feeds[n].twice += 1;
        }
    }

    fn delivered(&mut self, n: usize, r: usize, by: Action) {
        let today = self.today;
        let run = &mut self.feeds[n].runs[r];
        if run.attempts.last() != Some(&AttemptState::Delivered) {
            run.attempt_goes(AttemptState::Delivered, by);
        }
        run.delivery_goes(DeliveryState::Delivered, by);
        run.goes(RunState::Done, by);
        run.delivered_on = Some(today);
    }

    /// What may have been published is looked for, and sent by itself only where it is seen not to be.
    fn look(&mut self, n: usize, r: usize) {
        let number = self.feeds[n].runs[r].number;
        let is_seen = self.feeds[n].style != Style::Blind;
        match self.feeds[n].carrier.get(&number).map(|file| file.taken).filter(|_| is_seen) {
            Some(false) => self.delivered(n, r, Action::DeliveryDelivered),
            // Neither name stands there, or none is shown: taken, or cleaned away.
            Some(true) | None => {
                let run = &mut self.feeds[n].runs[r];
                run.delivery_goes(DeliveryState::Uncertain, Action::DeliveryUncertain);
                if run.run == RunState::Open {
                    run.goes(RunState::Uncertain, Action::DeliveryUncertain);
                }
            }
        }
    }

    // ── what carriers answer ──

    fn answers(&mut self) {
        for n in 0..FEEDS {
            let numbers: Vec<u32> = self.feeds[n].carrier.keys().copied().collect();
            for number in numbers {
                self.answer(n, number);
            }
            if self.fault(3) {
                let never = |run: &Run| !run.attempts.iter().any(|attempt| attempt.may_be_answered());
                let unsent = |run: &Run| run.delivery == Some(DeliveryState::Sealed) && never(run);
                if let Some(r) = self.feeds[n].runs.iter().position(unsent) {
                    self.comes(n, r, Answer::Accepted);
                }
            }
        }
    }

    fn answer(&mut self, n: usize, number: u32) {
        let late = self.fault(10);
        let verdict = match self.chance.next() % 100 {
            0..8 if !self.quiet => Answer::Rejected,
            8..14 if !self.quiet => Answer::Errors,
            _ => Answer::Accepted,
        };
        let file = self.feeds[n].carrier.get_mut(&number).unwrap();
        if file.answered || late {
            return;
        }
        file.answered = true;
        file.taken = true;
        let said = *file.verdict.get_or_insert(verdict);
        let Some(r) = self.feeds[n].runs.iter().position(|run| run.number == number) else { return };
        // Rarely it says otherwise a moment later; what holds, it says when asked.
        let contradicts = said == Answer::Rejected && self.fault(30);
        if contradicts {
            self.comes(n, r, Answer::Accepted);
        }
        self.comes(n, r, said);
    }

    fn comes(&mut self, n: usize, r: usize, answer: Answer) {
        let run = &self.feeds[n].runs[r];
        let may_be_answered = run.may_be_published() || run.attempts.iter().any(|attempt| attempt.may_be_answered());
        let effect = Answered {
            delivery: run.delivery.unwrap(),
            may_be_answered,
            ta1: None,
            g999: run.g999,
            awaits_group: true,
            level: AnswerLevel::Group,
            answer,
        };
        match effect.effect() {
            Effect::Premature => self.premature(n, r),
            Effect::Contradicts => self.feeds[n].runs[r].objection = Some(AckState::Contradicting),
            Effect::Noted => self.feeds[n].runs[r].g999 = Some(answer),
            Effect::Settles(to) => {
                let run = &mut self.feeds[n].runs[r];
                run.g999 = Some(answer);
                if !run.delivery.unwrap().is_delivered() {
                    self.delivered(n, r, Action::AckApplied);
                }
                self.feeds[n].runs[r].delivery_goes(to, Action::AckApplied);
                if to == DeliveryState::Rejected {
                    self.take_back(n, r);
                }
            }
        }
    }

    fn premature(&mut self, n: usize, r: usize) {
        let run = &mut self.feeds[n].runs[r];
        run.objection = Some(AckState::Premature);
        if matches!(run.run, RunState::Open | RunState::Failed) {
            run.goes(RunState::Held, Action::AckPremature);
        }
    }

    fn take_back(&mut self, n: usize, r: usize) {
        let tells = self.feeds[n].runs[r].tells.clone();
        self.feeds[n].pending.extend(tells);
    }

    // ── the morning ──

    /// Somebody reads the board and does what it prints, as far as they come.
    fn morning(&mut self) {
        for n in 0..FEEDS {
            for r in 0..self.feeds[n].runs.len() {
                if self.wants(n, r) && (self.quiet || self.chance.in_hundred(70)) {
                    self.operate(n, r);
                }
            }
            self.missed(n);
        }
    }

    fn wants(&self, n: usize, r: usize) -> bool {
        let standing = self.feeds[n].runs[r].standing(self.today);
        let over = standing == RunStanding::Rejected && r + 1 < self.feeds[n].runs.len();
        standing.row().urgency <= Urgency::Today && !over
    }

    /// A slot that was missed: the board prints `bex run FEED --date D`.
    fn missed(&mut self, n: usize) {
        let now = Moment::parse(&format!("{}T14:00:00Z", day(self.today + 1))).unwrap();
        let feed = &self.feeds[n];
        let counted = feed.runs.iter().filter(|run| run.run != RunState::Void);
        let known = Known { since: self.since, newest: counted.map(|run| run.date).max(), settled: feed.settled };
        let slots = standings(&self.schedule, None, &known, now);
        if let Some((slot, _)) = slots.iter().find(|(_, standing)| *standing == Standing::Missed) {
            self.run_feed(n, slot.date);
        }
    }

    /// Does the first thing of what is printed that the carrier's own word, or the state of the matter, calls for.
    fn operate(&mut self, n: usize, r: usize) {
        self.acts += 1;
        let row = self.feeds[n].runs[r].standing(self.today).row();
        let printed: Vec<&str> = row.next.split('`').skip(1).step_by(2).collect();
        let says = |what: &str| printed.iter().any(|text| text.contains(what));
        let has_it = self.feeds[n].carrier.contains_key(&self.feeds[n].runs[r].number);
        let act = if says("attest RUN --delivered") && has_it {
            RunAct::AttestDelivered
        } else if says("--not-delivered") {
            RunAct::AttestAbsent
        } else if says("settle RUN") {
            self.asked(n, r)
        } else if says("bex release RUN") && self.chance.in_hundred(70) {
            RunAct::Release
        } else if says("bex void RUN") && !says("bex resume RUN") && !says("bex rebuild RUN") {
            RunAct::Void
        } else if says("bex rebuild RUN") {
            RunAct::Rebuild
        } else if says("bex resume RUN") {
            RunAct::Resume
        } else if says("bex run FEED") {
            return self.run_feed(n, day(self.today));
        } else {
            assert!(says("bex acks"), "nothing printed can be done: {}", row.next);
            return self.ask_for_the_answer(n, r);
        };
        assert!(row.permits(act), "{:?} is printed and does not fit {:?}", act, row.standing);
        self.act(n, r, act);
    }

    /// What the carrier says when it is asked which answer holds.
    fn asked(&self, n: usize, r: usize) -> RunAct {
        let file = self.feeds[n].carrier.get(&self.feeds[n].runs[r].number);
        let rejected = file.is_none_or(|file| file.verdict == Some(Answer::Rejected));
        if rejected { RunAct::SettleRejected } else { RunAct::SettleAccepted }
    }

    fn ask_for_the_answer(&mut self, n: usize, r: usize) {
        let number = self.feeds[n].runs[r].number;
        if let Some(file) = self.feeds[n].carrier.get_mut(&number) {
            file.verdict.get_or_insert(Answer::Accepted);
        }
    }

    fn act(&mut self, n: usize, r: usize, act: RunAct) {
        let run = &mut self.feeds[n].runs[r];
        let attested = Action::DeliveryAttested;
        match act {
            RunAct::Resume => {
                // The cause is mended first, as is printed.
                (run.in_the_way, run.gate) = (false, false);
                self.resume(n, r);
                // Refused with RUN026, which prints what to do instead.
                if self.feeds[n].runs[r].rebound && self.feeds[n].runs[r].run == RunState::Held {
                    let row = self.feeds[n].runs[r].standing(self.today).row();
                    assert!(row.permits(RunAct::Rebuild), "{:?}", row.standing);
                    self.act(n, r, RunAct::Rebuild);
                }
            }
            RunAct::Release => {
                run.released = true;
                run.goes(RunState::Open, Action::RunReleased);
                self.carry_on(n, r);
            }
            RunAct::Void => self.void(n, r),
            RunAct::Rebuild => {
                self.void(n, r);
                let date = self.feeds[n].runs[r].date;
                self.feeds[n].runs.push(Run::new(date));
                self.carry_on(n, self.feeds[n].runs.len() - 1);
            }
            RunAct::AttestAbsent => {
                run.attempt_goes(AttemptState::Absent, attested);
                run.delivery_goes(DeliveryState::Sealed, attested);
                run.goes(RunState::Failed, attested);
            }
            RunAct::AttestDelivered => self.delivered(n, r, attested),
            RunAct::SettleAccepted => self.settle(n, r, DeliveryState::Accepted),
            RunAct::SettleRejected => self.settle(n, r, DeliveryState::Rejected),
            other => panic!("{other:?} is never printed as the next thing to do"),
        }
    }

    fn void(&mut self, n: usize, r: usize) {
        let run = &mut self.feeds[n].runs[r];
        if !run.run.is_final() {
            assert!(!run.may_be_published(), "given up though it may be there");
            if run.delivery.is_some() {
                run.delivery_goes(DeliveryState::Void, Action::RunVoided);
            }
            run.goes(RunState::Void, Action::RunVoided);
            self.take_back(n, r);
        }
    }

    fn settle(&mut self, n: usize, r: usize, to: DeliveryState) {
        let run = &mut self.feeds[n].runs[r];
        let was_told = run.delivery.unwrap().is_told();
        run.delivery_goes(to, Action::DeliverySettled);
        (run.objection, run.settled) = (None, true);
        if was_told && !to.is_told() {
            self.take_back(n, r);
        } else if !was_told && to.is_told() {
            let tells = run.tells.clone();
            self.feeds[n].pending.retain(|change| !tells.contains(change));
        }
    }

    // ── the end ──

    fn fortnight(&mut self) {
        for night in 0..NIGHTS + QUIET {
            (self.today, self.quiet) = (night, night >= NIGHTS);
            self.night();
            self.answers();
            self.morning();
        }
    }

    fn holds(&self, seed: u64) {
        for (n, feed) in self.feeds.iter().enumerate() {
            for (r, run) in feed.runs.iter().enumerate() {
                let standing = run.standing(self.today);
                let settled = !self.wants(n, r) && standing.row().urgency != Urgency::Waits;
                assert!(settled, "seed {seed}: run {r} of feed {n} is {standing:?}");
            }
            assert_eq!(feed.twice, 0, "seed {seed}: a file came twice to the carrier of feed {n}");
            assert!(feed.pending.is_empty(), "seed {seed}: feed {n} has not told {:?}", feed.pending);
        }
        for change in 1..self.next_change {
            let accepted = |file: &&CarrierFile| {
                file.changes.contains(&change) && file.verdict.is_some_and(|verdict| verdict != Answer::Rejected)
            };
            let times = self.feeds.iter().flat_map(|feed| feed.carrier.values()).filter(accepted).count();
            assert_eq!(times, 1, "seed {seed}: change {change} is known to its carrier {times} times");
        }
    }
}

/// A number of the environment, or the usual one.
pub(super) fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn fortnights_of_mixed_faults_end_with_every_delivery_settled_by_what_the_board_prints_and_nothing_lost_or_twice() {
    let (first, count) = (number("BEX_SEED", 1), number("BEX_FORTNIGHTS", 2000));
    let (mut acts, mut met) = (0, BTreeSet::new());
    for seed in first..first + count {
        let mut office = Office::new(seed);
        office.fortnight();
        office.holds(seed);
        acts += office.acts;
        met.extend(office.feeds.iter().flat_map(|feed| feed.runs.iter().map(|run| run.standing(office.today) as u8)));
    }
    assert!(u64::from(acts) > count * 3, "faults have kept somebody busy: {acts} acts");
    assert!(met.len() >= 3, "{met:?}");
}
