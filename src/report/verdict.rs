//! What a validation found, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::fault::{Fact, Fault, Place};
use crate::report::paint::Paint;
use crate::x12::guide;
use crate::x12::guide::Guide;
use crate::x12::validate::Report;

/// What `x12 validate` says about one file: what was found, and by which guide.
#[derive(Clone, Copy)]
pub struct FileVerdict<'a> {
    /// The file as the caller names it.
    pub file: &'a str,
    /// What was found.
    pub report: &'a Report,
    /// What it was judged by.
    pub guide: &'a Guide,
}

impl FileVerdict<'_> {
    /// Whether not even one interchange could be read.
    pub fn is_unreadable(&self) -> bool {
        self.report.totals.segments == 0
    }

    /// `valid`, `invalid` or `unreadable`.
    pub fn word(&self) -> &'static str {
        match (self.is_unreadable(), self.report.is_valid()) {
            (true, _) => "unreadable",
            (false, true) => "valid",
            (false, false) => "invalid",
        }
    }
}

/// A validation as text: a line of summary, then two lines for each fault.
pub fn verdict_text(verdict: &FileVerdict<'_>, paint: Paint) -> String {
    let FileVerdict { file, report, .. } = verdict;
    let word = match verdict.word() {
        "valid" => paint.added("valid"),
        word => paint.gone(word),
    };
    let mut text = format!("{}: {word}{}; {}\n", paint.strong(file), found(report), read(report));
    for finding in &report.findings {
        fault_text(&mut text, &Fault::from(finding), paint);
    }
    if report.left_out() > 0 {
        let _ = writeln!(text, "  and {} more of the kinds above", report.left_out());
    }
    for used in &report.deviations {
        let (overlay, what) = (&used.deviation.overlay, &used.deviation.what);
        let _ = writeln!(text, "  overlay {overlay}: {what}, used {}", times(used.count));
    }
    text
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn found(report: &Report) -> String {
    let counts = report.counts;
    let kinds = [
        (counts.fatal, "fatal fault", "fatal faults"),
        (counts.errors, "error", "errors"),
        (counts.warnings, "warning", "warnings"),
        (counts.notices, "notice", "notices"),
    ];
    let words: Vec<String> =
        kinds.iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| plural(*count, one, many)).collect();
    if words.is_empty() { String::new() } else { format!(", {}", words.join(", ")) }
}

fn read(report: &Report) -> String {
    let totals = report.totals;
    format!(
        "{}, {}, {}",
        plural(totals.sets, "set", "sets"),
        plural(totals.members, "member", "members"),
        plural(totals.segments, "segment", "segments"),
    )
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn fault_text(text: &mut String, fault: &Fault, paint: Paint) {
    let severity = paint.severity(fault.severity);
    let facts = match fault.facts.as_slice() {
        [] => String::new(),
        facts => format!(" ({})", facts.iter().map(Fact::to_string).collect::<Vec<_>>().join(", ")),
    };
    let name = element_name(fault).map(|name| format!(", {name}")).unwrap_or_default();
    let (code, place) = (paint.strong(fault.code), &fault.place);
    let _ = writeln!(text, "  {severity} {code} {place}{name}: {}{facts}", fault.rule);
    let _ = writeln!(text, "      {} {}", paint.faint("next:"), fault.next);
}

/// The guide's name of the element at a fault's place, if it stands in a set.
fn element_name(fault: &Fault) -> Option<&'static str> {
    let Place::X12(place) = fault.place else { return None };
    if !place.name.is_empty() {
        return Some(place.name);
    }
    let before = usize::from(place.element).checked_sub(1)?;
    let control = || guide::control().by_tag(place.tag_text().as_bytes());
    let guide = guide::x220a1();
    let in_loop = guide.find(place.loop_id, place.tag_text(), None).and_then(|index| guide.segments.get(index));
    let element = in_loop.or_else(control)?.elements.get(before)?;
    let named = match usize::from(place.component).checked_sub(1) {
        Some(component) => element.components.get(component).unwrap_or(element),
        None => element,
    };
    Some(named.name).filter(|name| !name.is_empty())
}

/// A validation as JSON: the report as the crate of X12 writes it, with the file, the verdict in a word, and how many
/// findings were too many to be kept. The keys are a contract.
pub fn verdict_json(verdict: &FileVerdict<'_>) -> Value {
    let mut value = serde_json::to_value(verdict.report).unwrap_or_default();
    value["file"] = json!(verdict.file);
    value["verdict"] = json!(verdict.word());
    value["left_out"] = json!(verdict.report.left_out());
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::validate::document;

    #[test]
    fn what_is_no_x12_is_unreadable_and_says_why() {
        let report = document(&b"hello, world, this is no X12"[..], guide::x220a1());
        let verdict = FileVerdict { file: "a", report: &report, guide: guide::x220a1() };
        assert_eq!((verdict.word(), verdict.is_unreadable()), ("unreadable", true));
        let text = verdict_text(&verdict, Paint::default());
        assert!(
            text.starts_with("a: unreadable, 1 fatal fault; 0 sets, 0 members, 0 segments\n  fatal X12001 "),
            "{text}"
        );
        assert!(!text.contains("hello"));
    }
}
