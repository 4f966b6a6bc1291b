//! A program of the machine that is given something to read, for so long and no longer.
#![allow(clippy::disallowed_methods, reason = "an edge: this module starts the programs that carry messages")]

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where requests are made: the program is found as the system finds programs.
const CURL: &str = "curl";

/// How often a program is asked whether it has ended, and how often at most.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From one look to the next.
    pub look: Duration,
    /// Then it is ended.
    pub looks_max: u32,
}

/// Why a program has not done its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// It could not be started.
    NotStarted,
    /// It ended with another status than 0.
    Failed,
    /// It did not end in time.
    TookTooLong,
}

impl Undone {
    /// The word in which a fault says it.
    pub fn word(self) -> &'static str {
        match self {
            Undone::NotStarted => "not-started",
            Undone::Failed => "failed",
            Undone::TookTooLong => "took-too-long",
        }
    }
}

/// Starts a program, gives it what it is to read, and waits for its end.
///
/// # Errors
/// Why it has not done its work.
pub fn hand_to(command: &mut Command, input: &str, patience: Patience) -> Result<(), Undone> {
    let quiet = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn().map_err(|_| Undone::NotStarted)?;
    let given = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    // A program that does not read what it is given may have done its work all the same: its status says so.
    drop(given);
    wait(&mut child, patience)
}

/// Gives curl its requests where nobody sees them: nothing of them stands in the list of processes.
///
/// # Errors
/// Why it has not done its work.
pub fn hand_to_curl(requests: &str, patience: Patience) -> Result<(), Undone> {
    hand_to(Command::new(CURL).args(["--config", "-"]), requests, patience)
}

/// Text as it stands between quotes in curl's configuration.
pub fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn wait(child: &mut Child, patience: Patience) -> Result<(), Undone> {
    for _ in 0..patience.looks_max {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(_)) => return Err(Undone::Failed),
            Ok(None) => std::thread::sleep(patience.look),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(Undone::TookTooLong)
}
