//! The board: a line per run; and one run on a page.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::acts::{act_json, acts_text};
use super::faults::record_json;
use super::missed::missed_json;
use super::paint::Paint;
use super::questions::{question_json, question_lines};
use super::words::counted;
use crate::model::ids::hex;
use crate::night::{Board, MissedNight, RunLine};
use crate::state::{Answer, RunStanding, RunState, State, Urgency};
use crate::store::{DeliveryRow, InputRow};

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

/// What to do next, for this run.
pub(super) fn next_act(line: &RunLine) -> String {
    line.standing.row().next.replace("RUN", &line.run.id.to_string()).replace("FEED", &line.run.feed)
}

/// The runs that need somebody, what is most urgent first. What a rejected file told is decided anew by the next run of
/// its feed: once there is one, nobody has to do anything.
pub(super) fn needs(lines: &[RunLine]) -> Vec<&RunLine> {
    let ran_since =
        |line: &RunLine| lines.iter().any(|other| other.run.feed == line.run.feed && other.run.id > line.run.id);
    // A rejected run never changes again: without this it would stay on top of the board for good.
    let over = |line: &RunLine| line.standing == RunStanding::Rejected && ran_since(line);
    let needed = |line: &&RunLine| line.standing.row().urgency <= Urgency::Today && !over(line);
    let mut found: Vec<&RunLine> = lines.iter().filter(needed).collect();
    found.sort_by_key(|line| (line.standing.row().urgency, line.run.id));
    found
}

fn needs_text(lines: &[RunLine], paint: Paint) -> String {
    let line = |line: &RunLine| {
        let (row, run) = (line.standing.row(), &line.run);
        let people = counted(line.people, "person", "people");
        let mark = format!("{:>2}", row.urgency.mark());
        let mark = if row.urgency == Urgency::Now { paint.gone(&mark) } else { paint.changed(&mark) };
        format!(
            "{mark} run {}  {}  {}  {}, {people}\n     next: {}\n",
            run.id,
            run.feed,
            run.business_date,
            row.words,
            next_act(line)
        )
    };
    lines.iter().map(line).collect()
}

/// What the carrier has said so far.
fn carrier_says(line: &RunLine) -> String {
    let Some(delivery) = &line.delivery else { return "-".to_string() };
    let said = |what: &str, answer: Option<Answer>| answer.map(|answer| format!("{what} {}", answer.word()));
    let objection = delivery.objection.map(|kind| format!("{kind} answer"));
    let all = [said("TA1", delivery.ta1), said("999", delivery.g999), objection];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "-".to_string() } else { all.join(", ") }
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
    json!({ "runs": runs(board.lines), "needs": runs(board.needs), "missed": missed })
}

/// Runs as they are listed, and those below that somebody has to look at.
#[derive(Clone, Copy, Debug)]
pub struct BoardRuns<'b> {
    /// The newest, the oldest of them first.
    pub lines: &'b [RunLine],
    /// Those that need somebody, however old, what is most urgent first.
    pub needs: &'b [RunLine],
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

/// The board as a table, the oldest run first.
pub fn board_text(board: &BoardRuns, paint: Paint) -> String {
    let rows: Vec<[String; 11]> = board.lines.iter().map(cells).collect();
    let needed = needs_text(board.needs, paint);
    table(&HEAD, &rows, paint) + if needed.is_empty() { "" } else { "\n" } + &needed
}

/// Which column of [`HEAD`] says how a run stands.
const STATE: usize = 3;

fn table(head: &[&str; 11], rows: &[[String; 11]], paint: Paint) -> String {
    let width = |column: usize| {
        let longest = rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        longest.max(head[column].len())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            // Painted after it is padded: a terminal does not show the letters that make the colour.
            let blanks = " ".repeat(width.saturating_sub(cell.len()));
            if column == STATE { paint.state(cell) + &blanks } else { format!("{cell}{blanks}") }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_string() + "\n"
    };
    let mut text = line(head.to_vec());
    for row in rows {
        text += &line(row.iter().map(String::as_str).collect());
    }
    text
}

/// One run on a page: its line, inputs, delivery, questions and faults.
pub fn run_text(page: &Board, paint: Paint) -> String {
    let (lines, needs) = (std::slice::from_ref(&page.line), page.line.standing.row().urgency <= Urgency::Today);
    let needs = if needs { lines } else { &[] };
    let mut text = board_text(&BoardRuns { lines, needs }, paint);
    inputs(&mut text, page);
    delivery(&mut text, page);
    questions(&mut text, page);
    faults(&mut text, page);
    if !page.acts.is_empty() {
        let _ = write!(text, "\nActs\n{}", acts_text(&page.acts));
    }
    text
}

fn inputs(text: &mut String, page: &Board) {
    let _ = writeln!(text, "\nComputed from");
    for input in &page.inputs {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let families = input.families.map_or("- families".to_string(), |n| counted(count(n), "family", "families"));
        let changed = input.changed.map_or("-".to_string(), |changed| changed.to_string());
        let faults = counted(count(input.faults.unwrap_or(0)), "fault", "faults");
        let (id, source, state) = (input.id, &input.source, &input.state);
        let _ = writeln!(
            text,
            "  input {id}  {source}  {state}, {families}, {changed} changed, {faults}, received {}",
            input.received_at
        );
    }
}

fn delivery(text: &mut String, page: &Board) {
    let Some(delivery) = &page.line.delivery else { return };
    let _ = writeln!(text, "\nDelivery {}  {}  to {}", delivery.id, delivery.final_name, delivery.carrier);
    let _ = writeln!(
        text,
        "  {} file, {}, {}, numbered {:09} at {}",
        delivery.style,
        counted(delivery.subscribers.unsigned_abs(), "subscriber", "subscribers"),
        counted(delivery.dependents.unsigned_abs(), "dependent", "dependents"),
        delivery.number,
        delivery.frozen_at
    );
    if let (Some(sha256), Some(bytes)) = (&delivery.sealed_sha256, delivery.sealed_bytes) {
        let recipient = delivery.recipient.as_deref().unwrap_or("-");
        let _ = writeln!(text, "  sealed to {recipient}, {bytes} bytes, sha256 {}", hex(sha256));
    }
    for attempt in &page.attempts {
        let evidence = attempt.evidence.as_deref().unwrap_or("-");
        let _ = writeln!(text, "  attempt {}  {}  {}", attempt.n, attempt.state, evidence);
    }
}

fn questions(text: &mut String, page: &Board) {
    if page.questions.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nOpen questions of this feed");
    page.questions.iter().for_each(|question| text.push_str(&question_lines(question)));
}

fn faults(text: &mut String, page: &Board) {
    if page.faults.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nFaults");
    for fault in &page.faults {
        let place = if fault.place.is_empty() { String::new() } else { format!(" at {}", fault.place) };
        let _ = writeln!(text, "  {} {}{place}\n      next: {}", fault.code, fault.sentence(), fault.next);
    }
}

/// One run as JSON; the keys are a contract.
pub fn run_json(page: &Board) -> Value {
    let attempts = page.attempts.iter();
    let attempts = attempts.map(|row| json!({ "n": row.n, "state": row.state.word(), "evidence": row.evidence }));
    let mut whole = line_json(&page.line);
    whole["attempts"] = attempts.collect();
    whole["inputs"] = page.inputs.iter().map(input_json).collect();
    whole["holds"] = page.questions.iter().map(question_json).collect();
    whole["acts"] = page.acts.iter().map(act_json).collect();
    whole["faults"] = page.faults.iter().map(record_json).collect();
    whole["rules"] = page.rules.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    whole
}

fn input_json(input: &InputRow) -> Value {
    json!({
        "input": input.id, "source": input.source, "state": input.state.word(), "bytes": input.bytes,
        "families": input.families, "changed": input.changed, "faults": input.faults,
        "received_at": input.received_at,
    })
}
