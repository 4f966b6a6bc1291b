//! `bex x12`: tools for anybody's 834, 999 and TA1 files. They need no site and leave nothing behind.

mod arguments;
mod files;
mod validate;
mod view;
mod diff;
mod mask;
mod ack;

use std::io::Write;

use serde_json::json;

use arguments::Revealing;
pub use arguments::X12Command;

use crate::cli::rules;
use crate::engine::clock::Clock;
use crate::fault::{Fault, Severity};
use crate::report::Paint;
use crate::report::{fault_json, fault_lines};
use crate::run::Exit;
use crate::validate::Report;

/// How commands answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// One JSON document instead of text.
    pub json: bool,
    /// Colour: a terminal that has it, and nobody who asked for none.
    pub color: bool,
    /// Tells the time acknowledgements are dated with.
    pub clock: Clock,
}

/// Runs one of the commands and gives its exit status: 0, 1 or 2, as each command's help says. The answer goes to
/// `out`, refusals to stderr. A reader of `out` that goes away ends the command quietly.
pub fn run(command: &X12Command, out: &mut dyn Write, options: &Options) -> Exit {
    let answered = match command {
        X12Command::Validate(arguments) => validate::run(arguments, out, options),
        X12Command::View(arguments) => view::run(arguments, out, options),
        X12Command::Diff(arguments) => diff::run(arguments, out, options),
        X12Command::Mask(arguments) => mask::run(arguments, out, options),
        X12Command::Ack(arguments) => ack::run(arguments, out, options),
    };
    match answered {
        Ok(exit) => {
            // Whoever read the answer has it, or has gone away.
            let _ = out.flush();
            exit
        }
        Err(fault) => {
            refuse(&fault, out, options);
            Exit::Refused
        }
    }
}

/// Says why nothing was done.
fn refuse(fault: &Fault, out: &mut dyn Write, options: &Options) {
    complain(&fault_lines(fault));
    if options.json {
        let _ = writeln!(out, "{:#}", json!({ "faults": [fault_json(fault)] }));
        let _ = out.flush();
    }
}

/// The fault that ended the reading.
fn fatal(report: &Report) -> Option<&Fault> {
    report.faults.iter().find(|fault| fault.severity == Severity::Fatal)
}

/// Says something beside the answer.
fn complain(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

impl Options {
    fn paint(&self) -> Paint {
        Paint::new(self.color && !self.json)
    }
}

/// Whether people's values are shown. That they are is said on stderr with the reason, so that it stands where the
/// command was called.
fn reveals(revealing: &Revealing) -> Result<bool, Fault> {
    let reason = revealing.reason.as_deref().unwrap_or_default().trim();
    if revealing.unmasked && reason.is_empty() {
        return Err(rules::NO_REASON.fault());
    }
    if revealing.unmasked {
        let plain: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        complain(&format!("people's values are shown; reason: {plain}\n"));
    }
    Ok(revealing.unmasked)
}
