//! The whole board as one document: what `bex runs --json` prints.

use serde_json::Value;

use super::acts::with_held;
use super::alarms::with_alarms;
use super::board::{BoardRuns, board_json};
use super::grid::with_grid;
use super::inputs::with_waiting;
use super::schedule::{with_files, with_late, with_slots};
use crate::night::{Overview, RunLine};

/// Everything that stands on the board, with these of its runs; the keys are a contract.
pub fn overview_json(lines: &[RunLine], overview: &Overview) -> Value {
    let runs = BoardRuns { lines, needs: &overview.runs, causes: &overview.causes };
    let board = board_json(&runs, &overview.missed);
    let board = with_held(with_slots(board, &overview.slots), &overview.held);
    let board = with_files(with_late(board, &overview.late), overview);
    with_grid(with_alarms(with_waiting(board, &overview.waiting), &overview.alarms), &overview.grid)
}
