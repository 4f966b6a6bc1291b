//! Colour, where it is wanted.

use anstyle::{AnsiColor, Effects, Style};

use crate::fault::Severity;

const CYAN: Style = AnsiColor::Cyan.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

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

    /// False where text is left as it is, so that nothing need be copied for it.
    pub fn is_on(self) -> bool {
        self.on
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.on && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// What structures a page.
    pub fn heading(self, text: &str) -> String {
        self.with(CYAN.effects(Effects::BOLD), text)
    }

    /// What names a line.
    pub fn strong(self, text: &str) -> String {
        self.with(Style::new().effects(Effects::BOLD), text)
    }

    /// Explanations beside what matters.
    pub fn faint(self, text: &str) -> String {
        self.with(Style::new().effects(Effects::DIMMED), text)
    }

    /// Green: new, or as it should be.
    pub fn added(self, text: &str) -> String {
        self.with(GREEN, text)
    }

    /// Red: taken away, or wrong.
    pub fn gone(self, text: &str) -> String {
        self.with(RED, text)
    }

    /// Yellow: different, or waiting for somebody.
    pub fn changed(self, text: &str) -> String {
        self.with(YELLOW, text)
    }

    /// The word for how a run or a delivery stands. The word alone says it; the colour only finds it sooner.
    pub fn state(self, word: &str) -> String {
        match word {
            "accepted" | "assumed" | "delivered" | "nothing to send" => self.added(word),
            "failed" | "rejected" | "uncertain" => self.gone(word),
            "held" | "open" => self.changed(word),
            _ => word.to_owned(),
        }
    }

    /// The word for how much a fault matters.
    pub fn severity(self, severity: Severity) -> String {
        let style = match severity {
            Severity::Notice => CYAN,
            Severity::Warning => YELLOW,
            Severity::Error | Severity::Fatal => RED.effects(Effects::BOLD),
        };
        self.with(style, severity.word())
    }
}
