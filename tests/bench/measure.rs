//! What only an optimised build can show: `cargo test --release --test measure -- --nocapture --test-threads 1`.
//!
//! The large vectors are judged, and how fast the edges are is told. A binary of its own, so that not every test of the
//! development build has to be built a second time for it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on fails.
#![allow(clippy::disallowed_methods)] // A test makes the files it needs, and looks at the clock.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A measurement is what it prints.
#![allow(dead_code, reason = "the harness and the vectors serve the other tests, too")]

mod bare_database;
mod bombs;
mod census;
mod feeds;
#[path = "../it/census/files.rs"]
mod files;
#[path = "../it/harness/mod.rs"]
mod harness;
mod intake;
#[path = "../it/x12/vectors.rs"]
mod vectors;
#[path = "../it/census/other_workbooks.rs"]
mod other_workbooks;
mod rooms;
mod two_nights;
#[path = "../it/census/workbooks.rs"]
mod workbooks;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use bex::access::Actor;
use bex::audit::{Action, Authorship, Event, Frontier, Imprints, RowImprint, SetDigest, leaf_hash};
use bex::crypt::age::{self, Identity};
use bex::crypt::spool::Spool;
use bex::crypt::vault::Vault;
use bex::model::ids::Pseudonym;
use bex::state::RunState;
use bex::store::{NewRun, Staged, Store};
use bex::transport::Connect;
use bex::verify::{Examined, Part, examine, examine_log};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use sha2::{Digest as _, Sha256};

use crate::bare_database::BareDatabase;
use crate::harness::carrier::Carrier;
use crate::harness::database::is_postgres;
use crate::harness::demo_site::World;
use crate::harness::postgres_server::{self, PostgresServer};
use crate::harness::sshd::Sshd;
use crate::rooms::{Beside, Databases, input_row, new_delivery};
use crate::two_nights::{TwoNights, two_nights};

const MIB: u64 = 1024 * 1024;

fn tell(what: &str, amount: f64, unit: &str, took: Duration) {
    println!("{what:<44} {:>10.1} {unit}/s", amount / took.as_secs_f64());
}

/// Seconds of processor time that this process has used, with those of threads that have ended: others work on the same
/// machine.
fn processor_seconds() -> f64 {
    let used = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    seconds(used.user_time()) + seconds(used.system_time())
}

/// The processor time that this process uses from now on.
struct Spent(f64);

impl Spent {
    fn begin() -> Spent {
        Spent(processor_seconds())
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs_f64(processor_seconds() - self.0)
    }
}

/// What something gives, and the processor time that it took.
fn spent<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Spent::begin();
    (work(), begun.elapsed())
}

/// The least that something has taken in a few rounds, in processor time.
fn least<T>(mut work: impl FnMut() -> T) -> (T, Duration) {
    (0..5).map(|_| spent(&mut work)).min_by_key(|(_, took)| *took).unwrap()
}

/// The most memory that this process had at once, whatever it was for.
fn resident_mib() -> u64 {
    memory_mib("VmHWM:")
}

/// As a process begins to have it now: what it had at most before is forgotten.
fn resident_anew_mib() -> u64 {
    fs::write("/proc/self/clear_refs", "5").unwrap();
    memory_mib("VmRSS:")
}

fn memory_mib(of: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(of)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn large_vectors_are_judged_as_their_headers_say() {
    let begun = Spent::begin();
    vectors::large_vectors_are_judged_as_their_headers_say();
    println!("the large vectors took {:.1} s; resident at most {} MiB", begun.elapsed().as_secs_f64(), resident_mib());
}

/// One of the works that stand beside their limits.
fn told(one: &Beside) {
    let Beside { what, ours, unit, limit, limit_is } = one;
    let times = one.times();
    println!("{what:<44} {ours:>12.1} {unit}/s; {limit_is}: {limit:.1}; {times:.2} times as long");
}

#[test]
fn measure_the_vault() {
    rooms::vault().iter().for_each(told);
    let (vault, rounds) = (Vault::new(&[1; 32]).unwrap(), 1_000_000_u32);
    let mut bytes = 0;
    let begun = Spent::begin();
    for number in 0..rounds {
        bytes += vault.pseudonym("family", &[b"employer", &number.to_be_bytes()])[0] as usize;
    }
    tell("pseudonyms", f64::from(rounds), "names", begun.elapsed());
    assert!(bytes > 0);
}

/// Two empty databases of this process's server, which both end with it.
fn server_databases() -> Databases {
    let server = PostgresServer::shared();
    let [ours, bare] = [(); 2].map(|()| std::mem::ManuallyDrop::new(server.empty_database()));
    let bare = BareDatabase::server(&server.options(&bare.name));
    Databases { kind: "PostgreSQL", ours: ours.location(), bare }
}

/// In a file, or a second time over a server: `BEX_TEST_DATABASE=postgres`.
#[test]
fn measure_the_store() {
    postgres_server::as_shipped();
    let folder = tempfile::tempdir().unwrap();
    let databases = if is_postgres() { server_databases() } else { Databases::files(folder.path()) };
    rooms::store(databases).iter().for_each(told);
}

/// The records of so many changes, each of so many rows, in a store of their own.
fn log_of(folder: &std::path::Path, changes: u32, rows: u32) -> Duration {
    let store = Store::open(folder.join("bex.db").as_path(), Actor::named("bench"), [7; 8]).unwrap();
    let begun = Spent::begin();
    for n in 0..changes {
        let mut change = store.change("2026-03-02T21:00:00Z").unwrap();
        (0..rows).for_each(|row| change.record_aside(&format!("file-{n}-{row}")).unwrap());
        change.commit(&[Event::new(Action::InputRepeated).count("n", n.into())]).unwrap();
    }
    begun.elapsed()
}

/// As many changes of as many rows in a database file of the same settings, with no log: a night makes its changes
/// whether or not they are recorded.
fn unrecorded(folder: &std::path::Path, changes: u32, rows: u32) -> Duration {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
    use sqlx::{Connection as _, Executor as _};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.join("bare.db")).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        connection.execute("CREATE TABLE aside (name TEXT NOT NULL PRIMARY KEY)").await.unwrap();
        let begun = Spent::begin();
        for n in 0..changes {
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            for row in 0..rows {
                let insert = sqlx::query("INSERT INTO aside (name) VALUES ($1)").bind(format!("file-{n}-{row}"));
                insert.execute(&mut connection).await.unwrap();
            }
            connection.execute("COMMIT").await.unwrap();
        }
        begun.elapsed()
    })
}

#[test]
fn measure_the_log() {
    let rounds = 1_000_000_u32;
    let row = RowImprint { row: "delivery/1".into(), was: None, is: Some("sealed".into()), sha256: Some([7; 32]) };
    let left = Imprints { rows: vec![row], ..Imprints::default() };
    let actor = Actor::named("bench");
    let by = Authorship { environment: Some("test"), ..actor.clone().into() };
    let begun = Spent::begin();
    let mut tree = Frontier::default();
    for n in 0..rounds {
        let leaf =
            Event::new(Action::RunOpened).count("run", n.into()).leaf(n.into(), "2026-03-02T21:00:00Z", &by, &left);
        tree.append(leaf_hash(&leaf));
    }
    tell("leaves written, hashed and appended", f64::from(rounds), "records", begun.elapsed());
    assert_eq!(tree.size(), u64::from(rounds));

    let folder = tempfile::tempdir().unwrap();
    let changes = 20_000;
    tell("changes of one row, each with its record", f64::from(changes), "changes", log_of(folder.path(), changes, 1));
    let store = Store::open_keyless(folder.path().join("bex.db").as_path(), actor).unwrap();
    let state = folder.path().to_path_buf();
    let examined = Examined { store: &store, key: None, anchor: None, witness: None, state, mirror: None };
    let (found, took) = least(|| examine_log(&examined).unwrap());
    tell("records of a store verified, a processor", found.leaves as f64, "records", took);
    let (found, took) = least(|| examine(&examined, Part::WHOLE).unwrap());
    assert!(found.findings.is_empty() && found.rows >= u64::from(changes), "{:?}", found.findings);
    tell("the same with the rows they name", found.leaves as f64, "records", took);
    println!("{:<44} {:>10.2} × the 500,000 it is meant to reach", "", {
        found.leaves as f64 / took.as_secs_f64() / 500_000.0
    });
}

/// What the log's part of a night takes by itself, at most: every set named once more, read from the store; every leaf
/// hashed; and as many changes as there were leaves, of as many rows that triggers name, in a store of their own,
/// less what such changes take without a log.
fn log_alone(world: &World) -> Duration {
    let at = world.site().join("state/bex.db");
    let store = Store::open_keyless(at.as_path(), Actor::named("bench")).unwrap();
    let (leaves, naming) = least(|| {
        let (mut sets, mut tree) = (BTreeMap::<i64, SetDigest>::new(), Frontier::default());
        store.each_set_family(&mut |row| row.begun(sets.entry(row.from).or_default())).unwrap();
        store.each_set_version(&mut |row| row.staged(sets.entry(-row.from).or_default())).unwrap();
        sets.into_iter().for_each(|(of, set)| {
            let _ = std::hint::black_box(set.imprint("ledger.staged", of));
        });
        let leaves = store.events(1, 1_000_000).unwrap();
        leaves.iter().for_each(|leaf| tree.append(leaf_hash(leaf)));
        leaves.len()
    });
    let rows = store.events(1, 1_000_000).unwrap().iter().map(|leaf| leaf.matches("\"row\":").count()).sum::<usize>();
    let folder = tempfile::tempdir().unwrap();
    let each = rows.div_ceil(leaves) as u32;
    let with_log = log_of(folder.path(), leaves as u32, each);
    let without = unrecorded(folder.path(), leaves as u32, each);
    let appending = with_log.saturating_sub(without);
    println!(
        "{leaves} records with {rows} rows: named {:.2} s, changes {:.2} s, without a log {:.2} s",
        naming.as_secs_f64(),
        with_log.as_secs_f64(),
        without.as_secs_f64()
    );
    naming + appending
}

fn members_asked_for() -> u32 {
    std::env::var("BEX_BENCH_MEMBERS").map_or(20_000, |count| count.parse().unwrap())
}

#[test]
fn measure_what_the_log_takes_of_a_night() {
    let (members, mut world) = (members_asked_for(), World::new());
    let night = two_nights(&mut world, members).processor;
    let share = log_alone(&world).as_secs_f64() / night;
    println!(
        "two nights of {members} members {night:.1} s of a processor; the log at most {:.1} %, of 5 % it may take",
        share * 100.0
    );
}

/// The same nights over a server: `BEX_TEST_DATABASE=postgres`, a second time, says what it takes more.
#[test]
fn measure_two_nights_over_a_database() {
    postgres_server::as_shipped();
    let (members, mut world) = (members_asked_for(), World::new());
    let TwoNights { processor, clock: [first, second] } = two_nights(&mut world, members);
    let database = if is_postgres() { "PostgreSQL" } else { "SQLite" };
    println!("{members} members over {database}: {first:.2} and {second:.2} s by the clock, {processor:.1} s of ours");
}

/// A ledger in which each of so many deliveries has told of every family.
fn ledger_of(store: &Store, deliveries: i64, families: u32) {
    for n in 0..deliveries {
        let mut change = store.change("2026-03-02T21:00:00Z").unwrap();
        let [census, elections] =
            ["census/a", "elections/a"].map(|source| change.archive_input(&input_row(source, n), &[7; 16]).unwrap());
        let new = NewRun { feed: "f", business_date: "2026-03-02", census_input: census, elections_input: elections };
        let run = change.open_run(&new).unwrap();
        let (delivery, _) = change.number_delivery(&new_delivery(run)).unwrap();
        let row = |family: u32| {
            let key = Pseudonym(Sha256::digest(family.to_be_bytes())[..16].try_into().unwrap());
            Staged { key, covered: 1, sealed: vec![7; 300], change: vec![7; 200] }
        };
        for batch in (0..families).collect::<Vec<_>>().chunks(5000) {
            change.stage("f", delivery, &batch.iter().map(|family| row(*family)).collect::<Vec<_>>()).unwrap();
        }
        change.set_run_state(run, RunState::Void, Action::RunVoided).unwrap();
        let acts = [Action::InputArchived, Action::RunOpened, Action::DeliveryNumbered, Action::RunVoided];
        change.commit(&acts.map(Event::new)).unwrap();
    }
}

#[test]
fn measure_what_an_account_asks_of_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("bex.db").as_path(), Actor::named("bench"), [7; 8]).unwrap();
    let (deliveries, families) =
        (10, std::env::var("BEX_BENCH_FAMILIES").map_or(100_000, |count| count.parse().unwrap()));
    let begun = Spent::begin();
    ledger_of(&store, deliveries, families);
    tell("rows staged in the ledger", f64::from(families) * deliveries as f64, "rows", begun.elapsed());
    let asked = 1000;
    let begun = Spent::begin();
    for n in 0..asked {
        let family = n * (families / asked).max(1);
        let key = Pseudonym(Sha256::digest(family.to_be_bytes())[..16].try_into().unwrap());
        assert_eq!(store.versions_of("f", key).unwrap().len() as i64, deliveries);
        let told = store.telling("f", key).unwrap();
        let ids: Vec<i64> = told.iter().map(|row| row.id).collect();
        store.sendings(&ids).unwrap();
        assert!(store.told_otherwise_of(key).unwrap().is_empty());
    }
    let each = begun.elapsed().as_secs_f64() * 1e3 / f64::from(asked);
    let rows = f64::from(families) * deliveries as f64;
    println!("{:<44} {each:>10.3} ms of the 50 it may take, over {rows:.0} rows", "an account read from it");
    let state = folder.path().to_path_buf();
    let examined = Examined { store: &store, key: None, anchor: None, witness: None, state, mirror: None };
    let (found, took) = spent(|| examine(&examined, Part::WHOLE).unwrap());
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    tell("rows of the ledger verified, a processor", found.sealed as f64, "rows", took);
    println!(
        "{:<44} {:>10.2} × the 500,000 that records of the log are meant to reach; each is 500 bytes to hash",
        "",
        { found.sealed as f64 / took.as_secs_f64() / 500_000.0 }
    );
}

#[test]
fn measure_age_and_the_spool() {
    let identity = Identity::generate();
    let piece = vec![b'x'; 64 * 1024];
    let begun = Spent::begin();
    let mut out = age::encrypt(&[identity.recipient()], io::sink()).unwrap();
    (0..4096).for_each(|_| out.write_all(&piece).unwrap());
    out.finish().unwrap();
    tell("age encrypt 256 MiB", 256.0, "MiB", begun.elapsed());

    let folder = tempfile::tempdir().unwrap();
    let begun = Spent::begin();
    let mut spool = Spool::new(folder.path());
    (0..4096).for_each(|_| spool.write_all(&piece).unwrap());
    let spooled = spool.finish().unwrap();
    tell("spool 256 MiB", 256.0, "MiB", begun.elapsed());
    let begun = Spent::begin();
    io::copy(&mut spooled.open(), &mut io::sink()).unwrap();
    tell("read the spool", 256.0, "MiB", begun.elapsed());
    println!("resident at most {} MiB", resident_mib());
}

fn transfer(what: &str, connect: &dyn Connect) {
    let mut transport = connect.connect().unwrap();
    for (round, mib) in [1, 60, 60, 240].into_iter().enumerate() {
        let path = format!("inbox/{round}");
        let begun = Instant::now();
        transport.put_new(&path, &mut io::repeat(b'x').take(mib * MIB), mib * MIB).unwrap();
        tell(&format!("{what}: put {mib} MiB"), mib as f64, "MiB", begun.elapsed());
        let begun = Instant::now();
        transport.digest(&path, u64::MAX).unwrap();
        tell(&format!("{what}: read back {mib} MiB"), mib as f64, "MiB", begun.elapsed());
    }
    println!("resident at most {} MiB", resident_mib());
}

#[test]
fn measure_a_real_openssh_server() {
    let server = Sshd::start();
    fs::create_dir(server.folder.join("inbox")).unwrap();
    transfer("openssh", &server.site());
}

#[test]
fn measure_the_simulated_carrier() {
    let carrier = Carrier::start();
    transfer("simulated", &carrier.site());
}

#[test]
fn measure_the_census() {
    let (megabytes, families) = files::rate();
    println!("{:<44} {megabytes:>10.1} MB/s, {families:.0} families/s", "census read, checked and grouped");
    println!("resident at most {} MiB", resident_mib());
}
