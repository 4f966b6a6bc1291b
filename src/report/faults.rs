//! Faults, for people and for scripts.

use serde_json::{Value, json};

use crate::fault::Fault;

/// A fault on two lines: what is wrong and where, then what to do.
pub fn fault_lines(fault: &Fault) -> String {
    format!("{}: {fault}\n    next: {}\n", fault.severity.word(), fault.next)
}

/// A fault as JSON: `code`, `severity`, `place`, `rule`, `next`.
pub fn fault_json(fault: &Fault) -> Value {
    let mut rule = fault.rule.to_string();
    if !fault.facts.is_empty() {
        let facts: Vec<String> = fault.facts.iter().map(ToString::to_string).collect();
        rule = format!("{rule} ({})", facts.join(", "));
    }
    json!({
        "code": fault.code,
        "severity": fault.severity.word(),
        "place": fault.place.to_string(),
        "rule": rule,
        "next": fault.next,
    })
}
