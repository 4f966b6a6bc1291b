//! A site's log without the keys of vault and archive: for whoever verifies and may open nothing.
#![allow(clippy::disallowed_methods, reason = "an edge: this module reads the log's public key")]

use super::actor::actor;
use super::clock::Clock;
use super::open::location;
use super::sound::{examined, public_log_key};
use crate::access::{Concern, Guarded, LeaveAsked, Permit, grant};
use crate::audit::{Action, Event, VerifierKey};
use crate::config::Site;
use crate::fault::Fault;
use crate::store::Store;
use crate::verify::Examined;

/// A site's log, opened without the vault's and the archive's keys.
pub struct OpenRecord {
    /// The configuration.
    pub site: Site,
    /// State.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    key: Option<VerifierKey>,
}

impl OpenRecord {
    /// Opens it.
    ///
    /// # Errors
    /// The store's.
    pub fn open(site: Site, clock: Clock) -> Result<OpenRecord, Fault> {
        let store = Store::open_keyless(location(&site.root, &site.store)?, actor())?;
        let store = store.serving(site.environment).waiting(site.store.wait_seconds);
        let key = public_log_key(&site);
        Ok(OpenRecord { site, store, clock, key })
    }

    /// What its log is held against.
    pub fn examined(&self) -> Examined<'_> {
        examined(&self.site, &self.store, self.key.as_ref())
    }

    /// Leave to act on the record, for the person at work.
    ///
    /// # Errors
    /// ACC001, recorded where the record can be added to; STO001.
    pub fn grant<A: Guarded>(&self) -> Result<Permit<A>, Fault> {
        let (actor, today) = (actor(), self.clock.today());
        let (access, scope) = (&self.site.access, Concern::Anywhere);
        let emergency = self.store.emergency_of(actor.person().as_str(), &self.clock.stamp())?;
        let granted = grant::<A>(&LeaveAsked { access, actor: &actor, scope, today, emergency });
        granted.inspect_err(|refused| {
            let event = Event::new(Action::AccessDenied).name("act", A::WORD).name("code", refused.code);
            let event = event.name("by", actor.person().as_str());
            // A record that is in doubt is not added to; the refusal stands all the same.
            let _ = self.store.change(&self.clock.stamp()).and_then(|change| change.commit(&[event]));
        })
    }
}
