//! Signals: the first SIGINT or SIGTERM asks the process to stop at its next commit point, the second ends it.

use std::io::Write as _;

use nix::sys::signal::{SigSet, Signal, raise};

use crate::engine::Interruption;

/// From now on SIGINT and SIGTERM ask for the interruption that is given back. To be called before other threads are
/// started: threads inherit what is blocked, and the two are answered by one thread alone.
///
/// Where signals cannot be blocked they keep ending the process at once, which leaves no less behind than a crash.
pub(super) fn listen() -> Interruption {
    let interruption = Interruption::default();
    let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM].into_iter().collect();
    if signals.thread_block().is_ok() {
        let asked = interruption.clone();
        std::thread::spawn(move || wait(&signals, &asked));
    }
    interruption
}

fn wait(signals: &SigSet, asked: &Interruption) {
    let Ok(_) = signals.wait() else { return };
    asked.ask();
    // A terminal that is gone is no reason not to stop.
    let _ = std::io::stderr()
        .lock()
        .write_all(b"stopping at the next commit point; nothing is lost, and a second signal ends bex at once\n");
    let Ok(again) = signals.wait() else { return };
    // Ends the process as if nobody had listened, with the status the signal gives.
    let _ = signals.thread_unblock();
    let _ = raise(again);
}
