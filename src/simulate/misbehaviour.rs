//! What a simulated carrier can be told to do wrong. Each is something a real one has been seen to do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// One way to misbehave. *State*: until told to behave. *Once*: at the next occasion, then forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// State: no key logs in.
    RefuseLogin,
    /// State: no key logs in, a password does: `simulate::PASSWORD`.
    PasswordOnly,
    /// State: the same, and the password is asked for over the keyboard.
    KeyboardOnly,
    /// State: connections from now on are shown another host key.
    OtherHostKey,
    /// State: so many more bytes fit; then writes fail, as generically as OpenSSH has it.
    DiskFull(u64),
    /// Once: the connection breaks when so many bytes have been written since now; those stay.
    DropAfterBytes(u64),
    /// Once: the connection breaks when a rename is asked for, before it is done.
    DropBeforeRename,
    /// Once: the rename is done, and the connection breaks before the answer.
    DropAfterRename,
    /// Once: a rename gets half way (both names stand), and the connection breaks.
    DropBetweenLinkAndUnlink,
    /// State: every rename is refused.
    RefuseRename,
    /// Once: the last so many bytes of the next file closed are lost, and success is reported.
    ShortWrite(u64),
    /// Once: one byte of the next file closed is altered, and success is reported.
    AlterOneByte,
    /// Once: the next sync fails.
    FailSync,
    /// Once: the next close of a written file fails.
    FailClose,
    /// State: files cannot be read back.
    Unreadable,
    /// State: a published file is picked up at once: a look finds nothing.
    VanishAfterRename,
    /// Once: before the next rename somebody else's file appears under the name asked for.
    NameExists,
    /// State: a file that is read back never ends.
    EndlessFile,
    /// State: nothing is answered any more, and the connection stays open.
    Silence,
    /// State: so many more requests are answered; further ones wait until it behaves, and are answered then.
    Stall(u64),
}

/// What is in force. Shared by all connections.
#[derive(Debug, Default)]
pub(in crate::simulate) struct Script {
    ways: Mutex<Vec<Misbehaviour>>,
    /// Whether a request waits in a stall.
    stalling: AtomicBool,
}

impl Script {
    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Misbehaviour>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more fault beside those the server has.
    pub fn add(&self, misbehaviour: Misbehaviour) {
        self.all().push(misbehaviour);
    }

    /// The server is faultless from here on.
    pub fn clear(&self) {
        self.all().clear();
    }

    /// Whether a state is in force.
    pub fn has(&self, state: Misbehaviour) -> bool {
        self.all().contains(&state)
    }

    /// Whether the request at hand, or one that waits already, has to wait.
    pub fn stalls(&self) -> bool {
        let mut all = self.all();
        let left = all.iter_mut().find_map(|way| if let Misbehaviour::Stall(left) = way { Some(left) } else { None });
        let waits = left.is_some_and(|left| {
            let waits = *left == 0;
            *left = left.saturating_sub(1);
            waits
        });
        self.stalling.store(waits, Ordering::SeqCst);
        waits
    }

    /// Whether a request waits.
    pub fn is_stalling(&self) -> bool {
        self.stalling.load(Ordering::SeqCst)
    }

    /// Whether a once is due; it is forgotten with the answer.
    pub fn once(&self, due: Misbehaviour) -> bool {
        self.take(|candidate| (*candidate == due).then_some(())).is_some()
    }

    /// The bytes to lose from a file being closed.
    pub fn bytes_to_lose(&self) -> Option<u64> {
        self.take(|candidate| if let Misbehaviour::ShortWrite(bytes) = candidate { Some(*bytes) } else { None })
    }

    /// Bytes that still fit; `None` when there is no end to them.
    pub fn room(&self) -> Option<u64> {
        self.all()
            .iter()
            .find_map(|candidate| if let Misbehaviour::DiskFull(left) = candidate { Some(*left) } else { None })
    }

    /// How many of `wanted` bytes may be written, and whether the connection breaks after them.
    pub fn allowance(&self, wanted: u64) -> Allowance {
        let mut all = self.all();
        let mut allowance = Allowance { bytes: wanted, full: false, drop: false };
        for candidate in all.iter_mut() {
            if let Misbehaviour::DiskFull(left) = candidate {
                allowance.full = *left < wanted;
                allowance.bytes = allowance.bytes.min(*left);
                *left -= allowance.bytes;
            }
            if let Misbehaviour::DropAfterBytes(left) = candidate {
                allowance.drop = *left <= allowance.bytes;
                allowance.bytes = allowance.bytes.min(*left);
                *left -= allowance.bytes;
            }
        }
        // Spent: the sender connects again, and a line that broke at the same byte for ever would prove nothing.
        if allowance.drop {
            all.retain(|candidate| !matches!(candidate, Misbehaviour::DropAfterBytes(_)));
        }
        allowance
    }

    fn take<T>(&self, pick: impl Fn(&Misbehaviour) -> Option<T>) -> Option<T> {
        let mut all = self.all();
        let (at, found) =
            all.iter().enumerate().find_map(|(at, candidate)| pick(candidate).map(|found| (at, found)))?;
        all.remove(at);
        Some(found)
    }
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulate) struct Allowance {
    /// Bytes that are written.
    pub bytes: u64,
    /// The write then fails.
    pub full: bool,
    /// The connection then breaks.
    pub drop: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_once_is_due_once_and_a_state_stays() {
        let script = Script::default();
        script.add(Misbehaviour::DropAfterRename);
        script.add(Misbehaviour::RefuseLogin);
        assert!(script.once(Misbehaviour::DropAfterRename) && !script.once(Misbehaviour::DropAfterRename));
        assert!(script.has(Misbehaviour::RefuseLogin) && script.has(Misbehaviour::RefuseLogin));
        script.clear();
        assert!(!script.has(Misbehaviour::RefuseLogin));
    }

    #[test]
    fn a_disk_fills_and_stays_full() {
        let script = Script::default();
        script.add(Misbehaviour::DiskFull(10));
        assert_eq!(script.allowance(8), Allowance { bytes: 8, full: false, drop: false });
        assert_eq!(script.allowance(8), Allowance { bytes: 2, full: true, drop: false });
        assert_eq!(script.allowance(8), Allowance { bytes: 0, full: true, drop: false });
        assert_eq!(script.room(), Some(0));
    }

    #[test]
    fn a_connection_breaks_at_its_byte_once() {
        let script = Script::default();
        script.add(Misbehaviour::DropAfterBytes(10));
        assert_eq!(script.allowance(8), Allowance { bytes: 8, full: false, drop: false });
        assert_eq!(script.allowance(8), Allowance { bytes: 2, full: false, drop: true });
        assert_eq!(script.allowance(8), Allowance { bytes: 8, full: false, drop: false });
    }
}
