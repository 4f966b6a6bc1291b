//! Holding a feed: nothing of it is run or sent until somebody lets it go. Other feeds go on.

use super::record::{ActOf, Grounds, keep};
use crate::access::{Hold, Permit};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::run::rules;

/// A feed that is to be held, or let go.
#[derive(Clone, Copy, Debug)]
pub struct FeedHold<'f> {
    /// Only this one is concerned: others of its carrier go on.
    pub feed: &'f Feed,
    /// Held from now on, or let go.
    pub held: bool,
}

impl FeedHold<'_> {
    /// `hold` or `unhold`, in plans and in the record.
    pub fn word(&self) -> &'static str {
        if self.held { "hold" } else { "unhold" }
    }

    /// Whether that would change anything.
    ///
    /// # Errors
    /// RUN016 when it is held already, or not held; STO001.
    pub fn fits(&self, engine: &Engine) -> Result<(), Fault> {
        let name = self.feed.name.as_str();
        let (stands, next) = match engine.store.held_feed(name)? {
            Some(_) if self.held => ("held already", "`bex unhold FEED --reason R` lets it go"),
            None if !self.held => ("not held", "nothing: it runs as its schedule says"),
            _ => return Ok(()),
        };
        let fault = rules::NOT_NOW.worded(rules::NOT_NOW.sentence, next).fault();
        Err(fault.name("feed", name).name("act", self.word()).name("stands", stands))
    }
}

/// Holds a feed, or lets it go.
///
/// # Errors
/// RUN016 when that would change nothing; RUN020 without a reason; ACC002 for letting go what oneself has held; STO001.
pub fn hold(engine: &Engine, asked: &FeedHold, grounds: &Grounds, permit: &Permit<Hold>) -> Result<(), Fault> {
    asked.fits(engine)?;
    grounds.given()?;
    let feed = asked.feed.name.as_str();
    // Who holds a feed has seen something: that it may go on is for somebody else to say.
    let held_by = engine.store.held_feed(feed)?.map(|held| held.who);
    let alone = !asked.held && engine.is_alone(held_by.as_deref().as_slice())?;
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: asked.word(), feed, run: None }, grounds)?;
    let by = if asked.held { Action::FeedHeld } else { Action::FeedUnheld };
    change.set_held(feed, asked.held.then_some(act))?;
    let event = Event::new(by).name("feed", feed).count("recorded", act).permitted(permit);
    engine.commit(change, &[event.done_alone(alone)])
}
