//! Files that were taken in: one on a page, and those that wait for somebody.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::faults::record_json;
use super::missed::push_fault;
use super::paint::Paint;
use super::words::counted;
use crate::engine::SealedText;
use crate::fault::Severity;
use crate::model::source::Stranger;
use crate::night::InputBoard;
use crate::state::{InputState, State as _};
use crate::store::SetPartRow;
use crate::take_in::WaitingInput;

/// The board's document with the files that wait for somebody.
pub fn with_waiting(mut board: Value, waiting: &[WaitingInput]) -> Value {
    let one = |one: &WaitingInput| {
        let faults: Vec<Value> = one.faults.iter().map(record_json).collect();
        json!({
            "input": one.row.id, "source": one.row.source, "date": one.row.business_date,
            "state": one.row.state.word(), "faults": faults,
        })
    };
    board["waiting_inputs"] = waiting.iter().map(one).collect();
    board
}

/// A file that was taken in: how it stands and why, what to do next, its sender's name for it; everything wrong with it
/// where somebody wants that.
pub fn input_text(board: &InputBoard, with_faults: bool, paint: Paint) -> String {
    let InputBoard { row, name, mapping, faults, .. } = board;
    let word = word(board);
    let word = match row.state {
        InputState::Quarantined => paint.gone(word),
        InputState::Held => paint.changed(word),
        _ if board.is_lost => paint.gone(word),
        _ => word.to_string(),
    };
    let mut text =
        format!("{word}  input {}  {}  {}\nWhy   {}\n", row.id, row.source, row.business_date, why(row.state));
    if board.is_lost {
        text += "      its sealed copy is not in the archive, and nobody has destroyed it\n";
    }
    if let Some(first) = faults.iter().find(|fault| fault.severity >= Severity::Error) {
        let place = if first.place.is_empty() { String::new() } else { format!(" at {}", first.place) };
        let _ = writeln!(text, "      {} {}{place}", first.code, first.sentence());
    }
    let _ = writeln!(text, "Next  {}", input_next(board));
    let called = name.as_ref().map_or("a name that is not known".to_string(), |name| shown(name.words()));
    let _ = writeln!(text, "File  called {called}, {} bytes, received {}", row.bytes, row.received_at);
    let _ = writeln!(text, "      state/archive/{}", row.archive);
    text += &parts(board);
    let _ = writeln!(text, "Read  by mapping {}", mapping.as_deref().unwrap_or("none"));
    text += &counts(board);
    text + &listed(board, with_faults, paint)
}

/// The files that it was made of, where several make a census.
fn parts(board: &InputBoard) -> String {
    let mut text = String::new();
    for part in &board.parts {
        let SetPartRow { part: name, became, day, received_at, bytes, archive, .. } = part;
        let of = day.as_ref().map(|day| format!(" of {day}")).unwrap_or_default();
        let _ = writeln!(text, "Part  {name}{of}, {became}, {bytes} bytes, received {received_at}");
        let _ = writeln!(text, "      state/archive/{archive}");
    }
    text
}

/// Rows and families, as far as they were counted, and the feeds that wait for another file.
fn counts(board: &InputBoard) -> String {
    let (row, mut text) = (&board.row, String::new());
    if let Some(rows) = board.rows {
        let usual = board.usual_rows.map_or(String::new(), |usual| format!(", {usual} in the file before"));
        let _ = writeln!(text, "Rows  {}{usual}", counted(rows.unsigned_abs(), "row of people", "rows of people"));
    }
    if let (Some(families), Some(changed)) = (row.families, row.changed) {
        let families = counted(families.unsigned_abs(), "family", "families");
        let _ = writeln!(text, "      {families}, {changed} changed");
    }
    if !board.stops.is_empty() {
        let feeds = counted(board.stops.len() as u64, "feed", "feeds");
        let _ = writeln!(text, "Stops {feeds}: {}", board.stops.join(", "));
    }
    text
}

/// Every fault where they are wanted, else how many there are.
fn listed(board: &InputBoard, with_faults: bool, paint: Paint) -> String {
    if board.faults.is_empty() {
        return String::new();
    }
    if !with_faults {
        return format!("More  bex show input {} --faults ({})\n", board.row.id, board.faults.len());
    }
    let mut text = "\nFaults\n".to_string();
    board.faults.iter().for_each(|fault| push_fault(&mut text, fault, paint));
    text
}

/// How it stands, in a word or two.
fn word(board: &InputBoard) -> &'static str {
    match board.row.state {
        _ if board.is_lost => "LOST",
        InputState::Quarantined if Stranger::parse(&board.row.source).is_some() => "UNMATCHED",
        InputState::Quarantined => "REFUSED",
        InputState::Archived => "NOT READ",
        InputState::Applied => "READ",
        InputState::Held => "HELD",
        InputState::Settled => "SETTLED",
    }
}

/// What has become of it, in words.
fn why(state: InputState) -> &'static str {
    match state {
        InputState::Archived => "sealed, and not read yet",
        InputState::Applied => "read: its families stand as it tells of them",
        InputState::Quarantined => "refused and set aside: nothing is derived from it",
        InputState::Held => "held: somebody has to say whether it is what it should be",
        InputState::Settled => "somebody has said that nothing is to come of it",
    }
}

/// What helps most.
fn input_next(board: &InputBoard) -> String {
    let row = &board.row;
    if board.is_lost {
        return format!("restore state/archive/{} from a backup, or ask the employer for the file again", row.archive);
    }
    let (read, settle) =
        (format!("`bex input read {} --reason R`", row.id), format!("`bex input settle {} --reason R`", row.id));
    let newer = board.overtaken_by.map(|newer| overtaken(newer, &settle));
    match row.state {
        InputState::Archived => "nothing: the next run of a feed reads it".to_string(),
        InputState::Applied if board.newer.is_some() => {
            format!("nothing: input {} has taken its place", board.newer.unwrap_or_default())
        }
        InputState::Applied => format!(
            "nothing; where it is the wrong file, and no run has used it, {settle}; {read} has the newest read once more"
        ),
        InputState::Settled => "nothing: it is dealt with".to_string(),
        _ if newer.is_some() => newer.unwrap_or_default(),
        InputState::Quarantined if Stranger::parse(&row.source).is_some() => format!(
            "if it is a census or elections, mend `file` in its mapping, then {read}, or say which: `bex input read {} --as census/NAME --reason R`; if nothing is to come of it, {settle}",
            row.id
        ),
        InputState::Quarantined => refused(&sent_again(board), &read, &settle),
        InputState::Held => format!("ask the employer; {read} takes it as it is, {settle} leaves what stood before"),
    }
}

/// What helps where a file was refused.
fn refused(what: &str, read: &str, settle: &str) -> String {
    format!(
        "ask the employer for {what} again; if our mapping errs, mend it, then {read}; if nothing is to come of it, {settle}"
    )
}

/// What has to be sent again of a refused file: of several that make a census, all, or those that are at fault.
fn sent_again(board: &InputBoard) -> String {
    let joined: Vec<&str> = board.parts.iter().filter(|part| part.is_joined()).map(|part| &*part.part).collect();
    let waits = &board.waiting_again;
    if joined.is_empty() {
        return "it".to_string();
    }
    if waits.is_empty() {
        return format!("every part ({})", joined.join(", "));
    }
    let wrong: Vec<&str> = joined.into_iter().filter(|part| !waits.iter().any(|one| one == part)).collect();
    format!("{} alone ({} waits for it)", wrong.join(", "), waits.join(", "))
}

/// What helps where a newer file was read since.
fn overtaken(newer: i64, settle: &str) -> String {
    format!(
        "input {newer} came after it and was read: ask the employer which holds; {settle} leaves this one; if it holds all the same, have it sent again"
    )
}

/// A name as its sender wrote it, with nothing in it that a terminal would obey.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// The same as JSON; the keys are a contract.
pub fn input_json(board: &InputBoard) -> Value {
    let InputBoard { row, name, mapping, faults, .. } = board;
    json!({
        "input": row.id, "source": row.source, "date": row.business_date, "state": row.state.word(),
        "called": name.as_ref().and_then(SealedText::text), "received_at": row.received_at, "bytes": row.bytes, "archive": row.archive,
        "mapping": mapping, "families": row.families, "changed": row.changed, "stops": board.stops,
        "next": input_next(board), "rows": board.rows, "rows_before": board.usual_rows, "lost": board.is_lost,
        "newer": board.newer, "parts": board.parts.iter().map(part_json).collect::<Vec<_>>(),
        "faults": faults.iter().map(record_json).collect::<Vec<_>>(),
    })
}

/// One of several files that make a census; the keys are a contract.
pub fn part_json(part: &SetPartRow) -> Value {
    json!({
        "part": part.part, "became": part.became, "day": part.day, "received_at": part.received_at,
        "bytes": part.bytes, "archive": part.archive,
    })
}
