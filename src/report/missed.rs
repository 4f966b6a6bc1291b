//! Nights that came to no run, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::faults::record_json;
use super::paint::Paint;
use super::words::{and_more, counted};
use crate::fault::FaultRecord;
use crate::night::MissedNight;

/// Faults of the refused files that are shown; the document has all that are kept.
const SHOWN: usize = 10;

/// What stands below the board: a feed, a date, and every reason why there is no line for them. Empty where there is
/// nothing to say.
pub fn missed_text(missed: &[MissedNight], paint: Paint) -> String {
    let mut text = String::new();
    for MissedNight { row, of_inputs } in missed {
        let tries = counted(row.tries.unsigned_abs(), "try", "tries");
        let failed = paint.state("failed");
        let _ = writeln!(
            text,
            "\n{}  {}  {failed} before there was a run, {tries}, last at {}",
            row.feed, row.business_date, row.tried_at
        );
        push_fault(&mut text, &row.fault, paint);
        of_inputs.iter().take(SHOWN).for_each(|fault| push_fault(&mut text, fault, paint));
        text.push_str(&and_more(of_inputs.len(), SHOWN, "fault", "faults"));
    }
    text
}

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
