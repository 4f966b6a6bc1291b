//! A witness on another machine: it signs what extends what it has signed, and nothing else; and what it has signed
//! keeps a site that was put back from sending. What is sent is in the anchor before it is.

use std::fs;
use std::path::PathBuf;

use bex::audit::{Checkpoint, SignedNote, TreeHead, VerifierKey, WitnessKey, WitnessRequest};
use bex::crypt::keyring::KeyReference;
use bex::crypt::signer::LogSigner;
use tempfile::TempDir;

use crate::harness::demo_site::{Said, World, bex_says, copy_folder, names};

const FEED: &str = "sample-logistics-alpha-health";

/// A site whose checkpoints are kept in a folder besides.
fn anchored() -> World {
    let world = World::new();
    fs::create_dir_all(world.site().join("anchor")).unwrap();
    configure(&world, "\n[audit]\nanchor = \"anchor\"\n");
    world.employers_send(1);
    world.bex(&["audit", "checkpoint"]).exits(0);
    world
}

fn configure(world: &World, more: &str) {
    let file = world.site().join("bex.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + more).unwrap();
}

/// The witness's machine, as far as it is another one: its own folder.
struct Elsewhere {
    world: World,
    state: TempDir,
}

impl Elsewhere {
    /// A site with a witness that has signed what the first night left.
    fn new() -> Elsewhere {
        let elsewhere = Elsewhere { world: anchored(), state: tempfile::tempdir().unwrap() };
        let said = elsewhere.looks().exits(0).says("nothing to sign yet").text();
        configure(&elsewhere.world, "witness = \"keys/witness.pub\"\n");
        elsewhere.world.bex(&["check"]).exits(1).refuses_with("CFG014").says("witness.pub");
        let key = said.lines().find(|line| line.starts_with("bex/witness-")).unwrap();
        fs::write(elsewhere.world.site().join("keys/witness.pub"), key).unwrap();
        elsewhere.world.bex(&["run", FEED]).exits(0);
        elsewhere.looks().exits(0).says("records: signed");
        elsewhere
    }

    fn anchor(&self) -> PathBuf {
        self.world.site().join("anchor")
    }

    fn looks_at(&self, now: &str) -> Said {
        let (log, folder) = (self.world.site().join("keys/log.pub"), self.anchor());
        let words = ["audit", "witness", "--log", log.to_str().unwrap(), "--folder", folder.to_str().unwrap()];
        let state = ["--state", self.state.path().to_str().unwrap(), "--now", now];
        bex_says(&[&words[..], &state].concat(), self.state.path())
    }

    fn looks(&self) -> Said {
        self.looks_at(&self.world.now())
    }

    /// How many records the log had at each time that it was signed.
    fn cosigned(&self) -> Vec<u64> {
        let all = names(&self.anchor()).into_iter().filter(|name| name.ends_with(".cosigned"));
        all.map(|name| name.rsplit('.').nth(1).unwrap().parse().unwrap()).collect()
    }

    fn signer(&self) -> LogSigner {
        LogSigner::read(&KeyReference::File(self.world.site().join("keys/log.key"))).unwrap()
    }

    fn lays(&self, name: &str, text: &str) {
        let origin = self.signer().verifier().name.replace('/', "_");
        fs::write(self.anchor().join(format!("{origin}.{name}")), text).unwrap();
    }
}

#[test]
fn a_witness_signs_each_checkpoint_that_extends_the_one_it_signed_before() {
    let elsewhere = Elsewhere::new();
    elsewhere.looks().exits(0).says("signed before, and nothing newer");
    elsewhere.world.bex(&["doctor", FEED]).says("records are signed by it");
    elsewhere.world.fetch_acks().exits(0);
    elsewhere.looks().exits(0).says("records: signed");
    let [first, second] = elsewhere.cosigned()[..] else { panic!("{:?}", elsewhere.cosigned()) };
    assert!(second > first);

    // The log's signature and the witness's stand below the one checkpoint.
    let newest = names(&elsewhere.anchor()).into_iter().rfind(|name| name.ends_with(".cosigned")).unwrap();
    let note = SignedNote::parse(&fs::read_to_string(elsewhere.anchor().join(newest)).unwrap()).unwrap();
    let public = |path: PathBuf| fs::read_to_string(path).unwrap();
    let log = VerifierKey::parse(&public(elsewhere.world.site().join("keys/log.pub"))).unwrap();
    let witness = WitnessKey::parse(&public(elsewhere.state.path().join("witness.pub"))).unwrap();
    assert!(log.has_signed(&note) && witness.signed_at(&note).is_some());
    assert_eq!(Checkpoint::parse(&note.text).unwrap().head.size, second);

    // What is asked of it is what other witnesses are asked, and others can follow the proof.
    let asked = names(&elsewhere.anchor()).into_iter().rfind(|name| name.ends_with(".add-checkpoint")).unwrap();
    let request = WitnessRequest::parse(&fs::read_to_string(elsewhere.anchor().join(asked)).unwrap()).unwrap();
    let head = |size| {
        let found = names(&elsewhere.anchor()).into_iter().find(|name| name.ends_with(&format!("{size:012}.cosigned")));
        let text = fs::read_to_string(elsewhere.anchor().join(found.unwrap())).unwrap();
        Checkpoint::parse(&SignedNote::parse(&text).unwrap().text).unwrap().head
    };
    let [old, new]: [TreeHead; 2] = [head(first), head(second)];
    let proof = request.proof.into_iter().map(tlog_tiles::Hash).collect();
    tlog_tiles::check_tree(&proof, new.size, tlog_tiles::Hash(new.root), old.size, tlog_tiles::Hash(old.root)).unwrap();
}

#[test]
fn a_store_that_is_older_than_what_its_witness_has_signed_sends_nothing() {
    let elsewhere = Elsewhere::new();
    let (world, kept) = (&elsewhere.world, tempfile::tempdir().unwrap());
    copy_folder(&world.site().join("state"), kept.path());
    world.fetch_acks().exits(0);
    elsewhere.looks().exits(0);
    // Everything of the machine is put back, the anchor too; the witness's signature comes back from where it is kept.
    fs::remove_dir_all(world.site().join("state")).unwrap();
    copy_folder(kept.path(), &world.site().join("state"));
    for name in names(&elsewhere.anchor()).into_iter().filter(|name| !name.ends_with(".cosigned")) {
        fs::remove_file(elsewhere.anchor().join(name)).unwrap();
    }
    world.bex(&["acks"]).exits(7).refuses_with("LOG005");
}

#[test]
fn a_witness_signs_nothing_of_a_log_that_was_put_back_or_written_anew() {
    let elsewhere = Elsewhere::new();
    elsewhere.world.fetch_acks().exits(0);
    elsewhere.looks().exits(0);
    let signed = elsewhere.cosigned();
    let last = *signed.last().unwrap();
    let forged = |size| elsewhere.signer().sign(&elsewhere.signer().verifier().name, TreeHead { size, root: [7; 32] });

    // Whoever has the log's own key can sign what they like, and show of nothing that it extends what was signed.
    let request = WitnessRequest { old: last, proof: vec![[7; 32]; 3], note: forged(last + 9) };
    let name = format!("{:012}.add-checkpoint", last + 9);
    elsewhere.lays(&name, &request.to_string());
    elsewhere.looks().exits(7).refuses_with("LOG019");
    // Nor does what was asked of an older one help: it waits, and after a day that is said.
    elsewhere.lays(&name, &WitnessRequest { old: signed[0], ..request }.to_string());
    elsewhere.looks().exits(0).says("nothing newer to sign");
    let later = format!("{}T23:30:00Z", "2026-03-05");
    elsewhere.looks_at(&later).exits(1).refuses_with("LOG020");
    elsewhere.lays(&format!("{last:012}.checkpoint"), &forged(last));
    elsewhere.looks().exits(7).refuses_with("LOG019");
    // What another key has signed is nobody's, and counts for nothing.
    elsewhere.lays(&name, "old 0\n\nbex/other\n99\nAAAA\n\n— bex/other AAAA\n");
    assert_eq!(elsewhere.cosigned(), signed);
}

#[test]
fn a_witness_that_stopped_before_it_laid_its_signature_there_lays_it_there_the_next_time() {
    let elsewhere = Elsewhere::new();
    let signed = elsewhere.cosigned();
    let file = names(&elsewhere.anchor()).into_iter().find(|name| name.ends_with(".cosigned")).unwrap();
    fs::remove_file(elsewhere.anchor().join(file)).unwrap();
    elsewhere.looks().exits(0).says("signed");
    assert_eq!(elsewhere.cosigned(), signed);
    let seen = names(elsewhere.state.path()).into_iter().find(|name| name.ends_with(".seen")).unwrap();
    fs::write(elsewhere.state.path().join(seen), "forgotten").unwrap();
    elsewhere.looks().exits(2).refuses_with("LOG021");
}

#[test]
fn what_is_sent_is_anchored_before_it_is_so_that_a_machine_put_back_does_not_send_it_again() {
    let world = anchored();
    let kept = tempfile::tempdir().unwrap();
    copy_folder(&world.site().join("state"), kept.path());
    // The machine dies as soon as the carrier has the file, before the command could sign what it has done.
    let tried = (24..60).map(|step| {
        let tried = world.copy();
        assert!(tried.bex(&["run", FEED, "--abort-at", &step.to_string()]).aborted(), "{step}");
        tried
    });
    let died = tried.into_iter().find(|tried| !tried.carrier("alpha-health").inbox().is_empty()).unwrap();
    fs::remove_dir_all(died.site().join("state")).unwrap();
    copy_folder(kept.path(), &died.site().join("state"));
    died.bex(&["run", FEED]).exits(7).refuses_with("LOG005");
}
