//! Faults, for people and for scripts.

use serde_json::{Value, json};

use super::paint::Paint;
use crate::fault::{Class, Fault, FaultRecord};

/// A fault on two lines: what is wrong and where, then what to do.
pub fn fault_lines(fault: &Fault) -> String {
    painted_fault(fault, Paint::default())
}

/// The same two lines, the severity in its colour.
pub fn painted_fault(fault: &Fault, paint: Paint) -> String {
    format!("{}: {fault}\n    next: {}\n", paint.severity(fault.severity), fault.next)
}

/// An answer that may lack what is sealed: where it does, it says so under `sealed`, and there alone.
pub fn with_sealed(mut answer: Value, sealed: Option<&Fault>) -> Value {
    if let Some(fault) = sealed {
        answer["sealed"] = fault_json(fault);
    }
    answer
}

/// A fault as JSON; see [`record_json`].
pub fn fault_json(fault: &Fault) -> Value {
    record_json(&FaultRecord::from(fault))
}

/// A fault as JSON; the keys are a contract: `code`, `class`, `severity`, `place` as text, `where` in parts, `rule`
/// with the facts as text, `facts`, `next`. `class` and `where` are null for faults that 0.1.0 kept.
pub fn record_json(fault: &FaultRecord) -> Value {
    json!({
        "code": fault.code,
        "class": fault.class.map(Class::word),
        "severity": fault.severity.word(),
        "place": fault.place,
        "where": fault.at,
        "rule": fault.sentence(),
        "facts": fault.facts,
        "next": fault.next,
    })
}
