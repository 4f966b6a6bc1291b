//! What comes next, and what was due and has no run, in words.

use serde_json::{Value, json};

use super::faults::fault_json;
use super::screen::Screen;
use crate::mapping::RowsExpected;
use crate::night::{Coming, ExpectedFile, FileStage, FileUnderway, LateFile, LostFile, Occasion, Overview, SourceSaid};
use crate::run::OddFile;
use crate::state::State as _;
use crate::store::SlotRow;

/// Weekday and date.
const DATE_COLUMNS: usize = 14;
/// A moment by a feed's clocks.
const UNTIL_COLUMNS: usize = 20;
/// What is left of a feed's name at least.
const NAME_COLUMNS: usize = 12;

/// The days to come as a table: the business date, the feed, when it is due and until when; below a day the files that
/// are to have come for it.
pub fn coming_text(coming: &[Coming], screen: Screen) -> String {
    let due = coming.iter().map(|coming| when(coming).len()).max().unwrap_or(0);
    let feed = coming.iter().map(|coming| coming.feed.as_str().len()).max().unwrap_or(0).max(4);
    // A name keeps enough of itself to be known by; where that has no room, lines are folded.
    let rest = DATE_COLUMNS + due + UNTIL_COLUMNS + 6;
    let feed = screen.width.map_or(feed, |width| feed.min(width.saturating_sub(rest).max(NAME_COLUMNS)));
    let head = format!("{:<DATE_COLUMNS$}  {:<feed$}  {:<due$}  cut-off\n", "date", "feed", "due");
    let lines = coming.iter().map(|coming| {
        let until = match &coming.what {
            Occasion::Run(slot) => coming.zone.said(slot.cut_off),
            Occasion::Holiday(_) => String::new(),
        };
        let date = coming.date.format("%a %Y-%m-%d");
        let line = format!(
            "{date:<DATE_COLUMNS$}  {:<feed$}  {:<due$}  {until}",
            Screen::name(coming.feed.as_str(), feed),
            when(coming)
        );
        let expects = coming.expects.iter().map(|file| expected_text(coming, file));
        line.trim_end().to_string() + "\n" + &expects.collect::<String>()
    });
    head + &lines.collect::<String>()
}

fn expected_text(coming: &Coming, file: &ExpectedFile) -> String {
    let by = file.by.map_or(String::new(), |by| format!(" by {}", coming.zone.said(by)));
    let rows = file.rows.map_or(String::new(), |rows| format!(", {}", rows_text(rows)));
    format!("{:16}expects {}{by}{rows}\n", "", file.source)
}

fn rows_text(rows: RowsExpected) -> String {
    match rows {
        RowsExpected::Share(percent) => format!("rows within {percent} % of the file before"),
        RowsExpected::Between(least, most) => format!("{least} to {most} rows"),
    }
}

fn when(coming: &Coming) -> String {
    match &coming.what {
        Occasion::Run(slot) => coming.zone.said(slot.due),
        Occasion::Holiday(name) => format!("no run: {name}"),
    }
}

/// The days to come as JSON; the keys are a contract. Moments are UTC.
pub fn coming_json(coming: &[Coming]) -> Value {
    let line = |coming: &Coming| {
        let (feed, date, zone) = (coming.feed.as_str(), coming.date.to_string(), coming.zone.name());
        match &coming.what {
            Occasion::Run(slot) => json!({
                "feed": feed, "date": date, "zone": zone, "due": slot.due.to_string(),
                "cut_off": slot.cut_off.to_string(), "expects": expected_json(&coming.expects),
            }),
            Occasion::Holiday(name) => json!({ "feed": feed, "date": date, "zone": zone, "holiday": name }),
        }
    };
    json!({ "coming": coming.iter().map(line).collect::<Vec<_>>() })
}

fn expected_json(expects: &[ExpectedFile]) -> Value {
    let one = |file: &ExpectedFile| {
        let mut said = json!({ "source": file.source, "by": file.by.map(|by| by.to_string()) });
        if let Some(rows) = file.rows {
            said["rows"] = rows_text(rows).into();
        }
        said
    };
    expects.iter().map(one).collect()
}

/// The board with the files that have other rows than is expected, that are on their way or lost, and with what is to
/// be said of sources; the keys are a contract.
pub fn with_files(mut board: Value, overview: &Overview) -> Value {
    let odd = |odd: &OddFile| {
        let (least, most) = (odd.expected.start(), odd.expected.end());
        json!({
            "feed": odd.feed, "source": odd.source, "input": odd.input, "rows": odd.rows, "least": least, "most": most,
        })
    };
    let said =
        |said: &SourceSaid| json!({ "source": said.source, "feeds": said.feeds, "fault": fault_json(&said.fault) });
    let underway = |file: &FileUnderway| {
        let (stage, since) = match &file.stage {
            FileStage::Arriving(since) => ("arriving", Some(since.to_string())),
            FileStage::Landed(since) => ("landed", Some(since.to_string())),
            FileStage::LeftLanded(since) => ("left-landed", Some(since.to_string())),
            FileStage::NotRead => ("not-read", None),
            FileStage::ReadAgain => ("read-again", None),
            FileStage::Left(_) => ("left", None),
        };
        let code = if let FileStage::Left(fault) = &file.stage { Some(fault.code) } else { None };
        let FileUnderway { source, feed, input, .. } = file;
        json!({ "source": source, "feed": feed, "input": input, "stage": stage, "since": since, "code": code })
    };
    let lost = |lost: &LostFile| json!({ "source": lost.source, "input": lost.input, "archive": lost.archive });
    board["lost"] = overview.lost.iter().map(lost).collect();
    board["underway"] = overview.underway.iter().map(underway).collect();
    board["odd"] = overview.odd.iter().map(odd).collect();
    board["sources"] = overview.sources.iter().map(said).collect();
    board
}

/// The board with the files that are late; the keys are a contract.
pub fn with_late(mut board: Value, late: &[LateFile]) -> Value {
    let one = |late: &LateFile| {
        let LateFile { feed, date, source, by, zone: _, minutes, waits_until } = late;
        json!({
            "feed": feed, "date": date.to_string(), "source": source, "by": by.to_string(), "minutes": minutes,
            "waits_until": waits_until.map(|until| until.to_string()),
        })
    };
    board["late"] = late.iter().map(one).collect();
    board
}

/// The board with the slots that need somebody; the keys are a contract.
pub fn with_slots(mut board: Value, slots: &[SlotRow]) -> Value {
    let slot = |slot: &SlotRow| json!({ "feed": slot.feed, "date": slot.business_date, "state": slot.state.word(), "code": slot.code });
    board["slots"] = slots.iter().map(slot).collect();
    board
}
