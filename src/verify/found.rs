//! What is examined, how much of it, and what is found: the words of this room.

use std::path::PathBuf;

use crate::audit::{VerifierKey, rules};
use crate::fault::{Fault, Label, Place, Rule};
use crate::store::Store;

/// A site's record and what it speaks of.
pub struct Examined<'e> {
    /// Held against its own log.
    pub store: &'e Store,
    /// Signs its checkpoints.
    pub key: Option<&'e VerifierKey>,
    /// Where its checkpoints are kept besides.
    pub anchor: Option<PathBuf>,
    /// The public key of whoever signs them on another machine.
    pub witness: Option<PathBuf>,
    /// The site's state.
    pub state: PathBuf,
    /// Where the second copy of families' keys is.
    pub mirror: Option<PathBuf>,
}

/// Which part of the whole: the `n`th of so many, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Counted from 1.
    pub n: u32,
    /// Of how many.
    pub of: u32,
}

impl Part {
    /// Nothing is left out.
    pub const WHOLE: Part = Part { n: 1, of: 1 };

    /// Whether what has this number is in the part.
    pub fn has(self, number: i64) -> bool {
        number.rem_euclid(self.of.max(1).into()) == i64::from(self.n) - 1
    }
}

/// What a finding is about, for whoever settles it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The log itself, its tree, a checkpoint or an anchor.
    Log,
    /// By table and key.
    Row(String),
    /// Rows that no leaf names.
    Untold,
    /// A set of rows of an input or a delivery.
    Set(String, i64),
    /// A sealed file.
    File(String),
    /// The archive's key.
    Key,
}

/// Something that is not as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviating {
    /// What is to be said.
    pub fault: Fault,
    /// What has to be named anew where somebody takes it as it stands.
    pub about: About,
}

/// Most findings that are said one by one.
const SAID_MAX: usize = 50;

impl Examination {
    /// What is to be said of what was found: one by one, as far as anybody reads.
    pub fn faults(&self) -> Vec<Fault> {
        let mut said: Vec<Fault> = self.findings.iter().take(SAID_MAX).map(|found| found.fault.clone()).collect();
        let more = self.findings.len().saturating_sub(SAID_MAX);
        said.extend((more > 0).then(|| rules::MORE_FINDINGS.fault().count("findings", more as u64)));
        said
    }
}

impl Deviating {
    /// Another key of the archive than the log knows.
    pub fn of_key() -> Deviating {
        Deviating { fault: rules::ANOTHER_KEY.fault(), about: About::Key }
    }

    /// Something about the log itself.
    pub fn of_log(fault: Fault) -> Deviating {
        Deviating { fault, about: About::Log }
    }

    /// Something about a thing with a name of ours.
    pub(super) fn at(rule: Rule, name: &str, about: About) -> Deviating {
        Deviating { fault: rule.at(Place::Named(Label::new(name))), about }
    }
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Examination {
    /// Leaves hashed.
    pub leaves: u64,
    /// Checkpoints compared.
    pub checkpoints: u64,
    /// Checkpoints of the anchor's folder compared.
    pub anchors: u64,
    /// Rows compared one by one.
    pub rows: u64,
    /// Sealed rows compared by their sets.
    pub sealed: u64,
    /// Files hashed.
    pub files: u64,
    /// Keys of families that were destroyed, and are.
    pub shredded: u64,
    /// What is not as recorded.
    pub findings: Vec<Deviating>,
    /// The code of a doubt that nobody has settled.
    pub doubt: Option<String>,
    /// Whether any record that was read was written on a production site.
    pub production: bool,
    /// The configuration as it was last recorded.
    pub configuration: Option<String>,
    /// Fingerprint of the archive's key as it was last recorded.
    pub archive_key: Option<String>,
    /// How many steps the schema had when that was last recorded.
    pub schema: Option<i64>,
}
