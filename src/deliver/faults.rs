//! The faults of the protocol, in one place to be read as one text.

use super::rules;
use crate::fault::Fault;
use crate::transport::error::{Retry, TransportError, TransportErrorKind};

/// Something that is not ours stands under the final name.
pub(in crate::deliver) fn name_taken() -> Fault {
    rules::NAME_TAKEN.fault()
}

/// The file is there, but may not have its final name.
pub(in crate::deliver) fn rename_refused() -> Fault {
    rules::RENAME_REFUSED.fault()
}

/// What stands at the carrier is not what was sent.
pub(in crate::deliver) fn not_kept(found: u64, sent: u64) -> Fault {
    rules::NOT_KEPT.fault().count("bytes found", found).count("bytes sent", sent)
}

/// Why an attempt wrote no whole temporary file.
pub(in crate::deliver) struct Unsent {
    /// What went wrong.
    pub fault: Fault,
    /// Whether another attempt may help.
    pub retry: Retry,
    /// Whether what stands under the temporary name, if anything does, is of this attempt's making.
    pub ours: bool,
}

impl Unsent {
    /// For an operation that failed.
    pub fn of(error: TransportError) -> Unsent {
        match error.kind {
            // A leftover our records do not know, or somebody else's file: left alone. The next attempt has another
            // name.
            TransportErrorKind::Exists => Unsent { fault: error.fault(), retry: Retry::Temporary, ours: false },
            _ => Unsent { fault: error.fault(), retry: again(&error), ours: true },
        }
    }
}

/// Whether another attempt may help. What is unknown of an upload under a temporary name is known of the delivery:
/// it published nothing.
pub(in crate::deliver) fn again(error: &TransportError) -> Retry {
    if error.retry == Retry::Unknown { Retry::Temporary } else { error.retry }
}
