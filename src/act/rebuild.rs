//! A run computed again: the inputs it had, today's configuration, a new number. What was told since is left out by
//! itself, because every run says only what the carrier does not know.

use super::plan::ActPlan;
use super::record::{ActDone, Grounds, record};
use super::second::by_two_on_run;
use crate::access::{Permit, Rebuild};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::FeedName;
use crate::run::{Outcome, StandingRun, carry_on, forget_made_known, give_up, rules};
use crate::store::NewRun;

/// Computes a run again under a new number. What is unfinished is given up in the same commit.
///
/// # Errors
/// RUN006 when its feed is not configured any more; RUN016 when the plan does not fit any more; RUN020 without a
/// reason; those of an act that wants two people; STO001.
pub fn rebuild(engine: &Engine, plan: &ActPlan, grounds: &Grounds, permit: &Permit<Rebuild>) -> Result<Outcome, Fault> {
    let stands = StandingRun::numbered(engine, plan.run)?;
    stands.permits(plan.act)?;
    grounds.given()?;
    by_two_on_run(engine, plan, grounds, permit)?;
    let old = &stands.run;
    let feed = FeedName::new(&old.feed).and_then(|name| engine.site.feeds.get(&name));
    let feed = feed.ok_or_else(|| rules::UNKNOWN_RUN.fault())?;
    let mut change = engine.change()?;
    let mut events = Vec::new();
    // In one commit: given up and not yet opened again, the feed would have lost its slot's run.
    if !stands.is_final() {
        events.push(give_up(&mut change, &stands)?);
    }
    let (census, elections) = (old.census_input, old.elections_input);
    let new =
        NewRun { feed: &old.feed, business_date: &old.business_date, census_input: census, elections_input: elections };
    let id = change.open_run(&new)?;
    let done = ActDone { act: plan.act, by: Action::RunRebuilt, stands: &stands };
    events.push(record(engine, &mut change, &done, grounds)?.count("rebuilt", id).permitted(permit));
    let opened = Event::new(Action::RunOpened).name("feed", &old.feed).count("run", id);
    events.push(opened.name("date", &old.business_date).count("census", census).count("elections", elections));
    engine.commit_point(change, &events)?;
    if let Some(delivery) = stands.delivery.as_ref().filter(|_| !stands.is_final()) {
        forget_made_known(engine, delivery);
    }
    let run = engine.store.run(id)?.ok_or_else(|| rules::UNKNOWN_RUN.fault())?;
    Ok(carry_on(engine, feed, &run))
}
