//! The screens beside the board: `acks`, `plan`, `why`, `doctor` and what `show` shows, on terminals of several widths,
//! with and without colour, and in a pipe. What they look like is kept in fixtures/screens, for people to read; and
//! what the board says of files that are gone, of carriers that are silent and of calendars that end.

use std::fs;

use bex::simulate::Misbehaviour;

use super::board::{Stale, WIDTHS, fits, troubled};
use crate::harness::demo_site::{Said, World, bex, bex_says, put, rejecting_999};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};
use crate::harness::terminal::{ESCAPE, as_shown, on_a_terminal};

const ANSWER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/answer.999"));
const FEED: &str = "example-feed";

// ── what is kept ──

/// What differs from one site to the next, and from one machine to the next, as so many letters: digests, references,
/// lengths of what is sealed; and a line about the machine's disk is left out.
fn masked(screen: &str) -> String {
    let screen = lengths_masked(screen);
    let lines = screen.lines().filter(|line| !line.contains("MB free"));
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '-';
    let word = |word: &str| {
        let long = word.len() >= 10 && word.chars().all(is_part) && !is_date(word);
        let key = word.starts_with("age1") || word.starts_with("SHA256:");
        let port =
            word.rsplit_once(':').is_some_and(|(_, port)| port.len() > 3 && port.chars().all(|c| c.is_ascii_digit()));
        if long || key || port { "x".repeat(word.chars().count()) } else { word.to_owned() }
    };
    let pieces =
        |line: &str| line.split_inclusive(|c: char| " /.,;)(`".contains(c)).map(str::to_owned).collect::<Vec<_>>();
    let line = |line: &str| {
        let pieces = pieces(line).into_iter().map(|piece| {
            let end = piece.chars().last().filter(|c| " /.,;)(`".contains(*c));
            word(piece.trim_end_matches(|c: char| " /.,;)(`".contains(c))) + &end.map_or(String::new(), String::from)
        });
        pieces.collect::<String>()
    };
    lines.map(|each| line(each) + "\n").collect()
}

/// How long a sealed file is, is another number each time.
fn lengths_masked(screen: &str) -> String {
    let words: Vec<&str> = screen.split_inclusive(' ').collect();
    let is_length = |n: usize| {
        let next = words.get(n + 1).is_some_and(|next| next.starts_with("bytes"));
        next && words[n].trim_end().len() >= 4 && words[n].trim_end().chars().all(|c| c.is_ascii_digit())
    };
    let word = |(n, word): (usize, &&str)| if is_length(n) { "xxxx ".to_owned() } else { (*word).to_owned() };
    words.iter().enumerate().map(word).collect()
}

fn is_date(word: &str) -> bool {
    word.len() == 10
        && word.chars().enumerate().all(|(n, c)| if n == 4 || n == 7 { c == '-' } else { c.is_ascii_digit() })
}

#[test]
fn every_screen_fits_every_width_is_whole_in_a_pipe_and_says_the_same_without_colour() {
    let world = troubled();
    let moment = world.now();
    let member = world.bex(&["show", "8", "--json"]).exits(0).json()["holds"][0]["member"].as_str().unwrap().to_owned();
    let (alpha, logistics) = ("example-manufacturing-alpha-health", "sample-logistics-alpha-health");
    let screens: [(&str, Vec<&str>); 8] = [
        ("acks", vec!["acks"]),
        ("plan", vec!["plan", alpha]),
        ("why", vec!["why", logistics]),
        ("why-run", vec!["why", alpha]),
        ("input", vec!["show", "input", "6"]),
        ("question", vec!["show", "question", &member]),
        ("run", vec!["show", "8"]),
        ("delivery", vec!["show", "delivery", "7"]),
    ];
    let mut stale = Stale::default();
    for (name, words) in &screens {
        let piped = world.bex_without_clock(&[&words[..], &["--now", &moment]].concat()).out;
        stale.look_at(&format!("../screens/{name}-piped.txt"), &masked(&piped));
        for width in WIDTHS {
            let asked = [&words[..], &["--now", &moment]].concat();
            let plain = on_a_terminal(&world, Some(width), &asked, &[("NO_COLOR", "1")]);
            let painted = on_a_terminal(&world, Some(width), &asked, &[]);
            fits(&plain, width);
            assert!(!plain.contains(ESCAPE), "{name} at {width}");
            assert_eq!(as_shown(&painted), plain, "{name} at {width}: colour is never the only sign");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert!(words(&plain).starts_with(&words(&piped)), "{name} at {width}: nothing is cut\n{plain}\n{piped}");
            if width == 80 {
                stale.look_at(&format!("../screens/{name}-80.txt"), &masked(&plain));
            }
        }
    }
    stale.are_none();
    let others: [&[&str]; 10] = [
        &["schedule", "next", "--days", "3"],
        &["balance", alpha],
        &["hold", alpha, "--plan"],
        &["help", "DEL010"],
        &["keys", "list"],
        &["policy", "show"],
        &["grants", "--roles"],
        &["statement"],
        &["verify"],
        &["audit", "show", "--limit", "3"],
    ];
    for words in others {
        let asked = [words, &["--now", &moment]].concat();
        let piped = world.bex_without_clock(&asked).out;
        assert!(piped.lines().any(|line| line.len() > 60), "{words:?} is wide where nothing folds it");
        fits(&on_a_terminal(&world, Some(60), &asked, &[("NO_COLOR", "1")]), 60);
    }
}

#[test]
fn a_list_that_is_narrowed_to_a_name_that_nothing_has_is_refused_and_not_empty() {
    let feed = FirstFeed::after_first_night(CENSUS);
    for (part, code) in [("--employer", "CLI012"), ("--carrier", "CLI015")] {
        feed.bex(3, &["runs", part, "example-nobody"]).exits(2).refuses_with(code);
        let many = ["resume", "--since", "2026-03-01", part, "example-nobody", "--plan"];
        feed.bex(3, &many).exits(2).refuses_with(code);
    }
    feed.bex(3, &["resume", "--since", "2026-03-01", "--feed", "nobody", "--plan"]).exits(2).refuses_with("CLI003");
    feed.bex(3, &["runs", "--employer", "example-employer", "--carrier", "example-carrier"]).exits(0).says(FEED);
}

#[test]
fn what_the_doctor_finds_begins_with_its_counts_and_fits_every_width() {
    let world = World::after_the_first_night();
    let feed = "example-manufacturing-alpha-health";
    let well = world.bex(&["doctor", feed]).exits(0).out;
    let (head, rest) = well.split_once('\n').unwrap();
    assert_eq!(head, format!("{0} of {0} well", rest.lines().count()), "{well}");
    assert!(rest.lines().all(|line| line.starts_with(" o ")), "{well}");
    world.carrier("alpha-health").misbehave(Misbehaviour::RefuseLogin);
    let moment = world.now();
    let said = world.bex(&["doctor", feed]).exits(1).out;
    let head = said.lines().next().unwrap();
    assert!(head.contains(", 1 in the way of tonight, ") && head.ends_with(" not reached"), "{said}");
    assert!(said.contains(" - alpha-health  folder ") && said.contains("not reached"), "{said}");
    let failed = said.lines().find(|line| line.starts_with("!!")).unwrap();
    assert!(failed.starts_with("!! alpha-health  login "), "{said}");
    for width in WIDTHS {
        fits(&on_a_terminal(&world, Some(width), &["doctor", feed, "--now", &moment], &[("NO_COLOR", "1")]), width);
    }
    let checks = world.bex(&["doctor", feed, "--json"]).exits(1).json()["checks"].as_array().unwrap().clone();
    assert!(
        checks.iter().any(|check| check["reached"] == false) && checks.iter().any(|check| check["reached"] == true)
    );
}

// ── answers ──

fn answers(feed: &FirstFeed, name: &str, text: &str) {
    put(&feed.site().join("carrier/outbox").join(name), text);
}

#[test]
fn what_came_back_is_counted_first_and_each_thing_stands_on_one_line_with_what_to_do() {
    let feed = FirstFeed::arrived();
    feed.night(2).exits(0);
    let waits = feed.bex(2, &["acks"]).exits(0).out;
    let due = " ~ run 1  example-feed delivered; answer due 2026-03-03 16:00 CST\n";
    assert_eq!(waits, format!("0 files: nothing new; 1 awaited\n{due}"));
    assert_eq!(feed.bex(2, &["acks", "--quiet"]).exits(0).out, "", "nobody is needed");
    answers(&feed, "stray.999", &ANSWER.replace("AK1*BE*1*", "AK1*BE*77*"));
    answers(&feed, "report.txt", "two records, all well\n");
    let late = feed.bex(4, &["acks"]).exits(1);
    let expected = "2 files: 2 not understood; 1 overdue\n\
        \x20! ack 1  is no X12, 22 bytes (report.txt of example-carrier)  next: bex show ack 1\n\
        \x20! ack 2  answers 77, not ours (stray.999 of example-carrier)  next: bex show ack 2\n\
        \x20! run 1  example-feed answer 24 h overdue  next: ask example-carrier\n";
    assert_eq!(late.out, expected);
    assert!(late.err.contains("X12001") && !late.err.contains("???"), "{}", late.err);
    let items = feed.bex(4, &["acks", "--json"]).exits(1).json()["items"].clone();
    assert_eq!(
        (items.as_array().unwrap().len(), &items[0]["needs"], &items[0]["next"]),
        (3, &"!".into(), &"bex show ack 1".into())
    );
    let whole = feed.bex(4, &["runs", "--json"]).exits(0).json();
    assert_eq!((&whole["now"], &whole["today"]), (&0.into(), &3.into()), "what the first line counts");
    assert_eq!((whole["lines"].as_array().unwrap().len(), &whole["answers"][1]["answer"]), (3, &2.into()));
    let board = feed.bex(4, &["runs"]).exits(0).out;
    let head = "Springfield benefits office (test)   Wed 2026-03-04 16:00 CST   0 now, 3 today";
    assert_eq!(board.lines().next(), Some(head), "{board}");
    for line in [" ! ack 1 of example-carrier is no X12, 22 bytes", " ! ack 2 of example-carrier answers 77, not ours"]
    {
        assert!(board.contains(line), "{line}: {board}");
    }
    feed.bex(4, &["show", "ack", "2"]).exits(0).says("Why   answers 77, not ours; ");
    answers(&feed, "c.999", &rejecting_999(&feed.told(), 9));
    let rejected = feed.bex(4, &["acks"]).exits(1).out;
    assert!(rejected.starts_with("1 file: 1 rejected\n!! run 1  example-feed 000000001 rejected: "), "{rejected}");
    assert!(rejected.lines().nth(1).unwrap().ends_with("  next: bex show delivery 1"), "{rejected}");
}

// ── files, carriers and calendars ──

#[test]
fn a_file_whose_sealed_copy_is_gone_stands_on_the_board_until_it_is_back() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let archive =
        feed.bex(3, &["show", "input", "1", "--json"]).exits(0).json()["archive"].as_str().unwrap().to_owned();
    let (copy, aside) = (feed.site().join("state/archive").join(&archive), feed.site().join("aside"));
    feed.bex(3, &["runs", "--check"]).exits(0).never_says("not in the archive");
    fs::rename(&copy, &aside).unwrap();
    let board = feed.bex(3, &["runs", "--check"]).exits(1).out;
    assert!(board.contains("!! census/example-employer  input 1 is not in the archive\n"), "{board}");
    assert!(board.contains(&format!("next: restore state/archive/{archive} from a backup")), "{board}");
    let lost = feed.bex(3, &["runs", "--json"]).exits(0).json()["lost"].clone();
    assert_eq!((&lost[0]["input"], &lost[0]["source"]), (&1.into(), &"census/example-employer".into()));
    feed.bex(3, &["show", "input", "1"]).exits(0).says("LOST  input 1").says("its sealed copy is not in the archive");
    fs::rename(&aside, &copy).unwrap();
    feed.bex(3, &["runs", "--check"]).exits(0).never_says("not in the archive");
    feed.bex(3, &["show", "input", "1"]).exits(0).says("READ  input 1");
}

#[test]
fn a_file_that_was_refused_needs_somebody_now_before_a_run_asks_for_it() {
    let feed = FirstFeed::new();
    let text = fs::read_to_string(feed.site().join("schedules/example-feed.toml")).unwrap();
    put(&feed.site().join("schedules/example-feed.toml"), text + "\n[expect]\ncensus = { by = \"20:30\" }\n");
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    let at = |now: &str, words: &[&str]| {
        let site = feed.site();
        bex_says(&[&["--site", site.to_str().unwrap(), "--now", now], words].concat(), &site)
    };
    at("2026-03-03T12:00:00Z", &["run", "--due"]).exits(0);
    feed.sends("census.csv", CENSUS.lines().next().unwrap());
    // Half past eight has passed in Chicago, and half past nine has not.
    let _ = at("2026-03-04T02:45:00Z", &["run", "--due"]);
    let board = at("2026-03-04T02:46:00Z", &["runs", "--check"]).exits(1).out;
    assert!(board.contains("!! census/example-employer  2026-03-03  input 3 refused\n     CEN"), "{board}");
    assert!(board.contains("next: `bex show input 3`"), "{board}");
    let page = at("2026-03-04T02:46:00Z", &["show", "input", "3"]).exits(0).says("REFUSED  input 3").out;
    assert!(page.contains("Stops 1 feed: example-feed\nMore  bex show input 3 --faults (1)\n"), "{page}");
    at("2026-03-04T02:46:00Z", &["show", "input", "3", "--faults"]).exits(0).says("\nFaults\n");
}

#[test]
fn a_carrier_that_has_answered_none_of_three_files_in_time_is_silent_until_it_answers() {
    let feed = FirstFeed::new();
    let rows: Vec<&str> = ELECTIONS.lines().collect();
    // Each night somebody more is elected for: whoever was told waits for the answer.
    for (day, families) in [(2, 1), (3, 2), (4, 3)] {
        feed.sends("census.csv", CENSUS);
        let recent = |row: &&str| row.replace("OE,Y", "OE,N").replace("01/01/2026", "03/01/2026") + "\n";
        let chosen = rows[..=families].iter().map(recent).collect::<String>();
        feed.sends("elections.csv", chosen);
        feed.night(day).exits(0).says("delivered");
    }
    feed.bex(5, &["runs"]).exits(0).never_says("is silent");
    let board = feed.bex(6, &["runs"]).exits(0).out;
    let says = " ! example-carrier is silent: it has answered nothing that it was sent since 2026-03-02\n";
    assert!(board.contains(says), "{board}");
    assert!(board.contains("next: ask example-carrier whether it has the files"), "{board}");
    answers(&feed, "3.999", &ANSWER.replace("AK1*BE*1*", "AK1*BE*3*"));
    feed.bex(6, &["acks"]).exits(1).says("1 file: 1 accepted; 2 overdue");
    feed.bex(6, &["runs"]).exits(0).never_says("is silent");
}

#[test]
fn the_zone_of_the_machine_changes_nothing() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let said = |zone: &str, words: &[&str]| {
        let mut command = bex();
        command.env("TZ", zone).args(["--site", feed.site().to_str().unwrap(), "--now", "2026-03-08T07:30:00Z"]);
        Said::of(format!("in {zone}"), &command.args(words).output().unwrap()).exits(0).out
    };
    for words in [&["schedule", "next"][..], &["why", FEED], &["runs"]] {
        let usual = said("America/Chicago", words);
        for zone in ["Asia/Tokyo", "Pacific/Kiritimati", "no/such", "", ":/nothing/there"] {
            assert_eq!(said(zone, words), usual, "{words:?} in {zone:?}");
        }
    }
}

#[test]
fn a_calendar_that_ends_within_sixty_days_is_said_by_board_doctor_and_check() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.edit("schedules/example-feed.toml", "time = \"21:30\"", "time = \"21:30\"\ncalendar = \"office\"");
    let calendar = |until: &str| {
        let text = format!(
            "version = \"1\"\nsource = \"the office\"\nfrom = \"2026-01-01\"\nuntil = \"{until}\"\n\n[days]\n2026-01-19 = \"Closed\"\n"
        );
        put(&feed.site().join("schedules/calendars/office.toml"), text);
    };
    calendar("2026-06-30");
    feed.bex(5, &["runs"]).exits(0).never_says("CFG025");
    calendar("2026-04-30");
    let board = feed.bex(5, &["runs"]).exits(0).says(" ! CFG025 ").says("2026-04-30").out;
    assert!(board.starts_with("Springfield benefits office (test)") && board.contains(", 1 today"), "{board}");
    feed.bex(5, &["doctor"]).says("CFG025").says("2026-04-30");
    feed.bex(5, &["check"]).says("CFG025");
    feed.bex(5, &["runs", "--check"]).exits(0);
}
