//! An office of a thousand feeds: what its board, its check and its passes take, each beside what it may take.
//!
//! Five hundred employers, each with a census and elections of its own, each told to two carriers; a hundred nights of
//! it, each with new files, a run and an accepted delivery of every feed.

use std::fs;
use std::path::Path;

use bex::config;
use bex::crypt::age::Identity;
use bex::engine::clock::Clock;
use bex::engine::{AnySite, Engine, Steps};
use bex::model::ids::hex;
use bex::night::{GridSize, RunFilter, newest_runs, overview, run_due, runs_wanted, wanting_runs};
use bex::report::{Screen, overview_json, overview_text};
use bex::take_in::{SourcesKnown, mapping_digest, unsaid};

use crate::harness::database::Database;
use crate::harness::first_feed::{CENSUS_MAPPING, ELECTIONS_MAPPING, FirstFeed};
use crate::least;

const EMPLOYERS: usize = 500;
const FEEDS: usize = 2 * EMPLOYERS;
const NIGHTS: usize = 100;
const CARRIERS: [&str; 2] = ["example-carrier", "second-carrier"];

/// What something took, beside what it may take, in the same unit.
fn beside(what: &str, took: f64, limit: f64, unit: &str) {
    println!("{what:<52} {took:>9.2} {unit} of a processor, of {limit} it may take");
}

fn milliseconds<T>(what: &str, limit: f64, work: impl FnMut() -> T) -> T {
    let (found, took) = least(work);
    beside(what, took.as_secs_f64() * 1e3, limit, "ms");
    found
}

/// A copy of a file of the first feed's site, with other names in it.
fn copied(site: &Path, from: &str, to: &str, names: &[(&str, &str)]) {
    let text = fs::read_to_string(site.join(from)).unwrap();
    let text = names.iter().fold(text, |text, (was, is)| text.replace(was, is));
    fs::write(site.join(to), text).unwrap();
}

/// Every feed expects its files by an hour, with so many rows.
fn site_of_many() -> FirstFeed {
    let feed = FirstFeed::new();
    let site = feed.site();
    let mut employers = fs::read_to_string(site.join("bex.toml")).unwrap();
    copied(
        &site,
        "mappings/carriers/example-carrier.toml",
        "mappings/carriers/second-carrier.toml",
        &[("Example Carrier", "Second Carrier"), ("EXAMPLECARRIER", "SECONDCARRIER")],
    );
    // Each carrier has a key of its own.
    let second = site.join("mappings/carriers/second-carrier.toml");
    let text = fs::read_to_string(&second).unwrap();
    let shared = text.lines().find(|line| line.starts_with("recipient")).unwrap();
    fs::write(&second, text.replace(shared, &format!("recipient = \"{}\"", Identity::generate().recipient()))).unwrap();
    for n in 0..EMPLOYERS {
        let name = format!("employer-{n:05}");
        employers += &format!("\n[employers.{name}]\nname = \"EMPLOYER {n}\"\ntax_id = \"91-{n:07}\"\n");
        let employer = [("\"example-employer\"", format!("\"{name}\""))];
        let employer: Vec<(&str, &str)> = employer.iter().map(|(was, is)| (*was, is.as_str())).collect();
        copied(&site, CENSUS_MAPPING, &format!("mappings/census/{name}.toml"), &employer);
        copied(&site, ELECTIONS_MAPPING, &format!("mappings/elections/{name}.toml"), &employer);
        for (k, carrier) in CARRIERS.iter().enumerate() {
            let to = format!("schedules/feed-{n:05}-{k}.toml");
            copied(
                &site,
                "schedules/example-feed.toml",
                &to,
                &[employer[0], ("\"example-carrier\"", &format!("{carrier:?}"))],
            );
            let text = fs::read_to_string(site.join(&to)).unwrap();
            let expect = "\n[expect]\ncensus = { by = \"20:30\", rows = \"20%\" }\nelections = { by = \"20:30\" }\n";
            fs::write(site.join(&to), text + expect).unwrap();
        }
    }
    fs::write(site.join("bex.toml"), employers).unwrap();
    fs::remove_file(site.join("schedules/example-feed.toml")).unwrap();
    feed
}

/// The files of a night lie in the archive: it is looked at whether the newest still do.
fn in_archive(site: &Path, night: usize) {
    fs::create_dir_all(site.join("state/archive")).unwrap();
    for n in 0..2 * EMPLOYERS {
        fs::write(site.join(format!("state/archive/{night}-{n}.age")), "").unwrap();
    }
}

/// A night of every feed, so many times, written as a store would have it.
fn nights_pass(site: &Path) {
    in_archive(site, NIGHTS - 1);
    let night = "date('2026-01-01', '+' || night || ' days')";
    let numbers = |name: &str, count: usize| {
        format!("{name} (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM {name} WHERE n + 1 < {count})")
    };
    let counted = |n: &str, night: &str| {
        let (n, night) = (numbers("some", n.parse().unwrap()), numbers("nights", night.parse().unwrap()));
        format!("WITH RECURSIVE {n}, {night}, every (n, night) AS (SELECT some.n, nights.n FROM nights, some)")
    };
    let sources = counted(&(2 * EMPLOYERS).to_string(), &NIGHTS.to_string());
    let feeds = counted(&FEEDS.to_string(), &NIGHTS.to_string());
    let (all, per_night) = (2 * EMPLOYERS, FEEDS);
    let input = format!(
        "{sources} INSERT INTO input (id, source, business_date, received_at, archive, bytes, content, state, settled_at,
           families, changed, faults)
         SELECT 1 + night * {all} + n, CASE WHEN n % 2 = 0 THEN 'census' ELSE 'elections' END || printf('/employer-%05d', n / 2),
           {night}, {night} || 'T21:00:00Z', printf('%d-%d.age', night, n), 1, randomblob(16), 'applied',
           {night} || 'T21:00:01Z', 40, (n + night) % 3, 0 FROM every"
    );
    let arrival = "INSERT INTO arrival (input, people, unread) SELECT id, 41, 0 FROM input";
    let run = format!(
        "{feeds} INSERT INTO run (id, feed, business_date, seq, census_input, elections_input, opened_at, closed_at, state)
         SELECT 1 + night * {per_night} + n, printf('feed-%05d-%d', n / 2, n % 2), {night}, 1, 1 + night * {all} + n - n % 2,
           2 + night * {all} + n - n % 2, {night} || 'T21:30:00Z', {night} || 'T21:31:00Z', 'done' FROM every"
    );
    let delivery = "INSERT INTO delivery (id, run, feed, carrier, partner, number, style, frozen_at, final_name,
           subscribers, dependents, state, outbox, sealed_sha256, sealed_bytes, delivered_at, g999)
         SELECT id, id, feed, 'example-carrier', 'p', id, 'change', opened_at, 'f' || id, 2, 2, 'accepted', 'o' || id,
           randomblob(32), 5000, closed_at, 'accepted' FROM run";
    let answer = "INSERT INTO acknowledgement (id, carrier, name, bytes, content, archive, received_at, state, delivery)
         SELECT id, carrier, 'a' || id, 500, randomblob(16), 'ack-' || id || '.age', delivered_at, 'applied', id FROM delivery";
    let attempt = "INSERT INTO attempt (delivery, n, temp_name, state, evidence, opened_at)
         SELECT id, 1, 't', 'delivered', 'read-back', opened_at FROM run";
    let database = Database::File(site.join("state/bex.db"));
    for sql in [&input, arrival, &run, delivery, answer, attempt, COUNTERS, "ANALYZE"] {
        database.tamper(sql);
    }
}

/// What comes next has the next number.
const COUNTERS: &str = "INSERT OR REPLACE INTO counter (name, next) SELECT 'input', MAX(id) + 1 FROM input
    UNION ALL SELECT 'run', MAX(id) + 1 FROM run UNION ALL SELECT 'delivery', MAX(id) + 1 FROM delivery
    UNION ALL SELECT 'acknowledgement', MAX(id) + 1 FROM acknowledgement";

fn opened(site: &Path, now: &str) -> Engine {
    Engine::open(config::load(site).unwrap(), Clock::fixed_at(now.parse().unwrap()), Steps::default()).unwrap()
}

#[test]
fn measure_a_site_of_a_thousand_feeds() {
    let feed = site_of_many();
    let site = feed.site();
    let (checked, took) = least(|| config::check(&site));
    beside("check of 1,000 feeds and 1,000 mappings", took.as_secs_f64(), 2.0, "s");
    assert!(checked.0.is_some() && checked.1.is_empty(), "{:?}", checked.1);
    drop(opened(&site, "2026-01-01T12:00:00Z"));
    nights_pass(&site);
    // The evening after the last of them, before the next.
    let engine = opened(&site, "2026-04-11T02:00:00Z");
    let lines = milliseconds("the newest of 100,000 runs", 100.0, || newest_runs(&engine, 40).unwrap());
    assert_eq!(lines.len(), 40);
    let wanting = milliseconds("the runs of 100,000 that need somebody", 100.0, || wanting_runs(&engine).unwrap());
    assert!(wanting.is_empty(), "{}", wanting.len());
    read_by_todays_mappings(&engine, NIGHTS - 1);
    let known = milliseconds("what is known of 1,000 sources at once", 100.0, || SourcesKnown::of(&engine).unwrap());
    let everything = RunFilter::default();
    let board = milliseconds("the board of them, with its grid", 100.0, || {
        overview(AnySite::Keyed(&engine), &everything, GridSize::SCREEN).unwrap()
    });
    assert_eq!((board.grid.rows.len(), board.grid.dates.len(), board.grid.more), (40, 14, FEEDS - 40));
    as_commands_ask(&site, "2026-04-11T02:00:00Z");
    let carrier = RunFilter { carrier: Some(CARRIERS[1].to_string()), ..RunFilter::default() };
    let found =
        milliseconds("the same, one carrier's, as a table", 100.0, || runs_wanted(&engine, &carrier, 40).unwrap());
    assert_eq!(found.len(), 40);
    // One by one, each source is asked about as often as everything at once.
    let sources: Vec<String> = engine.site.feeds.values().map(|feed| feed.census_source().to_string()).collect();
    for source in sources.iter().step_by(97) {
        assert_eq!(known.unsaid(&engine, source).unwrap(), unsaid(&engine, source).unwrap(), "{source}");
    }
    passes(&engine);
    files_come(&site);
    // The evening of that night: everything has come, and nothing has run.
    let evening = opened(&site, "2026-04-12T02:00:00Z");
    read_by_todays_mappings(&evening, NIGHTS);
    milliseconds("the board of an evening, before the runs", 100.0, || {
        overview(AnySite::Keyed(&evening), &everything, GridSize::SCREEN).unwrap()
    });
    all_due(&site);
}

/// The board as each command asks for it: once in a process, with what a process makes of the mappings when it is first
/// asked for, and put into words.
fn as_commands_ask(site: &Path, now: &str) {
    let asked = |json: bool| {
        let engine = opened(site, now);
        let (text, took) = crate::spent(|| {
            let board = overview(AnySite::Keyed(&engine), &RunFilter::default(), GridSize::SCREEN).unwrap();
            let screen = Screen { width: Some(80), ..Screen::default() };
            if json {
                let lines = runs_wanted(&engine, &RunFilter::default(), 40).unwrap();
                overview_json(&lines, &board).to_string()
            } else {
                overview_text(&board, screen)
            }
        });
        assert!(text.contains("feed-00000-0"));
        took
    };
    let all = (0..5).map(|_| crate::spent(|| drop(opened(site, now))).1).min().unwrap();
    println!("before it, reading the site's files and opening the store: {:.1} ms", all.as_secs_f64() * 1e3);
    for (what, json) in [("the board as `bex runs` prints it", false), ("the same as `bex runs --json`", true)] {
        let took = (0..5).map(|_| asked(json)).min().unwrap();
        beside(what, took.as_secs_f64() * 1e3, 100.0, "ms");
    }
}

/// The files of a night were read by the mappings that stand.
fn read_by_todays_mappings(engine: &Engine, night: usize) {
    let sources = (0..EMPLOYERS).flat_map(|n| ["census", "elections"].map(|kind| format!("{kind}/employer-{n:05}")));
    let readings = sources.enumerate().map(|(n, source)| {
        let digest = mapping_digest(engine, &source).unwrap();
        format!("({}, x'{}')", 1 + night * 2 * EMPLOYERS + n, hex(digest.as_bytes()))
    });
    let readings = readings.collect::<Vec<_>>().join(", ");
    let database = Database::File(engine.site.root.join("state/bex.db"));
    database.tamper(&format!("INSERT INTO reading (input, mapping) VALUES {readings}"));
}

/// One more night's files, and no run of them.
fn files_come(site: &Path) {
    let input = format!(
        "INSERT INTO input (id, source, business_date, received_at, archive, bytes, content, state, settled_at, families,
           changed, faults)
         SELECT id + {all}, source, date(business_date, '+1 day'), replace(received_at, business_date, date(business_date, '+1 day')),
           '{NIGHTS}-' || ((id - 1) % {all}) || '.age', 1, randomblob(16), 'applied',
           replace(settled_at, business_date, date(business_date, '+1 day')), 40, 1, 0
         FROM input WHERE id > {all} * ({NIGHTS} - 1)",
        all = 2 * EMPLOYERS
    );
    let arrival = format!(
        "INSERT INTO arrival (input, people, unread) SELECT id, 41, 0 FROM input WHERE id > {} * {NIGHTS}",
        2 * EMPLOYERS
    );
    let database = Database::File(site.join("state/bex.db"));
    for sql in [&input, &arrival, COUNTERS] {
        database.tamper(sql);
    }
    in_archive(site, NIGHTS);
}

/// A pass in which every feed is due at the same moment: what it takes to find them, to lock, to open and close a run
/// of each, beside the decisions themselves, of which there are none: nobody is in these files.
fn all_due(site: &Path) {
    let engine = opened(site, "2026-04-14T03:00:00Z");
    let feeds: Vec<_> = engine.site.feeds.values().collect();
    let (report, took) = crate::spent(|| run_due(&engine, &feeds, 1, &mut |_| {}).unwrap());
    assert_eq!(report.feeds.len(), FEEDS);
    let first = report.feeds[0].outcome.faults().first().map(|fault| fault.code);
    beside(
        &format!("a pass with 1,000 feeds due ({}), a feed", first.unwrap_or("run")),
        took.as_secs_f64() * 1e3 / FEEDS as f64,
        20.0,
        "ms",
    );
}

/// What a pass takes beside the runs themselves: looking at what is due, and saying of each feed what keeps it.
fn passes(engine: &Engine) {
    let feeds: Vec<_> = engine.site.feeds.values().collect();
    let each = |seconds: f64| seconds * 1e3 / FEEDS as f64;
    let (_, first) = crate::spent(|| run_due(engine, &feeds, 1, &mut |_| {}).unwrap());
    beside("a first pass over 1,000 feeds, a feed", each(first.as_secs_f64()), 20.0, "ms");
    let (_, nothing) = least(|| run_due(engine, &feeds, 1, &mut |_| {}).unwrap());
    beside("a pass in which nothing is due, a feed", each(nothing.as_secs_f64()), 20.0, "ms");
}
