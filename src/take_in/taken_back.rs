//! Taking back: a file that was applied, and from which no run stands, counts as never sent, and the one before it is
//! the newest again. What it has said stays in the store, as versions that ended with the input they began with.

use super::archived::open_archived;
use super::families::{is_our_own, read_source};
use super::recording::{Before, FamilySink, Recording};
use super::source::employer;
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, Label, Place};
use crate::intake::rules::NOT_WAITING;
use crate::model::ids::Pseudonym;
use crate::model::source::{SourceKind, SourceRef};
use crate::state::{InputState, RunState, State as _};
use crate::store::{Change, FamilyRow, IN_THE_INBOX, InputRow};

/// What goes with a file that is taken back.
#[derive(Clone, Debug)]
pub struct TakenBack {
    /// The input, and earlier readings of the same bytes, the newest first.
    pub inputs: Vec<InputRow>,
    /// Rows of people that were read of it.
    pub people: u64,
    /// The input that is applied and newest then; none where it is the first of its source.
    pub before: Option<InputRow>,
}

/// Next steps where a file cannot be taken back.
const UNFINISHED: &str =
    "`bex show RUN` says how it stands: once it is given up by `bex void RUN --reason R`, settle the file";
const USED: &str = "`bex show RUN` says what came of it; the employer's next file takes its place, and the feed's next run tells \
    what differs";
const NOT_NEWEST: &str =
    "`bex show input N` says how each of the two stands: the newer one has taken its place already";

/// What taking an applied input back would come to. Nothing is changed.
///
/// # Errors
/// INT015 when it is not the newest of its source, or a run that was not given up was computed from it; STO001.
pub fn taken_back(engine: &OpenSite, input: &InputRow) -> Result<TakenBack, Fault> {
    let store = &engine.store;
    let newest = store.newest_input(&input.source)?.map_or(input.id, |newest| newest.id);
    if newest != input.id {
        return Err(refusal(input, NOT_NEWEST).count("newer", newest.unsigned_abs()));
    }
    let inputs = store.readings_of_file(input)?;
    for reading in &inputs {
        if let Some((run, state)) = store.run_computed_from(reading.id)? {
            let may_be_given_up = matches!(state, RunState::Open | RunState::Held | RunState::Failed);
            let next = if may_be_given_up { UNFINISHED } else { USED };
            return Err(refusal(input, next).count("run", run.unsigned_abs()));
        }
    }
    let first = inputs.last().map_or(input.id, |first| first.id);
    let people = store.arrival(input.id)?.and_then(|arrival| arrival.people).unwrap_or(0).unsigned_abs();
    Ok(TakenBack { people, before: store.applied_before(&input.source, first)?, inputs })
}

fn refusal(input: &InputRow, next: &'static str) -> Fault {
    let rule = NOT_WAITING.worded(NOT_WAITING.sentence, next);
    let fault = rule.at(Place::Named(Label::new(&input.source))).count("input", input.id.unsigned_abs());
    fault.name("act", "settle").name("stands", input.state.word())
}

/// Takes a file back in a change: families, numbers and requests to the employer are again what they were before it.
///
/// # Errors
/// RUN010 when the file before it is not in the archive any more; STO001.
pub fn take_back(engine: &Engine, change: &mut Change, back: &TakenBack) -> Result<(), Fault> {
    let Some(source) = back.inputs.first().map(|input| input.source.as_str()) else { return Ok(()) };
    for input in &back.inputs {
        change.settle_waiting(input.id)?;
        change.take_corrections_back(source, input.id)?;
        if input.state == InputState::Applied {
            change.take_families_back(source, input.id)?;
            change.forget_numbers_of(input.id)?;
        }
    }
    // Which families have somebody in common is kept of the newest file alone, so the one before is asked again.
    if SourceRef::parse(source).is_some_and(|source| source.kind == SourceKind::Census) {
        let pairs = back.before.as_ref().map_or(Ok(Vec::new()), |before| pairs_in(engine, before))?;
        change.record_beside(source, &pairs)?;
    }
    Ok(())
}

/// Keeps who has somebody in common, and nothing else.
#[derive(Default)]
struct PairsSink(Vec<(Pseudonym, Pseudonym)>);

impl FamilySink for PairsSink {
    fn replace(&mut self, _: &str, _: Vec<FamilyRow>) -> Result<(), Fault> {
        Ok(())
    }

    fn beside(&mut self, _: &str, pairs: Vec<(Pseudonym, Pseudonym)>) -> Result<(), Fault> {
        self.0 = pairs;
        Ok(())
    }

    fn end(&mut self, _: &str, _: &[Pseudonym]) -> Result<(), Fault> {
        Ok(())
    }
}

/// The families of an archived census that have somebody in common. One that today's mapping cannot read says nothing:
/// the next run reads it again, and is stopped by it.
fn pairs_in(engine: &Engine, input: &InputRow) -> Result<Vec<(Pseudonym, Pseudonym)>, Fault> {
    let employer = employer(engine, &input.source).map(|name| name.to_string()).unwrap_or_default();
    let (known, numbers) = (engine.store.digests(&input.source)?, engine.store.renumbered(&employer)?);
    let mut sink = PairsSink::default();
    let before = Before { input: IN_THE_INBOX, known, numbers: &numbers };
    let mut recording = Recording::new(engine, &input.source, &mut sink, before);
    match read_source(&input.business_date, &mut || open_archived(engine, input), &mut recording) {
        Ok(read) => recording.finish(&read.summary).map(drop)?,
        Err(faults) => return faults.into_iter().find(is_our_own).map_or(Ok(Vec::new()), Err),
    }
    Ok(sink.0)
}
