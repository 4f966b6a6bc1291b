//! What need not be decided is not decided, and nothing is lost by it: over random nights, with rejections, answers
//! that do not come, runs that are given up, questions and other rules, a run says the very same as one that decides
//! everybody.

use std::collections::BTreeMap;

use bex::engine::Engine;
use bex::engine::clock::Clock;
use bex::run::written_file;
use bex::simulate::Misbehaviour;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;

use crate::harness::database::is_postgres;
use crate::harness::demo_site::{Office, Said, World};

/// One feed of changes, one of full files.
const FEEDS: [(&str, &str); 2] =
    [("sample-logistics-alpha-health", "alpha-health"), ("sample-logistics-beta-dental", "beta-dental")];
const CENSUS: &str = "sample-logistics/census.csv";
const ELECTIONS: &str = "sample-logistics/elections.csv";

/// The rows of a file by the number of their employee, each night's beside the other's.
fn rows_by_employee(path: &str) -> (String, BTreeMap<String, Vec<String>>) {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut header = String::new();
    for night in [1, 2] {
        let text = World::text_of(night, path);
        let mut lines = text.lines();
        header = lines.next().unwrap().to_owned();
        let mut tonight: BTreeMap<String, String> = BTreeMap::new();
        // The last line counts the others.
        for line in lines.filter(|line| !line.starts_with(TRAILER)) {
            let employee = line.split('|').next().unwrap().to_owned();
            tonight.entry(employee).or_default().push_str(&format!("{line}\n"));
        }
        tonight.into_iter().for_each(|(employee, rows)| found.entry(employee).or_default().push(rows));
    }
    (header, found)
}

/// A file of mostly the same people: each as on one of two nights, some moved, some gone, some with a row that cannot
/// be read.
fn random_file(path: &str, chance: &mut StdRng) -> String {
    let (header, employees) = rows_by_employee(path);
    let mut text = header + "\n";
    for versions in employees.values() {
        let rows = &versions[usize::from(chance.random_bool(0.4)) % versions.len()];
        match chance.random_range(0..30) {
            0 => {}
            1 => text.push_str(&rows.replacen(" Drive|", &format!(" Lane {}|", chance.random_range(1..9)), 1)),
            2 => text.push_str(&rows.replacen("|19", "|no", 1)),
            _ => text.push_str(rows),
        }
    }
    let counts = World::text_of(1, path).lines().any(|line| line.starts_with(TRAILER));
    let rows = text.lines().count() - 1;
    if counts { format!("{text}{TRAILER}{rows}\n") } else { text }
}

/// How a last line begins that counts the others.
const TRAILER: &str = "TRAILER|";

/// What a run has said: how it ended, its counts and questions, and what the carrier has of it, decrypted.
fn said(world: &World, run: &Said, (feed, carrier): (&str, &str)) -> Vec<String> {
    let Some(newest) = newest_run(world, feed) else { return vec![format!("{:?}", run.status)] };
    let counts = COUNTS.map(|count| format!("{count} {}", newest[count]));
    let questions = world.bex(&["show", &newest["run"].to_string(), "--json"]).json()["holds"].to_string();
    let received = world.carrier(carrier).received().into_iter().map(|(name, text)| format!("{name} {text}"));
    [vec![format!("{:?}", run.status), questions], counts.to_vec(), received.collect()].concat()
}

/// There is none yet where the first files were refused.
fn newest_run(world: &World, feed: &str) -> Option<Value> {
    world.board().into_iter().rfind(|run| run["feed"] == feed)
}

const COUNTS: [&str; 10] =
    ["run", "state", "known", "adds", "changes", "terminations", "reinstatements", "held", "unchanged", "waiting"];

/// How a carrier behaves.
#[derive(Clone, Copy)]
struct Manner {
    office: Office,
    refuses: bool,
}

impl Manner {
    fn of(self, world: &World, carrier: &str) {
        world.carrier(carrier).office(self.office);
        if self.refuses {
            world.carrier(carrier).misbehave(Misbehaviour::RefuseLogin);
        }
    }
}

struct Story {
    world: World,
    chance: StdRng,
    /// Runs that were compared.
    compared: usize,
    /// Files that were.
    written_again: usize,
}

impl Story {
    fn new(seed: u64) -> Story {
        Story { world: World::new(), chance: StdRng::seed_from_u64(seed), compared: 0, written_again: 0 }
    }

    fn night(&mut self) {
        for path in [CENSUS, ELECTIONS] {
            if self.world.date() == "2026-03-02" || self.chance.random_bool(0.7) {
                let text = random_file(path, &mut self.chance);
                self.world.arrives(path, text);
            }
        }
        for feed in FEEDS {
            let manner = self.chances(feed);
            self.compare(feed, manner);
            self.aftermath(feed);
        }
        let _ = self.world.fetch_acks();
        self.world.next_night();
    }

    /// How the carrier behaves tonight, and by which rules it is served.
    fn chances(&mut self, (_, carrier): (&str, &str)) -> Manner {
        let office = match self.chance.random_range(0..6) {
            0 => Office::Silent,
            1 => Office::RejectsTheGroup,
            2 => Office::RejectsTheInterchange,
            _ => Office::Answers,
        };
        if self.chance.random_bool(0.2) {
            self.other_rules(carrier);
        }
        Manner { office, refuses: self.chance.random_bool(0.2) }
    }

    fn other_rules(&mut self, carrier: &str) {
        let path = self.world.site().join(format!("mappings/carriers/{carrier}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let (with, without) = ("[file]\nretro_days_back = 45\n", "[file]\n");
        let other = if text.contains(with) { text.replace(with, without) } else { text.replace(without, with) };
        assert_ne!(text, other);
        std::fs::write(&path, other).unwrap();
    }

    /// Runs the feed here, and in a copy that has forgotten what is decided; both say the same.
    fn compare(&mut self, feed: (&str, &str), manner: Manner) {
        let other = self.world.copy();
        // Before the first run there is no store, and nothing to forget.
        if self.compared > 0 {
            other.database.execute("UPDATE run SET families = NULL");
            other.bex(&["recover", "--reason", "forgotten on purpose"]).exits(0);
        }
        let [here, there] = [&self.world, &other].map(|world| {
            manner.of(world, feed.1);
            let run = world.runs(feed.0);
            world.carrier(feed.1).behave();
            said(world, &run, feed)
        });
        assert_eq!(here, there, "{} on {}", feed.0, self.world.date());
        self.compared += 1;
        self.written_again(feed.0);
    }

    /// What a run has written while it decided are the bytes that are built of the rows it has left in the ledger.
    fn written_again(&mut self, feed: &str) {
        let site = bex::config::load(&self.world.site()).unwrap();
        let engine = Engine::open_to_read(site, Clock::default()).unwrap();
        let Some(run) = engine.store.newest_run(feed).unwrap() else { return };
        let Some(row) = engine.store.delivery_of(run.id).unwrap().filter(|row| row.plain_digest.is_some()) else {
            return;
        };
        assert!(written_file(&engine, &run, &row).unwrap().is_exact, "{feed} on {}", self.world.date());
        self.written_again += 1;
    }

    /// What is left unfinished is now and then given up, or let go.
    fn aftermath(&mut self, (feed, _): (&str, &str)) {
        let Some(newest) = newest_run(&self.world, feed) else { return };
        let run = newest["run"].to_string();
        if newest["state"] == "failed" {
            // Nothing stays unfinished: a recovery, by which the copy forgets, holds what does.
            if self.chance.random_bool(0.5) {
                self.world.bex(&["void", &run, "--reason", "not tonight"]).exits(0);
            } else {
                self.world.bex(&["resume", &run]).exits(0);
            }
        } else if newest["state"] == "held" {
            let act = if self.chance.random_bool(0.5) { "void" } else { "release" };
            let _ = self.world.bex(&[act, &run, "--reason", "so be it"]);
            // What is let go goes on the same night: after a recovery a person would have to look at it again.
            let _ = self.world.bex(&["resume", &run]);
        }
    }
}

#[test]
fn what_the_watermark_passes_over_would_have_said_nothing() {
    // Other stories over the other database.
    let seeds = if is_postgres() { 5..6 } else { 1..3 };
    let (mut compared, mut written_again, stories) = (0, 0, seeds.clone().count());
    for seed in seeds {
        let mut story = Story::new(seed);
        (0..7).for_each(|_| story.night());
        compared += story.compared;
        written_again += story.written_again;
    }
    assert_eq!(compared, stories * 7 * 2);
    assert!(written_again > stories, "{written_again} files");
}
