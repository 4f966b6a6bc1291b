//! Deliveries over a real wire to a carrier that misbehaves: whatever it does, at most one file is published, it
//! is ours byte for byte, and what is claimed is what happened.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use bex::crypt::age::{Identity, encrypt};
use bex::deliver::{
    Evidence, Journal, LastKnown, NotDelivered, Proof, Receipt, SealedDelivery, Target, Uncertainty, Verified,
};
use bex::fault::Fault;
use bex::seal::{Sealed, SealedRecord};
use bex::simulate::Misbehaviour;
use bex::transport::retry::Retrying;
use bex::transport::{Connect, Profile, Retry};
use sha2::{Digest, Sha256};

use crate::harness::carrier::Carrier;
use crate::harness::sshd::Sshd;

/// What a database would hold of the delivery.
struct Book(LastKnown);

impl Journal for Book {
    fn intent(&mut self, n: u32, temp: &str) -> Result<(), Fault> {
        self.0 = LastKnown::Intent { n, temp: temp.to_owned() };
        Ok(())
    }
    fn verified(&mut self, how: Verified) -> Result<(), Fault> {
        if let LastKnown::Intent { n, temp } = self.0.clone() {
            self.0 = LastKnown::Verified { n, temp, how };
        }
        Ok(())
    }
    fn publish_intent(&mut self) -> Result<(), Fault> {
        if let LastKnown::Verified { n, temp, how } = self.0.clone() {
            self.0 = LastKnown::PublishIntent { n, temp, how };
        }
        Ok(())
    }
    fn delivered(&mut self, proof: &Proof) -> Result<(), Fault> {
        self.0 = LastKnown::Delivered(proof.clone());
        Ok(())
    }
    fn failed(&mut self, _: &Fault) -> Result<(), Fault> {
        if let LastKnown::Intent { n, .. } | LastKnown::Verified { n, .. } = self.0 {
            self.0 = LastKnown::Sealed { attempts: n };
        }
        Ok(())
    }
    fn held(&mut self, _: &Fault) -> Result<(), Fault> {
        Ok(())
    }
    fn uncertain(&mut self, _: Uncertainty) -> Result<(), Fault> {
        Ok(())
    }
}

/// A sealed file, its target, and how far it has come.
struct Night {
    sealed: Sealed,
    target: Target,
    book: Book,
    _outbox: tempfile::TempDir,
}

impl Night {
    fn new() -> Night {
        let outbox = tempfile::tempdir().unwrap();
        let plain: Vec<u8> = (0..300_000_u32).map(|index| (index * 31 % 251) as u8).collect();
        let recipient = Identity::generate().recipient();
        let mut sealing = encrypt(std::slice::from_ref(&recipient), Vec::new()).unwrap();
        sealing.write_all(&plain).unwrap();
        let sealed = sealing.finish().unwrap();
        fs::write(outbox.path().join("D1"), &sealed).unwrap();
        // What was sealed on an earlier run, taken up again.
        let (sha256, length) = (Sha256::digest(&sealed).into(), sealed.len() as u64);
        let record = SealedRecord { sha256, length, recipient: recipient.fingerprint() };
        let sealed = Sealed::reopen(&outbox.path().join("D1"), &record).unwrap();
        let target = Target {
            folder: "inbox".to_owned(),
            temp_folder: None,
            final_name: "834_000000001.age".to_owned(),
            temp_prefix: ".bex".to_owned(),
            delivery: "D1".to_owned(),
            profile: Profile::NoClobber,
            taken_at_once: false,
        };
        Night { sealed, target, book: Book(LastKnown::Sealed { attempts: 0 }), _outbox: outbox }
    }

    /// One run on a connection of its own.
    fn run(&mut self, connect: &dyn Connect) -> Result<Receipt, NotDelivered> {
        let mut transport = connect.connect().unwrap();
        let delivery = SealedDelivery { sealed: &self.sealed, target: &self.target };
        delivery.run(self.book.0.clone(), transport.as_mut(), &mut self.book)
    }

    /// The same, where looking may connect again.
    fn run_patiently(&mut self, connect: &dyn Connect) -> Result<Receipt, NotDelivered> {
        let mut transport = Retrying::new(connect, Box::new(|failed| failed < 3));
        let delivery = SealedDelivery { sealed: &self.sealed, target: &self.target };
        delivery.run(self.book.0.clone(), &mut transport, &mut self.book)
    }

    fn is_ours(&self, file: &Path) -> bool {
        Sha256::digest(fs::read(file).unwrap())[..] == self.sealed.sha256()
    }

    /// One file, published once, ours, with nothing beside it.
    fn delivered_once(&self, carrier: &Carrier) {
        let published = carrier.published();
        assert_eq!(published.len(), 1, "{published:?}");
        assert!(self.is_ours(&published[0]));
        assert_eq!(carrier.inbox(), [self.target.final_name.as_str()]);
    }
}

fn code(end: Result<Receipt, NotDelivered>) -> (&'static str, Option<Retry>) {
    match end {
        Err(NotDelivered::Held(fault)) => (fault.code, None),
        Err(NotDelivered::Failed { fault, retry }) => (fault.code, Some(retry)),
        other => panic!("expected a fault: {other:?}"),
    }
}

#[test]
fn a_quiet_night_delivers_to_the_simulated_carrier() {
    let (carrier, mut night) = (Carrier::start(), Night::new());
    let receipt = night.run(&carrier.site()).unwrap();
    assert_eq!((receipt.proof().evidence, receipt.proof().verified), (Evidence::ReadBack, Some(Verified::ReadBack)));
    night.delivered_once(&carrier);
    assert_eq!(night.run(&carrier.site()).unwrap(), receipt);
}

#[test]
fn a_quiet_night_delivers_to_a_real_openssh_server() {
    let (server, mut night) = (Sshd::start(), Night::new());
    fs::create_dir(server.folder.join("inbox")).unwrap();
    assert_eq!(night.run(&server.site()).unwrap().proof().evidence, Evidence::ReadBack);
    assert!(night.is_ours(&server.folder.join("inbox").join(&night.target.final_name)));
    assert_eq!(fs::read_dir(server.folder.join("inbox")).unwrap().count(), 1);
}

#[test]
fn whatever_goes_wrong_before_the_publish_intent_another_attempt_delivers_the_same_bytes() {
    let troubles = [
        (Misbehaviour::DropAfterBytes(0), "TRA009"),
        (Misbehaviour::DropAfterBytes(100_000), "TRA009"),
        (Misbehaviour::DropAfterBytes(300_000), "TRA009"),
        (Misbehaviour::DiskFull(100_000), "TRA007"),
        (Misbehaviour::FailSync, "TRA010"),
        (Misbehaviour::FailClose, "TRA010"),
        (Misbehaviour::ShortWrite(7), "DEL004"),
        (Misbehaviour::AlterOneByte, "DEL004"),
    ];
    for (how, expected) in troubles {
        let (carrier, mut night) = (Carrier::start(), Night::new());
        carrier.carrier.misbehave(how);
        assert_eq!(code(night.run(&carrier.site())), (expected, Some(Retry::Temporary)), "{how:?}");
        assert_eq!(carrier.published().len(), 0, "{how:?}");
        carrier.carrier.behave();
        assert_eq!(night.run(&carrier.site()).unwrap().proof().attempt, 2, "{how:?}");
        night.delivered_once(&carrier);
    }
}

#[test]
fn a_lost_answer_to_the_rename_is_resolved_by_looking() {
    let lost = [Misbehaviour::DropBeforeRename, Misbehaviour::DropAfterRename, Misbehaviour::DropBetweenLinkAndUnlink];
    for how in lost {
        let (carrier, mut night) = (Carrier::start(), Night::new());
        carrier.carrier.misbehave(how);
        assert_eq!(night.run(&carrier.site()), Err(NotDelivered::Uncertain(Uncertainty::Unreachable)), "{how:?}");
        assert_eq!(night.run(&carrier.site()).unwrap().proof().attempt, 1, "{how:?}");
        night.delivered_once(&carrier);

        let (carrier, mut night) = (Carrier::start(), Night::new());
        carrier.carrier.misbehave(how);
        assert_eq!(night.run_patiently(&carrier.site()).unwrap().proof().attempt, 1, "{how:?}");
        night.delivered_once(&carrier);
    }
}

/// A real server that is killed as it begins a call of the system for the rename, once.
fn dying_at(call: &str, folder: &Path) -> Sshd {
    let wrapper = folder.join("sftp-server");
    let killed = folder.join("killed");
    let text = format!(
        "#!/bin/sh\nif [ -e {0} ]; then exec /usr/lib/openssh/sftp-server; fi\n: > {0}\n\
         exec strace -f -qq -o /dev/null -e inject={call}:signal=KILL:when=1 /usr/lib/openssh/sftp-server\n",
        killed.display()
    );
    fs::write(&wrapper, text).unwrap();
    fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    Sshd::start_with(&format!("Subsystem sftp {}\n", wrapper.display()))
}

#[test]
fn a_real_openssh_server_that_dies_within_the_rename_has_the_file_once_whatever_it_had_done() {
    // Before its link, between its link and its unlink: it renames by the two.
    for call in ["link,linkat", "unlink,unlinkat"] {
        let (files, mut night) = (tempfile::tempdir().unwrap(), Night::new());
        let server = dying_at(call, files.path());
        let inbox = server.folder.join("inbox");
        fs::create_dir(&inbox).unwrap();
        night.target.folder = inbox.display().to_string();
        let first = night.run(&server.site());
        assert_eq!(first, Err(NotDelivered::Uncertain(Uncertainty::Unreachable)), "{call}");
        assert!(files.path().join("killed").exists());
        assert_eq!(night.run(&server.site()).unwrap().proof().attempt, 1, "{call}: nothing is sent a second time");
        let names: Vec<_> = fs::read_dir(&inbox).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [night.target.final_name.as_str()], "{call}");
        assert!(night.is_ours(&inbox.join(&night.target.final_name)));
    }
}

#[test]
fn a_lost_answer_and_a_file_picked_up_stay_uncertain_and_nothing_is_sent_again() {
    let (carrier, mut night) = (Carrier::start(), Night::new());
    carrier.carrier.misbehave(Misbehaviour::VanishAfterRename);
    carrier.carrier.misbehave(Misbehaviour::DropAfterRename);
    for _ in 0..3 {
        assert_eq!(night.run_patiently(&carrier.site()), Err(NotDelivered::Uncertain(Uncertainty::Gone)));
    }
    let published = carrier.published();
    assert!(published.len() == 1 && night.is_ours(&published[0]));
    assert_eq!(carrier.inbox(), [""; 0]);
}

#[test]
fn a_carrier_known_to_pick_up_at_once_is_taken_at_its_word() {
    let (carrier, mut night) = (Carrier::start(), Night::new());
    carrier.carrier.misbehave(Misbehaviour::VanishAfterRename);
    night.target.taken_at_once = true;
    assert_eq!(night.run(&carrier.site()).unwrap().proof().evidence, Evidence::RenameConfirmed);
    assert!(night.is_ours(&carrier.published()[0]));
}

#[test]
fn a_foreign_file_that_takes_the_name_is_left_alone_and_the_run_held() {
    let (carrier, mut night) = (Carrier::start(), Night::new());
    carrier.carrier.misbehave(Misbehaviour::NameExists);
    assert_eq!(code(night.run(&carrier.site())), ("DEL001", None));
    assert_eq!(carrier.published().len(), 0);
    let foreign = fs::read(carrier.files.path().join("inbox").join(&night.target.final_name)).unwrap();
    assert_eq!(foreign, b"somebody else's file");
}

#[test]
fn a_server_that_refuses_renames_is_held_and_goes_on_once_it_is_put_right() {
    let (carrier, mut night) = (Carrier::start(), Night::new());
    carrier.carrier.misbehave(Misbehaviour::RefuseRename);
    assert_eq!(code(night.run(&carrier.site())), ("DEL002", None));
    carrier.carrier.behave();
    assert_eq!(night.run(&carrier.site()).unwrap().proof().attempt, 1);
    night.delivered_once(&carrier);
}

#[test]
fn a_server_that_lets_nobody_read_is_recorded_as_size_only() {
    let (carrier, mut night) = (Carrier::start(), Night::new());
    carrier.carrier.misbehave(Misbehaviour::Unreadable);
    let receipt = night.run(&carrier.site()).unwrap();
    assert_eq!((receipt.proof().evidence, receipt.proof().verified), (Evidence::SizeOnly, Some(Verified::SizeOnly)));
    night.delivered_once(&carrier);
}
