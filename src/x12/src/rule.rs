//! What a file or a call must keep to, and how much it matters.

/// How much a breach of a rule matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Severity {
    /// Worth knowing; a receiver accepts it.
    Notice,
    /// Accepted, but somebody should correct it at its source.
    Warning,
    /// The set, group or interchange it stands in is refused.
    Error,
    /// Nothing after this place can be trusted.
    Fatal,
}

impl Severity {
    /// The severity of a word; none for a word that is none of theirs.
    pub fn of_word(word: &str) -> Option<Severity> {
        let all = [Severity::Notice, Severity::Warning, Severity::Error, Severity::Fatal];
        all.into_iter().find(|severity| severity.word() == word)
    }

    /// The word used in messages and by serde.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Notice => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
        }
    }
}

/// What an acknowledgement calls a breach: the element of the acknowledgement, by its level, and the code in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase", tag = "of", content = "code"))]
pub enum AckCode {
    /// Acknowledgements have no word for it.
    #[default]
    None,
    /// TA105.
    Interchange(&'static str),
    /// AK905.
    Group(&'static str),
    /// IK502.
    Set(&'static str),
    /// IK304.
    Segment(&'static str),
    /// IK403.
    Element(&'static str),
}

/// A rule: its code is stable from version to version, its words are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Stable code, such as `ENV009` or `X12004`.
    pub code: &'static str,
    /// Severity of a breach, unless an overlay sets another.
    pub severity: Severity,
    /// What an acknowledgement calls a breach.
    pub ack: AckCode,
    /// The rule in one sentence, without a full stop.
    pub rule: &'static str,
    /// What to do about a breach.
    pub next: &'static str,
}
