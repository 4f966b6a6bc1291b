//! What a person says of files that wait for the others of their census: that nothing is to come of them.

use super::input::alone;
use super::record::{ActOf, Grounds, by_whom, keep};
use super::second::{ToBeDone, WantedAct, by_two};
use crate::access::{Permit, SettleInput};
use crate::audit::{Action, Event};
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, Label, Place};
use crate::intake::rules;
use crate::model::source::SourceRef;
use crate::store::{PartEnding, SetPartRow};

/// Which files are meant that wait for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartMeant {
    /// `census/<source>`.
    pub source: String,
    /// What the mapping calls it, or called it when it came.
    pub part: String,
    /// The day in its sender's name for it; of any day, where none is given.
    pub day: Option<String>,
}

impl PartMeant {
    /// As it is typed: `census/SOURCE/PART`.
    ///
    /// # Errors
    /// INT013 where it is none.
    pub fn parse(typed: &str, day: Option<String>) -> Result<PartMeant, Fault> {
        let parts = typed.rsplit_once('/').filter(|(source, _)| SourceRef::parse(source).is_some());
        let (source, part) = parts.ok_or_else(|| none_waits(typed))?;
        Ok(PartMeant { source: source.to_string(), part: part.to_string(), day })
    }

    /// Those that wait, the oldest first.
    ///
    /// # Errors
    /// INT013 where none does; STO001.
    pub fn waiting(&self, engine: &OpenSite) -> Result<Vec<SetPartRow>, Fault> {
        let is_meant = |row: &SetPartRow| row.is_of(&self.part, self.day.as_deref());
        let found: Vec<SetPartRow> = engine.store.waiting_parts(&self.source)?.into_iter().filter(is_meant).collect();
        if found.is_empty() { Err(none_waits(&self.source)) } else { Ok(found) }
    }

    /// What it is called where it was settled: the part, and the day where one was given.
    pub fn words(&self) -> String {
        let of = self.day.as_ref().map(|day| format!(" of {day}")).unwrap_or_default();
        format!("{}{of} of {}", self.part, self.source)
    }
}

fn none_waits(named: &str) -> Fault {
    let rule = rules::UNKNOWN_INPUT
        .worded("no file of this part waits for others", "`bex runs` says which files wait, and of which day: INT035");
    rule.at(Place::Named(Label::new(named)))
}

/// Ends the waiting of files: they are sealed and kept, and nothing comes of them. Returns them.
///
/// # Errors
/// RUN020 without a reason; those of an act that wants two people; RUN001 while somebody takes the source in; INT013
/// where none waits any more; STO001.
pub fn settle_parts(
    engine: &Engine,
    meant: &PartMeant,
    grounds: &Grounds,
    permit: &Permit<SettleInput>,
) -> Result<Vec<SetPartRow>, Fault> {
    grounds.given()?;
    let PartMeant { source, part, day } = meant.clone();
    let wanted = WantedAct::Part { source, part, day };
    by_two(engine, &ToBeDone { wanted: &wanted, feed: &meant.source, people: 0 }, grounds, permit)?;
    let _alone = alone(engine, &meant.source)?;
    let ended = meant.waiting(engine)?;
    let landed = engine.store.landed_of(&meant.source)?;
    let mut change = engine.change()?;
    let of = ActOf { act: "input settle", feed: &meant.source, run: None };
    let recorded = keep(engine, &mut change, &of, grounds)?;
    let mut events = Vec::new();
    for row in &ended {
        change.record_aside(&row.archive)?;
        change.end_wait(&row.archive, PartEnding::Settled)?;
        let sealed = landed.iter().find(|landed| landed.archive == row.archive);
        let event = Event::new(Action::InputSettled).name("source", &row.source).name("part", &row.part);
        let event = event.name("archive", &row.archive).count("recorded", recorded);
        let event = sealed.map_or(event.clone(), |sealed| event.name("sha256", &sealed.sealed_sha256));
        events.push(by_whom(engine, event, grounds, true).permitted(permit));
    }
    engine.commit(change, &events)?;
    Ok(ended)
}
