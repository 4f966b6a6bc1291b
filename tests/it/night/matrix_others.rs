//! State by act for whatever is no run: files that came in, answers, feeds, their slots, questions, and what waits for
//! an approval. Each list of states is the program's own; a state that nothing here leads to does not compile.

use std::collections::BTreeSet;

use bex::config;
use bex::engine::Engine;
use bex::engine::clock::Clock;
use bex::run::StandingRun;
use bex::state::{AckState, InputState, QuestionState, RunStanding, SlotState, State as _};
use bex::store::SlotKey;
use chrono::{DateTime, Utc};

use crate::harness::demo_site::{Said, bex_says, put, rejecting_999};
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};
use crate::harness::source_tree;

const FEED: &str = "example-feed";
const ANSWER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/answer.999"));
const WHY: [&str; 2] = ["--reason", "asked"];

// ── what is looked at ──

pub(super) fn engine(feed: &FirstFeed) -> Engine {
    let moment: DateTime<Utc> = "2026-03-06T22:00:00Z".parse().unwrap();
    Engine::open_to_read(config::load(&feed.site()).unwrap(), Clock::fixed_at(moment)).unwrap()
}

fn events(feed: &FirstFeed) -> Vec<String> {
    engine(feed).store.events(0, 1_000_000).unwrap()
}

/// What is done to a thing of the site on an evening, and how often: shown, then done.
struct Tried<'t> {
    feed: &'t FirstFeed,
    at: &'t str,
    act: Vec<&'t str>,
}

impl Tried<'_> {
    fn types(&self, more: &[&str]) -> Said {
        let site = self.feed.site();
        let whole = ["--site", site.to_str().unwrap(), "--now", self.at];
        bex_says(&[&whole[..], &self.act, more].concat(), &site)
    }

    /// Its plan is shown and changes nothing; then it is done, and the log names it.
    fn fits(&self, plan: &str, event: &str) {
        let before = events(self.feed);
        self.types(&["--plan"]).exits(0).says(plan);
        assert_eq!(events(self.feed), before, "{:?}: its plan changes nothing", self.act);
        self.types(&[WHY[0], " "]).exits(2);
        assert_eq!(events(self.feed), before, "{:?}: without a reason", self.act);
        self.types(&WHY).exits(0);
        let news = events(self.feed).split_off(before.len()).concat();
        assert!(news.contains(&format!(r#""action":"{event}""#)), "{:?}: {event} in {news}", self.act);
    }

    /// It is refused with its plan and without, and changes nothing.
    fn is_refused(&self, exit: i32, code: &str, says: &str) {
        let before = events(self.feed);
        for more in [&["--plan"][..], &WHY] {
            self.types(more).exits(exit).refuses_with(code).says(says);
        }
        assert_eq!(events(self.feed), before, "{:?}: what is refused changes nothing", self.act);
    }
}

fn board(feed: &FirstFeed, at: &str) -> String {
    Tried { feed, at, act: vec!["runs"] }.types(&[]).exits(0).out
}

/// The evening on which everything here is tried.
const EVENING: &str = "2026-03-05T22:00:00Z";

// ── files that came in ──

/// A site with an input that stands so.
pub(super) fn input(state: InputState) -> (FirstFeed, i64) {
    match state {
        InputState::Archived => {
            for at in 1.. {
                let feed = FirstFeed::arrived();
                assert!(feed.bex(2, &["run", "--abort-at", &at.to_string()]).aborted(), "no boundary leads there");
                let found = engine(&feed).store.input(1).unwrap();
                if found.is_some_and(|input| input.state == state) {
                    return (feed, 1);
                }
            }
            unreachable!()
        }
        InputState::Applied => (FirstFeed::after_first_night(CENSUS), 1),
        InputState::Quarantined | InputState::Settled => {
            let feed = FirstFeed::after_first_night(CENSUS);
            feed.sends("census.csv", CENSUS.lines().next().unwrap());
            let _ = feed.night(3);
            if state == InputState::Settled {
                feed.bex(3, &["input", "settle", "3", "--reason", "empty"]).exits(0);
            }
            (feed, 3)
        }
        InputState::Held => {
            let feed = FirstFeed::after_first_night(CENSUS);
            feed.sends("census-2026-03-03.csv", CENSUS.replace("31 Example Way", "35 Example Way"));
            feed.night(3).exits(0);
            feed.is_acknowledged(3);
            feed.sends("census_20260228.csv", CENSUS);
            feed.night(4).exits(3).says("INT018");
            (feed, 4)
        }
    }
}

/// A site with an input that was read and that no run has used: the elections of its night were cut off.
pub(super) fn unused() -> (FirstFeed, i64) {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    feed.sends("elections.csv", ELECTIONS.lines().next().unwrap());
    let _ = feed.night(3);
    assert_eq!(engine(&feed).store.input(3).unwrap().unwrap().state, InputState::Applied);
    (feed, 3)
}

#[test]
fn an_input_that_no_run_has_used_is_settled_for_as_many_people_as_it_has() {
    let (feed, id) = unused();
    let number = id.to_string();
    let tried = |act| Tried { feed: &feed, at: EVENING, act: vec!["input", act, &number] };
    let plan = tried("settle").types(&["--plan", "--json"]).exits(0).json();
    let people = plan["plan"]["people"].to_string();
    let counted = Tried { act: vec!["input", "settle", &number, "--confirm", &people], ..tried("settle") };
    counted.fits("it counts as never sent", "input.settled");
    assert_eq!(engine(&feed).store.input(id).unwrap().unwrap().state, InputState::Settled);
    tried("settle").is_refused(1, "INT015", "settled");
}

/// From its sealed copy, whether a run has used it or not: the same bytes say the same, what runs were computed from
/// stays what it was, and nobody is told twice.
#[test]
fn an_input_that_was_read_is_read_once_more_while_it_is_the_newest_of_its_source() {
    for (feed, id) in [unused(), input(InputState::Applied)] {
        let number = id.to_string();
        let read = Tried { feed: &feed, at: EVENING, act: vec!["input", "read", &number] };
        read.types(&["--as", "elections/example-employer", "--plan"]).exits(2).refuses_with("INT014");
        let plan =
            format!("PLAN input read of input {id}: the next run reads its sealed copy as census/example-employer");
        read.types(&["--plan"]).exits(0).says("3 families, 0 said otherwise than now");
        read.fits(&plan, "input.reread");
        assert_eq!(engine(&feed).store.input(id).unwrap().unwrap().state, InputState::Applied);
        read.is_refused(1, "INT015", "newer");
        assert!(board(&feed, EVENING).contains("not read yet"));
        feed.sends("elections.csv", ELECTIONS);
        let sent = feed.sent();
        feed.night(5).exits(0);
        let again = engine(&feed).store.newest_input("census/example-employer").unwrap().unwrap();
        assert!(again.id > id && (again.state, again.changed) == (InputState::Applied, Some(0)), "{again:?}");
        let is_told = usize::from(id == 3);
        feed.bex(5, &["show", "input", &number]).says(&format!("nothing: input {} has taken its place", again.id));
        assert_eq!(feed.sent(), sent + is_told, "what no run has told yet, and nothing else");
        feed.bex(6, &["verify"]).exits(0);
    }
}

#[test]
fn a_plan_to_have_a_file_read_says_what_that_would_come_to() {
    let (feed, id) = input(InputState::Quarantined);
    let number = id.to_string();
    let read = Tried { feed: &feed, at: EVENING, act: vec!["input", "read", &number, "--plan"] };
    let code = read.types(&["--json"]).exits(0).json()["plan"]["refused"].clone();
    assert_eq!(code, "RUN005", "as it is, it would be refused again");
    read.types(&[]).exits(0).says("it would be refused because of ");
    let (feed, id) = input(InputState::Held);
    let number = id.to_string();
    let read = Tried { feed: &feed, at: EVENING, act: vec!["input", "read", &number, "--plan"] };
    read.types(&[]).exits(0).says("3 families, 1 said otherwise than now");
    // Only a plan reads it: whoever acts leaves that to the run.
    let done = Tried { act: vec!["input", "read", &number], ..read }.types(&WHY).exits(0);
    done.says("PLAN input read of input").never_says("said otherwise than now");
}

#[test]
fn every_act_on_an_input_in_every_state() {
    for state in InputState::ALL {
        let acts = [("read", "PLAN input read of input"), ("settle", "PLAN input settle of input")];
        // Reading once more what was read: above.
        let is_above = |act: &str| (act, state) == ("read", &InputState::Applied);
        for (act, plan) in acts.into_iter().filter(|(act, _)| !is_above(act)) {
            let (feed, id) = input(*state);
            assert_eq!(engine(&feed).store.input(id).unwrap().unwrap().state, *state);
            let number = id.to_string();
            let tried = Tried { feed: &feed, at: EVENING, act: vec!["input", act, &number] };
            if matches!(state, InputState::Quarantined | InputState::Held) {
                // A file that keeps a night is said with the night.
                let shown = board(&feed, EVENING);
                let said = [format!("input {id}  "), format!("`bex show input {id}`")];
                assert!(said.iter().any(|said| shown.contains(said)), "{state}: {shown}");
                tried.fits(plan, "input.settled");
                assert_eq!(engine(&feed).store.input(id).unwrap().unwrap().state, InputState::Settled);
                assert!(!board(&feed, EVENING).contains(&format!("input {id}  ")), "{state}");
            } else {
                tried.is_refused(1, "INT015", state.word());
            }
        }
    }
    let (feed, _) = input(InputState::Applied);
    Tried { feed: &feed, at: EVENING, act: vec!["input", "settle", "99"] }.is_refused(1, "INT013", "99");
}

#[test]
fn a_file_that_is_not_read_yet_stands_on_the_board_until_a_run_reads_it() {
    let (feed, id) = input(InputState::Archived);
    let says = format!("~ census/example-employer  input {id} not read yet");
    let shown = board(&feed, EVENING);
    assert!(shown.contains(&says) && shown.contains("next: `bex run example-feed`"), "{shown}");
    feed.night(5).exits(0);
    assert!(!board(&feed, EVENING).contains("not read yet"));
}

#[test]
fn a_file_that_is_read_again_because_its_mapping_has_changed_stands_on_the_board_until_it_is() {
    let feed = FirstFeed::after_first_night(CENSUS);
    assert!(!board(&feed, EVENING).contains("read again"));
    feed.edit(CENSUS_MAPPING, "city = \"City\"", "city = { header = \"City\" }");
    feed.edit(CENSUS_MAPPING, "phone = \"Phone\"\n", "");
    let shown = board(&feed, EVENING);
    let says = "~ census/example-employer  input 1 will be read again: its mapping has changed";
    assert!(shown.contains(says) && shown.contains("next: `bex plan example-feed`"), "{shown}");
    feed.bex(5, &["plan", FEED]).exits(0).says("census/example-employer");
    assert!(board(&feed, EVENING).contains(says), "a plan reads nothing");
    feed.night(5).exits(0);
    assert!(!board(&feed, EVENING).contains("read again"));
}

#[test]
fn a_file_that_its_employer_is_still_writing_stands_on_the_board_until_it_is_whole() {
    let feed = FirstFeed::new();
    // A test site waits for nobody.
    feed.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
    let shown = || bex_says(&["--site", feed.site().to_str().unwrap(), "runs"], &feed.site()).exits(0).out;
    assert!(!shown().contains("arriving"));
    feed.sends("census.csv", CENSUS);
    let (board, says) = (shown(), "~ census/example-employer  arriving since ");
    assert!(board.contains(says) && board.contains("next: nothing: it is taken in once it is whole"), "{board}");
    feed.sends("census.csv.done", "");
    assert!(!shown().contains("arriving"), "its sender says that it is whole");
}

#[test]
fn what_is_left_in_the_inbox_because_it_is_no_file_stands_on_the_board_until_it_is_gone() {
    let feed = FirstFeed::after_first_night(CENSUS);
    assert!(!board(&feed, EVENING).contains("INT001"));
    let link = feed.site().join("inbox/example-employer/census.csv");
    std::os::unix::fs::symlink(feed.site().join("bex.toml"), &link).unwrap();
    let shown = board(&feed, EVENING);
    let says = "census/example-employer  left in the inbox: only regular files with one name are taken";
    assert!(shown.contains(says) && shown.contains("next: remove it and ask who put it there"), "{shown}");
    std::fs::remove_file(link).unwrap();
    assert!(!board(&feed, EVENING).contains("INT001"));
}

// ── answers ──

fn answered(text: &str) -> FirstFeed {
    let feed = FirstFeed::arrived();
    feed.night(2).exits(0);
    answers(&feed, "a.999", text);
    feed
}

fn answers(feed: &FirstFeed, name: &str, text: &str) {
    put(&feed.site().join("carrier/outbox").join(name), text);
    let _ = feed.bex(3, &["acks"]);
}

/// A site with an answer that stands so, and its number.
pub(super) fn answer(state: AckState) -> (FirstFeed, i64) {
    match state {
        AckState::Applied => (answered(ANSWER), 1),
        AckState::Unmatched => (answered(&ANSWER.replace("AK1*BE*1*", "AK1*BE*77*")), 1),
        AckState::Quarantined => (answered("no answer at all\n"), 1),
        AckState::Premature => {
            let feed = FirstFeed::unreached();
            answers(&feed, "a.999", ANSWER);
            (feed, 1)
        }
        AckState::Contradicting => {
            let feed = answered(ANSWER);
            answers(&feed, "b.999", &rejecting_999(&feed.told(), 9));
            (feed, 2)
        }
        AckState::Settled => {
            let (feed, id) = answer(AckState::Unmatched);
            feed.bex(3, &["acks", "settle", &id.to_string(), "--reason", "asked"]).exits(0);
            (feed, id)
        }
    }
}

fn stands(feed: &FirstFeed, id: i64) -> AckState {
    engine(feed).store.answer(id).unwrap().unwrap().state
}

#[test]
fn every_act_on_an_answer_in_every_state() {
    for state in AckState::ALL {
        let waits = !matches!(state, AckState::Applied | AckState::Settled);
        let (feed, id) = answer(*state);
        assert_eq!(stands(&feed, id), *state);
        // What a run waits for somebody by is said with the run.
        let shown = board(&feed, EVENING);
        let said = [&format!("ack {id} of"), "answered twice and not alike", "answers what was never sent"];
        assert_eq!(said.iter().any(|said| shown.contains(said)), waits, "{state}: {shown}");
        let number = id.to_string();
        let tried = Tried { feed: &feed, at: EVENING, act: vec!["acks", "settle", &number] };
        if waits {
            tried.fits(&format!("PLAN acks settle of answer {id} ({state})"), "acknowledgement.settled");
            assert_eq!(stands(&feed, id), AckState::Settled);
            assert!(!board(&feed, EVENING).contains(&format!("ack {id} of")), "{state}");
        } else {
            tried.is_refused(1, "ACK006", "bex acks");
        }
        let (feed, id) = answer(*state);
        read_once_more(&feed, *state, &number);
        let people = StandingRun::numbered(&engine(&feed), 1).unwrap().people().to_string();
        let act = vec!["acks", "settle", &number, "--of", "1", "--confirm", &people];
        let tried = Tried { feed: &feed, at: EVENING, act };
        if *state == AckState::Unmatched {
            let others = Tried { feed: &feed, at: EVENING, act: vec!["acks", "settle", &number, "--of", "1"] };
            others.types(&["--confirm", "99", WHY[0], WHY[1]]).exits(2).refuses_with("RUN021");
            tried.fits("it counts as the answer to run 1", "acknowledgement.settled");
            assert_eq!(stands(&feed, id), AckState::Settled);
        } else {
            let before = events(&feed);
            tried.types(&WHY).exits(1).refuses_with("ACK006");
            assert_eq!(events(&feed), before, "{state}: what is refused changes nothing");
        }
    }
}

/// An answer is read once more where it could not be read or named nothing of ours, and only where that changes
/// anything: here nothing was mended.
fn read_once_more(feed: &FirstFeed, state: AckState, number: &str) {
    let tried = Tried { feed, at: EVENING, act: vec!["acks", "reread", number] };
    match state {
        AckState::Unmatched => tried.is_refused(1, "ACK010", "as before"),
        AckState::Quarantined => tried.is_refused(1, "X12001", ""),
        _ => tried.is_refused(1, "ACK006", "bex acks"),
    }
    assert_eq!(stands(feed, number.parse().unwrap()), state);
}

const CARRIER: &str = "mappings/carriers/example-carrier.toml";

/// A site whose answer came while its carrier was called otherwise in the configuration, which was put right since.
fn mended(text: &str) -> FirstFeed {
    let feed = FirstFeed::arrived();
    feed.night(2).exits(0);
    feed.edit(CARRIER, "id = \"EXAMPLECARRIER\"", "id = \"EXAMPLCARRIER\"");
    answers(&feed, "a.999", text);
    assert_eq!(stands(&feed, 1), AckState::Unmatched);
    Tried { feed: &feed, at: EVENING, act: vec!["acks", "reread", "1"] }.is_refused(1, "ACK010", "as before");
    feed.edit(CARRIER, "id = \"EXAMPLCARRIER\"", "id = \"EXAMPLECARRIER\"");
    // Its file was fetched already, and is not fetched again.
    feed.bex(5, &["acks"]).exits(1);
    assert_eq!(stands(&feed, 1), AckState::Unmatched);
    feed
}

#[test]
fn an_answer_that_a_setting_kept_from_being_matched_is_applied_when_it_is_read_once_more() {
    let feed = mended(ANSWER);
    let tried = Tried { feed: &feed, at: EVENING, act: vec!["acks", "reread", "1"] };
    tried.fits("PLAN acks reread of answer 1 (unmatched): it answers run 1", "acknowledgement.reread");
    assert_eq!(stands(&feed, 1), AckState::Applied);
    let shown = board(&feed, EVENING);
    assert!(!shown.contains("answer 1 of"), "{shown}");
    feed.bex(5, &["show", "1"]).exits(0).says("accepted");
    tried.is_refused(1, "ACK006", "bex acks");
    feed.bex(5, &["verify"]).exits(0);
}

#[test]
fn a_rejection_that_is_read_once_more_takes_back_what_was_told_and_exits_as_one_that_came_now() {
    let feed = FirstFeed::arrived();
    feed.night(2).exits(0);
    let rejects = rejecting_999(&feed.told(), 9);
    drop(feed);
    let feed = mended(&rejects);
    let tried = Tried { feed: &feed, at: EVENING, act: vec!["acks", "reread", "1"] };
    tried.types(&WHY).exits(1).says("1 rejected");
    assert_eq!(stands(&feed, 1), AckState::Applied);
    let standing = StandingRun::numbered(&engine(&feed), 1).unwrap().standing;
    assert_eq!(standing, RunStanding::Rejected);
    feed.bex(6, &["run", "--date", "2026-03-06"]).exits(0).says("delivered");
}

// ── feeds and slots ──

#[test]
fn holding_and_letting_go_a_feed_that_is_held_and_one_that_is_not() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let tried = |act| Tried { feed: &feed, at: EVENING, act: vec![act, FEED] };
    tried("unhold").is_refused(1, "RUN016", "not held");
    // The evening of the 5th in UTC is its afternoon in Chicago.
    tried("hold").types(&["--plan"]).says("next due 2026-03-05 21:30 CST, cut-off 2026-03-06 05:00 CST");
    tried("hold").fits("PLAN hold of example-feed", "feed.held");
    assert!(board(&feed, EVENING).contains(&format!(" ! {FEED} held by ")));
    assert!(board(&feed, EVENING).contains(&format!("next: `bex unhold {FEED} --reason R`")));
    tried("hold").is_refused(1, "RUN016", "held already");
    feed.bex(5, &["run", FEED]).exits(4).refuses_with("RUN025");
    tried("unhold").fits("PLAN unhold of example-feed", "feed.unheld");
    assert!(!board(&feed, EVENING).contains("held by"));
}

/// In Chicago half past nine in the evening of the 4th, and the cut-off after it.
const DUE: &str = "2026-03-05T03:30:00Z";
const OVER: &str = "2026-03-05T12:00:00Z";

/// A site whose slot of the 4th stands so, and the moment at which it does.
fn slot(state: SlotState) -> (FirstFeed, &'static str) {
    let feed = FirstFeed::new();
    let pass =
        |at: &str| bex_says(&["--site", feed.site().to_str().unwrap(), "--now", at, "run", "--due"], &feed.site());
    pass("2026-03-04T12:00:00Z").exits(0);
    let now = match state {
        SlotState::Blocked => DUE,
        SlotState::Missed | SlotState::Skipped => OVER,
        SlotState::Ran => {
            feed.sends("census.csv", CENSUS);
            feed.sends("elections.csv", ELECTIONS);
            DUE
        }
    };
    let _ = pass(now);
    if state == SlotState::Skipped {
        let tried = Tried { feed: &feed, at: now, act: vec!["skip", FEED, "--date", "2026-03-04"] };
        tried.types(&WHY).exits(0);
    }
    (feed, now)
}

fn slot_state(feed: &FirstFeed) -> SlotState {
    engine(feed).store.slot(SlotKey { feed: FEED, date: "2026-03-04" }).unwrap().unwrap().state
}

#[test]
fn skipping_a_slot_in_every_state_and_one_that_is_none() {
    for state in SlotState::ALL {
        let (feed, at) = slot(*state);
        assert_eq!(slot_state(&feed), *state);
        let word = if *state == SlotState::Blocked { "not run\n     RUN" } else { state.word() };
        let on_the_board = format!("{FEED}  2026-03-04  {word}");
        let open = matches!(state, SlotState::Blocked | SlotState::Missed);
        assert_eq!(board(&feed, at).contains(&on_the_board), open, "{state}: {}", board(&feed, at));
        let tried = Tried { feed: &feed, at, act: vec!["skip", FEED, "--date", "2026-03-04"] };
        if open {
            tried.fits("PLAN skip of example-feed for 2026-03-04", "slot.skipped");
            assert_eq!(slot_state(&feed), SlotState::Skipped);
            assert!(!board(&feed, at).contains(&on_the_board), "{state}");
        } else {
            tried.is_refused(2, "RUN019", "2026-03-04");
        }
        for none in ["2026-03-01", "2026-04-01"] {
            Tried { feed: &feed, at, act: vec!["skip", FEED, "--date", none] }.is_refused(2, "RUN019", none);
        }
    }
}

// ── questions ──

/// A site whose run asks of a family, with the member's reference; answered by the employer's next file where it is
/// closed.
fn question(state: QuestionState) -> (FirstFeed, String) {
    let feed = FirstFeed::after_first_night(CENSUS);
    let rest: String =
        CENSUS.lines().filter(|line| !line.starts_with("EXE-2")).map(|line| format!("{line}\n")).collect();
    feed.sends("census.csv", rest);
    feed.night(3).says("REC001");
    let shown = feed.bex(3, &["show", "2", "--json"]).exits(0).json();
    let member = shown["holds"][0]["member"].as_str().unwrap().to_owned();
    match state {
        QuestionState::Open => {}
        QuestionState::Closed => {
            feed.sends("census.csv", CENSUS);
            feed.night(4).exits(0);
        }
    }
    (feed, member)
}

#[test]
fn answering_a_question_in_every_state_as_it_takes_it_and_otherwise() {
    for state in QuestionState::ALL {
        let (feed, member) = question(*state);
        let asks = format!("{FEED}  1 question");
        assert_eq!(board(&feed, EVENING).contains(&asks), *state == QuestionState::Open);
        let tried = |code, word| Tried { feed: &feed, at: EVENING, act: vec!["answer", FEED, &member, code, word] };
        let asked = |whom, until| Tried {
            feed: &feed,
            at: EVENING,
            act: vec!["answer", FEED, &member, "REC001", "--asked", whom, "--until", until],
        };
        if *state == QuestionState::Closed {
            tried("REC001", "2026-02-28").is_refused(2, "ANS001", FEED);
            asked("HR", "2026-03-09").is_refused(2, "ANS001", FEED);
            continue;
        }
        asked("HR", "2026-03-04").is_refused(2, "ANS012", "2026-03-05");
        asked("HR", "2026-06-09").is_refused(2, "ANS012", "2026-03-05");
        asked("HR", "2026-03-09").fits("PLAN answer REC001", "question.asked");
        tried("REC001", "tell").is_refused(2, "ANS004", "YYYY-MM-DD");
        tried("REC004", "tell").is_refused(2, "ANS001", FEED);
        tried("REC001", "2026-02-28").fits("PLAN answer", "question.answered");
        feed.bex(5, &["run", FEED]).exits(0).says("1 terminate");
        assert!(!board(&feed, EVENING).contains(&asks));
    }
}

#[test]
fn a_question_that_was_put_to_somebody_waits_for_them_until_their_day_is_over() {
    let (feed, member) = question(QuestionState::Open);
    let asks = format!(" ! {FEED}  1 question");
    assert!(board(&feed, EVENING).contains(&asks));
    let ask = |whom, until: &str| {
        let typed = ["answer", FEED, &member, "REC001", "--asked", whom, "--until", until, "--reason", "Pat Probe"];
        feed.bex(5, &typed)
    };
    ask("Jane Doe", "2026-03-09").exits(2).says("a role and never a name");
    ask("hr", "2026-03-09").exits(0);
    let evening = |day: u32| board(&feed, &format!("2026-03-{day:02}T22:00:00Z"));
    let waits = format!(" . {FEED}  1 question, asked HR until 2026-03-09");
    for day in [5, 9] {
        let shown = evening(day);
        assert!(shown.contains(&waits) && !shown.contains(&asks), "{shown}");
        assert!(!shown.contains("Pat Probe"), "why is sealed");
    }
    feed.bex(9, &["show", "question", &member])
        .exits(0)
        .says("ASKED")
        .says("asked HR at 2026-03-05")
        .says("2026-03-09");
    let shown = evening(10);
    assert!(shown.contains(&asks) && !shown.contains(&waits), "{shown}");
    feed.bex(10, &["show", "question", &member]).exits(0).says("OPEN").says("no answer has come");
    // A run finds it again, and it is open all the time: being asked decides nothing.
    feed.night(11).says("REC001");
    feed.bex(
        11,
        &["answer", FEED, &member, "REC001", "--asked", "payroll", "--until", "2026-03-20", "--reason", "again"],
    )
    .exits(0);
    assert!(evening(12).contains(" . example-feed  1 question, asked payroll until 2026-03-20"), "{}", evening(12));
    // The employer's next file answers all the same, and the same question asked anew was put to nobody.
    feed.sends("census.csv", CENSUS);
    feed.night(12).exits(0);
    assert!(!evening(12).contains("1 question"));
    let rest: String =
        CENSUS.lines().filter(|line| !line.starts_with("EXE-2")).map(|line| format!("{line}\n")).collect();
    feed.sends("census.csv", rest.replace("G5", "G6"));
    feed.night(13).says("REC001");
    assert!(evening(13).contains(&asks), "{}", evening(13));
    feed.bex(13, &["verify"]).exits(0);
}

#[test]
fn what_does_not_wait_is_not_approved() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let before = events(&feed);
    feed.bex(3, &["approve"]).exits(0);
    feed.bex(3, &["approve", "--expect", "0123456789ab", "--reason", "asked"]).exits(2).refuses_with("ANS006");
    assert_eq!(events(&feed), before);
}

// ── all acts ──

/// Commands whose acts are tried here and beside this page, in every state of what they are done to.
const TRIED: &str = "resume release void attest settle resend rebuild run input acks hold unhold skip answer approve";
/// Commands that only look.
const LOOKS: &str = "check doctor plan schedule runs show mapping report completions man watch metrics why explain trace balance \
    forecast worklist reconcile x12 verify audit statement grants policy";
/// Commands that act on something else than the life of a feed, or that read of people and record it; they have suites
/// of their own.
const ELSEWHERE: &str = "demo init corrections notify recover migrate review keys backup retention disclose breakglass \
    disclosures affected baseline intake";

#[test]
fn of_every_command_it_is_said_whether_it_acts_and_where_that_is_tried() {
    let page = source_tree::text("docs/reference/commands.md");
    let commands: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("## bex ")).collect();
    let said: Vec<&str> = [TRIED, LOOKS, ELSEWHERE].into_iter().flat_map(str::split_whitespace).collect();
    assert_eq!(said.iter().copied().collect::<BTreeSet<_>>(), commands, "a new command is an act or it looks");
    assert_eq!(said.len(), commands.len(), "and not both");
}
