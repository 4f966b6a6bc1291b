//! What an answer that waits for a person says of itself, in a few words: which number it names, or that it is none.

use super::answers::unreadable_answer;
use crate::engine::AnySite;
use crate::fault::Label;
use crate::state::AckState;
use crate::store::OpenAnswer;
use crate::x12::ErrorKind;
use crate::x12::ack::{self, Acknowledgement, Of};

/// An answer that waits for a person, with what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerWaiting {
    /// As the store has it.
    pub row: OpenAnswer,
    /// What it is: a number it names, or that nobody can read it. Nothing else of what a carrier wrote.
    pub words: String,
}

/// So many are opened to say more of them than how they stand.
const OPENED_MAX: usize = 20;

/// Answers that wait for a person, each with what it says of itself; of those beyond the first twenty only how they
/// stand.
pub fn answers_waiting(engine: AnySite<'_>, open: Vec<OpenAnswer>) -> Vec<AnswerWaiting> {
    let words = |(n, row): (usize, OpenAnswer)| {
        let content = if n < OPENED_MAX { content(engine, &row) } else { AnswerContent::Unopened };
        AnswerWaiting { words: words(&row, &content), row }
    };
    open.into_iter().enumerate().map(words).collect()
}

/// What there is in a file that came back.
enum AnswerContent {
    /// Nobody has looked.
    Unopened,
    /// The key that opens it is not here.
    Sealed,
    /// Acknowledgements of these numbers.
    Names(Vec<String>),
    /// It does not begin as any X12 file does.
    NoX12,
    /// It does, and cannot be read: the code says why.
    Unread(&'static str),
}

fn content(engine: AnySite<'_>, row: &OpenAnswer) -> AnswerContent {
    let AnySite::Keyed(engine) = engine else { return AnswerContent::Sealed };
    match engine.open_archived(&row.archive, unreadable_answer).map(ack::read) {
        Ok(Ok(said)) => AnswerContent::Names(numbers(&said)),
        Ok(Err(error)) if matches!(error.kind(), ErrorKind::NotX12) => AnswerContent::NoX12,
        Ok(Err(error)) => AnswerContent::Unread(error.code()),
        Err(fault) => AnswerContent::Unread(fault.code),
    }
}

/// The numbers that acknowledgements name, each once, without the zeros before them.
fn numbers(said: &[Acknowledgement]) -> Vec<String> {
    let mut numbers: Vec<String> = Vec::new();
    for acknowledgement in said {
        let number = match &acknowledgement.of {
            Of::Interchange(ta1) => &ta1.control_number,
            Of::Group(group) => &group.control_number,
        };
        let number = Label::new(number.trim_start_matches('0')).to_string();
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

fn words(row: &OpenAnswer, content: &AnswerContent) -> String {
    let bytes = if row.bytes == 1 { "1 byte".to_string() } else { format!("{} bytes", row.bytes) };
    let run = row.run.map_or("a run of ours".to_string(), |run| format!("run {run}"));
    let names = match content {
        AnswerContent::Names(numbers) => listed(numbers),
        _ => None,
    };
    match (row.state, content) {
        (AckState::Premature, _) => {
            format!("answers {}, never sent; {run} is held", names.unwrap_or("what was".to_string()))
        }
        (AckState::Unmatched, AnswerContent::Sealed) => {
            format!("names none of our deliveries, {bytes}; what it says is sealed: needs the archive's key")
        }
        (AckState::Contradicting, _) => format!("says otherwise than an earlier answer to {run}, which stands"),
        (AckState::Quarantined, AnswerContent::NoX12) => format!("is no X12, {bytes}"),
        (AckState::Quarantined, AnswerContent::Unread(code)) => format!("cannot be read as an answer: {code}, {bytes}"),
        (AckState::Quarantined, _) => format!("cannot be read as an answer, {bytes}"),
        _ => names.map_or("names nothing of ours".to_string(), |names| format!("answers {names}, not ours")),
    }
}

/// The first of some numbers, and how many more there are; none where there is none.
fn listed(numbers: &[String]) -> Option<String> {
    match numbers {
        [] => None,
        [one] => Some(one.clone()),
        [one, other] => Some(format!("{one} and {other}")),
        [one, more @ ..] => Some(format!("{one} and {} more", more.len())),
    }
}
