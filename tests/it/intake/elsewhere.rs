//! Sources that do not come as files into the inbox: files fetched from a server, and rows that a database tells.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::harness::demo_site::names;
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, ELECTIONS_MAPPING, FirstFeed};
use crate::harness::mariadb_server::{MariadbDatabase, MariadbServer, PASSWORD};
use crate::harness::postgres_server::PostgresServer;
use crate::harness::sshd::Sshd;

const FILE: &str = "file = \"elections*.csv\"\n";

/// The elections of the fixture, as a table with typed columns.
fn table() -> Vec<String> {
    let make = "CREATE TABLE election (\"Employee ID\" TEXT, \"Plan\" TEXT, \"Coverage Level\" TEXT,
        \"Effective Date\" DATE, \"End Date\" DATE, \"Covered Dependents\" TEXT, \"Monthly Cost\" NUMERIC,
        \"Event\" TEXT, \"Waived\" TEXT, salary NUMERIC, at INTEGER)";
    let names: Vec<String> = ELECTIONS.lines().next().unwrap().split(',').map(|name| format!("\"{name}\"")).collect();
    let insert = |(index, line): (usize, &str)| {
        let values: Vec<String> = line.split(',').map(sql).collect();
        let (names, values) = (names.join(", "), values.join(", "));
        format!("INSERT INTO election ({names}, salary, at) VALUES ({values}, 90000.5, {index})")
    };
    std::iter::once(make.to_string()).chain(ELECTIONS.lines().skip(1).enumerate().map(insert)).collect()
}

/// A cell as a database holds it: days as days, nothing as null.
fn sql(cell: &str) -> String {
    match chrono::NaiveDate::parse_from_str(cell, "%m/%d/%Y") {
        _ if cell.is_empty() => "NULL".to_string(),
        Ok(day) => format!("'{day}'"),
        Err(_) => format!("'{cell}'"),
    }
}

const QUERY: &str = "select \\\"Employee ID\\\", \\\"Plan\\\", \\\"Coverage Level\\\", \\\"Effective Date\\\", \
                     \\\"End Date\\\", \\\"Covered Dependents\\\", \\\"Monthly Cost\\\", \\\"Event\\\", \
                     \\\"Waived\\\" from election order by at -- all";

fn asks(feed: &FirstFeed, url: &str, query: &str) {
    feed.edit(ELECTIONS_MAPPING, FILE, "");
    for column in ["Effective Date", "End Date"] {
        let written = format!("{{ header = \"{column}\", format = \"date:MM/DD/YYYY\" }}");
        feed.edit(ELECTIONS_MAPPING, &written, &format!("\"{column}\""));
    }
    let place = format!("[database]\nurl = \"{url}\"\nquery = \"{query}\"\n\n[columns]\n");
    feed.edit(ELECTIONS_MAPPING, "[columns]\n", &place);
}

fn in_file(path: &str, statements: &[String]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        for statement in statements {
            connection.execute(AssertSqlSafe(statement.clone())).await.unwrap();
        }
    });
}

#[test]
fn of_two_columns_of_one_name_that_a_database_tells_none_is_taken() {
    let feed = FirstFeed::new();
    let query = QUERY.replace("select ", "select \\\"Plan\\\" as \\\"Coverage Level\\\", ");
    asks(&feed, "sqlite:enrolment.db", &query);
    in_file(feed.site().join("enrolment.db").to_str().unwrap(), &table());
    feed.sends("census.csv", CENSUS);
    feed.night(2).exits(1).says("CEN003").says("column tier");
    assert_eq!(feed.sent(), 0);
}

/// Four nights of elections that a database tells; `execute` is what its owners do to it.
fn nights(feed: &FirstFeed, execute: &dyn Fn(&str)) {
    let rows = "answers with 3 rows of 9 columns";
    feed.bex(2, &["doctor"]).exits(0).says(rows);
    feed.sends("census.csv", CENSUS);
    feed.night(2).exits(0).says("elections/example-employer: input 2 taken in").says("4 add");
    let by_file = FirstFeed::after_first_night(CENSUS);
    let people = |told: &str| told.split('~').filter(|segment| segment.starts_with("NM1*IL")).count();
    assert_eq!(people(&feed.told()), people(&by_file.told()));
    feed.is_acknowledged(2);
    // The same answer is no new file.
    feed.night(3).exits(0).says("nothing to send").never_says("elections/example-employer: input");
    execute("UPDATE election SET \"Monthly Cost\" = 700.25 WHERE at = 0");
    feed.night(4).exits(0).says("elections/example-employer: input 3 taken in").says("1 changed");
    feed.bex(4, &["show", "input", "3"]).exits(0);
    execute("DROP TABLE election");
    feed.bex(5, &["doctor"]).exits(1).refuses_with("INT028");
    feed.night(5).says("INT028").says("the database said so").exits(3);
}

#[test]
fn elections_come_from_a_file_of_a_database() {
    let feed = FirstFeed::new();
    let path = feed.site().join("enrolment.db").display().to_string();
    in_file(&path, &table());
    asks(&feed, "sqlite:enrolment.db", QUERY);
    nights(&feed, &|statement| in_file(&path, &[statement.to_string()]));
}

#[test]
fn elections_come_from_a_server_that_is_only_read() {
    let (feed, database) = (FirstFeed::new(), PostgresServer::shared().empty_database());
    table().iter().for_each(|statement| database.execute(statement));
    database.execute("GRANT ALL ON election TO bex");
    asks(&feed, &database.url(), QUERY);
    nights(&feed, &|statement| database.execute(statement));
}

/// Elections in a MariaDB, of which bex's role may read one table.
fn in_mariadb() -> MariadbDatabase {
    let database = MariadbServer::shared().empty_database();
    table().iter().for_each(|statement| database.execute(&backticked(statement)));
    database.execute("GRANT SELECT ON election TO bex_reader");
    database
}

/// Names as MySQL and MariaDB quote them.
fn backticked(sql: &str) -> String {
    sql.replace(r#"\""#, "`").replace('"', "`").replace("NUMERIC", "NUMERIC(9, 2)")
}

fn asks_mariadb(feed: &FirstFeed, database: &MariadbDatabase, query: &str) {
    asks_mariadb_at(feed, &database.url(), query);
}

fn asks_mariadb_at(feed: &FirstFeed, url: &str, query: &str) {
    asks(feed, url, &backticked(query));
    let key = feed.site().join("keys/enrolment.password");
    fs::write(&key, PASSWORD).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    feed.edit(ELECTIONS_MAPPING, "query = \"", "password = \"file:keys/enrolment.password\"\nquery = \"");
}

#[test]
fn elections_come_from_a_mariadb_that_is_only_read() {
    let (feed, database) = (FirstFeed::new(), in_mariadb());
    asks_mariadb(&feed, &database, QUERY);
    nights(&feed, &|statement| database.execute(&backticked(statement)));
    // The state that an answer tells of is named as the server names it.
    feed.bex(5, &["show", "input", "3"]).exits(0).says("snapshot changes.000,001:");
}

#[test]
fn a_mariadb_is_asked_in_the_order_of_the_query_and_its_bits_are_numbers() {
    let (feed, database) = (FirstFeed::new(), in_mariadb());
    database.execute("ALTER TABLE election ADD told BIT(1)");
    database.execute("UPDATE election SET told = Waived = 'Y'");
    database.execute("ALTER TABLE election DROP Waived, CHANGE told Waived BIT(1)");
    database.execute("UPDATE election SET Plan = 'No such plan' WHERE at = 0");
    asks_mariadb(&feed, &database, &QUERY.replace("order by at", "order by at desc"));
    feed.sends("census.csv", CENSUS);
    // The first row of the table is the last one of the answer.
    feed.night(2).exits(1).says("CEN044").says("example-employer line 4").says("1 add").says("REC004");
}

#[test]
fn over_a_network_a_mariadb_is_asked_within_tls_by_the_name_that_its_certificate_has() {
    let database = in_mariadb();
    let doctor = |url: &str, vouched: bool| {
        let feed = FirstFeed::new();
        asks_mariadb_at(&feed, url, QUERY);
        if vouched {
            fs::write(feed.site().join("keys/enrolment.pem"), database.authority()).unwrap();
            feed.edit(ELECTIONS_MAPPING, "query = \"", "authority = \"keys/enrolment.pem\"\nquery = \"");
        }
        feed.bex(2, &["doctor"])
    };
    let by_name = database.network_url("localhost", "");
    doctor(&by_name, true).exits(0).says("answers with 3 rows of 9 columns");
    // Nobody vouches for it; it is vouched for under another name.
    doctor(&by_name, false).exits(1).refuses_with("INT028").says("not reached");
    doctor(&database.network_url("127.0.0.1", ""), true).exits(1).refuses_with("INT028").says("not reached");
    doctor(&database.network_url("localhost", "?sslmode=disable"), false).exits(0).says("answers with 3 rows");
}

#[test]
fn a_mariadb_is_asked_nothing_that_writes_and_its_words_are_not_repeated() {
    let database = in_mariadb();
    database.execute("GRANT SELECT, INSERT, DELETE ON election TO bex_reader");
    let file = std::env::temp_dir().join(format!("bex-outfile-{}", std::process::id()));
    let into_file = format!("select Plan from election into outfile '{}'", file.display());
    let queries = [
        "with gone as (select 1) delete from election",
        "select 1) as q, (select 2",
        "select Plan into @plan from election limit 1",
        "select Plan from election where Plan = 899311001 + no_such_function('899-31-1001')",
        &into_file,
    ];
    for query in queries {
        let feed = FirstFeed::new();
        asks_mariadb(&feed, &database, query);
        feed.sends("census.csv", CENSUS);
        let night = feed.night(2).exits(1);
        night.says("INT028").says("the database said so").never_says("no_such").never_says("899");
    }
    assert!(!file.exists());
    let feed = FirstFeed::new();
    asks_mariadb(&feed, &database, QUERY);
    feed.bex(2, &["doctor"]).exits(0).says("answers with 3 rows of 9 columns");
    fs::write(feed.site().join("keys/enrolment.password"), "another").unwrap();
    feed.bex(2, &["doctor"]).exits(1).refuses_with("INT028").never_says("another");
}

#[test]
fn a_query_that_writes_is_refused_by_the_mapping_or_by_the_database() {
    let database = PostgresServer::shared().empty_database();
    table().iter().for_each(|statement| database.execute(statement));
    database.execute("GRANT ALL ON election TO bex");
    let hidden = "with gone as (delete from election returning *) select * from gone";
    let out_of_it = "select 1) as q, (select 2";
    let function = "select set_config('a.b', 'c', false), lo_creat(-1)";
    for query in [hidden, out_of_it, function] {
        let feed = FirstFeed::new();
        asks(&feed, &database.url(), query);
        feed.sends("census.csv", CENSUS);
        let night = feed.night(2).exits(1);
        // What a function has written before its server forbade that goes with the transaction, which is never kept.
        if query != function {
            night.says("INT028");
        }
    }
    let left = "EXISTS (SELECT 1 FROM pg_largeobject_metadata) OR (SELECT count(*) FROM election) <> 3";
    database.execute(&format!("DO $$ BEGIN IF {left} THEN RAISE EXCEPTION 'written'; END IF; END $$"));
    let feed = FirstFeed::new();
    asks(&feed, &database.url(), "select 1; drop table election");
    feed.bex(2, &["check"]).says("CFG005").exits(1);
    database.execute("DROP TABLE election");
}

// ── fetched from a server ──

fn fetches(feed: &FirstFeed, server: &Sshd, host_key: &str) {
    let key = feed.site().join("keys/pull.login");
    fs::write(&key, server.login.private.text().unwrap()).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let place = format!(
        "[pull]\nkind = \"sftp\"\nhost = \"127.0.0.1\"\nport = {}\nuser = \"{}\"\n\
         login_key = \"file:keys/pull.login\"\nhost_keys = [\"{}\"]\nfolder = \"out\"\n\n[columns]\n",
        server.port(),
        server.user(),
        host_key.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    );
    for mapping in [CENSUS_MAPPING, ELECTIONS_MAPPING] {
        feed.edit(mapping, "[columns]\n", &place);
    }
    fs::create_dir_all(server.folder.join("out")).unwrap();
}

#[test]
fn files_are_fetched_from_a_server_and_removed_there_once_they_are_ours() {
    let (feed, server) = (FirstFeed::new(), Sshd::start());
    fetches(&feed, &server, server.host_key());
    let out = server.folder.join("out");
    fs::write(out.join("census.csv"), CENSUS).unwrap();
    fs::write(out.join("census.csv.done"), "").unwrap();
    fs::write(out.join("elections-0302.csv"), ELECTIONS).unwrap();
    fs::write(out.join("notes.txt"), "who are you?").unwrap();
    std::os::unix::fs::symlink("notes.txt", out.join("census-link.csv")).unwrap();
    feed.bex(2, &["doctor"]).exits(0).says("login as configured");
    feed.night(2).says("4 add").says("INT027").exits(3);
    assert_eq!(names(&out), ["census-link.csv", "notes.txt"]);
    feed.bex(2, &["show", "input", "1"]).exits(0).says("census.csv");
    feed.is_acknowledged(2);
    // As after a crash between our record and the removal: the file is still there.
    fs::write(out.join("census.csv"), CENSUS).unwrap();
    fs::remove_file(out.join("notes.txt")).unwrap();
    feed.night(3).exits(0).says("RUN011").says("nothing to send");
    assert_eq!(names(&out), ["census-link.csv"]);
    // Two files of one source: the one that was written first is read first.
    fs::write(out.join("census-b.csv"), CENSUS.replace("Ada", "Adah")).unwrap();
    fs::write(out.join("census-a.csv"), CENSUS).unwrap();
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let older = fs::File::options().write(true).open(out.join("census-b.csv")).unwrap();
    older.set_modified(hour_ago).unwrap();
    feed.night(4).exits(0).says("nothing to send");
}

#[test]
fn a_server_that_shows_another_key_is_told_nothing_and_what_came_before_stands() {
    let (feed, server, other) = (FirstFeed::after_first_night(CENSUS), Sshd::start(), Sshd::start());
    fetches(&feed, &server, other.host_key());
    fs::write(server.folder.join("out/census.csv"), CENSUS).unwrap();
    feed.bex(3, &["doctor"]).exits(1).refuses_with("TRA001").says("!! census/example-employer");
    feed.night(3).says("TRA").says("nothing to send").exits(3);
    assert_eq!(names(&server.folder.join("out")), ["census.csv"]);
}

#[test]
fn files_that_make_a_census_are_fetched_and_one_that_is_fetched_twice_waits_for_nobody() {
    let (feed, server) = (FirstFeed::new(), Sshd::start());
    fetches(&feed, &server, server.host_key());
    let pull = fs::read_to_string(feed.site().join(CENSUS_MAPPING)).unwrap();
    let pull = &pull[pull.find("[pull]").unwrap()..pull.find("[columns]").unwrap()];
    let mapping = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/two-files/census.toml"));
    let mapping = mapping.replace("[parts.employees]\n", &format!("{pull}[parts.employees]\n"));
    fs::write(feed.site().join(CENSUS_MAPPING), mapping).unwrap();
    let out = server.folder.join("out");
    let employees = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/two-files/employees.csv"));
    let dependents = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/two-files/dependents.csv"));
    fs::write(out.join("employees_20260302.csv"), employees).unwrap();
    fs::write(out.join("elections.csv"), ELECTIONS).unwrap();
    feed.night(2).says("INT035").says("missing dependents of 2026-03-02").exits(1);
    assert_eq!((names(&out).len(), feed.sent()), (0, 0), "it is ours, and waits");
    fs::write(out.join("dependents_20260302.csv"), dependents).unwrap();
    feed.night(3).exits(0).says("4 add");
    feed.is_acknowledged(3);
    // As after a crash between our record and the removal.
    fs::write(out.join("employees_20260302.csv"), employees).unwrap();
    feed.night(4).exits(0).says("RUN011").never_says("INT035");
    feed.bex(4, &["verify"]).exits(0);
    feed.bex(4, &["doctor"]).exits(0);
}

#[test]
fn fetching_files_and_interrupted_anywhere_comes_to_the_same_end() {
    let server = Sshd::start();
    for at in 1..=4 {
        let (feed, out) = (FirstFeed::new(), server.folder.join("out"));
        fetches(&feed, &server, server.host_key());
        fs::write(out.join("census.csv"), CENSUS).unwrap();
        fs::write(out.join("elections.csv"), ELECTIONS).unwrap();
        assert!(feed.bex(2, &["run", "--date", "2026-03-02", "--abort-at", &at.to_string()]).aborted(), "step {at}");
        feed.night(2).says("4 add").never_says("STO006");
        // What was half received when it died has no name that anybody takes for a file's.
        let archived = names(&feed.site().join("state/archive"));
        let whole = archived.iter().filter(|name| name.ends_with(".age")).count();
        // A file that was recorded and not removed there comes once more, and repeats the one before.
        assert!((2..=3).contains(&whole) && feed.sent() == 1 && names(&out).is_empty(), "step {at}: {archived:?}");
        assert_eq!(names(&feed.site().join("state/claims/census-example-employer.fetched")), [""; 0], "step {at}");
        feed.bex(2, &["verify"]).exits(0);
        fs::read_dir(&out).unwrap().for_each(|left| fs::remove_file(left.unwrap().path()).unwrap());
    }
}
