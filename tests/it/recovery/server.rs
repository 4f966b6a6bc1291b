//! A database server that is cut off, killed or full: nothing is lost, nothing happens twice, and nothing of what it
//! says is repeated. These tests have servers of their own, whatever database the others are run on.

use bex::access::Actor;
use bex::audit::{Action, Event};
use bex::model::ids::{Digest, Pseudonym};
use bex::model::row_line::RowLine;
use bex::state::InputState;
use bex::store::{FamilyRow, Holding, NewRun, Store};

use super::store::new_input;
use crate::harness::cut_off::{Cut, CutOff};
use crate::harness::database::Database;
use crate::harness::demo_site::World;
use crate::harness::first_feed::{CENSUS, FirstFeed};
use crate::harness::leak_scanner::{Canary, Scanner};
use crate::harness::postgres_server::{PostgresDatabase, PostgresServer, location};

const AT: &str = "2026-03-02T21:00:00Z";
const VAULT: [u8; 8] = [7; 8];
const FEED: &str = "sample-logistics-alpha-health";

fn open(url: &str) -> Store {
    Store::open(location(url), Actor::named("test"), VAULT).unwrap()
}

fn event() -> Event {
    Event::new(Action::RunOpened)
}

/// A store that is reached by a way that is cut at this COMMIT.
fn store_behind(database: &PostgresDatabase, n: i64, cut: Cut) -> (CutOff, Store) {
    let way = CutOff::at(PostgresServer::shared().folder(), n, cut);
    let store = open(&format!("postgres://bex@/{}?host={}", database.name, way.folder().display()));
    (way, store)
}

/// Takes a number and commits.
fn step(store: &Store) -> Result<i64, String> {
    let mut change = store.change(AT).map_err(|fault| fault.code.to_string())?;
    let number = change.next_number("test").map_err(|fault| fault.code.to_string())?;
    change.commit(&[event()]).map(|()| number).map_err(|fault| fault.code.to_string())
}

#[test]
fn a_server_that_logs_every_statement_with_all_its_values_learns_nothing_of_anybody() {
    let (feed, database) = (FirstFeed::arrived(), PostgresServer::shared().database());
    feed.edit("bex.toml", "[sender]\n", &format!("[store]\nurl = \"{}\"\n\n[sender]\n", database.url()));
    database.execute(&format!("ALTER DATABASE {} SET log_statement = 'all'", database.name));
    let log = PostgresServer::shared().folder().join("log");
    feed.night(2).exits(0).says("delivered");
    feed.is_acknowledged(2);
    feed.bex(3, &["affected", "--delivery", "1", "--list", "--reason", "asked by somebody"]).exits(0);
    let told = std::fs::read(&log).unwrap();
    let said = String::from_utf8_lossy(&told);
    assert!(said.contains("INSERT INTO family") && said.contains("arameters: "), "it logs statements and values");
    let planted = ["Probeman", "899-31-1001", "899-31-1002", "31 Example Way", "217-555-0141", "asked by somebody"];
    assert!(planted[..5].iter().all(|value| CENSUS.contains(value)));
    let planted = planted.map(|text| Canary { name: text.to_string(), text: text.to_string() });
    assert_eq!(Scanner::new(&planted).find(&told), []);
}

/// A source's first file, of so many families.
fn first_input(store: &Store, source: &str, families: u32) {
    let row = new_input(source, source.into());
    let family = |n: u32| FamilyRow {
        key: Pseudonym([n.to_be_bytes(); 4].concat().try_into().unwrap()),
        line: RowLine::of(1),
        digest: Digest([7; 16]),
        incomplete: false,
        known: false,
        sealed: vec![7; 300],
    };
    let mut change = store.change(AT).unwrap();
    let input = change.archive_input(&row, &[1]).unwrap();
    change.replace_families(source, input, &(0..families).map(family).collect::<Vec<_>>()).unwrap();
    change.settle_input(input, InputState::Applied, [families.into(), 0, 0]).unwrap();
    change.commit(&[Event::new(Action::InputArchived), Event::new(Action::InputApplied)]).unwrap();
}

/// A table that it believes to be empty it would read whole for every thousand families: a night that grows with the
/// square of its members.
#[test]
fn a_server_has_counted_a_first_load_before_anything_is_asked_of_it() {
    let database = PostgresServer::shared().database();
    let store = open(&database.url());
    let counted = |at_least: i64, below: i64| {
        database.execute(&format!(
            "DO $$ BEGIN ASSERT (SELECT reltuples >= {at_least} AND reltuples < {below} FROM pg_class
             WHERE oid = CAST('family' AS regclass)), 'counted otherwise'; END $$"
        ));
    };
    first_input(&store, "census/a", 900);
    counted(-1, 1);
    first_input(&store, "census/b", 2000);
    counted(2900, 2901);
    // One more tenth of what it knows already is not worth it; as much again is.
    first_input(&store, "census/c", 200);
    counted(2900, 2901);
    first_input(&store, "census/d", 3000);
    counted(6100, 6101);
}

/// Who is new has no version to end: none is looked for, and a file that says so of somebody known is refused whole.
#[test]
fn a_family_that_is_known_is_not_begun_a_second_time() {
    let database = PostgresServer::shared().database();
    let store = open(&database.url());
    first_input(&store, "census/a", 2);
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| first_input(&store, "census/a", 2)));
    assert!(again.is_err());
    database.execute("DO $$ BEGIN ASSERT (SELECT COUNT(*) = 2 FROM family), 'other families'; END $$");
}

#[test]
fn a_commit_whose_answer_was_lost_stands_and_is_known_to() {
    let database = PostgresServer::shared().database();
    let (way, store) = store_behind(&database, 2, Cut::After);
    assert_eq!([step(&store), step(&store), step(&store)], [Ok(1), Ok(2), Ok(3)]);
    assert!(way.was_cut());
    assert_eq!(store.events(0, 10).unwrap().len(), 3);
}

#[test]
fn a_commit_that_the_server_never_heard_of_is_a_fault_and_leaves_no_gap() {
    let database = PostgresServer::shared().database();
    let (way, store) = store_behind(&database, 2, Cut::Before);
    assert_eq!([step(&store), step(&store), step(&store)], [Ok(1), Err("STO011".to_string()), Ok(2)]);
    assert!(way.was_cut());
    assert_eq!(store.events(0, 10).unwrap().len(), 2);
}

#[test]
fn a_change_in_which_a_statement_failed_is_not_committed_although_the_server_says_so_kindly() {
    let database = PostgresServer::shared().database();
    let store = open(&database.url());
    let mut change = store.change(AT).unwrap();
    assert_eq!(change.next_number("test"), Ok(1));
    let run = NewRun { feed: FEED, business_date: "2026-03-02", census_input: 1, elections_input: 1 };
    let refused = change.open_run(&run).unwrap_err();
    assert_eq!(refused.code, "STO001", "there are no such inputs");
    assert_eq!(change.commit(&[event()]).unwrap_err().code, "STO001");
    assert_eq!((step(&store), store.events(0, 10).unwrap().len()), (Ok(1), 1));
}

#[test]
fn a_server_that_crashes_in_the_middle_of_a_change_costs_that_change_and_no_other() {
    let mut server = PostgresServer::start();
    server.execute("postgres", "CREATE ROLE bex LOGIN");
    server.make_database("restarted", "template1");
    let store = open(&server.url("restarted"));
    assert_eq!(step(&store), Ok(1));
    server.restart();
    assert_eq!(step(&store), Ok(2), "a connection that is found dead is replaced");
    let mut change = store.change(AT).unwrap();
    assert_eq!(change.next_number("test"), Ok(3));
    server.restart();
    assert_eq!(change.next_number("test").unwrap_err().code, "STO011");
    assert_eq!(change.commit(&[event()]).unwrap_err().code, "STO011");
    assert_eq!(store.events(0, 10).unwrap().len(), 2, "a reader finds the server again");
    assert_eq!(step(&store), Ok(3));
}

#[test]
fn of_two_machines_one_acts_and_the_other_says_so() {
    let database = PostgresServer::shared().database();
    let (one, other) = (open(&database.url()), open(&database.url()));
    assert_eq!((one.hold(Holding::Alone), one.hold(Holding::Alone)), (Ok(true), Ok(true)));
    assert_eq!(other.hold(Holding::Beside), Ok(false));
    drop(one);
    assert_eq!(other.hold(Holding::Alone), Ok(true));
}

#[test]
fn two_machines_act_beside_each_other_but_never_on_one_feed() {
    let database = PostgresServer::shared().database();
    let (one, other) = (open(&database.url()), open(&database.url()));
    assert_eq!((one.hold(Holding::Beside), other.hold(Holding::Beside)), (Ok(true), Ok(true)));
    assert_eq!((one.take_name("feed a"), other.take_name("feed b")), (Ok(true), Ok(true)));
    assert_eq!((other.take_name("feed a"), one.take_name("feed b")), (Ok(false), Ok(false)));
    one.give_name("feed a");
    assert_eq!(other.take_name("feed a"), Ok(true));
    drop(other);
    assert_eq!(one.take_name("feed a"), Ok(true));
}

#[test]
fn a_server_that_does_not_let_us_in_or_is_not_there_is_told_without_a_word_of_its_own() {
    let server = PostgresServer::shared();
    let refused = |url: &str| Store::open(location(url), Actor::named("test"), VAULT).map(drop).unwrap_err();
    for (url, code) in [
        (server.url("nonexistent"), "STO010"),
        (server.url("postgres").replace("bex@", "stranger@"), "STO010"),
        ("postgres://bex@/b?host=/nonexistent".to_string(), "STO009"),
        ("postgres://bex@127.0.0.1:1/b?sslmode=disable".to_string(), "STO009"),
    ] {
        let fault = refused(&url);
        assert_eq!(fault.code, code, "{url}");
        assert!(!format!("{fault:?}").contains("nonexistent") && !format!("{fault:?}").contains("stranger"));
    }
}

/// A world whose store is reached by a way that is cut.
fn world_behind(before: &World, database: &PostgresDatabase, way: &CutOff) -> (World, PostgresDatabase) {
    let (world, copy) = (before.copy(), database.copy());
    world.edit("bex.toml", &database.url(), &format!("postgres://bex@/{}?host={}", copy.name, way.folder().display()));
    (world, copy)
}

#[test]
fn a_night_whose_connection_is_cut_at_any_commit_sends_everything_once() {
    let (mut before, database) = (World::new(), PostgresServer::shared().database());
    // Its store is named here, whatever database the other tests are run for.
    before.database = Database::File(before.site().join("state/bex.db"));
    let site = before.site().join("bex.toml");
    let text = std::fs::read_to_string(&site).unwrap();
    let text = text.split("\n[store]").next().unwrap().to_string();
    std::fs::write(site, format!("{text}\n[store]\nurl = \"{}\"\n", database.url())).unwrap();
    before.employers_send(1);
    before.bex(&["run", FEED]).exits(0);
    before.fetch_acks().exits(0);
    before.next_night();
    before.employers_send(2);
    let mut commits = 0;
    for cut in [Cut::After, Cut::Before] {
        for n in 1.. {
            let way = CutOff::at(PostgresServer::shared().folder(), n, cut);
            let (world, _copy) = world_behind(&before, &database, &way);
            let said = world.bex(&["run", FEED]);
            if !way.was_cut() {
                break;
            }
            commits += 1;
            if cut == Cut::After {
                assert_eq!(said.status, Some(0), "commit {n}: {}", said.text());
            }
            let again = world.bex(&["run", FEED]);
            assert!(matches!(again.status, Some(0 | 6)), "commit {n}: {}", again.text());
            world.bex(&["run", FEED]).exits(6);
            world.fetch_acks().exits(0);
            assert_eq!(world.newest_run(FEED)["delivery"]["state"], "accepted", "{cut:?} {n}");
            assert_eq!(world.carrier("alpha-health").received().len(), 2, "{cut:?} {n}");
        }
    }
    assert!(commits >= 20, "{commits}");
}
