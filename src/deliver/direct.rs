//! Delivery where nothing may be renamed: a file is written under its final name at once.
//!
//! ```text
//! intent ─▶ publish intent ─▶ put under the final name ─▶ look ─▶ delivered
//! ```
//! The publish intent is committed before the first byte, because a part can be picked up. What was begun and broke off
//! is therefore never sent again by itself: either looking finds it whole, or a person or the carrier says what became
//! of it.
//!
//! A delivery may have been begun where files were renamed, and refused there. Once it is configured to go directly,
//! its temporary file, which still stands, is the proof that nothing was published. It is removed first, and then the
//! file is written: whatever breaks in between, a file that is there no more is never written again by itself.

use std::io::Read;

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
            LastKnown::Intent { n, temp } => self.after_temporary(n, &temp),
            LastKnown::Verified { n, temp, .. } => self.after_verified_temporary(n, &temp),
            LastKnown::PublishIntent { n, temp, .. } if self.is_temporary(&temp) => self.resolve_unrenamed(n, &temp),
            LastKnown::PublishIntent { n, .. } => self.resolve_directly(n),
        }
    }

    /// Whether an attempt was made where files were renamed. One of ours is under the final name from the beginning.
    fn is_temporary(&self, path: &str) -> bool {
        path != self.target.final_path()
    }

    /// Nothing was published by attempt `n`; what it has left under another name is removed, and the next begins.
    fn after_temporary(&mut self, n: u32, temp: &str) -> End {
        if self.is_temporary(temp) {
            self.clear_away_ours(temp);
        }
        self.attempt_directly(n + 1)
    }

    /// A whole file that is gone from its temporary name may have been taken, and is not sent once more.
    fn after_verified_temporary(&mut self, n: u32, temp: &str) -> End {
        if self.is_temporary(temp) {
            match self.look(temp) {
                Ok(Seen::Absent) => return self.taken_before_its_time(),
                Ok(_) => {}
                Err(error) => return self.fail(error.fault(), again(&error)),
            }
        }
        self.after_temporary(n, temp)
    }

    /// The rename was refused, or nobody knows what came of it.
    fn resolve_unrenamed(&mut self, n: u32, temp: &str) -> End {
        let seen = self.look(&self.target.final_path()).and_then(|last| Ok((last, self.look(temp)?)));
        match seen {
            Ok((Seen::Absent, Seen::Ours | Seen::OurSize)) => self.write_in_its_place(n, temp),
            Ok((Seen::Ours | Seen::OurSize, _)) => {
                self.clear_away_ours(temp);
                self.resolve_directly(n)
            }
            Ok(_) => self.resolve_directly(n),
            Err(_) => self.uncertainty(Uncertainty::Unreachable),
        }
    }

    /// The temporary file still stands: it was not renamed, and once it is gone it cannot be any more.
    fn write_in_its_place(&mut self, n: u32, temp: &str) -> End {
        let mut source = match self.sealed.open() {
            Ok(source) => source,
            Err(fault) => return self.hold(fault),
        };
        match self.transport.remove(temp) {
            Ok(true) => self.put_directly(n, &mut source),
            // Between the two looks it went, and perhaps to its final name.
            Ok(false) => self.resolve_directly(n),
            Err(error) if error.kind.is_of_the_connection() => self.uncertainty(Uncertainty::Unreachable),
            Err(error) => self.hold(error.fault()),
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
        self.put_directly(n, &mut source)
    }

    fn put_directly(&mut self, n: u32, source: &mut dyn Read) -> End {
        match self.transport.put_new(&self.target.final_path(), source, self.sealed.length()) {
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
