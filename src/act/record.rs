//! Why somebody acts, and the record of it.

use zeroize::Zeroizing;

use crate::audit::{Action, Event};
use crate::crypt::vault::{Bound, family_key_of};
use crate::engine::{AnySite, Engine, SealedText, TypedText};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::run::{StandingRun, rules};
use crate::state::RunAct;
use crate::store::{ActRow, Change, NewAct};

/// What somebody who acts has to say.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'g> {
    /// In the words of whoever acts.
    pub reason: &'g str,
    /// What it rests on: who was asked, a ticket; where the act needs it.
    pub evidence: Option<&'g str>,
    /// The act that somebody else has asked for and that is approved by this, by its number.
    pub asked: Option<i64>,
}

impl Grounds<'_> {
    /// Whether it says anything.
    ///
    /// # Errors
    /// RUN020 where it is empty.
    pub fn given(&self) -> Result<(), Fault> {
        let empty = |text: &str| text.trim().is_empty();
        if empty(self.reason) || self.evidence.is_some_and(empty) { Err(rules::NO_REASON.fault()) } else { Ok(()) }
    }
}

/// Records an act on a run in a change, and returns the event that names it.
pub(super) fn record(engine: &Engine, change: &mut Change, done: &ActDone, grounds: &Grounds) -> Result<Event, Fault> {
    let run = &done.stands.run;
    let id = keep(engine, change, &ActOf { act: done.act.word(), feed: &run.feed, run: Some(run.id) }, grounds)?;
    let event = Event::new(done.by).name("feed", &run.feed).count("run", run.id);
    let event = match &done.stands.delivery {
        Some(delivery) => event.count("delivery", delivery.id).count("number", delivery.number),
        None => event,
    };
    let people = i64::try_from(done.stands.people()).unwrap_or(i64::MAX);
    let event = event.name("act", done.act.word()).count("people", people).count("recorded", id);
    Ok(by_whom(engine, event, grounds, done.act.wants_two()))
}

/// Says of an act that wants two people which one another person has asked for, or that one person does it alone.
pub(super) fn by_whom(engine: &Engine, event: Event, grounds: &Grounds, wants_two: bool) -> Event {
    match grounds.asked {
        Some(asked) => event.count("asked", asked),
        None => event.done_alone(wants_two && engine.is_office_of_one()),
    }
}

/// What was done, as it was typed, and what it concerns.
#[derive(Clone, Copy, Debug)]
pub struct ActOf<'a> {
    /// As it was typed.
    pub act: &'a str,
    /// The feed concerned; empty where none is.
    pub feed: &'a str,
    /// The run it was done to; none where it concerns no run.
    pub run: Option<i64>,
}

/// Keeps who acts and why, sealed, and returns its number.
///
/// # Errors
/// As [`Engine::seal_typed`].
pub fn keep(engine: &Engine, change: &mut Change, of: &ActOf, grounds: &Grounds) -> Result<i64, Fault> {
    // Whatever else waits for an approval of the run was asked for as it stood before.
    if let Some(run) = of.run {
        change.end_asked_of(run)?;
    }
    if let Some(asked) = grounds.asked {
        change.end_asked(asked)?;
    }
    let id = change.next_act()?;
    let at = change.at();
    let sealed = |what: &str, text: &str| {
        engine.seal_typed(TypedText { at: &at, context: act_context(id, what).as_bytes(), record: 0 }, text.as_bytes())
    };
    change.record_act(&NewAct {
        id,
        act: of.act,
        feed: of.feed,
        run: of.run,
        reason: sealed(REASON_WORD, grounds.reason)?,
        evidence: grounds.evidence.map(|text| sealed(EVIDENCE_WORD, text)).transpose()?,
    })?;
    Ok(id)
}

/// An act on a run, and the event that names it.
pub(super) struct ActDone<'d> {
    pub act: RunAct,
    pub by: Action,
    pub stands: &'d StandingRun,
}

/// Stands in what a sealed text is bound to, for why somebody acted.
pub const REASON_WORD: &str = "reason";
/// The same for whatever that rests on.
pub const EVIDENCE_WORD: &str = "evidence";

/// What a sealed text is bound to: it does not open as that of another act.
pub fn act_context(id: i64, what: &str) -> String {
    format!("act {id} {what}")
}

/// Whose case is kept sealed: a disclosure that no feed makes, of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseOf {
    /// The disclosure's number.
    pub id: i64,
    /// Ends with its records.
    pub family: Pseudonym,
}

impl CaseOf {
    /// What a sealed case is bound to.
    fn bound(self) -> Bound {
        let place = format!("told otherwise {}", self.id).into_bytes();
        Bound { place, column: "told_otherwise.sealed", version: self.id }
    }
}

/// Seals a case under the key of its family.
///
/// # Errors
/// As [`Engine::ensure_family_keys`].
pub fn seal_case(engine: &Engine, of: CaseOf, plain: &[u8]) -> Result<Vec<u8>, Fault> {
    engine.ensure_family_keys(&[of.family])?;
    Ok(engine.vault.seal_in_family(&of.bound(), &engine.families.sealing(of.family)?, plain))
}

/// Opens a case, also one that was sealed before families had keys.
///
/// # Errors
/// As [`Engine::open_cell`].
pub fn open_case(engine: &Engine, of: CaseOf, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let bound = of.bound();
    match family_key_of(sealed) {
        Some(id) => engine.vault.open_in_family(&bound, &engine.families.opening(of.family, id)?, sealed),
        None => engine.vault.open(&bound.place, sealed),
    }
}

/// An act that was recorded, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActTold {
    /// As it is stored.
    pub row: ActRow,
    /// In the words of whoever acted.
    pub reason: SealedText,
    /// What it rests on.
    pub evidence: Option<SealedText>,
}

/// What people have done to a run, the oldest first.
///
/// # Errors
/// STO001; VAU002 where a text was altered.
pub fn acts_of(engine: AnySite<'_>, run: i64) -> Result<Vec<ActTold>, Fault> {
    engine.store.acts_of(run)?.into_iter().map(|row| opened(engine, row)).collect()
}

/// Why somebody did what a record names by the act's number, and what that rests on; none where there is no such act.
///
/// # Errors
/// STO001; VAU002 where a text was altered.
pub fn act_told(engine: AnySite<'_>, id: i64) -> Result<Option<ActTold>, Fault> {
    engine.store.act(id)?.map(|row| opened(engine, row)).transpose()
}

fn opened(engine: AnySite<'_>, row: ActRow) -> Result<ActTold, Fault> {
    let opened = |what: &str, sealed: &[u8]| -> Result<SealedText, Fault> {
        let AnySite::Keyed(engine) = engine else { return Ok(SealedText::NoKey) };
        let context = act_context(row.id, what);
        engine.open_typed(TypedText { at: &row.at, context: context.as_bytes(), record: 0 }, sealed)
    };
    let reason = opened(REASON_WORD, &row.reason)?;
    let evidence = row.evidence.as_deref().map(|sealed| opened(EVIDENCE_WORD, sealed)).transpose()?;
    Ok(ActTold { row, reason, evidence })
}
