//! The board: a line per run; and one run on a page.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::questions::Question;
use crate::model::ids::hex;
use crate::store::{AttemptRow, DeliveryRow, FaultRow, InputRow, RunRow};

/// A run and its delivery.
#[derive(Clone, Debug)]
pub struct RunLine {
    /// The run.
    pub run: RunRow,
    /// Its delivery, if it came to one.
    pub delivery: Option<DeliveryRow>,
}

/// Everything about one run.
#[derive(Clone, Debug)]
pub struct Board {
    /// The run and its delivery.
    pub line: RunLine,
    /// The inputs it was computed from.
    pub inputs: Vec<InputRow>,
    /// The attempts of its delivery.
    pub attempts: Vec<AttemptRow>,
    /// The feed's open questions.
    pub holds: Vec<Question>,
    /// Its faults.
    pub faults: Vec<FaultRow>,
}

const HEAD: [&str; 11] =
    ["run", "date", "feed", "state", "add", "chg", "term", "rein", "held", "number", "carrier says"];

impl RunLine {
    /// What the run has come to, in a word or two.
    pub fn state(&self) -> String {
        match (&self.delivery, self.run.state().word()) {
            (None, "done") => "nothing to send".to_string(),
            (Some(delivery), "done") => delivery.state().word().to_string(),
            (_, word) => word.to_string(),
        }
    }

    /// What the carrier has said so far.
    fn verdict(&self) -> String {
        let Some(delivery) = &self.delivery else { return "-".to_string() };
        match (&delivery.ta1, &delivery.g999) {
            (None, None) => "-".to_string(),
            (ta1, g999) => {
                let said = |what: &str, verdict: &Option<String>| verdict.as_ref().map(|v| format!("{what} {v}"));
                let both: Vec<String> = [said("TA1", ta1), said("999", g999)].into_iter().flatten().collect();
                both.join(", ")
            }
        }
    }

    fn cells(&self) -> [String; 11] {
        let tally = self.run.tally();
        [
            self.run.id.to_string(),
            self.run.business_date.clone(),
            self.run.feed.clone(),
            self.state(),
            tally.adds.to_string(),
            tally.changes.to_string(),
            tally.terminations.to_string(),
            tally.reinstatements.to_string(),
            tally.holds.to_string(),
            self.delivery.as_ref().map_or("-".to_string(), |delivery| format!("{:09}", delivery.number)),
            self.verdict(),
        ]
    }

    /// As JSON; the keys are a contract.
    pub fn json(&self) -> Value {
        let tally = self.run.tally();
        let delivery = self.delivery.as_ref().map(|delivery| {
            json!({
                "id": delivery.id, "carrier": delivery.carrier, "number": delivery.number, "style": delivery.style,
                "name": delivery.final_name, "subscribers": delivery.subscribers, "dependents": delivery.dependents,
                "state": delivery.state().word(), "sealed_bytes": delivery.sealed_bytes,
                "sealed_sha256": delivery.sealed_sha256.as_deref().map(hex), "recipient": delivery.recipient,
                "delivered_at": delivery.delivered_at, "ta1": delivery.ta1, "g999": delivery.g999,
            })
        });
        json!({
            "run": self.run.id, "feed": self.run.feed, "date": self.run.business_date, "seq": self.run.seq,
            "state": self.state(), "opened_at": self.run.opened_at, "closed_at": self.run.closed_at,
            "known": tally.known, "adds": tally.adds, "changes": tally.changes, "terminations": tally.terminations,
            "reinstatements": tally.reinstatements, "held": tally.holds, "unchanged": tally.unchanged,
            "waiting": tally.waiting, "released": self.run.released, "delivery": delivery,
        })
    }
}

/// The board as a table, the oldest run first.
pub fn board(lines: &[RunLine]) -> String {
    let rows: Vec<[String; 11]> = lines.iter().map(RunLine::cells).collect();
    table(&HEAD, &rows)
}

fn table(head: &[&str; 11], rows: &[[String; 11]]) -> String {
    let width = |column: usize| {
        let longest = rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        longest.max(head[column].len())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_string() + "\n"
    };
    let mut text = line(head.to_vec());
    for row in rows {
        text += &line(row.iter().map(String::as_str).collect());
    }
    text
}

/// One run on a page.
pub fn run_page(page: &Board) -> String {
    let mut text = board(std::slice::from_ref(&page.line));
    inputs(&mut text, page);
    delivery(&mut text, page);
    holds(&mut text, page);
    faults(&mut text, page);
    text
}

fn inputs(text: &mut String, page: &Board) {
    let _ = writeln!(text, "\nComputed from");
    for input in &page.inputs {
        let families = input.families.map_or("-".to_string(), |families| families.to_string());
        let changed = input.changed.map_or("-".to_string(), |changed| changed.to_string());
        let faults = input.faults.unwrap_or(0);
        let (id, source, state) = (input.id, &input.source, &input.state);
        let _ = writeln!(
            text,
            "  input {id}  {source}  {state}, {families} families, {changed} changed, {faults} faults, received {}",
            input.received_at
        );
    }
}

fn delivery(text: &mut String, page: &Board) {
    let Some(delivery) = &page.line.delivery else { return };
    let _ = writeln!(text, "\nDelivery {}  {}  to {}", delivery.id, delivery.final_name, delivery.carrier);
    let _ = writeln!(
        text,
        "  {} file, {} subscribers, {} dependents, numbered {:09} at {}",
        delivery.style, delivery.subscribers, delivery.dependents, delivery.number, delivery.frozen_at
    );
    if let (Some(sha256), Some(bytes)) = (&delivery.sealed_sha256, delivery.sealed_bytes) {
        let recipient = delivery.recipient.as_deref().unwrap_or("-");
        let _ = writeln!(text, "  sealed to {recipient}, {bytes} bytes, sha256 {}", hex(sha256));
    }
    for attempt in &page.attempts {
        let evidence = attempt.evidence.as_deref().unwrap_or("-");
        let _ = writeln!(text, "  attempt {}  {}  {}", attempt.n, attempt.state, evidence);
    }
}

fn holds(text: &mut String, page: &Board) {
    if page.holds.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nOpen questions of this feed");
    page.holds.iter().for_each(|question| text.push_str(&question.lines()));
}

fn faults(text: &mut String, page: &Board) {
    if page.faults.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nFaults");
    for fault in &page.faults {
        let place = if fault.place.is_empty() { String::new() } else { format!(" at {}", fault.place) };
        let _ = writeln!(text, "  {} {}{place}\n      next: {}", fault.code, fault.rule, fault.next);
    }
}

impl Board {
    /// As JSON; the keys are a contract.
    pub fn json(&self) -> Value {
        let inputs: Vec<Value> = self
            .inputs
            .iter()
            .map(|input| {
                json!({
                    "input": input.id, "source": input.source, "state": input.state, "bytes": input.bytes,
                    "families": input.families, "changed": input.changed, "faults": input.faults,
                    "received_at": input.received_at,
                })
            })
            .collect();
        let holds: Vec<Value> = self.holds.iter().map(Question::json).collect();
        let faults = self.faults.iter().map(|fault| {
            json!({ "code": fault.code, "severity": fault.severity, "place": fault.place, "rule": fault.rule, "next": fault.next })
        });
        let attempts = self.attempts.iter();
        let attempts = attempts.map(|row| json!({ "n": row.n, "state": row.state, "evidence": row.evidence }));
        let mut whole = self.line.json();
        whole["attempts"] = Value::Array(attempts.collect());
        whole["inputs"] = Value::Array(inputs);
        whole["holds"] = Value::Array(holds);
        whole["faults"] = Value::Array(faults.collect());
        whole
    }
}
