//! The one way to write down what must hold.

/// How much a fault matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is withheld.
    Notice,
    /// Accepted, but somebody should correct it at its source.
    Warning,
    /// The row, member or file it stands at is refused.
    Error,
    /// Nothing after this place can be trusted.
    Fatal,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Severity; 4] = [Severity::Notice, Severity::Warning, Severity::Error, Severity::Fatal];

    /// The word used in messages and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Notice => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
        }
    }

    /// The severity of a word; none for a word that is none of theirs.
    pub fn of_word(word: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.word() == word)
    }
}

/// Who has to mend what is wrong. Decides what becomes of the thing it was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// This machine, its configuration, keys and disk, a command, or a defect: nothing that was sent is refused for
    /// it, nobody has to send anything again, and running again goes on.
    Ours,
    /// What somebody sent or decided, or what their server does: it is refused or left aside until they mend it.
    Theirs,
    /// What is kept is not what was recorded: nothing built on it is sent until a person has looked.
    Integrity,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 3] = [Class::Ours, Class::Theirs, Class::Integrity];

    /// The word used in the store and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Class::Ours => "ours",
            Class::Theirs => "theirs",
            Class::Integrity => "integrity",
        }
    }

    /// The class of a word; none for a word that is none of theirs.
    pub fn of_word(word: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// How a command ends whose whole answer is one fault. The exit status is chosen by it and by nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// What was asked for failed.
    Failed,
    /// The command or the configuration was refused; nothing started.
    Refused,
    /// Somebody else is at it.
    Busy,
    /// The process was asked to stop, and did at a commit point.
    Interrupted,
    /// It is done once another person has approved it.
    Waiting,
    /// Whoever asked may not.
    Forbidden,
    /// Integrity is in doubt: all sends are refused.
    Stopped,
}

impl Ending {
    /// The ending of rules that name no other.
    pub const fn usual(class: Class) -> Ending {
        match class {
            Class::Integrity => Ending::Stopped,
            Class::Ours | Class::Theirs => Ending::Failed,
        }
    }
}

/// Something that must hold. Written down with [`rules!`](crate::fault::rules), near the code that judges by it; every
/// list is part of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Stable code, such as `CEN004`: an entry of the runbook.
    pub code: &'static str,
    /// Who has to mend it.
    pub class: Class,
    /// How much breaking it matters.
    pub severity: Severity,
    /// How a command ends whose whole answer it is.
    pub ending: Ending,
    /// What must hold or what happened, one sentence without a full stop.
    pub sentence: &'static str,
    /// What to do about it.
    pub next: &'static str,
}

impl Rule {
    /// Whether a recorded code is this rule's: of questions, the store keeps the code and where they were asked.
    pub fn is_recorded_as(&self, code: &str) -> bool {
        self.code == code
    }

    /// The same rule in the words of one case: what the value of one setting must be, say. The code, and with it what
    /// is safe and who mends it, stays the same.
    pub const fn worded(self, sentence: &'static str, next: &'static str) -> Rule {
        Rule { sentence, next, ..self }
    }
}

/// Declares rules as constants, and `RULES`, the list of them.
///
/// A line is `NAME: "CODE" Class Severity, "sentence", "next step";` with an [`Ending`] behind the severity where it is
/// not the usual one.
macro_rules! rules {
    (@ending $class:ident) => { $crate::fault::Ending::usual($crate::fault::Class::$class) };
    (@ending $class:ident $ending:ident) => { $crate::fault::Ending::$ending };
    ($(
        $name:ident: $code:literal $class:ident $severity:ident $($ending:ident)?, $sentence:literal, $next:literal;
    )*) => {
        $(
            #[doc = concat!($code, ": ", $sentence, ".")]
            pub const $name: $crate::fault::Rule = $crate::fault::Rule {
                code: $code,
                class: $crate::fault::Class::$class,
                severity: $crate::fault::Severity::$severity,
                ending: $crate::fault::rules!(@ending $class $($ending)?),
                sentence: $sentence,
                next: $next,
            };
        )*

        /// Every rule of this list, in the order of its lines.
        pub const RULES: &[$crate::fault::Rule] = &[$($name,)*];
    };
}

pub(crate) use rules;

#[cfg(test)]
mod tests {
    use super::*;

    mod examples {
        crate::fault::rules! {
            USUAL: "FIRST" Theirs Warning, "a thing has a name", "name it";
            BUSY: "SECOND" Ours Error Busy, "nobody else is at it", "wait";
            ALTERED: "THIRD" Integrity Fatal, "it is as it was kept", "restore it";
        }
    }

    #[test]
    fn a_rule_ends_as_its_class_does_unless_it_says_otherwise() {
        let endings: Vec<Ending> = examples::RULES.iter().map(|rule| rule.ending).collect();
        assert_eq!(endings, [Ending::Failed, Ending::Busy, Ending::Stopped]);
    }

    #[test]
    fn every_class_and_severity_is_found_by_its_word_and_no_other_word_is_one() {
        assert!(Severity::ALL.into_iter().all(|severity| Severity::of_word(severity.word()) == Some(severity)));
        assert_eq!(Severity::of_word("dire"), None);
        assert!(Class::ALL.into_iter().all(|class| Class::of_word(class.word()) == Some(class)));
        assert_eq!(Class::of_word("somebody's"), None);
    }
}
