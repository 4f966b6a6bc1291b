//! One night: its sources taken in, its feeds run, one after the other or side by side.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::board::{OpenQuestion, questions_asked_by};
use super::expected::waits_for_file;
use super::lanes::{LaneTurn, Lanes};
use super::missed;
use super::rules;
use super::waits::waits_for;
use crate::access::rules::AWAITS_APPROVAL;
use crate::config::Site;
use crate::engine::clock::{Clock, Stopwatch};
use crate::engine::rules::BUSY;
use crate::engine::{Engine, Workplace};
use crate::fault::{Fault, Label, Place, Severity};
use crate::mapping::Feed;
use crate::model::ids::FeedName;
use crate::reconcile::questions::UNREADABLE_ROW;
use crate::run::rules::CLOCK_JUMPED;
use crate::run::{self, Cause, Exit, Outcome, source_approved};
use crate::state::RunState;
use crate::store::RunRow;
use crate::take_in::{TakenIn, WaitingInput, is_unsaid, sweep, take_in, unsaid, waiting_inputs};

/// The feeds whose turn it is, each with its business date.
pub struct Night<'n> {
    /// Who runs, in this order.
    pub turns: Vec<Turn<'n>>,
    /// How many carriers are served at once.
    pub jobs: usize,
    /// Sources that are looked at although no feed is to run: their files are expected by now.
    pub expected: BTreeMap<String, NaiveDate>,
}

/// A feed that is to run for a business date.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'n> {
    /// The configured feed itself.
    pub feed: &'n Feed,
    /// The business date.
    pub date: NaiveDate,
    /// Whether somebody asks for it, or its slot is due.
    pub cause: Cause,
}

impl<'n> Turn<'n> {
    /// A feed's turn for the date that was asked for, or else for the day it is in the feed's zone.
    ///
    /// # Errors
    /// RUN015 when that day has not come yet. A clock that stands still has no future.
    pub fn asked_for(feed: &'n Feed, asked: Option<NaiveDate>, clock: Clock) -> Result<Turn<'n>, Fault> {
        let today = feed.schedule.zone.date(clock.moment());
        let date = asked.unwrap_or(today);
        if date > today && !clock.is_fixed() {
            let fault = rules::FUTURE_DATE.fault().name("feed", feed.name.as_str());
            return Err(fault.name("date", &date.to_string()).name("today", &today.to_string()));
        }
        Ok(Turn { feed, date, cause: Cause::Asked })
    }
}

/// How far a night has come, for whoever watches it.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'p> {
    /// Sources and feeds that are done.
    pub done: usize,
    /// Sources and feeds there are.
    pub total: usize,
    /// What is being done now.
    pub doing: Doing<'p>,
}

/// What a night does next.
#[derive(Clone, Copy, Debug)]
pub enum Doing<'p> {
    /// A source, `census/<source>` or `elections/<source>`, is taken in.
    TakingIn(&'p str),
    /// A feed is run.
    Running(&'p FeedName),
}

/// Everything that is to be said in the morning, as data.
#[derive(Clone, Debug)]
pub struct NightReport {
    /// The newest business date of its feeds.
    pub date: NaiveDate,
    /// Every file that was taken in.
    pub taken_in: Vec<TakenIn>,
    /// What is to be said of files that were left in the inbox or that repeat an earlier one.
    pub notices: Vec<Fault>,
    /// What each feed came to.
    pub feeds: Vec<FeedRan>,
}

/// One feed's outcome, its run and what that run asks people.
#[derive(Clone, Debug)]
pub struct FeedRan {
    /// Who was to run.
    pub feed: FeedName,
    /// The business date.
    pub date: NaiveDate,
    /// How its run ended.
    pub outcome: Outcome,
    /// Its newest run, where it came to one.
    pub run: Option<RunRow>,
    /// The questions this run has asked, or asked again.
    pub questions: Vec<OpenQuestion>,
    /// Whether an earlier pass has told the same of this slot.
    pub told_before: bool,
}

impl NightReport {
    /// The exit status of the whole night.
    pub fn exit(&self) -> Exit {
        let feeds = self.feeds.iter().map(|ran| ran.outcome.exit());
        // A file that could not be taken is a failure of the night, though the feeds ran on what there is.
        let left = self.notices.iter().filter(|fault| fault.severity >= Severity::Error && !is_unsaid(fault));
        let left = left.map(|_| Exit::Failed);
        match Exit::of_all(&feeds.chain(left).collect::<Vec<_>>()) {
            // Every feed ran, but of somebody a row could not be read, or no file has come: somebody may be without
            // coverage until it is mended.
            Exit::Done if self.is_anybody_unread() => Exit::Failed,
            exit => exit,
        }
    }
}

impl NightReport {
    fn is_anybody_unread(&self) -> bool {
        self.feeds.iter().any(FeedRan::has_unread_rows) || self.notices.iter().any(is_unsaid)
    }
}

impl FeedRan {
    /// Whether a family is held because a row of it could not be read.
    fn has_unread_rows(&self) -> bool {
        self.questions.iter().any(|question| UNREADABLE_ROW.is_recorded_as(&question.hold.code))
    }

    /// Whether it has questions, or did not come to an end.
    pub fn needs_somebody(&self) -> bool {
        let ended = matches!(self.outcome.exit(), Exit::Done | Exit::Busy);
        !self.told_before && (!self.questions.is_empty() || !ended)
    }
}

/// The feeds of these names; all of the site's where none is named.
///
/// # Errors
/// CLI003 when there is no feed of a name.
pub fn feeds_named<'s>(site: &'s Site, names: &[String]) -> Result<Vec<&'s Feed>, Fault> {
    if names.is_empty() {
        return Ok(site.feeds.values().collect());
    }
    names.iter().map(|name| feed_named(site, name)).collect()
}

/// The feed of this name.
///
/// # Errors
/// CLI003 when there is none.
pub fn feed_named<'s>(site: &'s Site, name: &str) -> Result<&'s Feed, Fault> {
    FeedName::new(name).and_then(|name| site.feeds.get(&name)).ok_or_else(|| no_such_feed(name))
}

/// Takes in what the feeds read, and runs them. A feed that fails does not keep the others; one of whose sources
/// nothing can be taken in is not run on yesterday's. `watch` is told what is done next.
///
/// # Errors
/// STO001 when the store cannot say what a feed came to.
pub fn run_night(engine: &Engine, night: &Night, watch: &mut dyn FnMut(Progress)) -> Result<NightReport, Fault> {
    let mut sources = night.expected.clone();
    sources.extend(sources_of(&night.turns));
    let total = sources.len() + night.turns.len();
    let mut inbox = Inbox::default();
    for (done, (source, date)) in sources.iter().enumerate() {
        watch(Progress { done, total, doing: Doing::TakingIn(source) });
        inbox.take_in(engine, source, *date);
    }
    let newest = night.turns.iter().map(|turn| turn.date).max().unwrap_or_else(|| engine.clock.today());
    inbox.sweep(engine, newest, night.turns.is_empty())?;
    let mut done = sources.len();
    let mut begun = |turn: &Turn| {
        watch(Progress { done, total, doing: Doing::Running(&turn.feed.name) });
        done += 1;
    };
    let ran = if night.jobs > 1 {
        side_by_side(engine, night, &inbox, &mut begun)?
    } else {
        in_turn(engine, &night.turns, &inbox, &mut begun)?
    };
    let feeds = ran.into_iter().flatten().collect();
    Ok(NightReport { date: newest, taken_in: inbox.taken_in, notices: inbox.notices, feeds })
}

/// Each carrier's one after the other, beside those of others. Whoever asks for a feed means now: only one that is due
/// follows others.
fn side_by_side(
    engine: &Engine,
    night: &Night,
    inbox: &Inbox,
    begun: &mut dyn FnMut(&Turn),
) -> Result<Vec<Option<FeedRan>>, Fault> {
    let turns = night.turns.iter().map(|turn| LaneTurn {
        feed: &turn.feed.name,
        partner: engine.site.partner(&engine.site.carriers[&turn.feed.carrier]),
        after: if turn.cause == Cause::Due { &turn.feed.schedule.after } else { &[] },
    });
    let work = |engine: &Engine, n: usize| run_turn(engine, &night.turns[n], inbox);
    Lanes::new(turns.collect(), &work).run(engine, night.jobs, &mut |n| begun(&night.turns[n]))
}

/// One after the other, so that what comes of a night is the same each time.
fn in_turn(
    engine: &Engine,
    turns: &[Turn],
    inbox: &Inbox,
    begun: &mut dyn FnMut(&Turn),
) -> Result<Vec<Option<FeedRan>>, Fault> {
    let run = |turn: &Turn| {
        begun(turn);
        run_turn(engine, turn, inbox)
    };
    turns.iter().map(run).collect()
}

/// Runs a feed, unless another process is at it: a pass leaves it to that one and to the next pass, and says nothing.
fn run_turn(engine: &Engine, turn: &Turn, inbox: &Inbox) -> Result<Option<FeedRan>, Fault> {
    let (locks, kept) = match engine.work_on_feed(turn.feed.name.as_str()) {
        Ok(locks) => (locks, kept(engine, turn, inbox)?),
        Err(fault) => (Vec::new(), Some(fault)),
    };
    if turn.cause == Cause::Due && kept.as_ref().is_some_and(|fault| fault.is(&BUSY)) {
        return Ok(None);
    }
    let ran = run_unless(engine, turn, kept)?;
    drop(locks);
    Ok(Some(ran))
}

/// The sources that feeds read, each with the newest date it is read for.
fn sources_of(turns: &[Turn]) -> BTreeMap<String, NaiveDate> {
    let mut sources = BTreeMap::new();
    for turn in turns {
        for source in read_by(turn.feed) {
            let date = sources.entry(source).or_insert(turn.date);
            *date = turn.date.max(*date);
        }
    }
    sources
}

/// What came out of the inbox.
#[derive(Default)]
struct Inbox {
    taken_in: Vec<TakenIn>,
    notices: Vec<Fault>,
    /// Why nothing could be taken in, by source.
    closed: BTreeMap<String, Fault>,
}

impl Inbox {
    fn take_in(&mut self, engine: &Engine, source: &str, date: NaiveDate) {
        let stopwatch = Stopwatch::start();
        match source_approved(engine, source) {
            Ok(()) => {}
            // Its files stay where they are; the feeds that read it are held for the same reason.
            Err(waits) if waits.is(&AWAITS_APPROVAL) || waits.is(&CLOCK_JUMPED) => return,
            Err(fault) => return drop(self.closed.insert(source.to_string(), fault)),
        }
        let at = Workplace::Source(source);
        let alone = engine.steps.check_interrupted().and_then(|()| engine.wait_to_work_on(at));
        let taken = alone.and_then(|_alone| take_in(engine, source, date));
        match taken.and_then(|taken| Ok((taken, unsaid(engine, source)?))) {
            Ok(((taken, notices), unsaid)) => {
                taken.iter().for_each(log_taken_in);
                self.taken_in.extend(taken);
                self.notices.extend(notices.into_iter().chain(unsaid));
            }
            Err(fault) => drop(self.closed.insert(source.to_string(), fault.name("source", source))),
        }
        tracing::info!(source, seconds = stopwatch.seconds(), "source taken in");
    }

    /// Takes out of the inboxes what no mapping describes, and says what waits for somebody. A pass in which nothing is
    /// due is silent unless it has found something new.
    fn sweep(&mut self, engine: &Engine, date: NaiveDate, is_idle: bool) -> Result<(), Fault> {
        let before = waiting_inputs(engine)?.len();
        let alone = engine.steps.check_interrupted().and_then(|()| engine.work_on(Workplace::Strangers));
        let left = match alone.and_then(|_alone| sweep(engine, date)) {
            Ok(left) => left,
            // Another process looks after it.
            Err(fault) if fault.is(&BUSY) => Vec::new(),
            Err(fault) => vec![fault],
        };
        let waiting = waiting_inputs(engine)?;
        if !is_idle || waiting.len() > before {
            self.notices.extend(left);
            self.notices.extend(waiting.iter().filter_map(WaitingInput::said));
        }
        Ok(())
    }

    /// Why a feed has nothing to be computed from tonight.
    fn closed_to(&self, feed: &Feed) -> Option<&Fault> {
        read_by(feed).iter().find_map(|source| self.closed.get(source))
    }
}

/// What keeps a feed from being run. Only a feed that is due waits for others: whoever asks for one means now.
fn kept(engine: &Engine, turn: &Turn, inbox: &Inbox) -> Result<Option<Fault>, Fault> {
    match inbox.closed_to(turn.feed) {
        Some(fault) => Ok(Some(fault.clone())),
        None if turn.cause == Cause::Due => match waits_for(engine, turn.feed, turn.date)? {
            Some(fault) => Ok(Some(fault)),
            None => waits_for_file(engine, turn.feed, turn.date),
        },
        None => Ok(None),
    }
}

/// Runs a feed, unless something keeps it from being run or the process was asked to stop.
fn run_unless(engine: &Engine, turn: &Turn, kept: Option<Fault>) -> Result<FeedRan, Fault> {
    let stopwatch = Stopwatch::start();
    let ran = match engine.steps.check_interrupted().err().or(kept) {
        Some(fault) => FeedRan {
            feed: turn.feed.name.clone(),
            date: turn.date,
            outcome: fault.into(),
            run: None,
            questions: Vec::new(),
            told_before: false,
        },
        None => run_feed(engine, turn)?,
    };
    // What keeps a feed that is due stands with its slot, and is looked at again by the next pass.
    if let (Outcome::Failed(fault), None, Cause::Asked) = (&ran.outcome, &ran.run, turn.cause)
        && !fault.is(&BUSY)
    {
        missed::record(engine, turn.feed, turn.date, fault);
    }
    let (feed, date, outcome) = (turn.feed.name.as_str(), turn.date, ran.outcome.word());
    tracing::info!(feed, date = %date, outcome, seconds = stopwatch.seconds(), "feed ran");
    Ok(ran)
}

fn run_feed(engine: &Engine, turn: &Turn) -> Result<FeedRan, Fault> {
    let name = &turn.feed.name;
    let before = engine.store.newest_run(name.as_str())?;
    let outcome = run::run_feed(engine, turn.feed, turn.date, turn.cause);
    let newest = engine.store.newest_run(name.as_str())?;
    let run = newest.filter(|run| is_about(&outcome, run, before.as_ref()));
    let questions = run.as_ref().map_or(Ok(Vec::new()), |run| questions_asked_by(engine, run))?;
    Ok(FeedRan { feed: name.clone(), date: turn.date, outcome, run, questions, told_before: false })
}

/// Whether an outcome is that of the newest run. A feed that fails before it has opened one must not be shown with the
/// counts of an earlier night, which ended long ago.
fn is_about(outcome: &Outcome, run: &RunRow, before: Option<&RunRow>) -> bool {
    let was_over = |before: &RunRow| before.id == run.id && matches!(before.state(), RunState::Done | RunState::Void);
    matches!(outcome, Outcome::RanAlready) || !before.is_some_and(was_over)
}

fn read_by(feed: &Feed) -> [String; 2] {
    [feed.census_source(), feed.elections_source()].map(|source| source.to_string())
}

fn log_taken_in(taken: &TakenIn) {
    let TakenIn { source, input, applied, families, changed, faults, .. } = taken;
    tracing::info!(source, input, applied, families, changed, faults = faults.len(), "input taken in");
}

fn no_such_feed(name: &str) -> Fault {
    rules::NO_SUCH_FEED.at(Place::Named(Label::new(name)))
}
