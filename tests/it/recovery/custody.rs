//! What is kept: another key for the vault, whatever interrupts it; a backup that is one because it was restored; files
//! whose time is over, of which no copy opens again.

use std::fs;
use std::path::Path;

use bex::crypt::keyring::KeyReference;
use bex::crypt::vault_file::VaultKeys;

use crate::harness::database::{Backup, is_postgres};
use crate::harness::demo_site::{World, copy_folder, names};

const FEED: &str = "sample-logistics-alpha-health";
const ACCOUNT: [&str; 5] = ["affected", "--delivery", "1", "--list", "--reason"];

/// A site's state and keys, to be put back.
struct Kept {
    folder: tempfile::TempDir,
    database: Backup,
}

impl Kept {
    fn of(world: &World) -> Kept {
        let folder = tempfile::tempdir().unwrap();
        for part in ["state", "keys"] {
            copy_folder(&world.site().join(part), &folder.path().join(part));
        }
        Kept { folder, database: world.database.backup() }
    }

    fn put_back(&self, world: &World) {
        for part in ["state", "keys"] {
            fs::remove_dir_all(world.site().join(part)).unwrap();
            copy_folder(&self.folder.path().join(part), &world.site().join(part));
        }
        world.database.restore(&self.database);
    }
}

fn vault_keys(world: &World) -> VaultKeys {
    VaultKeys::read(&KeyReference::File(world.site().join("keys/vault.key"))).unwrap()
}

/// Everything that is sealed opens: families, what carriers were told, reasons, names of files.
fn opens(world: &World) {
    world.bex(&["verify"]).exits(0).says("everything is as it was recorded");
    world.bex(&[&ACCOUNT[..], &["looked at"]].concat()).exits(0);
    world.bex(&["show", "input", "1"]).exits(0).says("called");
    world.bex(&["show", "1"]).exits(0).says("read by somebody");
    world.bex(&["audit", "show", "--reasons", "--limit", "500"]).exits(0);
}

/// Somebody has said something of a run, which is kept sealed.
fn somebody_acts(world: &World) {
    let plan = world.bex(&["settle", "1", "--lost", "--plan", "--json"]).exits(0).json();
    let people = plan["plan"]["people"].to_string();
    let settle = ["settle", "1", "--lost", "--evidence", "e", "--reason", "read by somebody", "--confirm", &people];
    world.bex(&settle).exits(0);
}

#[test]
fn another_vault_key_takes_over_wherever_it_is_interrupted_and_the_one_before_opens_nothing_any_more() {
    let world = World::after_the_first_night();
    somebody_acts(&world);
    let (before, first) = (Kept::of(&world), vault_keys(&world));
    let rotate = ["keys", "rotate", "--reason", "its copy was stolen"];
    let mut step = 1;
    // At each step of the way: what is there opens, and the same command brings it to its end.
    while world.bex(&[&rotate[..], &["--abort-at", &step.to_string()]].concat()).aborted() {
        opens(&world);
        world.bex(&rotate).exits(0);
        assert!(!vault_keys(&world).is_moving());
        opens(&world);
        before.put_back(&world);
        step += 3;
    }
    assert!(step > 20, "{step} steps");
    let moved = vault_keys(&world);
    assert!(!moved.is_moving() && moved.fingerprint() != first.fingerprint());
    opens(&world);
    world.bex(&["audit", "show", "--reasons", "--limit", "500"]).exits(0).says("its copy was stolen");
    world.bex(&["keys", "list"]).exits(0).says(&moved.fingerprint()).never_says("has not moved");
    let kept = world.site().join(format!("keys/vault.before-{}", first.fingerprint()));
    let opened_by = |key: &Path| world.bex(&[&ACCOUNT[..], &[key.to_str().unwrap()]].concat());
    // With the key before in its place, nothing opens: what is there has moved.
    let (key, now) = (world.site().join("keys/vault.key"), fs::read(world.site().join("keys/vault.key")).unwrap());
    fs::write(&key, fs::read(&kept).unwrap()).unwrap();
    opened_by(&key).exits(7).refuses_with("VAU001");
    fs::write(&key, &now).unwrap();
    // The night goes on, and what a backup of before the change holds opens once its key is put beside the new one.
    world.employers_send(2);
    world.bex(&["run"]).exits(0);
    world.bex(&["verify"]).exits(0);
}

#[test]
fn an_older_store_under_the_key_before_is_moved_once_that_key_is_named() {
    let world = World::after_the_first_night();
    somebody_acts(&world);
    let (older, first) = (world.database.backup(), vault_keys(&world).fingerprint());
    world.bex(&["keys", "rotate", "--reason", "every year"]).exits(0);
    world.database.restore(&older);
    let key = world.site().join("keys/vault.key");
    let before = fs::read_to_string(world.site().join(format!("keys/vault.before-{first}"))).unwrap();
    let both = format!("{}before {}\n", fs::read_to_string(&key).unwrap(), before.lines().next().unwrap());
    fs::write(&key, both).unwrap();
    world.bex(&["keys", "list"]).exits(0).says("has not moved yet").says(&first);
    world.bex(&["keys", "rotate", "--reason", "a backup of before it"]).exits(0);
    assert!(!vault_keys(&world).is_moving());
    opens(&world);
}

#[test]
fn a_backup_is_restored_before_it_counts_as_one_and_holds_no_key() {
    let world = World::after_the_first_night();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backup");
    let to = folder.to_str().unwrap();
    world.bex(&["backup", "--to", world.site().join("state/b").to_str().unwrap()]).exits(2).refuses_with("KEP001");
    world.bex(&["backup", "--to", to]).exits(0).says("restored on trial");
    world.bex(&["backup", "--to", to]).exits(2).refuses_with("KEP001");
    assert_eq!(names(&folder), ["backup.json", "bex.toml", "mappings", "schedules", "state"]);
    assert_eq!(names(place.path()), ["backup"], "nothing of the trial is left");
    assert_eq!(names(&folder.join("state")), ["archive", "bex.db", "outbox"]);
    world.bex(&["backup", "--check", to]).exits(0);
    // What somebody or a disk has done to it is noticed by the next check.
    for path in ["state/bex.db", "bex.toml", "state/archive", "state/outbox"] {
        let file = folder.join(path);
        let file = if file.is_dir() { file.join(&names(&file)[0]) } else { file };
        let (bytes, mut damaged) = (fs::read(&file).unwrap(), fs::read(&file).unwrap());
        let middle = damaged.len() / 2;
        damaged[middle..].fill(0);
        fs::write(&file, damaged).unwrap();
        let said = world.bex(&["backup", "--check", to]);
        assert!(matches!(said.status, Some(1 | 7)), "{path}: {said:?}");
        fs::write(&file, bytes).unwrap();
    }
    world.bex(&["backup", "--check", to]).exits(0);
    if is_postgres() {
        return;
    }
    // On another machine: the folder, and the keys from where copies of keys are kept.
    fs::remove_dir_all(world.site().join("state")).unwrap();
    copy_folder(&folder.join("state"), &world.site().join("state"));
    world.bex(&["verify"]).exits(0);
    world.employers_send(2);
    world.bex(&["run", FEED]).exits(0).says("delivered");
}

// ── how long it is kept ──

/// In seven years and a day everything of the first nights is due.
const LATER: &str = "2033-03-10T09:00:00Z";

fn later(world: &World, command: &[&str]) -> crate::harness::demo_site::Said {
    world.bex_without_clock(&[command, &["--now", LATER]].concat())
}

#[test]
fn what_is_due_is_destroyed_so_that_no_copy_opens_and_an_order_to_keep_goes_before_it() {
    let mut world = World::after_the_first_night();
    world.employers_send(2);
    world.bex(&["run"]).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    let place = tempfile::tempdir().unwrap();
    let backups = ["one", "two"].map(|name| place.path().join(name));
    world.bex(&["backup", "--to", backups[0].to_str().unwrap()]).exits(0);
    copy_folder(&backups[0], &backups[1]);
    world.bex(&["retention", "list"]).exits(0).never_says("what is due");
    let due = later(&world, &["retention", "list", "--json"]).exits(0).json();
    let digest = due["digest"].as_str().unwrap().to_string();
    let files = due["due"].as_array().unwrap().clone();
    assert!(files.iter().any(|file| file["class"] == "inputs") && files.iter().any(|file| file["class"] == "answers"));
    assert!(files.iter().any(|file| file["class"] == "deliveries"));
    // What the next night is held against is needed, however old.
    assert_eq!(due["classes"][0]["needed"], 4);
    later(&world, &["retention", "destroy", "--expect", "0", "--reason", "r"]).exits(2).refuses_with("KEP006");
    let hold = ["retention", "hold", "--case", "11-CV-7", "--reason", "asked by a court"];
    later(&world, &hold).exits(0).says("hold 1");
    later(&world, &["retention", "list"]).exits(0).says("hold 1 keeps everything").never_says("what is due");
    later(&world, &["retention", "destroy", "--expect", &digest, "--reason", "r"]).exits(2).refuses_with("KEP006");
    later(&world, &["retention", "lift", "2", "--reason", "r"]).exits(2).refuses_with("KEP007");
    later(&world, &["retention", "lift", "1", "--reason", "the case is closed"]).exits(0);
    // Stopped anywhere, the same command goes on, and what is recorded as destroyed is not missed.
    let destroy = ["retention", "destroy", "--expect", &digest, "--reason", "its time is over"];
    later(&world, &[&destroy[..], &["--abort-at", "3"]].concat()).aborted();
    later(&world, &["verify"]).exits(0);
    let said = later(&world, &destroy);
    assert!(matches!(said.status, Some(0 | 2)), "{said:?}");
    later(&world, &["verify"]).exits(0).says("everything is as it was recorded");
    let listed = later(&world, &["retention", "list", "--json"]).exits(0).json();
    assert_eq!(listed["due"], serde_json::json!([]));
    for file in files {
        let (name, folder) =
            (file["name"].as_str().unwrap(), if file["class"] == "deliveries" { "outbox" } else { "archive" });
        assert!(!world.site().join("state").join(folder).join(name).exists(), "{name}");
    }
    // Every backup there is is restored, and tries: with every key that the site still has.
    for backup in &backups {
        let tried = later(&world, &["backup", "--check", backup.to_str().unwrap(), "--json"]).exits(0).json();
        assert!(tried["destroyed"].as_u64().unwrap() >= 8, "{tried}");
    }
    let archive = bex::crypt::age::Identity::read(&KeyReference::File(world.site().join("keys/archive.age"))).unwrap();
    for name in names(&backups[0].join("state/archive")) {
        let sealed = fs::File::open(backups[0].join("state/archive").join(&name)).unwrap();
        assert_eq!(bex::crypt::age::decrypt(&archive, sealed).err().map(|fault| fault.code), Some("AGE004"), "{name}");
    }
    // The nights go on.
    world.employers_send(3);
    world.bex(&["run"]).exits(0);
}
