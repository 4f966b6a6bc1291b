//! What came back from carriers, for people and for scripts.

use serde_json::{Value, json};

use super::detail::objections;
use super::faults::fault_json;
use super::night::Remark;
use super::words::counted;
use crate::night::DeliveryDetail;
use crate::run::{AckSummary, AwaitedAnswer};
use crate::state::{AckState, DeliveryState, State as _};
use crate::store::{DeliveryRow, OpenAnswer};

/// What came back as JSON; the keys are a contract.
pub fn acks_json(summary: &AckSummary) -> Value {
    let AckSummary { applied, accepted, rejected, unmatched, faults, awaiting, open, .. } = summary;
    json!({
        "applied": applied, "accepted": accepted, "rejected": rejected, "unmatched": unmatched,
        "families_rejected": summary.families_rejected,
        "premature": summary.premature, "contradicting": summary.contradicting,
        "rejections": summary.rejections.iter().map(rejection_json).collect::<Vec<_>>(),
        "unmatched_files": summary.unmatched_files,
        "awaiting": awaiting.iter().map(awaited_json).collect::<Vec<_>>(),
        "open": open.iter().map(open_answer_json).collect::<Vec<_>>(),
        "faults": faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

fn rejection_json(rejected: &DeliveryRow) -> Value {
    json!({ "feed": rejected.feed, "run": rejected.run, "delivery": rejected.id, "number": rejected.number })
}

fn awaited_json(awaited: &AwaitedAnswer) -> Value {
    json!({ "feed": awaited.delivery.feed, "delivery": awaited.delivery.id, "overdue": awaited.overdue })
}

pub(super) fn open_answer_json(open: &OpenAnswer) -> Value {
    json!({
        "answer": open.id, "carrier": open.carrier, "file": open.name, "state": open.state.word(),
        "received_at": open.received_at, "feed": open.feed, "run": open.run,
    })
}

/// What came back in words: counts, what is awaited, what waits for a person, what went wrong.
pub fn acks_remarks(summary: &AckSummary, objected: &[DeliveryDetail]) -> Vec<Remark> {
    let AckSummary { applied, accepted, rejected, unmatched, awaiting, open, faults, .. } = summary;
    let (files, accepted) = (counted(*applied, "file", "files"), counted(*accepted, "delivery", "deliveries"));
    let families = match summary.families_rejected {
        0 => String::new(),
        some => format!("; {} not taken, decided anew", counted(some, "family", "families")),
    };
    let counts = Remark {
        text: format!("{files} applied: {accepted} accepted, {rejected} rejected; {unmatched} unmatched{families}\n"),
        needs_somebody: *rejected + summary.families_rejected > 0 || *unmatched > 0,
        ..Remark::default()
    };
    let rejected = objected.iter().map(objection_text);
    let open = open.iter().map(open_text);
    let told = rejected.chain(open);
    let told = told.map(|text| Remark { text, needs_somebody: true, ..Remark::default() });
    let wrong = Remark { faults: faults.clone(), ..Remark::default() };
    std::iter::once(counts).chain(told).chain(awaiting.iter().map(awaited)).chain([wrong]).collect()
}

fn objection_text(page: &DeliveryDetail) -> String {
    let row = &page.row;
    let what = if row.state() == DeliveryState::Rejected { "rejected" } else { "accepted with errors" };
    let places = objections(page);
    let first = places.first().map_or(String::new(), |place| format!(": {place}"));
    let more = match places.len() {
        0 | 1 => String::new(),
        more => format!(", and {} more", counted(more as u64 - 1, "place", "places")),
    };
    format!(
        "{} run {}, numbered {:09}: {what}{first}{more}\n    next: bex show delivery {}\n",
        row.feed, row.run, row.number, row.id
    )
}

fn awaited(awaited: &AwaitedAnswer) -> Remark {
    let AwaitedAnswer { delivery, overdue } = awaited;
    let ask = if *overdue { ", overdue: ask the carrier" } else { "" };
    let text = format!("{} delivery {} still waits for its acknowledgement{ask}\n", delivery.feed, delivery.id);
    Remark { text, needs_somebody: *overdue, ..Remark::default() }
}

fn open_text(open: &OpenAnswer) -> String {
    let OpenAnswer { id, carrier, name, state, .. } = open;
    let about = match (&open.feed, open.run) {
        (Some(feed), Some(run)) => format!(", to run {run} of {feed}"),
        _ => String::new(),
    };
    let first = match (state, open.run) {
        (AckState::Premature, Some(run)) => format!("bex resume {run}, bex void {run} --reason R, or "),
        (AckState::Contradicting, Some(run)) => format!("bex settle {run} --accepted or --rejected, or "),
        _ => String::new(),
    };
    let first = if first.is_empty() { format!("bex show ack {id}, then ") } else { first };
    let state = match state {
        AckState::Unmatched => format!("{name} of {carrier} names nothing of ours"),
        AckState::Quarantined => format!("{name} of {carrier} cannot be read as an answer"),
        _ => format!("{state}, {name} of {carrier}{about}"),
    };
    format!("answer {id} waits for a person: {state}\n    next: {first}bex acks settle {id} --reason R\n")
}
