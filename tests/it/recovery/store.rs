//! The store's promises: one transaction, no gaps, nothing twice, nothing of the record changed.

use bex::access::Actor;
use bex::audit::{Action, Event};
use bex::model::ids::{Digest, Pseudonym};
use bex::state::{AttemptState, DeliveryState, InputState, RunState};
use bex::store::{AttemptMoved, FamilyRow, InputRow, NewDelivery, NewHold, NewRun, Scope, SealedFacts, Staged, Store};

use crate::harness::database::Database;

const AT: &str = "2026-03-02T21:00:00Z";
const FEED: &str = "example-alpha";
const VAULT: [u8; 8] = [7; 8];

struct World {
    store: Store,
    database: Database,
    _folder: tempfile::TempDir,
}

fn event() -> Event {
    Event::new(Action::RunOpened)
}

/// Every event that names a transition of the change that ends with it.
fn events(acts: &[Action]) -> Vec<Event> {
    acts.iter().map(|act| Event::new(*act)).collect()
}

fn key(n: u8) -> Pseudonym {
    Pseudonym([n; 16])
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(folder.path().join("bex.db"));
        let store = Store::open(database.location(), Actor::named("test"), VAULT).unwrap();
        World { store, database, _folder: folder }
    }

    /// An input with these families; gives its id.
    fn input(&self, source: &str, families: &[(u8, u8)]) -> i64 {
        let row = InputRow {
            id: 0,
            source: source.into(),
            business_date: "2026-03-02".into(),
            received_at: AT.into(),
            archive: format!("{source}-{}", self.events()),
            bytes: 1,
            state: InputState::Archived,
            families: None,
            changed: None,
            faults: None,
        };
        let family = |(n, digest): &(u8, u8)| FamilyRow {
            key: key(*n),
            line: u64::from(*n),
            digest: Digest([*digest; 16]),
            incomplete: false,
            sealed: vec![*digest],
        };
        let mut change = self.store.change(AT).unwrap();
        let id = change.archive_input(&row, &[1]).unwrap();
        change.replace_families(source, id, &families.iter().map(family).collect::<Vec<_>>()).unwrap();
        change.settle_input(id, InputState::Applied, [families.len() as i64, 0, 0]).unwrap();
        change.commit(&events(&[Action::InputArchived, Action::InputApplied])).unwrap();
        id
    }

    fn events(&self) -> usize {
        self.store.events(0, 10_000).unwrap().len()
    }

    /// A run with a numbered delivery that has these families staged; gives run and delivery.
    fn delivery(&self, feed: &str, families: &[(u8, u8)]) -> (i64, i64) {
        let (census, elections) = (self.input("census/x", &[]), self.input("elections/x", &[]));
        let run = NewRun { feed, business_date: "2026-03-02", census_input: census, elections_input: elections };
        let mut change = self.store.change(AT).unwrap();
        let run = change.open_run(&run).unwrap();
        let (delivery, _) = change.number_delivery(&new(run, feed)).unwrap();
        let staged = |(n, version): &(u8, u8)| Staged {
            key: key(*n),
            covered: 1,
            sealed: vec![*version],
            change: vec![*version],
        };
        change.stage(feed, delivery, &families.iter().map(staged).collect::<Vec<_>>()).unwrap();
        change.commit(&events(&[Action::RunOpened, Action::DeliveryNumbered])).unwrap();
        (run, delivery)
    }

    /// Delivers it, as the journal does.
    fn deliver(&self, feed: &str, (run, delivery): (i64, i64)) {
        let sealed = SealedFacts {
            outbox: "x",
            sha256: [1; 32],
            bytes: 1,
            plain_digest: [1; 16],
            plain_bytes: 1,
            recipient: "r",
        };
        let mut change = self.store.change(AT).unwrap();
        let attempt = |state| AttemptMoved { state, evidence: None };
        change.seal_delivery(delivery, &sealed).unwrap();
        change.open_attempt(delivery, 1, "t").unwrap();
        change.set_delivery_state(delivery, DeliveryState::Sending, Action::DeliveryIntent).unwrap();
        change.set_attempt(delivery, &attempt(AttemptState::Verified), Action::DeliveryVerified).unwrap();
        change.set_attempt(delivery, &attempt(AttemptState::Publishing), Action::DeliveryPublishing).unwrap();
        change.set_attempt(delivery, &attempt(AttemptState::Delivered), Action::DeliveryDelivered).unwrap();
        change.set_delivery_state(delivery, DeliveryState::Delivered, Action::DeliveryDelivered).unwrap();
        change.tell(feed, delivery, Action::DeliveryDelivered).unwrap();
        change.set_run_state(run, RunState::Done, Action::DeliveryDelivered).unwrap();
        let before = [Action::DeliverySealed, Action::DeliveryIntent, Action::DeliveryVerified];
        let after = [Action::DeliveryPublishing, Action::DeliveryDelivered];
        change.commit(&events(&[&before[..], &after[..]].concat())).unwrap();
    }

    /// What the carrier knows: family and version.
    fn known(&self, feed: &str) -> Vec<(u8, u8)> {
        let rows = self.store.knowledge_with(feed, 0, &[]).unwrap();
        rows.iter().map(|row| (row.key.0[0], row.known[0])).collect()
    }
}

fn new(run: i64, feed: &str) -> NewDelivery<'_> {
    NewDelivery {
        run,
        feed,
        carrier: "alpha",
        partner: "alpha",
        style: "change",
        frozen_at: "2026-03-02T21:00:00",
        name_pattern: "f_{number}",
    }
}

#[test]
fn an_abandoned_change_leaves_no_trace_and_gives_its_numbers_back() {
    let world = World::new();
    let before = world.events();
    let mut change = world.store.change(AT).unwrap();
    assert_eq!(change.next_number("isa13 alpha").unwrap(), 1);
    drop(change);
    let mut change = world.store.change(AT).unwrap();
    assert_eq!(change.next_number("isa13 alpha").unwrap(), 1);
    change.commit(&[event()]).unwrap();
    assert_eq!(world.events(), before + 1);
}

#[test]
fn staged_families_count_for_nothing_until_they_are_told() {
    let world = World::new();
    let first = world.delivery(FEED, &[(1, 1), (2, 1)]);
    assert_eq!(world.known(FEED), [(0, 0); 0]);
    world.deliver(FEED, first);
    assert_eq!((world.known(FEED), world.store.covered(FEED).unwrap()), (vec![(1, 1), (2, 1)], 2));
}

#[test]
fn what_a_rejected_delivery_told_is_taken_back_and_what_was_known_is_known_again() {
    let world = World::new();
    let first = world.delivery(FEED, &[(1, 1), (2, 1)]);
    world.deliver(FEED, first);
    let second = world.delivery(FEED, &[(2, 2), (3, 2)]);
    world.deliver(FEED, second);
    assert_eq!(world.known(FEED), [(1, 1), (2, 2), (3, 2)]);
    let mut change = world.store.change(AT).unwrap();
    change.take_back(FEED, second.1, Action::AckApplied).unwrap();
    change.commit(&events(&[Action::AckApplied])).unwrap();
    assert_eq!(world.known(FEED), [(1, 1), (2, 1)]);
}

#[test]
fn a_late_rejection_leaves_alone_what_has_been_told_since() {
    let world = World::new();
    let deliveries = [1, 2, 3].map(|version| {
        let delivery = world.delivery(FEED, &[(1, version)]);
        world.deliver(FEED, delivery);
        delivery.1
    });
    let mut change = world.store.change(AT).unwrap();
    change.take_back(FEED, deliveries[1], Action::AckApplied).unwrap();
    change.commit(&events(&[Action::AckApplied])).unwrap();
    assert_eq!(world.known(FEED), [(1, 3)]);
}

#[test]
fn a_feed_has_one_unfinished_run_at_a_time() {
    let world = World::new();
    world.delivery(FEED, &[]);
    let (census, elections) = (world.input("census/y", &[]), world.input("elections/y", &[]));
    let run = NewRun { feed: FEED, business_date: "2026-03-03", census_input: census, elections_input: elections };
    let refused = world.store.change(AT).unwrap().open_run(&run);
    assert_eq!(refused.unwrap_err().code, "STO004");
}

#[test]
fn control_numbers_of_a_partner_are_counted_together_and_without_gaps() {
    let world = World::new();
    let numbers: Vec<i64> = ["a", "b", "c"]
        .iter()
        .map(|feed| {
            let (run, _) = world.delivery(feed, &[]);
            world.store.delivery_of(run).unwrap().unwrap().number
        })
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn a_version_of_a_family_lasts_from_one_input_until_another() {
    let world = World::new();
    let first = world.input("census/x", &[(1, 1), (2, 1)]);
    let second = world.input("census/x", &[(2, 2)]);
    let empty = world.input("elections/x", &[]);
    let at = |input| {
        let scope = Scope {
            feed: FEED,
            census: "census/x",
            census_input: input,
            elections: "elections/x",
            elections_input: empty,
            rules: [0; 16],
            as_of: "2026-03-02",
        };
        let found = world.store.candidates(&scope, &[]).unwrap();
        found.iter().map(|one| (one.key().0[0], one.census.clone().unwrap()[0])).collect::<Vec<_>>()
    };
    assert_eq!(at(first), [(1, 1), (2, 1)]);
    assert_eq!(at(second), [(1, 1), (2, 2)]);
}

#[test]
fn a_decision_that_is_remembered_is_not_asked_for_until_something_changes() {
    let world = World::new();
    let census = world.input("census/x", &[(1, 1), (2, 1)]);
    let elections = world.input("elections/x", &[(1, 5)]);
    let scope = |census_input, as_of, rules| Scope {
        feed: FEED,
        census: "census/x",
        census_input,
        elections: "elections/x",
        elections_input: elections,
        rules,
        as_of,
    };
    let tonight = scope(census, "2026-03-02", [0; 16]);
    let found = world.store.candidates(&tonight, &[]).unwrap();
    let decided: Vec<_> = found.iter().map(|one| (one, Some("2026-04-01".to_string()))).collect();
    let mut change = world.store.change(AT).unwrap();
    change.remember(&tonight, &decided).unwrap();
    change.commit(&[event()]).unwrap();
    let asked = |scope: &Scope| {
        world.store.candidates(scope, &[]).unwrap().iter().map(|one| one.key().0[0]).collect::<Vec<_>>()
    };
    assert_eq!(asked(&tonight), [0u8; 0]);
    assert_eq!(asked(&scope(census, "2026-04-01", [0; 16])), [1, 2], "on the day of review");
    assert_eq!(asked(&scope(census, "2026-03-03", [9; 16])), [1, 2], "when the rules differ");
    let later = world.input("census/x", &[(2, 2)]);
    assert_eq!(asked(&scope(later, "2026-03-03", [0; 16])), [2], "when the census differs");
}

#[test]
fn no_event_opens_or_closes_a_question_but_those_of_its_table() {
    let world = World::new();
    let delivery = world.delivery(FEED, &[]);
    let hold = NewHold { key: key(1), code: "REC001", subject: String::new() };
    for holds in [&[hold][..], &[]] {
        let mut change = world.store.change(AT).unwrap();
        let refused = change.record_holds(FEED, delivery.0, holds, Action::RunResumed).unwrap_err();
        assert_eq!(refused.code, "STO008");
    }
    assert_eq!(world.store.open_holds(FEED).unwrap(), []);
}

#[test]
fn a_question_found_again_keeps_its_first_run_and_one_not_found_again_is_closed() {
    let world = World::new();
    let hold = |n, code| NewHold { key: key(n), code, subject: String::new() };
    let runs: Vec<i64> = (0..3)
        .map(|_| {
            let delivery = world.delivery(FEED, &[]);
            world.deliver(FEED, delivery);
            delivery.0
        })
        .collect();
    for (run, holds) in runs.iter().zip([vec![hold(1, "REC001"), hold(2, "REC003")], vec![hold(1, "REC001")], vec![]]) {
        let mut change = world.store.change(AT).unwrap();
        change.record_holds(FEED, *run, &holds, Action::RunEmpty).unwrap();
        change.commit(&[Event::new(Action::RunEmpty)]).unwrap();
        let open = world.store.open_holds(FEED).unwrap();
        let open: Vec<_> = open.iter().map(|hold| (hold.code.as_str(), hold.first_run)).collect();
        match holds.len() {
            2 => assert_eq!(open, [("REC001", runs[0]), ("REC003", runs[0])]),
            1 => assert_eq!(open, [("REC001", runs[0])]),
            _ => assert_eq!(open.len(), 0),
        }
    }
}

#[test]
fn a_store_knows_the_vault_it_was_made_with() {
    let World { store, database, _folder } = World::new();
    drop(store);
    let open = |vault| Store::open(database.location(), Actor::named("test"), vault).map(drop);
    assert!(open(VAULT).is_ok());
    assert_eq!(open([8; 8]).unwrap_err().code, "STO005");
}

#[test]
fn a_store_in_a_folder_that_is_not_there_is_refused_without_a_word_of_the_databases_own() {
    let fault =
        Store::open(std::path::Path::new("/nonexistent/bex.db"), Actor::named("test"), VAULT).map(drop).unwrap_err();
    assert_eq!(fault.code, "STO001");
    assert!(!fault.to_string().contains("nonexistent"));
}
