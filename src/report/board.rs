//! The board: a line per run, and what needs somebody.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::faults::record_json;
use super::grid::grid_text;
use super::missed::missed_json;
use super::needs::{Need, count_of, needs_of, needs_text, next_act, of_run};
use super::paint::Paint;
use super::run_cells::carrier_says;
use super::screen::{Screen, columns};
use super::tonight::tonight_text;
use super::upper::upper_text;
use crate::fault::FaultRecord;
use crate::model::ids::hex;
use crate::night::{MissedNight, Overview, RunLine};
use crate::state::{Answer, RunState, State, Urgency};
use crate::store::DeliveryRow;

const HEAD: [&str; 11] =
    ["run", "date", "feed", "state", "add", "chg", "term", "rein", "asks", "number", "carrier says"];

/// What a run has come to, in a word or two.
pub(super) fn state(line: &RunLine) -> String {
    match (&line.delivery, line.run.state()) {
        (None, RunState::Done) => "nothing to send".to_string(),
        (Some(delivery), RunState::Done) => delivery.state().word().to_string(),
        (_, word) => word.to_string(),
    }
}

fn cells(line: &RunLine) -> [String; 11] {
    let tally = line.run.tally();
    [
        line.run.id.to_string(),
        line.run.business_date.clone(),
        line.run.feed.clone(),
        state(line),
        tally.adds.to_string(),
        tally.changes.to_string(),
        tally.terminations.to_string(),
        tally.reinstatements.to_string(),
        tally.holds.to_string(),
        line.delivery.as_ref().map_or("-".to_string(), |delivery| format!("{:09}", delivery.number)),
        carrier_says(line),
    ]
}

/// The board as JSON; the keys are a contract.
pub fn board_json(board: &BoardRuns, missed: &[MissedNight]) -> Value {
    let runs = |lines: &[RunLine]| lines.iter().map(line_json).collect::<Vec<_>>();
    let missed: Vec<_> = missed.iter().map(missed_json).collect();
    let needs = board.needs.iter().map(|line| {
        let mut whole = line_json(line);
        whole["why"] = board.causes.get(&line.run.id).map_or(Value::Null, record_json);
        whole
    });
    json!({ "runs": runs(board.lines), "needs": needs.collect::<Vec<_>>(), "missed": missed })
}

/// Runs as they are listed, and those below that somebody has to look at.
#[derive(Clone, Copy, Debug)]
pub struct BoardRuns<'b> {
    /// The newest, the oldest of them first.
    pub lines: &'b [RunLine],
    /// Those that need somebody, however old, what is most urgent first.
    pub needs: &'b [RunLine],
    /// What those came of, by run.
    pub causes: &'b BTreeMap<i64, FaultRecord>,
}

pub(super) fn line_json(line: &RunLine) -> Value {
    let (tally, row) = (line.run.tally(), line.standing.row());
    json!({
        "run": line.run.id, "feed": line.run.feed, "date": line.run.business_date, "seq": line.run.seq,
        "state": state(line), "opened_at": line.run.opened_at, "closed_at": line.run.closed_at,
        "known": tally.known, "adds": tally.adds, "changes": tally.changes, "terminations": tally.terminations,
        "reinstatements": tally.reinstatements, "held": tally.holds, "unchanged": tally.unchanged,
        "waiting": tally.waiting, "released": line.run.released, "people": line.people, "stands": row.words,
        "needs": row.urgency.mark(), "next": next_act(line),
        "delivery": line.delivery.as_ref().map(delivery_json),
    })
}

fn delivery_json(delivery: &DeliveryRow) -> Value {
    json!({
        "id": delivery.id, "carrier": delivery.carrier, "number": delivery.number, "style": delivery.style,
        "name": delivery.final_name, "subscribers": delivery.subscribers, "dependents": delivery.dependents,
        "state": delivery.state().word(), "sealed_bytes": delivery.sealed_bytes,
        "sealed_sha256": delivery.sealed_sha256.as_deref().map(hex), "recipient": delivery.recipient,
        "delivered_at": delivery.delivered_at, "ta1": delivery.ta1.map(Answer::word),
        "g999": delivery.g999.map(Answer::word), "objection": delivery.objection.map(State::word),
    })
}

/// The board: what needs somebody first, then what is to come tonight, then the nights of each feed.
pub fn overview_text(overview: &Overview, screen: Screen) -> String {
    let needs = needs_of(overview);
    let (now, today) = (count_of(&needs, Urgency::Now), count_of(&needs, Urgency::Today));
    let head =
        format!("{} ({})   {}   {now} now, {today} today\n", overview.site, overview.environment, overview.shown_at);
    let coming = tonight_text(&overview.tonight, screen);
    let parts = [screen.fold(&head), upper_text(&needs, screen), coming, grid_text(&overview.grid, screen)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Runs as a table, the oldest first, and below them everything that needs somebody.
pub fn runs_text(lines: &[RunLine], overview: &Overview, screen: Screen) -> String {
    below(table(lines, screen), &needs_of(overview), screen)
}

/// Runs as a table, and below them those that need somebody.
pub fn board_text(board: &BoardRuns, screen: Screen) -> String {
    below(table(board.lines, screen), &board.needs.iter().map(of_run).collect::<Vec<_>>(), screen)
}

fn below(table: String, needs: &[Need], screen: Screen) -> String {
    table + if needs.is_empty() { "" } else { "\n" } + &needs_text(needs, screen)
}

/// Which column of [`HEAD`] says how a run stands, and which names the feed.
const STATE: usize = 3;
const FEED: usize = 2;
/// In this order columns leave where a screen has no room for them.
const LEAVING: [usize; 8] = [7, 5, 6, 4, 10, 9, 8, 1];
/// A feed's name is cut to no less before a column leaves.
const FEED_MIN: usize = 24;

/// The columns of a table that have room.
struct RunsLayout {
    widths: [usize; 11],
    left_out: Vec<usize>,
}

impl RunsLayout {
    fn of(rows: &[[String; 11]], screen: Screen) -> RunsLayout {
        let longest = |column: usize| rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
        let widths = std::array::from_fn(|column| longest(column).max(columns(HEAD[column])));
        let mut layout = RunsLayout { widths, left_out: Vec::new() };
        let Some(width) = screen.width else { return layout };
        for leaves in LEAVING {
            let over = layout.width().saturating_sub(width);
            let feed = layout.widths[FEED];
            if over == 0 {
                break;
            }
            if feed.saturating_sub(over) >= FEED_MIN {
                layout.widths[FEED] = feed - over;
                break;
            }
            layout.left_out.push(leaves);
        }
        let over = layout.width().saturating_sub(width);
        layout.widths[FEED] = layout.widths[FEED].saturating_sub(over).max(1);
        layout
    }

    fn shown(&self) -> impl Iterator<Item = usize> {
        (0..HEAD.len()).filter(|column| !self.left_out.contains(column))
    }

    fn width(&self) -> usize {
        self.shown().map(|column| self.widths[column] + 2).sum::<usize>().saturating_sub(2)
    }

    fn line(&self, cells: &[&str; 11], paint: Paint) -> String {
        let padded = self.shown().map(|column| {
            let cell = Screen::name(cells[column], self.widths[column]);
            // Painted after it is padded: a terminal does not show the letters that make the colour.
            let blanks = " ".repeat(self.widths[column].saturating_sub(columns(&cell)));
            if column == STATE { paint.state(&cell) + &blanks } else { format!("{cell}{blanks}") }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_string() + "\n"
    }
}

fn table(lines: &[RunLine], screen: Screen) -> String {
    let rows: Vec<[String; 11]> = lines.iter().map(cells).collect();
    let layout = RunsLayout::of(&rows, screen);
    let mut text = layout.line(&HEAD, screen.paint);
    for row in &rows {
        text += &layout.line(&std::array::from_fn(|column| row[column].as_str()), screen.paint);
    }
    if !layout.left_out.is_empty() {
        let names: Vec<&str> = layout.left_out.iter().map(|column| HEAD[*column]).collect();
        text += &screen.fold(&format!("left out for want of room: {}; `--json` has all\n", names.join(", ")));
    }
    text
}
