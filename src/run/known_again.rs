//! What deliveries made known, taken up again by a store that was restored from a backup of before them. The newest of
//! a feed stands as it would after a crash in the moment of publishing: the carrier is asked whether it has it. Those
//! before it were delivered, or the newer one would never have been numbered.

use super::connect::target_of;
use super::made_known::{KnownInput, KnownReader, MadeKnown};
use super::outcome::unknown_run;
use super::send::{delivery_event, state_once_there};
use crate::access::{Permit, Recover};
use crate::audit::{Action, Event};
use crate::deliver::Verified;
use crate::engine::{Engine, StrayDelivery};
use crate::fault::Fault;
use crate::model::ids::unhex;
use crate::policy::body_digest;
use crate::state::{AttemptState, DeliveryState, InputState, RunState};
use crate::store::{AttemptMoved, Change, DeliveryRow, InputRow, NewDelivery, NewRun, SealedFacts, UsedPolicy};

/// A delivery that the store knows again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAgain {
    /// Its number, as before.
    pub delivery: i64,
    /// The run it belongs to now.
    pub run: i64,
    /// The feed it tells for.
    pub feed: String,
    /// Whether the carrier has still to be asked for it.
    pub is_open: bool,
}

/// Takes up what is kept beside these sealed deliveries, in the order of their numbers; what has nothing beside it, or
/// belongs to a feed that stands in the middle of another run, is left.
///
/// # Errors
/// RUN032 when what is kept is not what was written; the vault's and the store's.
pub fn know_again(
    engine: &Engine,
    strays: &[StrayDelivery],
    permit: &Permit<Recover>,
) -> Result<Vec<KnownAgain>, Fault> {
    let mut again: Vec<KnownAgain> = Vec::new();
    let mut strays: Vec<&StrayDelivery> = strays.iter().collect();
    strays.sort_by_key(|stray| stray.id);
    for stray in strays {
        let Some(mut kept) = KnownReader::open(engine, stray.id, stray.sealed_name())? else { continue };
        let earlier = again.iter_mut().find(|earlier| earlier.feed == kept.known.feed && earlier.is_open);
        if let Some(earlier) = earlier {
            was_delivered(engine, earlier.run)?;
            earlier.is_open = false;
        }
        let stands = engine.store.newest_run(&kept.known.feed)?.map(|run| run.state());
        if stands.is_some_and(|state| !matches!(state, RunState::Done | RunState::Void)) {
            continue;
        }
        again.push(take_up(engine, &mut kept, stray.sealed_name(), permit)?);
    }
    Ok(again)
}

fn take_up(
    engine: &Engine,
    kept: &mut KnownReader,
    sealed: &str,
    permit: &Permit<Recover>,
) -> Result<KnownAgain, Fault> {
    let known = kept.known.clone();
    let (mut change, mut events) = (engine.change()?, Vec::new());
    let census = input(engine, &mut change, &known.census, &mut events)?;
    let elections = input(engine, &mut change, &known.elections, &mut events)?;
    let (feed, business_date) = (known.feed.as_str(), known.business_date.as_str());
    let new = NewRun { feed, business_date, census_input: census, elections_input: elections };
    let run = change.open_run(&new)?;
    number(&mut change, run, &known)?;
    while let Some(page) = kept.page()? {
        change.stage(feed, known.delivery, &page)?;
    }
    change.set_loops(known.delivery, known.subscribers, known.dependents)?;
    seal(&mut change, &known, sealed)?;
    may_be_published(engine, &mut change, &known)?;
    let again = |action: Action| {
        let event = Event::new(action).name("feed", feed).count("run", run).count("delivery", known.delivery);
        event.count("number", known.number).name("because", "known again")
    };
    let acts = [Action::RunOpened, Action::DeliveryNumbered, Action::DeliverySealed, Action::DeliveryIntent];
    events.extend(acts.into_iter().map(again));
    events.extend([Action::DeliveryVerified, Action::DeliveryPublishing].into_iter().map(again));
    events.push(again(Action::StoreRecovered).permitted(permit));
    engine.commit(change, &events)?;
    Ok(KnownAgain { delivery: known.delivery, run, feed: feed.to_string(), is_open: true })
}

/// The input that a run was computed from: as the store knows it, or recorded to be read by the next run.
fn input(engine: &Engine, change: &mut Change, known: &KnownInput, events: &mut Vec<Event>) -> Result<i64, Fault> {
    if let Some(id) = change.input_archived_as(&known.archive)? {
        return Ok(id);
    }
    let row = InputRow {
        id: 0,
        source: known.source.clone(),
        business_date: known.business_date.clone(),
        received_at: known.received_at.clone(),
        archive: known.archive.clone(),
        bytes: known.bytes,
        state: InputState::Archived,
        families: None,
        changed: None,
        faults: None,
    };
    let id = change.archive_input(&row, &bytes(&known.content)?)?;
    let mapping = bytes(&known.mapping)?;
    if !mapping.is_empty() {
        change.record_reading(id, &mapping)?;
    }
    let event = Event::new(Action::InputArchived).name("source", &known.source).count("input", id);
    events.push(engine.archived(event.name("because", "known again"), &known.archive));
    Ok(id)
}

/// The numbers are those that were used: the counters are raised to just before them, and give them once more.
fn number(change: &mut Change, run: i64, known: &MadeKnown) -> Result<(), Fault> {
    change.raise_numbers(Some(&known.partner), known.delivery - 1, known.number - 1)?;
    let given = change.number_delivery(&NewDelivery {
        run,
        feed: &known.feed,
        carrier: &known.carrier,
        partner: &known.partner,
        style: &known.style,
        frozen_at: &known.frozen_at,
        name_pattern: &known.final_name,
    })?;
    // A counter that stands behind them already means that the number was given to something else.
    if given != (known.delivery, known.number) {
        return Err(super::rules::NUMBERS_DIFFER.fault().count("delivery", known.delivery.unsigned_abs()));
    }
    change.bind(known.delivery, &known.terms)
}

fn seal(change: &mut Change, known: &MadeKnown, outbox: &str) -> Result<(), Fault> {
    let facts = SealedFacts {
        outbox,
        sha256: fixed(&known.sealed_sha256)?,
        bytes: known.sealed_bytes.unsigned_abs(),
        plain_digest: fixed(&known.plain_digest)?,
        plain_bytes: known.plain_bytes.unsigned_abs(),
        recipient: &known.recipient,
    };
    change.seal_delivery(known.delivery, &facts)?;
    let Some(policy) = &known.policy else { return Ok(()) };
    let used = UsedPolicy {
        carrier: &known.carrier,
        digest: body_digest(&policy.body),
        body: &policy.body,
        paths: &policy.paths,
    };
    change.record_policy(known.delivery, &used)
}

/// Nobody knows how far it came: it stands where only looking, or the carrier, can tell.
fn may_be_published(engine: &Engine, change: &mut Change, known: &MadeKnown) -> Result<(), Fault> {
    let temp = engine
        .carrier(&known.carrier)
        .map_or_else(String::new, |carrier| target_of(carrier, &known.final_name).temp_path(1));
    let (id, how) = (known.delivery, Some(Verified::Confirmed.word()));
    change.open_attempt(id, 1, &temp)?;
    change.set_delivery_state(id, DeliveryState::Sending, Action::DeliveryIntent)?;
    let verified = AttemptMoved { state: AttemptState::Verified, evidence: how };
    change.set_attempt(id, &verified, Action::DeliveryVerified)?;
    let publishing = AttemptMoved { state: AttemptState::Publishing, evidence: None };
    change.set_attempt(id, &publishing, Action::DeliveryPublishing)
}

/// A later delivery of the feed was numbered: this one had come to its end, and counted as told.
fn was_delivered(engine: &Engine, run: i64) -> Result<(), Fault> {
    let row: DeliveryRow = engine.store.delivery_of(run)?.ok_or_else(unknown_run)?;
    let (mut change, by) = (engine.change()?, Action::DeliveryDelivered);
    let followed = AttemptMoved { state: AttemptState::Delivered, evidence: Some("followed") };
    change.set_attempt(row.id, &followed, by)?;
    change.set_delivery_state(row.id, state_once_there(engine, &row.carrier), by)?;
    change.tell(&row.feed, row.id, by)?;
    change.set_run_state(run, RunState::Done, by)?;
    engine.commit(change, &[delivery_event(by, &row).name("evidence", "followed")])
}

fn fixed<const N: usize>(text: &str) -> Result<[u8; N], Fault> {
    bytes(text)?.try_into().map_err(|_| super::rules::NOT_MADE_KNOWN.fault())
}

fn bytes(text: &str) -> Result<Vec<u8>, Fault> {
    unhex(text).ok_or_else(|| super::rules::NOT_MADE_KNOWN.fault())
}
