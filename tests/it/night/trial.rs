//! A newcomer's trial: for a dozen troubles, from a board that needs somebody to a delivered file or to a board that
//! needs nobody, by what the program prints and nothing else.
//!
//! Whoever acts reads the board, types the commands that it prints for what stands first, and types what these print.
//! What only a person can know (a reason, which of two answers holds) is supplied where the text asks for it. What is
//! wrong in the world outside is mended only once the program has named it.

use std::fs;

use bex::crypt::age::Identity;
use bex::simulate::Misbehaviour;

use crate::harness::demo_site::{Said, World, bex_says, edit, put, rejecting_999, rejecting_ta1};
use crate::harness::first_feed::{CENSUS, ELECTIONS, ELECTIONS_MAPPING, FirstFeed};

const CARRIER: &str = "mappings/carriers/example-carrier.toml";
const ANSWER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/answer.999"));
const FEED: &str = "sample-logistics-alpha-health";
/// More commands than that would not be a way out.
const TYPED_MAX: usize = 6;
/// Words that somebody reads in a minute, who reads every screen whole and for the first time.
const WORDS_A_MINUTE: usize = 150;
/// Commands that somebody types in a minute, copied from the screen.
const COMMANDS_A_MINUTE: usize = 2;
/// So many minutes at most from a red board to the end of a trouble, what is mended outside aside. The guide says it.
const MINUTES_MAX: usize = 8;
const GUIDE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide/when-it-fails.md"));

/// What somebody has done so far: the commands, and how many words were read.
#[derive(Default)]
struct Trial {
    typed: Vec<String>,
    words: usize,
}

impl Trial {
    /// Reads a screen whole.
    fn reads(&mut self, screen: &str) {
        self.words += screen.split_whitespace().count();
    }

    /// Minutes, each begun one counted.
    fn minutes(&self) -> usize {
        self.words.div_ceil(WORDS_A_MINUTE) + self.typed.len().div_ceil(COMMANDS_A_MINUTE)
    }
}

/// A site that somebody sits before.
trait Office {
    /// Types a command line of bex, without `bex`.
    fn types(&self, words: &[&str]) -> Said;
    /// How many files the carrier has.
    fn at_carrier(&self) -> usize;
}

impl Office for World {
    fn types(&self, words: &[&str]) -> Said {
        self.bex(words)
    }

    fn at_carrier(&self) -> usize {
        self.carrier("alpha-health").received().len()
    }
}

impl Office for FirstFeed {
    /// On the evening of the second day after, so that what is overdue is.
    fn types(&self, words: &[&str]) -> Said {
        self.bex(4, words)
    }

    fn at_carrier(&self) -> usize {
        self.sent()
    }
}

/// What goes wrong, and how it is put right.
struct Trouble<O> {
    what: &'static str,
    /// What has to be printed before anybody could know what to mend.
    named: &'static str,
    /// What is mended outside, where something has to be.
    mends: fn(&O),
    /// Of the acts that are printed, the one that fits what was found out; the first where nothing has to be.
    picks: &'static str,
    /// Files at the carrier in the end.
    sent: usize,
}

fn nothing<O>(_: &O) {}

/// The commands between back quotes.
fn quoted(line: &str) -> impl Iterator<Item = String> {
    line.split('`').skip(1).step_by(2).filter(|part| part.starts_with("bex ")).map(str::to_owned)
}

/// Whether a command only looks.
fn looks(command: &str) -> bool {
    ["bex show", "bex why", "bex help", "bex plan", "bex approve"].iter().any(|look| command.starts_with(look))
        && !command.contains("--reason")
}

/// What stands first on the board: its mark's line and what belongs to it.
fn first_need(board: &str) -> Vec<&str> {
    let is_need = |line: &str| line.starts_with("!!") || line.starts_with(" !");
    let mut lines = board.lines().skip_while(|line| !is_need(line));
    let first = lines.next();
    first.into_iter().chain(lines.take_while(|line| !is_need(line) && !line.is_empty())).collect()
}

/// Types a command, with the number that it asks to be confirmed.
fn typed(office: &dyn Office, command: &str, trial: &mut Trial) -> String {
    // What the text leaves to a person.
    let command = command.replace("--reason R", "--reason asked").replace("--evidence E", "--evidence ticket-1");
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    trial.typed.push(command.clone());
    let said = office.types(&words);
    let is_understood = said.status != Some(2) || said.text().contains("RUN021");
    assert!(is_understood, "what is printed can be typed: {command}\n{}", said.text());
    let said = said.text();
    trial.reads(&said);
    if !said.contains("RUN021") {
        return said;
    }
    let people = said.rsplit("people ").find(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap();
    let people: String = people.chars().take_while(char::is_ascii_digit).collect();
    trial.typed.push(format!("{command} --confirm {people}"));
    let confirmed = office.types(&[&words[..], &["--confirm", &people]].concat()).text();
    trial.reads(&confirmed);
    said + &confirmed
}

/// The commands that a page offers: a newcomer follows what stands behind *next*, wherever it stands.
fn offered(page: &str) -> impl Iterator<Item = String> + '_ {
    let is_next = |line: &&str| line.trim_start().starts_with("next:") || line.starts_with("Next ");
    page.lines().filter(is_next).flat_map(quoted)
}

/// Reads what a need leads to, page by page, and returns all that was read with the commands that act.
fn looked_up(office: &dyn Office, need: String, trial: &mut Trial) -> (String, Vec<String>) {
    let (mut commands, mut read): (Vec<String>, String) = (quoted(&need).collect(), need);
    let mut n = 0;
    while n < commands.len() {
        if looks(&commands[n]) {
            let said = typed(office, &commands[n].clone(), trial);
            // A page repeats what has led to it.
            for more in offered(&said) {
                if !commands.contains(&more) {
                    commands.push(more);
                }
            }
            read += &said;
        }
        n += 1;
    }
    commands.retain(|command| !looks(command));
    (read, commands)
}

/// Follows what is printed until the board needs nobody, and returns what that took.
fn follow<O: Office>(office: &O, trouble: &Trouble<O>) -> Trial {
    let mut trial = Trial::default();
    for _ in 0..TYPED_MAX {
        let board = office.types(&["runs"]).exits(0).out;
        trial.reads(&board);
        let need = first_need(&board).join("\n");
        if need.is_empty() {
            return trial;
        }
        let (read, commands) = looked_up(office, need, &mut trial);
        assert!(read.contains(trouble.named), "{}: nothing names {}:\n{read}", trouble.what, trouble.named);
        (trouble.mends)(office);
        let picked = commands.iter().find(|command| command.contains(trouble.picks)).or(commands.first());
        match picked {
            Some(command) => drop(typed(office, command, &mut trial)),
            // Nothing is to be typed: a pass comes by itself.
            None => drop(office.types(&["run", "--due"])),
        }
    }
    panic!("{}: no way out by {:?}", trouble.what, trial.typed);
}

#[track_caller]
fn is_solved<O: Office>(office: &O, trouble: &Trouble<O>) {
    let red = office.types(&["runs"]).exits(0).out;
    assert!(!first_need(&red).is_empty(), "{}: the board needs nobody:\n{red}", trouble.what);
    let trial = follow(office, trouble);
    assert!(trial.typed.len() <= TYPED_MAX, "{}: {:?}", trouble.what, trial.typed);
    assert_eq!(office.at_carrier(), trouble.sent, "{}: {:?}", trouble.what, trial.typed);
    let (words, minutes) = (trial.words, trial.minutes());
    assert!(minutes <= MINUTES_MAX, "{}: {words} words, {minutes} minutes: {:?}", trouble.what, trial.typed);
    println!(
        "{}: {} commands, {words} words, {minutes} minutes: {}",
        trouble.what,
        trial.typed.len(),
        trial.typed.join("; ")
    );
}

#[test]
fn the_guide_says_how_many_minutes_a_trouble_takes_at_most() {
    let said = format!("takes more than {MINUTES_MAX} minutes");
    let basis = format!("{WORDS_A_MINUTE} words and {COMMANDS_A_MINUTE} commands a minute");
    let guide = GUIDE.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(guide.contains(&said) && guide.contains(&basis), "{said}; {basis}");
}

// ── a folder ──

fn after_a_night() -> FirstFeed {
    let feed = FirstFeed::arrived();
    feed.night(2).exits(0);
    feed
}

fn answers(feed: &FirstFeed, name: &str, text: &str) {
    put(&feed.site().join("carrier/outbox").join(name), text);
    let _ = feed.bex(3, &["acks"]);
}

#[test]
fn a_carriers_folder_that_is_gone() {
    let feed = FirstFeed::arrived();
    fs::remove_dir(feed.site().join("carrier/inbox")).unwrap();
    let _ = feed.night(2);
    let mends = |feed: &FirstFeed| fs::create_dir_all(feed.site().join("carrier/inbox")).unwrap();
    is_solved(&feed, &Trouble { what: "folder gone", named: "TRA005", mends, picks: "", sent: 1 });
}

#[test]
fn a_carriers_key_that_has_expired() {
    let feed = FirstFeed::arrived();
    feed.edit(CARRIER, "[seal]\n", "[seal]\nnot_after = \"2026-03-01\"\n");
    let _ = feed.night(2);
    let mends = |feed: &FirstFeed| {
        let text = fs::read_to_string(feed.site().join(CARRIER)).unwrap();
        put(&feed.site().join(CARRIER), text.replace("not_after = \"2026-03-01\"\n", ""));
    };
    is_solved(&feed, &Trouble { what: "key expired", named: "KEY010", mends, picks: "", sent: 1 });
}

#[test]
fn a_recipient_that_was_replaced_after_a_file_was_sealed_for_the_old_one() {
    let feed = FirstFeed::unreached();
    let text = fs::read_to_string(feed.site().join(CARRIER)).unwrap();
    let old = text.lines().find(|line| line.starts_with("recipient")).unwrap().to_owned();
    let new = Identity::create(&feed.site().join("new.age")).unwrap();
    edit(&feed.site().join(CARRIER), &old, &format!("recipient = \"{}\"", new.recipient()));
    is_solved(&feed, &Trouble { what: "recipient replaced", named: "", mends: nothing, picks: "", sent: 1 });
}

#[test]
fn a_file_of_somebody_else_under_our_name() {
    let feed = FirstFeed::arrived();
    put(&feed.site().join("carrier/inbox/example-feed_000000001.834.age"), "not ours");
    let _ = feed.night(2);
    let mends = |feed: &FirstFeed| {
        let theirs = feed.site().join("carrier/inbox/example-feed_000000001.834.age");
        if fs::read(&theirs).is_ok_and(|bytes| bytes == b"not ours") {
            fs::remove_file(theirs).unwrap();
        }
    };
    is_solved(&feed, &Trouble { what: "name taken", named: "at the carrier is in the way", mends, picks: "", sent: 1 });
}

#[test]
fn a_999_that_rejects_a_segment() {
    let feed = after_a_night();
    answers(&feed, "a.999", &rejecting_999(&feed.told(), 9));
    let trouble = Trouble { what: "999 rejected", named: "rejected", mends: nothing, picks: "bex run", sent: 2 };
    is_solved(&feed, &trouble);
}

#[test]
fn a_ta1_that_rejects_the_interchange() {
    let feed = FirstFeed::arrived();
    feed.edit(CARRIER, "ta1 = false", "ta1 = true");
    feed.night(2).exits(0);
    answers(&feed, "a.ta1", &rejecting_ta1(&feed.told(), 9));
    let trouble = Trouble { what: "TA1 rejected", named: "rejected", mends: nothing, picks: "bex run", sent: 2 };
    is_solved(&feed, &trouble);
}

#[test]
fn an_answer_that_does_not_come() {
    let feed = after_a_night();
    let mends = |feed: &FirstFeed| put(&feed.site().join("carrier/outbox/a.999"), ANSWER);
    is_solved(&feed, &Trouble { what: "answer overdue", named: "overdue", mends, picks: "", sent: 1 });
}

#[test]
fn two_answers_that_contradict_each_other() {
    let feed = after_a_night();
    answers(&feed, "a.999", ANSWER);
    answers(&feed, "b.999", &rejecting_999(&feed.told(), 9));
    let trouble = Trouble { what: "contradiction", named: "not alike", mends: nothing, picks: "--accepted", sent: 1 };
    is_solved(&feed, &trouble);
}

#[test]
fn an_answer_that_names_nothing_of_ours() {
    let feed = after_a_night();
    answers(&feed, "a.999", &ANSWER.replace("AK1*BE*1*", "AK1*BE*77*"));
    answers(&feed, "b.999", &ANSWER.replace("000000041", "000000042"));
    is_solved(&feed, &Trouble { what: "stray answer", named: "not ours", mends: nothing, picks: "settle", sent: 1 });
}

#[test]
fn a_guard_that_holds_a_run() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let schedule = feed.site().join("schedules/example-feed.toml");
    let text = fs::read_to_string(&schedule).unwrap();
    put(&schedule, format!("{text}\n[guards]\nfew_max = 0\nchanges_max = 0\n"));
    feed.sends("elections.csv", ELECTIONS);
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    feed.night(3).exits(4);
    is_solved(&feed, &Trouble { what: "guard", named: "GRD002", mends: nothing, picks: "release", sent: 2 });
}

#[test]
fn a_census_that_does_not_come() {
    let feed = FirstFeed::new();
    feed.sends("elections.csv", ELECTIONS);
    // The first pass begins to watch the feed; the second finds it due, at half past nine in Chicago.
    let pass =
        |at: &str| bex_says(&["--site", feed.site().to_str().unwrap(), "--now", at, "run", "--due"], &feed.site());
    pass("2026-03-04T12:00:00Z").exits(0);
    let evening = InTheEvening(feed);
    evening.types(&["run", "--due"]).exits(1);
    let mends = |evening: &InTheEvening| evening.0.sends("census.csv", CENSUS);
    is_solved(&evening, &Trouble { what: "census missing", named: "RUN004", mends, picks: "bex run", sent: 1 });
}

/// The first feed after its slot has come due and before its cut-off.
struct InTheEvening(FirstFeed);

impl Office for InTheEvening {
    fn types(&self, words: &[&str]) -> Said {
        let site = self.0.site();
        let whole = ["--site", site.to_str().unwrap(), "--now", "2026-03-05T04:00:00Z"];
        bex_says(&[&whole[..], words].concat(), &site)
    }

    fn at_carrier(&self) -> usize {
        self.0.sent()
    }
}

#[test]
fn a_file_that_is_refused_because_the_mapping_errs() {
    let feed = FirstFeed::arrived();
    feed.edit(ELECTIONS_MAPPING, "tier = \"Coverage Level\"", "tier = \"Level\"");
    feed.night(2).exits(1);
    let mends = |feed: &FirstFeed| {
        let path = feed.site().join(ELECTIONS_MAPPING);
        let text = fs::read_to_string(&path).unwrap();
        put(&path, text.replace("tier = \"Level\"", "tier = \"Coverage Level\""));
    };
    is_solved(&feed, &Trouble { what: "mapping errs", named: "CEN002", mends, picks: "", sent: 1 });
}

#[test]
fn a_feed_that_somebody_holds() {
    let feed = FirstFeed::arrived();
    feed.bex(2, &["hold", "example-feed", "--reason", "their system moves"]).exits(0);
    let _ = feed.night(2);
    is_solved(&feed, &Trouble { what: "held", named: "held by", mends: nothing, picks: "unhold", sent: 0 });
}

// ── a server ──

/// A night of one feed on which its carrier does something wrong.
fn misbehaving(how: Misbehaviour) -> World {
    let world = World::new();
    world.employers_send(1);
    world.carrier("alpha-health").misbehave(how);
    let _ = world.bex(&["run", FEED]);
    world
}

fn behaves(world: &World) {
    world.carrier("alpha-health").behave();
}

#[test]
fn a_host_key_that_is_another_one() {
    let world = misbehaving(Misbehaviour::OtherHostKey);
    is_solved(&world, &Trouble { what: "host key", named: "TRA001", mends: behaves, picks: "", sent: 1 });
}

#[test]
fn a_login_that_is_refused() {
    let world = misbehaving(Misbehaviour::RefuseLogin);
    is_solved(&world, &Trouble { what: "login refused", named: "TRA002", mends: behaves, picks: "", sent: 1 });
}

#[test]
fn a_carriers_disk_that_is_full() {
    let world = misbehaving(Misbehaviour::DiskFull(100));
    is_solved(&world, &Trouble { what: "disk full", named: "TRA007", mends: behaves, picks: "", sent: 1 });
}

#[test]
fn a_file_of_which_nobody_knows_whether_it_arrived() {
    let world = World::new();
    world.employers_send(1);
    world.carrier("alpha-health").office(crate::harness::demo_site::Office::Silent);
    world.carrier("alpha-health").misbehave(Misbehaviour::VanishAfterRename);
    world.carrier("alpha-health").misbehave(Misbehaviour::DropAfterRename);
    world.bex(&["run", FEED]).exits(5);
    // The carrier is asked, and has it.
    let trouble = Trouble {
        what: "uncertain",
        named: "may have arrived",
        mends: behaves,
        picks: "attest 1 --delivered",
        sent: 1,
    };
    is_solved(&world, &trouble);
}

#[test]
fn a_process_that_was_killed_in_the_middle() {
    let world = World::new();
    world.employers_send(1);
    assert!(world.bex(&["run", FEED, "--abort-at", "20"]).aborted());
    is_solved(&world, &Trouble { what: "killed", named: "stopped", mends: nothing, picks: "", sent: 1 });
}
