//! A site for whoever can do with or without its keys: what they would open is either there, or is said to be sealed.

use std::ops::Deref;

use super::engine::Engine;
use super::open_site::OpenSite;
use super::rules;
use crate::fault::Fault;

/// A site whose keys are not here: somebody who looks at it, backs it up or moves its store may not have them.
pub struct KeylessSite {
    pub(super) open: OpenSite,
    /// Why they are not.
    pub(super) missing: Fault,
}

impl KeylessSite {
    /// Which key is not here, and why.
    pub fn missing(&self) -> &Fault {
        &self.missing
    }

    /// What is to be said of it, each time: that something is sealed here, and by whom it can be seen.
    pub fn sealed(&self) -> Fault {
        let mut fault = rules::SEALED_HERE.fault().name("because of", self.missing.code);
        fault.facts.extend(self.missing.facts.iter().cloned());
        fault
    }
}

impl Deref for KeylessSite {
    type Target = OpenSite;

    fn deref(&self) -> &OpenSite {
        &self.open
    }
}

/// A site with its keys, or without.
#[derive(Clone, Copy)]
pub enum AnySite<'e> {
    /// Its records open.
    Keyed(&'e Engine),
    /// Its records stay sealed.
    Keyless(&'e KeylessSite),
}

impl<'e> AnySite<'e> {
    /// What opens records.
    ///
    /// # Errors
    /// KEY015 where the keys are not here.
    pub fn engine(self) -> Result<&'e Engine, Fault> {
        match self {
            AnySite::Keyed(engine) => Ok(engine),
            AnySite::Keyless(site) => Err(site.sealed()),
        }
    }

    /// The site itself.
    pub fn open(self) -> &'e OpenSite {
        match self {
            AnySite::Keyed(engine) => engine,
            AnySite::Keyless(site) => site,
        }
    }
}

impl<'e> From<&'e Engine> for AnySite<'e> {
    fn from(engine: &'e Engine) -> AnySite<'e> {
        AnySite::Keyed(engine)
    }
}

impl Deref for AnySite<'_> {
    type Target = OpenSite;

    fn deref(&self) -> &OpenSite {
        self.open()
    }
}

/// A site that a command has opened, with its keys or without.
pub enum SiteOpened {
    /// Its keys are here.
    Keyed(Box<Engine>),
    /// Nobody has given them to this process.
    Keyless(Box<KeylessSite>),
}

impl SiteOpened {
    /// The site, for whatever can do with or without keys.
    pub fn any(&self) -> AnySite<'_> {
        match self {
            SiteOpened::Keyed(engine) => AnySite::Keyed(engine),
            SiteOpened::Keyless(site) => AnySite::Keyless(site),
        }
    }

    /// What is to be said where its keys are not here.
    pub fn sealed(&self) -> Option<Fault> {
        self.any().engine().err()
    }
}

impl Deref for SiteOpened {
    type Target = OpenSite;

    fn deref(&self) -> &OpenSite {
        self.any().open()
    }
}

/// A text that is kept sealed, as far as it can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealedText {
    /// What it says.
    Open(String),
    /// It is there, and the vault's key is not.
    NoKey,
    /// Its time was over, and it was destroyed.
    Destroyed,
}

impl SealedText {
    /// The text, or why it cannot be shown.
    pub fn words(&self) -> &str {
        match self {
            SealedText::Open(text) => text,
            SealedText::NoKey => "(sealed: needs the vault's key)",
            SealedText::Destroyed => "(destroyed: its time was over)",
        }
    }

    /// What it says; none where it cannot be shown.
    pub fn text(&self) -> Option<&str> {
        match self {
            SealedText::Open(text) => Some(text),
            SealedText::NoKey | SealedText::Destroyed => None,
        }
    }
}
