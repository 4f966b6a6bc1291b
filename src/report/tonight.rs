//! What the hours to come hold, in words: it needs nobody, and says that something is to come.

use serde_json::{Value, json};

use super::screen::Screen;
use super::words::counted;
use crate::night::{ToCome, Tonight};
use crate::state::Urgency;

/// More than so many are counted, and not named.
const NAMED_MAX: usize = 3;
/// So many stand in a document of the board; `bex schedule next --json` has all.
const LISTED_MAX: usize = 40;

/// Each feed that comes due and each file that is expected, on a line; of many their number, and the soonest moment.
pub(super) fn tonight_text(tonight: &Tonight, screen: Screen) -> String {
    let run = |one: &ToCome| format!("{}  due {}", one.feed, one.zone.said(one.at));
    let file = |one: &ToCome| {
        let source = one.source.as_deref().unwrap_or_default();
        format!("{}  expects {source} by {}", one.feed, one.zone.said(one.at))
    };
    let due = lines(&tonight.due, Urgency::Nothing, run, |first, count| {
        format!("{} due, the first {}", counted(count, "feed", "feeds"), first.zone.said(first.at))
    });
    let expects = lines(&tonight.expects, Urgency::Waits, file, |first, count| {
        format!("{} expected, the first by {}", counted(count, "file", "files"), first.zone.said(first.at))
    });
    screen.fold(&(expects + &due))
}

fn lines(
    all: &[ToCome],
    urgency: Urgency,
    one: impl Fn(&ToCome) -> String,
    many: impl Fn(&ToCome, u64) -> String,
) -> String {
    let line = |words: String| format!("{:>2} {words}\n", urgency.mark());
    match all.first() {
        Some(first) if all.len() > NAMED_MAX => {
            line(format!("{}: `bex schedule next --days 1` names them", many(first, all.len() as u64)))
        }
        _ => all.iter().map(|each| line(one(each))).collect(),
    }
}

/// The board with what is to come; the keys are a contract. Moments are UTC.
pub(super) fn with_tonight(mut board: Value, tonight: &Tonight) -> Value {
    let run = |one: &ToCome| json!({ "feed": one.feed, "date": one.date.to_string(), "due": one.at.to_string() });
    let file = |one: &ToCome| {
        let (date, by) = (one.date.to_string(), one.at.to_string());
        json!({ "feed": one.feed, "date": date, "source": one.source, "by": by })
    };
    board["tonight"] = json!({
        "due": tonight.due.iter().take(LISTED_MAX).map(run).collect::<Vec<_>>(),
        "expects": tonight.expects.iter().take(LISTED_MAX).map(file).collect::<Vec<_>>(),
        "due_count": tonight.due.len(), "expects_count": tonight.expects.len(),
    });
    board
}
