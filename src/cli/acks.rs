//! `bex acks`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::arguments::Global;
use super::page::Page;
use super::site::{open, refused};
use crate::engine::Engine;
use crate::report::{counted, fault_json};
use crate::run::{self, AckSummary, Exit};
use crate::store::DeliveryRow;

pub(super) fn run(page: &Page, global: &Global) -> Exit {
    let engine = match open(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let summary = match run::acknowledge(&engine) {
        Ok(summary) => summary,
        Err(fault) => return refused(page, &fault),
    };
    say(page, &engine, &summary);
    exit(&summary)
}

/// How it ended: a rejection is a failure, too, and an answer that is kept for a person holds.
pub(super) fn exit(summary: &AckSummary) -> Exit {
    if summary.faults.iter().any(|fault| Exit::of(fault) == Exit::Interrupted) {
        Exit::Interrupted
    } else if summary.premature + summary.contradicting > 0 {
        Exit::Held
    } else if summary.faults.is_empty() && summary.rejected == 0 {
        Exit::Done
    } else {
        Exit::Failed
    }
}

/// What came back, as JSON; the keys are a contract.
pub(super) fn json(engine: &Engine, summary: &AckSummary) -> Value {
    let AckSummary { applied, accepted, rejected, unmatched, faults, awaiting, .. } = summary;
    let awaiting: Vec<_> = awaiting
        .iter()
        .map(|row| json!({ "feed": row.feed, "delivery": row.id, "overdue": is_overdue(engine, row) }))
        .collect();
    json!({
        "applied": applied, "accepted": accepted, "rejected": rejected, "unmatched": unmatched,
        "premature": summary.premature, "contradicting": summary.contradicting,
        "awaiting": awaiting, "faults": faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

fn say(page: &Page, engine: &Engine, summary: &AckSummary) {
    if page.json {
        page.say_json(&json(engine, summary));
    }
    let AckSummary { applied, accepted, rejected, unmatched, faults, awaiting, .. } = summary;
    let (files, accepted) = (counted(*applied, "file", "files"), counted(*accepted, "delivery", "deliveries"));
    let counts = format!("{files} applied: {accepted} accepted, {rejected} rejected; {unmatched} unmatched\n");
    page.report(&counts, *rejected > 0 || *unmatched > 0);
    for row in awaiting {
        let overdue = is_overdue(engine, row);
        let ask = if overdue { ", overdue: ask the carrier" } else { "" };
        page.report(&format!("{} delivery {} still waits for its acknowledgement{ask}\n", row.feed, row.id), overdue);
    }
    page.faults(faults);
}

/// Whether the carrier should have answered by now.
fn is_overdue(engine: &Engine, row: &DeliveryRow) -> bool {
    let Some((carrier, delivered)) = engine.carrier(&row.carrier).zip(row.delivered()) else { return false };
    engine.clock.now() > delivered + TimeDelta::hours(carrier.acknowledgements.due_hours.into())
}
