//! The same bytes once more, under the same name and number: sent again, or written out to be carried.
#![allow(clippy::disallowed_methods, reason = "an edge: this act writes a sealed file where a person wants it")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::plan::ActPlan;
use super::record::{ActDone, Grounds, record};
use super::second::{ToBeDone, WantedAct, by_two, by_two_on_run};
use crate::access::{Permit, Resend};
use crate::audit::Action;
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::run::{Outcome, StandingRun, rules, sealed_file, send_again};
use crate::store::DeliveryRow;

/// The event that names it.
const BY: Action = Action::DeliveryResent;

/// Sends a delivered file once more, after a look at the carrier.
///
/// # Errors
/// RUN016 when the plan does not fit any more; RUN020 without a reason; the sealed file's and the store's.
pub fn resend(engine: &Engine, plan: &ActPlan, grounds: &Grounds, permit: &Permit<Resend>) -> Result<Outcome, Fault> {
    let (stands, delivery) = delivered(engine, plan)?;
    grounds.given()?;
    by_two_on_run(engine, plan, grounds, permit)?;
    let mut change = engine.change()?;
    change.forget_publishing(delivery.id)?;
    let event = record(engine, &mut change, &ActDone { act: plan.act, by: BY, stands: &stands }, grounds)?;
    // Committed before anything is sent: a process that dies on the way leaves who wanted it.
    engine.commit(change, &[event.permitted(permit)])?;
    send_again(engine, &stands.run, &delivery)
}

/// Where a sealed file is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Carried<'c> {
    /// It exists already; nothing in it is replaced.
    pub folder: &'c Path,
    /// Recorded once the file is written.
    pub grounds: &'c Grounds<'c>,
}

/// Writes the sealed file out, so that somebody can carry it. Nothing counts as told by that.
///
/// # Errors
/// RUN016 when the plan does not fit any more; RUN020 without a reason; RUN024 when it cannot be written or
/// something of that name is there; the sealed file's and the store's.
pub fn carry(engine: &Engine, plan: &ActPlan, to: &Carried, permit: &Permit<Resend>) -> Result<PathBuf, Fault> {
    let (stands, delivery) = delivered(engine, plan)?;
    to.grounds.given()?;
    let (act, folder) = (plan.act.word().to_string(), to.folder.to_path_buf());
    let wanted = WantedAct::Run { act, run: plan.run, to: Some(folder) };
    by_two(engine, &ToBeDone { wanted: &wanted, feed: &plan.feed, people: plan.people }, to.grounds, permit)?;
    let path = to.folder.join(&delivery.final_name);
    let sealed = sealed_file(engine, &delivery)?;
    write(&path, &mut sealed.open()?)
        .map_err(|_| rules::NOT_WRITTEN.at(Place::Named(Label::new(&delivery.final_name))))?;
    let mut change = engine.change()?;
    let event = record(engine, &mut change, &ActDone { act: plan.act, by: BY, stands: &stands }, to.grounds)?;
    engine.commit(change, &[event.permitted(permit)])?;
    Ok(path)
}

/// Never over a file that is there; a part of one is taken away again.
fn write(path: &Path, source: &mut impl io::Read) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = io::copy(source, &mut file).and_then(|_| file.flush()).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

fn delivered(engine: &Engine, plan: &ActPlan) -> Result<(StandingRun, DeliveryRow), Fault> {
    let stands = StandingRun::numbered(engine, plan.run)?;
    stands.permits(plan.act)?;
    let delivery = stands.delivery.clone().ok_or_else(|| rules::UNKNOWN_RUN.fault())?;
    Ok((stands, delivery))
}
