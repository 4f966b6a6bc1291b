//! Somebody changes what bex has kept: the store by hand, with its triggers at rest; a sealed file; a key. The next
//! command that would send notices, whichever it is; nothing is sent; and it is not forgotten by the one after it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use bex::access::Actor;
use bex::crypt::age::Identity;
use bex::engine::clock::Clock;
use bex::engine::{Engine, RecordPlace};
use bex::model::ids::Pseudonym;
use bex::model::record::FamilyColumn;
use bex::store::{FamilyCell, Store, TRACED, TracedTable};

use crate::harness::database::{Database, is_postgres};
use crate::harness::demo_site::{World, copy_folder, names};
use crate::harness::first_feed::FirstFeed;

const CARRIERS: [&str; 3] = ["alpha-health", "beta-dental", "gamma-vision"];

/// Every command that can send, or lets something be sent.
const SENDING: [&[&str]; 16] = [
    &["run"],
    &["run", "--due"],
    &["resume", "1"],
    &["release", "1", "--reason", "r"],
    &["resend", "1", "--reason", "r", "--confirm", "1"],
    &["rebuild", "1", "--reason", "r", "--confirm", "1"],
    &["attest", "1", "--delivered", "--reason", "r", "--evidence", "e", "--confirm", "1"],
    &["void", "1", "--reason", "r"],
    &["settle", "1", "--lost", "--evidence", "e", "--reason", "r", "--confirm", "1"],
    &["disclose", "approve", "1", "--expect", "x", "--reason", "r"],
    &["unhold", "sample-logistics-alpha-health", "--reason", "r"],
    &["answer", "sample-logistics-alpha-health", "0000000000", "REC001", "tell", "--reason", "r"],
    &["acks", "settle", "1", "--reason", "r"],
    &["approve", "1", "--confirm", "1", "--reason", "r"],
    &["notify"],
    &["acks"],
];

/// What somebody does.
enum Deed {
    /// With every trigger at rest.
    Sql(&'static str),
    /// With what the database itself holds against it left at work.
    Plain(&'static str),
    /// To a file below the site.
    File(fn(&World)),
}

/// Kinds of tampering, each with the codes that may be said of it first.
const DEEDS: &[(&str, Deed, &[&str])] = &[
    ("a record is deleted", Deed::Sql("DELETE FROM event WHERE seq = 5"), &["LOG002"]),
    ("the newest record is deleted", Deed::Sql("DELETE FROM event WHERE seq = (SELECT MAX(seq) FROM event)"), &["LOG002"]),
    (
        "the newest records are deleted and the tree is cut to what is left",
        Deed::Sql("DELETE FROM event WHERE seq > 20; DELETE FROM tree; UPDATE counter SET next = 21 WHERE name = 'event'"),
        &["LOG002", "LOG003"],
    ),
    (
        "two records are swapped",
        Deed::Sql(
            "UPDATE event SET seq = -1 WHERE seq = 5; UPDATE event SET seq = 5 WHERE seq = 6;
             UPDATE event SET seq = 6 WHERE seq = -1",
        ),
        &["LOG001", "LOG003"],
    ),
    (
        "a record is rewritten",
        Deed::Sql("UPDATE event SET leaf = REPLACE(leaf, 'run.opened', 'run.voided')"),
        &["LOG001", "LOG003"],
    ),
    (
        "a record is added",
        Deed::Sql("INSERT INTO event (seq, leaf, hash) SELECT seq + 1, leaf, hash FROM event ORDER BY seq DESC LIMIT 1"),
        &["LOG001", "LOG003"],
    ),
    ("the tree is put back", Deed::Sql("UPDATE tree SET size = 1, frontier = (SELECT hash FROM event WHERE seq = 1)"), &["LOG003"]),
    // Each note has a blank before its signature; a letter of the signature itself is missing in one of eight.
    ("a checkpoint is altered", Deed::Sql("UPDATE checkpoint SET note = REPLACE(note, ' ', ' A')"), &["LOG004", "LOG003"]),
    ("the checkpoints are deleted, and the log's key", Deed::File(|world| {
        world.database.tamper("DELETE FROM checkpoint; UPDATE event SET leaf = REPLACE(leaf, 'run.opened', 'run.voided')");
        fs::remove_file(world.site().join("keys/log.key")).unwrap();
    }), &["LOG001", "LOG003"]),
    (
        "a delivery is set back",
        Deed::Sql("UPDATE delivery SET state = 'sealed', delivered_at = NULL WHERE id = 1;
            UPDATE run SET state = 'failed', closed_at = NULL WHERE id = 1"),
        &["LOG006"],
    ),
    ("a delivery is set forward", Deed::Sql("UPDATE delivery SET state = 'rejected' WHERE id = 2"), &["LOG006"]),
    ("a delivery's digest is another", Deed::Sql("UPDATE delivery SET sealed_bytes = sealed_bytes + 1 WHERE id = 2"), &["LOG006"]),
    ("an attempt is deleted", Deed::Sql("DELETE FROM attempt WHERE delivery = 1"), &["LOG006"]),
    ("a run is deleted", Deed::Sql("DELETE FROM slot; DELETE FROM run_rules WHERE run = 2; DELETE FROM run WHERE id = 2"), &["LOG006"]),
    ("a run is added", Deed::Sql("INSERT INTO run (id, feed, business_date, seq, census_input, elections_input, opened_at, state)
        VALUES (99, 'x', '2026-03-02', 1, 1, 1, '2026-03-02T00:00:00Z', 'open')"), &["LOG007"]),
    ("an answer's state is another", Deed::Sql("UPDATE acknowledgement SET state = 'settled' WHERE id = 1"), &["LOG006"]),
    ("covered people are added", Deed::Sql("UPDATE ledger SET covered = covered + 1 WHERE from_delivery = 1"), &["LOG008"]),
    ("what a carrier was told is deleted", Deed::Sql("DELETE FROM ledger WHERE from_delivery = 2"), &["LOG008"]),
    ("one family that a carrier was told of is deleted", Deed::Sql(
        "DELETE FROM ledger WHERE from_delivery = 2 AND key = (SELECT key FROM ledger WHERE from_delivery = 2 ORDER BY key LIMIT 1)"), &["LOG008"]),
    ("what a carrier was told is another family's", Deed::Sql(
        "UPDATE ledger SET sealed = (SELECT sealed FROM ledger ORDER BY sealed LIMIT 1) WHERE from_delivery = 1"), &["LOG008"]),
    ("an older version of a family stands in the newer one's place", Deed::Sql(
        "UPDATE family SET sealed = (SELECT o.sealed FROM family AS o WHERE o.source = family.source AND o.key = family.key
           AND o.until_input = family.from_input)
         WHERE EXISTS (SELECT 1 FROM family AS o WHERE o.source = family.source AND o.key = family.key
           AND o.until_input = family.from_input)"), &["LOG008"]),
    ("a family is deleted", Deed::Sql("DELETE FROM family WHERE key = (SELECT key FROM family ORDER BY key LIMIT 1)"), &["LOG008"]),
    ("a family's digest is another", Deed::Sql("UPDATE family SET digest = sealed WHERE until_input IS NULL"), &["LOG008"]),
    ("a control number is raised", Deed::Sql("UPDATE counter SET next = next + 10 WHERE name LIKE 'isa13%'"), &["LOG006"]),
    (
        "a setting of a carrier is made to say what nobody has approved",
        Deed::Sql("UPDATE setting SET value = 'x' WHERE name = (SELECT MIN(name) FROM setting)"),
        &["LOG006"],
    ),
    ("a control number is lowered", Deed::Sql("UPDATE counter SET next = 1 WHERE name LIKE 'isa13%'"), &["LOG006"]),
    ("an input counts as not read", Deed::Sql("UPDATE input SET state = 'archived', settled_at = NULL WHERE id = 1"), &["LOG006"]),
    ("what a delivery was decided for is another", Deed::Sql("UPDATE binding SET terms = '{}' WHERE delivery = 1"), &["LOG006"]),
    (
        "a file counts as destroyed that nobody has destroyed",
        Deed::Sql("INSERT INTO destroyed (name, class, at, shredded, act) VALUES ('x', 'inputs', '2026-03-02T00:00:00Z', 1, 1)"),
        &["LOG007"],
    ),
    (
        "an order to keep is made up",
        Deed::Sql("INSERT INTO legal_hold (id, employer, since, act) VALUES (1, '', '2026-03-02T00:00:00Z', 1)"),
        &["LOG007"],
    ),
    (
        "a family counts as destroyed that nobody has destroyed",
        Deed::Sql(
            "INSERT INTO shredded (key, key_id, at, act)
             SELECT key, key, '2026-03-02T00:00:00Z', 1 FROM family ORDER BY key LIMIT 1",
        ),
        &["LOG007"],
    ),
    (
        "something counts as told that nobody has asked for",
        Deed::Sql(
            "INSERT INTO told_otherwise (id, purpose, family, sealed, asked_at, asked_by, act)
             SELECT 1, 'threat', key, sealed, '2026-03-02T00:00:00Z', 'x', 1 FROM family ORDER BY key LIMIT 1",
        ),
        &["LOG007"],
    ),
    ("the store is written to past bex, and its triggers are not thought of", Deed::Plain("UPDATE delivery SET settled = 1"), &["LOG007"]),
    ("a file of the archive is damaged", Deed::File(|world| damage(&files(world, "archive", "").pop().unwrap())), &["LOG009"]),
    ("a file of the archive is deleted", Deed::File(|world| {
        fs::remove_file(files(world, "archive", "").pop().unwrap()).unwrap();
    }), &["LOG009"]),
    ("the archive's key is another", Deed::File(|world| {
        let key = world.site().join("keys/archive.age");
        fs::remove_file(&key).unwrap();
        Identity::create(&key).unwrap();
    }), &["LOG010"]),
];

fn files(world: &World, folder: &str, beginning: &str) -> Vec<PathBuf> {
    let folder = world.site().join("state").join(folder);
    names(&folder).into_iter().filter(|name| name.starts_with(beginning)).map(|name| folder.join(name)).collect()
}

fn damage(file: &PathBuf) {
    let mut bytes = fs::read(file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(file, bytes).unwrap();
}

fn sent(world: &World) -> Vec<Vec<String>> {
    CARRIERS.iter().map(|name| world.carrier(name).inbox()).collect()
}

impl Deed {
    fn does(&self, world: &World) {
        match self {
            Deed::Sql(sql) => world.database.tamper(sql),
            Deed::Plain(sql) => world.database.execute(sql),
            Deed::File(deed) => deed(world),
        }
    }
}

/// Everything of a site that somebody can change, to be put back.
struct Before {
    folder: tempfile::TempDir,
    database: crate::harness::database::Backup,
}

impl Before {
    fn of(world: &World) -> Before {
        let folder = tempfile::tempdir().unwrap();
        for part in ["state", "keys", "inbox"] {
            copy_folder(&world.site().join(part), &folder.path().join(part));
        }
        Before { folder, database: world.database.backup() }
    }

    fn put_back(&self, world: &World) {
        for part in ["state", "keys", "inbox"] {
            let site = world.site().join(part);
            fs::remove_dir_all(&site).unwrap();
            copy_folder(&self.folder.path().join(part), &site);
        }
        world.database.restore(&self.database);
    }
}

#[test]
fn whatever_is_tampered_with_the_next_command_that_would_send_notices_and_none_after_it_forgets() {
    let world = World::before_the_third_night();
    let (before, sent_before) = (Before::of(&world), sent(&world));
    for (at, (what, deed, codes)) in DEEDS.iter().enumerate() {
        deed.does(&world);
        // Each command is the first for some of the deeds, and every command comes after.
        let first = SENDING[at % SENDING.len()];
        let said = world.bex(first).exits(7);
        assert!(codes.iter().any(|code| said.text().contains(code)), "{what}, {first:?}: {}", said.text());
        for command in SENDING {
            let said = world.bex(command).exits(7);
            assert!(said.text().contains("LOG0"), "{what}, then {command:?}: {}", said.text());
        }
        world.bex(&["verify"]).exits(7);
        assert_eq!(sent(&world), sent_before, "{what}: nothing is sent");
        before.put_back(&world);
    }
}

/// How many rows a table has that are named one by one.
fn rows_of(world: &World, table: &TracedTable) -> u64 {
    let store = Store::open_keyless(world.database.location(), Actor::named("test")).unwrap();
    let mut rows = 0;
    let counted = store.each_traced(table, &mut |_| rows += 1);
    counted.map_or(0, |()| rows)
}

#[test]
fn of_every_table_that_the_log_names_row_by_row_a_row_that_is_gone_is_missed() {
    let world = World::before_the_third_night();
    let before = world.database.backup();
    let mut missed = 0;
    for table in TRACED {
        let rows = rows_of(&world, table);
        if rows == 0 {
            continue;
        }
        world.database.tamper(&format!("DELETE FROM {}", table.name));
        let said = world.bex(&["verify"]).exits(7);
        assert!(said.text().contains("LOG006"), "{} rows of {}: {}", rows, table.name, said.text());
        world.database.restore(&before);
        missed += 1;
    }
    assert!(missed >= 12, "{missed} tables have rows");
    world.bex(&["verify"]).exits(0);
}

#[test]
fn why_somebody_acted_is_missed_where_it_is_gone_and_found_where_it_is_not_as_it_was_written() {
    let feed = FirstFeed::unreached();
    feed.bex(2, &["void", "1", "--reason", "the carrier's folder is gone"]).exits(0);
    let store = Database::File(feed.site().join("state/bex.db"));
    let before = store.backup();
    let deeds = [
        ("DELETE FROM detail", "LOG006"),
        ("UPDATE detail SET sealed = X'05'", "LOG006"),
        ("INSERT INTO detail (seq, sealed) SELECT 1, sealed FROM detail", "LOG007"),
    ];
    for (sql, code) in deeds {
        store.tamper(sql);
        feed.bex(2, &["verify"]).exits(7).says(code).says("detail/");
        store.restore(&before);
    }
    feed.bex(2, &["verify"]).exits(0);
    feed.bex(2, &["audit", "show", "--reasons"]).exits(0).says("the carrier's folder is gone");
}

/// A sealed record by the row that it stands in.
struct Sealed {
    of: String,
    key: Pseudonym,
    from: i64,
    column: FamilyColumn,
    sealed: Vec<u8>,
}

impl Sealed {
    fn of(cell: &FamilyCell) -> Sealed {
        let key = Pseudonym(cell.key.try_into().unwrap());
        Sealed { of: cell.of.to_string(), key, from: cell.from, column: cell.column, sealed: cell.sealed.to_vec() }
    }

    /// What the row opens, if it is given these bytes.
    fn opens(&self, engine: &Engine, sealed: &[u8]) -> Result<(), &'static str> {
        let at = RecordPlace { of: &self.of, key: self.key, from: self.from };
        engine.open_cell(at, self.column, sealed).map(drop).map_err(|fault| fault.code)
    }

    fn is_beside(&self, other: &Sealed) -> bool {
        (&self.of, self.key, self.column) == (&other.of, other.key, other.column) && self.from != other.from
    }
}

#[test]
fn no_record_of_a_family_opens_in_an_earlier_or_a_later_version_of_its_row() {
    let world = World::before_the_third_night();
    let engine = Engine::open_to_read(bex::config::load(&world.site()).unwrap(), Clock::default()).unwrap();
    let mut all = Vec::new();
    engine.store.each_set_family(&mut |row| all.push(Sealed::of(&row.cell()))).unwrap();
    engine.store.each_set_version(&mut |row| all.extend(row.cells().iter().map(Sealed::of))).unwrap();
    all.retain(|sealed| !sealed.sealed.is_empty());
    let mut exchanged = BTreeMap::new();
    for one in &all {
        one.opens(&engine, &one.sealed).unwrap();
        for other in all.iter().filter(|other| one.is_beside(other)) {
            assert_eq!(one.opens(&engine, &other.sealed), Err("VAU002"));
            *exchanged.entry(one.column.word()).or_insert(0) += 1;
        }
    }
    // What is told stands with what is known; by itself it was in rows of earlier versions of bex.
    assert_eq!(exchanged.len(), 2, "each kind of record has stood in another version of its row: {exchanged:?}");
}

#[test]
fn what_was_put_back_is_doubted_until_a_person_settles_it_with_a_reason() {
    let world = World::before_the_third_night();
    let before = world.database.backup();
    world.database.tamper("UPDATE counter SET next = next + 10 WHERE name LIKE 'isa13%'");
    world.bex(&["run"]).exits(7).refuses_with("LOG006");
    world.database.restore(&before);
    world.bex(&["run"]).exits(7).refuses_with("LOG011");
    world.bex(&["verify"]).exits(7).says("LOG011");
    world.bex(&["recover"]).exits(7);
    world.bex(&["recover", "--reason", "  "]).exits(7);
    world.bex(&["recover", "--reason", "put back from this morning's copy"]).exits(0);
    world.bex(&["run"]).exits(0);
    world.bex(&["verify"]).exits(0).says("everything is as it was recorded");
    let leaves = world.bex(&["audit", "show", "--limit", "1000"]).exits(0);
    assert!(leaves.text().contains("log.settled") && !leaves.text().contains("this morning"));
    world.bex(&["audit", "show", "--reasons"]).exits(0).says("put back from this morning's copy");
}

#[test]
fn whatever_a_person_takes_as_it_stands_is_what_the_log_says_from_then_on() {
    let world = World::before_the_third_night();
    let before = Before::of(&world);
    for (what, deed, _) in DEEDS {
        // What these leave cannot be worked with, whoever takes it as it stands.
        if ["key", "archive", "input counts"].iter().any(|part| what.contains(part)) {
            continue;
        }
        deed.does(&world);
        world.bex(&["run"]).exits(7);
        world.bex(&["recover", "--reason", "r"]).exits(0);
        let said = world.bex(&["verify"]);
        assert!(said.text().contains("everything is as it was recorded"), "{what}: {}", said.text());
        before.put_back(&world);
    }
}

#[test]
fn a_store_that_is_older_than_its_anchor_sends_nothing() {
    let world = World::new();
    let anchor = world.site().join("anchor");
    fs::create_dir_all(&anchor).unwrap();
    let file = world.site().join("bex.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "\n[audit]\nanchor = \"anchor\"\n").unwrap();
    world.employers_send(1);
    world.bex(&["run"]).exits(0);
    assert!(!names(&anchor).is_empty());
    let (older, state) = (world.database.backup(), Before::of(&world));
    world.fetch_acks().exits(0);
    // Somebody puts everything of the machine back, so that nothing on it contradicts the store.
    state.put_back(&world);
    world.database.restore(&older);
    world.bex(&["acks"]).exits(7).refuses_with("LOG005");
    world.bex(&["verify"]).exits(7).says("LOG005");
    world.bex(&["recover", "--reason", "the disk was replaced"]).exits(0);
    world.bex(&["acks"]).exits(0);
    world.bex(&["verify"]).exits(0);
    fs::remove_dir_all(&anchor).unwrap();
    world.bex(&["run"]).exits(2).refuses_with("LOG012");
}

#[test]
fn what_is_written_once_is_not_written_again_by_hand() {
    if is_postgres() {
        return;
    }
    let world = World::after_the_first_night();
    let refused = [
        "UPDATE ledger SET covered = 99",
        "UPDATE ledger SET sealed = change",
        "DELETE FROM ledger",
        "UPDATE family SET sealed = digest",
        "DELETE FROM family",
        "UPDATE delivery SET number = number + 1",
        "DELETE FROM delivery",
        "DELETE FROM attempt",
        "DELETE FROM run",
        "UPDATE counter SET next = 1",
        "DELETE FROM counter",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM checkpoint",
        "UPDATE event SET leaf = ''",
        "DELETE FROM event",
    ];
    for sql in refused {
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.database.execute(sql)));
        assert!(done.is_err(), "{sql}");
    }
    world.bex(&["verify"]).exits(0).says("everything is as it was recorded");
}
