//! Questions, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::words::{counted, days_between};
use crate::act::{AnswerPlan, InquiryPlan};
use crate::fault::{Origin, OriginRecord, Rule};
use crate::night::OpenQuestion;
use crate::reconcile::questions::RULES;
use crate::reconcile::{Repliable, repliable};
use crate::state::QuestionStanding;
use crate::store::{HoldRow, InquiryRow};

/// A line for the question, one for what is asked, and one for each row it is about.
pub fn question_lines(question: &OpenQuestion) -> String {
    let hold = &question.hold;
    let about = if hold.subject.is_empty() { String::new() } else { format!(" plan {}", hold.subject) };
    let (number, member, since) = (hold.number, question.member(), hold.first_run);
    let mut text = format!("  question {number}  {}  member {member}{about}  since run {since}\n", hold.code);
    if let Some(rule) = rule_of(&hold.code) {
        let _ = writeln!(text, "      {}", rule.sentence);
    }
    for origin in &question.told_in {
        let _ = writeln!(text, "      {origin}");
    }
    if let Some(inquiry) = &question.inquiry {
        text += &format!("      {}", inquiry_line(question, inquiry));
    }
    text + &answers(question)
}

/// Who has asked whom, until when.
fn inquiry_line(question: &OpenQuestion, inquiry: &InquiryRow) -> String {
    let InquiryRow { whom, until, at, who, .. } = inquiry;
    let over = if question.standing == QuestionStanding::Open { ", and no answer has come" } else { "" };
    format!("{who} asked {} at {at}, until {until}{over}\n", whom.word())
}

/// How a person answers, where the question takes that.
fn answers(question: &OpenQuestion) -> String {
    let (hold, mut text) = (&question.hold, String::new());
    if let Some(takes) = repliable(&hold.code) {
        let HoldRow { feed, number, .. } = hold;
        let form = takes.form();
        let _ = writeln!(text, "      answer: bex answer {number} {form} --reason R");
        if takes.may_be_by_hand() {
            let _ = writeln!(text, "      by hand: bex worklist {feed} has what to tell the carrier");
        }
    }
    text
}

/// The rule by which a family is asked about; none of a code that asks nothing.
pub(super) fn rule_of(code: &str) -> Option<Rule> {
    let asks = || RULES.iter().find(|rule| rule.is_recorded_as(code)).copied();
    // A family whose file would be refused is asked about by the rule of the file.
    let of_files = || crate::fault::x12::rules().find(|rule| rule.is_recorded_as(code));
    asks().or_else(of_files)
}

/// Questions of a family, each with what is asked, of which rows, and what settles it; `today` is the day on which that
/// is read.
pub fn questions_page_text(questions: &[OpenQuestion], today: &str) -> String {
    questions.iter().map(|question| page_of(question, today)).collect::<Vec<_>>().join("\n")
}

fn page_of(question: &OpenQuestion, today: &str) -> String {
    let HoldRow { number, feed, code, subject, .. } = &question.hold;
    let age = counted(days_between(&question.since, today).unsigned_abs(), "day", "days");
    let about = if subject.is_empty() { String::new() } else { format!("  plan {subject}") };
    let stands = if question.standing == QuestionStanding::Asked { "ASKED" } else { "OPEN" };
    let mut text = format!("{stands} {age}  question {number}  {code}  {feed}  member {}{about}\n", question.member());
    let rule = rule_of(code);
    if let Some(rule) = rule {
        let _ = writeln!(text, "Asks  {}", rule.sentence);
    }
    for (n, origin) in question.told_in.iter().enumerate() {
        let _ = writeln!(text, "{}{origin}", if n == 0 { "Rows  " } else { "      " });
    }
    let _ = writeln!(text, "Since run {} for {}", question.hold.first_run, question.since);
    let _ = writeln!(text, "Known {}", known(question.covered));
    if let Some(inquiry) = &question.inquiry {
        text += &format!("Acts  {}", inquiry_line(question, inquiry));
    }
    if let Some(rule) = rule {
        let _ = writeln!(text, "Next  {}", rule.next);
    }
    let number = question.hold.number;
    let asked = format!("      put to somebody: bex answer {number} --asked WHO --until DATE --reason R\n");
    text + &answers(question) + &asked
}

/// What the carrier knows of a family in question, which stays as it is until somebody has answered.
fn known(covered: Option<u64>) -> String {
    match covered {
        None => "the carrier was told nothing of the family; stays so".to_string(),
        Some(covered) => format!("{} covered; stays so", counted(covered, "member", "members")),
    }
}

/// The same as JSON; the keys are a contract.
pub fn questions_page_json(questions: &[OpenQuestion]) -> Value {
    let one = |question: &OpenQuestion| {
        let mut whole = question_json(question);
        let rule = rule_of(&question.hold.code);
        whole["feed"] = json!(question.hold.feed);
        whole["asks"] = json!(rule.map(|rule| rule.sentence));
        whole["next"] = json!(rule.map(|rule| rule.next));
        whole
    };
    json!({ "questions": questions.iter().map(one).collect::<Vec<_>>() })
}

/// What would follow from an answer.
pub fn answer_plan_text(plan: &AnswerPlan) -> String {
    let HoldRow { feed, code, subject, key, .. } = &plan.question;
    let about = if subject.is_empty() { String::new() } else { format!(" about {subject}") };
    let (member, choice, follows) = (key.short(), plan.choice.text(), plan.follows);
    format!(
        "PLAN answer {code}{about} of member {member} with {choice}: {follows}\n\
         \x20    the next run of {feed} decides by it; it is void once the sources say something else of the family\n"
    )
}

/// A question as JSON; the keys are a contract.
pub fn question_json(question: &OpenQuestion) -> Value {
    let hold = &question.hold;
    json!({
        "answer": repliable(&hold.code).map(Repliable::form),
        "number": hold.number, "code": hold.code, "member": question.member(), "plan": hold.subject, "since_run": hold.first_run,
        "asked": question.inquiry.as_ref().map(|inquiry| inquiry_json(question, inquiry)),
        "rows": question.told_in.iter().map(origin_json).collect::<Vec<_>>(), "since": question.since,
        "covered": question.covered,
    })
}

fn inquiry_json(question: &OpenQuestion, inquiry: &InquiryRow) -> Value {
    json!({
        "of": inquiry.whom.word(), "until": inquiry.until, "at": inquiry.at, "by": inquiry.who,
        "waits": question.standing == QuestionStanding::Asked,
    })
}

/// What would be noted of whom a question is put to.
pub fn inquiry_plan_text(plan: &InquiryPlan) -> String {
    let HoldRow { code, subject, key, .. } = &plan.question;
    let about = if subject.is_empty() { String::new() } else { format!(" about {subject}") };
    let (member, whom, until) = (key.short(), plan.whom.word(), plan.until);
    format!(
        "PLAN answer {code}{about} of member {member}: asked {whom} until {until}\n\
         \x20    nothing is decided by it; the employer's next file answers, and after that day the question is open again\n"
    )
}

/// A row of an input as JSON, in the parts of [`OriginRecord`].
pub(super) fn origin_json(origin: &Origin) -> Value {
    json!(OriginRecord::from(origin))
}
