//! Questions: one is about one family, and stops nobody else.

use super::rules::unknown_word;
use super::standing::Urgency;
use crate::fault::Fault;

states! {
    /// Whether a question is still asked.
    QuestionState of "question"
    {
        Open = "open", "Asked; what it concerns stays as told.";
        Closed = "closed", "Not found again: an input has answered it, or its date has come.";
    }
    {
        [] => Open by [DeliveryNumbered, RunEmpty, RunHeld]:
            "a run finds it; found again, it stays open with the run that found it first";
        [Open] => Closed by [DeliveryNumbered, RunEmpty, RunHeld]: "a run does not find it again";
    }
}

/// Declares whom a question may be put to, with the words that are typed and shown.
macro_rules! inquired {
    ($($name:ident = $word:literal, $doc:literal;)+) => {
        /// Whom a question was put to: a role of this list and never a name, because boards and notices show it. Who it
        /// was stands in the reason, which is sealed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Inquired {
            $(#[doc = $doc] $name,)+
        }

        impl Inquired {
            /// Everybody who may be asked.
            pub const ALL: &'static [Inquired] = &[$(Inquired::$name),+];

            /// The word that is typed, stored and shown.
            pub fn word(self) -> &'static str {
                match self { $(Inquired::$name => $word),+ }
            }
        }
    };
}

inquired! {
    Hr = "HR", "The employer's human resources.";
    Payroll = "payroll", "The employer's payroll office.";
    Employer = "employer", "Somebody else at the employer.";
    Broker = "broker", "The employer's broker or consultant.";
    Platform = "platform", "Whoever runs the platform that the file comes from.";
    Carrier = "carrier", "The carrier.";
    Member = "member", "The member.";
}

impl Inquired {
    /// Whom a word means, however it is capitalised.
    pub fn of_word(word: &str) -> Option<Inquired> {
        Inquired::ALL.iter().copied().find(|whom| whom.word().eq_ignore_ascii_case(word))
    }

    /// Whom a stored word means.
    ///
    /// # Errors
    /// STO007: the word is none of ours, and is not guessed at.
    pub fn read(word: &str) -> Result<Inquired, Fault> {
        Inquired::of_word(word).ok_or_else(|| unknown_word("inquiry"))
    }
}

/// Where an open question stands for whoever may answer it. Time alone leads from one to the other: nothing is decided
/// by it, and the question stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionStanding {
    /// It needs somebody.
    Open,
    /// It was put to somebody, and their day is not over.
    Asked,
}

/// What is said of an open question that stands so.
#[derive(Clone, Copy, Debug)]
pub struct QuestionRow {
    /// How soon somebody is needed.
    pub urgency: Urgency,
    /// How it stands, in words.
    pub words: &'static str,
    /// What helps.
    pub next: &'static str,
    /// What a person may do, as it is typed.
    pub acts: &'static [&'static str],
}

impl QuestionStanding {
    /// As they stand on the page of states.
    pub const ALL: [QuestionStanding; 2] = [QuestionStanding::Open, QuestionStanding::Asked];

    /// How a question stands on a day, ISO, that was put to somebody until another.
    pub fn on(today: &str, until: Option<&str>) -> QuestionStanding {
        // Days written so compare as text.
        if until.is_some_and(|until| today <= until) { QuestionStanding::Asked } else { QuestionStanding::Open }
    }

    /// Mark, words and acts.
    pub fn row(self) -> QuestionRow {
        const ACTS: &[&str] = &["answer", "answer --asked"];
        match self {
            QuestionStanding::Open => QuestionRow {
                urgency: Urgency::Today,
                words: "a question is open",
                next: "`bex show RUN --questions` names the rows; the employer's next file answers, or \
                    `bex answer N --asked WHO --until DATE --reason R` says who was asked",
                acts: ACTS,
            },
            QuestionStanding::Asked => QuestionRow {
                urgency: Urgency::Nothing,
                words: "asked WHO until DATE",
                next: "nothing: the employer's next file answers; after that day the question is open again",
                acts: ACTS,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_waits_for_whom_it_was_put_to_through_their_last_day_and_no_longer() {
        let on = |today| QuestionStanding::on(today, Some("2026-03-09"));
        assert_eq!(on("2026-03-08"), QuestionStanding::Asked);
        assert_eq!(on("2026-03-09"), QuestionStanding::Asked);
        assert_eq!(on("2026-03-10"), QuestionStanding::Open);
        assert_eq!(QuestionStanding::on("2026-03-08", None), QuestionStanding::Open);
    }

    #[test]
    fn whom_a_question_is_put_to_is_a_word_of_the_list_and_nothing_else() {
        for whom in Inquired::ALL {
            assert_eq!(Inquired::read(&whom.word().to_lowercase()), Ok(*whom));
        }
        assert_eq!(Inquired::read("somebody else").unwrap_err().code, "STO007");
    }
}
