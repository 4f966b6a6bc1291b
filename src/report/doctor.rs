//! What the doctor has found, for people and for scripts.

use serde_json::{Value, json};

use super::faults::fault_json;
use super::paint::Paint;
use crate::doctor::Finding;
use crate::fault::Severity;

/// A line for everything that was looked at: what is wrong says what to do next.
pub fn doctor_text(findings: &[Finding], paint: Paint) -> String {
    findings.iter().map(|finding| line(finding, paint)).collect()
}

fn line(finding: &Finding, paint: Paint) -> String {
    let Finding { of, what, words, fault } = finding;
    let Some(fault) = fault else { return format!(" o  {of}  {what}: {words}\n") };
    let mark = if fault.severity >= Severity::Error { paint.gone("!!") } else { paint.changed(" !") };
    format!("{mark}  {of}  {what}: {fault}\n    next: {}\n", fault.next)
}

/// The same as JSON; the keys are a contract.
pub fn doctor_json(findings: &[Finding]) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "of": finding.of, "what": finding.what, "found": finding.words,
            "fault": finding.fault.as_ref().map(fault_json),
        })
    };
    json!({ "checks": findings.iter().map(finding).collect::<Vec<_>>() })
}
