//! Where a command's text goes.

use std::io::{BufRead as _, IsTerminal as _};
use std::os::fd::AsFd;

use super::arguments::Global;
use crate::engine::SiteOpened;
use crate::fault::Fault;
use crate::report::{Paint, Remark, Screen, fault_json, painted_fault, with_sealed};
use crate::run::Exit;

/// The terminal as a command sees it. Answers go to stdout, faults to stderr, so that a script may keep them apart.
pub(super) struct Page {
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
    pub terminal: bool,
    /// For what goes to stdout.
    pub paint: Paint,
    width: Option<usize>,
    complaints: Paint,
}

impl Page {
    pub fn new(global: &Global) -> Page {
        let Global { json, quiet, verbose, .. } = *global;
        let terminal = std::io::stderr().is_terminal();
        let paint = Paint::new(wants_color(global) && !json && std::io::stdout().is_terminal());
        Page {
            json,
            quiet,
            verbose,
            terminal,
            paint,
            width: width(&std::io::stdout()),
            complaints: Paint::new(wants_color(global) && terminal),
        }
    }

    /// What the answer is shown on.
    pub fn screen(&self) -> Screen {
        Screen { paint: self.paint, width: self.width }
    }

    /// The command's answer in words, on stdout; nothing where the answer is JSON.
    pub fn say(&self, text: &str) {
        if !self.json {
            put(std::io::stdout().lock(), text);
        }
    }

    /// The same, folded to the terminal.
    pub fn show(&self, text: &str) {
        self.say(&self.screen().fold(text));
    }

    /// What a command that acts has done, on stdout; with `--quiet` only where somebody is needed.
    pub fn report(&self, text: &str, needs_somebody: bool) {
        if needs_somebody || !self.quiet {
            self.show(text);
        }
    }

    /// A remark on what a command has done, and the faults that come with it.
    pub fn remark(&self, remark: &Remark) {
        self.report(&remark.text, remark.needs_somebody);
        self.faults(&remark.faults);
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

    /// The same, its words folded to the terminal: of what people read, and not of what they would keep as it is.
    pub fn answer_shown(&self, json: impl FnOnce() -> serde_json::Value, text: impl FnOnce() -> String) -> Exit {
        self.answer(json, || self.screen().fold(&text()))
    }

    /// The same of a site whose keys may not be here: what is sealed is not shown, and that is said each time.
    pub fn answer_of(
        &self,
        site: &SiteOpened,
        json: impl FnOnce() -> serde_json::Value,
        text: impl FnOnce() -> String,
    ) -> Exit {
        let sealed = site.sealed();
        let exit = self.answer(|| with_sealed(json(), sealed.as_ref()), text);
        self.faults(sealed.as_slice());
        exit
    }

    /// The command's answer as one JSON document.
    pub fn say_json(&self, document: &serde_json::Value) {
        put(std::io::stdout().lock(), &format!("{document:#}\n"));
    }

    /// What is wrong: on stderr, whatever form the answer has.
    pub fn faults(&self, faults: &[Fault]) {
        let screen = Screen { paint: self.complaints, width: width(&std::io::stderr()) };
        let say = |fault| put(std::io::stderr().lock(), &screen.fold(&painted_fault(fault, screen.paint)));
        faults.iter().for_each(say);
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

/// A number that is asked for at a terminal, and typed there; none where nobody can be asked.
pub(super) fn asked_number(page: &Page, question: &str) -> Option<u64> {
    if page.json || !std::io::stdin().is_terminal() {
        return None;
    }
    page.say(&format!("     {question}"));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).ok()?;
    line.trim().parse().ok()
}

/// Columns of the terminal that a stream goes to, 60 to 160; none where it is no terminal, or says nothing.
fn width(stream: &impl AsFd) -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(stream)?;
    (width.0 > 0).then(|| usize::from(width.0).clamp(60, 160))
}

/// Whether colour is welcome where there is a terminal: nobody has said otherwise, and the terminal has it.
pub(super) fn wants_color(global: &Global) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !global.no_color && !refused && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}

/// A reader that has gone away is no fault of the command.
fn put(mut out: impl std::io::Write, text: &str) {
    // A question that is asked at a terminal ends with no line, and would be held back.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
