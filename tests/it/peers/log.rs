//! The log as others verify it: a program that shares nothing with ours, and the libraries of somebody else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash, check_record, check_tree, record_hash};

use bex::audit::{consistency, leaf_hash};

use crate::harness::demo_site::World;

struct Exported {
    world: World,
    folder: PathBuf,
}

impl Exported {
    /// The log after a night with its answers, as it is given to somebody.
    fn new() -> Exported {
        let world = World::after_the_first_night();
        let folder = world.site().join("export");
        world.bex(&["audit", "export", "--out", folder.to_str().unwrap()]).exits(0).says("checkpoints");
        Exported { world, folder }
    }

    fn record(&self, record: u64) -> PathBuf {
        let folder = self.world.site().join(format!("record-{record}"));
        let (out, record) = (folder.to_str().unwrap().to_string(), record.to_string());
        self.world.bex(&["audit", "export", "--out", &out, "--record", &record]).exits(0);
        folder
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    fn leaves(&self) -> Vec<String> {
        self.text("leaves.jsonl").lines().map(str::to_string).collect()
    }
}

/// What the independent program says of a folder; none where it refuses.
fn checked(folder: &Path) -> Result<String, String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/log_check.py");
    let done = Command::new("python3").arg(program).arg(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() { Ok(text(&done.stdout)) } else { Err(text(&done.stderr)) }
}

#[test]
fn a_program_that_shares_nothing_with_ours_verifies_an_export_and_refuses_an_altered_one() {
    let exported = Exported::new();
    let said = checked(&exported.folder).unwrap();
    assert!(said.starts_with(&format!("{} records, ", exported.leaves().len())) && said.ends_with("good\n"), "{said}");
    let record = exported.record(3);
    assert!(checked(&record).unwrap().contains("in the log"));
    assert!(!record.join("leaves.jsonl").exists(), "whoever may see one record sees no other");

    let leaves = exported.text("leaves.jsonl");
    for altered in [leaves.replace("run.opened", "run.voided"), leaves.replacen("\"seq\":4,", "\"seq\":5,", 1)] {
        fs::write(exported.folder.join("leaves.jsonl"), altered).unwrap();
        assert!(checked(&exported.folder).is_err());
    }
    fs::write(record.join("leaf.json"), leaves.lines().next().unwrap()).unwrap();
    assert!(checked(&record).unwrap_err().contains("not in the log"));
}

/// What somebody else's library reads of a checkpoint that it finds signed.
fn read(note: &str, key: &str) -> Checkpoint {
    let verifier = StandardVerifier::new(key.trim()).unwrap();
    let note = Note::from_bytes(note.as_bytes()).unwrap();
    let (signed, _) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!(signed.len(), 1);
    Checkpoint::from_bytes(note.text()).unwrap()
}

#[test]
fn the_libraries_of_others_accept_our_checkpoints_and_proofs() {
    let exported = Exported::new();
    let (key, leaves) = (exported.text("log.pub"), exported.leaves());
    let newest = read(&exported.text("checkpoint"), &key);
    assert_eq!(newest.size(), leaves.len() as u64);
    let hashes: Vec<[u8; 32]> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();

    // Every earlier checkpoint is a beginning of the newest.
    let parts = exported.text("checkpoints");
    let parts: Vec<&str> = parts.split("\n\n").collect();
    let earlier = parts.chunks(2).map(|pair| format!("{}\n\n{}\n", pair[0], pair[1].trim_end()));
    for note in earlier {
        let old = read(&note, &key);
        let proof = consistency(&hashes, old.size() as usize).into_iter().map(Hash).collect();
        check_tree(&proof, newest.size(), *newest.hash(), old.size(), *old.hash()).unwrap();
    }

    let record = exported.record(7);
    let proof = fs::read_to_string(record.join("leaf.tlog-proof")).unwrap();
    let (head, note) = proof.split_once("\n\n").unwrap();
    let path = head.lines().skip(2).map(|node| Hash::parse_hash(node).unwrap()).collect();
    let tree = read(note, &key);
    let leaf = record_hash(&fs::read(record.join("leaf.json")).unwrap());
    check_record(&path, tree.size(), *tree.hash(), 6, leaf).unwrap();
}
