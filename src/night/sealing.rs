//! An intake between nights, by whoever can open nothing: what stands in the inboxes is sealed and recorded, and the
//! next night reads it.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::rules::AWAITS_APPROVAL;
use crate::engine::rules::BUSY;
use crate::engine::{OpenSite, Workplace};
use crate::fault::Fault;
use crate::run::rules::CLOCK_JUMPED;
use crate::run::{site_approved, source_approved};
use crate::take_in::{Landed, land, land_strangers};

/// What came of an intake.
#[derive(Clone, Debug, Default)]
pub struct SealedFiles {
    /// How many files were sealed, by source; those that no mapping describes under `inbox`.
    pub files: BTreeMap<String, u64>,
    /// What is to be said of what was left in the inbox.
    pub left: Vec<Fault>,
}

/// Seals what stands in the inboxes. A source that another process takes in is left to that one; one whose mapping
/// waits for an approval is left where it is, and that is said. While bex.toml waits for one, everything is: it says
/// to whom files are sealed.
///
/// # Errors
/// KEY016; a folder or the store that cannot be used.
pub fn seal_arrivals(site: &OpenSite) -> Result<SealedFiles, Fault> {
    // Said whether or not anything is there.
    site.archive_recipient()?;
    let mut sealed = SealedFiles::default();
    let feeds = site.site.feeds.values();
    let sources: BTreeSet<String> = feeds
        .flat_map(|feed| [feed.census_source(), feed.elections_source()])
        .map(|source| source.to_string())
        .collect();
    if let Some(waits) = waits(site_approved(site))? {
        sealed.left.push(waits);
        return Ok(sealed);
    }
    for source in &sources {
        match waits(source_approved(site, source))? {
            None => sealed.add(source, alone(site, Workplace::Source(source), || land(site, source))?),
            Some(waits) => sealed.left.push(waits),
        }
    }
    sealed.add("inbox", alone(site, Workplace::Strangers, || land_strangers(site))?);
    Ok(sealed)
}

/// What keeps files where they are until a person has looked at it.
fn waits(approved: Result<(), Fault>) -> Result<Option<Fault>, Fault> {
    match approved {
        Err(waits) if waits.is(&AWAITS_APPROVAL) || waits.is(&CLOCK_JUMPED) => Ok(Some(waits)),
        approved => approved.map(|()| None),
    }
}

fn alone(site: &OpenSite, at: Workplace<'_>, work: impl FnOnce() -> Result<Landed, Fault>) -> Result<Landed, Fault> {
    site.steps.check_interrupted()?;
    match site.work_on(at) {
        Ok(_alone) => work(),
        Err(fault) if fault.is(&BUSY) => Ok(Landed::default()),
        Err(fault) => Err(fault),
    }
}

impl SealedFiles {
    fn add(&mut self, source: &str, landed: Landed) {
        tracing::info!(source, files = landed.files, left = landed.left.len(), "source sealed");
        if landed.files > 0 {
            self.files.insert(source.to_string(), landed.files);
        }
        self.left.extend(landed.left);
    }
}
