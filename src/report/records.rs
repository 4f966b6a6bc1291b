//! What needs somebody, or waits, as a list: on each line how soon, what it is and what to do next. In a pipe one
//! record is one line; on a terminal too narrow for that, what to do stands below.

use super::paint::Paint;
use super::screen::{Screen, columns};
use crate::state::{AckState, Urgency};

/// One thing of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScreenRecord {
    /// How soon somebody is needed.
    pub urgency: Urgency,
    /// What it is: a kind and a number.
    pub subject: String,
    /// How it stands.
    pub words: String,
    /// What helps most; empty where nothing is to be done.
    pub next: String,
}

/// What to do stands no further to the right than this.
const NEXT_AT_MAX: usize = 56;
/// Columns between what is said and what is to be done.
const GAP: usize = 2;

/// The records, the most urgent first, what to do in a column of its own where it has room.
pub(super) fn records_text(records: &[ScreenRecord], screen: Screen) -> String {
    let mut sorted: Vec<&ScreenRecord> = records.iter().collect();
    sorted.sort_by_key(|record| record.urgency);
    let subject = sorted.iter().map(|record| columns(&record.subject)).max().unwrap_or(0);
    let said: Vec<String> = sorted.iter().map(|record| said(record, subject)).collect();
    let at = said.iter().map(|said| columns(said) + GAP).filter(|at| *at <= NEXT_AT_MAX).max().unwrap_or(0);
    let lines = sorted.iter().zip(&said).map(|(record, said)| line(record, &padded(said, at), screen));
    lines.collect()
}

/// Mark, kind and number, and how it stands.
fn said(record: &ScreenRecord, subject: usize) -> String {
    let blanks = " ".repeat(subject - columns(&record.subject));
    format!("{:>2} {}{blanks}  {}", record.urgency.mark(), record.subject, record.words)
}

fn padded(said: &str, at: usize) -> String {
    said.to_string() + &" ".repeat(at.saturating_sub(columns(said) + GAP))
}

fn line(record: &ScreenRecord, said: &str, screen: Screen) -> String {
    let marked = marked(record.urgency, said, screen.paint);
    if record.next.is_empty() {
        return screen.fold(&format!("{}\n", marked.trim_end()));
    }
    let next = format!("next: {}", record.next);
    let fits = screen.width.is_none_or(|width| columns(said) + GAP + columns(&next) <= width);
    if fits {
        return format!("{marked}{}{}\n", " ".repeat(GAP), screen.paint.strong(&next));
    }
    screen.fold(&format!("{}\n     {}\n", marked.trim_end(), screen.paint.strong(&next)))
}

/// How soon somebody has to look at an answer that waits.
pub(super) fn urgency_of(state: AckState) -> Urgency {
    if matches!(state, AckState::Premature | AckState::Contradicting) { Urgency::Now } else { Urgency::Today }
}

/// A line with its mark in the colour of its urgency.
pub(super) fn marked(urgency: Urgency, line: &str, paint: Paint) -> String {
    let mark = urgency.mark();
    let painted = match urgency {
        Urgency::Now => paint.gone(mark),
        Urgency::Today => paint.changed(mark),
        Urgency::Waits => paint.faint(mark),
        Urgency::Done => paint.added(mark),
        Urgency::Nothing => mark.to_string(),
    };
    line.replacen(mark, &painted, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(urgency: Urgency, subject: &str, next: &str) -> ScreenRecord {
        ScreenRecord { urgency, subject: subject.to_string(), words: "stands so".to_string(), next: next.to_string() }
    }

    #[test]
    fn a_record_is_one_line_where_it_has_room_and_what_to_do_stands_below_where_it_has_not() {
        let records = [record(Urgency::Waits, "run 14", ""), record(Urgency::Now, "run 1", "bex show delivery 1")];
        let piped = records_text(&records, Screen::default());
        assert_eq!(piped, "!! run 1   stands so  next: bex show delivery 1\n ~ run 14  stands so\n");
        let narrow = Screen { width: Some(40), ..Screen::default() };
        let folded = "!! run 1   stands so\n     next: bex show delivery 1\n ~ run 14  stands so\n";
        assert_eq!(records_text(&records, narrow), folded);
    }

    #[test]
    fn colour_changes_no_letter_of_a_record() {
        let records = [record(Urgency::Today, "ack 5", "bex show ack 5")];
        let painted = records_text(&records, Screen { paint: Paint::new(true), width: Some(80) });
        let plain = records_text(&records, Screen { paint: Paint::new(false), width: Some(80) });
        assert!(painted != plain && columns(painted.trim_end()) == columns(plain.trim_end()), "{painted:?}");
    }
}
