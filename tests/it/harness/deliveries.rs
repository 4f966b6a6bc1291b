//! A site whose store holds deliveries that have come as far as a test wants, each of a feed of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bex::audit::{Action, Event};
use bex::config;
use bex::engine::clock::Clock;
use bex::engine::{Engine, Steps};
use bex::model::ids::{CarrierName, Pseudonym};
use bex::state::{AttemptState, DeliveryState, RunState};
use bex::store::{AttemptMoved, Change, DeliveryRow, NewDelivery, NewRun, SealedFacts, Staged};
use chrono::{DateTime, Utc};

use crate::harness::demo_site::{copy_folder, names, put};

/// How far a delivery has come when the answer arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stand {
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

pub const AT: &str = "2026-03-03T21:00:00Z";
pub const CARRIER: &str = "alpha-health";
pub const KEY: Pseudonym = Pseudonym([7; 16]);

/// A site with a carrier whose folder is on this machine.
pub struct Site {
    _folder: tempfile::TempDir,
    pub root: PathBuf,
    pub engine: Engine,
}

/// A delivery of a feed of its own.
pub struct Sent {
    pub feed: String,
    pub run: i64,
    pub row: DeliveryRow,
}

impl Site {
    pub fn new() -> Site {
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

    pub fn change(&self, acts: &[Action], work: impl FnOnce(&mut Change)) {
        let mut change = self.engine.store.change(AT).unwrap();
        work(&mut change);
        change.commit(&acts.iter().map(|act| Event::new(*act)).collect::<Vec<_>>()).unwrap();
    }

    /// A run of a feed, opened.
    pub fn open(&self, feed: &str) -> i64 {
        let new = NewRun { feed, business_date: "2026-03-03", census_input: 1, elections_input: 2 };
        let mut run = 0;
        self.change(&[Action::RunOpened], |change| run = change.open_run(&new).unwrap());
        run
    }

    /// A delivery that has come as far, of a run of its own.
    pub fn stand(&self, n: usize, stand: Stand) -> Sent {
        let feed = format!("feed-{n}");
        let run = self.open(&feed);
        let carrier = &self.engine.site.carriers[&CarrierName::new(CARRIER).unwrap()];
        let partner = self.engine.site.partner(carrier);
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

    pub fn row(&self, run: i64) -> DeliveryRow {
        self.engine.store.delivery_of(run).unwrap().unwrap()
    }

    pub fn go_on(&self, sent: &Sent, stand: Stand) {
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

    pub fn seal(&self, sent: &Sent) {
        let (outbox, recipient) = ("x", "r");
        let sealed =
            SealedFacts { outbox, sha256: [1; 32], bytes: 1, plain_digest: [1; 16], plain_bytes: 1, recipient };
        self.change(&[Action::DeliverySealed], |change| change.seal_delivery(sent.row.id, &sealed).unwrap());
    }

    /// Seals it and begins an attempt, which comes as far as this.
    pub fn try_up_to(&self, sent: &Sent, attempt: AttemptState) {
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

    pub fn moves(
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

    pub fn deliver(&self, sent: &Sent, to: DeliveryState) {
        self.try_up_to(sent, AttemptState::Publishing);
        let act = Action::DeliveryDelivered;
        self.change(&[act], |change| change.tell(&sent.feed, sent.row.id, act).unwrap());
        self.moves(sent, act, (Some(AttemptState::Delivered), to), Some(RunState::Done));
    }

    /// The carrier answers for the delivery.
    pub fn answers(&self, sent: &Sent, kind: (&str, &str)) {
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
    pub fn is_told(&self, sent: &Sent) -> bool {
        self.knows(&sent.feed)
    }

    /// Whether the carrier counts as knowing anybody of a feed.
    pub fn knows(&self, feed: &str) -> bool {
        !self.engine.store.knowledge_with(feed, 0, &[]).unwrap().is_empty()
    }
}

pub fn content((what, code): (&str, &str), number: i64) -> String {
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
