//! Whether the person at work may: asked of the site's grants and of emergencies that somebody has declared. Who is
//! refused leaves an event.

use super::open_site::OpenSite;
use crate::access::rules::ANOTHER_PERSON;
use crate::access::{Concern, Guarded, LeaveAsked, Look, Permit, grant};
use crate::audit::{Action, Event};
use crate::fault::Fault;
use crate::mapping::Environment;
use crate::store::OpenAnswer;

impl OpenSite {
    /// Leave to act, for the person at work.
    ///
    /// # Errors
    /// ACC001, recorded; STO001.
    pub fn grant<A: Guarded>(&self, scope: Concern<'_>) -> Result<Permit<A>, Fault> {
        // Asked each time: leave that has run out between two acts gives none for the second.
        let emergency = self.store.emergency_of(self.actor.person().as_str(), &self.clock.stamp())?;
        let (access, actor, today) = (&self.site.access, &self.actor, self.clock.today());
        let granted = grant::<A>(&LeaveAsked { access, actor, scope, today, emergency });
        if let Err(refused) = &granted {
            self.record_refusal(A::WORD, refused)?;
        }
        granted
    }

    /// Whether the person at work may: for choosing among things, where a refusal is no attempt.
    pub fn may<A: Guarded>(&self, scope: Concern<'_>) -> bool {
        let (access, actor, today) = (&self.site.access, &self.actor, self.clock.today());
        let usually = LeaveAsked { access, actor, scope, today, emergency: None };
        if grant::<A>(&usually).is_ok() {
            return true;
        }
        // It only ever gives more leave, and one that cannot be asked about gives none.
        let emergency = self.store.emergency_of(self.actor.person().as_str(), &self.clock.stamp()).ok().flatten();
        emergency.is_some() && grant::<A>(&LeaveAsked { emergency, ..usually }).is_ok()
    }

    /// Whether what came of a feed is for the person at work to see: pages show what a grant reaches, and no more.
    pub fn may_look_at(&self, feed: &str) -> bool {
        self.may::<Look>(self.site.scope_of(feed))
    }

    /// The same of something that a carrier sent back, which may belong to no feed.
    pub fn may_look_at_answer(&self, answer: &OpenAnswer) -> bool {
        let of_carrier = Concern::Of { employer: None, carrier: Some(&answer.carrier) };
        self.may::<Look>(answer.feed.as_deref().map_or(of_carrier, |feed| self.site.scope_of(feed)))
    }

    /// Leave to do something to a feed, or to what came of one.
    ///
    /// # Errors
    /// As [`OpenSite::grant`].
    pub fn grant_on<A: Guarded>(&self, feed: &str) -> Result<Permit<A>, Fault> {
        self.grant(self.site.scope_of(feed))
    }

    /// Leave to do something to a run.
    ///
    /// # Errors
    /// As [`OpenSite::grant`].
    pub fn grant_on_run<A: Guarded>(&self, run: i64) -> Result<Permit<A>, Fault> {
        // A run that is not there concerns nothing: whoever asks is told that by what comes next.
        match self.store.run(run)? {
            Some(run) => self.grant_on(&run.feed),
            None => self.grant(Concern::Anywhere),
        }
    }

    /// Whether somebody does alone here what wants two people: because the site declares an office of one, or nobody
    /// real is concerned. `others` are those whose act made this one necessary.
    ///
    /// # Errors
    /// ACC002 where the person at work is one of them, and the site declares nothing.
    pub fn is_alone(&self, others: &[&str]) -> Result<bool, Fault> {
        let me = [self.actor.person().as_str(), self.actor.user.as_str()];
        let Some(own) = others.iter().find(|other| me.contains(other)) else { return Ok(false) };
        if self.is_office_of_one() || self.site.environment == Environment::Test {
            return Ok(true);
        }
        Err(ANOTHER_PERSON.fault().name("by", own))
    }

    /// Whether the site declares that one person does alone here what wants two.
    pub fn is_office_of_one(&self) -> bool {
        self.site.access.declared.as_ref().is_some_and(|declared| declared.one_person.is_some())
    }

    /// Records that somebody reads what is decided of single members, before anything of it is shown.
    ///
    /// # Errors
    /// STO001; STO002 when another process writes for longer than is waited: then nothing is shown.
    pub fn record_read(&self, act: &'static str, of: &str) -> Result<(), Fault> {
        let event = Event::new(Action::DecisionsRead).name("act", act).name("of", of);
        self.commit(self.change()?, &[event.name("by", self.actor.person().as_str())])
    }

    fn record_refusal(&self, act: &'static str, refused: &Fault) -> Result<(), Fault> {
        let event = Event::new(Action::AccessDenied).name("act", act).name("code", refused.code);
        self.commit(self.change()?, &[event.name("by", self.actor.person().as_str())])
    }
}
