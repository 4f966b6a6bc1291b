//! A feed's run, opened: what an earlier run left unfinished is taken up first.

use chrono::NaiveDate;

use super::control::{needs_release, resume};
use super::outcome::{Outcome, unknown_run};
use super::pipeline::carry_on;
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::state::RunState;
use crate::store::{NewRun, RunRow};
use crate::take_in::inputs;

/// Runs a feed for a business date. A failed run of the feed is taken up first: what it had to say comes before
/// what tonight has to say.
pub fn run_feed(engine: &Engine, feed: &Feed, as_of: NaiveDate) -> Outcome {
    match open_run(engine, feed, as_of) {
        Ok(Opened::Run(run)) => carry_on(engine, feed, &run),
        Ok(Opened::Not(outcome)) => outcome,
        Err(fault) => fault.into(),
    }
}

enum Opened {
    Run(RunRow),
    Not(Outcome),
}

fn open_run(engine: &Engine, feed: &Feed, as_of: NaiveDate) -> Result<Opened, Fault> {
    let earlier = earlier_run(engine, feed)?;
    if let Some(outcome) = earlier.as_ref().filter(|outcome| !outcome.is_an_end()) {
        return Ok(Opened::Not(outcome.clone()));
    }
    let (census, elections) = inputs(engine, feed)?;
    let (name, date) = (feed.name.as_str(), as_of.to_string());
    let new = NewRun { feed: name, business_date: &date, census_input: census.id, elections_input: elections.id };
    if engine.store.ran(&new)? {
        // The run that was taken up just now may be tonight's own: then this is how it ended.
        return Ok(Opened::Not(earlier.unwrap_or(Outcome::RanAlready)));
    }
    let mut change = engine.change()?;
    let id = change.open_run(&new)?;
    let opened = Event::new(Action::RunOpened).name("feed", name).count("run", id).name("date", &date);
    engine.commit_point(change, &[opened.count("census", census.id).count("elections", elections.id)])?;
    engine.store.run(id)?.map(Opened::Run).ok_or_else(unknown_run)
}

/// What the feed's unfinished run comes to now; `None` when there is none.
fn earlier_run(engine: &Engine, feed: &Feed) -> Result<Option<Outcome>, Fault> {
    let Some(run) = engine.store.newest_run(feed.name.as_str())? else { return Ok(None) };
    match run.state() {
        RunState::Done | RunState::Void => Ok(None),
        RunState::Held => Ok(Some(Outcome::Held(vec![needs_release(run.id)]))),
        RunState::Uncertain | RunState::Open | RunState::Failed => resume(engine, run.id).map(Some),
    }
}
