//! Acts that want two people on a production site: whoever asks cannot approve, nothing is done until somebody else
//! does, and then it is done as it was shown. Each act where a run takes it, by both people, with the real program.

use std::fs;

use bex::access::Concern;
use bex::act::{self, AnswerAsked, Carried, Grounds, QuestionMeant, Told};
use bex::config;
use bex::engine::clock::Clock;
use bex::engine::{Engine, Steps};
use bex::fault::Fault;
use bex::night::feed_named;
use bex::state::{RunAct, RunStanding};

use super::matrix::{Ground, stand, words};
use crate::harness::demo_site::{Said, bex_says, put};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const FEED: &str = "example-feed";
const GROUNDS: Grounds<'_> = Grounds { reason: "asked", evidence: Some("ticket 4711"), asked: None };

/// The site as a production site, from now on by the system's clock.
pub(super) fn in_production(feed: &FirstFeed) {
    feed.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
}

/// The program on a production site, as whoever runs these tests.
pub(super) fn bex(feed: &FirstFeed, arguments: &[&str]) -> Said {
    let site = feed.site();
    bex_says(&[&["--site", site.to_str().unwrap()], arguments].concat(), &site)
}

/// The same site with somebody else at work.
pub(super) fn anna(feed: &FirstFeed) -> Engine {
    let site = config::load(&feed.site()).unwrap();
    let mut engine = Engine::open(site, Clock::default(), Steps::default()).unwrap();
    engine.actor = bex::access::Actor::named("anna");
    engine
}

/// Everything that an act could have changed but who has asked for it.
fn stands(ground: &Ground) -> String {
    let (stands, at_carrier) = (ground.stands(), ground.at_carrier());
    format!("{:?} {:?} {:?} {at_carrier:?}", stands.run, stands.delivery, stands.attempts)
}

/// Somebody else asks for an act; returns its number.
fn anna_asks(ground: &Ground, wanted: RunAct) -> u64 {
    let engine = anna(&ground.feed);
    let plan = act::plan(&engine, ground.run, wanted).unwrap();
    let folder = ground.feed.site().join("carried");
    let refused: Fault = match wanted {
        RunAct::AttestAbsent | RunAct::AttestDelivered | RunAct::AttestByHand => {
            act::attest(&engine, &plan, &GROUNDS, &engine.grant(Concern::Anywhere).unwrap()).unwrap_err()
        }
        RunAct::SettleAccepted | RunAct::SettleRejected | RunAct::SettleLost => {
            act::settle(&engine, &plan, &GROUNDS, &engine.grant(Concern::Anywhere).unwrap()).unwrap_err()
        }
        RunAct::Resend => act::resend(&engine, &plan, &GROUNDS, &engine.grant(Concern::Anywhere).unwrap()).unwrap_err(),
        RunAct::Carry => {
            let to = Carried { folder: &folder, grounds: &GROUNDS };
            act::carry(&engine, &plan, &to, &engine.grant(Concern::Anywhere).unwrap()).unwrap_err()
        }
        _ => act::rebuild(&engine, &plan, &GROUNDS, &engine.grant(Concern::Anywhere).unwrap()).unwrap_err(),
    };
    assert_eq!(refused.code, "ANS010", "{}: {refused}", wanted.word());
    waiting(&ground.feed)
}

/// A grant of a role to whoever runs these tests.
pub(super) fn grant(role: &str) -> String {
    format!("[grants.test]\nrole = \"{role}\"\nusers = [\"{}\"]\n", bex::engine::actor().person())
}

/// The number of the only act that waits.
#[track_caller]
pub(super) fn waiting(feed: &FirstFeed) -> u64 {
    let acts = bex(feed, &["approve", "--json"]).exits(0).json()["acts"].clone();
    assert_eq!(acts.as_array().unwrap().len(), 1, "{acts}");
    acts[0]["act"].as_u64().unwrap()
}

fn approve(feed: &FirstFeed, number: u64, people: u64) -> Said {
    bex(feed, &["approve", &number.to_string(), "--confirm", &people.to_string(), "--reason", "looked at it"])
}

/// Where each act that wants two people is tried, and how it ends once a second one has approved it.
const TRIED: [(RunStanding, RunAct, &str); 9] = [
    (RunStanding::Uncertain, RunAct::AttestAbsent, "delivery.attested"),
    (RunStanding::Uncertain, RunAct::AttestDelivered, "delivery.attested"),
    (RunStanding::Failed, RunAct::AttestByHand, "delivery.attested"),
    (RunStanding::Delivered, RunAct::SettleAccepted, "delivery.settled"),
    (RunStanding::Delivered, RunAct::SettleRejected, "delivery.settled"),
    (RunStanding::Accepted, RunAct::SettleLost, "delivery.settled"),
    (RunStanding::Delivered, RunAct::Resend, "delivery.resent"),
    (RunStanding::Failed, RunAct::Carry, "delivery.resent"),
    (RunStanding::Void, RunAct::Rebuild, "run.rebuilt"),
];

#[test]
fn every_act_that_wants_two_people_is_tried_and_no_other_is_wanted_of_two() {
    let tried = TRIED.iter().map(|(_, act, _)| *act);
    assert!(tried.eq(RunAct::ALL.into_iter().filter(|act| act.wants_two())));
}

/// A run that stands so on a production site. What is sent, carried or computed again was so from its beginning: it
/// goes nowhere else than where it was decided for.
fn ground(standing: RunStanding, wanted: RunAct) -> Ground {
    if !matches!(wanted, RunAct::Resend | RunAct::Carry | RunAct::Rebuild) {
        let ground = stand(standing);
        in_production(&ground.feed);
        return ground;
    }
    let feed = FirstFeed::new();
    in_production(&feed);
    for (name, text) in [("census.csv", CENSUS), ("elections.csv", ELECTIONS)] {
        feed.sends(name, text);
        feed.sends(&format!("{name}.done"), "");
    }
    bex(&feed, &["run", FEED]).exits(4).refuses_with("GRD007");
    let inbox = feed.site().join("carrier/inbox");
    if standing == RunStanding::Failed {
        fs::remove_dir(&inbox).unwrap();
    }
    let act = if standing == RunStanding::Void { "void" } else { "release" };
    let _ = bex(&feed, &[act, "1", "--reason", "looked at it"]);
    fs::create_dir_all(&inbox).unwrap();
    Ground::new(feed, 1, 2)
}

/// One act: asked for and approved by one person, refused, asked for by another, approved as it was shown.
fn by_one_and_by_two(standing: RunStanding, wanted: RunAct, event: &str) {
    let what = wanted.word();
    let ground = ground(standing, wanted);
    let (feed, people) = (&ground.feed, ground.stands().people());
    assert_eq!(ground.stands().standing, standing);
    fs::create_dir_all(feed.site().join("carried")).unwrap();
    let folder = feed.site().join("carried");
    let typed = [words(wanted, ground.run, folder.to_str().unwrap()), vec!["--confirm".into(), people.to_string()]];
    let typed = typed.concat();
    let before = stands(&ground);
    let ask = || bex(feed, &typed.iter().map(String::as_str).collect::<Vec<_>>());

    ask().exits(4).refuses_with("ANS010");
    assert_eq!(stands(&ground), before, "{what}: nothing is done by asking");
    let number = waiting(feed);
    let board = bex(feed, &["runs"]).exits(0).out;
    assert!(board.contains("waits for another person's approval"), "{what}:\n{board}");
    assert!(board.replace('\n', " ").contains(&format!("bex approve {number} --confirm {people}")), "{what}:\n{board}");
    approve(feed, number, people).exits(8).refuses_with("ACC002");
    assert_eq!(stands(&ground), before, "{what}: nobody approves what they have asked for");
    bex(feed, &["approve", &number.to_string(), "--refuse", "--reason", "a mistake"]).exits(0);
    approve(feed, number, people).exits(2).refuses_with("ANS011");

    let number = anna_asks(&ground, wanted);
    bex(feed, &["approve", &number.to_string(), "--plan"]).exits(0).says("PLAN").says("asked by anna");
    approve(feed, number, people + 1).exits(2).refuses_with("RUN021");
    assert_eq!(stands(&ground), before, "{what}: another number of people");
    let events = ground.count_of_events();
    // What is built anew here is a first load, which a guard holds.
    approve(feed, number, people).exits(if wanted == RunAct::Rebuild { 4 } else { 0 });
    let news = ground.events_behind(events).concat();
    assert!(news.contains(&format!(r#""action":"{event}""#)), "{what}: {news}");
    assert!(news.contains(&format!(r#""asked":{number}"#)), "{what}: the record names who asked: {news}");
    assert_eq!(bex(feed, &["approve", "--json"]).exits(0).json()["acts"], serde_json::json!([]), "{what}");
    bex(feed, &["show", &ground.run.to_string()]).exits(0).says(&format!("ask for {what}: asked")).says("looked at it");
}

macro_rules! by_two {
    ($($test:ident: $n:literal,)+) => {
        $(#[test] fn $test() {
            let (standing, wanted, event) = TRIED[$n];
            by_one_and_by_two(standing, wanted, event);
        })+
    };
}

by_two! {
    that_a_file_is_not_at_the_carrier_is_said_by_two: 0,
    that_a_file_is_at_the_carrier_is_said_by_two: 1,
    that_a_file_was_carried_is_said_by_two: 2,
    that_a_carrier_has_accepted_is_said_by_two: 3,
    that_a_carrier_has_rejected_is_said_by_two: 4,
    that_a_carrier_has_lost_a_file_is_said_by_two: 5,
    a_file_is_sent_once_more_by_two: 6,
    a_file_is_given_out_to_be_carried_by_two: 7,
    a_run_is_computed_again_by_two: 8,
}

#[test]
fn whoever_may_not_do_an_act_does_not_approve_it() {
    let ground = stand(RunStanding::Uncertain);
    in_production(&ground.feed);
    let number = anna_asks(&ground, RunAct::AttestDelivered);
    let granted = |role: &str| {
        put(&ground.feed.site().join("access.toml"), grant(role));
    };
    granted("auditor");
    approve(&ground.feed, number, ground.stands().people()).exits(8).refuses_with("ACC001");
    granted("operator");
    approve(&ground.feed, number, ground.stands().people()).exits(0);
}

#[test]
fn what_was_asked_for_a_run_that_stands_otherwise_by_now_is_not_approved_and_leaves_the_board() {
    let ground = stand(RunStanding::Delivered);
    in_production(&ground.feed);
    let number = anna_asks(&ground, RunAct::SettleLost);
    let answer = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/answer.999"));
    put(&ground.feed.site().join("carrier/outbox/a.999"), answer.replace("IK5*A", "IK5*R*5").replace("AK9*A", "AK9*R"));
    bex(&ground.feed, &["acks"]).exits(1);
    assert_eq!(ground.stands().standing, RunStanding::Rejected);
    approve(&ground.feed, number, ground.stands().people()).exits(2).refuses_with("ANS011");
    bex(&ground.feed, &["runs"]).exits(0).never_says("another person's approval");
}

#[test]
fn an_office_of_one_acts_alone_and_the_record_says_so() {
    let ground = stand(RunStanding::Uncertain);
    in_production(&ground.feed);
    let one = format!("[access]\none_person = \"an office of one\"\n{}", grant("operator"));
    put(&ground.feed.site().join("access.toml"), one);
    let (events, people) = (ground.count_of_events(), ground.stands().people().to_string());
    let typed = words(RunAct::AttestDelivered, ground.run, "");
    let typed: Vec<&str> = typed.iter().map(String::as_str).chain(["--confirm", &people]).collect();
    bex(&ground.feed, &typed).exits(0);
    assert!(ground.events_behind(events).concat().contains(r#""alone":"one person""#));
}

#[test]
fn many_runs_are_asked_for_one_by_one_and_each_waits() {
    let ground = stand(RunStanding::Delivered);
    in_production(&ground.feed);
    let why = ["--reason", "asked", "--evidence", "ticket 4711"];
    let settle = ["settle", "--since", "2026-03-01", "--accepted", "--confirm", "1"];
    bex(&ground.feed, &[&settle[..], &why].concat()).exits(4).refuses_with("ANS010");
    waiting(&ground.feed);
}

#[test]
fn that_a_carrier_has_agreed_is_said_by_two() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("elections.csv", ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,12/01/2025,,,204.10,NH,N"));
    feed.night(3).says("REC007");
    let shown = feed.bex(3, &["show", "2", "--json"]).exits(0).json();
    let holds = shown["holds"].as_array().unwrap().clone();
    let late = holds.iter().find(|hold| hold["code"] == "REC007").unwrap();
    let member = late["member"].as_str().unwrap().to_owned();
    in_production(&feed);
    let answered = || anna(&feed).store.events(0, 1_000_000).unwrap().concat().contains("question.answered");
    bex(&feed, &["answer", FEED, &member, "REC007", "tell", "--reason", "asked"]).exits(4).refuses_with("ANS010");
    let number = waiting(&feed).to_string();
    bex(&feed, &["approve", &number, "--reason", "right"]).exits(8).refuses_with("ACC002");
    bex(&feed, &["approve", &number, "--refuse", "--reason", "a mistake"]).exits(0);
    assert!(!answered(), "nothing is answered yet");

    let engine = anna(&feed);
    let of = feed_named(&engine.site, FEED).unwrap();
    let asked = AnswerAsked {
        question: QuestionMeant { feed: of, member: &member, code: "REC007", plan: None },
        answer: "tell",
    };
    let (plan, permit) = (act::answer_plan(&engine, &asked).unwrap(), engine.grant_on(FEED).unwrap());
    let refused = act::answer(&engine, of, &plan, &Told { grounds: &GROUNDS, permit: &permit }).unwrap_err();
    assert_eq!(refused.code, "ANS010");
    drop(engine);
    let number = waiting(&feed).to_string();
    bex(&feed, &["approve", &number, "--plan"]).exits(0).says("PLAN answer");
    bex(&feed, &["approve", &number, "--reason", "their letter"]).exits(0);
    assert!(answered());
}
