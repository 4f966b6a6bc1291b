//! Nights that came to no run, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::faults::record_json;
use super::paint::Paint;
use crate::fault::FaultRecord;
use crate::night::MissedNight;

/// A recorded fault with what to do about it, below what it belongs to.
pub(super) fn push_fault(text: &mut String, fault: &FaultRecord, paint: Paint) {
    let place = if fault.place.is_empty() { String::new() } else { format!(" at {}", fault.place) };
    let severity = paint.severity(fault.severity);
    let _ = writeln!(text, "  {severity}: {} {}{place}\n      next: {}", fault.code, fault.sentence(), fault.next);
}

/// The same as JSON; the keys are a contract.
pub(super) fn missed_json(missed: &MissedNight) -> Value {
    let MissedNight { row, of_inputs } = missed;
    let faults: Vec<Value> = std::iter::once(&row.fault).chain(of_inputs).map(record_json).collect();
    json!({
        "feed": row.feed, "date": row.business_date, "tried_at": row.tried_at, "tries": row.tries,
        "inputs": row.refused, "faults": faults,
    })
}
