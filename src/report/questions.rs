//! Questions, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::fault::{Origin, OriginRecord};
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

/// A row of an input as JSON, in the parts of [`OriginRecord`].
pub(super) fn origin_json(origin: &Origin) -> Value {
    json!(OriginRecord::from(origin))
}
