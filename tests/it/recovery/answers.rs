//! What carriers answer, and when: an answer settles only what may have been published, and the first one stands.

use std::fs;
use std::time::{Duration, SystemTime};

use bex::run::acknowledge;
use bex::simulate::Misbehaviour;
use bex::state::{Answer, AnswerLevel, Answered, AttemptState, DeliveryState, Effect, RunState, State};
use bex::store::Owner;

use crate::harness::deliveries::{CARRIER, Sent, Site, Stand};
use crate::harness::demo_site::{World, accepting_999, names, rejecting_999};

// ── every state, every answer ──

/// Kinds of answers: what answers, and its code.
const KINDS: [(&str, &str); 11] = [
    ("TA1", "A"),
    ("TA1", "E"),
    ("TA1", "R"),
    ("999", "A"),
    ("999", "E"),
    ("999", "P"),
    ("999", "R"),
    ("997", "A"),
    ("997", "E"),
    ("997", "P"),
    ("997", "R"),
];

/// What each kind of answer comes to. Columns as in [`KINDS`]: `p` premature, `c` contradicting, `n` noted, and the
/// states that it settles: `d`elivered, `a`ccepted, `r`ejected.
const OUTCOMES: [(Stand, &str); 17] = {
    use AttemptState::{Intent, Publishing, Verified};
    [
        (Stand::Numbered, "ppp pppp pppp"),
        (Stand::Sealed, "ppp pppp pppp"),
        (Stand::SealedAgain, "ppp pppp pppp"),
        (Stand::Sending(Intent), "ppp pppp pppp"),
        (Stand::Sending(Verified), "ppp pppp pppp"),
        (Stand::Sending(Publishing), "ddr aarr aarr"),
        (Stand::Held(Intent), "ppp pppp pppp"),
        (Stand::Held(Verified), "ppp pppp pppp"),
        (Stand::Held(Publishing), "ddr aarr aarr"),
        (Stand::Uncertain, "ddr aarr aarr"),
        (Stand::Delivered, "nnr aarr aarr"),
        (Stand::DeliveredAndNoted, "nnc aarr aarr"),
        (Stand::Assumed, "nnr aarr aarr"),
        (Stand::Accepted, "nnc nncc nncc"),
        (Stand::RejectedByTa1, "ccn ccnn ccnn"),
        (Stand::RejectedBy999, "nnn ccnn ccnn"),
        (Stand::Void, "ppp pppp pppp"),
    ]
};

/// Cells of the table with a delivery each.
fn cells(site: &Site) -> Vec<(Stand, (&'static str, &'static str), char, Sent)> {
    let mut cells = Vec::new();
    for (stand, outcomes) in OUTCOMES {
        let outcomes: Vec<char> = outcomes.chars().filter(|mark| *mark != ' ').collect();
        assert_eq!(outcomes.len(), KINDS.len(), "{stand:?}");
        for (kind, mark) in KINDS.into_iter().zip(outcomes) {
            let sent = site.stand(cells.len(), stand);
            cells.push((stand, kind, mark, sent));
        }
    }
    cells
}

#[test]
fn what_every_answer_comes_to_in_every_state_of_a_delivery() {
    let site = Site::new();
    let mut cells = cells(&site);
    for (stand, _, _, sent) in &cells {
        match stand {
            Stand::DeliveredAndNoted => site.answers(sent, ("TA1", "A")),
            Stand::Accepted => site.answers(sent, ("999", "A")),
            Stand::RejectedByTa1 => site.answers(sent, ("TA1", "R")),
            Stand::RejectedBy999 => site.answers(sent, ("999", "R")),
            _ => {}
        }
    }
    assert_eq!(acknowledge(&site.engine).unwrap().faults, []);
    for name in names(&site.root.join("carriers").join(CARRIER).join("outbox")) {
        fs::remove_file(site.root.join("carriers").join(CARRIER).join("outbox").join(name)).unwrap();
    }
    let before: Vec<_> = cells.iter().map(|cell| (site.is_told(&cell.3), run_state(&site, &cell.3))).collect();
    for (_, kind, _, sent) in &mut cells {
        sent.row = site.row(sent.run);
        // Another file than the one before: the same bytes would count once.
        site.answers(sent, *kind);
        let path = site.root.join("carriers").join(CARRIER).join("outbox");
        let name = format!("{}-{}-{}", sent.feed, kind.0, kind.1);
        fs::rename(path.join(&name), path.join(format!("second-{name}"))).unwrap();
        let text = fs::read_to_string(path.join(format!("second-{name}"))).unwrap().replace("*2200*^*", "*2201*^*");
        fs::write(path.join(format!("second-{name}")), text).unwrap();
    }
    let summary = acknowledge(&site.engine).unwrap();
    let count = |mark: char| cells.iter().filter(|cell| cell.2 == mark).count() as u64;
    assert_eq!((summary.premature, summary.contradicting), (count('p'), count('c')));
    assert_eq!(summary.faults.len() as u64, count('p') + count('c'));
    for ((stand, kind, mark, sent), (told, run)) in cells.iter().zip(before) {
        let what = format!("{stand:?} {kind:?}");
        let row = site.row(sent.run);
        let (state, objection, is_told) = match mark {
            'p' => (sent.row.state(), Some("premature"), told),
            'c' => (sent.row.state(), Some("contradicting"), told),
            'n' => (sent.row.state(), None, told),
            'd' => (DeliveryState::Delivered, None, true),
            'a' => (DeliveryState::Accepted, None, true),
            _ => (DeliveryState::Rejected, None, false),
        };
        assert_eq!(
            (row.state(), row.objection.map(State::word), site.is_told(sent)),
            (state, objection, is_told),
            "{what}"
        );
        let held = matches!(run, RunState::Open | RunState::Failed);
        let run = match mark {
            'p' if held => RunState::Held,
            'd' | 'a' | 'r' => RunState::Done,
            _ => run,
        };
        assert_eq!(run_state(&site, sent), run, "{what}");
        let kept = mark == &'p' || mark == &'c';
        let faults = site.engine.store.faults(Owner::Run(sent.run)).unwrap();
        assert_eq!(faults.iter().filter(|fault| fault.code.starts_with("ACK00")).count(), usize::from(kept), "{what}");
    }
}

fn run_state(site: &Site, sent: &Sent) -> RunState {
    site.engine.store.run(sent.run).unwrap().unwrap().state()
}

#[test]
fn where_no_999_is_expected_a_ta1_decides_and_stands() {
    let answered = |delivery, level, answer| Answered {
        delivery,
        may_be_answered: true,
        ta1: (delivery == DeliveryState::Accepted).then_some(Answer::Accepted),
        g999: None,
        awaits_group: false,
        level,
        answer,
    };
    let (ta1, group) = (AnswerLevel::Interchange, AnswerLevel::Group);
    let delivered = answered(DeliveryState::Delivered, ta1, Answer::Accepted);
    assert_eq!(delivered.effect(), Effect::Settles(DeliveryState::Accepted));
    for level in [ta1, group] {
        assert_eq!(answered(DeliveryState::Accepted, level, Answer::Rejected).effect(), Effect::Contradicts);
        assert_eq!(answered(DeliveryState::Accepted, level, Answer::Errors).effect(), Effect::Noted);
    }
}

// ── a carrier that answers before anything was sent ──

const FEED: &str = "sample-logistics-alpha-health";
const FIRST: &str = "sample-logistics-alpha-health_000000001.834.age";
const SECOND: &str = "sample-logistics-alpha-health_000000002.834.age";

/// A run whose sealed file could not be sent, and a carrier that accepts it all the same.
fn answered_before_it_was_sent() -> World {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    world.bex(&["run", FEED]).exits(1).refuses_with("TRA002");
    world.carrier(CARRIER).behave();
    let first = world.carrier(CARRIER).the_file(FIRST);
    let answer = accepting_999(&first, 90).replace("AK1*BE*1*", "AK1*BE*2*");
    world.carrier(CARRIER).answer("early.999", &answer);
    world
}

#[test]
fn an_answer_to_a_file_that_was_never_sent_accepts_nothing_and_holds_the_run() {
    let world = answered_before_it_was_sent();
    world.bex(&["acks"]).exits(4).refuses_with("ACK004").says("1 file: 1 held");
    let run = world.newest_run(FEED);
    assert_eq!((&run["state"], &run["delivery"]["state"]), (&"held".into(), &"sealed".into()));
    assert_eq!((&run["delivery"]["g999"], &run["delivery"]["objection"]), (&().into(), &"premature".into()));
    world.bex(&["runs"]).exits(0).says("the carrier answers what was never sent");
    world.bex(&["show", &run["run"].to_string()]).exits(0).says("ACK004");
    // Somebody has to look: the next night does not send it by itself, and the answer counts once.
    world.bex(&["run", FEED]).exits(4).refuses_with("RUN008");
    world.bex(&["acks"]).exits(4).says("answers 2, never sent; run 2 is held (early.999 of alpha-health)");
    world.bex(&["acks", "-q"]).exits(4).says("never sent");
    assert_eq!(world.carrier(CARRIER).inbox(), [FIRST]);
}

#[test]
fn a_run_held_by_an_early_answer_is_sent_once_a_person_says_so_and_answered_again() {
    let world = answered_before_it_was_sent();
    world.bex(&["acks"]).exits(4);
    let run = world.newest_run(FEED)["run"].to_string();
    world.bex(&["resume", &run]).exits(0).says("delivered");
    assert_eq!(world.carrier(CARRIER).inbox(), [FIRST, SECOND]);
    world.fetch_acks().exits(0);
    let run = world.newest_run(FEED);
    assert_eq!((&run["state"], &run["delivery"]["g999"]), (&"accepted".into(), &"accepted".into()));
}

#[test]
fn an_answer_under_the_name_and_the_length_of_an_earlier_one_is_read() {
    let world = World::evening_of(FEED);
    world.bex(&["run", FEED]).exits(0);
    world.fetch_acks().exits(0);
    let rejecting = rejecting_999(&world.carrier(CARRIER).the_file(FIRST), 90);
    let of_nobody = rejecting.replace("AK1*BE*1*", "AK1*BE*7*");
    assert!(of_nobody != rejecting && of_nobody.len() == rejecting.len());
    let written = |text: &str, minutes: u64| {
        world.carrier(CARRIER).answer("today.999", text);
        let file = fs::File::options().write(true).open(world.carrier(CARRIER).outbox("today.999")).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(60 * minutes)).unwrap();
    };
    written(&of_nobody, 0);
    world.fetch_acks().exits(1).says("not ours");
    written(&rejecting, 1);
    world.fetch_acks().exits(4).refuses_with("ACK005");
    // The same once more, written anew, is no other answer.
    written(&rejecting, 2);
    let open = world.bex(&["acks", "--json"]).exits(4).json()["open"].as_array().unwrap().len();
    assert_eq!(open, 2);
}

#[test]
fn an_answer_to_a_delivery_that_was_given_up_leaves_it_given_up() {
    let world = answered_before_it_was_sent();
    let run = world.newest_run(FEED)["run"].to_string();
    world.bex(&["void", &run, "--reason", "not sent"]).exits(0);
    world.bex(&["acks"]).exits(4).refuses_with("ACK004");
    let run = world.newest_run(FEED);
    assert_eq!((&run["state"], &run["delivery"]["state"]), (&"void".into(), &"void".into()));
    // Nobody it names counts as told: the same date says the same under a new number.
    world.bex(&["run", FEED]).exits(0).says("delivered");
    assert_eq!(world.newest_run(FEED)["delivery"]["number"], 3);
    // Its run was given up before it came, so nothing but a person can settle it.
    let open = world.bex(&["acks", "--json"]).exits(4).json()["open"][0]["answer"].to_string();
    world.bex(&["acks", "settle", &open, "--reason", "sent by hand"]).exits(0);
    world.fetch_acks().exits(0);
}
