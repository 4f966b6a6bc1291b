//! What a person says of a file: that one which waits for somebody is to be read all the same, or one that was applied
//! once more; that nothing is to come of it, or that one which was applied and not used counts as never sent.

use super::plan::not_confirmed_of_input;
use super::record::{ActOf, Grounds, by_whom, keep};
use super::second::{ToBeDone, WantedAct, by_two};
use crate::access::{Permit, SettleInput};
use crate::audit::{Action, Event};
use crate::engine::{Engine, Workplace, WorkplaceLock};
use crate::fault::{Fault, Label, Place};
use crate::intake::rules;
use crate::model::source::{SourceKind, SourceRef, Stranger};
use crate::state::{InputState, State as _};
use crate::store::InputRow;
use crate::take_in::{
    Preview, ReadAhead, ReadAs, TakenBack, forget_rows, name_of, overtaken, read_as, take_back, taken_back,
};

/// A file, and what is to come of it.
#[derive(Clone, Debug)]
pub struct InputAct {
    /// The file.
    pub input: InputRow,
    /// The source it is to be read as; none where nothing is to come of it.
    pub read_as: Option<ReadAs>,
    /// What reading it would come to now; none where nobody has looked.
    pub ahead: Option<ReadAhead>,
    /// What goes with it, where it was applied and counts as never sent.
    pub back: Option<TakenBack>,
}

impl InputAct {
    /// Has a file read, as the source that is named, or as the one it came as, or as the only one whose mapping
    /// describes it by now. One that was applied is read once more as what it was.
    ///
    /// # Errors
    /// INT013 when there is no such input; INT015 when it does not wait, nor is applied and the newest of its source;
    /// INT014 when no source, or more than one, can be meant; INT034 when a newer file of it was applied; INT037 where
    /// it is one of several files and the mapping reads one; STO001.
    pub fn read(engine: &Engine, input: i64, named: Option<&str>) -> Result<InputAct, Fault> {
        let input = to_be_read(engine, input)?;
        let is_again = input.state == InputState::Applied;
        let source = match named {
            Some(name) if is_again && name != input.source => None,
            Some(name) => SourceRef::parse(name).filter(|source| is_configured(engine, source)),
            None => meant(engine, &input)?,
        };
        let no_source = || rules::NO_SUCH_SOURCE.fault().count("input", input.id.unsigned_abs());
        let source = source.ok_or_else(no_source)?;
        if !is_again {
            not_overtaken(engine, &input, &source)?;
        }
        let read_as = Some(ReadAs::of(engine, &input, &source)?);
        Ok(InputAct { input, read_as, ahead: None, back: None })
    }

    /// The same, with what reading it would come to now: the whole file is read for that, and nothing is kept.
    ///
    /// # Errors
    /// RUN010 when its sealed copy is gone; STO001.
    pub fn read_ahead(self, engine: &Engine) -> Result<InputAct, Fault> {
        // One of several files says nothing by itself.
        let whole = self.read_as.as_ref().filter(|read_as| read_as.part.is_none());
        let source = whole.map(|read_as| read_as.source.to_string());
        let ahead = source.map(|source| Preview::read_ahead(engine, &self.input, &source)).transpose()?;
        Ok(InputAct { ahead, ..self })
    }

    /// Says that nothing is to come of a file: one that waits is left, one that was applied counts as never sent.
    ///
    /// # Errors
    /// INT013 when there is no such input; INT015 when it neither waits nor is the newest of its source and unused;
    /// STO001.
    pub fn settle(engine: &Engine, input: i64) -> Result<InputAct, Fault> {
        let applied = engine.store.input(input)?.filter(|row| row.state == InputState::Applied);
        match applied {
            Some(row) => Ok(InputAct { back: Some(taken_back(engine, &row)?), input: row, read_as: None, ahead: None }),
            None => Ok(InputAct { input: waiting(engine, input, "settle")?, read_as: None, ahead: None, back: None }),
        }
    }

    /// The act in the record of what people have done.
    pub fn word(&self) -> &'static str {
        if self.read_as.is_some() { "input read" } else { "input settle" }
    }

    /// Whether it was read already, and is once more.
    pub fn is_again(&self) -> bool {
        self.read_as.is_some() && self.input.state == InputState::Applied
    }

    /// People whose rows count as never sent.
    pub fn people(&self) -> u64 {
        self.back.as_ref().map_or(0, |back| back.people)
    }

    /// Whether somebody has agreed to so many people; where none are concerned, nobody has to.
    ///
    /// # Errors
    /// RUN021 where the number is another one, or none was given.
    pub fn confirmed(&self, people: Option<u64>) -> Result<(), Fault> {
        let concerned = self.people();
        if people.unwrap_or_default() == concerned {
            Ok(())
        } else {
            Err(not_confirmed_of_input(self.input.id, concerned))
        }
    }
}

/// An input that waits for somebody, or the one that stands for its source: older ones have been overtaken.
fn to_be_read(engine: &Engine, input: i64) -> Result<InputRow, Fault> {
    let applied = engine.store.input(input)?.filter(|row| row.state == InputState::Applied);
    let Some(row) = applied else { return waiting(engine, input, "read") };
    match engine.store.newest_input(&row.source)?.filter(|newest| newest.id != row.id) {
        Some(newest) => Err(does_not_wait(&row, "read").count("newer", newest.id.unsigned_abs())),
        None => Ok(row),
    }
}

fn waiting(engine: &Engine, input: i64, act: &str) -> Result<InputRow, Fault> {
    let found = engine.store.input(input)?;
    let row = found.ok_or_else(|| rules::UNKNOWN_INPUT.fault().count("input", input.unsigned_abs()))?;
    if matches!(row.state, InputState::Quarantined | InputState::Held) {
        return Ok(row);
    }
    Err(does_not_wait(&row, act))
}

/// That no newer file of the source was applied since a file began to wait.
fn not_overtaken(engine: &Engine, input: &InputRow, source: &SourceRef) -> Result<(), Fault> {
    let Some(newer) = overtaken(engine, input, &source.to_string())? else { return Ok(()) };
    let fault = rules::OVERTAKEN.at(Place::Named(Label::new(&source.to_string())));
    Err(fault.count("input", input.id.unsigned_abs()).count("newer", newer.unsigned_abs()))
}

fn does_not_wait(row: &InputRow, act: &str) -> Fault {
    let fault = rules::NOT_WAITING.at(Place::Named(Label::new(&row.source)));
    fault.count("input", row.id.unsigned_abs()).name("act", act).name("stands", row.state.word())
}

/// The source a file came as, or the only one of its employer whose mapping describes its name by now.
fn meant(engine: &Engine, input: &InputRow) -> Result<Option<SourceRef>, Fault> {
    if let Some(source) = SourceRef::parse(&input.source) {
        return Ok(Some(source));
    }
    let (stranger, name) = (Stranger::parse(&input.source), name_of(engine, input.id)?.unwrap_or_default());
    let Some(employer) = stranger.as_ref().and_then(Stranger::employer) else { return Ok(None) };
    let site = &engine.site;
    let census = site.census.values().filter(|mapping| mapping.employer == *employer && mapping.file.matches(&name));
    let census = census.map(|mapping| SourceRef { kind: SourceKind::Census, name: mapping.source.clone() });
    let elections =
        site.elections.values().filter(|mapping| mapping.employer == *employer && mapping.file.matches(&name));
    let elections = elections.map(|mapping| SourceRef { kind: SourceKind::Elections, name: mapping.source.clone() });
    let mut found = census.chain(elections);
    let first = found.next();
    Ok(first.filter(|_| found.next().is_none()))
}

fn is_configured(engine: &Engine, source: &SourceRef) -> bool {
    match source.kind {
        SourceKind::Census => engine.site.census.contains_key(&source.name),
        SourceKind::Elections => engine.site.elections.contains_key(&source.name),
    }
}

/// Does what was planned. Returns the input that will be read, where one will.
///
/// # Errors
/// RUN020 without a reason; those of an act that wants two people, where a file is settled; RUN001 while somebody takes
/// in or runs what is taken back; RUN010 when a sealed copy is gone; STO001.
pub fn settle_input(
    engine: &Engine,
    act: &InputAct,
    grounds: &Grounds,
    permit: &Permit<SettleInput>,
) -> Result<Option<i64>, Fault> {
    grounds.given()?;
    let (source, of, people) = (&act.input.source, act.input.id, act.people());
    if act.read_as.is_none() {
        let wanted = WantedAct::Input { input: of, source: source.clone() };
        by_two(engine, &ToBeDone { wanted: &wanted, feed: source, people }, grounds, permit)?;
    }
    let is_standing = act.back.is_some() || act.is_again();
    let _alone = is_standing.then(|| alone(engine, source)).transpose()?;
    // Looked at before, and another file may have come since.
    if act.is_again() {
        to_be_read(engine, of)?;
    } else if let Some(read_as) = &act.read_as {
        not_overtaken(engine, &act.input, &read_as.source)?;
    }
    // Looked at before, and a run may have used it since.
    let back = act.back.as_ref().map(|_| taken_back(engine, &act.input)).transpose()?;
    let mut change = engine.change()?;
    let recorded = keep(engine, &mut change, &ActOf { act: act.word(), feed: source, run: None }, grounds)?;
    let by = if act.is_again() { Action::InputReread } else { Action::InputSettled };
    let event = Event::new(by).name("source", source).count("input", of).count("recorded", recorded);
    let event = by_whom(engine, event, grounds, act.read_as.is_none());
    let mut events = vec![event.count("people", people.cast_signed()).permitted(permit)];
    match &back {
        Some(back) => take_back(engine, &mut change, back)?,
        // What runs were computed from stays what it was.
        None if act.is_again() => forget_rows(engine),
        None => change.settle_waiting(of)?,
    }
    let mut read = None;
    if let Some(as_what) = &act.read_as {
        let (id, archived) = read_as(engine, &mut change, &act.input, as_what)?;
        read = id;
        events.push(archived);
    }
    engine.commit(change, &events)?;
    Ok(read)
}

/// Keeps others from taking a source in, and from running what is computed from it.
pub(super) fn alone<'e>(engine: &'e Engine, source: &str) -> Result<Vec<WorkplaceLock<'e>>, Fault> {
    let feeds =
        engine.site.feeds.values().filter(|feed| feed.reads(source)).map(|feed| Workplace::Feed(feed.name.as_str()));
    std::iter::once(Workplace::Source(source)).chain(feeds).map(|at| engine.work_on(at)).collect()
}
