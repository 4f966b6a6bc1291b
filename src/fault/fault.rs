//! What can be wrong, said without saying anybody's data.
//!
//! A [`Fault`] is built from words of ours, counts, and names that stand in the configuration. There is no
//! field that could hold a member's value, a secret, or another library's error text.

use std::fmt;

use super::label::Label;
use super::place::Place;

/// How much a fault matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is withheld.
    Notice,
    /// Accepted, but somebody should correct it at its source.
    Warning,
    /// The row, member or file it stands at is refused.
    Error,
    /// Nothing after this place can be trusted.
    Fatal,
}

impl Severity {
    /// The word used in messages and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Notice => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
        }
    }
}

/// A circumstance that helps to understand a fault: a count or a configured name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A number, and what it counts.
    Count(&'static str, u64),
    /// A configured or standard name, and what it names.
    Name(&'static str, Label),
}

impl fmt::Display for Fact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Count(what, count) => write!(out, "{what} {count}"),
            Fact::Name(what, name) => write!(out, "{what} {name}"),
        }
    }
}

/// Something wrong: a stable code, where, which rule, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable code, such as `CEN004`; names a page of `docs/runbook/`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// The rule that does not hold, one sentence without a full stop.
    pub rule: &'static str,
    /// What to do about it.
    pub next: &'static str,
    /// Counts and names that make it concrete.
    pub facts: Vec<Fact>,
}

impl Fault {
    /// An error without facts.
    pub fn error(code: &'static str, place: Place, rule: &'static str, next: &'static str) -> Fault {
        Fault { code, severity: Severity::Error, place, rule, next, facts: Vec::new() }
    }

    /// The same fault with another severity.
    pub fn with_severity(self, severity: Severity) -> Fault {
        Fault { severity, ..self }
    }

    /// The same fault at another place.
    pub fn at(self, place: Place) -> Fault {
        Fault { place, ..self }
    }

    /// The same fault with a count added.
    pub fn count(mut self, what: &'static str, count: u64) -> Fault {
        self.facts.push(Fact::Count(what, count));
        self
    }

    /// The same fault with a configured name added.
    pub fn name(mut self, what: &'static str, name: &str) -> Fault {
        self.facts.push(Fact::Name(what, Label::new(name)));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.code, self.rule)?;
        for (index, fact) in self.facts.iter().enumerate() {
            write!(out, "{}{fact}", if index == 0 { " (" } else { ", " })?;
        }
        if !self.facts.is_empty() {
            out.write_str(")")?;
        }
        if self.place != Place::Nowhere {
            write!(out, " at {}", self.place)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_as_code_rule_facts_and_place() {
        let fault =
            Fault::error("X", Place::Nowhere, "counts must agree", "recount").count("found", 2).count("said", 3);
        assert_eq!(fault.to_string(), "X counts must agree (found 2, said 3)");
    }
}
