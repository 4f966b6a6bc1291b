//! What the commands for anybody's files have in common: how they answer, and what they say beside the answer.

use std::io::Write as _;

use super::arguments::Revealing;
use crate::cli::rules;
use crate::engine::clock::Clock;
use crate::fault::{Fault, Severity};
use crate::report::Paint;
use crate::x12::validate::Report;

/// How commands answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// One JSON document instead of text.
    pub json: bool,
    /// Colour: a terminal that has it, and nobody who asked for none.
    pub color: bool,
    /// Columns of the terminal the answer goes to; none where it goes elsewhere.
    pub width: Option<usize>,
    /// What is said beside the answer goes to a terminal.
    pub terminal: bool,
    /// Tells the time acknowledgements are dated with.
    pub clock: Clock,
}

/// The fault that ended the reading.
pub(super) fn fatal(report: &Report) -> Option<Fault> {
    report.findings.iter().map(Fault::from).find(|fault| fault.severity == Severity::Fatal)
}

/// Says something beside the answer.
pub(super) fn complain(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

impl Options {
    /// The colours of the answer.
    pub(super) fn paint(&self) -> Paint {
        Paint::new(self.color && !self.json)
    }
}

/// Whether people's values are shown. That they are is said on stderr with the reason, so that it stands where the
/// command was called.
pub(super) fn reveals(revealing: &Revealing) -> Result<bool, Fault> {
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
