//! What is told otherwise than by a feed: at a member's own direction, for a subpoena, an administrative action, or
//! against a threat. One person asks, another approves what was looked at, and it stands on the member's account.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::rules;
use super::sought::{Sought, find};
use crate::access::{ApproveTelling, Disclose, Permit};
use crate::act::{ActOf, CaseOf, Grounds, keep, open_case, seal_case};
use crate::audit::{Action, Event};
use crate::crypt::rules::FAMILY_DESTROYED;
use crate::custody::hold_legally_in;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::field::{Field, FieldSet};
use crate::model::ids::{Pseudonym, hex};
use crate::store::{NewToldOtherwise, ToldOtherwiseRow};

/// For what something may be told that no feed tells: a closed list, and none of it is enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The person it is about wants it.
    IndividualDirection,
    /// A court wants it.
    Subpoena,
    /// An authority wants it.
    AdministrativeAction,
    /// Somebody's life or health is in danger.
    Threat,
}

impl Purpose {
    /// Every purpose with its word.
    const WORDS: [(Purpose, &'static str); 4] = [
        (Purpose::IndividualDirection, "individual-direction"),
        (Purpose::Subpoena, "subpoena"),
        (Purpose::AdministrativeAction, "administrative-action"),
        (Purpose::Threat, "threat"),
    ];

    /// As it stands in the store, in records and on accounts.
    pub fn word(self) -> &'static str {
        Purpose::WORDS.iter().find(|(this, _)| *this == self).map_or("", |(_, word)| word)
    }

    /// The purpose of a word; none for any other.
    pub fn of_word(word: &str) -> Option<Purpose> {
        Purpose::WORDS.iter().find(|(_, known)| *known == word).map(|(this, _)| *this)
    }
}

/// A request as it comes from the command line.
#[derive(Clone, Debug)]
pub struct TellingAsked<'a> {
    /// Whose data.
    pub sought: &'a Sought,
    /// One of the closed list.
    pub purpose: Purpose,
    /// What is kept sealed of it.
    pub case: &'a ToldCase,
    /// Whether nothing is to be destroyed until the case is over.
    pub hold: bool,
}

/// The part of a request that is kept sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldCase {
    /// A person, a court, an authority.
    pub recipient: String,
    /// Where they are, if that is known.
    pub address: Option<String>,
    /// The case's own reference.
    pub case: String,
    /// Words of the catalogue of fields.
    pub what: Vec<String>,
}

impl ToldCase {
    /// Which elements of the catalogue.
    ///
    /// # Errors
    /// DIS005 where one is none of the catalogue's, or none is named.
    pub fn fields(&self) -> Result<FieldSet, Fault> {
        let fields = self.what.iter().map(|word| Field::from_word(word)).collect::<Option<Vec<_>>>();
        let fields = fields.filter(|fields| !fields.is_empty()).ok_or_else(|| rules::NO_SUCH_FIELD.fault())?;
        Ok(fields.into_iter().fold(FieldSet::default(), FieldSet::with))
    }
}

/// A disclosure that no feed makes, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldOtherwise {
    /// As it is stored.
    pub row: ToldOtherwiseRow,
    /// What was sealed of it.
    pub case: ToldCase,
    /// What an approval is bound to.
    pub digest: String,
}

/// Asks that somebody be told. Nothing counts as told by that.
///
/// # Errors
/// DIS001, DIS002 for the member; DIS005; RUN020 without a reason or a case; STO001.
pub fn ask_to_tell(
    engine: &Engine,
    asked: &TellingAsked,
    grounds: &Grounds,
    permit: &Permit<Disclose>,
) -> Result<ToldOtherwise, Fault> {
    grounds.given()?;
    asked.case.fields()?;
    let found = find(engine, asked.sought)?;
    let [family] = &found[..] else { return Err(rules::SEVERAL.fault().count("families", found.len() as u64)) };
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "disclose ask", feed: "", run: None }, grounds)?;
    let id = change.next_told_otherwise()?;
    let text = serde_json::to_vec(asked.case).unwrap_or_default();
    let sealed = seal_case(engine, CaseOf { id, family: family.family }, &text)?;
    let purpose = asked.purpose.word();
    change.ask_to_tell(&NewToldOtherwise { id, purpose, family: family.family, sealed: &sealed, act })?;
    let event = Event::new(Action::ToldAsked).count("telling", id).name("purpose", purpose);
    let event = event.name("member", &family.family.short()).count("recorded", act).permitted(permit);
    let mut events = vec![event];
    if asked.hold {
        events.push(hold_legally_in(&mut change, "", act)?);
    }
    engine.commit(change, &events)?;
    told_otherwise(engine, id)
}

/// Approves what was looked at: from now on it counts as told.
///
/// # Errors
/// DIS006 when no such request waits as it was looked at; ACC002 for the person who asked; RUN020 without a reason;
/// STO001.
pub fn approve_telling(
    engine: &Engine,
    seen: &TellingSeen,
    grounds: &Grounds,
    permit: &Permit<ApproveTelling>,
) -> Result<ToldOtherwise, Fault> {
    let found = told_otherwise(engine, seen.id)?;
    if found.row.told_at.is_some() || found.digest != seen.digest {
        return Err(rules::NOTHING_WAITS.fault().count("telling", seen.id.unsigned_abs()));
    }
    grounds.given()?;
    let alone = engine.is_alone(&[&found.row.asked_by])?;
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "disclose approve", feed: "", run: None }, grounds)?;
    change.tell_otherwise(seen.id, act)?;
    let event = Event::new(Action::ToldApproved).count("telling", seen.id).name("purpose", &found.row.purpose);
    let event = event.name("member", &found.row.family.short()).name("asked_by", &found.row.asked_by);
    let event = event.count("recorded", act).permitted(permit);
    engine.commit(change, &[event.done_alone(alone)])?;
    told_otherwise(engine, seen.id)
}

/// Which request somebody has looked at, and what it said.
#[derive(Clone, Copy, Debug)]
pub struct TellingSeen<'a> {
    /// Its number.
    pub id: i64,
    /// As the list shows it.
    pub digest: &'a str,
}

/// One request.
///
/// # Errors
/// DIS006 when there is none of this number; the vault's; STO001.
fn told_otherwise(engine: &Engine, id: i64) -> Result<ToldOtherwise, Fault> {
    let row = engine.store.told_otherwise(id)?;
    opened(engine, row.ok_or_else(|| rules::NOTHING_WAITS.fault().count("telling", id.unsigned_abs()))?)
}

fn opened(engine: &Engine, row: ToldOtherwiseRow) -> Result<ToldOtherwise, Fault> {
    let plain = open_case(engine, CaseOf { id: row.id, family: row.family }, &row.sealed)?;
    let case: Option<ToldCase> = serde_json::from_slice(&plain).ok();
    let case = case.ok_or_else(|| crate::engine::rules::UNREADABLE_RECORD.fault())?;
    // Of what it says, and not of its sealed bytes: those are others once the vault has another key.
    let text = [row.purpose.as_bytes(), &row.family.0, &plain[..]].concat();
    let digest = hex(&Sha256::digest(text)[..6]);
    Ok(ToldOtherwise { row, case, digest })
}

/// The requests that wait for an approval, or every one there was.
///
/// # Errors
/// The vault's; STO001.
pub fn tellings_asked(engine: &Engine, all: bool) -> Result<Vec<ToldOtherwise>, Fault> {
    kept(engine, engine.store.each_told_otherwise(all)?)
}

/// What of a family was told otherwise than by a feed.
pub(super) fn told_otherwise_of(engine: &Engine, family: Pseudonym) -> Result<Vec<ToldOtherwise>, Fault> {
    kept(engine, engine.store.told_otherwise_of(family)?)
}

/// Those that open: what belongs to a family whose records were destroyed went with them.
fn kept(engine: &Engine, rows: Vec<ToldOtherwiseRow>) -> Result<Vec<ToldOtherwise>, Fault> {
    let opened = rows.into_iter().map(|row| opened(engine, row));
    opened.filter(|opened| !opened.as_ref().is_err_and(|fault| fault.is(&FAMILY_DESTROYED))).collect()
}
