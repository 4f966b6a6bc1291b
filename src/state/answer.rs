//! What a carrier's answer does to the delivery it names. The first verdict stands; evidence is never overwritten.

use super::DeliveryState;
use super::rules::unknown_word;
use crate::fault::Fault;

/// What an answer says of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Taken as it is, without a remark.
    Accepted,
    /// Accepted with errors: not to be sent again.
    Errors,
    /// Rejected, wholly or in part: our groups have one set.
    Rejected,
}

impl Answer {
    /// From the best to the worst.
    pub const ALL: [Answer; 3] = [Answer::Accepted, Answer::Errors, Answer::Rejected];

    /// How bad it is, from 0.
    pub fn gravity(self) -> u8 {
        self as u8
    }

    /// The word in the store and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Answer::Accepted => "accepted",
            Answer::Errors => "errors",
            Answer::Rejected => "rejected",
        }
    }

    /// The answer a stored word stands for.
    ///
    /// # Errors
    /// STO007: the word is none of ours, and is not guessed at.
    pub fn read(word: &str) -> Result<Answer, Fault> {
        Answer::ALL.into_iter().find(|answer| answer.word() == word).ok_or_else(|| unknown_word("answer"))
    }
}

/// What is answered: an interchange by TA1, or a group by 999 or 997.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnswerLevel {
    /// TA1: it decides only where no 999 follows, unless it rejects.
    Interchange,
    /// 999 or 997.
    Group,
}

impl AnswerLevel {
    /// The word in events and on boards.
    pub fn word(self) -> &'static str {
        match self {
            AnswerLevel::Interchange => "TA1",
            AnswerLevel::Group => "999",
        }
    }
}

/// A delivery, and an answer that names it.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// Where the delivery stands.
    pub delivery: DeliveryState,
    /// Whether a publish intent of it was ever committed, whatever anybody has said of it since.
    pub may_be_answered: bool,
    /// What a TA1 has said of it before.
    pub ta1: Option<Answer>,
    /// What a 999 or 997 has said of it before.
    pub g999: Option<Answer>,
    /// Whether a 999 is expected of this carrier.
    pub awaits_group: bool,
    /// What answers.
    pub level: AnswerLevel,
    /// What it says.
    pub answer: Answer,
}

/// What follows from an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing was sent: the delivery stays as it is, and somebody must look.
    Premature,
    /// An earlier answer says otherwise, and stands; somebody must look.
    Contradicts,
    /// The delivery goes over to this state.
    Settles(DeliveryState),
    /// It is recorded; the delivery stays where it is.
    Noted,
}

impl Answered {
    /// Judges the answer by where the delivery stands and what was said of it before.
    pub fn effect(self) -> Effect {
        use DeliveryState::{
            Accepted, Assumed, Delivered, Held, Known, Lost, Numbered, Rejected, Sealed, Sending, Uncertain, Void,
        };
        match self.delivery {
            // Nothing was sent, and never will be.
            Numbered | Known => Effect::Premature,
            _ if !self.may_be_answered => Effect::Premature,
            // Given up because somebody said that it was not there: it was.
            Void => Effect::Contradicts,
            _ if self.contradicts() => Effect::Contradicts,
            Accepted | Rejected | Lost => Effect::Noted,
            _ if self.answer == Answer::Rejected => Effect::Settles(Rejected),
            _ if self.level == AnswerLevel::Group || !self.awaits_group => Effect::Settles(Accepted),
            Delivered | Assumed => Effect::Noted,
            Sealed | Sending | Uncertain | Held => Effect::Settles(Delivered),
        }
    }

    /// Whether an earlier answer says otherwise. A TA1 that accepts the envelope says nothing against a 999 that
    /// rejects what is in it; one that rejects the envelope says that nothing in it can have been accepted.
    fn contradicts(self) -> bool {
        let rejects = self.answer == Answer::Rejected;
        let settled = match self.delivery {
            DeliveryState::Accepted => rejects,
            DeliveryState::Rejected => !rejects && self.level == AnswerLevel::Group,
            DeliveryState::Lost => !rejects,
            _ => false,
        };
        let before = if self.level == AnswerLevel::Interchange { self.ta1 } else { self.g999 };
        settled || before.is_some_and(|before| (before == Answer::Rejected) != rejects)
    }
}
