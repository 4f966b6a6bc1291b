//! A baseline in words: nobody's value is in it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::words::counted;
use crate::run::Baseline;

/// What would count as known, and what is left out of it.
pub fn baseline_text(baseline: &Baseline) -> String {
    let Baseline { feed, carrier, as_of, families, people, holds, strangers, other_plans, unplaced } = baseline;
    let people = counted(*people, "person", "people");
    let families = counted(*families, "family", "families");
    let mut text = format!(
        "PLAN baseline of {feed}: {people} in {families} count as known to {carrier} on {as_of}; nothing is sent\n"
    );
    let left = [
        (*strangers, "family", "families", "listed and not in the census: the first night asks about them"),
        (holds.len() as u64, "family", "families", "in question: told once that is settled"),
        (*unplaced, "row", "rows", "of the list say not to which employee they belong: left out"),
        (*other_plans, "row", "rows", "of the list are on plans that the carrier's file does not name: left out"),
    ];
    for (count, one, many, what) in left.into_iter().filter(|(count, ..)| *count > 0) {
        let _ = writeln!(text, "  {} {what}", counted(count, one, many));
    }
    text
}

/// The same as JSON; the keys are a contract.
pub fn baseline_json(baseline: &Baseline, run: Option<i64>) -> Value {
    let Baseline { feed, carrier, as_of, families, people, holds, strangers, other_plans, unplaced } = baseline;
    json!({
        "feed": feed, "carrier": carrier, "date": as_of.to_string(), "families": families, "people": people,
        "in_question": holds.len(), "strangers": strangers, "other_plans": other_plans, "unplaced": unplaced, "run": run,
    })
}
