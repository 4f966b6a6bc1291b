//! The whole board as one document: what `bex runs --json` prints.

use serde_json::{Value, json};

use super::acks::waiting_json;
use super::acts::with_held;
use super::alarms::with_alarms;
use super::board::{BoardRuns, board_json};
use super::grid::with_grid;
use super::inputs::with_waiting;
use super::needs::{Need, count_of, needs_of};
use super::schedule::{with_files, with_late, with_slots};
use super::tonight::with_tonight;
use crate::night::{Overview, RunLine};
use crate::state::Urgency;
use crate::store::AskedOfFeed;

/// Everything that stands on the board, with these of its runs; the keys are a contract.
pub fn overview_json(lines: &[RunLine], overview: &Overview) -> Value {
    let runs = BoardRuns { lines, needs: &overview.runs, causes: &overview.causes };
    let board = board_json(&runs, &overview.missed);
    let board = with_held(with_slots(board, &overview.slots), &overview.held);
    let board = with_files(with_late(board, &overview.late), overview);
    let board = with_grid(with_alarms(with_waiting(board, &overview.waiting), &overview.alarms), &overview.grid);
    with_tonight(with_needs(board, overview), &overview.tonight)
}

/// The board with every line that needs somebody, in its order, and how many there are: what no other key has, a script
/// finds here.
fn with_needs(mut board: Value, overview: &Overview) -> Value {
    let needs = needs_of(overview);
    let plain = |text: &str| text.replace('`', "");
    let line = |need: &Need| {
        json!({
            "needs": need.urgency.mark(), "what": need.what, "why": need.why.trim(), "next": plain(&need.next),
        })
    };
    let asked = |asked: &AskedOfFeed| {
        json!({
            "feed": asked.feed, "questions": asked.count, "first": asked.first, "since": asked.since,
            "of": asked.put_to.as_ref().map(|(whom, _)| whom.word()),
            "until": asked.put_to.as_ref().map(|(_, until)| until),
        })
    };
    board["now"] = count_of(&needs, Urgency::Now).into();
    board["today"] = count_of(&needs, Urgency::Today).into();
    board["lines"] = needs.iter().map(line).collect();
    board["asked"] = overview.asked.iter().map(asked).collect();
    board["answers"] = overview.answers.iter().map(waiting_json).collect();
    board
}
