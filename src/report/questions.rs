//! Questions, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::fault::{Gone, Origin};
use crate::night::OpenQuestion;

/// A line for the question, and one for each row it is about.
pub fn question_lines(question: &OpenQuestion) -> String {
    let hold = &question.hold;
    let about = if hold.subject.is_empty() { String::new() } else { format!(" plan {}", hold.subject) };
    let mut text = format!("  {}  member {}{about}  since run {}\n", hold.code, question.member(), hold.first_run);
    for origin in &question.told_in {
        let _ = writeln!(text, "      {origin}");
    }
    text
}

/// A question as JSON; the keys are a contract.
pub fn question_json(question: &OpenQuestion) -> Value {
    let hold = &question.hold;
    json!({
        "code": hold.code, "member": question.member(), "plan": hold.subject, "since_run": hold.first_run,
        "rows": question.told_in.iter().map(origin_json).collect::<Vec<_>>(),
    })
}

/// A row of an input as JSON: `source`, `input` and `date` (null for a file in the inbox), `line`, and whether the row
/// is `gone` since.
pub(super) fn origin_json(origin: &Origin) -> Value {
    let (input, date) = origin.input.as_ref().map(|(input, date)| (*input, date.as_str())).unzip();
    let gone = origin.gone != Gone::No;
    json!({ "source": origin.source.as_str(), "input": input, "date": date, "line": origin.line, "gone": gone })
}
