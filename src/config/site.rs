//! A whole site, checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::mapping::{Carrier, CensusMapping, ElectionsMapping, Employer, Environment, Feed, KeyRef, Keys, Sender};
use crate::model::ids::{CarrierName, EmployerName, FeedName, SourceName};

/// Everything the configuration says. Every name a feed uses is in the maps: [`crate::config::load()`] has checked
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The folder that holds `bex.toml`.
    pub root: PathBuf,
    /// The name people use.
    pub name: String,
    /// Test or production.
    pub environment: Environment,
    /// Who sends.
    pub sender: Sender,
    /// Whom a carrier can ask.
    pub contact: Option<String>,
    /// Where the engine's keys are.
    pub keys: Keys,
    /// Plan sponsors.
    pub employers: BTreeMap<EmployerName, Employer>,
    /// Census mappings.
    pub census: BTreeMap<SourceName, CensusMapping>,
    /// Elections mappings.
    pub elections: BTreeMap<SourceName, ElectionsMapping>,
    /// Carriers.
    pub carriers: BTreeMap<CarrierName, Carrier>,
    /// Feeds.
    pub feeds: BTreeMap<FeedName, Feed>,
}

impl Site {
    /// Whom control numbers are counted with: sender and receiver of the interchange, which tell its number apart from
    /// those of others. Carriers that share a receiver (a clearing house) share the count.
    pub fn partner(&self, carrier: &Carrier) -> String {
        let (ours, theirs) = (&self.sender, &carrier.receiver);
        format!("{}/{} {}/{}", ours.qualifier, ours.id, theirs.qualifier, theirs.id)
    }

    /// The folder an employer's files arrive in.
    pub fn inbox(&self, employer: &EmployerName) -> PathBuf {
        self.root.join("inbox").join(employer.as_str())
    }

    /// The folder the engine keeps its state in.
    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    /// The file a key reference names; `None` for a descriptor.
    pub fn key_path(&self, key: &KeyRef) -> Option<PathBuf> {
        match key {
            KeyRef::File(path) => Some(self.root.join(path)),
            KeyRef::Descriptor(_) => None,
        }
    }
}
