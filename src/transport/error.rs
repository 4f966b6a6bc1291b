//! What can go wrong between us and a place, as kinds we decide on. No text of the other side or of a library
//! reaches a person: it may hold anything.

use super::rules;
use crate::fault::{Fact, Fault, Label, Rule};

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransportErrorKind {
    /// The host showed a key we do not know, or none of a kind we pinned. Nothing was sent.
    HostKey,
    /// The host refused our login.
    Login,
    /// The host takes no login of the kind we have.
    LoginMethod,
    /// The host and we have no way of encrypting in common. Nothing was sent.
    Algorithms,
    /// No connection: no such host, refused, no route.
    Unreachable,
    /// No answer, or no progress, within the time allowed.
    Timeout,
    /// No such file or folder.
    NotFound,
    /// The name is taken.
    Exists,
    /// The place is full.
    NoSpace,
    /// The host knows us and does not permit the operation.
    Denied,
    /// The connection broke.
    Broken,
    /// The other side refused without a reason that could be found out by looking.
    Failure,
    /// More than the limit given.
    TooLarge,
    /// Our own side: the source or sink failed, or a source had another length than promised.
    Local,
}

/// Whether trying again can help, and whether it is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// It will fail again until a person changes something.
    Permanent,
    /// It had no lasting effect and may work later.
    Temporary,
    /// It may have taken effect: look before doing anything again.
    Unknown,
}

/// A failed operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// What went wrong.
    pub kind: TransportErrorKind,
    /// Whether trying again can help.
    pub retry: Retry,
    /// The operation, one word.
    pub during: &'static str,
    /// Counts, and names of ours or fingerprints; nothing the other side could choose.
    pub facts: Vec<Fact>,
}

impl TransportError {
    /// An error with its kind's usual answer to "again?".
    pub fn new(kind: TransportErrorKind, during: &'static str) -> TransportError {
        TransportError { kind, retry: kind.usual_retry(), during, facts: Vec::new() }
    }

    /// The same error, for an operation that may have taken effect unless the other side said no.
    pub fn of_unrepeatable(mut self) -> TransportError {
        if self.kind.is_of_the_connection() {
            self.retry = Retry::Unknown;
        }
        self
    }

    /// The same error with a name added.
    pub fn name(mut self, what: &'static str, name: &str) -> TransportError {
        self.facts.push(Fact::Name(what, Label::new(name)));
        self
    }

    /// The same error with a count added.
    pub fn count(mut self, what: &'static str, count: u64) -> TransportError {
        self.facts.push(Fact::Count(what, count));
        self
    }

    /// Says the same for a person, with what to do next.
    pub fn fault(&self) -> Fault {
        let mut fault = self.kind.rule().fault().name("during", self.during);
        fault.facts.extend(self.facts.iter().cloned());
        fault
    }
}

impl TransportErrorKind {
    /// Whether the connection is of no use any more.
    pub fn is_of_the_connection(self) -> bool {
        matches!(self, TransportErrorKind::Broken | TransportErrorKind::Timeout | TransportErrorKind::Unreachable)
    }

    fn usual_retry(self) -> Retry {
        match self {
            TransportErrorKind::Unreachable
            | TransportErrorKind::Timeout
            | TransportErrorKind::Broken
            | TransportErrorKind::NoSpace => Retry::Temporary,
            TransportErrorKind::Failure => Retry::Unknown,
            _ => Retry::Permanent,
        }
    }

    /// The rule that does not hold.
    fn rule(self) -> &'static Rule {
        match self {
            TransportErrorKind::HostKey => &rules::HOST_KEY,
            TransportErrorKind::Login => &rules::LOGIN,
            TransportErrorKind::LoginMethod => &rules::LOGIN_METHOD,
            TransportErrorKind::Algorithms => &rules::ALGORITHMS,
            TransportErrorKind::Unreachable => &rules::UNREACHABLE,
            TransportErrorKind::Timeout => &rules::TIMEOUT,
            TransportErrorKind::NotFound => &rules::NOT_FOUND,
            TransportErrorKind::Exists => &rules::EXISTS,
            TransportErrorKind::NoSpace => &rules::NO_SPACE,
            TransportErrorKind::Denied => &rules::DENIED,
            TransportErrorKind::Broken => &rules::BROKEN,
            TransportErrorKind::Failure => &rules::FAILURE,
            TransportErrorKind::TooLarge => &rules::TOO_LARGE,
            TransportErrorKind::Local => &rules::LOCAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_connection_is_temporary_unless_the_operation_cannot_be_repeated() {
        let broken = TransportError::new(TransportErrorKind::Broken, "stat");
        assert_eq!(broken.retry, Retry::Temporary);
        assert_eq!(broken.of_unrepeatable().retry, Retry::Unknown);
        let refused = TransportError::new(TransportErrorKind::Exists, "rename").of_unrepeatable();
        assert_eq!(refused.retry, Retry::Permanent);
    }
}
