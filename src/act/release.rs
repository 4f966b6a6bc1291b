//! Letting a run go that a guard has held, all of it or without some families: those are kept back until a person or a
//! later file says otherwise.

use std::collections::BTreeSet;

use super::record::{ActOf, Grounds, keep};
use super::rules;
use crate::access::{Permit, Release};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::{Fault, Label};
use crate::mapping::Feed;
use crate::model::ids::{FeedName, Pseudonym};
use crate::reconcile::questions::KEPT_BACK;
use crate::reconcile::{Reply, Ruling};
use crate::run::rules::{NO_REASON, UNKNOWN_RUN};
use crate::run::{Outcome, Replied, StandingRun, changed_by, kept_reply_for, not_held, resume};
use crate::state::RunAct;
use crate::store::{Change, RunRow};

/// What is asked for when somebody releases a run.
#[derive(Clone, Copy, Debug)]
pub struct LetGo<'l> {
    /// By its number.
    pub run: i64,
    /// Recorded with the run.
    pub reason: &'l str,
    /// Members whose families are kept back, by their references.
    pub except: &'l [String],
}

/// Lets a run go. Who is kept back becomes a question, which an answer or another file settles.
///
/// # Errors
/// RUN006 when there is no such run; RUN016 when no guard holds it; RUN020 without a reason; ANS009 when the feed's
/// sources tell of nobody of a reference; ACC002 for who has changed, since the feed ran last, what it is run by;
/// RUN025 and the others that keep a feed.
pub fn release(engine: &Engine, asked: &LetGo, permit: &Permit<Release>) -> Result<Outcome, Fault> {
    let stands = StandingRun::numbered(engine, asked.run)?;
    stands.permits(RunAct::Release)?;
    // Asked before it is let go: a released run would go with the feed, unseen.
    not_held(engine, &stands.run.feed)?;
    if asked.reason.trim().is_empty() {
        return Err(NO_REASON.fault());
    }
    let feed = FeedName::new(&stands.run.feed).and_then(|name| engine.site.feeds.get(&name));
    let feed = feed.ok_or_else(|| UNKNOWN_RUN.fault())?;
    let families = kept_back(engine, feed, asked.except)?;
    let changed_by = changed_by(engine, &stands.run)?;
    let alone = engine.is_alone(&changed_by.iter().map(String::as_str).collect::<Vec<_>>())?;
    let mut change = engine.change()?;
    change.release_run(asked.run, &Label::new(asked.reason).to_string())?;
    let mut events = Vec::new();
    for key in &families {
        events.push(keep_back(engine, &mut change, &BackOf { feed, run: &stands.run, key: *key }, asked)?);
    }
    let released = Event::new(Action::RunReleased).name("feed", &stands.run.feed).count("run", stands.run.id);
    let released = released.count("except", families.len() as i64).permitted(permit);
    events.push(released.done_alone(alone));
    engine.commit(change, &events)?;
    resume(engine, asked.run)
}

/// The families of these members among those that the feed's sources tell of.
fn kept_back(engine: &Engine, feed: &Feed, members: &[String]) -> Result<BTreeSet<Pseudonym>, Fault> {
    if members.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut known = BTreeSet::new();
    for source in [feed.census_source(), feed.elections_source()] {
        known.extend(engine.store.digests(&source.to_string())?.into_keys());
    }
    let find = |member: &String| {
        let found = known.iter().find(|key| key.short() == *member || key.hex() == *member);
        found.copied().ok_or_else(|| rules::NOBODY_OF_IT.fault().name("feed", feed.name.as_str()))
    };
    members.iter().map(find).collect()
}

/// A family that is kept back from a run.
struct BackOf<'b> {
    feed: &'b Feed,
    run: &'b RunRow,
    key: Pseudonym,
}

fn keep_back(engine: &Engine, change: &mut Change, of: &BackOf, asked: &LetGo) -> Result<Event, Fault> {
    let (feed, grounds) = (of.feed.name.as_str(), Grounds { reason: asked.reason, evidence: None, asked: None });
    let act = keep(engine, change, &ActOf { act: "release --except", feed, run: Some(of.run.id) }, &grounds)?;
    let reply = Reply { code: KEPT_BACK.code.to_string(), plan: String::new(), choice: Ruling::KeptBack };
    let row = kept_reply_for(engine, of.feed, of.run, &Replied { key: of.key, reply, act })?;
    change.record_reply(feed, &row)?;
    let event = Event::new(Action::QuestionAnswered).name("feed", feed).name("member", &of.key.short());
    Ok(event.name("question", KEPT_BACK.code).count("recorded", act))
}
