//! Where a command's text goes.

use std::io::IsTerminal as _;

use super::arguments::Global;
use crate::fault::Fault;
use crate::report::{Remark, fault_json, fault_lines};
use crate::run::Exit;

/// The terminal as a command sees it.
pub(super) struct Page {
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
    pub terminal: bool,
}

impl Page {
    pub fn new(global: &Global) -> Page {
        let terminal = std::io::stderr().is_terminal();
        Page { json: global.json, quiet: global.quiet, verbose: global.verbose, terminal }
    }

    /// The command's answer in words, on stdout; nothing where the answer is JSON.
    pub fn say(&self, text: &str) {
        if !self.json {
            put(std::io::stdout().lock(), text);
        }
    }

    /// What a command that acts has done, on stdout; with `--quiet` only where somebody is needed.
    pub fn report(&self, text: &str, needs_somebody: bool) {
        if needs_somebody || !self.quiet {
            self.say(text);
        }
    }

    /// A remark on what a command has done.
    pub fn remark(&self, remark: &Remark) {
        self.report(&remark.text, remark.needs_somebody);
    }

    /// The answer to a question, in the form that was asked for.
    pub fn answer(&self, json: impl FnOnce() -> serde_json::Value, text: impl FnOnce() -> String) -> Exit {
        if self.json {
            self.say_json(&json())
        } else {
            self.say(&text())
        }
        Exit::Done
    }

    /// The command's answer as one JSON document.
    pub fn say_json(&self, document: &serde_json::Value) {
        put(std::io::stdout().lock(), &format!("{document:#}\n"));
    }

    /// What is wrong: on stderr, or in JSON mode as a document of its own where the command has no other.
    pub fn faults(&self, faults: &[Fault]) {
        faults.iter().for_each(|fault| put(std::io::stderr().lock(), &fault_lines(fault)));
    }

    /// A refusal as the whole answer.
    pub fn refuse(&self, faults: &[Fault]) {
        self.faults(faults);
        if self.json {
            let faults: Vec<_> = faults.iter().map(fault_json).collect();
            self.say_json(&serde_json::json!({ "faults": faults }));
        }
    }

    /// A bar that shows how far a number of things has come; invisible where nobody looks.
    pub fn bar(&self) -> indicatif::ProgressBar {
        if !self.terminal || self.quiet || self.json {
            return indicatif::ProgressBar::hidden();
        }
        let bar = indicatif::ProgressBar::new(0);
        let style = indicatif::ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar
    }
}

/// A reader that has gone away is no fault of the command.
fn put(mut out: impl std::io::Write, text: &str) {
    let _ = out.write_all(text.as_bytes());
}
