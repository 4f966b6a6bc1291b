//! What the doctor says of one thing that it has looked at.

use crate::fault::{Fault, Severity};

/// What was looked at, and what was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The site, or a carrier by name.
    pub of: String,
    /// What was looked at.
    pub what: &'static str,
    /// What was found there; empty where a fault says it.
    pub words: String,
    /// What is wrong; none where it is well.
    pub fault: Option<Fault>,
}

impl Finding {
    /// Whether nothing can be sent as it is.
    pub fn is_serious(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.severity >= Severity::Error)
    }
}

/// Something that is as it should be.
pub(super) fn well(of: &str, what: &'static str, words: String) -> Finding {
    Finding { of: of.to_string(), what, words, fault: None }
}

/// Something that is not.
pub(super) fn wrong(of: &str, what: &'static str, fault: Fault) -> Finding {
    Finding { of: of.to_string(), what, words: String::new(), fault: Some(fault) }
}
