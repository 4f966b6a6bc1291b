//! A delivery, an input, an answer, each on a page: how it stands, why, and what to do next.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::board::line_json;
use super::needs::next_on_page;
use super::screen::Screen;
use super::trace::{from, place_name, segment_lines, traced_json};
use super::words::counted;
use crate::night::{AnswerDetail, DeliveryDetail, Why};
use crate::state::{AckState, RunStanding, State as _};
use crate::trace::{AnswerSaid, SegmentSaid, interchange_words, set_words};

/// How a delivery stands, what was said of it place by place, and what to do next.
pub fn delivery_text(page: &DeliveryDetail) -> String {
    let (row, line) = (&page.row, &page.line);
    let state = row.state().word().to_uppercase();
    let mut text = format!(
        "{state}  run {}  {}  {:09} to {}  {}\n",
        line.run.id, row.feed, row.number, row.carrier, line.run.business_date
    );
    let _ = writeln!(text, "Why   {}", line.standing.row().words);
    if page.said.is_empty() && page.untraced.is_none() {
        text += "Said  nothing yet\n";
    }
    page.said.iter().for_each(|said| text += &said_lines(said));
    if let Some(fault) = &page.untraced {
        let _ = writeln!(text, "Said  it cannot be followed to its rows: {} {}", fault.code, fault.rule);
    }
    if page.said.iter().any(|said| !said.segments.is_empty()) {
        text += "Ours  our own judge found no fault in the file; only the carrier objects\n";
    }
    let people = counted(line.people, "person", "people");
    let size = row.sealed_bytes.map_or(String::new(), |bytes| format!(", {bytes} bytes"));
    let _ = writeln!(text, "File  {}, {} file, {people}{size}", row.final_name, row.style);
    for attempt in &page.attempts {
        let _ = writeln!(
            text,
            "Steps attempt {} {} {}",
            attempt.n,
            attempt.state,
            attempt.evidence.as_deref().unwrap_or("-")
        );
    }
    text + &format!("Next  {}\n", next_of(page))
}

/// What helps most: to ask about the row that is objected to, where there is one.
fn next_of(page: &DeliveryDetail) -> String {
    let places = page.said.iter().flat_map(|said| &said.segments).flat_map(|segment| &segment.places);
    let row = places.filter_map(|place| place.traced.as_ref()?.row.as_ref()).next();
    let next = next_on_page(&page.line);
    match row.filter(|_| matches!(page.line.standing, RunStanding::Rejected | RunStanding::Errors)) {
        Some(row) => {
            let header = if row.header.is_empty() { String::new() } else { format!(", {:?}", row.header) };
            let rejected = page.line.standing == RunStanding::Rejected;
            let then = if rejected { "once it is mended there, the next file tells it; " } else { "" };
            format!("ask the employer about line {}{header}; {then}{next}", row.line)
        }
        None => next,
    }
}

fn said_lines(said: &AnswerSaid) -> String {
    let words = if said.kind == "TA1" { interchange_words } else { set_words };
    let codes: Vec<String> = said.codes.iter().map(|code| format!("{code} {}", words(code))).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(": {}", codes.join(", ")) };
    let mut text =
        format!("Said  {} {}: {} {}{codes}\n", said.file.name, said.file.received_at, said.kind, said.verdict);
    let shown = said.segments.len() - said.untraced;
    said.segments.iter().take(shown).for_each(|segment| text += &segment_lines(segment));
    if said.untraced > 0 {
        let _ = writeln!(text, "      and {} more", counted(said.untraced as u64, "segment", "segments"));
    }
    text
}

/// The same as JSON; the keys are a contract.
pub fn delivery_page_json(page: &DeliveryDetail) -> Value {
    let mut whole = line_json(&page.line);
    whole["next"] = json!(next_of(page));
    whole["said"] = page.said.iter().map(said_json).collect();
    whole["attempts"] = page
        .attempts
        .iter()
        .map(|row| json!({ "n": row.n, "state": row.state.word(), "evidence": row.evidence }))
        .collect();
    whole
}

fn said_json(said: &AnswerSaid) -> Value {
    json!({
        "ack": said.file.id, "file": said.file.name, "received_at": said.file.received_at, "kind": said.kind,
        "verdict": said.verdict, "codes": said.codes, "untraced": said.untraced,
        "segments": said.segments.iter().map(segment_json).collect::<Vec<_>>(),
    })
}

fn segment_json(segment: &SegmentSaid) -> Value {
    let places = segment.places.iter().map(
        |place| json!({ "code": place.code, "words": place.words, "place": place.traced.as_ref().map(traced_json) }),
    );
    json!({
        "tag": segment.said.tag, "segment": segment.said.position, "loop": segment.said.loop_id,
        "code": segment.said.code, "taken": segment.reported.as_ref().map(|reported| !reported.is_rejected),
        "places": places.collect::<Vec<_>>(),
    })
}

/// The places that carriers object to in a delivery, in a few words each.
pub(super) fn objections(page: &DeliveryDetail) -> Vec<String> {
    let places = page.said.iter().flat_map(|said| &said.segments).flat_map(|segment| &segment.places);
    let traced = places.filter_map(|place| place.traced.as_ref());
    traced.map(|traced| format!("{}, {}", place_name(traced), from(traced))).collect()
}

/// What came back, to which of ours, and what to do with it.
pub fn answer_text(page: &AnswerDetail) -> String {
    let row = &page.row;
    let mut text = format!("{}  ack {}  {} of {}\n", row.state.word().to_uppercase(), row.id, row.name, row.carrier);
    let because = page.words.as_ref().map_or(String::new(), |words| format!("{words}; "));
    let _ = writeln!(text, "Why   {because}{}", row.state.meaning());
    for delivery in &page.deliveries {
        let _ = writeln!(
            text,
            "To    run {} of {}, number {:09}: `bex show delivery {}`",
            delivery.run, delivery.feed, delivery.number, delivery.id
        );
    }
    let _ = writeln!(text, "File  {} bytes, fetched {}, state/archive/{}", row.bytes, row.received_at, row.archive);
    text + &format!("Next  {}\n", answer_next(page))
}

fn answer_next(page: &AnswerDetail) -> String {
    let id = page.row.id;
    let settle = format!("`bex acks settle {id} --reason R`");
    let reread = format!("`bex acks reread {id} --reason R`");
    let run = page.deliveries.first().map_or(0, |delivery| delivery.run);
    match page.row.state {
        AckState::Applied | AckState::Settled => "nothing: it is dealt with".to_string(),
        AckState::Unmatched => format!(
            "ask {} what it answers; then {settle}, or with `--of RUN`; once a setting was mended that kept it from being \
             matched, {reread}",
            page.row.carrier
        ),
        AckState::Quarantined => {
            format!("ask {} what it has put there; {reread} once it can be read, or {settle}", page.row.carrier)
        }
        AckState::Premature => {
            format!("ask {} what it has received, then `bex resume {run}` or `bex void {run}`", page.row.carrier)
        }
        AckState::Contradicting => {
            format!("ask {} which answer holds, then `bex settle {run} --accepted` or `--rejected`", page.row.carrier)
        }
    }
}

/// The same as JSON; the keys are a contract.
pub fn answer_page_json(page: &AnswerDetail) -> Value {
    let row = &page.row;
    let to = page.deliveries.iter().map(|delivery| {
        json!({ "delivery": delivery.id, "run": delivery.run, "feed": delivery.feed, "number": delivery.number })
    });
    json!({
        "ack": row.id, "carrier": row.carrier, "file": row.name, "bytes": row.bytes, "state": row.state.word(),
        "received_at": row.received_at, "archive": row.archive, "answers": to.collect::<Vec<_>>(),
        "stands": page.words,
        "next": answer_next(page),
    })
}

/// Why a feed stands as it does, in words: how it stands, then everything it waits for, yes or no.
pub fn why_text(why: &Why, screen: Screen) -> String {
    let (word, because) = why.words.split_once(": ").unwrap_or((&why.words, ""));
    let because = if because.is_empty() { String::new() } else { format!(": {because}") };
    let mut text = format!("{}  {}  {}{because}\n", screen.paint.strong(&word.to_uppercase()), why.feed, why.date);
    for check in &why.checks {
        let sign = if check.holds { "yes".to_string() } else { screen.paint.changed("no") + " " };
        let _ = writeln!(text, "{sign}  {}", check.words);
    }
    if let Some((at, minutes)) = &why.cut_off {
        let _ = writeln!(text, "Cut-off {at}, in {}", lasting(*minutes));
    }
    screen.fold(&(text + &format!("Next  {}\n", screen.paint.strong(&why.next))))
}

/// So many minutes, in hours and minutes.
fn lasting(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The same as JSON; the keys are a contract.
pub fn why_json(why: &Why) -> Value {
    let checks = why.checks.iter().map(|check| json!({ "holds": check.holds, "what": check.words }));
    json!({
        "feed": why.feed, "date": why.date, "stands": why.words, "checks": checks.collect::<Vec<_>>(),
        "run": why.run.as_ref().map(line_json), "next": why.next,
        "cut_off_minutes": why.cut_off.as_ref().map(|(_, minutes)| minutes),
    })
}
