//! What carriers answer, and when: an answer settles only what may have been published, and the first one stands.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bex::audit::{Action, Event};
use bex::config;
use bex::engine::clock::Clock;
use bex::engine::{Engine, Steps};
use bex::model::ids::{CarrierName, Pseudonym};
use bex::run::acknowledge;
use bex::simulate::Misbehaviour;
use bex::state::{Answer, AnswerLevel, Answered, AttemptState, DeliveryState, Effect, RunState, State};
use bex::store::{AttemptMoved, Change, DeliveryRow, NewDelivery, NewRun, Owner, SealedFacts, Staged};
use chrono::{DateTime, Utc};

use crate::harness::demo_site::{World, accepting_999, copy_folder, names, put};

// ── every state, every answer ──

/// How far a delivery has come when the answer arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stand {
    Numbered,
    Sealed,
    SealedAgain,
    Sending(AttemptState),
    Held(AttemptState),
    Uncertain,
    Delivered,
    DeliveredAndNoted,
    Assumed,
    Accepted,
    RejectedByTa1,
    RejectedBy999,
    Void,
}

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

const AT: &str = "2026-03-03T21:00:00Z";
const CARRIER: &str = "alpha-health";
const KEY: Pseudonym = Pseudonym([7; 16]);

/// A site with a carrier whose folder is on this machine.
struct Site {
    _folder: tempfile::TempDir,
    root: PathBuf,
    engine: Engine,
}

/// A delivery of a feed of its own.
struct Sent {
    feed: String,
    run: i64,
    row: DeliveryRow,
}

impl Site {
    fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores/0.1.0/site"), &root);
        for name in names(&root.join("keys")) {
            fs::set_permissions(root.join("keys").join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let moment: DateTime<Utc> = AT.parse().unwrap();
        let engine = Engine::open(config::load(&root).unwrap(), Clock::fixed_at(moment), Steps::default()).unwrap();
        Site { _folder: folder, root, engine }
    }

    fn change(&self, acts: &[Action], work: impl FnOnce(&mut Change)) {
        let mut change = self.engine.store.change(AT).unwrap();
        work(&mut change);
        change.commit(&acts.iter().map(|act| Event::new(*act)).collect::<Vec<_>>()).unwrap();
    }

    /// A delivery that has come as far, of a run of its own.
    fn stand(&self, n: usize, stand: Stand) -> Sent {
        let feed = format!("feed-{n}");
        let carrier = &self.engine.site.carriers[&CarrierName::new(CARRIER).unwrap()];
        let partner = self.engine.site.partner(carrier);
        let new = NewRun { feed: &feed, business_date: "2026-03-03", census_input: 1, elections_input: 2 };
        let mut run = 0;
        self.change(&[Action::RunOpened], |change| run = change.open_run(&new).unwrap());
        self.change(&[Action::DeliveryNumbered], |change| {
            let (frozen_at, name_pattern) = ("2026-03-03T21:00:00", "f_{number}");
            let new = NewDelivery {
                run,
                feed: &feed,
                carrier: CARRIER,
                partner: &partner,
                style: "change",
                frozen_at,
                name_pattern,
            };
            let (delivery, _) = change.number_delivery(&new).unwrap();
            let staged = Staged { key: KEY, covered: 1, sealed: vec![1], change: vec![1] };
            change.stage(&feed, delivery, &[staged]).unwrap();
        });
        let sent = Sent { row: self.row(run), feed, run };
        self.go_on(&sent, stand);
        Sent { row: self.row(run), ..sent }
    }

    fn row(&self, run: i64) -> DeliveryRow {
        self.engine.store.delivery_of(run).unwrap().unwrap()
    }

    fn go_on(&self, sent: &Sent, stand: Stand) {
        use AttemptState::{Intent, Publishing, Verified};
        match stand {
            Stand::Numbered => {}
            Stand::Sealed => self.seal(sent),
            Stand::SealedAgain => {
                self.try_up_to(sent, Intent);
                self.moves(sent, Action::DeliveryFailed, (Some(AttemptState::Failed), DeliveryState::Sealed), None);
                self.change(&[Action::RunFailed], |change| {
                    change.set_run_state(sent.run, RunState::Failed, Action::RunFailed).unwrap();
                });
            }
            Stand::Sending(attempt) => self.try_up_to(sent, attempt),
            Stand::Held(attempt) => {
                self.try_up_to(sent, attempt);
                self.moves(sent, Action::DeliveryHeld, (None, DeliveryState::Held), Some(RunState::Held));
            }
            Stand::Uncertain => {
                self.try_up_to(sent, Publishing);
                let to = (None, DeliveryState::Uncertain);
                self.moves(sent, Action::DeliveryUncertain, to, Some(RunState::Uncertain));
            }
            Stand::Void => {
                self.try_up_to(sent, Verified);
                self.change(&[Action::RunVoided], |change| {
                    change.take_back(&sent.feed, sent.row.id, Action::RunVoided).unwrap();
                    change.set_delivery_state(sent.row.id, DeliveryState::Void, Action::RunVoided).unwrap();
                    change.set_run_state(sent.run, RunState::Void, Action::RunVoided).unwrap();
                });
            }
            Stand::Assumed => self.deliver(sent, DeliveryState::Assumed),
            Stand::Delivered | Stand::DeliveredAndNoted => self.deliver(sent, DeliveryState::Delivered),
            Stand::Accepted | Stand::RejectedByTa1 | Stand::RejectedBy999 => {
                self.deliver(sent, DeliveryState::Delivered);
            }
        }
    }

    fn seal(&self, sent: &Sent) {
        let (outbox, recipient) = ("x", "r");
        let sealed =
            SealedFacts { outbox, sha256: [1; 32], bytes: 1, plain_digest: [1; 16], plain_bytes: 1, recipient };
        self.change(&[Action::DeliverySealed], |change| change.seal_delivery(sent.row.id, &sealed).unwrap());
    }

    /// Seals it and begins an attempt, which comes as far as this.
    fn try_up_to(&self, sent: &Sent, attempt: AttemptState) {
        self.seal(sent);
        self.change(&[Action::DeliveryIntent], |change| {
            change.open_attempt(sent.row.id, 1, "t").unwrap();
            change.set_delivery_state(sent.row.id, DeliveryState::Sending, Action::DeliveryIntent).unwrap();
        });
        let steps = [
            (AttemptState::Verified, Action::DeliveryVerified, Some("read-back")),
            (AttemptState::Publishing, Action::DeliveryPublishing, None),
        ];
        let steps = steps.into_iter().take(match attempt {
            AttemptState::Intent => 0,
            AttemptState::Verified => 1,
            _ => 2,
        });
        for (state, act, evidence) in steps {
            self.change(&[act], |change| {
                change.set_attempt(sent.row.id, &AttemptMoved { state, evidence }, act).unwrap();
            });
        }
    }

    fn moves(
        &self,
        sent: &Sent,
        act: Action,
        (attempt, delivery): (Option<AttemptState>, DeliveryState),
        run: Option<RunState>,
    ) {
        self.change(&[act], |change| {
            if let Some(state) = attempt {
                change.set_attempt(sent.row.id, &AttemptMoved { state, evidence: None }, act).unwrap();
            }
            change.set_delivery_state(sent.row.id, delivery, act).unwrap();
            run.into_iter().for_each(|state| change.set_run_state(sent.run, state, act).unwrap());
        });
    }

    fn deliver(&self, sent: &Sent, to: DeliveryState) {
        self.try_up_to(sent, AttemptState::Publishing);
        let act = Action::DeliveryDelivered;
        self.change(&[act], |change| change.tell(&sent.feed, sent.row.id, act).unwrap());
        self.moves(sent, act, (Some(AttemptState::Delivered), to), Some(RunState::Done));
    }

    /// The carrier answers for the delivery.
    fn answers(&self, sent: &Sent, kind: (&str, &str)) {
        let carrier = &self.engine.site.carriers[&CarrierName::new(CARRIER).unwrap()];
        let content = content(kind, sent.row.number);
        let (from, to) = (&carrier.receiver, &self.engine.site.sender);
        let groups = usize::from(content.contains("GS*"));
        let text = format!(
            "ISA*00*          *00*          *{}*{:<15}*{}*{:<15}*260303*2200*^*00501*{n:09}*0*T*:~{content}IEA*{groups}*{n:09}~",
            from.qualifier,
            from.id,
            to.qualifier,
            to.id,
            n = sent.row.number,
        );
        let name = format!("{}-{}-{}", sent.feed, kind.0, kind.1);
        put(&self.root.join("carriers").join(CARRIER).join("outbox").join(name), text);
    }

    /// Whether the carrier counts as knowing what the delivery says.
    fn is_told(&self, sent: &Sent) -> bool {
        !self.engine.store.knowledge_with(&sent.feed, 0, &[]).unwrap().is_empty()
    }
}

fn content((what, code): (&str, &str), number: i64) -> String {
    let set = if code == "P" { "R" } else { code };
    let group = |version: &str, body: String| {
        format!("GS*FA*A*B*20260303*2200*1*X*{version}~ST*{what}*0001~{body}SE*6*0001~GE*1*1~")
    };
    match what {
        "TA1" => format!("TA1*{number:09}*260303*2200*{code}*000~"),
        "999" => group(
            "005010X231A1",
            format!("AK1*BE*{number}*005010X220A1~AK2*834*0001*005010X220A1~IK5*{set}~AK9*{code}*1*1*1~"),
        ),
        _ => group("005010", format!("AK1*BE*{number}~AK2*834*0001~AK5*{set}~AK9*{code}*1*1*1~")),
    }
}

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
        may_be_published: true,
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
    world.bex(&["acks"]).exits(4).refuses_with("ACK004").says("0 deliveries accepted");
    let run = world.newest_run(FEED);
    assert_eq!((&run["state"], &run["delivery"]["state"]), (&"held".into(), &"sealed".into()));
    assert_eq!((&run["delivery"]["g999"], &run["delivery"]["objection"]), (&().into(), &"premature".into()));
    world.bex(&["runs"]).exits(0).says("premature answer");
    world.bex(&["show", &run["run"].to_string()]).exits(0).says("ACK004");
    // Somebody has to look: the next night does not send it by itself, and the answer counts once.
    world.bex(&["run", FEED]).exits(4).refuses_with("RUN008");
    world.bex(&["acks"]).exits(0);
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
}
