//! Places in files and where they come from, in words: never a value.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::words::counted;
use crate::model::election::LifeEvent;
use crate::model::enrollment::Maintenance;
use crate::night::{Explained, FamilyExplained};
use crate::trace::{ElementSource, FamilyLoops, SegmentSaid, SpanSource, Traced, TracedRow};

/// What stands at a place: its tag and element, as carriers name it (`NM109`).
pub(super) fn place_name(traced: &Traced) -> String {
    traced.element.map_or(traced.tag.clone(), |element| format!("{}{element:02}", traced.tag))
}

/// Whom a place tells of and where that stood, in lines that begin as the screens do.
pub(super) fn traced_lines(traced: &Traced) -> String {
    let mut text = String::new();
    if !traced.sent.is_empty() {
        let _ = writeln!(text, "Sent  {}", traced.sent);
    }
    if let Some(member) = &traced.member {
        let who = if traced.is_subscriber { "subscriber" } else { "dependent" };
        let _ = writeln!(text, "Who   member {member}, {who}");
    }
    let _ = writeln!(text, "From  {}", from(traced));
    text + &span_lines(traced)
}

/// Where the cover was chosen that a place speaks of, and what led to it.
fn span_lines(traced: &Traced) -> String {
    let account = traced.account.as_ref().map_or(String::new(), |account| format!("Acct  {account}\n"));
    let Some(SpanSource { row, also, event, event_at, event_day_at }) = &traced.span else { return account };
    let lines: Vec<String> = also.iter().map(u64::to_string).collect();
    let also = if lines.is_empty() { String::new() } else { format!(", also line {}", lines.join(", ")) };
    let mut text = format!("Span  {}{also}\n", row_words(row));
    if let Some(event) = event {
        let at = event_at.as_ref().map_or_else(|| "no column says it".to_string(), row_words);
        let _ = writeln!(text, "Event {}: {at}", event.word());
        if let Some(day) = event_day_at {
            let _ = writeln!(text, "      its day: {}", row_words(day));
        }
    }
    text + &account
}

/// Where it stood.
pub(super) fn from(traced: &Traced) -> String {
    let of = match traced.source {
        ElementSource::Census(_) | ElementSource::Elections(_) => String::new(),
        ElementSource::Setting(setting) => return format!("our setting: {setting}"),
        ElementSource::Decided(what) => {
            let decided = traced.decided.map_or(String::new(), |told| format!(": {}", told.word()));
            format!(", by which was decided {what}{decided}")
        }
        ElementSource::Fixed if traced.row.is_none() => return "the format itself, whoever is told of".to_string(),
        ElementSource::Fixed => ", of which the format asks for this".to_string(),
    };
    let Some(row) = &traced.row else { return "a file that tells of them no more".to_string() };
    row_words(row) + &of
}

/// A row with its file, and the column where one is meant.
fn row_words(row: &TracedRow) -> String {
    let column = row.column.map_or(String::new(), |column| {
        let header = if row.header.is_empty() { String::new() } else { format!(" {:?}", row.header) };
        format!(", column {column}{header}")
    });
    format!("{} (input {}, {}) line {}{column}", row.source, row.input, row.date, row.line)
}

/// A segment that is objected to, with every place in it.
pub(super) fn segment_lines(segment: &SegmentSaid) -> String {
    let said = &segment.said;
    let place = if said.loop_id.is_empty() { String::new() } else { format!(" in {}", said.loop_id) };
    let words = match &segment.reported {
        Some(reported) if reported.is_rejected => format!("{}; this member was not taken", reported.words),
        Some(reported) => reported.words.clone(),
        None => crate::trace::segment_words(&said.code).to_string(),
    };
    let mut text = format!("      segment {} {}{place}: {} {words}\n", said.position, said.tag, said.code);
    for place in &segment.places {
        let Some(traced) = &place.traced else {
            text += "      our file has no such segment there\n";
            continue;
        };
        let near = if traced.near { format!(" (near: segment {})", traced.position) } else { String::new() };
        let _ = writeln!(text, "Place {}{near}: {} {}", place_name(traced), place.code, place.words);
        text += &traced_lines(traced);
    }
    text
}

/// A place as JSON; the keys are a contract.
pub(super) fn traced_json(traced: &Traced) -> Value {
    let (kind, word) = match traced.source {
        ElementSource::Census(word) => ("census", word),
        ElementSource::Elections(word) => ("elections", word),
        ElementSource::Setting(word) => ("setting", word),
        ElementSource::Decided(word) => ("decided", word),
        ElementSource::Fixed => ("format", ""),
    };
    let row = traced.row.as_ref().map(row_json);
    let span = traced.span.as_ref().map(|span| {
        json!({
            "row": row_json(&span.row), "also": span.also, "event": span.event.map(LifeEvent::word),
            "event_at": span.event_at.as_ref().map(row_json), "event_day_at": span.event_day_at.as_ref().map(row_json),
        })
    });
    json!({
        "segment": traced.position, "tag": traced.tag, "element": traced.element, "near": traced.near,
        "sent": traced.sent, "member": traced.member, "subscriber": traced.is_subscriber, "of": kind, "field": word,
        "decided": traced.decided.map(Maintenance::word),
        "row": row, "span": span, "account": traced.account,
    })
}

fn row_json(row: &TracedRow) -> Value {
    json!({
        "source": row.source, "input": row.input, "date": row.date, "line": row.line, "column": row.column,
        "header": row.header,
    })
}

/// A place of a run's file in words.
pub fn explained_text(explained: &Explained) -> String {
    let exact = if explained.is_exact { "" } else { ANEW };
    format!(
        "Place segment {} {}\n{}{exact}",
        explained.place.position,
        place_name(&explained.place),
        traced_lines(&explained.place)
    )
}

/// Of a segment that begins a member or a cover, where that was chosen.
fn own_span_lines(traced: &Traced) -> String {
    if matches!(traced.tag.as_str(), "INS" | "HD") { span_lines(traced) } else { String::new() }
}

/// Everything that a run's file has of a family, an element a line.
pub fn family_explained_text(explained: &FamilyExplained) -> String {
    let mut text = format!("MEMBER {}\n", explained.member);
    let mut segment = 0;
    for traced in &explained.elements {
        if traced.position != segment {
            segment = traced.position;
            let _ = writeln!(text, "segment {segment} {}", traced.tag);
            text.extend(own_span_lines(traced).lines().map(|line| format!("  {line}\n")));
        }
        let _ = writeln!(text, "  {:<6} {:<14} {}", place_name(traced), traced.sent, from(traced));
    }
    text + if explained.is_exact { "" } else { ANEW }
}

/// The same as JSON; the keys are a contract.
pub fn family_explained_json(explained: &FamilyExplained) -> Value {
    json!({
        "member": explained.member, "exact": explained.is_exact,
        "places": explained.elements.iter().map(traced_json).collect::<Vec<_>>(),
    })
}

/// The families of a file, a line each.
pub(super) fn families_text(families: &[FamilyLoops]) -> String {
    let one = |family: &FamilyLoops| {
        let FamilyLoops { member, told, people, first, last } = family;
        let people = counted(*people, "person", "people");
        format!("  member {member}  {}  {people}  segments {first} to {last}\n", told.word())
    };
    families.iter().map(one).collect()
}

/// The same as JSON; the keys are a contract.
pub(super) fn families_json(families: &[FamilyLoops]) -> Value {
    let one = |family: &FamilyLoops| {
        json!({
            "member": family.member, "told": family.told.word(), "people": family.people, "first": family.first,
            "last": family.last,
        })
    };
    families.iter().map(one).collect()
}

/// Settings have changed since a file was sent.
pub(super) const ANEW: &str = "Note  settings have changed since it was sent: places may differ\n";

/// The same as JSON; the keys are a contract.
pub fn explained_json(explained: &Explained) -> Value {
    json!({ "place": traced_json(&explained.place), "exact": explained.is_exact })
}
