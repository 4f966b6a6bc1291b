//! Files that were taken in: one on a page, and those that wait for somebody.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::faults::record_json;
use super::missed::push_fault;
use super::paint::Paint;
use crate::night::InputBoard;
use crate::state::State as _;
use crate::take_in::WaitingInput;

/// The board's document with the files that wait for somebody.
pub fn with_waiting(mut board: Value, waiting: &[WaitingInput]) -> Value {
    let one = |one: &WaitingInput| {
        let faults: Vec<Value> = one.faults.iter().map(record_json).collect();
        json!({
            "input": one.row.id, "source": one.row.source, "date": one.row.business_date,
            "state": one.row.state.word(), "faults": faults,
        })
    };
    board["waiting_inputs"] = waiting.iter().map(one).collect();
    board
}

/// A file that was taken in, with its sender's name for it and everything wrong with it.
pub fn input_text(board: &InputBoard, paint: Paint) -> String {
    let InputBoard { row, name, mapping, faults } = board;
    let mut text = String::new();
    let _ = writeln!(text, "input {}  {}  {}  {}", row.id, row.business_date, row.source, row.state);
    let _ = writeln!(text, "  called    {}", name.as_deref().map_or("not known".to_string(), shown));
    let _ = writeln!(text, "  received  {}, {} bytes", row.received_at, row.bytes);
    let _ = writeln!(text, "  archive   {}", row.archive);
    let _ = writeln!(text, "  mapping   {}", mapping.as_deref().unwrap_or("not read by any"));
    if let (Some(families), Some(changed)) = (row.families, row.changed) {
        let _ = writeln!(text, "  families  {families}, {changed} changed");
    }
    faults.iter().for_each(|fault| push_fault(&mut text, fault, paint));
    text
}

/// A name as its sender wrote it, with nothing in it that a terminal would obey.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// The same as JSON; the keys are a contract.
pub fn input_json(board: &InputBoard) -> Value {
    let InputBoard { row, name, mapping, faults } = board;
    json!({
        "input": row.id, "source": row.source, "date": row.business_date, "state": row.state.word(),
        "called": name, "received_at": row.received_at, "bytes": row.bytes, "archive": row.archive,
        "mapping": mapping, "families": row.families, "changed": row.changed,
        "faults": faults.iter().map(record_json).collect::<Vec<_>>(),
    })
}
