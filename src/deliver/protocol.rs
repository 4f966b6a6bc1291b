//! The protocol, step by step, and the same steps taken up again after whatever interrupted them.
//!
//! ```text
//! intent ─▶ put under a temporary name ─▶ verified ─▶ publish intent ─▶ rename ─▶ look ─▶ delivered
//! ```
//! Each word is a commit of the journal, each arrow an operation of the transport. Before the publish intent
//! nothing of ours can stand under the final name, so another attempt is safe. After it only looking decides:
//!
//! | final | temporary | decision |
//! |---|---|---|
//! | ours | any | delivered; the temporary name is removed (a server can die between link and unlink) |
//! | absent | ours | the rename did not take effect: rename again |
//! | absent | absent | uncertain: picked up, or cleaned away |
//! | our beginning | ours | uncertain: the server may copy instead of renaming |
//! | other | any | held |
//!
//! A temporary file that was whole and vanishes before the publish intent may have been picked up under its temporary
//! name: the intent is committed then, because from there on it may have been published, and it is uncertain.

use crate::deliver::faults::{Unsent, again, name_taken, not_kept, rename_refused};
use crate::deliver::journal::{
    Evidence, Journal, LastKnown, NotDelivered, Proof, Receipt, Target, Uncertainty, Verified,
};
use crate::deliver::look::{Seen, is_beginning, is_ours_so_far, look};
use crate::fault::Fault;
use crate::seal::Sealed;
use crate::transport::contract::{Profile, Transport};
use crate::transport::error::{Retry, TransportError, TransportErrorKind};

/// Renames tried before a person is asked why they have no effect.
// A server that answers and does nothing answers the same the fourth time; two more cover one that was busy.
const RENAMES_MAX: u32 = 3;

/// Attempts whose leftovers are removed by a later one.
// As many as the send loop makes in one run. Older leftovers have been tried before, and each look is a round trip.
const EARLIER_ATTEMPTS: u32 = 4;

/// One sealed file on its way to one place.
#[derive(Clone, Copy, Debug)]
pub struct SealedDelivery<'a> {
    /// What is delivered.
    pub sealed: &'a Sealed,
    /// The carrier's folder and the names to use there.
    pub target: &'a Target,
}

impl SealedDelivery<'_> {
    /// Goes on from what was committed last until the file is delivered or nothing more can be done now. Begins at
    /// most one new attempt. Safe to call again with what the journal then says.
    ///
    /// # Errors
    /// Every other end: see [`NotDelivered`].
    pub fn run(
        &self,
        last: LastKnown,
        transport: &mut dyn Transport,
        journal: &mut dyn Journal,
    ) -> Result<Receipt, NotDelivered> {
        let mut attempter = Attempter { sealed: self.sealed, target: self.target, transport, journal };
        match last {
            LastKnown::Delivered(proof) => Ok(Receipt::new(proof)),
            // Whoever is delivered already stays delivered, whatever the place has turned into since: hence the order.
            last if self.target.profile == Profile::Direct => attempter.go_on_directly(last),
            LastKnown::Sealed { attempts } => attempter.attempt(attempts + 1),
            LastKnown::Intent { n, temp } => attempter.after_intent(n, &temp),
            LastKnown::Verified { n, temp, how } => attempter.after_verified(&Attempt { n, temp, how }),
            LastKnown::PublishIntent { n, temp, how } => attempter.resolve(&Attempt { n, temp, how }, 0),
        }
    }
}

/// An attempt whose temporary file was whole.
struct Attempt {
    n: u32,
    temp: String,
    how: Verified,
}

/// How a delivery ends.
pub(super) type End = Result<Receipt, NotDelivered>;

/// What a delivery goes on with: the file, the place, the way there and the journal.
pub(super) struct Attempter<'a> {
    pub(super) sealed: &'a Sealed,
    pub(super) target: &'a Target,
    pub(super) transport: &'a mut dyn Transport,
    pub(super) journal: &'a mut dyn Journal,
}

impl Attempter<'_> {
    fn attempt(&mut self, n: u32) -> End {
        let temp = self.target.temp_path(n);
        self.journal.intent(n, &temp).map_err(NotDelivered::Unrecorded)?;
        if let Some(end) = self.final_name_is_taken(n)? {
            return Ok(end);
        }
        self.clear_away_earlier(n);
        match self.put_and_verify(&temp) {
            Ok(Some(how)) => {
                self.journal.verified(how).map_err(NotDelivered::Unrecorded)?;
                self.publish(&Attempt { n, temp, how })
            }
            Ok(None) => {
                self.journal.verified(Verified::Confirmed).map_err(NotDelivered::Unrecorded)?;
                self.taken_before_its_time()
            }
            Err(Unsent { fault, retry, ours }) => {
                if ours {
                    self.clear_away(&temp);
                }
                self.fail(fault, retry)
            }
        }
    }

    /// Before the publish intent the final name must be free. If our own bytes stand there all the same, our
    /// records are older than the truth: they were delivered, and are not delivered twice.
    pub(super) fn final_name_is_taken(&mut self, n: u32) -> Result<Option<Receipt>, NotDelivered> {
        if self.target.profile == Profile::Blind {
            return Ok(None);
        }
        match self.look(&self.target.final_path()) {
            Ok(Seen::Absent) => Ok(None),
            Ok(Seen::Ours) => self.deliver(n, None, Evidence::FoundUnexpectedly).map(Some),
            Ok(Seen::OurSize | Seen::Other(_)) => self.hold(name_taken()).map(Some),
            Err(error) => self.fail(error.fault(), again(&error)).map(Some),
        }
    }

    /// Writes the temporary file and compares it; `None` when the place confirmed the whole of it and it is gone.
    fn put_and_verify(&mut self, temp: &str) -> Result<Option<Verified>, Unsent> {
        let length = self.sealed.length();
        self.find_room().map_err(Unsent::of)?;
        // What was sealed is not what lies on our disk any more: no further attempt helps, and nothing of ours stands
        // there.
        let altered = |fault| Unsent { fault, retry: Retry::Permanent, ours: false };
        let mut source = self.sealed.open().map_err(altered)?;
        self.transport.put_new(temp, &mut source, length).map_err(Unsent::of)?;
        if self.target.profile == Profile::Blind {
            return Ok(Some(Verified::Confirmed));
        }
        match self.look(temp).map_err(Unsent::of)? {
            Seen::Ours => Ok(Some(Verified::ReadBack)),
            Seen::OurSize => Ok(Some(Verified::SizeOnly)),
            Seen::Absent => Ok(None),
            Seen::Other(size) => Err(Unsent { fault: not_kept(size, length), retry: Retry::Temporary, ours: true }),
        }
    }

    /// Asked before anything is written, because a full disk cuts a file short on some servers without a word.
    pub(super) fn find_room(&mut self) -> Result<(), TransportError> {
        let length = self.sealed.length();
        match self.transport.free_space(self.target.written_folder())? {
            Some(free) if free < length => {
                Err(TransportError::new(TransportErrorKind::NoSpace, "put").count("wanted", length))
            }
            _ => Ok(()),
        }
    }

    /// A whole file of ours vanished under its temporary name. Sending it again might be the second time.
    pub(super) fn taken_before_its_time(&mut self) -> End {
        self.journal.publish_intent().map_err(NotDelivered::Unrecorded)?;
        self.uncertainty(Uncertainty::Taken)
    }

    fn publish(&mut self, attempt: &Attempt) -> End {
        // Where a rename replaces what it finds, the name is looked at once more, as late as possible.
        if self.target.profile == Profile::Overwriting
            && let Some(end) = self.final_name_is_taken(attempt.n)?
        {
            return Ok(end);
        }
        self.journal.publish_intent().map_err(NotDelivered::Unrecorded)?;
        self.rename(attempt, 1)
    }

    fn rename(&mut self, attempt: &Attempt, tries: u32) -> End {
        match self.transport.rename_new(&attempt.temp, &self.target.final_path()) {
            Ok(()) if self.target.taken_at_once => self.confirm_if_there(attempt),
            Ok(()) => self.resolve(attempt, tries),
            // A refusal proves nothing by itself: look.
            Err(_) => self.resolve(attempt, tries),
        }
    }

    /// The rename was confirmed and the carrier is known to take files at once: only a look at something wrong
    /// would change that.
    fn confirm_if_there(&mut self, attempt: &Attempt) -> End {
        match self.look(&self.target.final_path()) {
            Ok(Seen::Other(_)) => self.hold(name_taken()),
            Ok(Seen::Ours) => self.deliver(attempt.n, Some(attempt.how), Evidence::ReadBack),
            Ok(Seen::OurSize) => self.deliver(attempt.n, Some(attempt.how), Evidence::SizeOnly),
            // The confirmed rename is the proof here. A look that fails takes nothing from it.
            Ok(Seen::Absent) | Err(_) => self.deliver(attempt.n, Some(attempt.how), Evidence::RenameConfirmed),
        }
    }

    /// After the publish intent: the table at the head of this file.
    fn resolve(&mut self, attempt: &Attempt, tries: u32) -> End {
        if self.target.profile == Profile::Blind {
            return self.uncertainty(Uncertainty::Blind);
        }
        let seen = self.look(&self.target.final_path()).and_then(|last| Ok((last, self.look(&attempt.temp)?)));
        let Ok((last, temp)) = seen else { return self.uncertainty(Uncertainty::Unreachable) };
        match (last, temp) {
            (Seen::Ours | Seen::OurSize, temp) => {
                if temp != Seen::Absent {
                    self.clear_away_ours(&attempt.temp);
                }
                let evidence = if last == Seen::Ours { Evidence::ReadBack } else { Evidence::SizeOnly };
                self.deliver(attempt.n, Some(attempt.how), evidence)
            }
            (Seen::Absent, Seen::Ours | Seen::OurSize) if tries < RENAMES_MAX => self.rename(attempt, tries + 1),
            (Seen::Absent, Seen::Ours | Seen::OurSize) => self.hold(rename_refused()),
            // Most likely the carrier has it. Sending again on a likelihood is how members are enrolled twice.
            (Seen::Absent, Seen::Absent) => self.uncertainty(Uncertainty::Gone),
            // The whole file we verified is not whole any more, and may yet be renamed by whoever is at work there.
            (Seen::Absent, Seen::Other(size)) => self.hold(not_kept(size, self.sealed.length())),
            (Seen::Other(size), Seen::Ours | Seen::OurSize) if self.may_be_copying(size) => {
                self.uncertainty(Uncertainty::Incomplete)
            }
            (Seen::Other(_), _) => self.hold(name_taken()),
        }
    }

    pub(super) fn may_be_copying(&mut self, size: u64) -> bool {
        size < self.sealed.length() && is_beginning(self.transport, &self.target.final_path(), self.sealed, size)
    }

    /// Nothing was published by attempt `n`; whatever it left is removed, and the next begins.
    fn after_intent(&mut self, n: u32, temp: &str) -> End {
        if let Some(end) = self.final_name_is_taken(n)? {
            self.clear_away_ours(temp);
            return Ok(end);
        }
        self.clear_away_ours(temp);
        self.attempt(n + 1)
    }

    /// The temporary file was whole. If it still is, it is published.
    fn after_verified(&mut self, attempt: &Attempt) -> End {
        if self.target.profile == Profile::Blind {
            return self.publish(attempt);
        }
        if let Some(end) = self.final_name_is_taken(attempt.n)? {
            self.clear_away_ours(&attempt.temp);
            return Ok(end);
        }
        match self.look(&attempt.temp) {
            Ok(Seen::Ours | Seen::OurSize) => self.publish(attempt),
            Ok(Seen::Absent) => self.taken_before_its_time(),
            Ok(Seen::Other(_)) => self.after_intent(attempt.n, &attempt.temp),
            Err(error) => self.fail(error.fault(), again(&error)),
        }
    }

    pub(super) fn look(&mut self, path: &str) -> Result<Seen, TransportError> {
        look(self.transport, path, self.sealed)
    }

    /// Removes a temporary file of this attempt. Refusing is the carrier's right, and a leftover is no harm: names
    /// never repeat.
    fn clear_away(&mut self, temp: &str) {
        let _ = self.transport.remove(temp);
    }

    /// Removes a temporary file of an earlier process or attempt, if it is ours as far as it goes.
    pub(super) fn clear_away_ours(&mut self, temp: &str) {
        if is_ours_so_far(self.transport, temp, self.sealed) {
            self.clear_away(temp);
        }
    }

    /// The same for the last few attempts, which may have lost their connection before they could.
    fn clear_away_earlier(&mut self, n: u32) {
        for earlier in n.saturating_sub(EARLIER_ATTEMPTS).max(1)..n {
            let temp = self.target.temp_path(earlier);
            self.clear_away_ours(&temp);
        }
    }

    pub(super) fn deliver(&mut self, attempt: u32, verified: Option<Verified>, evidence: Evidence) -> End {
        let (length, sha256) = (self.sealed.length(), self.sealed.sha256());
        let proof = Proof { attempt, path: self.target.final_path(), length, sha256, verified, evidence };
        self.journal.delivered(&proof).map_err(NotDelivered::Unrecorded)?;
        Ok(Receipt::new(proof))
    }

    pub(super) fn fail(&mut self, fault: Fault, retry: Retry) -> End {
        self.journal.failed(&fault).map_err(NotDelivered::Unrecorded)?;
        Err(NotDelivered::Failed { fault, retry })
    }

    pub(super) fn hold(&mut self, fault: Fault) -> End {
        self.journal.held(&fault).map_err(NotDelivered::Unrecorded)?;
        Err(NotDelivered::Held(fault))
    }

    pub(super) fn uncertainty(&mut self, uncertainty: Uncertainty) -> End {
        self.journal.uncertain(uncertainty).map_err(NotDelivered::Unrecorded)?;
        Err(NotDelivered::Uncertain(uncertainty))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)] // A test disturbs files.
    use super::*;
    use crate::crypt::age::Identity;
    use crate::gate::Checked;
    use crate::seal::{SealOrder, seal};
    use crate::transport::contract::{Entry, Put, Stat};
    use sha2::{Digest, Sha256};
    use std::collections::BTreeMap;
    use std::io::{Read, Write};

    const FINAL: &str = "inbox/F";

    /// A carrier's folder in memory, whose connection breaks at one chosen operation, before or after its effect.
    #[derive(Default)]
    struct Carrier {
        files: BTreeMap<String, Vec<u8>>,
        /// Files the carrier took away as soon as they were published.
        taken: Vec<Vec<u8>>,
        takes_at_once: bool,
        unreadable: bool,
        refuses_renames: bool,
        refuses_files: bool,
        /// Files are taken away as soon as they are whole, whatever they are called.
        takes_temps: bool,
        operations: usize,
        breaks_at: Option<(usize, bool)>,
        broken: bool,
    }

    impl Carrier {
        fn operation<T>(
            &mut self,
            name: &'static str,
            effect: impl FnOnce(&mut Carrier) -> Result<T, TransportError>,
        ) -> Result<T, TransportError> {
            self.operations += 1;
            let broken = || TransportError::new(TransportErrorKind::Broken, name);
            match self.breaks_at {
                _ if self.broken => Err(broken()),
                Some((at, done)) if at == self.operations => {
                    self.broken = true;
                    if done {
                        let _ = effect(self);
                    }
                    Err(broken())
                }
                _ => effect(self),
            }
        }

        /// How often our bytes were published.
        fn published(&self, sealed: &Sealed) -> usize {
            let ours = |bytes: &&Vec<u8>| Sha256::digest(bytes)[..] == sealed.sha256();
            self.taken.iter().chain(self.files.get(FINAL)).filter(ours).count()
        }

        fn temps(&self) -> usize {
            self.files.keys().filter(|name| *name != FINAL).count()
        }
    }

    impl Transport for Carrier {
        fn stat(&mut self, path: &str) -> Result<Option<Stat>, TransportError> {
            self.operation("stat", |it| Ok(it.files.get(path).map(|bytes| Stat { size: bytes.len() as u64 })))
        }
        fn list(&mut self, _: &str) -> Result<Vec<Entry>, TransportError> {
            unreachable!("nothing is decided by listing")
        }
        fn fetch(&mut self, _: &str, _: &mut dyn Write, _: u64) -> Result<u64, TransportError> {
            unreachable!("nothing is fetched")
        }
        fn put_new(&mut self, path: &str, source: &mut dyn Read, length: u64) -> Result<Put, TransportError> {
            let mut bytes = Vec::new();
            source.read_to_end(&mut bytes).map_err(|_| TransportError::new(TransportErrorKind::Local, "put"))?;
            self.operation("put", |it| {
                if it.files.contains_key(path) {
                    return Err(TransportError::new(TransportErrorKind::Exists, "put"));
                }
                if it.refuses_files {
                    return Err(TransportError::new(TransportErrorKind::Denied, "put"));
                }
                // A connection that breaks half way leaves a part.
                bytes.truncate(if it.broken { bytes.len() / 2 } else { bytes.len() });
                if it.takes_temps || (it.takes_at_once && path == FINAL) {
                    it.taken.push(bytes);
                } else {
                    it.files.insert(path.to_owned(), bytes);
                }
                Ok(Put { length, synced: true })
            })
        }
        fn rename_new(&mut self, from: &str, to: &str) -> Result<(), TransportError> {
            let effect = |it: &mut Carrier| {
                if it.refuses_renames {
                    return Err(TransportError::new(TransportErrorKind::Denied, "rename"));
                }
                if it.files.contains_key(to) {
                    return Err(TransportError::new(TransportErrorKind::Exists, "rename"));
                }
                let bytes = it.files.remove(from).ok_or(TransportError::new(TransportErrorKind::NotFound, "rename"))?;
                if it.takes_at_once {
                    it.taken.push(bytes);
                } else {
                    it.files.insert(to.to_owned(), bytes);
                }
                Ok(())
            };
            self.operation("rename", effect).map_err(TransportError::of_unrepeatable)
        }
        fn remove(&mut self, path: &str) -> Result<bool, TransportError> {
            self.operation("remove", |it| Ok(it.files.remove(path).is_some()))
        }
        fn digest(&mut self, path: &str, _: u64) -> Result<Option<[u8; 32]>, TransportError> {
            self.operation("digest", |it| match it.files.get(path) {
                _ if it.unreadable => Ok(None),
                Some(bytes) => Ok(Some(Sha256::digest(bytes).into())),
                None => Err(TransportError::new(TransportErrorKind::NotFound, "digest")),
            })
        }
        fn free_space(&mut self, _: &str) -> Result<Option<u64>, TransportError> {
            self.operation("free space", |_| Ok(None))
        }
    }

    /// A journal that remembers what was committed last, and crashes at one chosen call, before or after its commit.
    struct Book {
        last: LastKnown,
        words: Vec<&'static str>,
        crashes_at: Option<(usize, bool)>,
        calls: usize,
    }

    impl Book {
        fn at(last: LastKnown) -> Book {
            Book { last, words: Vec::new(), crashes_at: None, calls: 0 }
        }

        fn commit(&mut self, word: &'static str, next: impl FnOnce(LastKnown) -> LastKnown) -> Result<(), Fault> {
            self.calls += 1;
            let crash = self.crashes_at.filter(|(at, _)| *at == self.calls);
            if crash.is_none_or(|(_, committed)| committed) {
                self.words.push(word);
                self.last = next(self.last.clone());
            }
            if crash.is_some() { Err(crate::engine::rules::INTERRUPTED.fault()) } else { Ok(()) }
        }
    }

    impl Journal for Book {
        fn intent(&mut self, n: u32, temp: &str) -> Result<(), Fault> {
            let temp = temp.to_owned();
            self.commit("intent", |_| LastKnown::Intent { n, temp })
        }
        fn verified(&mut self, how: Verified) -> Result<(), Fault> {
            self.commit("verified", |last| match last {
                LastKnown::Intent { n, temp } => LastKnown::Verified { n, temp, how },
                other => panic!("verified after {other:?}"),
            })
        }
        fn publish_intent(&mut self) -> Result<(), Fault> {
            self.commit("publish intent", |last| match last {
                LastKnown::Verified { n, temp, how } => LastKnown::PublishIntent { n, temp, how },
                other => panic!("publish intent after {other:?}"),
            })
        }
        fn delivered(&mut self, proof: &Proof) -> Result<(), Fault> {
            let proof = proof.clone();
            self.commit("delivered", |_| LastKnown::Delivered(proof))
        }
        fn failed(&mut self, _: &Fault) -> Result<(), Fault> {
            self.commit("failed", |last| match last {
                LastKnown::Intent { n, .. } | LastKnown::Verified { n, .. } => LastKnown::Sealed { attempts: n },
                other => panic!("failed after {other:?}"),
            })
        }
        fn held(&mut self, _: &Fault) -> Result<(), Fault> {
            self.commit("held", |last| last)
        }
        fn uncertain(&mut self, _: Uncertainty) -> Result<(), Fault> {
            self.commit("uncertain", |last| match last {
                LastKnown::PublishIntent { .. } => last,
                other => panic!("uncertain after {other:?}"),
            })
        }
    }

    struct Sender {
        sealed: Sealed,
        target: Target,
        _outbox: tempfile::TempDir,
    }

    impl Sender {
        fn new() -> Sender {
            let outbox = tempfile::tempdir().unwrap();
            let recipient = Identity::generate().recipient();
            let (checked, folder) = (Checked::of(b"synthetic"), outbox.path());
            let order = SealOrder { checked: &checked, recipient: &recipient, folder, name: "D1" };
            let sealed = seal(&order, &mut &b"synthetic"[..]).unwrap();
            let target = Target {
                folder: "inbox".to_owned(),
                temp_folder: None,
                final_name: "F".to_owned(),
                temp_prefix: ".bex".to_owned(),
                delivery: "D1".to_owned(),
                profile: Profile::NoClobber,
                taken_at_once: false,
            };
            Sender { sealed, target, _outbox: outbox }
        }

        fn bytes(&self) -> Vec<u8> {
            let mut bytes = Vec::new();
            self.sealed.open().unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        }

        fn run(&self, carrier: &mut Carrier, book: &mut Book) -> End {
            SealedDelivery { sealed: &self.sealed, target: &self.target }.run(book.last.clone(), carrier, book)
        }

        /// Runs again and again, on new connections and without further crashes, until there is no more to do.
        fn run_on(&self, carrier: &mut Carrier, book: &mut Book) -> End {
            for _ in 0..5 {
                (carrier.broken, carrier.breaks_at, book.crashes_at) = (false, None, None);
                match self.run(carrier, book) {
                    Err(
                        NotDelivered::Failed { retry: Retry::Temporary, .. }
                        | NotDelivered::Uncertain(Uncertainty::Unreachable),
                    ) => {}
                    end => return end,
                }
            }
            panic!("no end after five runs: {:?}", book.words)
        }

        /// A row of the table: what was committed last, and what stands at the carrier.
        fn row(&self, last: LastKnown, stands: &[(&str, &[u8])]) -> (End, Carrier, Book) {
            let files = stands.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
            let (mut carrier, mut book) = (Carrier { files, ..Carrier::default() }, Book::at(last));
            let end = self.run(&mut carrier, &mut book);
            (end, carrier, book)
        }
    }

    const TEMP: &str = "inbox/.bex.D1.1";

    fn sealed_only() -> LastKnown {
        LastKnown::Sealed { attempts: 0 }
    }

    fn intent() -> LastKnown {
        LastKnown::Intent { n: 1, temp: TEMP.to_owned() }
    }

    fn verified() -> LastKnown {
        LastKnown::Verified { n: 1, temp: TEMP.to_owned(), how: Verified::ReadBack }
    }

    fn publish_intent() -> LastKnown {
        LastKnown::PublishIntent { n: 1, temp: TEMP.to_owned(), how: Verified::ReadBack }
    }

    fn evidence(end: &End) -> (u32, Evidence) {
        let proof = end.as_ref().unwrap().proof();
        (proof.attempt, proof.evidence)
    }

    fn held(end: End) -> &'static str {
        match end {
            Err(NotDelivered::Held(fault)) => fault.code,
            other => panic!("expected held: {other:?}"),
        }
    }

    #[test]
    fn a_quiet_night_is_four_commits_and_leaves_one_file() {
        let sender = Sender::new();
        let (end, carrier, book) = sender.row(sealed_only(), &[]);
        assert_eq!(evidence(&end), (1, Evidence::ReadBack));
        assert_eq!(book.words, ["intent", "verified", "publish intent", "delivered"]);
        assert_eq!((carrier.published(&sender.sealed), carrier.temps()), (1, 0));
    }

    #[test]
    fn after_an_intent_the_same_bytes_go_under_a_new_name_and_the_old_one_is_removed() {
        let sender = Sender::new();
        for left in [&[][..], &[(TEMP, &sender.bytes()[..9])], &[(TEMP, &sender.bytes())]] {
            let (end, carrier, _) = sender.row(intent(), left);
            assert_eq!(evidence(&end), (2, Evidence::ReadBack));
            assert_eq!((carrier.published(&sender.sealed), carrier.temps()), (1, 0));
        }
    }

    #[test]
    fn our_bytes_found_before_a_publish_intent_are_delivered_and_not_sent_again() {
        let sender = Sender::new();
        for last in [sealed_only(), intent(), verified()] {
            let (end, carrier, _) = sender.row(last, &[(FINAL, &sender.bytes())]);
            assert_eq!(evidence(&end).1, Evidence::FoundUnexpectedly);
            assert_eq!(carrier.published(&sender.sealed), 1);
        }
    }

    #[test]
    fn a_foreign_file_under_the_final_name_is_held_whatever_was_committed() {
        let sender = Sender::new();
        let same_size = vec![0; sender.bytes().len()];
        for last in [sealed_only(), intent(), verified(), publish_intent()] {
            for foreign in [&b"a longer one ".repeat(99)[..], b"shorter", &same_size] {
                let (end, carrier, _) = sender.row(last.clone(), &[(FINAL, foreign), (TEMP, &sender.bytes())]);
                assert_eq!(held(end), "DEL001");
                assert_eq!(carrier.files[FINAL], foreign);
            }
        }
    }

    #[test]
    fn a_verified_file_is_published_without_being_sent_again() {
        let sender = Sender::new();
        let (end, _, book) = sender.row(verified(), &[(TEMP, &sender.bytes())]);
        assert_eq!(evidence(&end), (1, Evidence::ReadBack));
        assert_eq!(book.words, ["publish intent", "delivered"]);
    }

    #[test]
    fn a_verified_file_that_was_cut_is_sent_again_and_one_that_is_gone_may_have_been_taken() {
        let sender = Sender::new();
        let (end, carrier, _) = sender.row(verified(), &[(TEMP, &sender.bytes()[..9])]);
        assert_eq!(evidence(&end), (2, Evidence::ReadBack));
        assert_eq!((carrier.published(&sender.sealed), carrier.temps()), (1, 0));
        let (end, carrier, book) = sender.row(verified(), &[]);
        assert_eq!(end, Err(NotDelivered::Uncertain(Uncertainty::Taken)));
        assert_eq!((book.words, carrier.files.len()), (vec!["publish intent", "uncertain"], 0));
    }

    #[test]
    fn after_a_publish_intent_the_file_in_place_is_delivered_with_or_without_its_temporary_name() {
        let sender = Sender::new();
        let ours = sender.bytes();
        for stands in [&[(FINAL, &ours[..])][..], &[(FINAL, &ours), (TEMP, &ours)]] {
            let (end, carrier, book) = sender.row(publish_intent(), stands);
            assert_eq!(evidence(&end), (1, Evidence::ReadBack));
            assert_eq!(book.words, ["delivered"]);
            assert_eq!((carrier.published(&sender.sealed), carrier.temps()), (1, 0));
        }
    }

    #[test]
    fn after_a_publish_intent_without_effect_it_is_renamed_again_and_not_sent_again() {
        let sender = Sender::new();
        let (end, carrier, book) = sender.row(publish_intent(), &[(TEMP, &sender.bytes())]);
        assert_eq!(evidence(&end), (1, Evidence::ReadBack));
        assert_eq!((book.words, carrier.published(&sender.sealed)), (vec!["delivered"], 1));
    }

    #[test]
    fn after_a_publish_intent_with_nothing_left_it_is_uncertain_and_stays_so() {
        let sender = Sender::new();
        let (end, mut carrier, mut book) = sender.row(publish_intent(), &[]);
        assert_eq!(end, Err(NotDelivered::Uncertain(Uncertainty::Gone)));
        assert_eq!(sender.run(&mut carrier, &mut book), Err(NotDelivered::Uncertain(Uncertainty::Gone)));
        assert!(carrier.files.is_empty() && book.last == publish_intent());
    }

    #[test]
    fn a_final_file_still_growing_is_uncertain_and_delivered_once_it_has_grown() {
        let sender = Sender::new();
        let ours = sender.bytes();
        let (end, mut carrier, mut book) = sender.row(publish_intent(), &[(FINAL, &ours[..9]), (TEMP, &ours)]);
        assert_eq!(end, Err(NotDelivered::Uncertain(Uncertainty::Incomplete)));
        carrier.files.insert(FINAL.to_owned(), ours);
        assert_eq!(evidence(&sender.run(&mut carrier, &mut book)), (1, Evidence::ReadBack));
    }

    #[test]
    fn a_temporary_file_that_was_altered_after_it_was_verified_is_held_not_published() {
        let sender = Sender::new();
        let (end, carrier, _) = sender.row(publish_intent(), &[(TEMP, b"altered")]);
        assert_eq!(held(end), "DEL004");
        assert_eq!(carrier.files.get(FINAL), None);
    }

    #[test]
    fn what_is_delivered_is_not_touched_again() {
        let sender = Sender::new();
        let (end, _, book) = sender.row(publish_intent(), &[(FINAL, &sender.bytes())]);
        let (again, carrier, _) = sender.row(book.last, &[]);
        assert_eq!((end, carrier.operations), (again, 0));
    }

    #[test]
    fn a_rename_that_is_refused_is_held_with_the_file_in_place() {
        let sender = Sender::new();
        let (mut carrier, mut book) =
            (Carrier { refuses_renames: true, ..Carrier::default() }, Book::at(sealed_only()));
        assert_eq!(held(sender.run(&mut carrier, &mut book)), "DEL002");
        carrier.refuses_renames = false;
        assert_eq!(evidence(&sender.run(&mut carrier, &mut book)), (1, Evidence::ReadBack));
        assert_eq!((carrier.published(&sender.sealed), carrier.temps()), (1, 0));
    }

    #[test]
    fn a_place_that_lets_nobody_read_is_taken_at_its_sizes() {
        let sender = Sender::new();
        let (mut carrier, mut book) = (Carrier { unreadable: true, ..Carrier::default() }, Book::at(sealed_only()));
        let end = sender.run(&mut carrier, &mut book);
        assert_eq!(evidence(&end), (1, Evidence::SizeOnly));
        assert_eq!(end.unwrap().proof().verified, Some(Verified::SizeOnly));
    }

    #[test]
    fn a_temporary_name_that_is_taken_is_left_alone_and_another_is_used() {
        let sender = Sender::new();
        let (end, mut carrier, mut book) = sender.row(sealed_only(), &[(TEMP, b"theirs")]);
        assert!(matches!(end, Err(NotDelivered::Failed { retry: Retry::Temporary, .. })), "{end:?}");
        assert_eq!(carrier.files[TEMP], b"theirs");
        assert_eq!(evidence(&sender.run(&mut carrier, &mut book)), (2, Evidence::ReadBack));
        assert_eq!(carrier.files[TEMP], b"theirs");
    }

    #[test]
    fn a_file_of_our_size_that_cannot_be_read_is_not_ours_before_a_publish_intent() {
        let sender = Sender::new();
        for last in [sealed_only(), intent(), verified()] {
            let mut carrier = Carrier { unreadable: true, ..Carrier::default() };
            carrier.files.insert(FINAL.to_owned(), vec![0; sender.bytes().len()]);
            assert_eq!(held(sender.run(&mut carrier, &mut Book::at(last))), "DEL001");
        }
    }

    #[test]
    fn a_file_taken_away_at_once_is_proof_only_where_the_carrier_is_known_to_do_so() {
        let mut sender = Sender::new();
        let run = |sender: &Sender| {
            let mut carrier = Carrier { takes_at_once: true, ..Carrier::default() };
            let end = sender.run(&mut carrier, &mut Book::at(sealed_only()));
            assert_eq!(carrier.published(&sender.sealed), 1);
            end
        };
        assert_eq!(run(&sender), Err(NotDelivered::Uncertain(Uncertainty::Gone)));
        sender.target.taken_at_once = true;
        assert_eq!(evidence(&run(&sender)), (1, Evidence::RenameConfirmed));
    }

    #[test]
    fn a_blind_place_is_uncertain_after_its_publish_intent_and_never_sent_to_twice() {
        let mut sender = Sender::new();
        sender.target.profile = Profile::Blind;
        let (mut carrier, mut book) = (Carrier::default(), Book::at(sealed_only()));
        for _ in 0..3 {
            assert_eq!(sender.run(&mut carrier, &mut book), Err(NotDelivered::Uncertain(Uncertainty::Blind)));
            assert_eq!(carrier.published(&sender.sealed), 1);
        }
    }

    fn direct() -> Sender {
        let mut sender = Sender::new();
        sender.target.profile = Profile::Direct;
        sender
    }

    #[test]
    fn a_place_without_temporary_names_gets_the_file_under_its_final_name_after_the_publish_intent() {
        let (end, carrier, book) = direct().row(sealed_only(), &[]);
        assert_eq!(evidence(&end), (1, Evidence::ReadBack));
        assert_eq!(book.words, ["intent", "verified", "publish intent", "delivered"]);
        assert_eq!(carrier.temps(), 0);
    }

    #[test]
    fn at_a_place_without_temporary_names_what_is_there_decides_and_nothing_is_written_twice() {
        let (sender, ours) = (direct(), direct().bytes());
        let (end, carrier, _) = sender.row(publish_intent(), &[(FINAL, &sender.bytes())]);
        assert_eq!((evidence(&end).1, carrier.published(&sender.sealed)), (Evidence::ReadBack, 1));
        let (end, carrier, _) = sender.row(publish_intent(), &[]);
        assert_eq!((end, carrier.files.len()), (Err(NotDelivered::Uncertain(Uncertainty::Gone)), 0));
        let (end, _, _) = sender.row(publish_intent(), &[(FINAL, &sender.bytes()[..9])]);
        assert_eq!(end, Err(NotDelivered::Uncertain(Uncertainty::Incomplete)));
        let (end, carrier, _) = sender.row(publish_intent(), &[(FINAL, &ours)]);
        assert_eq!((held(end), &carrier.files[FINAL]), ("DEL001", &ours), "another sealing's bytes are not ours");
        let (end, ..) = sender.row(sealed_only(), &[(FINAL, b"theirs")]);
        assert_eq!(held(end), "DEL001");
    }

    #[test]
    fn a_place_without_temporary_names_that_takes_files_is_believed_where_it_is_known_to() {
        let mut sender = direct();
        let run = |sender: &Sender| {
            let mut carrier = Carrier { takes_at_once: true, ..Carrier::default() };
            let end = sender.run(&mut carrier, &mut Book::at(sealed_only()));
            assert_eq!(carrier.published(&sender.sealed), 1);
            end
        };
        assert_eq!(run(&sender), Err(NotDelivered::Uncertain(Uncertainty::Gone)));
        sender.target.taken_at_once = true;
        assert_eq!(evidence(&run(&sender)), (1, Evidence::WriteConfirmed));
    }

    #[test]
    fn a_place_without_temporary_names_never_gets_a_file_twice_whatever_breaks() {
        let sender = direct();
        for (crash, break_at) in (0..=6).flat_map(|crash| (0..=14).map(move |at| (crash, at))) {
            for done in [(false, false), (false, true), (true, false), (true, true)] {
                for takes_at_once in [false, true] {
                    let mut carrier = Carrier { takes_at_once, ..Carrier::default() };
                    let mut book = Book::at(sealed_only());
                    (book.crashes_at, carrier.breaks_at) = (Some((crash, done.0)), Some((break_at, done.1)));
                    let _ = sender.run(&mut carrier, &mut book);
                    let end = sender.run_on(&mut carrier, &mut book);
                    let published = carrier.published(&sender.sealed);
                    let known = end.is_ok() && !takes_at_once;
                    let open = [Uncertainty::Gone, Uncertainty::Incomplete];
                    let seen = known || open.map(|why| Err(NotDelivered::Uncertain(why))).contains(&end);
                    assert!(seen && published <= 1, "crash {crash}, break {break_at}, {done:?}: {end:?} {published}");
                    assert!(end.is_err() || published == 1);
                }
            }
        }
    }

    /// A delivery whose rename was refused, at a place that is configured to get files directly since.
    fn refused_and_direct_now() -> (Sender, Carrier, Book) {
        let mut sender = Sender::new();
        let mut carrier = Carrier { refuses_renames: true, ..Carrier::default() };
        let mut book = Book::at(sealed_only());
        held(sender.run(&mut carrier, &mut book));
        sender.target.profile = Profile::Direct;
        (sender, carrier, book)
    }

    #[test]
    fn a_file_whose_rename_is_refused_is_written_under_its_final_name_once_that_is_configured() {
        let (sender, mut carrier, mut book) = refused_and_direct_now();
        let end = sender.run(&mut carrier, &mut book);
        assert_eq!(evidence(&end), (1, Evidence::ReadBack));
        assert_eq!((carrier.published(&sender.sealed), carrier.temps()), (1, 0));
        // Its temporary file was taken meanwhile: it may be there, and is not sent once more.
        let (sender, mut carrier, mut book) = refused_and_direct_now();
        carrier.files.clear();
        assert_eq!(sender.run(&mut carrier, &mut book), Err(NotDelivered::Uncertain(Uncertainty::Gone)));
        let (sender, mut carrier, mut book) = (refused_and_direct_now().0, Carrier::default(), Book::at(verified()));
        assert_eq!(sender.run(&mut carrier, &mut book), Err(NotDelivered::Uncertain(Uncertainty::Taken)));
        assert_eq!(carrier.published(&sender.sealed), 0);
    }

    #[test]
    fn a_file_that_goes_directly_after_a_refused_rename_never_goes_twice_whatever_breaks() {
        for takes_at_once in [false, true] {
            for (at, done) in (1..12).flat_map(|at| [(at, false), (at, true)]) {
                let (sender, mut carrier, mut book) = refused_and_direct_now();
                (carrier.operations, carrier.breaks_at, carrier.takes_at_once) = (0, Some((at, done)), takes_at_once);
                let _ = sender.run(&mut carrier, &mut book);
                for _ in 0..3 {
                    (carrier.broken, carrier.breaks_at) = (false, None);
                    let _ = sender.run(&mut carrier, &mut book);
                }
                assert!(carrier.published(&sender.sealed) <= 1, "break at {at}, {done}, taken {takes_at_once}");
            }
        }
    }

    #[test]
    fn a_server_that_refuses_to_make_the_file_is_for_a_person_to_mend() {
        let sender = direct();
        let (mut carrier, mut book) = (Carrier { refuses_files: true, ..Carrier::default() }, Book::at(sealed_only()));
        assert_eq!(held(sender.run(&mut carrier, &mut book)), "TRA008");
        assert!(carrier.files.is_empty());
    }

    #[test]
    fn a_temporary_file_that_is_taken_away_is_uncertain_and_never_sent_twice() {
        let sender = Sender::new();
        for last in [sealed_only(), verified()] {
            let (mut carrier, mut book) = (Carrier { takes_temps: true, ..Carrier::default() }, Book::at(last.clone()));
            assert_eq!(sender.run(&mut carrier, &mut book), Err(NotDelivered::Uncertain(Uncertainty::Taken)));
            let before = carrier.taken.len();
            let again = sender.run(&mut carrier, &mut book);
            assert_eq!((again, carrier.taken.len()), (Err(NotDelivered::Uncertain(Uncertainty::Gone)), before));
        }
    }

    #[test]
    fn after_a_crash_at_any_commit_one_file_is_published_and_nothing_is_left_over() {
        let sender = Sender::new();
        for at in 1..=4 {
            for committed in [false, true] {
                let (mut carrier, mut book) = (Carrier::default(), Book::at(sealed_only()));
                book.crashes_at = Some((at, committed));
                assert!(matches!(sender.run(&mut carrier, &mut book), Err(NotDelivered::Unrecorded(_))));
                assert!(sender.run_on(&mut carrier, &mut book).is_ok(), "crash {at} {committed}");
                assert_eq!((carrier.published(&sender.sealed), carrier.temps()), (1, 0), "crash {at} {committed}");
            }
        }
    }

    #[test]
    fn after_any_crash_and_any_break_together_one_file_is_published_and_nothing_is_left_over() {
        let sender = Sender::new();
        for (crash, break_at) in (0..=6).flat_map(|crash| (0..=14).map(move |at| (crash, at))) {
            for done in [(false, false), (false, true), (true, false), (true, true)] {
                let (mut carrier, mut book) = (Carrier::default(), Book::at(sealed_only()));
                (book.crashes_at, carrier.breaks_at) = (Some((crash, done.0)), Some((break_at, done.1)));
                let first = sender.run(&mut carrier, &mut book);
                let end = if first.is_ok() { first } else { sender.run_on(&mut carrier, &mut book) };
                let seen = (carrier.published(&sender.sealed), carrier.temps());
                assert!(end.is_ok() && seen == (1, 0), "crash {crash}, break {break_at}, {done:?}: {end:?} {seen:?}");
            }
        }
    }

    #[test]
    fn a_carrier_that_takes_files_at_once_never_gets_one_twice_whatever_breaks() {
        let sender = Sender::new();
        for (crash, break_at) in (0..=6).flat_map(|crash| (0..=14).map(move |at| (crash, at))) {
            for done in [(false, false), (false, true), (true, false), (true, true)] {
                let mut carrier = Carrier { takes_at_once: true, ..Carrier::default() };
                let mut book = Book::at(sealed_only());
                (book.crashes_at, carrier.breaks_at) = (Some((crash, done.0)), Some((break_at, done.1)));
                let _ = sender.run(&mut carrier, &mut book);
                let end = sender.run_on(&mut carrier, &mut book);
                assert_eq!(
                    end,
                    Err(NotDelivered::Uncertain(Uncertainty::Gone)),
                    "nothing is claimed that cannot be seen"
                );
                assert_eq!(carrier.published(&sender.sealed), 1, "crash {crash}, break {break_at}, {done:?}");
            }
        }
    }

    #[test]
    fn a_sealed_file_that_was_altered_is_never_published() {
        let sender = Sender::new();
        let mut bytes = sender.bytes();
        bytes[5] ^= 1;
        std::fs::write(sender.sealed.path(), bytes).unwrap();
        let (end, carrier, book) = sender.row(sealed_only(), &[]);
        assert!(matches!(end, Err(NotDelivered::Failed { retry: Retry::Permanent, .. })), "{end:?}");
        assert_eq!((carrier.files.len(), book.words), (0, vec!["intent", "failed"]));
    }
}
