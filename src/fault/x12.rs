//! What the x12 crate finds wrong, as faults of ours.

use super::fault::{Fact, Fault};
use super::label::Label;
use super::place::Place;
use super::rule::{Class, Ending, Rule, Severity};
use crate::x12;
use crate::x12::ErrorKind;

impl From<x12::Severity> for Severity {
    fn from(severity: x12::Severity) -> Severity {
        match severity {
            x12::Severity::Notice => Severity::Notice,
            x12::Severity::Warning => Severity::Warning,
            x12::Severity::Error => Severity::Error,
            x12::Severity::Fatal => Severity::Fatal,
        }
    }
}

/// A rule of the crate in our form.
fn rule_of(class: Class, rule: &x12::Rule) -> Rule {
    let x12::Rule { code, severity, rule: sentence, next, .. } = *rule;
    Rule { code, class, severity: severity.into(), ending: Ending::usual(class), sentence, next }
}

/// Whose it is to mend: a call, a setting and a disk are ours, a file is its sender's.
fn class_of(rule: &x12::Rule) -> Class {
    let kinds = [ErrorKind::Read, ErrorKind::Write, ErrorKind::Tag, ErrorKind::OutOfOrder, ErrorKind::Header];
    let declared = [ErrorKind::Overlay { entry: String::new() }, ErrorKind::Guide { line: 0 }];
    let ours = kinds.iter().chain(&declared).any(|kind| kind.rule() == rule);
    if ours { Class::Ours } else { Class::Theirs }
}

/// Every rule of the crate: those whose breach ends reading or writing, then those a file is judged by.
pub(crate) fn rules() -> impl Iterator<Item = Rule> {
    x12::RULES.iter().chain(x12::rules::ALL).map(|rule| rule_of(class_of(rule), rule))
}

impl From<x12::Error> for Fault {
    /// The words of the source's or sink's own error stay behind: they may name whatever they like.
    fn from(error: x12::Error) -> Fault {
        let place = match error.kind() {
            ErrorKind::Overlay { entry } => Place::Named(Label::new(entry)),
            // Where nothing is X12, there is no segment to point at.
            ErrorKind::Guide { .. } | ErrorKind::NotX12 => Place::Nowhere,
            _ => Place::X12(error.position()),
        };
        let mut fault = rule_of(class_of(error.rule()), error.rule()).at(place);
        fault.facts.extend(error.detail().map(|detail| Fact::Count(detail.what, detail.number)));
        fault
    }
}

impl<W: std::io::Write> From<x12::FinishError<W>> for Fault {
    fn from(unfinished: x12::FinishError<W>) -> Fault {
        x12::Error::from(unfinished).into()
    }
}

impl From<&x12::validate::Finding> for Fault {
    fn from(finding: &x12::validate::Finding) -> Fault {
        let mut fault = rule_of(Class::Theirs, finding.rule).at(Place::X12(finding.position));
        fault.facts.extend(finding.details.iter().map(|detail| Fact::Count(detail.what, detail.number)));
        fault.with_severity(finding.severity.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_crate_keeps_its_code_place_and_number_and_loses_its_source() {
        let error = x12::Reader::builder().segments(1).from_reader(std::io::repeat(b'\n')).next_segment().unwrap_err();
        let fault = Fault::from(error);
        assert_eq!((fault.code, fault.severity, fault.class), ("X12007", Severity::Fatal, Class::Theirs));
        assert_eq!(
            fault.to_string(),
            "X12007 segments follow each other (bytes of filler at most 4096) at segment 1 ??? (byte 4097)"
        );
    }
}
