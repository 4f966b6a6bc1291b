//! Where a process may stop: at crash points because a crash test wants it, after commits because it was asked to.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::rules;
use crate::fault::Fault;

/// How often whoever waits looks whether the process was asked to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Counts the crash points a process passes, and aborts it at one of them when a test asks for that.
///
/// A crash point lies on either side of every commit and of every operation at a carrier. Aborting there is what a
/// power cut or `kill -9` does between two instructions that matter.
#[derive(Debug, Default)]
pub struct Steps {
    passed: Cell<u64>,
    abort_at: Option<u64>,
    interruption: Interruption,
}

/// The wish of a person or of the system that the process stop. Clones are one and the same.
#[derive(Clone, Debug, Default)]
pub struct Interruption {
    asked: Arc<AtomicBool>,
    /// Something is being published, which is finished and looked at first.
    publishing: Arc<AtomicBool>,
}

impl Interruption {
    /// Marks the wish to stop; work ends at its next commit point.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
    }

    /// Whether somebody has wished that work ends.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Interruption {
    /// The same wish for somebody who works beside: what one publishes keeps no other from being cut off.
    pub fn beside(&self) -> Interruption {
        Interruption { asked: Arc::clone(&self.asked), publishing: Arc::default() }
    }

    /// Whether nobody waits for a server any more: it was asked for, and nothing is being published.
    pub fn cuts(&self) -> bool {
        self.is_asked() && !self.publishing.load(Ordering::SeqCst)
    }
}

impl Steps {
    /// Steps that abort the process at the `n`th crash point, from 1.
    pub fn aborting_at(n: u64) -> Steps {
        Steps { abort_at: Some(n), ..Steps::default() }
    }

    /// The same steps, ending where they are allowed to once the interruption is asked for.
    pub fn ending_on(self, interruption: Interruption) -> Steps {
        Steps { interruption, ..self }
    }

    /// Passes one, and aborts the process if it is the one that was asked for.
    pub fn crash_point(&self) {
        self.passed.set(self.passed.get() + 1);
        if self.abort_at == Some(self.passed.get()) {
            std::process::abort();
        }
    }

    /// Crash points passed so far.
    pub fn passed(&self) -> u64 {
        self.passed.get()
    }

    /// The wish that these steps end on.
    pub fn interruption(&self) -> Interruption {
        self.interruption.clone()
    }

    /// From here on until it is ended, something may be published: no connection is cut.
    pub fn set_publishing(&self, publishing: bool) {
        self.interruption.publishing.store(publishing, Ordering::SeqCst);
    }

    /// Whether the process was asked to stop.
    pub fn is_interrupted(&self) -> bool {
        self.interruption.is_asked()
    }

    /// Lets a while pass, or less where the process is asked to stop.
    pub fn wait(&self, while_of: Duration) {
        let mut left = while_of;
        while !left.is_zero() && !self.is_interrupted() {
            let look = left.min(LOOK);
            std::thread::sleep(look);
            left -= look;
        }
    }

    /// Stops the work here when the process was asked to stop. Called where everything done so far is committed, and
    /// between pages of what would not be missed: what was not committed is then dropped.
    ///
    /// # Errors
    /// RUN014.
    pub fn check_interrupted(&self) -> Result<(), Fault> {
        if self.is_interrupted() { Err(rules::INTERRUPTED.fault()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_on_until_an_interruption_is_asked_for_by_any_of_its_clones() {
        let interruption = Interruption::default();
        let steps = Steps::default().ending_on(interruption.clone());
        assert!(steps.check_interrupted().is_ok());
        interruption.ask();
        assert_eq!(steps.check_interrupted().unwrap_err().code, "RUN014");
        assert!(Steps::default().check_interrupted().is_ok());
    }
}
