//! A member followed from its rows to what carriers have answered, in words: references, places and numbers, never a
//! value.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::board::line_json;
use super::needs::next_act;
use super::questions::{origin_json, question_json};
use super::run_cells::carrier_says;
use super::trace::{from, place_name, traced_json};
use super::words::counted;
use crate::night::{Parcel, ParcelSent, ParcelWay};
use crate::trace::Traced;

/// A member's way, the rows first, then carrier by carrier.
pub fn parcel_text(parcel: &Parcel) -> String {
    let mut text = format!("MEMBER {}\n", parcel.member);
    if parcel.rows.is_empty() {
        text += "Rows  no source tells of it\n";
    }
    for row in &parcel.rows {
        let _ = writeln!(text, "Row   {row}");
    }
    for way in &parcel.ways {
        text += &way_text(parcel, way);
    }
    text
}

fn way_text(parcel: &Parcel, way: &ParcelWay) -> String {
    let mut text = format!("\n{} to {}\n", way.feed, way.carrier);
    match &way.sent {
        Some(sent) => text += &sent_text(parcel, sent),
        None => {
            let _ = writeln!(text, "Told  no file has told of it yet");
        }
    }
    for question in &way.questions {
        let (code, run) = (&question.hold.code, question.hold.first_run);
        let _ = writeln!(text, "Asked {code} since run {run}: `bex show question {}`", parcel.member);
    }
    let newest = way.newest.as_ref().map(|line| format!("run {}: {}", line.run.id, line.standing.row().words));
    let _ = writeln!(text, "Last  {}", newest.unwrap_or_else(|| "it has never run".to_string()));
    text
}

fn sent_text(parcel: &Parcel, sent: &ParcelSent) -> String {
    let (row, line) = (&sent.delivery.row, &sent.delivery.line);
    let (first, last) = (sent.loops.first(), sent.loops.last());
    let (first, last) = (first.map_or(0, |loops| loops.first), last.map_or(0, |loops| loops.last));
    let people = counted(sent.loops.len() as u64, "person", "people");
    let mut text =
        format!("Told  run {} for {}, {people}, segments {first} to {last}\n", line.run.id, line.run.business_date);
    let sealed = row.sealed_bytes.map_or("not sealed yet".to_string(), |bytes| format!("sealed, {bytes} bytes"));
    let _ = writeln!(text, "File  delivery {}: {}, numbered {:09}, {sealed}", row.id, row.final_name, row.number);
    for attempt in &sent.delivery.attempts {
        let evidence = attempt.evidence.as_deref().unwrap_or("-");
        let _ = writeln!(text, "Proof attempt {}  {}  {evidence}", attempt.n, attempt.state);
    }
    let at = row.delivered_at.as_deref().map_or(String::new(), |at| format!(", there since {at}"));
    let _ = writeln!(
        text,
        "Said  {}{at}",
        match carrier_says(line).as_str() {
            "-" => "nothing yet",
            says => says,
        }
    );
    for traced in objected(parcel, sent) {
        let _ = writeln!(text, "      objects to {}: {}", place_name(traced), from(traced));
    }
    if sent.earlier > 0 {
        let files = counted(sent.earlier as u64, "earlier file", "earlier files");
        let account = format!("bex disclosures --member {} --reason R", parcel.member);
        let _ = writeln!(text, "More  {files} may tell of it: `{account}`");
    }
    text + &format!("Next  {}\n", next_act(line))
}

/// The places of this member that the carrier objects to.
fn objected<'p>(parcel: &'p Parcel, sent: &'p ParcelSent) -> impl Iterator<Item = &'p Traced> {
    let segments = sent.delivery.said.iter().flat_map(|said| &said.segments);
    let places = segments.flat_map(|segment| &segment.places).filter_map(|place| place.traced.as_ref());
    places.filter(|traced| traced.member.as_ref() == Some(&parcel.member))
}

/// The same as JSON; the keys are a contract.
pub fn parcel_json(parcel: &Parcel) -> Value {
    let loops = |sent: &ParcelSent| {
        let one = sent
            .loops
            .iter()
            .map(|loops| json!({ "first": loops.first, "last": loops.last, "subscriber": loops.is_subscriber }));
        one.collect::<Vec<_>>()
    };
    let sent = |sent: &ParcelSent| {
        let mut whole = line_json(&sent.delivery.line);
        whole["loops"] = json!(loops(sent));
        whole["earlier"] = json!(sent.earlier);
        whole["objected"] = objected(parcel, sent).map(traced_json).collect();
        whole
    };
    let way = |way: &ParcelWay| {
        json!({
            "feed": way.feed, "carrier": way.carrier, "sent": way.sent.as_ref().map(sent),
            "newest": way.newest.as_ref().map(line_json),
            "questions": way.questions.iter().map(question_json).collect::<Vec<_>>(),
        })
    };
    json!({
        "member": parcel.member, "rows": parcel.rows.iter().map(origin_json).collect::<Vec<_>>(),
        "ways": parcel.ways.iter().map(way).collect::<Vec<_>>(),
    })
}
