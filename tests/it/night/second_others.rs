//! Acts that want two people and are done to no run: what comes of a file, and of an answer. Whoever asks cannot
//! approve, nothing is done until somebody else does, and then it is done as it was shown.

use bex::access::Concern;
use bex::act::{AnswerAct, Grounds, InputAct, settle_answer, settle_input};
use bex::state::{AckState, InputState};

use super::matrix_others::{answer, engine, input};
use super::second::{anna, bex, grant, in_production, waiting};
use crate::harness::demo_site::put;
use crate::harness::first_feed::FirstFeed;

const GROUNDS: Grounds<'_> = Grounds { reason: "asked", evidence: None, asked: None };

/// What is done, as it is typed, and how it stands in the store.
struct Tried<'t> {
    feed: &'t FirstFeed,
    typed: Vec<&'t str>,
    people: String,
    stands: &'t dyn Fn() -> String,
    event: &'t str,
    words: String,
}

impl Tried<'_> {
    fn confirmed<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        let counted: &[&str] = if self.people == "0" { &[] } else { &["--confirm", &self.people] };
        [words, counted].concat()
    }

    /// Asked for and approved by one person, refused, asked for by another, approved as it was shown.
    fn by_one_and_by_two(&self, anna_asks: impl FnOnce()) {
        let Tried { feed, typed, stands, event, words, .. } = self;
        let before = stands();
        bex(feed, &[&typed[..], &["--plan"]].concat()).exits(0).says("PLAN");
        bex(feed, &self.confirmed(&[&typed[..], &["--reason", "asked"]].concat())).exits(4).refuses_with("ANS010");
        assert_eq!(stands(), before, "{words}: nothing is done by asking");
        let number = waiting(feed);
        let board = bex(feed, &["runs"]).exits(0).out.replace('\n', " ");
        assert!(board.contains("waits for another person's approval"), "{board}");
        assert!(board.contains(&format!("bex approve {number}")), "{board}");
        let approve = |number: u64| {
            let number = number.to_string();
            bex(feed, &self.confirmed(&["approve", &number, "--reason", "looked at it"]))
        };
        approve(number).exits(8).refuses_with("ACC002");
        assert_eq!(stands(), before, "{words}: nobody approves what they have asked for");
        bex(feed, &["approve", &number.to_string(), "--refuse", "--reason", "a mistake"]).exits(0);
        approve(number).exits(2).refuses_with("ANS011");

        anna_asks();
        let number = waiting(feed);
        bex(feed, &["approve", &number.to_string(), "--plan"]).exits(0).says("PLAN").says("asked by anna").says(words);
        if self.people != "0" {
            let other = (self.people.parse::<u64>().unwrap() + 1).to_string();
            let number = number.to_string();
            let said = bex(feed, &["approve", &number, "--confirm", &other, "--reason", "looked at it"]);
            said.exits(2).refuses_with("RUN021");
        }
        assert_eq!(stands(), before);
        let events = engine(feed).store.events(0, 1_000_000).unwrap().len();
        approve(number).exits(0);
        assert_ne!(stands(), before, "{words}");
        let news = engine(feed).store.events(0, 1_000_000).unwrap().split_off(events).concat();
        assert!(news.contains(&format!(r#""action":"{event}""#)), "{words}: {news}");
        assert!(news.contains(&format!(r#""asked":{number}"#)), "{words}: the record names who asked: {news}");
        assert_eq!(bex(feed, &["approve", "--json"]).exits(0).json()["acts"], serde_json::json!([]), "{words}");
        bex(feed, &["verify"]).exits(0);
    }
}

fn settled_by_two(feed: &FirstFeed, id: i64) {
    in_production(feed);
    let number = id.to_string();
    let people = InputAct::settle(&anna(feed), id).unwrap().people().to_string();
    let tried = Tried {
        feed,
        typed: vec!["input", "settle", &number],
        people,
        stands: &|| engine(feed).store.input(id).unwrap().unwrap().state.to_string(),
        event: "input.settled",
        words: format!("input settle of input {id}"),
    };
    tried.by_one_and_by_two(|| {
        let engine = anna(feed);
        let act = InputAct::settle(&engine, id).unwrap();
        let permit = engine.grant(Concern::Anywhere).unwrap();
        assert_eq!(settle_input(&engine, &act, &GROUNDS, &permit).unwrap_err().code, "ANS010");
    });
}

#[test]
fn that_nothing_comes_of_a_file_that_waits_is_said_by_two() {
    let (feed, id) = input(InputState::Quarantined);
    settled_by_two(&feed, id);
}

#[test]
fn that_a_file_counts_as_never_sent_is_said_by_two() {
    let (feed, id) = super::matrix_others::unused();
    assert_ne!(InputAct::settle(&anna(&feed), id).unwrap().people(), 0);
    settled_by_two(&feed, id);
}

fn of_answer(of: Option<i64>) {
    let (feed, id) = answer(AckState::Unmatched);
    in_production(&feed);
    let (number, run) = (id.to_string(), of.map(|run| run.to_string()));
    let mut typed = vec!["acks", "settle", &number];
    typed.extend(run.as_deref().into_iter().flat_map(|run| ["--of", run]));
    let people = AnswerAct::settle(&anna(&feed), id, of).unwrap().people.to_string();
    assert_eq!(people == "0", of.is_none());
    let tried = Tried {
        feed: &feed,
        typed,
        people,
        stands: &|| engine(&feed).store.answer(id).unwrap().unwrap().state.to_string(),
        event: "acknowledgement.settled",
        words: format!("acks settle of answer {id}"),
    };
    tried.by_one_and_by_two(|| {
        let engine = anna(&feed);
        let act = AnswerAct::settle(&engine, id, of).unwrap();
        let permit = engine.grant(Concern::Anywhere).unwrap();
        assert_eq!(settle_answer(&engine, &act, &GROUNDS, &permit).unwrap_err().code, "ANS010");
    });
}

#[test]
fn what_has_come_of_an_answer_is_said_by_two() {
    of_answer(None);
}

#[test]
fn which_run_an_answer_is_about_is_said_by_two() {
    of_answer(Some(1));
}

#[test]
fn whoever_may_not_settle_a_file_does_not_approve_it_and_an_office_of_one_settles_alone() {
    let (feed, id) = input(InputState::Quarantined);
    in_production(&feed);
    let access = feed.site().join("access.toml");
    let number = id.to_string();
    put(&access, grant("auditor"));
    bex(&feed, &["input", "settle", &number, "--reason", "asked"]).exits(8).refuses_with("ACC001");
    put(&access, format!("[access]\none_person = \"an office of one\"\n{}", grant("operator")));
    let events = engine(&feed).store.events(0, 1_000_000).unwrap().len();
    bex(&feed, &["input", "settle", &number, "--reason", "asked"]).exits(0);
    let news = engine(&feed).store.events(0, 1_000_000).unwrap().split_off(events).concat();
    assert!(news.contains(r#""alone":"one person""#), "{news}");
}

#[test]
fn an_answer_that_was_settled_otherwise_meanwhile_waits_for_nobody() {
    let (feed, id) = answer(AckState::Unmatched);
    feed.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
    bex(&feed, &["acks", "settle", &id.to_string(), "--reason", "asked"]).exits(4).refuses_with("ANS010");
    let asked = waiting(&feed);
    // A second request for the same, done, leaves the first without an object.
    let engine = anna(&feed);
    let act = AnswerAct::settle(&engine, id, None).unwrap();
    let permit = engine.grant(Concern::Anywhere).unwrap();
    let again = settle_answer(&engine, &act, &Grounds { asked: Some(asked.cast_signed()), ..GROUNDS }, &permit);
    again.unwrap();
    drop(engine);
    let approve = ["approve", &asked.to_string(), "--reason", "looked at it"];
    bex(&feed, &approve).exits(2).refuses_with("ANS011");
    bex(&feed, &["runs"]).exits(0).never_says("another person's approval");
}
