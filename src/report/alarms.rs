//! What stands over the board.

use serde_json::{Value, json};

use crate::night::Alarm;

/// The board with its alarms; the keys are a contract.
pub fn with_alarms(mut board: Value, alarms: &[Alarm]) -> Value {
    let one = |alarm: &Alarm| json!({ "what": alarm.what, "next": alarm.next, "needs": alarm.urgency.mark() });
    board["alarms"] = alarms.iter().map(one).collect();
    board
}
