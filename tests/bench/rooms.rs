//! What a night is made of, each beside its limit in the same run: records sealed and opened beside the bare cipher,
//! the store beside the bare driver; intake.rs has an employer's rows. Who reads them compares the ratios.

use std::path::PathBuf;
use std::time::Instant;

use bex::access::Actor;
use bex::audit::{Action, Event};
use bex::crypt::family_keys::FamilyKeys;
use bex::crypt::vault::{Bound, Vault, family_key_of};
use bex::model::ids::{Digest, Pseudonym};
use bex::model::row_line::RowLine;
use bex::state::{InputState, RunState};
use bex::store::{DecidedRun, FamilyRow, InputRow, Location, NewDelivery, NewRun, Scope, Staged, Store, UsedRules};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use sha2::{Digest as _, Sha256};

use super::bare_database::BareDatabase;

/// A part of the work, and the least it could take.
pub struct Beside {
    pub what: String,
    /// How often a second.
    pub ours: f64,
    pub unit: &'static str,
    pub limit: f64,
    pub limit_is: &'static str,
}

impl Beside {
    /// How many times as long as its limit it takes.
    pub fn times(&self) -> f64 {
        self.limit / self.ours
    }
}

/// Two rates, of which the second is the limit.
pub struct Rates {
    pub unit: &'static str,
    pub ours: f64,
    pub limit: f64,
}

pub fn beside(what: &str, rates: Rates, limit_is: &'static str) -> Beside {
    let Rates { unit, ours, limit } = rates;
    Beside { what: what.to_string(), ours, unit, limit, limit_is }
}

/// How much of something is done in a second: the best of three, because what else the machine does only takes longer.
pub fn rate(amount: f64, mut work: impl FnMut()) -> f64 {
    let once = |work: &mut dyn FnMut()| {
        let begun = Instant::now();
        work();
        begun.elapsed().as_secs_f64()
    };
    amount / (0..3).map(|_| once(&mut work)).fold(f64::INFINITY, f64::min)
}

/// Bytes of a record of an average family.
const RECORD: usize = 300;
/// Families of which a store is told.
const FAMILIES: u32 = 100_000;

/// Families' records as a night seals and opens them, each under its family's own key, beside the bare cipher under
/// one; keyed digests beside the bare HMAC.
pub fn vault() -> Vec<Beside> {
    let folder = tempfile::tempdir().unwrap();
    let (vault, families) = (Vault::new(&[1; 32]).unwrap(), FamilyKeys::at(folder.path().join("families")));
    let keys = keys(0..FAMILIES);
    families.ensure(&keys).unwrap();
    let bound = Bound { place: b"census/example/1234567890123456".to_vec(), column: "census", version: 1 };
    let (record, each) = (vec![7; RECORD], f64::from(FAMILIES));
    let mut sealed: Vec<Vec<u8>> = Vec::new();
    let sealing = rate(each, || {
        let seal = |key: &Pseudonym| vault.seal_in_family(&bound, &families.sealing(*key).unwrap(), &record);
        sealed = keys.iter().map(seal).collect();
    });
    let opening = rate(each, || {
        for (key, sealed) in keys.iter().zip(&sealed) {
            let id = family_key_of(sealed).unwrap();
            let opened = vault.open_in_family(&bound, &families.opening(*key, id).unwrap(), sealed).unwrap();
            assert_eq!(opened.len(), RECORD);
        }
    });
    let bare = bare_cipher(&record);
    let digests = rate(each, || keys.iter().for_each(|_| _ = std::hint::black_box(vault.digest("family", &record))));
    let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
    let macs = rate(each, || keys.iter().for_each(|_| _ = std::hint::black_box(hmac::sign(&hmac_key, &record))));
    let rates = |ours, limit| Rates { unit: "records", ours, limit };
    vec![
        beside("vault: sealed", rates(sealing, bare[0]), "AES-256-GCM of `ring` under one key"),
        beside("vault: opened", rates(opening, bare[1]), "the same"),
        beside("vault: digested", rates(digests, macs), "HMAC-SHA-256 of `ring`"),
    ]
}

/// How many records are sealed and opened a second, each in memory of its own.
fn bare_cipher(record: &[u8]) -> [f64; 2] {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[1; 32]).unwrap());
    let nonce = |n: u32| Nonce::assume_unique_for_key([&[0; 8], &n.to_be_bytes()[..]].concat().try_into().unwrap());
    let mut sealed: Vec<Vec<u8>> = Vec::new();
    let sealing = rate(f64::from(FAMILIES), || {
        let seal = |n| {
            let mut bytes = record.to_vec();
            key.seal_in_place_append_tag(nonce(n), Aad::empty(), &mut bytes).unwrap();
            bytes
        };
        sealed = (0..FAMILIES).map(seal).collect();
    });
    let opening = rate(f64::from(FAMILIES), || {
        for (n, bytes) in (0..FAMILIES).zip(&sealed) {
            let mut bytes = bytes.clone();
            assert_eq!(key.open_in_place(nonce(n), Aad::empty(), &mut bytes).unwrap().len(), record.len());
        }
    });
    [sealing, opening]
}

/// Pseudonyms of families, in the order of the tables.
fn keys(of: std::ops::Range<u32>) -> Vec<Pseudonym> {
    let key = |n: u32| Pseudonym(Sha256::digest(n.to_be_bytes())[..16].try_into().unwrap());
    let mut keys: Vec<Pseudonym> = of.map(key).collect();
    keys.sort_unstable();
    keys
}

const AT: &str = "2026-03-02T21:00:00Z";
const CENSUS: &str = "census/a";
const ELECTIONS: &str = "elections/a";

/// An input of a source that nothing is known of yet, under a name of its own.
pub fn input_row(source: &str, n: i64) -> InputRow {
    InputRow {
        id: 0,
        source: source.to_string(),
        business_date: "2026-03-02".into(),
        received_at: AT.into(),
        archive: format!("{source}-{n}"),
        bytes: 1,
        state: InputState::Archived,
        families: None,
        changed: None,
        faults: None,
    }
}

/// A change file of a run.
pub fn new_delivery(run: i64) -> NewDelivery<'static> {
    NewDelivery {
        run,
        feed: "f",
        carrier: "c",
        partner: "p",
        style: "change",
        frozen_at: "2026-03-02T21:00:00",
        name_pattern: "{number}",
    }
}

/// A store of one feed, measured as it is filled.
struct Filled {
    store: Store,
    inputs: [i64; 2],
}

impl Filled {
    /// An input of a source with the records of these families; how many a second are begun.
    fn input(&mut self, source: &str, families: &[Pseudonym]) -> f64 {
        let of = usize::from(source == ELECTIONS);
        let row = input_row(source, self.inputs[of]);
        // A source's first input, in the order of keys, and later a few of them again.
        let known = self.inputs[of] > 0;
        let family = |key: &Pseudonym| FamilyRow {
            key: *key,
            line: RowLine::of(1),
            digest: Digest([7; 16]),
            incomplete: false,
            known,
            sealed: vec![7; RECORD],
        };
        let begun = Instant::now();
        let mut change = self.store.change(AT).unwrap();
        let input = change.archive_input(&row, &[7; 16]).unwrap();
        for batch in families.chunks(5000) {
            change.replace_families(source, input, &batch.iter().map(family).collect::<Vec<_>>()).unwrap();
        }
        change.settle_input(input, InputState::Applied, [families.len() as i64, 0, 0]).unwrap();
        change.commit(&[Event::new(Action::InputArchived), Event::new(Action::InputApplied)]).unwrap();
        self.inputs[of] = input;
        families.len() as f64 / begun.elapsed().as_secs_f64()
    }

    fn scope(&self) -> Scope<'_> {
        let [census_input, elections_input] = self.inputs;
        Scope {
            feed: "f",
            census: CENSUS,
            census_input,
            elections: ELECTIONS,
            elections_input,
            rules: [0; 16],
            as_of: "2026-03-02",
        }
    }

    /// A run that has a delivery with these families staged and is taken back again; how many a second are staged.
    fn staged(&self, families: &[Pseudonym]) -> f64 {
        let [census_input, elections_input] = self.inputs;
        let new = NewRun { feed: "f", business_date: "2026-03-02", census_input, elections_input };
        let begun = Instant::now();
        let mut change = self.store.change(AT).unwrap();
        let run = change.open_run(&new).unwrap();
        let (delivery, _) = change.number_delivery(&new_delivery(run)).unwrap();
        let row = |key: &Pseudonym| Staged { key: *key, covered: 1, sealed: vec![7; RECORD], change: Vec::new() };
        for batch in families.chunks(5000) {
            change.stage("f", delivery, &batch.iter().map(row).collect::<Vec<_>>()).unwrap();
        }
        change.set_run_state(run, RunState::Void, Action::RunVoided).unwrap();
        change.commit(&[Action::RunOpened, Action::DeliveryNumbered, Action::RunVoided].map(Event::new)).unwrap();
        families.len() as f64 / begun.elapsed().as_secs_f64()
    }

    /// Makes what the inputs say decided.
    fn decided(&self) {
        let [census_input, elections_input] = self.inputs;
        let new = NewRun { feed: "f", business_date: "2026-03-02", census_input, elections_input };
        let mut change = self.store.change(AT).unwrap();
        let run = change.open_run(&new).unwrap();
        change.record_rules(run, &UsedRules { digest: [0; 16], body: "{}" }).unwrap();
        let (as_of, families) = ("2026-03-02", FAMILIES.into());
        let decided = DecidedRun { run, feed: "f", as_of, everybody: true, families, again: &[] };
        change.record_decided(&decided).unwrap();
        change.set_run_state(run, RunState::Done, Action::RunEmpty).unwrap();
        change.commit(&[Event::new(Action::RunOpened), Event::new(Action::RunEmpty)]).unwrap();
    }

    /// The families that are to be decided.
    fn found(&self) -> usize {
        let (mut asked, mut found) = (self.store.to_decide(self.scope()).unwrap(), 0);
        while let Some(page) = asked.next_page().unwrap() {
            found += page.len();
        }
        found
    }
}

/// A database for the store, and another of the same kind for the bare driver.
pub struct Databases {
    pub kind: &'static str,
    pub ours: Location,
    pub bare: BareDatabase,
}

impl Databases {
    /// Files in a folder.
    pub fn files(folder: &std::path::Path) -> Databases {
        let file = |name: &str| -> PathBuf { folder.join(name) };
        Databases { kind: "SQLite", ours: file("bex.db").as_path().into(), bare: BareDatabase::file(&file("bare.db")) }
    }
}

/// The store of a night beside the bare driver: the same bytes put into one table by key, and read in its order. By the
/// clock: a server's work is not this process's.
pub fn store(databases: Databases) -> Vec<Beside> {
    let Databases { kind, ours, mut bare } = databases;
    let (families, each) = (keys(0..FAMILIES), f64::from(FAMILIES));
    let begun = Instant::now();
    bare.put(&families, RECORD);
    let put = each / begun.elapsed().as_secs_f64();
    let read = rate(each, || assert_eq!(bare.read(), families.len()));
    let store = Store::open(ours, Actor::named("bench"), [7; 8]).unwrap();
    let mut filled = Filled { store, inputs: [0; 2] };
    let begun = filled.input(CENSUS, &families);
    filled.input(ELECTIONS, &families);
    let everybody = rate(each, || assert_eq!(filled.found(), families.len()));
    let staged = filled.staged(&families);
    filled.decided();
    let quiet = rate(1.0, || assert_eq!(filled.found(), 0));
    let few: Vec<Pseudonym> = families.iter().step_by(100).copied().collect();
    filled.input(CENSUS, &few);
    let changed = rate(few.len() as f64, || assert_eq!(filled.found(), few.len()));
    let of_few = rate(few.len() as f64, || assert_eq!(bare.read_of(&few), few.len()));
    let nothing = rate(1.0, || assert_eq!(bare.read_of(&[Pseudonym([0; 16])]), 0));
    let rates = |ours, limit| Rates { unit: "rows", ours, limit };
    let named = |what: &str| format!("store, {kind}: {what}");
    vec![
        beside(&named("families begun, logged"), rates(begun, put), "a row a family put by the bare driver"),
        beside(&named("changes staged, logged"), rates(staged, put), "the same"),
        beside(&named("everybody to be decided"), rates(everybody, read / 2.0), "two such tables read by key"),
        beside(&named("one in a hundred"), rates(changed, of_few / 2.0), "their rows of two tables, named"),
        beside(&named("nobody"), Rates { unit: "times", ours: quiet, limit: nothing }, "one statement with no row"),
    ]
}
