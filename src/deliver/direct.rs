//! Delivery where nothing may be renamed: a file is written under its final name at once.
//!
//! ```text
//! intent ─▶ publish intent ─▶ put under the final name ─▶ look ─▶ delivered
//! ```
//! The publish intent is committed before the first byte, because a part can be picked up. What was begun and broke off
//! is therefore never sent again by itself: either looking finds it whole, or a person or the carrier says what became
//! of it.

use super::faults::{again, name_taken};
use super::journal::{Evidence, LastKnown, NotDelivered, Receipt, Uncertainty, Verified};
use super::look::Seen;
use super::protocol::{Attempter, End};
use crate::transport::error::{Retry, TransportError, TransportErrorKind};

impl Attempter<'_> {
    /// Goes on from what was committed last at a place without temporary names.
    pub(super) fn go_on_directly(&mut self, last: LastKnown) -> End {
        match last {
            LastKnown::Delivered(proof) => Ok(Receipt::new(proof)),
            LastKnown::Sealed { attempts } => self.attempt_directly(attempts + 1),
            // Nothing was written before the publish intent.
            LastKnown::Intent { n, .. } | LastKnown::Verified { n, .. } => self.attempt_directly(n + 1),
            LastKnown::PublishIntent { n, .. } => self.resolve_directly(n),
        }
    }

    fn attempt_directly(&mut self, n: u32) -> End {
        let path = self.target.final_path();
        self.journal.intent(n, &path).map_err(NotDelivered::Unrecorded)?;
        if let Some(end) = self.final_name_is_taken(n)? {
            return Ok(end);
        }
        if let Err(error) = self.find_room() {
            return self.fail(error.fault(), again(&error));
        }
        self.journal.verified(Verified::Direct).map_err(NotDelivered::Unrecorded)?;
        let mut source = match self.sealed.open() {
            Ok(source) => source,
            Err(fault) => return self.fail(fault, Retry::Permanent),
        };
        self.journal.publish_intent().map_err(NotDelivered::Unrecorded)?;
        match self.transport.put_new(&path, &mut source, self.sealed.length()) {
            Ok(_) => self.confirm_directly(n),
            Err(error) => self.not_written(n, &error),
        }
    }

    /// Every write was confirmed. A look finds the file, or the carrier has taken it.
    fn confirm_directly(&mut self, n: u32) -> End {
        match self.look(&self.target.final_path()) {
            Ok(Seen::Absent) if self.target.taken_at_once => {
                self.deliver(n, Some(Verified::Direct), Evidence::WriteConfirmed)
            }
            _ => self.resolve_directly(n),
        }
    }

    /// The server refused. Said of the file as a whole, that is for a person to mend at the carrier.
    fn not_written(&mut self, n: u32, error: &TransportError) -> End {
        match error.kind {
            TransportErrorKind::Exists => self.hold(name_taken()),
            TransportErrorKind::Denied | TransportErrorKind::NotFound => self.hold(error.fault()),
            _ => self.resolve_directly(n),
        }
    }

    fn resolve_directly(&mut self, n: u32) -> End {
        match self.look(&self.target.final_path()) {
            Ok(Seen::Ours) => self.deliver(n, Some(Verified::Direct), Evidence::ReadBack),
            Ok(Seen::OurSize) => self.deliver(n, Some(Verified::Direct), Evidence::SizeOnly),
            Ok(Seen::Absent) => self.uncertainty(Uncertainty::Gone),
            Ok(Seen::Other(size)) if self.may_be_copying(size) => self.uncertainty(Uncertainty::Incomplete),
            Ok(Seen::Other(_)) => self.hold(name_taken()),
            Err(_) => self.uncertainty(Uncertainty::Unreachable),
        }
    }
}
