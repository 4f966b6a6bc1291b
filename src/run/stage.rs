//! Where decisions go: a run stages them for its delivery, a plan keeps them for whoever asked.

use crate::fault::{Fact, Fault};
use crate::model::enrollment::FamilyChange;
use crate::model::ids::Pseudonym;
use crate::store::{Change, NewHold, Staged};

/// Takes what is decided of families.
pub(super) trait DecisionSink {
    /// A family's staged version.
    ///
    /// # Errors
    /// The store's.
    fn stage(&mut self, staged: Staged, change: &FamilyChange) -> Result<(), Fault>;
}

/// Stages into a change of state.
pub(super) struct StagingSink<'c, 's> {
    change: &'c mut Change<'s>,
    feed: &'c str,
    delivery: i64,
    rows: Vec<Staged>,
}

/// Rows gathered before they are written.
const GATHERED: usize = 1000;

impl<'c, 's> StagingSink<'c, 's> {
    pub fn new(change: &'c mut Change<'s>, feed: &'c str, delivery: i64) -> StagingSink<'c, 's> {
        StagingSink { change, feed, delivery, rows: Vec::new() }
    }

    /// Writes what was gathered.
    ///
    /// # Errors
    /// The store's.
    pub fn flush(&mut self) -> Result<(), Fault> {
        let rows = std::mem::take(&mut self.rows);
        self.change.stage(self.feed, self.delivery, &rows)
    }
}

impl DecisionSink for StagingSink<'_, '_> {
    fn stage(&mut self, staged: Staged, _: &FamilyChange) -> Result<(), Fault> {
        self.rows.push(staged);
        if self.rows.len() < GATHERED { Ok(()) } else { self.flush() }
    }
}

/// A question as the store keeps it.
pub(super) fn hold_row(key: Pseudonym, fault: &Fault) -> NewHold {
    let plan = fault.facts.iter().find_map(|fact| match fact {
        Fact::Name("plan", name) => Some(name.as_str().to_string()),
        _ => None,
    });
    NewHold { key, code: fault.code, subject: plan.unwrap_or_default() }
}
