//! What comes next, and what was due and has no run, in words.

use serde_json::{Value, json};

use crate::night::{Coming, Occasion};
use crate::state::State as _;
use crate::store::SlotRow;

/// The days to come as a table: the business date, the feed, when it is due and until when.
pub fn coming_text(coming: &[Coming]) -> String {
    let feed = coming.iter().map(|coming| coming.feed.as_str().len()).max().unwrap_or(0).max(4);
    let due = coming.iter().map(|coming| when(coming).len()).max().unwrap_or(0);
    let head = format!("{:<14}  {:<feed$}  {:<due$}  cut-off\n", "date", "feed", "due");
    let lines = coming.iter().map(|coming| {
        let until = match &coming.what {
            Occasion::Run(slot) => coming.zone.said(slot.cut_off),
            Occasion::Holiday(_) => String::new(),
        };
        let date = coming.date.format("%a %Y-%m-%d");
        let line = format!("{date:<14}  {:<feed$}  {:<due$}  {until}", coming.feed.as_str(), when(coming));
        line.trim_end().to_string() + "\n"
    });
    head + &lines.collect::<String>()
}

fn when(coming: &Coming) -> String {
    match &coming.what {
        Occasion::Run(slot) => coming.zone.said(slot.due),
        Occasion::Holiday(name) => format!("no run: {name}"),
    }
}

/// The days to come as JSON; the keys are a contract. Moments are UTC.
pub fn coming_json(coming: &[Coming]) -> Value {
    let line = |coming: &Coming| {
        let (feed, date, zone) = (coming.feed.as_str(), coming.date.to_string(), coming.zone.name());
        match &coming.what {
            Occasion::Run(slot) => json!({
                "feed": feed, "date": date, "zone": zone, "due": slot.due.to_string(),
                "cut_off": slot.cut_off.to_string(),
            }),
            Occasion::Holiday(name) => json!({ "feed": feed, "date": date, "zone": zone, "holiday": name }),
        }
    };
    json!({ "coming": coming.iter().map(line).collect::<Vec<_>>() })
}

/// The board with the slots that need somebody; the keys are a contract.
pub fn with_slots(mut board: Value, slots: &[SlotRow]) -> Value {
    let slot = |slot: &SlotRow| json!({ "feed": slot.feed, "date": slot.business_date, "state": slot.state.word(), "code": slot.code });
    board["slots"] = slots.iter().map(slot).collect();
    board
}
