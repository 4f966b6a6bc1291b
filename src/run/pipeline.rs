//! A run, as a list of verbs: decide and number, build, check, seal, send. Each begins where the last commit left off;
//! what is done already is taken as it is.

use super::binding;
use super::body::WrittenBody;
use super::build::{build, check, seal_checked};
use super::context::FeedContext;
use super::made_known::keep_made_known;
use super::number::{NumberedRun, number};
use super::outcome::{Outcome, Stop, event, unknown_run};
use super::rules;
use super::send::send;
use crate::audit::{Action, Event};
use crate::engine::clock::Stopwatch;
use crate::engine::{Engine, outbox_name};
use crate::fault::{Fault, Label, Place};
use crate::gate::Checked;
use crate::mapping::{Environment, Feed};
use crate::model::ids::hex;
use crate::policy::PolicyVersion;
use crate::seal::Sealed;
use crate::state::{DeliveryState, RunState};
use crate::store::{Change, DeliveryRow, Owner, RunRow, SealedFacts, UsedPolicy};

/// Carries a run on from its last commit, and records how it ended.
pub fn carry_on(engine: &Engine, feed: &Feed, run: &RunRow) -> Outcome {
    let outcome = match verbs(engine, feed, run) {
        Ok(outcome) => outcome,
        Err(Stop::Held(faults)) => Outcome::Held(faults),
        Err(Stop::Failed(fault)) => fault.into(),
    };
    match record_ending(engine, run, outcome) {
        Outcome::Interrupted(fault) => Outcome::Interrupted(fault.count("run", run.id.unsigned_abs())),
        outcome => outcome,
    }
}

fn verbs(engine: &Engine, feed: &Feed, run: &RunRow) -> Result<Outcome, Stop> {
    let as_of = run.business_date.parse().map_err(|_| Stop::Failed(unknown_run()))?;
    let context = FeedContext::new(engine, feed, as_of)?;
    confirmed(engine, feed)?;
    let Some(numbered) = timed("planned", run, || number(&context, run))? else { return Ok(Outcome::NothingToSend) };
    let NumberedRun { delivery, body } = numbered;
    if let Some(outcome) = binding::stopped(engine, run, &delivery)? {
        return Ok(outcome);
    }
    let delivery = sealed(&context, run, delivery, body)?;
    if delivery.state().is_delivered() {
        return Ok(Outcome::Delivered);
    }
    keep_made_known(engine, &delivery)?;
    Ok(timed("delivered", run, || send(&context, &delivery))?)
}

/// Holds that somebody has asked the carrier how it takes files, where people are real: the defaults are habits of the
/// trade, and none of any carrier's.
///
/// # Errors
/// RUN042.
pub(super) fn confirmed(engine: &Engine, feed: &Feed) -> Result<(), Fault> {
    // A feed whose carrier is not configured is refused with the configuration.
    let asked = engine.site.carriers[&feed.carrier].file.confirmed.is_some();
    if asked || engine.site.environment != Environment::Production {
        return Ok(());
    }
    Err(rules::NOT_CONFIRMED_BY_CARRIER.at(Place::Named(Label::new(feed.carrier.as_str()))))
}

/// Does a step and logs how long it took.
fn timed<T>(step: &'static str, run: &RunRow, work: impl FnOnce() -> T) -> T {
    let stopwatch = Stopwatch::start();
    let result = work();
    tracing::info!(step, run = run.id, feed = run.feed.as_str(), seconds = stopwatch.seconds(), "step ended");
    result
}

/// Builds, checks and seals a numbered delivery; one that is sealed already is taken as it is. `body`: its loops, where
/// they were written just now.
fn sealed(
    context: &FeedContext,
    run: &RunRow,
    row: DeliveryRow,
    body: Option<WrittenBody>,
) -> Result<DeliveryRow, Stop> {
    if row.state() != DeliveryState::Numbered {
        return Ok(row);
    }
    let built = timed("built", run, || match body {
        Some(body) => body.built(context, &row),
        None => build(context, &row),
    })?;
    let checked = timed("checked", run, || check(context, &built)).map_err(Stop::Held)?;
    context.engine.steps.crash_point();
    let sealed = timed("sealed", run, || seal_checked(context, &row, &built, &checked))?;
    record_sealed(context, run, &row, &SealedBytes { sealed: &sealed, checked: &checked })?;
    Ok(context.engine.store.delivery_of(row.run)?.ok_or_else(unknown_run)?)
}

/// Sealed bytes, and what they were judged to be before.
struct SealedBytes<'s> {
    sealed: &'s Sealed,
    checked: &'s Checked,
}

fn record_sealed(context: &FeedContext, run: &RunRow, row: &DeliveryRow, bytes: &SealedBytes) -> Result<(), Fault> {
    let SealedBytes { sealed, checked } = bytes;
    let terms = binding::terms(context.engine, context.carrier, run)?;
    let facts = SealedFacts {
        outbox: &outbox_name(row),
        sha256: sealed.sha256(),
        bytes: sealed.length(),
        plain_digest: context.engine.vault.digest("plain", &checked.digest()),
        plain_bytes: checked.length(),
        recipient: sealed.recipient(),
    };
    let mut change = context.engine.change()?;
    change.seal_delivery(row.id, &facts)?;
    change.bind(row.id, &terms)?;
    let policy = record_policy(context, row, checked, &mut change)?;
    let event = Event::new(Action::DeliverySealed).name("feed", &row.feed).count("delivery", row.id);
    let event = event.name("sha256", &hex(&facts.sha256)).name("recipient", facts.recipient);
    let event = binding::named(event, &terms).name("policy_version", &policy);
    let event = event.count("paths", checked.paths().len() as i64);
    context.engine.commit_point(change, &[event.count("bytes", facts.bytes.cast_signed())])
}

/// Records under which version of its carrier's policy a delivery is sealed, and what stands in its file; returns the
/// version's digest.
fn record_policy(
    context: &FeedContext,
    row: &DeliveryRow,
    checked: &Checked,
    change: &mut Change,
) -> Result<String, Fault> {
    // A carrier without a policy has no file: its feed is refused before it has a run.
    let Some(version) = PolicyVersion::of(context.carrier) else { return Ok(String::new()) };
    let (body, digest) = (version.text(), version.digest());
    let paths = checked.paths().iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let carrier = context.carrier.name.as_str();
    change.record_policy(row.id, &UsedPolicy { carrier, digest, body: &body, paths: &paths })?;
    Ok(hex(&digest))
}

/// Records how a run ended, where its steps have not done so themselves.
fn record_ending(engine: &Engine, run: &RunRow, outcome: Outcome) -> Outcome {
    let (state, action) = match &outcome {
        Outcome::Held(_) => (RunState::Held, Action::RunHeld),
        Outcome::Failed(_) => (RunState::Failed, Action::RunFailed),
        Outcome::Uncertain(_) => (RunState::Uncertain, Action::DeliveryUncertain),
        _ => return outcome,
    };
    let recorded = engine.change().and_then(|mut change| {
        change.record_faults(Owner::Run(run.id), outcome.faults())?;
        // What may have been published does not become a failure because looking at it failed.
        if change.run_state(run.id)? != RunState::Uncertain || state != RunState::Failed {
            change.set_run_state(run.id, state, action)?;
        }
        let code = outcome.faults().first().map_or("", |fault| fault.code);
        engine.commit(change, &[event(action, run).name("code", code)])
    });
    // The run is open still when this cannot be recorded, which leads to the same place: resume.
    if let Err(fault) = recorded {
        tracing::error!(code = fault.code, run = run.id, "the ending of a run could not be recorded");
    }
    outcome
}
