//! What a carrier knew before its feed was bex's, by a person's word and with a reason.

use super::record::{ActOf, Grounds, keep};
use crate::access::{Declare, Permit};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::run::{BASELINE_ACT, Baseline, BaselineAsked, BaselineBasis, find_baseline, rules};

/// What has come of saying what a carrier knows.
#[derive(Clone, Debug)]
pub struct BaselineDone {
    /// Number of the run that stands for it.
    pub run: i64,
    /// What counts as known by it.
    pub baseline: Baseline,
}

/// Declares what a feed's carrier knows, for as many people as somebody has agreed to. Nothing is sent.
///
/// # Errors
/// RUN020 without a reason; RUN021 for another number of people; RUN040 where nobody would be known; RUN039 where the
/// feed has told of anybody; RUN008 where a run of it is under way; ROS004; the store's and the vault's.
pub fn baseline(
    engine: &Engine,
    asked: &BaselineAsked,
    confirmed: Option<u64>,
    by: &BaselineBy,
) -> Result<BaselineDone, Fault> {
    by.grounds.given()?;
    let found = find_baseline(engine, asked)?;
    let people = found.baseline.people;
    if confirmed != Some(people) {
        return Err(rules::NOT_CONFIRMED.fault().count("people", people));
    }
    let mut change = engine.change()?;
    let (run, delivery) = found.keep(&mut change)?;
    let feed = found.baseline.feed.as_str();
    let act = keep(engine, &mut change, &ActOf { act: BASELINE_ACT, feed, run: Some(run) }, by.grounds)?;
    let event = |action| Event::new(action).name("feed", feed).count("run", run).count("delivery", delivery);
    let rests_on = match asked.basis {
        BaselineBasis::Declared => "declared",
        BaselineBasis::Listed(_) => "list",
    };
    let declared = event(Action::BaselineDeclared).name("date", &found.baseline.as_of.to_string());
    let declared = declared.name("rests_on", rests_on).count("people", people.cast_signed()).count("recorded", act);
    let begun = [Action::RunOpened, Action::DeliveryNumbered].map(event);
    engine.commit(change, &[&begun[..], &[declared.permitted(by.permit)]].concat())?;
    Ok(BaselineDone { run, baseline: found.baseline })
}

/// Who declares a baseline, by which leave and why.
pub struct BaselineBy<'b> {
    /// In their own words.
    pub grounds: &'b Grounds<'b>,
    /// Leave to say so.
    pub permit: &'b Permit<Declare>,
}
