//! What can be wrong, said without saying anybody's data.
//!
//! A [`Fault`] is built from words of ours, counts, and names that stand in the configuration. There is no
//! field that could hold a member's value, a secret, or another library's error text.

use std::fmt;

use super::label::Label;
use super::place::Place;
use super::rule::{Class, Ending, Rule, Severity};

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

/// Something wrong: which rule does not hold, where, and what to do next. Made by [`Rule::at`] and [`Rule::fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable code, such as `CEN004`: an entry of the runbook. For people and scripts; code asks [`Fault::is`].
    pub code: &'static str,
    /// Who has to mend it.
    pub class: Class,
    /// How a command ends whose whole answer it is.
    pub ending: Ending,
    /// How much it matters: as its rule says, unless an overlay says otherwise.
    pub severity: Severity,
    /// The file, row, segment or family concerned.
    pub place: Place,
    /// The rule that does not hold, one sentence without a full stop.
    pub rule: &'static str,
    /// What to do about it.
    pub next: &'static str,
    /// Counts and names that make it concrete.
    pub facts: Vec<Fact>,
}

impl Rule {
    /// The fault of breaking this rule, of the whole.
    pub fn fault(&self) -> Fault {
        self.at(Place::Nowhere)
    }

    /// The fault of breaking this rule at a place.
    pub fn at(&self, place: Place) -> Fault {
        Fault {
            code: self.code,
            class: self.class,
            ending: self.ending,
            severity: self.severity,
            place,
            rule: self.sentence,
            next: self.next,
            facts: Vec::new(),
        }
    }
}

impl Fault {
    /// An error without facts, of what somebody sent.
    pub fn error(code: &'static str, place: Place, rule: &'static str, next: &'static str) -> Fault {
        let (class, severity, ending) = (Class::Theirs, Severity::Error, Ending::Failed);
        Rule { code, class, severity, ending, sentence: rule, next }.at(place)
    }

    /// Whether this rule is the one that does not hold, in whatever words.
    pub fn is(&self, rule: &Rule) -> bool {
        self.code == rule.code
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

    const COUNTS: Rule = Rule {
        code: "X",
        class: Class::Theirs,
        severity: Severity::Warning,
        ending: Ending::Failed,
        sentence: "counts must agree",
        next: "recount",
    };

    #[test]
    fn a_fault_reads_as_code_rule_facts_and_place() {
        let fault = COUNTS.fault().count("found", 2).count("said", 3);
        assert_eq!(fault.to_string(), "X counts must agree (found 2, said 3)");
    }

    #[test]
    fn a_fault_in_other_words_is_still_of_its_rule() {
        let fault = COUNTS.worded("totals must agree", "add them up").fault();
        assert!(fault.is(&COUNTS) && !fault.is(&Rule { code: "Y", ..COUNTS }));
        assert_eq!((fault.severity, fault.rule, fault.next), (Severity::Warning, "totals must agree", "add them up"));
    }
}
