//! Nights that came to no run: a feed that fails before it has one leaves a record all the same, so that whoever looks
//! at the board in the morning sees it.

use chrono::NaiveDate;

use crate::audit::{Action, Event};
use crate::engine::OpenSite;
use crate::fault::{Fault, FaultRecord};
use crate::mapping::Feed;
use crate::state::InputState;
use crate::store::{MissedRow, NewMissed, Owner};

/// A night that came to no run, with everything that was wrong.
#[derive(Clone, Debug)]
pub struct MissedNight {
    /// What was tried and why it failed.
    pub row: MissedRow,
    /// The faults of the inputs that were refused.
    pub of_inputs: Vec<FaultRecord>,
}

/// The nights that came to no run and that no later run has made good, oldest first.
///
/// # Errors
/// STO001; STO007 where a record holds a word that this version does not know.
pub fn missed_nights(engine: &OpenSite) -> Result<Vec<MissedNight>, Fault> {
    let store = &engine.store;
    let with_faults = |row: MissedRow| {
        let of_each = row.refused.iter().map(|input| store.faults(Owner::Input(*input)));
        let of_inputs = of_each.collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect();
        Ok(MissedNight { row, of_inputs })
    };
    let mine = store.missed()?.into_iter().filter(|row| engine.may_look_at(&row.feed));
    mine.map(with_faults).collect()
}

/// Records that a feed failed before it had a run. What cannot be recorded is in the log: the night goes on, and its
/// answer says it anyway.
pub(super) fn record(engine: &OpenSite, feed: &Feed, date: NaiveDate, fault: &Fault) {
    let date = date.to_string();
    let recorded = refused_inputs(engine, feed).and_then(|refused| {
        let missed = NewMissed { feed: feed.name.as_str(), business_date: &date, refused, fault };
        let mut change = engine.change()?;
        change.record_missed(&missed)?;
        let event = Event::new(Action::RunMissed).name("feed", missed.feed).name("date", &date);
        engine.commit(change, &[event.name("code", fault.code)])
    });
    // What failed may be the very store that this is written to: then the log and the night's own answer are what is
    // left.
    if let Err(fault) = recorded {
        tracing::error!(code = fault.code, feed = feed.name.as_str(), "a missed night could not be recorded");
    }
}

/// The newest inputs of the feed's sources, where they were set aside.
fn refused_inputs(engine: &OpenSite, feed: &Feed) -> Result<[Option<i64>; 2], Fault> {
    let refused = |source: &str| {
        let newest = engine.store.newest_input(source)?.filter(|input| input.state == InputState::Quarantined);
        Ok::<_, Fault>(newest.map(|input| input.id))
    };
    Ok([refused(&format!("census/{}", feed.census))?, refused(&format!("elections/{}", feed.elections))?])
}
