//! `bex x12`: tools for anybody's 834, 999 and TA1 files. They need no site and leave nothing behind.

mod arguments;
mod options;
mod progress;
mod fitted;
mod files;
mod validate;
mod view;
mod diff;
mod mask;
mod ack;

use std::io::Write;

use serde_json::json;

pub use arguments::X12Command;
pub use options::Options;
use options::complain;

use crate::fault::Fault;
use crate::report::{fault_json, fault_lines};
use crate::run::Exit;

/// Runs one of the commands and returns its exit status: 0, 1 or 2, as each command's help says. The answer goes to
/// `out`, refusals to stderr. A reader of `out` that goes away ends the command quietly.
pub fn run(command: &X12Command, out: &mut dyn Write, options: &Options) -> Exit {
    match options.width.filter(|_| !options.json && command.answers_in_words()) {
        Some(width) => answer(command, &mut fitted::Fitted::new(out, width), options),
        None => answer(command, out, options),
    }
}

fn answer(command: &X12Command, out: &mut dyn Write, options: &Options) -> Exit {
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
