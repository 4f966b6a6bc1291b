//! What came back from carriers, for people and for scripts.

use serde_json::{Value, json};

use super::detail::objections;
use super::faults::fault_json;
use super::records::{ScreenRecord, records_text, urgency_of};
use super::screen::Screen;
use super::words::counted;
use crate::model::ids::FeedName;
use crate::night::{AnswersBack, DeliveryDetail};
use crate::run::{AckSummary, AnswerWaiting, AwaitedAnswer};
use crate::state::{DeliveryState, State as _, Urgency};
use crate::store::{DeliveryRow, OpenAnswer};

/// What came back as JSON; the keys are a contract.
pub fn acks_json(back: &AnswersBack) -> Value {
    let summary = &back.summary;
    let AckSummary { applied, accepted, rejected, unmatched, faults, awaiting, .. } = summary;
    let items = records_of(back);
    let item = |record: &ScreenRecord| {
        let ScreenRecord { urgency, subject, words, next } = record;
        json!({ "needs": urgency.mark(), "what": subject, "stands": words, "next": next })
    };
    json!({
        "applied": applied, "accepted": accepted, "rejected": rejected, "unmatched": unmatched,
        "families_rejected": summary.families_rejected, "unread": summary.unread,
        "premature": summary.premature, "contradicting": summary.contradicting,
        "rejections": summary.rejections.iter().map(rejection_json).collect::<Vec<_>>(),
        "unmatched_files": summary.unmatched_files,
        "awaiting": awaiting.iter().map(awaited_json).collect::<Vec<_>>(),
        "open": back.open.iter().map(waiting_json).collect::<Vec<_>>(),
        "items": items.iter().map(item).collect::<Vec<_>>(),
        "faults": faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

fn rejection_json(rejected: &DeliveryRow) -> Value {
    json!({ "feed": rejected.feed, "run": rejected.run, "delivery": rejected.id, "number": rejected.number })
}

fn awaited_json(awaited: &AwaitedAnswer) -> Value {
    json!({
        "feed": awaited.delivery.feed, "delivery": awaited.delivery.id, "overdue": awaited.overdue,
        "due": awaited.due.map(|due| due.to_string()),
    })
}

/// An answer that waits for a person as JSON; the keys are a contract.
pub(super) fn waiting_json(waiting: &AnswerWaiting) -> Value {
    let OpenAnswer { id, carrier, name, state, received_at, feed, run, bytes, .. } = &waiting.row;
    json!({
        "answer": id, "carrier": carrier, "file": name, "state": state.word(), "received_at": received_at,
        "feed": feed, "run": run, "bytes": bytes, "stands": waiting.words,
    })
}

/// What came back in words: how many files and what they said, then a line for everything that somebody has to look at
/// or that is still awaited; where only what needs somebody is wanted, nothing of what does not.
pub fn acks_text(back: &AnswersBack, screen: Screen, only_needs: bool) -> String {
    let records = records_of(back);
    let needs = |record: &ScreenRecord| record.urgency <= Urgency::Today;
    if !only_needs {
        return screen.fold(&counts(&back.summary)) + &records_text(&records, screen);
    }
    let records: Vec<ScreenRecord> = records.into_iter().filter(needs).collect();
    let counts = if records.is_empty() { String::new() } else { screen.fold(&counts(&back.summary)) };
    counts + &records_text(&records, screen)
}

/// How many files came, what they said, and what is still awaited.
fn counts(summary: &AckSummary) -> String {
    let AckSummary { applied, accepted, rejected, unmatched, unread, premature, contradicting, .. } = summary;
    let with_errors = (summary.objected.len() as u64).saturating_sub(*rejected);
    let files = applied + unmatched + unread + premature + contradicting;
    let overdue = summary.awaiting.iter().filter(|awaited| awaited.overdue).count() as u64;
    let awaited = summary.awaiting.len() as u64 - overdue;
    let said = [
        (accepted - with_errors.min(*accepted), "accepted"),
        (with_errors, "with errors"),
        (*rejected, "rejected"),
        (unmatched + unread, "not understood"),
        (premature + contradicting, "held"),
    ];
    let list = |counts: &[(u64, &str)]| {
        let some = counts.iter().filter(|(count, _)| *count > 0);
        some.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
    };
    let parts = [list(&said), list(&[(awaited, "awaited"), (overdue, "overdue")])];
    let [said, waits] = parts.map(|part| if part.is_empty() { "none".to_string() } else { part });
    let files = counted(files, "file", "files");
    let said = match summary.families_rejected {
        0 => said,
        some => format!("{said}; {} not taken, decided anew", counted(some, "family", "families")),
    };
    match (said.as_str(), waits.as_str()) {
        ("none", "none") => format!("{files}: nothing new, nothing awaited\n"),
        ("none", _) => format!("{files}: nothing new; {waits}\n"),
        (_, "none") => format!("{files}: {said}\n"),
        _ => format!("{files}: {said}; {waits}\n"),
    }
}

fn records_of(back: &AnswersBack) -> Vec<ScreenRecord> {
    let objected = back.objected.iter().map(of_objection);
    let open = back.open.iter().map(of_open);
    objected.chain(open).chain(back.summary.awaiting.iter().map(|awaited| of_awaited(back, awaited))).collect()
}

fn of_objection(page: &DeliveryDetail) -> ScreenRecord {
    let row = &page.row;
    let (urgency, what) = match row.state() {
        DeliveryState::Rejected => (Urgency::Now, "rejected"),
        _ => (Urgency::Today, "accepted with errors"),
    };
    let places = objections(page);
    let first = places.first().map_or(String::new(), |place| format!(": {place}"));
    let more = match places.len() {
        0 | 1 => String::new(),
        more => format!(", and {} more", counted(more as u64 - 1, "place", "places")),
    };
    ScreenRecord {
        urgency,
        subject: format!("run {}", row.run),
        words: format!("{} {:09} {what}{first}{more}", row.feed, row.number),
        next: format!("bex show delivery {}", row.id),
    }
}

fn of_open(waiting: &AnswerWaiting) -> ScreenRecord {
    let id = waiting.row.id;
    ScreenRecord {
        urgency: urgency_of(waiting.row.state),
        subject: format!("ack {id}"),
        words: format!("{} ({} of {})", waiting.words, waiting.row.name, waiting.row.carrier),
        next: format!("bex show ack {id}"),
    }
}

fn of_awaited(back: &AnswersBack, awaited: &AwaitedAnswer) -> ScreenRecord {
    let AwaitedAnswer { delivery, overdue, due } = awaited;
    let zone = FeedName::new(&delivery.feed).and_then(|feed| back.zones.get(&feed));
    let said = due.zip(zone).map(|(due, zone)| zone.said(due));
    let hours = due.map_or(0, |due| back.now.since(due).num_hours());
    let (urgency, stands, next) = match (overdue, said) {
        (true, _) => (Urgency::Today, format!("answer {hours} h overdue"), format!("ask {}", delivery.carrier)),
        (false, Some(due)) => (Urgency::Waits, format!("delivered; answer due {due}"), String::new()),
        (false, None) => (Urgency::Waits, "may have arrived; its answer is awaited".to_string(), String::new()),
    };
    ScreenRecord {
        urgency,
        subject: format!("run {}", delivery.run),
        words: format!("{} {stands}", delivery.feed),
        next,
    }
}
