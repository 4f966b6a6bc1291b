//! What the doctor has found, for people and for scripts.

use serde_json::{Value, json};

use super::faults::fault_json;
use super::paint::Paint;
use super::records::marked;
use super::screen::{Screen, columns};
use crate::doctor::Finding;
use crate::fault::Severity;
use crate::state::Urgency;

/// How much is well, then a line for everything that was looked at: what is wrong says what to do next.
pub fn doctor_text(findings: &[Finding], screen: Screen) -> String {
    let count = |wanted: fn(&Finding) -> bool| findings.iter().filter(|finding| wanted(finding)).count();
    let (serious, looked_at) = (count(Finding::is_serious), findings.len());
    let remarks = count(|finding| finding.fault.is_some() && !finding.is_serious());
    let unreached = count(|finding| !finding.is_reached);
    let well = looked_at - serious - remarks - unreached;
    let parts = [(serious, "in the way of tonight"), (remarks, "to be seen to"), (unreached, "not reached")];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
    let head = format!("{well} of {looked_at} well{}\n", parts.collect::<String>());
    let widest = |text: fn(&Finding) -> &str| findings.iter().map(|finding| columns(text(finding))).max().unwrap_or(0);
    let widths = [widest(|finding| &finding.of), widest(|finding| finding.what)];
    screen.fold(&(head + &findings.iter().map(|finding| line(finding, widths, screen.paint)).collect::<String>()))
}

fn line(finding: &Finding, [of_width, what_width]: [usize; 2], paint: Paint) -> String {
    let Finding { of, what, words, fault, is_reached } = finding;
    let about = format!("{of:<of_width$}  {what:<what_width$}");
    let Some(fault) = fault else {
        let mark = if *is_reached { paint.added("o") } else { paint.faint("-") };
        return format!(" {mark} {about}  {words}\n");
    };
    let urgency = if fault.severity >= Severity::Error { Urgency::Now } else { Urgency::Today };
    marked(urgency, &format!("{:>2} {about}  {fault}\n     next: {}\n", urgency.mark(), fault.next), paint)
}

/// The same as JSON; the keys are a contract.
pub fn doctor_json(findings: &[Finding]) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "of": finding.of, "what": finding.what, "found": finding.words,
            "fault": finding.fault.as_ref().map(fault_json), "reached": finding.is_reached,
        })
    };
    json!({ "checks": findings.iter().map(finding).collect::<Vec<_>>() })
}
