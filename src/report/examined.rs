//! What an examination of the log has found, and its records, for people and for scripts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::faults::fault_json;
use super::words::counted;
use crate::fault::Fault;
use crate::verify::Examination;

/// What was looked at and found, as JSON; the keys are a contract.
pub fn examination_json(found: &Examination, notices: &[Fault]) -> Value {
    let Examination { leaves, checkpoints, anchors, rows, sealed, files, findings, doubt, shredded, .. } = found;
    let said = found.faults();
    let faults = said.iter().chain(notices);
    json!({
        "records": leaves, "checkpoints": checkpoints, "anchors": anchors, "rows": rows, "sealed": sealed,
        "files": files, "destroyed": shredded, "sound": findings.is_empty(), "findings": findings.len(), "doubted": doubt,
        "faults": faults.map(fault_json).collect::<Vec<_>>(),
    })
}

/// What was looked at of the log itself, in words.
pub fn log_text(found: &Examination) -> String {
    let holds = "the log is as it was written; `bex verify` holds the store and its files against it\n";
    log_looked_at(found) + "\n" + if found.findings.is_empty() { holds } else { "" }
}

fn log_looked_at(found: &Examination) -> String {
    let Examination { leaves, checkpoints, anchors, .. } = found;
    format!(
        "{}, {}, {}",
        counted(*leaves, "record", "records"),
        counted(*checkpoints, "checkpoint", "checkpoints"),
        counted(*anchors, "anchored checkpoint", "anchored checkpoints"),
    )
}

/// The same of all that the log speaks of.
pub fn examination_text(found: &Examination) -> String {
    let Examination { rows, sealed, files, findings, shredded, .. } = found;
    let looked = format!(
        "{}, {}, {}, {}\n",
        log_looked_at(found),
        counted(*rows, "row", "rows"),
        counted(*sealed, "sealed row", "sealed rows"),
        counted(*files, "file", "files"),
    );
    let destroyed = match shredded {
        0 => String::new(),
        keys => {
            let keys = counted(*keys, "key", "keys");
            format!("{keys} of families, and of months of reasons, destroyed when their time was over\n")
        }
    };
    let ending = if findings.is_empty() { "everything is as it was recorded\n" } else { "" };
    looked + &destroyed + ending
}

/// As they were hashed, each a JSON object of its own, with the reasons that were opened.
pub fn leaves_json(leaves: &[String], reasons: &BTreeMap<i64, String>) -> Value {
    let read = |leaf: &String| {
        let mut read = serde_json::from_str(leaf).unwrap_or_else(|_| json!({ "unreadable": leaf }));
        if let Some(reason) = reasons.get(&number(&read)) {
            read["reason"] = reason.as_str().into();
        }
        read
    };
    json!({ "records": leaves.iter().map(read).collect::<Vec<Value>>() })
}

/// Records one a line: number, moment, who, what, what it is about, and the reason where it was opened.
pub fn leaves_text(leaves: &[String], reasons: &BTreeMap<i64, String>) -> String {
    leaves.iter().map(|leaf| line(leaf, reasons)).collect()
}

fn number(leaf: &Value) -> i64 {
    leaf["seq"].as_i64().unwrap_or_default()
}

/// What stands at the beginning of the line, or is not for reading.
const APART: [&str; 8] = ["v", "seq", "at", "actor", "action", "rows", "sets", "ledger"];

fn line(leaf: &str, reasons: &BTreeMap<i64, String>) -> String {
    let Ok(Value::Object(read)) = serde_json::from_str(leaf) else { return format!("? {leaf}\n") };
    let reason = read.get("seq").and_then(Value::as_i64).and_then(|seq| reasons.get(&seq));
    // A person has typed it: nothing of it may move a terminal's cursor.
    let reason = reason.map_or_else(String::new, |reason| format!(" reason={}", reason.replace(char::is_control, "?")));
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    let field = |name: &str| read.get(name).map(plain).unwrap_or_default();
    // Who logged in, as every rule about people has it; an account that several people act through names none of them.
    let person = |actor: &Value| plain(actor.get("person").or(actor.get("user")).unwrap_or(actor));
    let who = read.get("actor").map_or_else(String::new, person);
    let others = read.iter().filter(|(name, _)| !APART.contains(&name.as_str()));
    let others: String = others.map(|(name, value)| format!(" {name}={}", plain(value))).collect();
    format!("{:>8} {} {who} {}{others}{reason}\n", field("seq"), field("at"), field("action"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_with_what_it_is_about() {
        let leaf =
            r#"{"v":3,"seq":7,"at":"2026-03-02T21:00:00Z","actor":{"user":"jdoe"},"action":"run.opened","run":1}"#;
        assert_eq!(
            leaves_text(&[leaf.to_string()], &BTreeMap::new()),
            "       7 2026-03-02T21:00:00Z jdoe run.opened run=1\n"
        );
        let behind_sudo = leaf.replace(r#"{"user":"jdoe"}"#, r#"{"user":"bex","login":7,"person":"jdoe"}"#);
        assert!(leaves_text(&[behind_sudo], &BTreeMap::new()).contains("Z jdoe run.opened"));
    }
}
