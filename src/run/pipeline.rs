//! A run, as a list of verbs.

use chrono::NaiveDate;

use super::build::{self, FROZEN, Numbered, build, check, seal_checked};
use super::decide::{Desk, Planned, Staging, hold_row};
use super::outcome::Outcome;
use super::send::deliver;
use crate::audit::{Action, Event};
use crate::engine::clock::Stopwatch;
use crate::engine::{Engine, outbox_name};
use crate::fault::{Fault, Label, Place};
use crate::gate::Checked;
use crate::mapping::Feed;
use crate::model::ids::FeedName;
use crate::seal::Sealed;
use crate::store::{AttemptRow, DeliveryRow, DeliveryState, NewDelivery, NewRun, Owner, RunRow, RunState, SealedFacts};
use crate::take_in::inputs;

/// Runs a feed for a business date. A failed run of the feed is taken up first: what it had to say comes before
/// what tonight has to say.
pub fn run_feed(engine: &Engine, feed: &Feed, as_of: NaiveDate) -> Outcome {
    match open_run(engine, feed, as_of) {
        Ok(Opened::Run(run)) => go_on(engine, feed, &run),
        Ok(Opened::Not(outcome)) => outcome,
        Err(fault) => fault.into(),
    }
}

/// Goes on with a run from its last commit.
///
/// # Errors
/// RUN006 when there is no such run, or its feed is not configured any more.
pub fn resume(engine: &Engine, run: i64) -> Result<Outcome, Fault> {
    let row = engine.store.run(run)?.ok_or_else(unknown_run)?;
    let feed = FeedName::new(&row.feed).and_then(|name| engine.site.feeds.get(&name)).ok_or_else(unknown_run)?;
    if matches!(row.state(), RunState::Done | RunState::Void) {
        return Ok(Outcome::RanAlready);
    }
    if row.state() == RunState::Held && engine.store.delivery_of(row.id)?.is_none() {
        return Ok(Outcome::Held(vec![needs_release(row.id)]));
    }
    let change = engine.change()?;
    engine.commit_point(change, &[event(Action::RunResumed, &row)])?;
    Ok(go_on(engine, feed, &row))
}

/// Lets a run go that a guard has held. The reason is recorded.
///
/// # Errors
/// RUN006 when there is no such run; RUN007 when it is not held by a guard, or no reason is given.
pub fn release(engine: &Engine, run: i64, reason: &str) -> Result<Outcome, Fault> {
    let row = engine.store.run(run)?.ok_or_else(unknown_run)?;
    let held = row.state() == RunState::Held && engine.store.delivery_of(run)?.is_none();
    if !held || reason.trim().is_empty() {
        return Err(not_releasable());
    }
    let mut change = engine.change()?;
    change.release_run(run, &Label::new(reason).to_string())?;
    engine.commit(change, &[event(Action::RunReleased, &row)])?;
    resume(engine, run)
}

/// Gives up a run of which nothing can have been published: its numbers are void, what it staged counts for nothing,
/// and its families are decided anew by the next run. The reason is recorded.
///
/// # Errors
/// RUN006 when there is no such run; RUN013 when it is finished, may have been published, or no reason is given.
pub fn void(engine: &Engine, run: i64, reason: &str) -> Result<Outcome, Fault> {
    let row = engine.store.run(run)?.ok_or_else(unknown_run)?;
    let delivery = engine.store.delivery_of(run)?;
    let closed = matches!(row.state(), RunState::Done | RunState::Void);
    let published = delivery.as_ref().map_or(Ok(false), |delivery| may_be_published(engine, delivery))?;
    if closed || published || reason.trim().is_empty() {
        return Err(not_voidable());
    }
    let mut change = engine.change()?;
    if let Some(delivery) = &delivery {
        change.take_back(&delivery.feed, delivery.id)?;
        change.set_delivery_state(delivery.id, DeliveryState::Void)?;
    }
    change.set_run_state(run, RunState::Void)?;
    let number = delivery.map_or(0, |delivery| delivery.number);
    engine.commit(change, &[event(Action::RunVoided, &row).count("number", number).name("reason", reason)])?;
    Ok(Outcome::GivenUp)
}

/// Whether a publish intent was ever committed: from there on only looking, or the carrier, can tell.
fn may_be_published(engine: &Engine, delivery: &DeliveryRow) -> Result<bool, Fault> {
    let intended = |attempt: &AttemptRow| matches!(attempt.state.as_str(), "publishing" | "delivered");
    Ok(engine.store.attempts(delivery.id)?.iter().any(intended) || delivery.state() == DeliveryState::Uncertain)
}

fn go_on(engine: &Engine, feed: &Feed, run: &RunRow) -> Outcome {
    let outcome = match steps(engine, feed, run) {
        Ok(outcome) => outcome,
        Err(Stop::Held(faults)) => Outcome::Held(faults),
        Err(Stop::Failed(fault)) => fault.into(),
    };
    match record_ending(engine, run, outcome) {
        Outcome::Interrupted(fault) => Outcome::Interrupted(fault.count("run", run.id.unsigned_abs())),
        outcome => outcome,
    }
}

/// The run: plan, number, build, check, seal, deliver. Each step begins where the last commit left off.
fn steps(engine: &Engine, feed: &Feed, run: &RunRow) -> Result<Outcome, Stop> {
    let as_of = run.business_date.parse().map_err(|_| Stop::Failed(unknown_run()))?;
    let desk = Desk::new(engine, feed, as_of)?;
    let Some(delivery) = timed("planned", run, || numbered(&desk, run))? else { return Ok(Outcome::NothingToSend) };
    let delivery = sealed(&desk, run, delivery)?;
    match delivery.state().is_delivered() {
        true => Ok(Outcome::Delivered),
        false => Ok(timed("delivered", run, || deliver(&desk, &delivery))?),
    }
}

/// Does a step and logs how long it took.
fn timed<T>(step: &'static str, run: &RunRow, work: impl FnOnce() -> T) -> T {
    let stopwatch = Stopwatch::start();
    let result = work();
    tracing::info!(step, run = run.id, feed = run.feed.as_str(), seconds = stopwatch.seconds(), "step ended");
    result
}

/// Why a run stops before its end.
enum Stop {
    Held(Vec<Fault>),
    Failed(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Failed(fault)
    }
}

enum Opened {
    Run(RunRow),
    Not(Outcome),
}

fn open_run(engine: &Engine, feed: &Feed, as_of: NaiveDate) -> Result<Opened, Fault> {
    let earlier = earlier_run(engine, feed)?;
    if let Some(outcome) = earlier.as_ref().filter(|outcome| !outcome.is_an_end()) {
        return Ok(Opened::Not(outcome.clone()));
    }
    let (census, elections) = inputs(engine, feed)?;
    let (name, date) = (feed.name.as_str(), as_of.to_string());
    let new = NewRun { feed: name, business_date: &date, census_input: census.id, elections_input: elections.id };
    if engine.store.ran(&new)? {
        // The run that was taken up just now may be tonight's own: then this is how it ended.
        return Ok(Opened::Not(earlier.unwrap_or(Outcome::RanAlready)));
    }
    let mut change = engine.change()?;
    let id = change.open_run(&new)?;
    let opened = Event::new(Action::RunOpened).name("feed", name).count("run", id).name("date", &date);
    engine.commit_point(change, &[opened.count("census", census.id).count("elections", elections.id)])?;
    engine.store.run(id)?.map(Opened::Run).ok_or_else(unknown_run)
}

/// What the feed's unfinished run comes to now; `None` when there is none.
fn earlier_run(engine: &Engine, feed: &Feed) -> Result<Option<Outcome>, Fault> {
    let Some(run) = engine.store.newest_run(feed.name.as_str())? else { return Ok(None) };
    match run.state() {
        RunState::Done | RunState::Void => Ok(None),
        RunState::Held => Ok(Some(Outcome::Held(vec![needs_release(run.id)]))),
        RunState::Uncertain | RunState::Open | RunState::Failed => resume(engine, run.id).map(Some),
    }
}

/// Plans the run and fixes numbers, times and names, all in one commit; `None` when there is nothing to say.
fn numbered(desk: &Desk, run: &RunRow) -> Result<Option<DeliveryRow>, Stop> {
    let store = &desk.engine.store;
    if let Some(delivery) = store.delivery_of(run.id)? {
        return Ok(Some(delivery));
    }
    let (engine, mut change) = (desk.engine, desk.engine.change()?);
    let frozen_at = engine.clock.now().format(FROZEN).to_string();
    let (partner, pattern) = (engine.site.partner(desk.carrier), name_pattern(desk, run));
    let (id, number) = change.number_delivery(&new_delivery(desk, run, (&frozen_at, &partner, &pattern)))?;
    let imagined = Numbered { delivery: id, number: number.unsigned_abs() as u32, ..Numbered::imagined(engine) };
    let header = build::header(desk, &imagined);
    let mut staging = Staging { change: &mut change, feed: desk.feed.name.as_str(), delivery: id, rows: Vec::new() };
    let mut planned = desk.decide(run, &header, &mut staging)?;
    staging.flush()?;
    if desk.is_full() {
        planned.totals = desk.full_totals(&mut change, id)?;
    }
    if run.released.is_none() && !planned.guards.is_empty() {
        drop(change);
        record_plan(desk, run, &planned, None)?;
        return Err(Stop::Held(planned.guards));
    }
    let loops = planned.totals.subscribers + planned.totals.dependents;
    if loops == 0 || (!desk.is_full() && planned.tally.changed() == 0) {
        drop(change);
        record_plan(desk, run, &planned, Some(Action::RunEmpty))?;
        return Ok(None);
    }
    change.set_loops(id, planned.totals.subscribers.cast_signed(), planned.totals.dependents.cast_signed())?;
    write_plan(desk, run, &planned, &mut change)?;
    let fixed = event(Action::DeliveryNumbered, run).count("delivery", id).count("number", number);
    engine.commit_point(change, &[fixed.count("loops", loops.cast_signed())])?;
    Ok(store.delivery_of(run.id)?)
}

fn name_pattern(desk: &Desk, run: &RunRow) -> String {
    let pattern = desk.carrier.delivery.name.as_str();
    pattern.replace("{feed}", desk.feed.name.as_str()).replace("{date}", &run.business_date.replace('-', ""))
}

fn new_delivery<'a>(
    desk: &'a Desk,
    run: &RunRow,
    (frozen_at, partner, name_pattern): (&'a str, &'a str, &'a str),
) -> NewDelivery<'a> {
    NewDelivery {
        run: run.id,
        feed: desk.feed.name.as_str(),
        carrier: desk.carrier.name.as_str(),
        partner,
        style: if desk.is_full() { "full" } else { "change" },
        frozen_at,
        name_pattern,
    }
}

/// Records counts and questions with a change.
fn write_plan(desk: &Desk, run: &RunRow, planned: &Planned, change: &mut crate::store::Change) -> Result<(), Fault> {
    let holds: Vec<_> = planned.holds.iter().map(|(key, fault)| hold_row(*key, fault)).collect();
    let faults: Vec<Fault> = planned.holds.iter().map(|(_, fault)| fault.clone()).collect();
    change.set_tally(run.id, &planned.tally)?;
    change.record_holds(desk.feed.name.as_str(), run.id, &holds)?;
    change.record_faults(Owner::Run(run.id), &faults)
}

/// Records counts and questions of a run that does not go on, and ends it when `ending` says so.
fn record_plan(desk: &Desk, run: &RunRow, planned: &Planned, ending: Option<Action>) -> Result<(), Fault> {
    let mut change = desk.engine.change()?;
    write_plan(desk, run, planned, &mut change)?;
    let ended = match ending {
        Some(action) => {
            change.set_run_state(run.id, RunState::Done)?;
            event(action, run)
        }
        None => event(Action::RunHeld, run),
    };
    desk.engine.commit(change, &[ended.count("unchanged", planned.tally.unchanged.cast_signed())])
}

/// Builds, checks and seals a numbered delivery; one that is sealed already is taken as it is.
fn sealed(desk: &Desk, run: &RunRow, row: DeliveryRow) -> Result<DeliveryRow, Stop> {
    if row.state() != DeliveryState::Numbered {
        return Ok(row);
    }
    let built = timed("built", run, || build(desk, &row))?;
    let checked = timed("checked", run, || check(desk, &built)).map_err(Stop::Held)?;
    desk.engine.steps.boundary();
    let sealed = timed("sealed", run, || seal_checked(desk, &row, &built, &checked))?;
    record_sealed(desk, &row, &sealed, &checked)?;
    Ok(desk.engine.store.delivery_of(row.run)?.ok_or_else(unknown_run)?)
}

fn record_sealed(desk: &Desk, row: &DeliveryRow, sealed: &Sealed, checked: &Checked) -> Result<(), Fault> {
    let facts = SealedFacts {
        outbox: &outbox_name(row),
        sha256: sealed.sha256(),
        bytes: sealed.length(),
        plain_digest: desk.engine.vault.digest("plain", &checked.digest()),
        plain_bytes: checked.length(),
        recipient: sealed.recipient(),
    };
    let mut change = desk.engine.change()?;
    change.seal_delivery(row.id, &facts)?;
    let event = Event::new(Action::DeliverySealed).name("feed", &row.feed).count("delivery", row.id);
    let event = event.name("sha256", &crate::model::ids::hex(&facts.sha256)).name("recipient", facts.recipient);
    desk.engine.commit_point(change, &[event.count("bytes", facts.bytes.cast_signed())])
}

/// Records how a run ended, where its steps have not done so themselves.
fn record_ending(engine: &Engine, run: &RunRow, outcome: Outcome) -> Outcome {
    let (state, action) = match &outcome {
        Outcome::Held(_) => (RunState::Held, Action::RunHeld),
        Outcome::Failed(_) => (RunState::Failed, Action::RunFailed),
        Outcome::Uncertain(_) => (RunState::Uncertain, Action::DeliveryUncertain),
        _ => return outcome,
    };
    let recorded = engine.change().and_then(|mut change| {
        change.record_faults(Owner::Run(run.id), outcome.faults())?;
        change.set_run_state(run.id, state)?;
        let code = outcome.faults().first().map_or("", |fault| fault.code);
        engine.commit(change, &[event(action, run).name("code", code)])
    });
    // The run is open still when this cannot be recorded, which leads to the same place: resume.
    if let Err(fault) = recorded {
        tracing::error!(code = fault.code, run = run.id, "the ending of a run could not be recorded");
    }
    outcome
}

fn event(action: Action, run: &RunRow) -> Event {
    Event::new(action).name("feed", &run.feed).count("run", run.id)
}

fn unknown_run() -> Fault {
    Fault::error("RUN006", Place::Nowhere, "there is no such run", "see `bex runs` for the runs there are")
}

fn needs_release(run: i64) -> Fault {
    let next =
        "see `bex show RUN`; if a guard holds it, `bex release RUN --reason R`; else mend the cause, `bex resume RUN`";
    let fault = Fault::error("RUN008", Place::Nowhere, "an earlier run of this feed waits for a person", next);
    fault.count("run", run.unsigned_abs())
}

fn not_voidable() -> Fault {
    Fault::error(
        "RUN013",
        Place::Nowhere,
        "only an unfinished run of which nothing can have been published can be given up, and only with a reason",
        "see `bex show RUN`; what may have been published is settled by `bex resume RUN` or by the carrier's answer",
    )
}

fn not_releasable() -> Fault {
    Fault::error(
        "RUN007",
        Place::Nowhere,
        "only a run that a guard has held can be released, and only with a reason",
        "see `bex show RUN`; a run held at the carrier is taken up with `bex resume RUN`",
    )
}
