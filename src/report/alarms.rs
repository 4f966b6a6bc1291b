//! What stands over the board.

use serde_json::{Value, json};

use crate::night::Alarm;

/// The board with its alarms; the keys are a contract.
pub fn with_alarms(mut board: Value, alarms: &[Alarm]) -> Value {
    board["alarms"] = alarms.iter().map(|alarm| json!({ "what": alarm.what, "next": alarm.next })).collect();
    board
}
