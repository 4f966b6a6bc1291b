//! To read of a person is an act: it is recorded before anything of it is shown.

use crate::act::{ActOf, Grounds, keep};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;

/// What somebody is about to read, and why.
pub(super) struct RecordedReading<'r> {
    pub engine: &'r Engine,
    pub action: Action,
    /// The command, as it is kept with the reason.
    pub act: &'static str,
    pub grounds: &'r Grounds<'r>,
}

impl RecordedReading<'_> {
    /// Records it, with what the reader has found.
    pub fn record(&self, found: impl FnOnce(Event) -> Event) -> Result<(), Fault> {
        let mut change = self.engine.change()?;
        let of = ActOf { act: self.act, feed: "", run: None };
        let recorded = keep(self.engine, &mut change, &of, self.grounds)?;
        let event = found(Event::new(self.action)).count("recorded", recorded);
        self.engine.commit(change, &[event])
    }
}
