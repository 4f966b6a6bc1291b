//! Step boundaries: the places a crash test can stop the process at.

use std::cell::Cell;

/// Counts the boundaries a process passes, and aborts it at one of them when a test asks for that.
///
/// A boundary lies on either side of every commit and of every operation at a carrier. Aborting there is what a
/// power cut or `kill -9` does between two instructions that matter.
#[derive(Debug, Default)]
pub struct Steps {
    passed: Cell<u64>,
    abort_at: Option<u64>,
}

impl Steps {
    /// Steps that abort the process at the `n`th boundary, from 1.
    pub fn aborting_at(n: u64) -> Steps {
        Steps { passed: Cell::new(0), abort_at: Some(n) }
    }

    /// Passes a boundary.
    pub fn boundary(&self) {
        self.passed.set(self.passed.get() + 1);
        if self.abort_at == Some(self.passed.get()) {
            std::process::abort();
        }
    }

    /// Boundaries passed so far.
    pub fn passed(&self) -> u64 {
        self.passed.get()
    }
}
