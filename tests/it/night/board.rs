//! The board as it is seen: on terminals of several widths, with and without colour, and in a pipe. What it looks like
//! is kept in fixtures/board, for people to read.

use std::fs;
use std::path::Path;

use bex::simulate::Misbehaviour;

use crate::harness::demo_site::{Office, World};
use crate::harness::first_feed::{CENSUS, FirstFeed};
use crate::harness::terminal::{ESCAPE, as_shown, on_a_terminal};

pub(super) const WIDTHS: [usize; 3] = [60, 80, 120];

/// The morning after a second night of which hardly anything went well.
pub(super) fn troubled() -> World {
    let mut world = World::after_the_first_night();
    world.employers_send(2);
    let census = World::text_of(2, "sample-logistics/census.csv");
    world.arrives("sample-logistics/census.csv", &census[..300]);
    world.carrier("alpha-health").office(Office::RejectsTheGroup);
    world.carrier("beta-dental").office(Office::Silent);
    world.carrier("beta-dental").misbehave(Misbehaviour::VanishAfterRename);
    world.carrier("beta-dental").misbehave(Misbehaviour::DropAfterRename);
    world.bex(&["run"]).exits(5);
    world.fetch_acks().exits(1);
    world.next_night();
    world
}

/// Screens that are not as they are kept, by name.
#[derive(Default)]
pub(super) struct Stale(Vec<String>);

impl Stale {
    /// A screen that is not as it is kept is written anew, for somebody to look at the difference.
    pub(super) fn look_at(&mut self, name: &str, screen: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/board").join(name);
        if fs::read_to_string(&path).unwrap_or_default() != screen {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, screen).unwrap();
            self.0.push(path.display().to_string());
        }
    }

    #[track_caller]
    pub(super) fn are_none(&self) {
        assert!(self.0.is_empty(), "written anew, look at the difference: {:?}", self.0);
    }
}

/// Every line has room, but for one word that has none on any line.
#[track_caller]
pub(super) fn fits(screen: &str, width: usize) {
    let is_wide = |line: &&str| line.chars().count() > width && line.trim().contains(' ');
    let wide: Vec<&str> = screen.lines().filter(is_wide).collect();
    assert!(wide.is_empty(), "{width} columns: {wide:?}");
}

/// What needs somebody, word for word.
fn needs_of(board: &str) -> Vec<&str> {
    board.split("\n\n").nth(1).unwrap().split_whitespace().collect()
}

/// Whatever it says is to be typed.
fn commands_of(board: &str) -> Vec<String> {
    let whole = board.split_whitespace().collect::<Vec<_>>().join(" ");
    whole.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

#[test]
fn the_board_fits_every_width_and_is_whole_in_a_pipe() {
    let world = troubled();
    let moment = world.now();
    let runs = ["runs", "--now", &moment];
    let piped = world.bex(&["runs"]).exits(0).out;
    let mut stale = Stale::default();
    stale.look_at("piped.txt", &piped);
    for width in WIDTHS {
        let plain = on_a_terminal(&world, Some(width), &runs, &[("NO_COLOR", "1")]);
        fits(&plain, width);
        stale.look_at(&format!("{width}.txt"), &plain);
        let painted = on_a_terminal(&world, Some(width), &runs, &[]);
        assert!(painted.contains(ESCAPE) && !plain.contains(ESCAPE));
        assert_eq!(as_shown(&painted), plain, "colour is never the only sign");
        assert_eq!(commands_of(&plain), commands_of(&piped), "whatever the width, what is to be typed is the same");
        if width < 120 {
            assert_eq!(needs_of(&plain), needs_of(&piped), "folded and unfolded, what is to be done is the same");
        } else {
            let head = "feed run date people add chg term rein quest waits number carrier says";
            assert!(plain.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") == head), "{plain}");
        }
    }
    stale.are_none();
}

#[test]
fn the_table_of_runs_leaves_out_columns_before_it_wraps_and_says_which() {
    let world = troubled();
    let moment = world.now();
    let mut stale = Stale::default();
    for width in WIDTHS {
        let table = on_a_terminal(&world, Some(width), &["runs", "--all", "--now", &moment], &[("NO_COLOR", "1")]);
        fits(&table, width);
        let head = table.lines().next().unwrap();
        let left_out = table.split("left out for want of room: ").nth(1).unwrap_or_default();
        let left_out = left_out.split_whitespace().collect::<Vec<_>>().join(" ");
        for column in ["add", "chg", "term", "rein", "number", "carrier says"] {
            assert!(head.contains(column) || left_out.contains(column), "{column} at {width}:\n{table}");
        }
        stale.look_at(&format!("table-{width}.txt"), &table);
    }
    stale.are_none();
    let feed = "example-manufacturing-beta-dental";
    for page in
        [&["show", "8"][..], &["show", "99"], &["show", "input", "6"], &["plan", feed], &["why", feed], &["acks"]]
    {
        fits(&on_a_terminal(&world, Some(60), &[page, &["--now", &moment]].concat(), &[("NO_COLOR", "1")]), 60);
    }
    let whole = world.bex(&["runs", "--all"]).exits(0).out;
    assert!(whole.lines().next().unwrap().contains("rein") && whole.contains("example-manufacturing-beta-dental"));
}

#[test]
fn every_sign_of_the_grid_is_what_the_document_says_in_words() {
    let world = troubled();
    let board = world.bex(&["runs", "--json"]).exits(0).json();
    let uncertain = board["needs"].as_array().unwrap().iter().find(|need| need["run"] == 8).unwrap();
    assert_eq!(uncertain["why"]["code"], "DEL010", "what it came of stands with it: {uncertain}");
    let grid = board["grid"].clone();
    assert_eq!(grid["more_feeds"], 0);
    assert_eq!(grid["dates"], serde_json::json!(["2026-03-02", "2026-03-03"]));
    let nights = |feed: &str| {
        let row = grid["feeds"].as_array().unwrap().iter().find(|row| row["feed"] == feed).unwrap();
        row["nights"]
            .as_array()
            .unwrap()
            .iter()
            .map(|night| night.as_str().unwrap_or("-"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(nights("example-manufacturing-alpha-health"), "accepted, rejected");
    assert_eq!(nights("example-manufacturing-beta-dental"), "accepted, uncertain: it may have arrived");
    let board = world.bex(&["runs"]).exits(0).out;
    let signs = |feed: &str| {
        let row = board.lines().rfind(|line| line.starts_with(feed)).unwrap();
        row[feed.len()..].split_whitespace().collect::<String>()
    };
    assert_eq!(signs("example-manufacturing-alpha-health"), "ox");
    assert_eq!(signs("example-manufacturing-beta-dental"), "o?");
    // Only of one carrier: its feeds, and what they need.
    let one = world.bex(&["runs", "--carrier", "beta-dental"]).exits(0).never_says("alpha-health").out;
    assert!(one.contains("uncertain") && one.contains("sample-logistics-beta-dental"), "{one}");
}

#[test]
fn a_script_asks_the_board_what_stands_gravest_and_without_asking_the_board_is_no_failure() {
    let world = troubled();
    world.bex(&["runs"]).exits(0);
    world.bex(&["runs", "--check"]).exits(5).says("uncertain");
    world.bex(&["runs", "--check", "--json"]).exits(5);
    world.bex(&["runs", "--check", "--carrier", "alpha-health"]).exits(1).says("rejected");
    World::after_the_first_night().bex(&["runs", "--check"]).exits(0);
    let held = World::evening_of("example-manufacturing-alpha-health");
    let path = held.site().join("schedules/example-manufacturing-alpha-health.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "\n[guards]\nfew_max = 0\nterminations_max = 2\n").unwrap();
    held.bex(&["run", "example-manufacturing-alpha-health"]).exits(4);
    held.bex(&["runs", "--check"]).exits(4);
}

#[test]
fn a_guard_stands_on_board_and_page_with_its_limit_before_the_questions_it_counts() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let schedule = feed.site().join("schedules/example-feed.toml");
    let text = fs::read_to_string(&schedule).unwrap();
    fs::write(&schedule, format!("{text}\n[guards]\nfew_max = 0\nheld_percent_max = 0\n")).unwrap();
    let without = CENSUS.lines().filter(|line| !line.starts_with("EXE-2")).map(|line| format!("{line}\n"));
    feed.sends("census.csv", without.collect::<String>());
    feed.night(3).exits(4).refuses_with("GRD005");
    feed.bex(3, &["runs"]).exits(0).says("     GRD005 more families are in question").says("limit 0");
    let page = feed.bex(3, &["show", "2"]).exits(0).out;
    let why = page.split("\nNext ").next().unwrap();
    assert!(why.contains("GRD005") && why.contains("limit 0") && !why.contains("REC0"), "{page}");
    assert!(page.contains("--questions (1)"), "{page}");
}
