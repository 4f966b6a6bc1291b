//! How things end, and the exit status that says so.

use super::rules;
use crate::audit::{Action, Event};
use crate::fault::{Ending, Fault};
use crate::store::RunRow;

/// The command line's exit statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; nothing needs a person.
    Done = 0,
    /// Faults were found, or the thing asked for failed; nothing half-done.
    Failed = 1,
    /// Usage or configuration refused; nothing started.
    Refused = 2,
    /// Some feeds are done, some failed.
    Partly = 3,
    /// A person must release something.
    Held = 4,
    /// A delivery may have arrived; nothing is resent by itself.
    Uncertain = 5,
    /// Someone else is running it, or has run it.
    Busy = 6,
    /// Integrity is in doubt; all sends are refused.
    IntegrityStop = 7,
    /// Not permitted.
    Forbidden = 8,
    /// Interrupted at a commit point.
    Interrupted = 130,
}

impl Exit {
    /// The status of a fault that is the whole answer.
    pub fn of(fault: &Fault) -> Exit {
        match fault.ending {
            Ending::Failed => Exit::Failed,
            Ending::Refused => Exit::Refused,
            Ending::Busy => Exit::Busy,
            Ending::Waiting => Exit::Held,
            Ending::Interrupted => Exit::Interrupted,
            Ending::Forbidden => Exit::Forbidden,
            Ending::Stopped => Exit::IntegrityStop,
        }
    }

    /// The status of several: the largest of 7, 5, 4, 3 where they apply; failures among successes are 3. An
    /// interruption counts more than 4 and 3: running again says them again. That someone else has run some of them
    /// matters only where nothing was left to run.
    pub fn of_all(exits: &[Exit]) -> Exit {
        let failed = exits.iter().filter(|exit| matches!(exit, Exit::Failed | Exit::Refused)).count();
        let gravest = [Exit::IntegrityStop, Exit::Uncertain, Exit::Interrupted, Exit::Held];
        if let Some(grave) = gravest.into_iter().find(|exit| exits.contains(exit)) {
            return grave;
        }
        if failed > 0 {
            return if failed < exits.len() { Exit::Partly } else { Exit::Failed };
        }
        let all_busy = !exits.is_empty() && exits.iter().all(|exit| *exit == Exit::Busy);
        if all_busy { Exit::Busy } else { Exit::Done }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The sealed file stands at the carrier, with proof.
    Delivered,
    /// Nothing differs from what the carrier knows; nothing was sent.
    NothingToSend,
    /// A guard or a name collision: a person must look.
    Held(Vec<Fault>),
    /// It failed; nothing was published, and `bex resume` goes on.
    Failed(Fault),
    /// It may have been published.
    Uncertain(Fault),
    /// The process was asked to stop, and did at a commit point; `bex resume` goes on.
    Interrupted(Fault),
    /// A person has voided it: its numbers are void, and what it staged counts for nothing.
    Voided,
    /// What a person said is recorded; nothing was sent.
    Recorded,
    /// This feed has run for this date on these inputs already.
    RanAlready,
}

impl Outcome {
    /// The exit status of this outcome alone.
    pub fn exit(&self) -> Exit {
        match self {
            Outcome::Delivered | Outcome::NothingToSend | Outcome::Voided | Outcome::Recorded => Exit::Done,
            Outcome::Held(_) => Exit::Held,
            Outcome::Failed(fault) if Exit::of(fault) == Exit::IntegrityStop => Exit::IntegrityStop,
            Outcome::Failed(fault) if Exit::of(fault) == Exit::Busy => Exit::Busy,
            Outcome::Failed(_) => Exit::Failed,
            Outcome::Uncertain(_) => Exit::Uncertain,
            Outcome::Interrupted(_) => Exit::Interrupted,
            Outcome::RanAlready => Exit::Busy,
        }
    }

    /// Whether nothing is left to do for the run.
    pub fn is_an_end(&self) -> bool {
        matches!(self, Outcome::Delivered | Outcome::NothingToSend)
    }

    /// What is to be said about it.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Outcome::Held(faults) => faults,
            Outcome::Failed(fault) | Outcome::Uncertain(fault) | Outcome::Interrupted(fault) => {
                std::slice::from_ref(fault)
            }
            _ => &[],
        }
    }

    /// One or two words, the same in text, JSON and log.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Delivered => "delivered",
            Outcome::NothingToSend => "nothing to send",
            Outcome::Held(_) => "held",
            Outcome::Failed(_) => "failed",
            Outcome::Uncertain(_) => "uncertain",
            Outcome::Interrupted(_) => "interrupted",
            Outcome::Voided => "voided",
            Outcome::Recorded => "recorded",
            Outcome::RanAlready => "ran already",
        }
    }
}

impl From<Fault> for Outcome {
    /// What a fault that ends a run makes of it.
    fn from(fault: Fault) -> Outcome {
        match fault.ending {
            Ending::Interrupted => Outcome::Interrupted(fault),
            Ending::Waiting => Outcome::Held(vec![fault]),
            _ => Outcome::Failed(fault),
        }
    }
}

/// Why a run stops before its end.
pub(super) enum Stop {
    Held(Vec<Fault>),
    Failed(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Failed(fault)
    }
}

/// An event of a run.
pub(super) fn event(action: Action, run: &RunRow) -> Event {
    Event::new(action).name("feed", &run.feed).count("run", run.id)
}

/// There is no such run, or none that can be gone on with.
pub(super) fn unknown_run() -> Fault {
    rules::UNKNOWN_RUN.fault()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_status_of_several_feeds_wins() {
        assert_eq!(Exit::of_all(&[Exit::Done, Exit::Failed]), Exit::Partly);
        assert_eq!(Exit::of_all(&[Exit::Failed, Exit::Failed]), Exit::Failed);
        assert_eq!(Exit::of_all(&[Exit::Held, Exit::Failed, Exit::Done]), Exit::Held);
        assert_eq!(Exit::of_all(&[Exit::Held, Exit::Uncertain]), Exit::Uncertain);
        assert_eq!(Exit::of_all(&[Exit::Busy, Exit::Done]), Exit::Done);
        assert_eq!(Exit::of_all(&[Exit::Busy, Exit::Busy]), Exit::Busy);
        assert_eq!(Exit::of_all(&[Exit::Held, Exit::Interrupted]), Exit::Interrupted);
        assert_eq!(Exit::of_all(&[Exit::Uncertain, Exit::Interrupted]), Exit::Uncertain);
        assert_eq!(Exit::of_all(&[]), Exit::Done);
    }
}
