//! What SQLite sorts for a moment: of the store's rows beside the store, of somebody else's in memory alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::harness::database::is_postgres;
use crate::harness::demo_site::World;
use crate::harness::first_feed::{ELECTIONS_MAPPING, FirstFeed};

/// The files that a command opens of those SQLite makes for a moment.
fn opened_by(site: &Path, arguments: &[&str]) -> Vec<String> {
    let trace = site.join("../trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qqq", "-e", "trace=open,openat", "-o"]).arg(&trace).arg(env!("CARGO_BIN_EXE_bex"));
    strace.arg("--site").arg(site).args(arguments).args(["--now", "2026-03-04T21:00:00Z"]);
    let output = strace.output().expect("install strace (tests/run does)");
    assert!(output.status.code().is_some_and(|status| status < 2), "{output:?}");
    let text = fs::read_to_string(trace).unwrap();
    let paths = text.lines().filter(|line| line.contains("etilqs_")).filter_map(|line| line.split('"').nth(1));
    paths.map(str::to_owned).collect()
}

#[test]
fn what_the_store_sorts_lies_where_the_store_does() {
    if is_postgres() {
        return;
    }
    let world = World::after_the_first_night();
    // More than is kept in memory: whoever asks which families have left has all of them sorted.
    world.database.tamper(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO family (source, key, from_input, until_input, line, digest, incomplete, sealed)
         SELECT 'census/x', randomblob(16), 1, 2, 1, zeroblob(16), 0, zeroblob(8000) FROM n",
    );
    let opened = opened_by(&world.site(), &["retention", "list"]);
    assert!(!opened.is_empty(), "nothing was too much for memory");
    let state = world.site().join("state");
    assert!(opened.iter().all(|path| Path::new(path).starts_with(&state)), "{opened:?}");
    let left = fs::read_dir(state)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("etilqs_"));
    assert_eq!(left.count(), 0, "their names are gone at once");
}

#[test]
fn what_somebody_elses_database_sorts_for_us_lies_in_no_file() {
    let feed = FirstFeed::new();
    let path = feed.site().join("enrolment.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let rows = "CREATE TABLE e AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            SELECT 'E' || i AS \"Employee ID\", hex(randomblob(4000)) AS \"Plan\" FROM n";
        connection.execute(AssertSqlSafe(rows)).await.unwrap();
    });
    feed.edit(ELECTIONS_MAPPING, "file = \"elections*.csv\"\n", "");
    let query = "select * from e order by \\\"Plan\\\"";
    let asked = format!("[database]\nurl = \"sqlite:enrolment.db\"\nquery = \"{query}\"\n\n[columns]\n");
    feed.edit(ELECTIONS_MAPPING, "[columns]\n", &asked);
    assert_eq!(opened_by(&feed.site(), &["doctor"]), Vec::<String>::new());
}
