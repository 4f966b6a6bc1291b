//! Numbers, times and names of a delivery: fixed once, in the commit that stages what it says.

use super::binding::terms;
use super::body::{FileBody, WrittenBody};
use super::candidates::StoreCandidates;
use super::context::FeedContext;
use super::decide::{Decided, Deciding};
use super::outcome::{Stop, event};
use super::stage::{SpooledRows, SpoolingSink, StagingSink, hold_row};
use crate::audit::Action;
use crate::carrier::{FROZEN, Numbered};
use crate::fault::Fault;
use crate::state::RunState;
use crate::store::{Change, DecidedRun, DeliveryRow, NewDelivery, Owner, RunRow};

/// A run whose file has its numbers.
pub(super) struct NumberedRun {
    pub delivery: DeliveryRow,
    /// The file's loops, where they were written while it was decided.
    pub body: Option<WrittenBody>,
}

/// Decides the run's families and fixes numbers, times and names, all in one commit; `None` when there is nothing to
/// say. A run that is numbered already keeps what was fixed.
pub(super) fn number(context: &FeedContext, run: &RunRow) -> Result<Option<NumberedRun>, Stop> {
    let engine = context.engine;
    if let Some(delivery) = engine.store.delivery_of(run.id)? {
        return Ok(Some(NumberedRun { delivery, body: None }));
    }
    // Decided before anything is numbered or locked: nobody who writes waits for that. What a run reads is its own:
    // its inputs by number, and what its feed has told, which no other process changes meanwhile.
    let decided = decide(context, run)?;
    if run.released.is_none() && !decided.decided.guards.is_empty() {
        record_held(context, run, &decided.decided)?;
        return Err(Stop::Held(decided.decided.guards));
    }
    let mut change = engine.change()?;
    let numbered = take_number(context, run, &mut change)?;
    change.bind(numbered.delivery, &terms(engine, context.carrier, run)?)?;
    let StagedRun { decided, body } = stage(context, decided, &numbered, &mut change)?;
    if says_nothing(context, &decided) {
        // A change that is dropped gives its number back.
        drop(change);
        record_empty(context, run, &decided)?;
        return Ok(None);
    }
    let (subscribers, dependents) = (decided.totals.subscribers.cast_signed(), decided.totals.dependents.cast_signed());
    change.set_loops(numbered.delivery, subscribers, dependents)?;
    write_decided(context, run, &decided, &mut change)?;
    write_questions(run, &decided, &mut change, Action::DeliveryNumbered)?;
    write_watermark(context, run, &decided, &mut change)?;
    let fixed = event(Action::DeliveryNumbered, run).count("delivery", numbered.delivery);
    let fixed = fixed.count("number", numbered.number.into()).count("loops", subscribers + dependents);
    engine.commit_point(change, &[fixed])?;
    Ok(engine.store.delivery_of(run.id)?.map(|delivery| NumberedRun { delivery, body }))
}

fn take_number(context: &FeedContext, run: &RunRow, change: &mut Change) -> Result<Numbered, Fault> {
    let imagined = Numbered::imagined(context.engine.clock.now());
    let new = NewDelivery {
        run: run.id,
        feed: context.name(),
        carrier: context.carrier.name.as_str(),
        partner: &context.engine.site.partner(context.carrier),
        style: if context.is_full() { "full" } else { "change" },
        frozen_at: &imagined.frozen_at.format(FROZEN).to_string(),
        name_pattern: &name_pattern(context, run),
    };
    let (delivery, number) = change.number_delivery(&new)?;
    Ok(Numbered { delivery, number: number.unsigned_abs() as u32, ..imagined })
}

fn name_pattern(context: &FeedContext, run: &RunRow) -> String {
    let pattern = context.carrier.delivery.name.as_str();
    pattern.replace("{feed}", context.name()).replace("{date}", &run.business_date.replace('-', ""))
}

/// What was decided, with what is to be staged of it.
struct Unstaged {
    decided: Decided,
    rows: SpooledRows,
    body: Option<WrittenBody>,
}

/// What was decided and is staged.
struct StagedRun {
    decided: Decided,
    body: Option<WrittenBody>,
}

/// Decides every family, and writes its loops. They are judged under a number that is as long as any.
fn decide(context: &FeedContext, run: &RunRow) -> Result<Unstaged, Fault> {
    let header = context.header(&Numbered::imagined(context.engine.clock.now()));
    let mut candidates = StoreCandidates::new(&context.engine.store, context.scope(run))?;
    let mut sink = SpoolingSink::new(&context.engine.spool_folder());
    let everybody = candidates.is_everybody();
    let mut body = FileBody::new(context, &header);
    let mut decided =
        Deciding::new(context, &header).writing(&mut body, everybody).decide(&mut candidates, &mut sink)?;
    decided.everybody = everybody;
    if context.is_full() {
        decided.totals = body.totals();
    }
    // The ledger is asked for those first in whose families cover ends by the same count.
    let body = Some(body).filter(|body| body.has_ends() == (!context.is_full() && decided.tally.terminations > 0));
    Ok(Unstaged { decided, rows: sink.finish()?, body: body.map(FileBody::finish).transpose()? })
}

/// Stages what is to be said with a delivery.
fn stage(
    context: &FeedContext,
    unstaged: Unstaged,
    numbered: &Numbered,
    change: &mut Change,
) -> Result<StagedRun, Fault> {
    let Unstaged { decided, rows, body } = unstaged;
    rows.stage(&mut StagingSink::new(context.engine, change, context.name(), numbered.delivery))?;
    Ok(StagedRun { decided, body })
}

/// A full file goes out whenever anybody stands in it; a change file only when something has changed.
fn says_nothing(context: &FeedContext, decided: &Decided) -> bool {
    let loops = decided.totals.subscribers + decided.totals.dependents;
    loops == 0 || (!context.is_full() && decided.tally.changed() == 0)
}

/// Records counts and the rules they came of with a change.
fn write_decided(context: &FeedContext, run: &RunRow, decided: &Decided, change: &mut Change) -> Result<(), Fault> {
    let faults: Vec<Fault> = decided.holds.iter().map(|(_, fault)| fault.clone()).collect();
    change.record_rules(run.id, &context.used_rules())?;
    change.set_tally(run.id, &decided.tally)?;
    change.record_faults(Owner::Run(run.id), &faults)
}

/// Records the questions of a run, which open and close by the event that the run is recorded by.
fn write_questions(run: &RunRow, decided: &Decided, change: &mut Change, by: Action) -> Result<(), Fault> {
    let holds: Vec<_> = decided.holds.iter().map(|(key, fault)| hold_row(*key, fault)).collect();
    change.record_holds(&run.feed, run.id, &holds, by)
}

/// Makes what the run has decided stand: the next one decides what is said after its inputs.
fn write_watermark(context: &FeedContext, run: &RunRow, decided: &Decided, change: &mut Change) -> Result<(), Fault> {
    let Decided { everybody, families, .. } = *decided;
    // With the numbers or not at all: between two commits, a crash would leave families that nobody decides again.
    let (feed, as_of) = (context.name(), run.business_date.as_str());
    change.record_decided(&DecidedRun { run: run.id, feed, as_of, everybody, families, again: &decided.again })
}

/// Records counts and questions of a run that a guard holds.
fn record_held(context: &FeedContext, run: &RunRow, decided: &Decided) -> Result<(), Fault> {
    let mut change = context.engine.change()?;
    write_decided(context, run, decided, &mut change)?;
    write_questions(run, decided, &mut change, Action::RunHeld)?;
    let held = event(Action::RunHeld, run).count("unchanged", decided.tally.unchanged.cast_signed());
    context.engine.commit(change, &[held])
}

/// Records counts and questions of a run that has nothing to send, and ends it.
fn record_empty(context: &FeedContext, run: &RunRow, decided: &Decided) -> Result<(), Fault> {
    let mut change = context.engine.change()?;
    write_decided(context, run, decided, &mut change)?;
    write_questions(run, decided, &mut change, Action::RunEmpty)?;
    // What was staged and dropped with the number is decided again.
    if decided.staged == 0 {
        write_watermark(context, run, decided, &mut change)?;
    }
    change.set_run_state(run.id, RunState::Done, Action::RunEmpty)?;
    let empty = event(Action::RunEmpty, run).count("unchanged", decided.tally.unchanged.cast_signed());
    context.engine.commit(change, &[empty])
}
