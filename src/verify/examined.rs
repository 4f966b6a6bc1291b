//! What is examined, how much of it, and what is found.

use std::path::PathBuf;

use super::leaves::{LogReading, read_log};
use super::{doubt, files, rows, sets};
use crate::audit::{VerifierKey, rules};
use crate::fault::{Fault, Label, Place, Rule};
use crate::store::Store;

/// A site's record and what it speaks of.
pub struct Examined<'e> {
    /// The store.
    pub store: &'e Store,
    /// Signs its checkpoints.
    pub key: Option<&'e VerifierKey>,
    /// Where its checkpoints are kept besides.
    pub anchor: Option<PathBuf>,
    /// The site's state.
    pub state: PathBuf,
}

/// Which part of the whole: the `n`th of so many, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which.
    pub n: u32,
    /// Of how many.
    pub of: u32,
}

impl Part {
    /// All of it.
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
    /// A row.
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
pub struct Finding {
    /// What is to be said.
    pub fault: Fault,
    /// And of what.
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

impl Finding {
    /// Another key of the archive than the log knows.
    pub fn of_key() -> Finding {
        Finding { fault: rules::ANOTHER_KEY.fault(), about: About::Key }
    }

    /// Something about the log itself.
    pub(super) fn of_log(fault: Fault) -> Finding {
        Finding { fault, about: About::Log }
    }

    /// Something about a thing with a name of ours.
    pub(super) fn at(rule: Rule, name: &str, about: About) -> Finding {
        Finding { fault: rule.at(Place::Named(Label::new(name))), about }
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
    /// What is not as recorded.
    pub findings: Vec<Finding>,
    /// The code of a doubt that nobody has settled.
    pub doubt: Option<String>,
    /// The configuration as it was last recorded.
    pub configuration: Option<String>,
    /// Fingerprint of the archive's key as it was last recorded.
    pub archive_key: Option<String>,
}

/// Examines everything, or a part of what is large: rows, sets and files. The log itself is read whole.
///
/// # Errors
/// STO001; LOG012.
pub fn examine(examined: &Examined, part: Part) -> Result<Examination, Fault> {
    let (mut found, reading) = examine_leaves(examined, None)?;
    rows::compare_all(examined, &reading.account, part, &mut found)?;
    sets::compare_all(examined, &reading.account, part, &mut found)?;
    files::compare_all(examined, &reading.account, part, &mut found)?;
    Ok(found)
}

/// Examines the log itself: leaves, checkpoints, anchors.
///
/// # Errors
/// STO001; LOG012.
pub fn examine_log(examined: &Examined) -> Result<Examination, Fault> {
    Ok(examine_leaves(examined, None)?.0)
}

/// Leaves that are read again before anything is sent; with all that they name.
const GLANCE: u64 = 4000;

/// Examines what can be examined in a moment, before anything is sent: the newest leaves with what they name, the
/// anchor, and everything that is under way.
///
/// # Errors
/// STO001; LOG012.
pub fn glance(examined: &Examined) -> Result<Examination, Fault> {
    let (mut found, reading) = examine_leaves(examined, Some(GLANCE))?;
    if reading.is_whole {
        rows::compare_all(examined, &reading.account, Part::WHOLE, &mut found)?;
    } else {
        rows::compare_newest(examined, &reading.account, &mut found)?;
    }
    sets::compare_newest(examined, &reading.account, &mut found)?;
    files::compare_newest(examined, &reading.account, &mut found)?;
    Ok(found)
}

fn examine_leaves(examined: &Examined, newest: Option<u64>) -> Result<(Examination, LogReading), Fault> {
    let mut found = Examination::default();
    let reading = read_log(examined, newest, &mut found)?;
    found.doubt = doubt::doubted(&examined.state).or_else(|| reading.account.doubt.clone());
    let noted = if reading.is_whole || reading.account.configuration.is_some() {
        None
    } else {
        Some(rows::last_words(examined, &[r#""action":"log.configured""#.to_string()])?)
    };
    let noted = noted.as_ref().unwrap_or(&reading.account);
    found.configuration.clone_from(&noted.configuration);
    found.archive_key.clone_from(&noted.archive_key);
    if let Some(record) = reading.account.unreadable {
        let fault = rules::LEAF_ALTERED.fault().count("record", record.unsigned_abs());
        found.findings.push(Finding::of_log(fault));
    }
    Ok((found, reading))
}
