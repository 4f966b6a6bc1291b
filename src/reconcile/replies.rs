//! What a person replies to a question, and which reply each question takes.

use chrono::NaiveDate;

use super::questions;
use crate::fault::{Fault, Rule};

/// What somebody has decided where no input says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The carrier has agreed: the file tells it, however far back it lies.
    Tell,
    /// Nobody of those who came is somebody whom the carrier knows.
    New,
    /// The plan allows it.
    Allowed,
    /// The day that was asked for.
    On(NaiveDate),
}

impl Choice {
    /// Reads a reply as it is typed.
    pub fn parse(text: &str) -> Option<Choice> {
        let word = match text {
            "tell" => Choice::Tell,
            "new" => Choice::New,
            "allowed" => Choice::Allowed,
            day => Choice::On(day.parse().ok()?),
        };
        Some(word)
    }

    /// As it is typed.
    pub fn text(self) -> String {
        match self {
            Choice::Tell => "tell".to_string(),
            Choice::New => "new".to_string(),
            Choice::Allowed => "allowed".to_string(),
            Choice::On(day) => day.to_string(),
        }
    }

    /// As it is told what may be typed: a day by its form.
    fn form(self) -> &'static str {
        match self {
            Choice::Tell => "tell",
            Choice::New => "new",
            Choice::Allowed => "allowed",
            Choice::On(_) => "YYYY-MM-DD",
        }
    }
}

/// A question that a person may reply to.
#[derive(Clone, Copy, Debug)]
pub struct Repliable {
    rule: &'static Rule,
    example: Choice,
    /// What follows from the reply, in words.
    pub follows: &'static str,
}

impl Repliable {
    /// What may be typed: a word, or the form of a day.
    pub fn form(&self) -> &'static str {
        self.example.form()
    }

    /// Whether this is a reply to it.
    pub fn takes(&self, choice: Choice) -> bool {
        choice.form() == self.form()
    }
}

const ANY_DAY: Choice = Choice::On(NaiveDate::MIN);

/// Every question that takes a reply. The others are settled by a corrected input alone.
const REPLIABLE: [Repliable; 8] = [
    Repliable {
        rule: &questions::GONE_FROM_CENSUS,
        example: ANY_DAY,
        follows: "that was the last day of employment, and cover ends as it does after employment",
    },
    Repliable {
        rule: &questions::GONE_FROM_ELECTIONS,
        example: ANY_DAY,
        follows: "that was the last covered day of everything this carrier knows of the family",
    },
    Repliable {
        rule: &questions::BEGINS_TOO_FAR_BACK,
        example: Choice::Tell,
        follows: "the file tells it with its day: the carrier has agreed to take it",
    },
    Repliable {
        rule: &questions::ENDS_TOO_FAR_BACK,
        example: Choice::Tell,
        follows: "the file tells the end with its day: no premium was taken for the days after it",
    },
    Repliable {
        rule: &questions::NO_DATE,
        example: ANY_DAY,
        follows: "that is the last covered day of what is no longer elected",
    },
    Repliable {
        rule: &questions::WHICH_ONE,
        example: Choice::New,
        follows: "those who came are new; whoever is gone is asked about alone",
    },
    Repliable {
        rule: &questions::COMES_UNDATED,
        example: ANY_DAY,
        follows: "that is the first covered day of whoever has none, or the day of birth if it is later",
    },
    Repliable {
        rule: &questions::COVERED_TWICE,
        example: Choice::Allowed,
        follows: "the file tells it beside the cover within the other family",
    },
];

/// Which reply a question takes, by its code.
pub fn repliable(code: &str) -> Option<&'static Repliable> {
    REPLIABLE.iter().find(|one| one.rule.code == code)
}

/// A reply to a question about a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The question's code.
    pub code: String,
    /// The plan it is about; empty where it is about the family.
    pub plan: String,
    /// What was decided.
    pub choice: Choice,
}

/// What was replied to a question about a plan, or about the family.
pub(super) fn replied(replies: &[Reply], rule: &Rule, plan: &str) -> Option<Choice> {
    let found = replies.iter().find(|reply| reply.code == rule.code && reply.plan == plan);
    found.map(|reply| reply.choice)
}

/// The day that was given.
pub(super) fn replied_day(replies: &[Reply], rule: &Rule, plan: &str) -> Option<NaiveDate> {
    match replied(replies, rule, plan) {
        Some(Choice::On(day)) => Some(day),
        _ => None,
    }
}

/// The question, unless somebody has replied that it may be told.
pub(super) fn unless_replied(replies: &[Reply], question: Fault, plan: &str) -> Result<(), Fault> {
    let consent = replies
        .iter()
        .any(|reply| reply.code == question.code && reply.plan == plan && !matches!(reply.choice, Choice::On(_)));
    if consent { Ok(()) } else { Err(question) }
}
