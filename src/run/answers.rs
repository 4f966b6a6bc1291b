//! What comes back: fetched, kept, matched, applied.
#![allow(clippy::disallowed_methods, reason = "an edge: this step writes sealed files to the archive")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use chrono::TimeDelta;

use super::carrier_report::{CarrierReport, declared_report, read_report};
use super::connect::{connection, source_of_answers};
use super::made_known::forget_made_known;
use super::outcome::Exit;
use super::rules;
use super::standing::{answer_due, is_overdue};
use crate::audit::{Action, Event};
use crate::crypt::age::{Recipient, encrypt};
use crate::deliver::fetch::{Collected, Outbox};
use crate::deliver::rules::TOO_MUCH;
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place, Rule};
use crate::mapping::Carrier;
use crate::model::ids::Pseudonym;
use crate::schedule::Moment;
use crate::state::{AckState, Answer, AnswerLevel, Answered, DeliveryState, Effect, RunState, State as _};
use crate::store::{Acknowledged, AnswerRow, Change, DeliveryRow, NamedAnswer, OpenAnswer, Owner, SeenAnswer};
use crate::transport::Entry;
use crate::x12::ack::{self, Acknowledgement};
use crate::x12::ack::{GroupAck, Of, Verdict};

/// What fetching acknowledgements came to.
#[derive(Clone, Debug, Default)]
pub struct AckSummary {
    /// How many carriers were to be asked.
    pub asked: usize,
    /// Files that were applied.
    pub applied: u64,
    /// Deliveries accepted.
    pub accepted: u64,
    /// Deliveries rejected, wholly.
    pub rejected: u64,
    /// Families that a carrier did not take of a file that it accepted.
    pub families_rejected: u64,
    /// Deliveries among them, so that somebody can ask the carrier why.
    pub rejections: Vec<DeliveryRow>,
    /// Deliveries to which something was objected, whether they were accepted or not.
    pub objected: Vec<DeliveryRow>,
    /// Files that name nothing of ours.
    pub unmatched: u64,
    /// What those are called at their carriers.
    pub unmatched_files: Vec<String>,
    /// Files that cannot be read as an answer: each is among the faults.
    pub unread: u64,
    /// Answers to deliveries that were never sent: each is among the faults.
    pub premature: u64,
    /// Answers that say otherwise than an earlier one: each is among the faults.
    pub contradicting: u64,
    /// What went wrong, by carrier; RUN014 among it when the process was asked to stop, and the rest was left.
    pub faults: Vec<Fault>,
    /// Deliveries that still wait for their carrier's word.
    pub awaiting: Vec<AwaitedAnswer>,
    /// Answers that wait for a person, of tonight and of earlier nights.
    pub open: Vec<OpenAnswer>,
}

/// A delivery that still waits for its carrier's word.
#[derive(Clone, Debug)]
pub struct AwaitedAnswer {
    /// As the store has it.
    pub delivery: DeliveryRow,
    /// Whether the carrier should have answered by now.
    pub overdue: bool,
    /// Until when it is to have answered; none where it never answers, or the file may not have arrived.
    pub due: Option<Moment>,
}

impl AckSummary {
    /// How it ended. A rejection is a failure, too; what waits for a person holds, and what waits for a word that is
    /// overdue fails, every time until it is settled: a status that is good again by the next morning is overlooked.
    pub fn exit(&self) -> Exit {
        let waits = |state: AckState| self.open.iter().any(|open| open.state == state);
        if self.faults.iter().any(|fault| Exit::of(fault) == Exit::Interrupted) {
            return Exit::Interrupted;
        }
        if waits(AckState::Premature) || waits(AckState::Contradicting) {
            return Exit::Held;
        }
        // What another process is at is looked at by that one.
        let is_busy = |fault: &Fault| Exit::of(fault) == Exit::Busy;
        if !self.faults.is_empty() && self.faults.iter().all(is_busy) && self.faults.len() == self.asked {
            return Exit::Busy;
        }
        let failed = !self.faults.iter().all(is_busy)
            || self.rejected + self.families_rejected > 0
            || waits(AckState::Quarantined)
            || waits(AckState::Unmatched);
        if failed || self.awaiting.iter().any(|awaited| awaited.overdue) { Exit::Failed } else { Exit::Done }
    }
}

/// Longest acknowledgement taken.
const BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Most files of one carrier that a night takes: an answer or two for each of some thousand feeds.
const NIGHT_FILES_MAX: usize = 10_000;
/// And most bytes.
const NIGHT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Fetches acknowledgements from every carrier that has an outbox, and applies them. One carrier that cannot be
/// reached is one fault; the others are fetched.
///
/// # Errors
/// STO001.
pub fn acknowledge(engine: &Engine) -> Result<AckSummary, Fault> {
    acknowledge_from(engine, &|_| true)
}

/// The same, from those carriers alone that are meant.
///
/// # Errors
/// STO001.
pub fn acknowledge_from(engine: &Engine, is_meant: &dyn Fn(&Carrier) -> bool) -> Result<AckSummary, Fault> {
    let mut summary = AckSummary::default();
    let carriers = engine.site.carriers.values().filter(|carrier| carrier.delivery.outbox.is_some());
    for carrier in carriers.filter(|carrier| is_meant(carrier)) {
        summary.asked += 1;
        let from = |fault: Fault| fault.name("from", &source_of_answers(carrier));
        let fetched = engine.work_with(carrier).and_then(|_alone| fetch(engine, carrier, &mut summary).map_err(from));
        if let Err(fault) = fetched {
            summary.faults.push(fault.name("carrier", carrier.name.as_str()));
        }
        if let Err(fault) = engine.steps.check_interrupted() {
            summary.faults.push(fault);
            break;
        }
    }
    for row in engine.store.awaiting()? {
        if is_assumed(engine, &row) {
            assume(engine, &row)?;
        } else {
            let (overdue, due) = (is_overdue(engine, &row), answer_due(engine, &row).map(Moment::utc));
            summary.awaiting.push(AwaitedAnswer { delivery: row, overdue, due });
        }
    }
    summary.open = engine.store.open_answers()?;
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
    change.set_delivery_state(row.id, DeliveryState::Assumed, Action::DeliveryAssumed)?;
    let event = Event::new(Action::DeliveryAssumed).name("feed", &row.feed).count("delivery", row.id);
    engine.commit(change, &[event.count("number", row.number)])
}

fn fetch(engine: &Engine, carrier: &Carrier, summary: &mut AckSummary) -> Result<(), Fault> {
    let folder = carrier.delivery.outbox.clone().unwrap_or_default();
    let (file_bytes_max, bytes_max) = (BYTES_MAX, NIGHT_BYTES_MAX);
    let outbox = Outbox { folder, file_bytes_max, files_max: NIGHT_FILES_MAX, bytes_max, remove: false };
    let connect = connection(engine, carrier)?;
    let mut transport = connect.connect().map_err(|error| error.fault())?;
    let name = carrier.name.as_str();
    let seen = engine.store.answers_seen(name)?;
    // Some carriers write every answer under one name, and every TA1 is as long as another.
    let is_new = |entry: &Entry| seen.get(&entry.name) != Some(&seen_as(entry).seen);
    let (waiting, left) = outbox.waiting(transport.as_mut(), &is_new).map_err(|error| error.fault())?;
    summary.faults.extend((left > 0).then(|| TOO_MUCH.fault().count("left", left)));
    // One at a time: a carrier that leaves a thousand long ones takes the memory of one.
    for entry in waiting.iter().take_while(|_| !engine.steps.is_interrupted()) {
        match outbox.fetch(transport.as_mut(), &engine.spool_folder(), entry) {
            Ok(Some(file)) => apply(engine, carrier, &Fetched { file, as_seen: seen_as(entry) }, summary)?,
            Ok(None) => {}
            Err(fault) => summary.faults.push(fault.name("file", &entry.name)),
        }
    }
    Ok(())
}

/// A file that was fetched, and how it stood in the listing before.
struct Fetched {
    file: Collected,
    as_seen: NamedAnswer,
}

fn seen_as(entry: &Entry) -> NamedAnswer {
    let seen = SeenAnswer { bytes: entry.size, modified: entry.modified };
    NamedAnswer { name: entry.name.clone(), seen }
}

/// Keeps a file, reads it, and applies what it says, in one change.
fn apply(engine: &Engine, carrier: &Carrier, fetched: &Fetched, summary: &mut AckSummary) -> Result<(), Fault> {
    let Fetched { file, as_seen } = fetched;
    let content = engine.vault.digest("acknowledgement", &file.bytes.sha256()?);
    if engine.store.knows_acknowledgement(carrier.name.as_str(), content)? {
        return engine.store.see_answer(&engine.clock.stamp(), carrier.name.as_str(), as_seen);
    }
    let archive = format!("ack-{}{}", crate::model::ids::hex(&content), Recipient::SUFFIX);
    keep(engine, file, &archive)?;
    let name = Label::new(&file.name).to_string();
    let read = read_answer(engine, carrier, &name, file.bytes.open());
    let mut applying =
        Applying { engine, change: engine.change()?, events: Vec::new(), summary, grave: None, named: Vec::new() };
    let state = match read {
        Ok(said) => applying.whole(carrier, &said)?,
        Err(fault) => {
            applying.summary.unread += 1;
            applying.summary.faults.push(fault.name("file", &file.name).count("bytes", file.bytes.length()));
            AckState::Quarantined
        }
    };
    let row = Acknowledged {
        carrier: carrier.name.as_str(),
        name: &name,
        bytes: file.bytes.length(),
        content,
        archive: &archive,
        state,
        delivery: applying.grave.map(|grave| grave.delivery),
    };
    applying.change.see_answer(carrier.name.as_str(), as_seen)?;
    applying.finish(&row)
}

fn recorded_by(state: AckState) -> Action {
    match state {
        AckState::Applied => Action::AckApplied,
        AckState::Unmatched => Action::AckUnmatched,
        AckState::Quarantined => Action::AckQuarantined,
        AckState::Premature => Action::AckPremature,
        AckState::Contradicting => Action::AckContradicting,
        // No file comes back settled.
        AckState::Settled => Action::AckSettled,
    }
}

/// What came back: in the form of the standard, or in the carrier's own.
pub(super) enum CameBack {
    X12(Vec<Acknowledgement>),
    Report(CarrierReport),
}

/// Reads what came back under this name.
///
/// # Errors
/// X12's faults; those of [`read_report`].
pub(super) fn read_answer(
    engine: &Engine,
    carrier: &Carrier,
    name: &str,
    source: impl io::Read,
) -> Result<CameBack, Fault> {
    match declared_report(carrier, name) {
        Some(declared) => Ok(CameBack::Report(read_report(engine, carrier, declared, source)?)),
        None => Ok(CameBack::X12(ack::read(source)?)),
    }
}

/// Seals the file into the archive as it came: rejections can repeat members' data.
fn keep(engine: &Engine, file: &Collected, archive: &str) -> Result<(), Fault> {
    let path = engine.archive_folder().join(archive);
    let unfinished = engine.archive_folder().join(format!(".tmp-{archive}"));
    let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
    let out = options.map_err(|_| unkept())?;
    let mut sealing = encrypt(&[engine.key_for(archive)?], out)?;
    io::copy(&mut file.bytes.open(), &mut sealing).map_err(|_| unkept())?;
    let mut out = sealing.finish()?;
    out.flush().and_then(|()| out.sync_all()).map_err(|_| unkept())?;
    fs::rename(&unfinished, &path).map_err(|_| unkept())
}

/// Applies a kept answer that names nothing of ours to the delivery that a person says it is about, as if it had named
/// it; `settled` is the event that names the person. What it says is the worst of all that stands in it.
///
/// # Errors
/// ACK009 when it says nothing that could be applied; what reading the archive can say; STO001.
pub(super) fn apply_to(engine: &Engine, kept: &AnswerRow, row: &DeliveryRow, settled: Settling) -> Result<(), Fault> {
    let carrier = engine.carrier(&row.carrier).ok_or_else(super::outcome::unknown_run)?;
    let said = match read_answer(engine, carrier, &kept.name, engine.open_archived(&kept.archive, unreadable_answer)?)?
    {
        CameBack::X12(said) => said,
        // Each row of a report names its delivery itself.
        CameBack::Report(_) => Vec::new(),
    };
    let verdicts = said.iter().filter_map(verdict);
    let worst = verdicts.max_by_key(|verdict| (verdict.level == AnswerLevel::Group, verdict.answer.gravity()));
    let worst = worst.ok_or_else(|| rules::SAYS_NOTHING.fault().count("ack", kept.id.unsigned_abs()))?;
    let verdict = AckVerdict { number: row.number, ..worst };
    let (mut summary, named) = (AckSummary::default(), vec![row.id]);
    let (change, events) = (engine.change()?, Vec::new());
    let mut applying = Applying { engine, change, events, summary: &mut summary, grave: None, named };
    applying.one(carrier, row, verdict)?;
    applying.change.settle_answer(kept.id, kept.state, Action::AckSettled)?;
    applying.change.record_answered(kept.id, row.id)?;
    settled.asked.map_or(Ok(()), |act| applying.change.end_asked(act))?;
    engine.keep_reason(&mut applying.change, settled.reason)?;
    // The reason is kept with the first record.
    applying.events.insert(0, settled.event.count("run", row.run));
    engine.commit(applying.change, &applying.events)
}

/// Why an answer is settled, or read once more, and the event that says by whom.
pub(super) struct Settling<'s> {
    pub reason: &'s str,
    /// The act that was asked for and ends with it.
    pub asked: Option<i64>,
    pub event: Event,
}

/// What a kept answer says when it is read once more.
pub(super) struct ReadAgain<'e> {
    /// In whose outbox it lay.
    pub carrier: &'e Carrier,
    pub said: CameBack,
}

/// The runs that an answer names, where they are ours.
pub(super) fn named_of_ours(engine: &Engine, again: &ReadAgain) -> Result<Vec<i64>, Fault> {
    let (mut runs, partner) = (Vec::new(), engine.site.partner(again.carrier));
    let incoming = match &again.said {
        CameBack::X12(incoming) => incoming,
        CameBack::Report(report) => return Ok(report.deliveries.iter().map(|said| said.row.run).collect()),
    };
    for verdict in incoming.iter().filter(|said| is_to_us(engine, again.carrier, said)).filter_map(verdict) {
        runs.extend(engine.store.delivery_numbered(&partner, verdict.number)?.map(|row| row.run));
    }
    runs.dedup();
    Ok(runs)
}

/// Applies what a kept answer says that is read once more, as if it had come now; `settled` is the event that names the
/// person.
pub(super) fn apply_again(
    engine: &Engine,
    kept: &AnswerRow,
    again: &ReadAgain,
    settled: Settling,
) -> Result<AckSummary, Fault> {
    let mut summary = AckSummary { asked: 1, ..AckSummary::default() };
    let (change, events) = (engine.change()?, Vec::new());
    let mut applying = Applying { engine, change, events, summary: &mut summary, grave: None, named: Vec::new() };
    let state = applying.whole(again.carrier, &again.said)?;
    let Applying { mut change, mut events, grave, named, .. } = applying;
    change.read_answer_again(kept, state, grave.map(|grave| grave.delivery))?;
    named.iter().try_for_each(|delivery| change.record_answered(kept.id, *delivery))?;
    engine.keep_reason(&mut change, settled.reason)?;
    // The reason is kept with the first record.
    events.insert(0, settled.event.name("now", state.word()));
    engine.commit(change, &events)?;
    summary.rejections.iter().for_each(|rejected| forget_made_known(engine, rejected));
    summary.applied += u64::from(state == AckState::Applied);
    summary.unmatched += u64::from(state == AckState::Unmatched);
    Ok(summary)
}

/// Whether the carrier says it, to us.
fn is_to_us(engine: &Engine, carrier: &Carrier, said: &Acknowledgement) -> bool {
    said.sender.id == carrier.receiver.id && said.receiver.id == engine.site.sender.id
}

/// An answer that was recorded cannot be read again.
pub fn unreadable_answer() -> Fault {
    rules::ANSWER_GONE.at(Place::Named(Label::new("state/archive")))
}

fn unkept() -> Fault {
    rules::ACK_NOT_KEPT.at(Place::Named(Label::new("state/archive")))
}

/// A file under way: everything it says goes into one change.
struct Applying<'e, 's> {
    engine: &'e Engine,
    change: Change<'e>,
    events: Vec<Event>,
    summary: &'s mut AckSummary,
    /// The first answer in it that somebody must look at.
    grave: Option<Grave>,
    /// The deliveries it names.
    named: Vec<i64>,
}

/// An answer that is kept and not applied, and the delivery it names.
#[derive(Clone, Copy)]
struct Grave {
    state: AckState,
    delivery: i64,
}

impl Applying<'_, '_> {
    /// Applies everything a file says, in whichever form, and returns what became of it.
    fn whole(&mut self, carrier: &Carrier, said: &CameBack) -> Result<AckState, Fault> {
        match said {
            CameBack::X12(incoming) => self.all(carrier, incoming),
            CameBack::Report(report) => self.report(carrier, report),
        }
    }

    /// Applies a carrier's own report: it has taken what it does not name, and of whom it says so, it has taken
    /// nothing. Rows that lead nowhere keep the file for a person; what the others say counts all the same.
    fn report(&mut self, carrier: &Carrier, report: &CarrierReport) -> Result<AckState, Fault> {
        for reported in &report.deliveries {
            // As another answer to the same delivery may have left it in this change.
            let row = self.change.delivery_numbered(&reported.row.partner, reported.row.number)?;
            let row = row.unwrap_or_else(|| reported.row.clone());
            // Of a file that was rejected as a whole, a report says why.
            let is_void = matches!(row.state(), DeliveryState::Rejected | DeliveryState::Lost);
            let answer = if is_void { Answer::Rejected } else { Answer::Errors };
            self.named.push(row.id);
            let graves = self.summary.premature + self.summary.contradicting;
            self.one(carrier, &row, AckVerdict { number: row.number, level: AnswerLevel::Group, answer })?;
            if !is_void && graves == self.summary.premature + self.summary.contradicting {
                self.change.set_errors(row.id)?;
                self.take_members_back(&row, &reported.rejected())?;
            }
        }
        let unmatched = report.unmatched;
        if unmatched.rows > 0 {
            let fault = rules::REPORT_UNMATCHED.fault().name("carrier", carrier.name.as_str());
            self.summary.faults.push(fault.count("rows", unmatched.rows).count("first line", unmatched.first));
            return Ok(self.grave.map_or(AckState::Unmatched, |grave| grave.state));
        }
        Ok(self.grave.map_or(AckState::Applied, |grave| grave.state))
    }

    /// The families that a carrier did not take are decided anew; everybody else of the file stays told.
    fn take_members_back(&mut self, row: &DeliveryRow, rejected: &[Pseudonym]) -> Result<(), Fault> {
        let told = self.change.told_of(row.id)?;
        let keys: Vec<Pseudonym> = rejected.iter().copied().filter(|key| told.binary_search(key).is_ok()).collect();
        if keys.is_empty() {
            return Ok(());
        }
        self.change.take_members_back(row, &keys, Action::AckApplied)?;
        self.summary.families_rejected += keys.len() as u64;
        let event = Event::new(Action::AckApplied).name("feed", &row.feed).count("run", row.run);
        self.events.push(event.count("delivery", row.id).count("families_rejected", keys.len() as i64));
        Ok(())
    }

    /// Applies everything a file says, and returns what became of it.
    fn all(&mut self, carrier: &Carrier, incoming: &[Acknowledgement]) -> Result<AckState, Fault> {
        let (mut matched, partner) = (false, self.engine.site.partner(carrier));
        for acknowledgement in incoming {
            let ours = is_to_us(self.engine, carrier, acknowledgement);
            let Some(verdict) = verdict(acknowledgement).filter(|_| ours) else { continue };
            let Some(row) = self.change.delivery_numbered(&partner, verdict.number)? else { continue };
            matched = true;
            self.named.push(row.id);
            self.one(carrier, &row, verdict)?;
        }
        let applied = if matched { AckState::Applied } else { AckState::Unmatched };
        Ok(self.grave.map_or(applied, |grave| grave.state))
    }

    fn one(&mut self, carrier: &Carrier, row: &DeliveryRow, verdict: AckVerdict) -> Result<(), Fault> {
        // A partner may answer for several carriers: what decides is agreed on with each of them.
        let carrier = self.engine.carrier(&row.carrier).unwrap_or(carrier);
        let answered = Answered {
            delivery: row.state(),
            may_be_answered: row.may_be_answered(&self.change.attempts(row.id)?),
            ta1: row.ta1,
            g999: row.g999,
            awaits_group: carrier.acknowledgements.g999,
            level: verdict.level,
            answer: verdict.answer,
        };
        match answered.effect() {
            Effect::Premature => self.keep_premature(row, verdict),
            Effect::Contradicts => self.keep_contradicting(row, verdict),
            Effect::Settles(state) => self.settle(row, verdict, state),
            Effect::Noted => self.note(row, verdict),
        }
    }

    /// Records what was said; the delivery stays where it is.
    fn note(&mut self, row: &DeliveryRow, verdict: AckVerdict) -> Result<(), Fault> {
        let interchange = verdict.level == AnswerLevel::Interchange;
        let (ta1, g999) = if interchange { (Some(verdict.answer), None) } else { (None, Some(verdict.answer)) };
        self.change.set_verdicts(row.id, ta1, g999)?;
        self.events.push(event(Action::AckApplied, row, verdict));
        if verdict.answer != Answer::Accepted && !self.summary.objected.iter().any(|known| known.id == row.id) {
            self.summary.objected.push(row.clone());
        }
        Ok(())
    }

    /// Moves the delivery to where the answer leads, through *delivered* where looking could not tell: the carrier has
    /// it.
    fn settle(&mut self, row: &DeliveryRow, verdict: AckVerdict, to: DeliveryState) -> Result<(), Fault> {
        let by = Action::AckApplied;
        self.note(row, verdict)?;
        if !row.state().is_delivered() {
            self.change.answer_attempt(row.id)?;
            self.change.set_delivery_state(row.id, DeliveryState::Delivered, by)?;
            self.change.tell(&row.feed, row.id, by)?;
            self.change.set_run_state(row.run, RunState::Done, by)?;
        }
        if to == DeliveryState::Rejected {
            self.change.take_back(&row.feed, row.id, by)?;
            self.summary.rejected += 1;
            self.summary.rejections.push(row.clone());
        }
        self.summary.accepted += u64::from(to == DeliveryState::Accepted);
        self.change.set_delivery_state(row.id, to, by)
    }

    /// Keeps an answer to what was never sent. The run is held: nothing goes out under that number before somebody has
    /// asked the carrier what it has answered.
    fn keep_premature(&mut self, row: &DeliveryRow, verdict: AckVerdict) -> Result<(), Fault> {
        self.summary.premature += 1;
        if matches!(self.change.run_state(row.run)?, RunState::Open | RunState::Failed) {
            self.change.set_run_state(row.run, RunState::Held, Action::AckPremature)?;
        }
        self.events.push(event(Action::AckPremature, row, verdict));
        self.keep_for_a_person(row, AckState::Premature, told(&rules::PREMATURE, row, verdict))
    }

    /// Keeps an answer that says otherwise than an earlier one, which stands.
    fn keep_contradicting(&mut self, row: &DeliveryRow, verdict: AckVerdict) -> Result<(), Fault> {
        self.summary.contradicting += 1;
        self.events.push(event(Action::AckContradicting, row, verdict));
        self.keep_for_a_person(row, AckState::Contradicting, told(&rules::CONTRADICTING, row, verdict))
    }

    fn keep_for_a_person(&mut self, row: &DeliveryRow, state: AckState, fault: Fault) -> Result<(), Fault> {
        self.grave = self.grave.or(Some(Grave { state, delivery: row.id }));
        self.change.record_faults(Owner::Run(row.run), std::slice::from_ref(&fault))?;
        self.summary.faults.push(fault);
        Ok(())
    }

    /// Records the file with what became of it, and commits.
    fn finish(mut self, row: &Acknowledged) -> Result<(), Fault> {
        let by = recorded_by(row.state);
        let answer = self.change.record_acknowledgement(row, by)?;
        self.named.iter().try_for_each(|delivery| self.change.record_answered(answer, *delivery))?;
        let event = Event::new(by).name("carrier", row.carrier).name("file", row.name);
        self.events.push(self.engine.archived(event, row.archive));
        self.engine.commit(self.change, &self.events)?;
        // What was taken back counts for nothing after a restore, either.
        self.summary.rejections.iter().for_each(|rejected| forget_made_known(self.engine, rejected));
        self.summary.applied += u64::from(row.state == AckState::Applied);
        if row.state == AckState::Unmatched {
            self.summary.unmatched += 1;
            self.summary.unmatched_files.push(format!("{} of {}", row.name, row.carrier));
        }
        Ok(())
    }
}

/// What an acknowledgement says of a delivery.
#[derive(Clone, Copy)]
struct AckVerdict {
    number: i64,
    level: AnswerLevel,
    answer: Answer,
}

fn verdict(acknowledgement: &Acknowledgement) -> Option<AckVerdict> {
    let (number, level, verdict) = match &acknowledgement.of {
        Of::Interchange(ta1) => (&ta1.control_number, AnswerLevel::Interchange, ta1.verdict),
        Of::Group(group) => (&group.control_number, AnswerLevel::Group, of_group(group)),
    };
    let answer = match verdict {
        Verdict::Accepted => Answer::Accepted,
        Verdict::AcceptedWithErrors => Answer::Errors,
        Verdict::PartiallyAccepted | Verdict::Rejected => Answer::Rejected,
        Verdict::Unknown => return None,
    };
    Some(AckVerdict { number: number.parse().ok()?, level, answer })
}

/// The worst of what is said of the group and of its sets. Our groups have one set, so a group accepted in part is what
/// its set is.
fn of_group(group: &GroupAck) -> Verdict {
    let said = group.sets.iter().map(|set| set.verdict).filter(|verdict| *verdict != Verdict::Unknown).max();
    match (group.verdict, said) {
        (verdict, None) => verdict,
        (Verdict::PartiallyAccepted, Some(set)) => set,
        (verdict, Some(set)) => verdict.max(set),
    }
}

fn event(action: Action, row: &DeliveryRow, verdict: AckVerdict) -> Event {
    let event = Event::new(action).name("feed", &row.feed).count("run", row.run).count("delivery", row.id);
    event.count("number", row.number).name(verdict.level.word(), verdict.answer.word())
}

fn told(rule: &Rule, row: &DeliveryRow, verdict: AckVerdict) -> Fault {
    let fault = rule.at(Place::Named(Label::new(&row.feed))).count("run", row.run.unsigned_abs());
    let fault = fault.count("number", row.number.unsigned_abs()).name("stands", row.state().word());
    fault.name(verdict.level.word(), verdict.answer.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::ack::SetVerdict;

    fn group(verdict: Verdict, sets: &[Verdict]) -> Verdict {
        let mut group = GroupAck::default();
        group.verdict = verdict;
        for verdict in sets {
            let mut set = SetVerdict::default();
            set.verdict = *verdict;
            group.sets.push(set);
        }
        of_group(&group)
    }

    #[test]
    fn the_worst_of_a_groups_verdicts_counts() {
        use Verdict::{Accepted, AcceptedWithErrors, PartiallyAccepted, Rejected, Unknown};
        assert_eq!(group(Accepted, &[Rejected]), Rejected);
        assert_eq!(group(Rejected, &[Accepted]), Rejected);
        assert_eq!(group(Accepted, &[AcceptedWithErrors]), AcceptedWithErrors);
        assert_eq!(group(PartiallyAccepted, &[Accepted]), Accepted);
        assert_eq!(group(PartiallyAccepted, &[]), PartiallyAccepted);
        assert_eq!(group(Accepted, &[Unknown]), Accepted);
        assert_eq!(group(Unknown, &[Rejected]), Unknown);
    }
}
