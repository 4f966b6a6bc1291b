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
    /// Whether it could be looked at: what stands behind something that is wrong cannot.
    pub is_reached: bool,
}

impl Finding {
    /// Whether nothing can be sent as it is.
    pub fn is_serious(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.severity >= Severity::Error)
    }
}

/// Something that is as it should be.
pub(super) fn well(of: &str, what: &'static str, words: String) -> Finding {
    Finding { of: of.to_string(), what, words, fault: None, is_reached: true }
}

/// Something that could not be looked at, because of what stands before it.
pub(super) fn unreached(of: &str, what: &'static str) -> Finding {
    Finding { is_reached: false, ..well(of, what, "not reached".to_string()) }
}

/// Something that is not.
pub(super) fn wrong(of: &str, what: &'static str, fault: Fault) -> Finding {
    Finding { of: of.to_string(), what, words: String::new(), fault: Some(fault), is_reached: true }
}
