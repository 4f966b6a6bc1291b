//! State by act: every act on a run, where a run stands in every way of the table, as an operator types it. The table
//! is the program's own; a standing that nothing here leads to, or an act that nothing here types, does not compile.
//!
//! An act that fits shows a plan and changes nothing by it, refuses another number of people, does what it says once
//! the number is right, ends with its status, leaves its event in the log and the run's words on the board. Every other
//! act is refused with RUN016, names how the run stands and what to do next, and leaves the store as it was.

use std::fs;
use std::path::PathBuf;

use bex::audit::{Action, Event};
use bex::config;
use bex::engine::clock::Clock;
use bex::engine::{Engine, Steps};
use bex::run::StandingRun;
use bex::state::{RunAct, RunStanding, RunState, Urgency};
use chrono::{DateTime, Utc};

use crate::harness::demo_site::{Said, edit, put, rejecting_999};
use crate::harness::first_feed::{CENSUS, FirstFeed};

const FEED: &str = "example-feed";
const CARRIER: &str = "mappings/carriers/example-carrier.toml";
const NAME: &str = "example-feed_000000001.834.age";
const ANSWER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/answer.999"));

// ── runs that stand in every way ──

/// A site with a run that stands so, and the evening on which somebody sits before it.
pub(super) struct Ground {
    pub feed: FirstFeed,
    pub run: i64,
    day: u32,
}

impl Ground {
    pub fn new(feed: FirstFeed, run: i64, day: u32) -> Ground {
        Ground { feed, run, day }
    }

    fn copy(&self) -> Ground {
        Ground::new(self.feed.copy(), self.run, self.day)
    }

    fn bex(&self, arguments: &[&str]) -> Said {
        self.feed.bex(self.day, arguments)
    }

    /// As a reader of the site sees it.
    fn engine(&self) -> Engine {
        let moment: DateTime<Utc> = format!("2026-03-{:02}T22:00:00Z", self.day).parse().unwrap();
        Engine::open_to_read(config::load(&self.feed.site()).unwrap(), Clock::fixed_at(moment)).unwrap()
    }

    pub fn stands(&self) -> StandingRun {
        StandingRun::numbered(&self.engine(), self.run).unwrap()
    }

    fn inbox(&self) -> PathBuf {
        self.feed.site().join("carrier/inbox")
    }

    /// Everything that an act could have changed, at the site and at the carrier.
    fn everything(&self) -> String {
        let (engine, at_carrier) = (self.engine(), self.at_carrier());
        let runs = engine.store.runs(i64::MAX).unwrap();
        let stand: Vec<_> = runs.into_iter().map(|run| StandingRun::of(&engine, run).unwrap()).collect();
        let events = engine.store.events(0, 1_000_000).unwrap();
        format!("{stand:?} {} {at_carrier:?}", events.len())
    }

    pub fn at_carrier(&self) -> Vec<String> {
        crate::harness::demo_site::names(&self.inbox())
    }

    /// The events behind so many.
    pub fn events_behind(&self, count: usize) -> Vec<String> {
        self.engine().store.events(0, 1_000_000).unwrap().split_off(count)
    }

    pub fn count_of_events(&self) -> usize {
        self.engine().store.events(0, 1_000_000).unwrap().len()
    }
}

fn delivered() -> FirstFeed {
    let feed = FirstFeed::arrived();
    feed.night(2).exits(0).says("delivered");
    feed
}

fn answered(text: &str) -> FirstFeed {
    let feed = delivered();
    answers(&feed, "a.999", text);
    feed
}

/// A first night that was broken off so that its run stands like this, with nothing published.
fn broken_off(standing: RunStanding, numbered: bool) -> Ground {
    for at in 1.. {
        let feed = FirstFeed::arrived();
        assert!(feed.bex(2, &["run", FEED, "--abort-at", &at.to_string()]).aborted(), "no boundary leads there");
        let ground = Ground::new(feed, 1, 2);
        let found = StandingRun::numbered(&ground.engine(), 1);
        let fits = |stands: &StandingRun| stands.standing == standing && stands.delivery.is_some() == numbered;
        if found.is_ok_and(|stands| fits(&stands)) && !ground.at_carrier().contains(&NAME.to_owned()) {
            return ground;
        }
    }
    unreachable!()
}

/// Its file may have been published, and neither name stands at the carrier.
fn uncertain() -> Ground {
    let ground = broken_off(RunStanding::Unlooked, true);
    for name in ground.at_carrier() {
        fs::remove_file(ground.inbox().join(name)).unwrap();
    }
    ground.bex(&["resume", "1"]).exits(5);
    ground
}

/// A run that was broken off and then ended so, as no mapping and no fault here can end it: its gate has refused a
/// file, or this machine could make none.
fn ended_so(numbered: bool, state: RunState, by: Action) -> Ground {
    let ground = broken_off(RunStanding::Interrupted, numbered);
    let moment: DateTime<Utc> = "2026-03-02T22:00:00Z".parse().unwrap();
    let site = config::load(&ground.feed.site()).unwrap();
    let engine = Engine::open(site, Clock::fixed_at(moment), Steps::default()).unwrap();
    let mut change = engine.change().unwrap();
    change.set_run_state(1, state, by).unwrap();
    engine.commit(change, &[Event::new(by).name("feed", FEED).count("run", 1)]).unwrap();
    ground
}

fn guarded() -> Ground {
    let feed = FirstFeed::after_first_night(CENSUS);
    let schedule = feed.site().join("schedules/example-feed.toml");
    let text = fs::read_to_string(&schedule).unwrap();
    put(&schedule, format!("{text}\n[guards]\nfew_max = 0\nchanges_max = 0\n"));
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    feed.night(3).exits(4).refuses_with("GRD002");
    Ground::new(feed, 2, 3)
}

/// A person has said what the carrier knows before the feed's first file.
fn known_before() -> FirstFeed {
    let feed = FirstFeed::arrived();
    let declared = ["baseline", FEED, "--declare", "2026-03-01", "--reason", "asked", "--confirm", "4"];
    feed.bex(2, &declared).exits(0);
    feed
}

fn rebound() -> FirstFeed {
    let feed = FirstFeed::unreached();
    feed.edit(CARRIER, "folder = \"inbox\"", "folder = \"incoming\"");
    fs::create_dir(feed.site().join("carrier/incoming")).unwrap();
    feed.bex(2, &["resume", "1"]).exits(4).refuses_with("RUN026");
    feed
}

/// The carrier's answer stands in its outbox, and is fetched on the third.
fn answers(feed: &FirstFeed, name: &str, text: &str) {
    put(&feed.site().join("carrier/outbox").join(name), text);
    let _ = feed.bex(3, &["acks"]);
}

pub(super) fn stand(standing: RunStanding) -> Ground {
    let on_the_second = |feed| Ground::new(feed, 1, 2);
    let on_the_third = |feed| Ground::new(feed, 1, 3);
    match standing {
        RunStanding::Interrupted | RunStanding::Unlooked => broken_off(standing, true),
        RunStanding::Guarded => guarded(),
        RunStanding::Refused => ended_so(true, RunState::Held, Action::RunHeld),
        RunStanding::InTheWay => {
            let feed = FirstFeed::arrived();
            put(&feed.site().join("carrier/inbox").join(NAME), "not ours");
            feed.night(2).exits(4);
            on_the_second(feed)
        }
        RunStanding::PublishedInTheWay => {
            let ground = broken_off(RunStanding::Unlooked, true);
            put(&ground.inbox().join(NAME), "not ours");
            ground.bex(&["resume", "1"]).exits(4);
            ground
        }
        RunStanding::AnsweredUnsent => {
            let feed = FirstFeed::unreached();
            answers(&feed, "a.999", ANSWER);
            on_the_third(feed)
        }
        RunStanding::Rebound => on_the_second(rebound()),
        RunStanding::Unsealed => ended_so(false, RunState::Failed, Action::RunFailed),
        RunStanding::Failed => on_the_second(FirstFeed::unreached()),
        RunStanding::Uncertain => uncertain(),
        RunStanding::Absent => {
            let ground = uncertain();
            act(&ground, RunAct::AttestAbsent, Some(ground.stands().people())).exits(0);
            ground
        }
        RunStanding::Empty => {
            let feed = FirstFeed::after_first_night(CENSUS);
            feed.sends("census.csv", CENSUS.replace("G7", "G8"));
            feed.night(3).exits(0).says("nothing to send");
            Ground::new(feed, 2, 3)
        }
        RunStanding::Void => {
            let ground = on_the_second(FirstFeed::unreached());
            act(&ground, RunAct::Void, None).exits(0);
            ground
        }
        RunStanding::Delivered => on_the_second(delivered()),
        RunStanding::Overdue => Ground::new(delivered(), 1, 4),
        RunStanding::Accepted => on_the_third(FirstFeed::after_first_night(CENSUS)),
        RunStanding::Assumed => {
            let feed = FirstFeed::arrived();
            feed.edit(CARRIER, "g999 = true", "g999 = false");
            feed.night(2).exits(0);
            on_the_second(feed)
        }
        RunStanding::Baseline => on_the_second(known_before()),
        RunStanding::Errors => on_the_third(answered(&ANSWER.replace("IK5*A", "IK5*E").replace("AK9*A", "AK9*E"))),
        RunStanding::Rejected => {
            let feed = delivered();
            answers(&feed, "a.999", &rejecting_999(&feed.told(), 9));
            on_the_third(feed)
        }
        RunStanding::Lost => {
            let ground = on_the_second(delivered());
            act(&ground, RunAct::SettleLost, Some(ground.stands().people())).exits(0);
            ground
        }
        RunStanding::Contradicted => {
            let feed = answered(ANSWER);
            answers(&feed, "b.999", &rejecting_999(&feed.told(), 9));
            on_the_third(feed)
        }
    }
}

// ── acts, as they are typed ──

/// A command line of an act, with everything that it asks for but the number of people.
pub(super) fn words(act: RunAct, run: i64, folder: &str) -> Vec<String> {
    let (run, said, why) = (run.to_string(), ["--reason", "asked", "--evidence", "ticket 4711"], ["--reason", "asked"]);
    let of = |words: &[&str], more: &[&str]| words.iter().chain(more).map(ToString::to_string).collect::<Vec<_>>();
    match act {
        RunAct::Resume => of(&["resume", &run], &[]),
        RunAct::Release => of(&["release", &run], &why),
        RunAct::Void => of(&["void", &run], &why),
        RunAct::AttestAbsent => of(&["attest", &run, "--not-delivered"], &said),
        RunAct::AttestDelivered => of(&["attest", &run, "--delivered"], &said),
        RunAct::AttestByHand => of(&["attest", &run, "--delivered-out-of-band"], &said),
        RunAct::SettleAccepted => of(&["settle", &run, "--accepted"], &said),
        RunAct::SettleRejected => of(&["settle", &run, "--rejected"], &said),
        RunAct::SettleLost => of(&["settle", &run, "--lost"], &said),
        RunAct::Resend => of(&["resend", &run], &why),
        RunAct::Carry => of(&["resend", &run, "--to", folder], &why),
        RunAct::Rebuild => of(&["rebuild", &run], &why),
    }
}

/// Types an act, for so many people.
fn act(ground: &Ground, act: RunAct, people: Option<u64>) -> Said {
    typed(ground, act, &people.map_or(Vec::new(), |people| vec!["--confirm".to_string(), people.to_string()]))
}

fn typed(ground: &Ground, act: RunAct, more: &[String]) -> Said {
    let folder = ground.feed.site().join("carried");
    fs::create_dir_all(&folder).unwrap();
    let words = [words(act, ground.run, folder.to_str().unwrap()), more.to_vec()].concat();
    ground.bex(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

// ── what follows ──

/// What an act that fits comes to: exit status, the event that names it, and how the run stands then.
struct Cell(i32, &'static str, RunStanding);

/// By the design, written beside the program and not taken from it.
fn comes_to(from: RunStanding, act: RunAct) -> Cell {
    use RunStanding::{
        Absent, Accepted, Delivered, InTheWay, Lost, PublishedInTheWay, Rebound, Rejected, Uncertain, Void,
    };
    match (from, act) {
        // What stands in the way, or differs, is not gone by being resumed; what nobody can see stays uncertain.
        (RunStanding::InTheWay, RunAct::Resume) => Cell(4, "run.resumed", InTheWay),
        (RunStanding::PublishedInTheWay, RunAct::Resume) => Cell(4, "run.resumed", PublishedInTheWay),
        (RunStanding::Rebound, RunAct::Resume) => Cell(4, "run.resumed", Rebound),
        (RunStanding::Uncertain, RunAct::Resume) => Cell(5, "run.resumed", Uncertain),
        (_, RunAct::Resume) => Cell(0, "run.resumed", Delivered),
        (_, RunAct::Release) => Cell(0, "run.released", Delivered),
        (_, RunAct::Void) => Cell(0, "run.voided", Void),
        (_, RunAct::AttestAbsent) => Cell(0, "delivery.attested", Absent),
        (_, RunAct::AttestDelivered | RunAct::AttestByHand) => Cell(0, "delivery.attested", Delivered),
        (_, RunAct::SettleAccepted) => Cell(0, "delivery.settled", Accepted),
        (_, RunAct::SettleRejected) => Cell(0, "delivery.settled", Rejected),
        (_, RunAct::SettleLost) => Cell(0, "delivery.settled", Lost),
        (RunStanding::Overdue, RunAct::Resend) => Cell(0, "delivery.resent", Delivered),
        (from, RunAct::Resend | RunAct::Carry) => Cell(0, "delivery.resent", from),
        (RunStanding::Void | RunStanding::Lost | RunStanding::Rejected, RunAct::Rebuild) => {
            Cell(0, "run.rebuilt", from)
        }
        (_, RunAct::Rebuild) => Cell(0, "run.rebuilt", Void),
    }
}

/// Whether an act can be done as it is where nothing was mended.
fn plans(from: RunStanding, act: RunAct) -> bool {
    // What is configured otherwise is named, and accepted by name.
    (from, act) != (RunStanding::Rebound, RunAct::Resume)
}

fn a_fitting_act(before: &Ground, act_tried: RunAct) {
    let row = before.stands().standing.row();
    let what = format!("{} of a run that is {}", act_tried.word(), row.words);
    let (ground, people) = (before.copy(), before.stands().people());
    let (untouched, events) = (ground.everything(), ground.count_of_events());
    let planned = typed(&ground, act_tried, &["--plan".to_string()]);
    if plans(row.standing, act_tried) {
        planned.exits(0).says(&format!("PLAN {} of run {}: ", act_tried.word(), ground.run));
    } else {
        planned.exits(1).refuses_with("RUN026");
    }
    assert_eq!(ground.everything(), untouched, "{what}: its plan changes nothing");
    act(&ground, act_tried, Some(people + 1)).exits(2).refuses_with("RUN021").says(&format!("people {people}"));
    assert_eq!(ground.everything(), untouched, "{what}: for another number of people");
    let Cell(exit, event, to) = comes_to(row.standing, act_tried);
    let said = act(&ground, act_tried, Some(people));
    assert_eq!(said.status, Some(exit), "{what}:\n{}", said.text());
    let news = ground.events_behind(events);
    assert!(news.iter().any(|leaf| leaf.contains(&format!(r#""action":"{event}""#))), "{what}: {event} in {news:?}");
    assert_eq!(ground.stands().standing, to, "{what}\n{}", said.text());
    if act_tried == RunAct::Rebuild {
        return told_anew(&ground, &what);
    }
    on_the_board(&ground, to, &what);
}

/// A run that was built anew tells its people under another number, and nobody is needed for the old one any more.
fn told_anew(ground: &Ground, what: &str) {
    let newest = ground.engine().store.newest_run(FEED).unwrap().unwrap();
    assert_ne!(newest.id, ground.run, "{what}");
    assert_eq!(StandingRun::of(&ground.engine(), newest).unwrap().standing, RunStanding::Delivered, "{what}");
    let board = ground.bex(&["runs"]).exits(0).out;
    assert!(!board.contains(&format!("run {}  {FEED}", ground.run)), "{what}:\n{board}");
}

/// The board says how the run stands now, where somebody is needed, and is silent of it where nobody is.
fn on_the_board(ground: &Ground, to: RunStanding, what: &str) {
    let board = ground.bex(&["runs"]).exits(0).out;
    let line = format!("run {}  {FEED}", ground.run);
    let row = to.row();
    let found = board.lines().find(|found| found.contains(&line));
    if row.urgency > Urgency::Today {
        assert_eq!(found, None, "{what}:\n{board}");
        return;
    }
    let found = found.unwrap_or_else(|| panic!("{what}: not on the board:\n{board}"));
    assert!(found.contains(row.urgency.mark()) && found.contains(row.words), "{what}:\n{board}");
    let next = row.next.replace("RUN", &ground.run.to_string()).replace("FEED", FEED);
    assert!(board.contains(&next), "{what}: {next}\n{board}");
}

fn an_act_that_does_not_fit(ground: &Ground, tried: RunAct) {
    let row = ground.stands().standing.row();
    let people = ground.stands().people();
    for more in [vec!["--plan".to_string()], vec!["--confirm".to_string(), people.to_string()]] {
        let said = typed(ground, tried, &more).exits(1).refuses_with("RUN016").says(row.words);
        let next = row.next.split('`').find(|part| part.starts_with("bex ")).unwrap_or(row.next);
        assert!(said.text().replace("\n", " ").contains(next), "{}: {}", tried.word(), said.text());
    }
}

/// Every act where a run stands so.
fn every_act(standing: RunStanding) {
    let ground = stand(standing);
    let row = standing.row();
    assert_eq!(ground.stands().standing.row().words, row.words);
    on_the_board(&ground, standing, row.words);
    let untouched = ground.everything();
    for tried in RunAct::ALL.into_iter().filter(|tried| !row.permits(*tried)) {
        an_act_that_does_not_fit(&ground, tried);
    }
    assert_eq!(ground.everything(), untouched, "what is refused changes nothing");
    RunAct::ALL.into_iter().filter(|tried| row.permits(*tried)).for_each(|tried| a_fitting_act(&ground, tried));
}

/// A test for each standing, side by side, and the list of all that are tested.
macro_rules! matrix {
    ($($test:ident: $standing:ident,)+) => {
        $(#[test] fn $test() { every_act(RunStanding::$standing) })+
        /// Nobody acts, ten nights long.
        mod untouched {
            $(#[test] fn $test() { super::untouched_for_ten_nights(super::RunStanding::$standing) })+
        }
        const TESTED: &[RunStanding] = &[$(RunStanding::$standing),+];
    };
}

matrix! {
    every_act_on_a_run_that_was_interrupted: Interrupted,
    every_act_on_a_run_that_nobody_has_looked_for: Unlooked,
    every_act_on_a_run_that_a_guard_holds: Guarded,
    every_act_on_a_run_whose_file_the_gate_refuses: Refused,
    every_act_on_a_run_with_something_in_its_way: InTheWay,
    every_act_on_a_run_with_another_file_where_its_own_may_be: PublishedInTheWay,
    every_act_on_a_run_that_was_answered_and_never_sent: AnsweredUnsent,
    every_act_on_a_run_that_is_configured_otherwise_now: Rebound,
    every_act_on_a_run_that_failed_before_a_file_was_made: Unsealed,
    every_act_on_a_run_that_failed: Failed,
    every_act_on_a_run_that_is_uncertain: Uncertain,
    every_act_on_a_run_that_is_said_not_to_be_there: Absent,
    every_act_on_a_run_that_had_nothing_to_send: Empty,
    every_act_on_a_run_that_was_given_up: Void,
    every_act_on_a_run_that_is_delivered: Delivered,
    every_act_on_a_run_whose_answer_is_overdue: Overdue,
    every_act_on_a_run_that_is_accepted: Accepted,
    every_act_on_a_run_that_is_taken_for_accepted: Assumed,
    every_act_on_a_run_that_stands_for_what_was_known_before: Baseline,
    every_act_on_a_run_that_is_accepted_with_errors: Errors,
    every_act_on_a_run_that_is_rejected: Rejected,
    every_act_on_a_run_that_is_said_to_be_lost: Lost,
    every_act_on_a_run_that_was_answered_twice: Contradicted,
}

#[test]
fn no_standing_of_the_table_is_without_its_test() {
    let all: Vec<RunStanding> = RunStanding::TABLE.iter().map(|row| row.standing).collect();
    assert_eq!(TESTED, all);
}

#[test]
fn from_every_standing_acts_that_fit_lead_to_one_that_needs_nobody() {
    let is_end = |standing: RunStanding| standing.row().urgency >= Urgency::Waits;
    for row in RunStanding::TABLE {
        let mut reached = vec![row.standing];
        let mut at = 0;
        while at < reached.len() {
            let from = reached[at].row();
            for to in from.acts.iter().map(|tried| comes_to(from.standing, *tried).2) {
                if !reached.contains(&to) {
                    reached.push(to);
                }
            }
            at += 1;
        }
        assert!(reached.into_iter().any(is_end), "{} is a dead end", row.words);
    }
}

#[test]
fn what_was_in_the_way_is_taken_away_and_the_run_goes_on() {
    for standing in [RunStanding::InTheWay, RunStanding::PublishedInTheWay] {
        let ground = stand(standing);
        fs::remove_file(ground.inbox().join(NAME)).unwrap();
        act(&ground, RunAct::Resume, Some(ground.stands().people())).exits(0).says("delivered");
    }
    let ground = stand(RunStanding::Rebound);
    edit(&ground.feed.site().join(CARRIER), "folder = \"incoming\"", "folder = \"inbox\"");
    act(&ground, RunAct::Resume, Some(ground.stands().people())).exits(0).says("delivered");
}

#[test]
fn plans_say_what_a_release_lets_past_which_limits_and_under_which_number_a_run_is_built_anew() {
    let ground = stand(RunStanding::Guarded);
    let said = typed(&ground, RunAct::Release, &["--plan".to_string()]).exits(0);
    said.says("add 0  chg 1  term 0  rein 0; 0 in question\n     past GRD002 more members would be changed")
        .says("limit 0");
    let plan = typed(&ground, RunAct::Release, &["--plan".to_string(), "--json".to_string()]).exits(0).json();
    let lets_go = &plan["plan"]["lets_go"];
    assert_eq!((&lets_go["changes"], &lets_go["past"][0]["code"]), (&1.into(), &"GRD002".into()));
    let ground = stand(RunStanding::Failed);
    let planned = typed(&ground, RunAct::Rebuild, &["--plan".to_string()]);
    planned.exits(0).says("of run 1: 000000001 becomes 000000002, 4 people");
    let plan = typed(&ground, RunAct::Resume, &["--plan".to_string(), "--json".to_string()]).exits(0).json();
    assert_eq!(plan["plan"]["lets_go"], serde_json::Value::Null, "nothing is let go that no guard holds");
}

/// How often the carrier may be told that the first family begins, where nobody acts: once more where what it was told
/// first counts for nothing.
fn begins_at_most(standing: RunStanding) -> usize {
    if matches!(standing, RunStanding::Rejected | RunStanding::Lost) { 2 } else { 1 }
}

/// Whatever a run stands as, nobody is told of twice while nobody acts.
fn untouched_for_ten_nights(standing: RunStanding) {
    let ground = stand(standing);
    for day in ground.day + 1..=ground.day + 10 {
        let _ = ground.feed.bex(day, &["run", "--date", &format!("2026-03-{day:02}")]);
    }
    let told = ground.feed.all_told();
    let begins = told.iter().filter(|text| text.contains("INS*Y*18*021*") && text.contains("REF*0F*EXE-1~"));
    assert!(begins.count() <= begins_at_most(standing), "{}: {:?}", standing.row().words, ground.at_carrier());
}
