//! What comes back: fetched, kept, matched, applied.
#![allow(clippy::disallowed_methods, reason = "an edge: this step writes sealed files to the archive")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use chrono::TimeDelta;

use super::connect::connection;
use super::rules;
use crate::acks::verdict::{GroupAck, Of, Verdict};
use crate::acks::{self, Acknowledgement};
use crate::audit::{Action, Event};
use crate::crypt::age::encrypt;
use crate::deliver::fetch::{Collected, Outbox};
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::mapping::Carrier;
use crate::store::{Acknowledged, Change, DeliveryRow, DeliveryState, RunState};

/// What fetching acknowledgements came to.
#[derive(Clone, Debug, Default)]
pub struct AckSummary {
    /// Files that were applied.
    pub applied: u64,
    /// Deliveries accepted.
    pub accepted: u64,
    /// Deliveries rejected, wholly.
    pub rejected: u64,
    /// Files that name nothing of ours.
    pub unmatched: u64,
    /// What went wrong, by carrier; RUN014 among it when the process was asked to stop, and the rest was left.
    pub faults: Vec<Fault>,
    /// Deliveries that still wait for their carrier's word.
    pub awaiting: Vec<DeliveryRow>,
}

/// Longest acknowledgement taken.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Fetches acknowledgements from every carrier that has an outbox, and applies them. One carrier that cannot be
/// reached is one fault; the others are fetched.
///
/// # Errors
/// STO001.
pub fn acknowledge(engine: &Engine) -> Result<AckSummary, Fault> {
    let mut summary = AckSummary::default();
    for carrier in engine.site.carriers.values().filter(|carrier| carrier.delivery.outbox.is_some()) {
        if let Err(fault) = fetch(engine, carrier, &mut summary) {
            summary.faults.push(fault.name("carrier", carrier.name.as_str()));
        }
        if let Err(fault) = engine.steps.go_on() {
            summary.faults.push(fault);
            break;
        }
    }
    for row in engine.store.awaiting()? {
        if is_assumed(engine, &row) {
            assume(engine, &row)?;
        } else {
            summary.awaiting.push(row);
        }
    }
    Ok(summary)
}

/// Whether the carrier never answers, and the hours after which its acceptance is assumed have passed.
fn is_assumed(engine: &Engine, row: &DeliveryRow) -> bool {
    let Some(carrier) = engine.carrier(&row.carrier).filter(|carrier| !carrier.answers()) else { return false };
    let hours = TimeDelta::hours(carrier.acknowledgements.assume_after_hours.unwrap_or(0).into());
    row.state() == DeliveryState::Delivered && row.delivered().is_some_and(|then| engine.clock.now() >= then + hours)
}

fn assume(engine: &Engine, row: &DeliveryRow) -> Result<(), Fault> {
    let mut change = engine.change()?;
    change.set_delivery_state(row.id, DeliveryState::Assumed)?;
    let event = Event::new(Action::DeliveryAssumed).name("feed", &row.feed).count("delivery", row.id);
    engine.commit(change, &[event.count("number", row.number)])
}

fn fetch(engine: &Engine, carrier: &Carrier, summary: &mut AckSummary) -> Result<(), Fault> {
    let folder = carrier.delivery.outbox.clone().unwrap_or_default();
    let outbox = Outbox { folder, file_bytes_max: BYTES_MAX, files_max: 10_000, remove: false };
    let connect = connection(engine, carrier)?;
    let mut transport = connect.connect().map_err(|error| error.fault())?;
    let name = carrier.name.as_str();
    let is_new = |entry: &crate::transport::Entry| {
        let known = engine.store.knows_acknowledgement_named(name, &entry.name, entry.size);
        !known.unwrap_or(false)
    };
    let fetched = outbox.collect(transport.as_mut(), &engine.spool_folder(), &is_new);
    let (files, faults) = fetched.map_err(|error| error.fault())?;
    summary.faults.extend(faults);
    for file in files.iter().take_while(|_| !engine.steps.is_interrupted()) {
        apply(engine, carrier, file, summary)?;
    }
    Ok(())
}

/// Keeps a file, reads it, and applies what it says, in one change.
fn apply(engine: &Engine, carrier: &Carrier, file: &Collected, summary: &mut AckSummary) -> Result<(), Fault> {
    let content = engine.vault.digest("acknowledgement", &file.bytes.sha256());
    if engine.store.knows_acknowledgement(carrier.name.as_str(), content)? {
        return Ok(());
    }
    let archive = format!("ack-{}.age", crate::model::ids::hex(&content));
    keep(engine, file, &archive)?;
    let read = file.bytes.open().and_then(acks::read);
    let mut change = engine.change()?;
    let mut events = Vec::new();
    let state = match read {
        Ok(incoming) => apply_all(engine, carrier, &incoming, (&mut change, &mut events, summary))?,
        Err(fault) => {
            summary.faults.push(fault.name("file", &file.name));
            "quarantined"
        }
    };
    let name = Label::new(&file.name).to_string();
    let row = Acknowledged {
        carrier: carrier.name.as_str(),
        name: &name,
        bytes: file.bytes.length(),
        content,
        archive: &archive,
        state,
    };
    change.record_acknowledgement(&row)?;
    events.push(ending(carrier, state, &name));
    engine.commit(change, &events)?;
    match state {
        "applied" => summary.applied += 1,
        "unmatched" => summary.unmatched += 1,
        _ => {}
    }
    Ok(())
}

fn ending(carrier: &Carrier, state: &str, name: &str) -> Event {
    let action = match state {
        "applied" => Action::AckApplied,
        "unmatched" => Action::AckUnmatched,
        _ => Action::AckQuarantined,
    };
    Event::new(action).name("carrier", carrier.name.as_str()).name("file", name)
}

/// Seals the file into the archive as it came: rejections can repeat members' data.
fn keep(engine: &Engine, file: &Collected, archive: &str) -> Result<(), Fault> {
    let path = engine.archive_folder().join(archive);
    let unfinished = engine.archive_folder().join(format!(".tmp-{archive}"));
    let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
    let out = options.map_err(|_| unkept())?;
    let mut sealing = encrypt(&[engine.archive.recipient()], out)?;
    io::copy(&mut file.bytes.open()?, &mut sealing).map_err(|_| unkept())?;
    let mut out = sealing.finish()?;
    out.flush().and_then(|()| out.sync_all()).map_err(|_| unkept())?;
    fs::rename(&unfinished, &path).map_err(|_| unkept())
}

fn unkept() -> Fault {
    rules::ACK_NOT_KEPT.at(Place::Named(Label::new("state/archive")))
}

type Applying<'a, 'c, 's> = (&'a mut Change<'c>, &'a mut Vec<Event>, &'s mut AckSummary);

/// Applies everything a file says. `unmatched` when none of it names a delivery of ours.
fn apply_all(
    engine: &Engine,
    carrier: &Carrier,
    incoming: &[Acknowledgement],
    (change, events, summary): Applying,
) -> Result<&'static str, Fault> {
    let (mut matched, partner) = (false, engine.site.partner(carrier));
    for acknowledgement in incoming {
        let ours =
            acknowledgement.sender.id == carrier.receiver.id && acknowledgement.receiver.id == engine.site.sender.id;
        let Some(said) = verdict(acknowledgement).filter(|_| ours) else { continue };
        let Some(row) = engine.store.delivery_numbered(&partner, said.number)? else { continue };
        matched = true;
        // A partner may answer for several carriers: what decides is agreed on with each of them.
        let carrier = engine.carrier(&row.carrier).unwrap_or(carrier);
        apply_one(carrier, &row, &said, change)?;
        summary.accepted += u64::from(said.decides(carrier) && !said.rejects);
        summary.rejected += u64::from(said.rejects);
        let event = Event::new(Action::AckApplied).name("feed", &row.feed).count("delivery", row.id);
        events.push(event.count("number", row.number).name(said.kind, said.word));
    }
    Ok(if matched { "applied" } else { "unmatched" })
}

/// What an acknowledgement says of a delivery.
struct Said {
    number: i64,
    kind: &'static str,
    word: &'static str,
    rejects: bool,
}

impl Said {
    /// Whether more is to be expected of the carrier: a TA1 decides only where no 999 follows.
    fn decides(&self, carrier: &Carrier) -> bool {
        self.kind == "999" || self.rejects || !carrier.acknowledgements.g999
    }
}

fn verdict(acknowledgement: &Acknowledgement) -> Option<Said> {
    let (number, kind, verdict) = match &acknowledgement.of {
        Of::Interchange(ta1) => (&ta1.control_number, "TA1", ta1.verdict),
        Of::Group(group) => (&group.control_number, "999", of_group(group)),
    };
    let (word, rejects) = match verdict {
        Verdict::Accepted => ("accepted", false),
        Verdict::AcceptedWithErrors => ("errors", false),
        Verdict::PartiallyAccepted | Verdict::Rejected => ("rejected", true),
        Verdict::Unknown => return None,
    };
    Some(Said { number: number.parse().ok()?, kind, word, rejects })
}

/// Our groups have one set, so what is said of the set is what counts; a group accepted in part is accepted where the
/// set is.
fn of_group(group: &GroupAck) -> Verdict {
    match (group.verdict, group.sets.first()) {
        (Verdict::PartiallyAccepted, Some(set)) => set.verdict,
        (verdict, _) => verdict,
    }
}

fn apply_one(carrier: &Carrier, row: &DeliveryRow, said: &Said, change: &mut Change) -> Result<(), Fault> {
    let (ta1, g999) = if said.kind == "TA1" { (Some(said.word), None) } else { (None, Some(said.word)) };
    change.set_verdicts(row.id, ta1, g999)?;
    if row.state() == DeliveryState::Rejected {
        return Ok(());
    }
    if !row.state().is_delivered() {
        // The carrier has it: that settles what looking could not.
        change.tell(&row.feed, row.id)?;
        change.set_delivery_state(row.id, DeliveryState::Delivered)?;
        change.set_run_state(row.run, RunState::Done)?;
    }
    if said.rejects {
        change.take_back(&row.feed, row.id)?;
        return change.set_delivery_state(row.id, DeliveryState::Rejected);
    }
    if said.decides(carrier) { change.set_delivery_state(row.id, DeliveryState::Accepted) } else { Ok(()) }
}
