//! What people may do to runs: every act where a run stands in every way. An act that fits does what its plan says,
//! records who and why, and leaves the run where the table has it; every other is refused and changes nothing.

use bex::access::Concern;
use bex::act::{self, ActPlan, ActTold, Grounds, LetGo, acts_of};
use bex::audit::Action;
use bex::engine::SealedText;
use bex::fault::Fault;
use bex::run::{self, Exit, Outcome, StandingRun};
use bex::simulate::Misbehaviour;
use bex::state::{AckState, Answer, AttemptState, DeliveryState, RunAct, RunStanding, RunState, Urgency};
use bex::store::Acknowledged;

use crate::harness::deliveries::{CARRIER, Sent, Site, Stand};
use crate::harness::demo_site::{Office, Said, World, names, segments};

const GROUNDS: Grounds<'_> = Grounds { reason: "asked", evidence: Some("ticket 4711"), asked: None };

// ── runs that stand in every way ──

/// A run that stands so, of a feed of its own.
fn stand(site: &Site, n: usize, standing: RunStanding) -> i64 {
    use AttemptState::{Intent, Publishing};
    match standing {
        RunStanding::Guarded | RunStanding::Unsealed | RunStanding::Empty => without_a_number(site, n, standing),
        RunStanding::Interrupted => site.stand(n, Stand::Sealed).run,
        RunStanding::Unlooked => site.stand(n, Stand::Sending(Publishing)).run,
        RunStanding::Refused => held(site, &site.stand(n, Stand::Numbered), Action::RunHeld),
        RunStanding::InTheWay => site.stand(n, Stand::Held(Intent)).run,
        RunStanding::PublishedInTheWay => site.stand(n, Stand::Held(Publishing)).run,
        RunStanding::AnsweredUnsent => {
            let sent = site.stand(n, Stand::SealedAgain);
            objects(site, n, &sent, AckState::Premature);
            held(site, &sent, Action::AckPremature)
        }
        RunStanding::Rebound => held(site, &site.stand(n, Stand::Sealed), Action::RunHeld),
        RunStanding::Failed => site.stand(n, Stand::SealedAgain).run,
        RunStanding::Uncertain => site.stand(n, Stand::Uncertain).run,
        RunStanding::Void => site.stand(n, Stand::Void).run,
        RunStanding::Assumed => site.stand(n, Stand::Assumed).run,
        RunStanding::Baseline => known_before(site, &site.stand(n, Stand::Numbered)),
        RunStanding::Delivered => site.stand(n, Stand::Delivered).run,
        RunStanding::Absent => {
            let sent = site.stand(n, Stand::Uncertain);
            perform(site, sent.run, RunAct::AttestAbsent).unwrap();
            sent.run
        }
        RunStanding::Overdue => overdue(site, &site.stand(n, Stand::Uncertain)),
        RunStanding::Accepted => answered(site, &site.stand(n, Stand::Delivered), Answer::Accepted),
        RunStanding::Errors => answered(site, &site.stand(n, Stand::Delivered), Answer::Errors),
        RunStanding::Rejected => answered(site, &site.stand(n, Stand::Delivered), Answer::Rejected),
        RunStanding::Lost => {
            let sent = site.stand(n, Stand::Delivered);
            perform(site, sent.run, RunAct::SettleLost).unwrap();
            sent.run
        }
        RunStanding::Contradicted => {
            let sent = site.stand(n, Stand::Delivered);
            let run = answered(site, &sent, Answer::Accepted);
            objects(site, n, &sent, AckState::Contradicting);
            run
        }
    }
}

/// Declared by a person as known to the carrier before.
fn known_before(site: &Site, sent: &Sent) -> i64 {
    let by = Action::BaselineDeclared;
    site.change(&[by], |change| {
        change.set_delivery_state(sent.row.id, DeliveryState::Known, by).unwrap();
        change.tell(&sent.feed, sent.row.id, by).unwrap();
        change.set_run_state(sent.run, RunState::Done, by).unwrap();
    });
    sent.run
}

fn without_a_number(site: &Site, n: usize, standing: RunStanding) -> i64 {
    let run = site.open(&format!("feed-{n}"));
    let (state, by) = match standing {
        RunStanding::Guarded => (RunState::Held, Action::RunHeld),
        RunStanding::Unsealed => (RunState::Failed, Action::RunFailed),
        _ => (RunState::Done, Action::RunEmpty),
    };
    site.change(&[by], |change| change.set_run_state(run, state, by).unwrap());
    run
}

fn held(site: &Site, sent: &Sent, by: Action) -> i64 {
    site.change(&[by], |change| change.set_run_state(sent.run, RunState::Held, by).unwrap());
    sent.run
}

/// Delivered two days before, to a carrier that answers within one.
fn overdue(site: &Site, sent: &Sent) -> i64 {
    let mut change = site.engine.store.change("2026-03-01T21:00:00Z").unwrap();
    let by = Action::AckApplied;
    change.answer_attempt(sent.row.id).unwrap();
    change.set_delivery_state(sent.row.id, DeliveryState::Delivered, by).unwrap();
    change.tell(&sent.feed, sent.row.id, by).unwrap();
    change.set_run_state(sent.run, RunState::Done, by).unwrap();
    change.commit(&[bex::audit::Event::new(by)]).unwrap();
    sent.run
}

fn answered(site: &Site, sent: &Sent, answer: Answer) -> i64 {
    let by = Action::AckApplied;
    site.change(&[by], |change| {
        change.set_verdicts(sent.row.id, None, Some(answer)).unwrap();
        let rejected = answer == Answer::Rejected;
        if rejected {
            change.take_back(&sent.feed, sent.row.id, by).unwrap();
        }
        let state = if rejected { DeliveryState::Rejected } else { DeliveryState::Accepted };
        change.set_delivery_state(sent.row.id, state, by).unwrap();
    });
    sent.run
}

/// An answer to it that waits for a person.
fn objects(site: &Site, n: usize, sent: &Sent, state: AckState) {
    let by = if state == AckState::Premature { Action::AckPremature } else { Action::AckContradicting };
    let ack = Acknowledged {
        carrier: CARRIER,
        name: "second",
        bytes: 1,
        content: (n as u128).to_be_bytes(),
        archive: "x",
        state,
        delivery: Some(sent.row.id),
    };
    site.change(&[by], |change| {
        change.record_acknowledgement(&ack, by).unwrap();
    });
}

fn standing(site: &Site, run: i64) -> RunStanding {
    StandingRun::numbered(&site.engine, run).unwrap().standing
}

#[test]
fn a_run_can_stand_in_every_way_of_the_table() {
    let site = Site::new();
    for (n, row) in RunStanding::TABLE.iter().enumerate() {
        let run = stand(&site, n, row.standing);
        assert_eq!(standing(&site, run), row.standing);
    }
}

// ── acts ──

fn perform(site: &Site, run: i64, act: RunAct) -> Result<Outcome, Fault> {
    let engine = &site.engine;
    let plan: ActPlan = act::plan(engine, run, act)?;
    plan.confirmed(Some(plan.people))?;
    match act {
        RunAct::Resume => run::resume(engine, run),
        RunAct::Release => {
            let asked = LetGo { run, reason: "right", except: &[] };
            act::release(engine, &asked, &engine.grant(Concern::Anywhere)?)
        }
        RunAct::Void => run::void(engine, run, "wrong", &engine.grant(Concern::Anywhere)?),
        RunAct::AttestAbsent | RunAct::AttestDelivered | RunAct::AttestByHand => {
            act::attest(engine, &plan, &GROUNDS, &engine.grant(Concern::Anywhere)?)
        }
        RunAct::SettleAccepted | RunAct::SettleRejected | RunAct::SettleLost => {
            act::settle(engine, &plan, &GROUNDS, &engine.grant(Concern::Anywhere)?)
        }
        RunAct::Resend | RunAct::Carry | RunAct::Rebuild => panic!("told by stories of their own"),
    }
}

/// Acts that build or send: they need a whole site, and have stories of their own.
const SENDING: [RunAct; 5] = [RunAct::Resume, RunAct::Release, RunAct::Resend, RunAct::Carry, RunAct::Rebuild];

/// What an act that fits leads to, and by which event.
fn leads_to(from: RunStanding, act: RunAct) -> (RunStanding, &'static str) {
    match act {
        RunAct::Void => (RunStanding::Void, "run.voided"),
        RunAct::AttestAbsent => (RunStanding::Absent, "delivery.attested"),
        RunAct::AttestDelivered | RunAct::AttestByHand => (RunStanding::Delivered, "delivery.attested"),
        RunAct::SettleAccepted => (RunStanding::Accepted, "delivery.settled"),
        RunAct::SettleRejected => (RunStanding::Rejected, "delivery.settled"),
        RunAct::SettleLost => (RunStanding::Lost, "delivery.settled"),
        _ => panic!("{act:?} of {from:?}"),
    }
}

/// Everything in the store that an act on this run could have changed.
fn everything_of(site: &Site, run: i64) -> String {
    let stands = StandingRun::numbered(&site.engine, run).unwrap();
    let events = site.engine.store.events(0, 1_000_000).unwrap().len();
    format!("{stands:?} {events}")
}

#[test]
fn every_act_where_a_run_stands_in_every_way() {
    let site = Site::new();
    let cells = RunStanding::TABLE.iter().flat_map(|row| RunAct::ALL.map(|act| (row, act)));
    for (n, (row, act)) in cells.enumerate() {
        let what = format!("{} of a run that is {}", act.word(), row.words);
        if row.permits(act) && SENDING.contains(&act) {
            continue;
        }
        let run = stand(&site, n, row.standing);
        let before = everything_of(&site, run);
        if !row.permits(act) {
            let fault = act::plan(&site.engine, run, act).unwrap_err();
            assert_eq!((fault.code, fault.next), ("RUN016", row.next), "{what}");
            assert!(fault.to_string().contains(row.words), "{what}: {fault}");
            assert_eq!(Exit::of(&fault), Exit::Failed, "{what}");
            assert_eq!(everything_of(&site, run), before, "{what}");
            continue;
        }
        let plan = act::plan(&site.engine, run, act).unwrap();
        assert_eq!((plan.act, plan.run, everything_of(&site, run)), (act, run, before), "{what}");
        assert_eq!(perform(&site, run, act).unwrap().exit(), Exit::Done, "{what}");
        let (to, event) = leads_to(row.standing, act);
        assert_eq!(standing(&site, run), to, "{what}");
        let leaf = site.engine.store.events(0, 1_000_000).unwrap().pop().unwrap();
        assert!(leaf.contains(&format!(r#""action":"{event}""#)) && leaf.contains(r#""permit":""#), "{what}: {leaf}");
        let told = matches!(to, RunStanding::Delivered | RunStanding::Accepted);
        assert_eq!(site.knows(&format!("feed-{n}")), told, "{what}");
    }
}

/// Where an act leads at best.
fn at_best(from: RunStanding, act: RunAct) -> RunStanding {
    match act {
        RunAct::Resume | RunAct::Release | RunAct::Resend | RunAct::Rebuild => RunStanding::Delivered,
        RunAct::Carry => from,
        _ => leads_to(from, act).0,
    }
}

#[test]
fn from_wherever_a_run_stands_somebody_can_bring_it_to_an_end() {
    let ends = |standing: RunStanding| standing.row().urgency >= Urgency::Waits;
    for row in RunStanding::TABLE {
        let way_out = row.acts.iter().any(|act| ends(at_best(row.standing, *act)));
        assert!(ends(row.standing) || way_out, "{} is a dead end", row.words);
    }
}

#[test]
fn an_act_is_kept_with_who_did_it_and_why_and_the_record_holds_no_word_of_it() {
    let site = Site::new();
    let run = stand(&site, 0, RunStanding::Uncertain);
    perform(&site, run, RunAct::AttestDelivered).unwrap();
    let acts = acts_of((&site.engine).into(), run).unwrap();
    let words = |text: &SealedText| text.words().to_string();
    let told = |told: &ActTold| (told.row.act.clone(), words(&told.reason), told.evidence.as_ref().map(words));
    let told: Vec<_> = acts.iter().map(told).collect();
    assert_eq!(told, [("attest --delivered".into(), "asked".into(), Some("ticket 4711".into()))]);
    assert_eq!(acts[0].row.who, site.engine.actor.user.as_str());
    let leaves = site.engine.store.events(0, 1_000_000).unwrap().concat();
    assert!(!leaves.contains("4711") && leaves.contains(r#""recorded":1"#), "{leaves}");
}

#[test]
fn an_act_without_a_reason_or_evidence_or_for_another_number_of_people_is_refused() {
    let site = Site::new();
    let run = stand(&site, 0, RunStanding::Uncertain);
    let before = everything_of(&site, run);
    let plan = act::plan(&site.engine, run, RunAct::AttestDelivered).unwrap();
    for people in [None, Some(plan.people + 1)] {
        let fault = plan.confirmed(people).unwrap_err();
        assert_eq!((fault.code, Exit::of(&fault)), ("RUN021", Exit::Refused));
    }
    for (reason, evidence) in [(" ", "ticket"), ("asked", "")] {
        let grounds = Grounds { reason, evidence: Some(evidence), asked: None };
        let fault =
            act::attest(&site.engine, &plan, &grounds, &site.engine.grant(Concern::Anywhere).unwrap()).unwrap_err();
        assert_eq!((fault.code, Exit::of(&fault)), ("RUN020", Exit::Refused));
    }
    assert_eq!(everything_of(&site, run), before);
}

// ── who is right ──

#[test]
fn the_carriers_own_answer_overrules_a_person_who_has_said_that_the_file_is_not_there() {
    let site = Site::new();
    let sent = site.stand(0, Stand::Uncertain);
    perform(&site, sent.run, RunAct::AttestAbsent).unwrap();
    site.answers(&sent, ("999", "A"));
    assert_eq!(run::acknowledge(&site.engine).unwrap().faults, []);
    assert_eq!(standing(&site, sent.run), RunStanding::Accepted);
    assert!(site.knows(&sent.feed));
}

#[test]
fn an_answer_to_what_was_given_up_because_it_was_not_there_is_a_contradiction() {
    let site = Site::new();
    let sent = site.stand(0, Stand::Uncertain);
    perform(&site, sent.run, RunAct::AttestAbsent).unwrap();
    perform(&site, sent.run, RunAct::Void).unwrap();
    site.answers(&sent, ("999", "A"));
    let summary = run::acknowledge(&site.engine).unwrap();
    assert_eq!((summary.contradicting, summary.faults[0].code), (1, "ACK005"));
    assert_eq!(standing(&site, sent.run), RunStanding::Void);
}

#[test]
fn what_was_told_again_since_stands_when_a_rejected_file_turns_out_to_be_accepted() {
    let site = Site::new();
    let first = site.stand(0, Stand::Delivered);
    answered(&site, &first, Answer::Rejected);
    let second = site.stand(0, Stand::Delivered);
    let plan = act::plan(&site.engine, first.run, RunAct::SettleAccepted).unwrap();
    assert_eq!(plan.told_since, 1);
    perform(&site, first.run, RunAct::SettleAccepted).unwrap();
    let known = site.engine.store.knowledge_with(&first.feed, 0, &[]).unwrap();
    assert_eq!(known.len(), 1, "one version counts");
    perform(&site, second.run, RunAct::SettleLost).unwrap();
    assert!(site.knows(&first.feed), "then the first one's does");
    perform(&site, first.run, RunAct::SettleLost).unwrap();
    assert!(!site.knows(&first.feed));
}

#[test]
fn nothing_is_settled_while_an_unfinished_run_has_something_to_say_of_the_same_people() {
    let site = Site::new();
    let first = site.stand(0, Stand::Delivered);
    answered(&site, &first, Answer::Accepted);
    let second = site.stand(0, Stand::Sealed);
    let before = everything_of(&site, first.run);
    let fault = act::plan(&site.engine, first.run, RunAct::SettleRejected).unwrap_err();
    assert_eq!(fault.code, "RUN022");
    assert!(fault.to_string().contains(&format!("run {}", second.run)), "{fault}");
    assert_eq!(everything_of(&site, first.run), before);
}

// ── as an operator does it ──

const FEED: &str = "sample-logistics-alpha-health";

/// The second night's file of a feed was renamed, and then nobody could look.
fn uncertain() -> World {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).office(Office::Silent);
    world.carrier(CARRIER).misbehave(Misbehaviour::VanishAfterRename);
    world.bex(&["run", FEED]).exits(5);
    world.carrier(CARRIER).behave();
    world
}

#[test]
fn an_uncertain_file_that_the_carrier_has_is_said_to_be_delivered_and_answered_for() {
    let world = uncertain();
    world
        .bex(&["runs"])
        .exits(0)
        .says("!! run 2")
        .says("next: ask the carrier, then `bex attest 2 --delivered --reason R --evidence E`");
    let people = world.newest_run(FEED)["people"].to_string();
    let plan = world.bex(&["attest", "2", "--delivered", "--plan"]).exits(0);
    assert!(
        plan.out.contains(&format!("PLAN attest --delivered of run 2: 000000002, {people} people\n")),
        "{}",
        plan.out
    );
    let said = ["attest", "2", "--delivered", "--reason", "asked", "--evidence", "ticket 4711"];
    world.bex(&said).exits(2).refuses_with("RUN021").says(&format!("people {people}"));
    world.bex(&[&said[..], &["--confirm", "9999"]].concat()).exits(2).refuses_with("RUN021");
    assert_eq!(world.newest_run(FEED)["state"], "uncertain");
    world.bex(&[&said[..], &["--confirm", &people]].concat()).exits(0).says("recorded");
    assert_eq!(world.newest_run(FEED)["state"], "delivered");
    world.bex(&["show", "2"]).exits(0).says("attest --delivered: asked; ticket 4711");
    world.bex(&[&said[..], &["--confirm", &people]].concat()).exits(1).refuses_with("RUN016").says("delivered");
    // The next night tells nobody of them twice.
    world.bex(&["run", FEED]).exits(6);
}

#[test]
fn an_uncertain_file_that_the_carrier_does_not_have_is_sent_again_with_the_same_bytes() {
    let world = uncertain();
    let first = world.carrier(CARRIER).received().into_iter().find(|(name, _)| name.contains("000000002"));
    let people = world.newest_run(FEED)["people"].to_string();
    let said = ["attest", "2", "--not-delivered", "--reason", "asked", "--evidence", "ticket", "--confirm", &people];
    world.bex(&said).exits(0).says("duplicate possible").says("recorded");
    world.bex(&["runs"]).exits(0).says("said not to be at the carrier").says("next: `bex resume 2`");
    world.bex(&["resume", "2"]).exits(0).says("delivered");
    let again = world.carrier(CARRIER).received().into_iter().find(|(name, _)| name.contains("000000002"));
    assert!(first.is_some() && first == again, "the same name and the same content");
}

/// Does an act with everything it asks for.
fn act(world: &World, arguments: &[&str]) -> Said {
    let run = arguments[1];
    let people = world.bex(&["show", run, "--json"]).exits(0).json()["people"].to_string();
    world.bex(&[arguments, &["--reason", "asked", "--confirm", &people]].concat())
}

#[test]
fn a_rejected_file_is_built_anew_from_the_same_inputs_under_a_new_number() {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).office(Office::RejectsTheGroup);
    world.bex(&["run", FEED]).exits(0);
    world.fetch_acks().exits(1);
    world.carrier(CARRIER).office(Office::Answers);
    world.bex(&["runs"]).exits(0).says("!! run 2").says("rejected");
    act(&world, &["rebuild", "2"]).exits(0).says("PLAN rebuild of run 2").says("delivered");
    let run = world.newest_run(FEED);
    assert_eq!((&run["run"], &run["delivery"]["number"]), (&3.into(), &3.into()));
    let old = world.carrier(CARRIER).the_file("000000002");
    let members = |text: &str| segments(text).into_iter().filter(|segment| segment[0] == "INS").count();
    assert_eq!(members(&old), members(&world.carrier(CARRIER).the_file("000000003")), "the same people");
    world.fetch_acks().exits(0);
    world.bex(&["runs"]).exits(0);
    assert_eq!(world.newest_run(FEED)["state"], "accepted");
    assert!(!world.bex(&["runs"]).exits(0).out.contains("!!"), "nobody is needed any more");
}

#[test]
fn a_run_that_failed_before_it_was_sent_is_built_anew_and_its_number_is_retired() {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    world.bex(&["run", FEED]).exits(1);
    world.carrier(CARRIER).behave();
    act(&world, &["rebuild", "2"]).exits(0).says("delivered");
    let states: Vec<_> = world.board().into_iter().map(|run| run["state"].clone()).collect();
    assert_eq!(states, ["accepted", "void", "delivered"]);
    assert_eq!(world.newest_run(FEED)["delivery"]["number"], 3);
    world.bex(&["show", "2"]).exits(0).says("rebuild: asked");
    act(&world, &["rebuild", "2"]).exits(1).refuses_with("RUN023");
}

#[test]
fn a_file_that_the_carrier_has_mislaid_is_sent_once_more_with_the_same_bytes() {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).office(Office::Silent);
    world.bex(&["run", FEED]).exits(0);
    let (inbox, name) = (world.carrier(CARRIER).root.join("inbox"), format!("{FEED}_000000002.834.age"));
    let bytes = std::fs::read(inbox.join(&name)).unwrap();
    // It stands there: a look is enough.
    act(&world, &["resend", "2"]).exits(0).says("duplicate possible").says("delivered");
    assert_eq!(names(&inbox).len(), 2);
    std::fs::remove_file(inbox.join(&name)).unwrap();
    act(&world, &["resend", "2"]).exits(0);
    assert_eq!(std::fs::read(inbox.join(&name)).unwrap(), bytes);
    assert_eq!(world.newest_run(FEED)["state"], "delivered");
    // What goes wrong with it takes nothing from what was delivered.
    std::fs::remove_file(inbox.join(&name)).unwrap();
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    act(&world, &["resend", "2"]).exits(1).refuses_with("TRA002");
    world.carrier(CARRIER).behave();
    world.carrier(CARRIER).misbehave(Misbehaviour::VanishAfterRename);
    act(&world, &["resend", "2"]).exits(5).refuses_with("DEL010");
    world.carrier(CARRIER).behave();
    assert_eq!(world.newest_run(FEED)["state"], "delivered");
    act(&world, &["resend", "2"]).exits(0);
    assert_eq!(std::fs::read(inbox.join(&name)).unwrap(), bytes);
}

#[test]
fn a_file_that_cannot_be_sent_is_carried_and_said_to_be_there() {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    world.bex(&["run", FEED]).exits(1);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    act(&world, &["resend", "2", "--to", to]).exits(0).says("000000002.834.age");
    assert_eq!(names(folder.path()), [format!("{FEED}_000000002.834.age")]);
    assert_eq!(world.newest_run(FEED)["stands"], "failed before it was sent");
    act(&world, &["resend", "2", "--to", to]).exits(1).refuses_with("RUN024");
    act(&world, &["attest", "2", "--delivered-out-of-band", "--evidence", "courier"]).exits(0);
    let run = world.newest_run(FEED);
    assert_eq!((&run["state"], &run["stands"]), (&"delivered".into(), &"delivered and not answered yet".into()));
    world.bex(&["show", "2"]).exits(0).says("by-hand").says("attest --delivered-out-of-band: asked; courier");
}

// ── feeds ──

#[test]
fn nothing_of_a_held_feed_is_run_or_sent_until_it_is_let_go() {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    world.bex(&["run", FEED]).exits(1);
    world.carrier(CARRIER).behave();
    world.bex(&["unhold", FEED, "--reason", "r"]).exits(1).refuses_with("RUN016").says("not held");
    world.bex(&["hold", FEED, "--plan"]).exits(0).says("PLAN hold of");
    world.bex(&["hold", FEED, "--reason", " "]).exits(2).refuses_with("RUN020");
    world.bex(&["hold", FEED, "--reason", "their system moves"]).exits(0);
    world.bex(&["hold", FEED, "--reason", "again"]).exits(1).refuses_with("RUN016").says("held already");
    world.bex(&["runs"]).exits(0).says(&format!(" ! {FEED} held by ")).says(&format!("`bex unhold {FEED}"));
    world.bex(&["run", FEED]).exits(4).refuses_with("RUN025");
    let people = world.newest_run(FEED)["people"].to_string();
    for command in [&["resume", "2"][..], &["rebuild", "2", "--reason", "r", "--confirm", &people]] {
        world.bex(command).exits(1).refuses_with("RUN025");
    }
    assert_eq!(world.carrier(CARRIER).inbox().len(), 1, "nothing was sent");
    world.bex(&["hold", "no-such-feed", "--reason", "r"]).exits(2).refuses_with("CLI003");
    world.bex(&["unhold", FEED, "--reason", "done"]).exits(0);
    world.bex(&["run", FEED]).exits(0).says("delivered");
    assert!(!world.bex(&["runs"]).exits(0).out.contains("held by"));
}

#[test]
fn an_act_as_it_was_before_shows_its_plan_too_and_a_release_may_say_how_many_it_expects() {
    let feed = "example-manufacturing-alpha-health";
    let world = World::evening_of(feed);
    let schedule = world.site().join(format!("schedules/{feed}.toml"));
    let text = std::fs::read_to_string(&schedule).unwrap();
    std::fs::write(&schedule, format!("{text}\n[guards]\nfew_max = 0\nterminations_max = 2\n")).unwrap();
    world.bex(&["run", feed]).exits(4).refuses_with("GRD001");
    let people = world.newest_run(feed)["people"].as_u64().unwrap();
    world.bex(&["release", "2", "--plan"]).exits(0).says(&format!("no number yet, {people} people"));
    world.bex(&["void", "2", "--plan"]).exits(0).says("PLAN void of run 2");
    world.bex(&["resume", "2", "--plan"]).exits(1).refuses_with("RUN016");
    let release = |expected: u64| world.bex(&["release", "2", "--reason", "r", "--expect", &expected.to_string()]);
    release(people + 1).exits(2).refuses_with("RUN021");
    assert_eq!(world.newest_run(feed)["state"], "held");
    release(people).exits(0).says("delivered");
}
