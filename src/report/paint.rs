//! Colour, where it is wanted.

use crate::fault::Severity;

/// Paints text for a terminal, or leaves it as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// With colour or without.
    pub fn new(on: bool) -> Paint {
        Paint { on }
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.on && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// What structures a page.
    pub fn heading(self, text: &str) -> String {
        self.with("1;36", text)
    }

    /// What names a line.
    pub fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What explains.
    pub fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    /// What is new.
    pub fn added(self, text: &str) -> String {
        self.with("32", text)
    }

    /// What is gone.
    pub fn gone(self, text: &str) -> String {
        self.with("31", text)
    }

    /// What is different.
    pub fn changed(self, text: &str) -> String {
        self.with("33", text)
    }

    /// The word for how much a fault matters.
    pub fn severity(self, severity: Severity) -> String {
        let code = match severity {
            Severity::Notice => "36",
            Severity::Warning => "33",
            Severity::Error | Severity::Fatal => "1;31",
        };
        self.with(code, severity.word())
    }
}
