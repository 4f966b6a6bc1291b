//! A run as cells of a table, and what its carrier has said so far.

use crate::night::RunLine;
use crate::state::Answer;

/// Feed, run, date, people, adds, changes, terminations, reinstatements, questions, waiting families, number, what the
/// carrier says, and how the run stands.
pub(super) fn cells(line: &RunLine) -> Vec<String> {
    let (tally, date) = (line.run.tally(), &line.run.business_date);
    let counts = [line.people, tally.adds, tally.changes, tally.terminations, tally.reinstatements, tally.holds];
    let mut cells = vec![line.run.feed.clone(), line.run.id.to_string(), date[date.len().min(5)..].to_string()];
    cells.extend(counts.iter().map(u64::to_string));
    cells.push(tally.waiting.to_string());
    cells.push(line.delivery.as_ref().map_or("-".to_string(), |delivery| format!("{:09}", delivery.number)));
    cells.push(carrier_says(line));
    cells.push(line.standing.row().words.to_string());
    cells
}

/// What the carrier has said so far.
pub(super) fn carrier_says(line: &RunLine) -> String {
    let Some(delivery) = &line.delivery else { return "-".to_string() };
    let said = |what: &str, answer: Option<Answer>| answer.map(|answer| format!("{what} {}", answer.word()));
    let objection = delivery.objection.map(|kind| format!("{kind} answer"));
    let all = [said("TA1", delivery.ta1), said("999", delivery.g999), objection];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "-".to_string() } else { all.join(", ") }
}
