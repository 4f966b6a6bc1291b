//! The store's promises: one transaction, no gaps, nothing twice, nothing of the record changed.

use std::collections::BTreeMap;

use bex::access::Actor;
use bex::audit::{Action, Event};
use bex::model::ids::{Digest, Pseudonym};
use bex::model::row_line::RowLine;
use bex::state::{AttemptState, DeliveryState, InputState, RunState};
use bex::store::{
    Again, AttemptMoved, DecidedRun, FamilyRow, InputRow, NewDelivery, NewHold, NewRun, Scope, SealedFacts, Staged,
    Store, UsedRules,
};

use crate::harness::database::Database;

/// When it happens.
pub const AT: &str = "2026-03-02T21:00:00Z";
const FEED: &str = "example-alpha";
const VAULT: [u8; 8] = [7; 8];

/// A store by itself, and what stands in it.
pub struct World {
    /// The store.
    pub store: Store,
    database: Database,
    _folder: tempfile::TempDir,
}

fn event() -> Event {
    Event::new(Action::RunOpened)
}

/// Every event that names a transition of the change that ends with it.
pub fn events(acts: &[Action]) -> Vec<Event> {
    acts.iter().map(|act| Event::new(*act)).collect()
}

fn key(n: u8) -> Pseudonym {
    Pseudonym([n; 16])
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}

/// An input of a source that is archived as it came.
pub(super) fn new_input(source: &str, archive: String) -> InputRow {
    InputRow {
        id: 0,
        source: source.into(),
        business_date: "2026-03-02".into(),
        received_at: AT.into(),
        archive,
        bytes: 1,
        state: InputState::Archived,
        families: None,
        changed: None,
        faults: None,
    }
}

impl World {
    /// A store in which nothing has happened.
    pub fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(folder.path().join("bex.db"));
        let store = Store::open(database.location(), Actor::named("test"), VAULT).unwrap();
        World { store, database, _folder: folder }
    }

    /// An input with these families; gives its id.
    fn input(&self, source: &str, families: &[(u8, u8)]) -> i64 {
        let row = new_input(source, format!("{source}-{}", self.events()));
        let family = |(n, digest): &(u8, u8)| FamilyRow {
            key: key(*n),
            line: RowLine::of((*n).into()),
            digest: Digest([*digest; 16]),
            incomplete: false,
            known: self.store.sealed_family(source, key(*n)).unwrap().is_some(),
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
        let staged = |(n, version): &(u8, u8)| Staged {
            key: key(*n),
            covered: 1,
            sealed: vec![*version],
            change: vec![*version],
        };
        self.delivery_of(feed, &families.iter().map(staged).collect::<Vec<_>>())
    }

    /// The same, of any versions.
    pub fn delivery_of(&self, feed: &str, staged: &[Staged]) -> (i64, i64) {
        let (census, elections) = (self.input("census/x", &[]), self.input("elections/x", &[]));
        let run = NewRun { feed, business_date: "2026-03-02", census_input: census, elections_input: elections };
        let mut change = self.store.change(AT).unwrap();
        let run = change.open_run(&run).unwrap();
        let (delivery, _) = change.number_delivery(&new(run, feed)).unwrap();
        change.stage(feed, delivery, staged).unwrap();
        change.commit(&events(&[Action::RunOpened, Action::DeliveryNumbered])).unwrap();
        (run, delivery)
    }

    /// Delivers it, as the journal does.
    pub fn deliver(&self, feed: &str, (run, delivery): (i64, i64)) {
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
    assert_eq!((world.known(FEED), world.store.covered(FEED).unwrap().members), (vec![(1, 1), (2, 1)], 2));
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

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// Some of so many families.
    fn some(&mut self, families: u8) -> Vec<u8> {
        (1..=families).filter(|_| self.below(2) == 0).collect()
    }
}

/// What the carrier knows after these deliveries, once this was taken back.
fn known_after(told: &[Vec<u8>], mut taken: impl FnMut(&World, &[i64])) -> Vec<(u8, u8)> {
    let world = World::new();
    let deliveries = told.iter().zip(1..).map(|(families, version)| {
        let families: Vec<(u8, u8)> = families.iter().map(|family| (*family, version)).collect();
        let delivery = world.delivery(FEED, &families);
        world.deliver(FEED, delivery);
        delivery.1
    });
    let deliveries: Vec<i64> = deliveries.collect();
    taken(&world, &deliveries);
    world.known(FEED)
}

#[test]
fn what_is_taken_back_of_some_families_is_for_them_as_if_all_was_and_for_the_others_as_if_nothing_was() {
    let mut dice = Dice(7);
    for _ in 0..40 {
        let told: Vec<Vec<u8>> = (0..2 + dice.below(3)).map(|_| dice.some(5)).collect();
        let of = dice.below(told.len() as u64) as usize;
        let some: Vec<u8> = told[of].iter().copied().filter(|_| dice.below(2) == 0).collect();
        if some.is_empty() {
            continue;
        }
        let by = Action::AckApplied;
        let nothing = known_after(&told, |_, _| {});
        let all = known_after(&told, |world, deliveries| {
            let mut change = world.store.change(AT).unwrap();
            change.take_back(FEED, deliveries[of], by).unwrap();
            change.commit(&events(&[by])).unwrap();
        });
        let found = known_after(&told, |world, deliveries| {
            let row = world.store.delivery(deliveries[of]).unwrap().unwrap();
            let keys: Vec<Pseudonym> = some.iter().map(|family| key(*family)).collect();
            let mut change = world.store.change(AT).unwrap();
            change.take_members_back(&row, &keys, by).unwrap();
            change.commit(&events(&[by])).unwrap();
        });
        let as_all = all.iter().filter(|(family, _)| some.contains(family));
        let mut wanted: Vec<(u8, u8)> =
            as_all.chain(nothing.iter().filter(|(family, _)| !some.contains(family))).copied().collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{told:?}, of delivery {of} families {some:?}");
    }
}

/// What a carrier knows, told of plainly: of each family what was told last and counts.
fn as_told(told: &[Vec<u8>], counts: &[bool]) -> Vec<(u8, u8)> {
    let mut known = BTreeMap::new();
    for ((families, version), _) in told.iter().zip(1..).zip(counts).filter(|(_, counts)| **counts) {
        known.extend(families.iter().map(|family| (*family, version)));
    }
    known.into_iter().collect()
}

#[test]
fn whatever_is_taken_back_and_told_again_in_any_order_the_last_that_counts_is_known() {
    let mut dice = Dice(11);
    for _ in 0..40 {
        let told: Vec<Vec<u8>> = (0..2 + dice.below(4)).map(|_| dice.some(4)).collect();
        let mut counts = vec![true; told.len()];
        let found = known_after(&told, |world, deliveries| {
            for _ in 0..6 {
                let of = dice.below(told.len() as u64) as usize;
                let by = Action::DeliverySettled;
                let mut change = world.store.change(AT).unwrap();
                if counts[of] {
                    change.take_back(FEED, deliveries[of], by).unwrap();
                } else {
                    change.tell_again(FEED, deliveries[of], by).unwrap();
                }
                change.commit(&events(&[by])).unwrap();
                counts[of] = !counts[of];
                assert_eq!(world.known(FEED), as_told(&told, &counts), "{told:?} {counts:?}");
            }
        });
        assert_eq!(found, as_told(&told, &counts), "{told:?} {counts:?}");
    }
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
        let found = world.store.to_decide(scope).unwrap().next_page().unwrap().unwrap();
        found.iter().map(|one| (one.key().0[0], one.census.clone().unwrap().sealed[0])).collect::<Vec<_>>()
    };
    assert_eq!(at(first), [(1, 1), (2, 1)]);
    assert_eq!(at(second), [(1, 1), (2, 2)]);
}

/// A run of these inputs that has decided everybody, as the newest of its feed.
fn decided(world: &World, scope: &Scope, again: &[Again]) -> i64 {
    let new = NewRun {
        feed: FEED,
        business_date: scope.as_of,
        census_input: scope.census_input,
        elections_input: scope.elections_input,
    };
    let mut change = world.store.change(AT).unwrap();
    let run = change.open_run(&new).unwrap();
    change.record_rules(run, &UsedRules { digest: scope.rules, body: "{}" }).unwrap();
    let decided = DecidedRun { run, feed: FEED, as_of: scope.as_of, everybody: true, families: 2, again };
    change.record_decided(&decided).unwrap();
    change.set_run_state(run, RunState::Done, Action::RunEmpty).unwrap();
    change.commit(&events(&[Action::RunOpened, Action::RunEmpty])).unwrap();
    run
}

/// The families that are asked for, by the first byte of their keys.
fn asked(world: &World, scope: &Scope) -> Vec<u8> {
    let mut families = world.store.to_decide(scope.clone()).unwrap();
    let mut found = Vec::new();
    while let Some(page) = families.next_page().unwrap() {
        found.extend(page.iter().map(|one| one.key().0[0]));
    }
    found
}

#[test]
fn what_is_decided_is_not_asked_for_until_something_changes() {
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
    assert_eq!(asked(&world, &tonight), [1, 2], "before anything is decided");
    let review = |n| Again { key: key(n), on: Some("2026-04-01".parse().unwrap()) };
    decided(&world, &tonight, &[review(1), review(2)]);
    assert_eq!(asked(&world, &tonight), [0u8; 0]);
    assert_eq!(asked(&world, &scope(census, "2026-04-01", [0; 16])), [1, 2], "on the day of review");
    assert_eq!(asked(&world, &scope(census, "2026-03-03", [9; 16])), [1, 2], "when the rules differ");
    let later = world.input("census/x", &[(2, 2)]);
    let tomorrow = scope(later, "2026-03-03", [0; 16]);
    assert_eq!(asked(&world, &tomorrow), [2], "when the census differs");
    let other = Scope { census: "census/y", ..tomorrow.clone() };
    assert_eq!(asked(&world, &other), [1], "from another source, whoever it knows");
    decided(&world, &tomorrow, &[Again { key: key(1), on: None }]);
    assert_eq!(asked(&world, &tomorrow), [1], "a question is asked again");
    assert_eq!(asked(&world, &tonight), [1, 2], "inputs before the watermark say nothing of what is decided");
}

#[test]
fn a_family_that_is_gone_from_its_source_and_one_that_was_taken_back_are_asked_for() {
    let world = World::new();
    let census = world.input("census/x", &[(1, 1), (2, 1), (3, 1)]);
    let elections = world.input("elections/x", &[]);
    let scope = |census_input| Scope {
        feed: FEED,
        census: "census/x",
        census_input,
        elections: "elections/x",
        elections_input: elections,
        rules: [0; 16],
        as_of: "2026-03-02",
    };
    decided(&world, &scope(census), &[]);
    let later = world.input("census/x", &[]);
    let mut change = world.store.change(AT).unwrap();
    change.end_families("census/x", later, &[key(2)]).unwrap();
    change.commit(&[event()]).unwrap();
    let mut families = world.store.to_decide(scope(later)).unwrap();
    let page = families.next_page().unwrap().unwrap();
    assert_eq!((page[0].key(), page[0].census.is_some(), page[0].is_counted()), (key(2), false, true));
    let delivery = world.delivery(FEED, &[(3, 1)]);
    let mut change = world.store.change(AT).unwrap();
    change.take_back(FEED, delivery.1, Action::RunVoided).unwrap();
    change.set_run_state(delivery.0, RunState::Void, Action::RunVoided).unwrap();
    change.commit(&events(&[Action::RunVoided])).unwrap();
    assert_eq!(asked(&world, &scope(later)), [2, 3]);
}

#[test]
fn everybody_is_read_once_and_in_order_over_many_pages_and_versions() {
    let world = World::new();
    let all: Vec<(u8, u8)> = (1..=250).map(|n| (n, 1)).collect();
    let (odd, last): (Vec<_>, Vec<_>) = (all.iter().copied().filter(|(n, _)| n % 2 == 1).collect(), vec![(255, 1)]);
    // Enough versions of each that pages end between those of one family.
    let inputs: Vec<i64> =
        (0..20).map(|n| world.input("census/x", &all.iter().map(|(k, _)| (*k, n)).collect::<Vec<_>>())).collect();
    world.input("elections/x", &odd);
    let elections = world.input("elections/x", &last);
    let scope = Scope {
        feed: FEED,
        census: "census/x",
        census_input: inputs[10],
        elections: "elections/x",
        elections_input: elections,
        rules: [0; 16],
        as_of: "2026-03-02",
    };
    let expected: Vec<u8> = (1..=250).chain([255]).collect();
    assert_eq!(asked(&world, &scope), expected);
    let page = world.store.to_decide(scope).unwrap().next_page().unwrap().unwrap();
    assert!(
        page[..250].iter().all(|one| one.census.as_ref().is_some_and(|kept| kept.sealed == [10])),
        "as it stood at that input"
    );
    assert!((1..=250).zip(&page).all(|(n, one)| one.elections.is_some() == (n % 2 == 1)));
}

#[test]
fn a_change_without_the_event_that_records_it_does_not_stand() {
    let world = World::new();
    for _ in 0..2 {
        let mut change = world.store.change(AT).unwrap();
        assert_eq!(change.next_number("anything").unwrap(), 1);
        assert_eq!(change.commit(&[]).unwrap_err().code, "STO008");
    }
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
