//! What a person replies to a question, and which reply each question takes.

use chrono::NaiveDate;

use super::questions;
use crate::fault::{Fault, Rule};

/// What somebody has decided where no input says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// The carrier has agreed: the file tells it, however far back it lies.
    Tell,
    /// Somebody has told the carrier by hand: the file says nothing of it, and it counts as told.
    ByHand,
    /// Nobody of those who came is somebody whom the carrier knows.
    New,
    /// The plan allows it.
    Allowed,
    /// It is right that somebody is not covered.
    LeftOut,
    /// Nothing of the family is told: it was left out of a run that was let go.
    KeptBack,
    /// The day that was asked for.
    On(NaiveDate),
}

impl Ruling {
    /// Reads a reply as it is typed.
    pub fn parse(text: &str) -> Option<Ruling> {
        let word = match text {
            "tell" => Ruling::Tell,
            "by-hand" => Ruling::ByHand,
            "new" => Ruling::New,
            "allowed" => Ruling::Allowed,
            "left-out" => Ruling::LeftOut,
            "kept-back" => Ruling::KeptBack,
            day => Ruling::On(day.parse().ok()?),
        };
        Some(word)
    }

    /// The word or the day that [`Ruling::parse`] reads.
    pub fn text(self) -> String {
        match self {
            Ruling::Tell => "tell".to_string(),
            Ruling::ByHand => "by-hand".to_string(),
            Ruling::New => "new".to_string(),
            Ruling::Allowed => "allowed".to_string(),
            Ruling::LeftOut => "left-out".to_string(),
            Ruling::KeptBack => "kept-back".to_string(),
            Ruling::On(day) => day.to_string(),
        }
    }

    /// Whether it consents that a carrier is told, or counts as told, what no file may say by itself.
    pub fn is_consent(self) -> bool {
        matches!(self, Ruling::Tell | Ruling::ByHand)
    }

    /// As it is told what may be typed: a day by its form.
    fn form(self) -> &'static str {
        match self {
            Ruling::Tell => "tell",
            Ruling::ByHand => "by-hand",
            Ruling::New => "new",
            Ruling::Allowed => "allowed",
            Ruling::LeftOut => "left-out",
            Ruling::KeptBack => "kept-back",
            Ruling::On(_) => "YYYY-MM-DD",
        }
    }
}

/// A question that a person may reply to.
#[derive(Clone, Copy, Debug)]
pub struct Repliable {
    rule: &'static Rule,
    example: Ruling,
    follows: &'static str,
}

impl Repliable {
    /// What may be typed: a word, or the form of a day.
    pub fn form(&self) -> &'static str {
        self.example.form()
    }

    /// A word where it asks for that word, any day where it asks for one; where the file is in the way of telling it,
    /// also that somebody has done so by hand.
    pub fn takes(&self, choice: Ruling) -> bool {
        choice.form() == self.form()
            || (choice == Ruling::ByHand && self.may_be_by_hand())
            || (choice == Ruling::Allowed && self.rule.code == questions::ANOTHER_EMPLOYEE.code)
    }

    /// Whether it is about something that a person can tell the carrier without a file.
    pub fn may_be_by_hand(&self) -> bool {
        let asked = [&questions::BEGINS_TOO_FAR_BACK, &questions::ENDS_TOO_FAR_BACK, &questions::BY_HAND_ALONE];
        asked.iter().any(|rule| rule.code == self.rule.code)
    }

    /// What follows from a reply, in words.
    pub fn follows(&self, choice: Ruling) -> &'static str {
        match choice {
            Ruling::ByHand => {
                "the carrier has it from a person: it counts as told with the next file, which says nothing of it"
            }
            Ruling::Allowed if self.rule.code == questions::ANOTHER_EMPLOYEE.code => {
                "it is the same person, and the file corrects what is otherwise"
            }
            _ => self.follows,
        }
    }
}

const ANY_DAY: Ruling = Ruling::On(NaiveDate::MIN);

/// Every question that takes a reply. The others are settled by a corrected input alone.
const REPLIABLE: [Repliable; 20] = [
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
        example: Ruling::Tell,
        follows: "the file tells it with its day: the carrier has agreed to take it",
    },
    Repliable {
        rule: &questions::ENDS_TOO_FAR_BACK,
        example: Ruling::Tell,
        follows: "the file tells the end with its day: no premium was taken for the days after it",
    },
    Repliable {
        rule: &questions::NO_DATE,
        example: ANY_DAY,
        follows: "that is the last covered day of what is no longer elected",
    },
    Repliable {
        rule: &questions::WHICH_ONE,
        example: Ruling::New,
        follows: "those who came are new; whoever is gone is asked about alone",
    },
    Repliable {
        rule: &questions::ANOTHER_EMPLOYEE,
        example: Ruling::New,
        follows: "once the cover that was told has ended, whoever has the number now begins as new",
    },
    Repliable {
        rule: &questions::COMES_UNDATED,
        example: ANY_DAY,
        follows: "that is the first covered day of whoever has none, or the day of birth if it is later",
    },
    Repliable {
        rule: &questions::COVERED_TWICE,
        example: Ruling::Allowed,
        follows: "the file tells it beside the cover within the other family",
    },
    Repliable {
        rule: &questions::TOO_OLD,
        example: Ruling::LeftOut,
        follows: "the child is not covered beyond the limit, and nobody is asked again",
    },
    Repliable {
        rule: &questions::BEGINS_LATER,
        example: ANY_DAY,
        follows: "that is the first covered day of whoever began with the employee; the day that was told keeps it",
    },
    Repliable {
        rule: &questions::BEFORE_HIRE,
        example: Ruling::Allowed,
        follows: "the file tells it with its day, although it is before the date of hire",
    },
    Repliable {
        rule: &questions::BY_HAND_ALONE,
        example: Ruling::Tell,
        follows: "the file tells it with its day: the carrier has agreed to take it",
    },
    Repliable {
        rule: &questions::NOT_OF_STATUS,
        example: ANY_DAY,
        follows: "that is the last covered day of everybody on this line of care",
    },
    Repliable {
        rule: &questions::SURVIVORS,
        example: ANY_DAY,
        follows: "that is the last covered day of everybody on this line of care",
    },
    Repliable {
        rule: &questions::CHOSEN_LATE,
        example: Ruling::Tell,
        follows: "the file tells it with its day: it counts as chosen in time",
    },
    Repliable {
        rule: &questions::BACK_TOO_LATE,
        example: Ruling::Allowed,
        follows: "the choices of before hold again from the day of hire on",
    },
    Repliable {
        rule: &questions::OTHER_ACCOUNT,
        example: ANY_DAY,
        follows: "that is the first day in the other account",
    },
    Repliable {
        rule: &questions::OTHER_SIDE_ASKED,
        example: Ruling::Tell,
        follows: "the file tells this side of the move alone, whatever comes of the other carrier's",
    },
    Repliable { rule: &questions::KEPT_BACK, example: Ruling::Tell, follows: "the family is decided as every other" },
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
    pub choice: Ruling,
}

/// What was replied to a question about a plan, or about the family.
pub(super) fn replied(replies: &[Reply], rule: &Rule, plan: &str) -> Option<Ruling> {
    let found = replies.iter().find(|reply| reply.code == rule.code && reply.plan == plan);
    found.map(|reply| reply.choice)
}

/// The question that stands for a family which somebody has kept back.
pub(super) fn kept_back(replies: &[Reply]) -> Option<Fault> {
    let kept = replied(replies, &questions::KEPT_BACK, "") == Some(Ruling::KeptBack);
    kept.then(|| questions::KEPT_BACK.fault())
}

/// The day that was given.
pub(super) fn replied_day(replies: &[Reply], rule: &Rule, plan: &str) -> Option<NaiveDate> {
    match replied(replies, rule, plan) {
        Some(Ruling::On(day)) => Some(day),
        _ => None,
    }
}

/// Whether somebody has replied that the carrier was told by hand.
pub(super) fn is_by_hand(replies: &[Reply], question: &Fault, plan: &str) -> bool {
    let of = |reply: &&Reply| reply.code == question.code && reply.plan == plan;
    replies.iter().filter(of).any(|reply| reply.choice == Ruling::ByHand)
}

/// The question, unless somebody has replied that it may be told.
pub(super) fn unless_replied(replies: &[Reply], question: Fault, plan: &str) -> Result<(), Fault> {
    let consent = replies
        .iter()
        .any(|reply| reply.code == question.code && reply.plan == plan && !matches!(reply.choice, Ruling::On(_)));
    if consent { Ok(()) } else { Err(question) }
}
