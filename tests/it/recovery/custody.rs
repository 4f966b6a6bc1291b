//! What is kept: another key for the vault, whatever interrupts it; a backup that is one because it was restored; files
//! whose time is over, of which no copy opens again.

use std::fs;
use std::path::Path;

use bex::act::{REASON_WORD, act_context};
use bex::audit::{Action, Event};
use bex::crypt::keyring::KeyReference;
use bex::crypt::vault_file::VaultKeys;
use bex::engine::clock::Clock;
use bex::engine::{Engine, Steps};
use bex::store::NewAct;

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
    // Named in any way, and from anywhere: the trial removes what it has made, and nothing else.
    for (name, from) in [(".", folder.as_path()), ("../backup/", &folder), ("backup/.", place.path())] {
        let said = world.bex_from(from, &["backup", "--check", name]).exits(0);
        assert!(said.out.contains("restored on trial"), "{name}: {said:?}");
    }
    let named = place.path().join("a.trial");
    fs::rename(&folder, &named).unwrap();
    world.bex(&["backup", "--check", named.to_str().unwrap()]).exits(0);
    fs::rename(&named, &folder).unwrap();
    world.bex(&["backup", "--check", place.path().to_str().unwrap()]).exits(2).refuses_with("KEP012");
    world.bex(&["backup", "--check", "/nowhere"]).exits(2).refuses_with("KEP012");
    assert_eq!(names(place.path()), ["backup"], "nothing of any trial is left");
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
    let mirror = place.path().join("file-keys");
    copy_folder(&world.site().join("state/file-keys"), &mirror);
    fs::remove_dir_all(world.site().join("state")).unwrap();
    copy_folder(&folder.join("state"), &world.site().join("state"));
    let without = world.bex(&["backup", "--check", to]);
    assert!(without.text().contains("KEP003"), "{without:?}");
    copy_folder(&mirror, &world.site().join("state/file-keys"));
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

// ── families ──

const LEFT: &str = "EXM-1008";
const ACCOUNT_OF_LEFT: [&str; 7] =
    ["disclosures", "--member", LEFT, "--since", "2026-01-01", "--reason", "asked by the member"];

#[test]
fn what_is_destroyed_is_destroyed_in_the_mirror_as_well_and_an_older_mirror_put_back_is_noticed() {
    let world = after_a_family_has_left();
    let mirror = world.site().parent().unwrap().join("mirror");
    fs::create_dir(&mirror).unwrap();
    world.edit("bex.toml", "[keys]\n", "[keys]\nmirror = \"../mirror\"\n");
    world.bex(&["notify"]).exits(0);
    let older: Vec<(String, Vec<u8>)> =
        names(&mirror).into_iter().map(|name| (name.clone(), fs::read(mirror.join(&name)).unwrap())).collect();
    let digest =
        later(&world, &["retention", "list", "--json"]).exits(0).json()["digest"].as_str().unwrap().to_string();
    let destroy = ["retention", "destroy", "--expect", &digest, "--reason", "seven years are over"];
    later(&world, &destroy).exits(0).says("1 family destroyed");
    let same = || {
        names(&mirror).iter().all(|name| {
            fs::read(mirror.join(name)).unwrap() == fs::read(world.site().join("state/file-keys").join(name)).unwrap()
        })
    };
    assert!(same() && names(&mirror).len() < older.len(), "keys of files are gone, too");
    let family = |bytes: &[u8]| bytes[16..].chunks(56).map(|entry| entry[20..52].to_vec()).collect::<Vec<_>>();
    let (was, is) =
        (&older.iter().find(|(name, _)| name == "families").unwrap().1, fs::read(mirror.join("families")).unwrap());
    let ended =
        family(was).iter().zip(family(&is)).filter(|(was, is)| **was != *is).map(|(_, is)| is).collect::<Vec<_>>();
    assert_eq!(ended, [vec![0; 32]]);
    // An older mirror, put back, opens again what was destroyed: it is noticed, and what it brought is destroyed.
    older.iter().for_each(|(name, bytes)| fs::write(mirror.join(name), bytes).unwrap());
    later(&world, &["verify"]).exits(7).refuses_with("KEP011");
    later(&world, &["retention", "destroy", "--expect", "0", "--reason", "r"]).exits(2).refuses_with("KEP006");
    later(&world, &["verify"]).exits(0);
    assert!(same());
}

/// A file of the third night without the family that has left.
fn without_the_family_that_left(path: &str) -> String {
    let text = World::text_of(3, path);
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(LEFT)).collect();
    assert!(lines.len() < text.lines().count(), "{path}");
    lines.join("\n") + "\n"
}

/// Somebody leaves in the second night, and stands in no file of the third.
fn after_a_family_has_left() -> World {
    let mut world = World::before_the_third_night();
    for path in ["example-manufacturing/census.csv", "example-manufacturing/elections.csv"] {
        world.arrives(path, without_the_family_that_left(path));
    }
    world.bex(&["run"]).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    world
}

/// How many families are due, and what a destruction is bound to.
fn families_due(world: &World) -> (u64, String) {
    let (class, digest) = class_of(world, "families");
    (class["due"].as_u64().unwrap(), digest)
}

/// How a class stands when its time may be over, and what a destruction is bound to.
fn class_of(world: &World, word: &str) -> (serde_json::Value, String) {
    let listed = later(world, &["retention", "list", "--json"]).exits(0).json();
    let class = listed["classes"].as_array().unwrap().iter().find(|class| class["class"] == word).unwrap();
    (class.clone(), listed["digest"].as_str().unwrap().to_string())
}

#[test]
fn the_records_of_a_family_that_has_left_are_destroyed_so_that_no_backup_opens_them_and_the_nights_go_on() {
    let world = after_a_family_has_left();
    let place = tempfile::tempdir().unwrap();
    let backups = ["one", "two"].map(|name| place.path().join(name));
    let keys = world.site().join("state/file-keys/families");
    world.bex(&["backup", "--to", backups[0].to_str().unwrap()]).exits(0);
    copy_folder(&backups[0], &backups[1]);
    world.bex(&ACCOUNT_OF_LEFT).exits(0).says("Alpha").never_says("destroyed");
    let before = world.bex(&["affected", "--delivery", "1"]).exits(0).text();
    // An order to keep goes before every age, and who is still covered stays.
    let (due, _) = families_due(&world);
    assert_eq!(due, 1, "one family has left");
    let hold = ["retention", "hold", "--employer", "example-manufacturing", "--case", "c", "--reason", "r"];
    later(&world, &hold).exits(0);
    assert_eq!(families_due(&world).0, 0);
    later(&world, &["retention", "lift", "1", "--reason", "r"]).exits(0);
    let (due, digest) = families_due(&world);
    assert_eq!(due, 1);
    let mirror = fs::read(&keys).unwrap();
    // Stopped anywhere, the same command goes on.
    let destroy = ["retention", "destroy", "--expect", &digest, "--reason", "seven years are over"];
    later(&world, &[&destroy[..], &["--abort-at", "2"]].concat()).aborted();
    let said = later(&world, &destroy);
    assert!(matches!(said.status, Some(0 | 2)), "{said:?}");
    assert_eq!(families_due(&world).0, 0);
    later(&world, &["verify"]).exits(0).says("2 keys of families").says("everything is as it was recorded");
    // Every backup there is is restored, and tries: with every key that the site still has.
    for backup in &backups {
        let tried = later(&world, &["backup", "--check", backup.to_str().unwrap(), "--json"]).exits(0).json();
        assert!(tried["records_destroyed"].as_u64().unwrap() >= 6, "{tried}");
        assert!(tried["records"].as_u64().unwrap() > 50, "{tried}");
    }
    // Whoever asks is told that it is so, and nothing else of it.
    later(&world, &ACCOUNT_OF_LEFT).exits(0).says("destroyed when their time was over").never_says("to Alpha");
    let after = later(&world, &["affected", "--delivery", "1"]).exits(0).says("1 more family").text();
    assert_ne!(before, after);
    // An older copy of the keys, put back, is noticed, and what it brought is destroyed again.
    let destroyed = fs::read(&keys).unwrap();
    fs::write(&keys, &mirror).unwrap();
    later(&world, &["verify"]).exits(7).refuses_with("KEP011");
    later(&world, &["retention", "destroy", "--expect", "0", "--reason", "r"]).exits(2).refuses_with("KEP006");
    later(&world, &["verify"]).exits(0);
    assert_eq!(fs::read(&keys).unwrap(), destroyed);
    // Another key for the vault moves what is left, and the family may come again.
    world.bex(&["keys", "rotate", "--reason", "every year"]).exits(0);
    world.employers_send(3);
    world.bex(&["run"]).exits(0);
    world.bex(&["verify"]).exits(0);
    world.bex(&["backup", "--to", place.path().join("three").to_str().unwrap()]).exits(0).says("open no more");
}

#[test]
fn a_certificate_of_families_names_nobody_and_the_log_has_a_record_of_it() {
    let world = after_a_family_has_left();
    let digest = families_due(&world).1;
    let said = later(&world, &["retention", "destroy", "--expect", &digest, "--reason", "its time is over"]).exits(0);
    said.says("1 family destroyed");
    let folder = world.site().join("state/certificates");
    let text = fs::read_to_string(folder.join(&names(&folder)[0])).unwrap();
    let certificate: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(certificate["families"]["families"], 1);
    let reference = bex_reference(&world);
    assert!(!text.contains(LEFT) && !text.contains(&reference), "{text}");
    let log = world.bex(&["audit", "show", "--limit", "500"]).exits(0).says("families.shredded").text();
    assert!(!log.contains(LEFT));
}

/// What pages print for the family that has left.
fn bex_reference(world: &World) -> String {
    let json = world.bex(&[&ACCOUNT_OF_LEFT[..], &["--format", "json"]].concat()).exits(0).json();
    let parts = [b"example-manufacturing".as_slice(), LEFT.as_bytes()];
    let vault = bex::crypt::vault::Vault::read(&KeyReference::File(world.site().join("keys/vault.key"))).unwrap();
    assert_eq!(json["disclosures"], serde_json::json!([]));
    bex::model::ids::Pseudonym(vault.pseudonym("family", &parts)).short()
}

#[test]
fn a_site_whose_file_of_family_keys_is_gone_opens_and_begins_nothing_until_its_mirror_is_put_back() {
    let world = World::after_the_first_night();
    let keys = world.site().join("state/file-keys/families");
    let mirror = fs::read(&keys).unwrap();
    fs::remove_file(&keys).unwrap();
    world.employers_send(2);
    let said = world.bex(&["run"]);
    assert!(said.text().contains("KEY012"), "{said:?}");
    assert!(!keys.exists(), "none is begun in its place");
    fs::write(&keys, &mirror).unwrap();
    world.bex(&["run"]).exits(0);
    world.bex(&["verify"]).exits(0);
}

// ── what people type ──

const GONE: &str = "(destroyed: its time was over)";
const REASONS: [&str; 5] = ["audit", "show", "--reasons", "--limit", "500"];

#[test]
fn what_people_typed_ends_with_the_key_of_its_month_so_that_no_copy_of_the_store_opens_it() {
    let world = World::after_the_first_night();
    somebody_acts(&world);
    world.bex(&["keys", "rotate", "--reason", "somebody typed this, too"]).exits(0);
    let older = Kept::of(&world);
    world.bex(&["show", "1"]).exits(0).says("read by somebody");
    world.bex(&REASONS).exits(0).says("somebody typed this, too");
    // Whoever is named in it may be anybody: any order keeps all of it.
    let hold = ["retention", "hold", "--employer", "example-manufacturing", "--case", "c", "--reason", "r"];
    later(&world, &hold).exits(0);
    assert_eq!(
        (&class_of(&world, "reasons").0["due"], &class_of(&world, "reasons").0["ordered"]),
        (&0.into(), &1.into())
    );
    later(&world, &["retention", "lift", "1", "--reason", "r"]).exits(0);
    let (class, digest) = class_of(&world, "reasons");
    assert_eq!((&class["due"], &class["files"]), (&1.into(), &2.into()), "one month of two: {class}");
    let destroy = ["retention", "destroy", "--expect", &digest, "--reason", "seven years are over"];
    let done = later(&world, &[&destroy[..], &["--json"]].concat()).exits(0).json();
    assert_eq!(done["reasons"]["months"], serde_json::json!(["2026-03"]), "{done:#}");
    later(&world, &["verify"]).exits(0).says("everything is as it was recorded");
    let told = |world: &World| {
        later(world, &["show", "1"]).exits(0).says(GONE).says("settle --lost").never_says("read by somebody");
        later(world, &REASONS).exits(0).says(GONE).never_says("somebody typed this");
    };
    told(&world);
    let (class, _) = class_of(&world, "reasons");
    assert_eq!((&class["destroyed"], &class["files"]), (&1.into(), &1.into()), "{class}");
    assert_eq!(class_of(&world, "families").0["destroyed"], 0);
    let log = later(&world, &["audit", "show", "--limit", "500"]).exits(0);
    log.says("reasons.shredded").never_says("read by somebody");
    // Another key for the vault moves what is left.
    later(&world, &["keys", "rotate", "--reason", "every year"]).exits(0);
    told(&world);
    later(&world, &["verify"]).exits(0);
    // An older store beside the keys of now opens it no more.
    world.database.restore(&older.database);
    let keys = world.site().join("keys");
    fs::remove_dir_all(&keys).unwrap();
    copy_folder(&older.folder.path().join("keys"), &keys);
    later(&world, &["show", "1"]).exits(0).says(GONE).never_says("read by somebody");
}

#[test]
fn what_was_typed_before_months_had_keys_opens_and_ends_after_it_was_sealed_anew() {
    let world = World::after_the_first_night();
    {
        let moment = world.now().parse().unwrap();
        let site = bex::config::load(&world.site()).unwrap();
        let engine = Engine::open(site, Clock::fixed_at(moment), Steps::default()).unwrap();
        let mut change = engine.change().unwrap();
        let id = change.next_act().unwrap();
        let reason = engine.vault.seal(act_context(id, REASON_WORD).as_bytes(), b"typed long ago");
        let act = NewAct { id, act: "settle --lost", feed: FEED, run: Some(1), reason, evidence: None };
        change.record_act(&act).unwrap();
        engine.commit(change, &[Event::new(Action::DeliverySettled)]).unwrap();
    }
    world.bex(&["show", "1"]).exits(0).says("typed long ago");
    let (class, _) = class_of(&world, "reasons");
    assert_eq!((&class["due"], &class["needed"]), (&0.into(), &1.into()), "{class}");
    world.bex(&["keys", "rotate", "--reason", "an upgrade"]).exits(0);
    world.bex(&["show", "1"]).exits(0).says("typed long ago");
    assert_eq!(class_of(&world, "reasons").0["due"], 1);
    world.bex(&["verify"]).exits(0);
}
