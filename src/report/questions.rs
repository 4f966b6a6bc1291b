//! Questions, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::fault::{Gone, Origin};
use crate::store::HoldRow;

/// A question as recorded, with the rows it is about.
#[derive(Clone, Debug)]
pub struct Question {
    /// The question.
    pub hold: HoldRow,
    /// Where census and elections told of the family last.
    pub told_in: Vec<Origin>,
}

impl Question {
    /// The family's pseudonym, shortened.
    pub fn member(&self) -> String {
        self.hold.family().short()
    }

    /// A line for the question, and one for each row it is about.
    pub fn lines(&self) -> String {
        let hold = &self.hold;
        let about = if hold.subject.is_empty() { String::new() } else { format!(" plan {}", hold.subject) };
        let mut text = format!("  {}  member {}{about}  since run {}\n", hold.code, self.member(), hold.first_run);
        for origin in &self.told_in {
            let _ = writeln!(text, "      {origin}");
        }
        text
    }

    /// As JSON; the keys are a contract.
    pub fn json(&self) -> Value {
        let hold = &self.hold;
        json!({
            "code": hold.code, "member": self.member(), "plan": hold.subject, "since_run": hold.first_run,
            "rows": self.told_in.iter().map(origin_json).collect::<Vec<_>>(),
        })
    }
}

/// A row of an input as JSON: `source`, `input` and `date` (null for a file in the inbox), `line`, and whether the row
/// is `gone` since.
pub(super) fn origin_json(origin: &Origin) -> Value {
    let (input, date) = origin.input.as_ref().map(|(input, date)| (*input, date.as_str())).unzip();
    let gone = origin.gone != Gone::No;
    json!({ "source": origin.source.as_str(), "input": input, "date": date, "line": origin.line, "gone": gone })
}
