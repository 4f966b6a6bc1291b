//! Files that a crash has left claimed, in a folder that no intake of today's configuration looks into: of a part that
//! was renamed since, of a source that is made of parts by now, of one that is configured no more. They lie in the
//! clear. Each is sealed and recorded as what it was when it was claimed, and ends as whatever came for another mapping
//! does: set aside, and said.
#![allow(clippy::disallowed_methods, reason = "an edge: this step looks into the folder of claimed files")]

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use super::landing::{LandedFile, record_landed};
use super::source::{part_names, source};
use crate::crypt::age::Recipient;
use crate::engine::rules::BUSY;
use crate::engine::{OpenSite, Workplace};
use crate::fault::Fault;
use crate::intake::{CLEAR, Intake, take};
use crate::mapping::format::Limits;
use crate::model::source::{SourceRef, Stranger};

/// To whom a file is sealed: by its name in the archive, and who may read what is noted of it.
#[derive(Clone, Copy)]
pub(super) struct SealedTo<'s> {
    pub file: &'s dyn Fn(&str) -> Result<Recipient, Fault>,
    pub note: &'s Recipient,
}

/// A folder of files between inbox and archive, by what it is called.
struct ClaimFolder {
    path: PathBuf,
    /// `census/<source>`, `elections/<source>`, or whose inbox it was.
    source: String,
    /// Of several files that make a census, the one that is claimed there.
    part: Option<String>,
}

/// Records what a crash has left of a source in folders that are not its own any more. Returns how many files.
///
/// # Errors
/// A folder or the store that cannot be used; the file concerned is taken by the next call.
pub(super) fn land_left_of(site: &OpenSite, name: &str, to: SealedTo) -> Result<u64, Fault> {
    let parts: Vec<&str> = part_names(site, name).collect();
    let is_own = |folder: &ClaimFolder| match &folder.part {
        None => parts.is_empty(),
        Some(part) => parts.contains(&part.as_str()),
    };
    let left = folders(site).into_iter().filter(|folder| folder.source == name && !is_own(folder));
    left.map(|folder| folder.land(site, to)).sum()
}

/// The same of whatever is configured no more. A source that another process works on is left to that one.
///
/// # Errors
/// As [`land_left_of`].
pub(super) fn land_left_of_others(
    site: &OpenSite,
    is_known: &dyn Fn(&str) -> bool,
    to: SealedTo,
) -> Result<u64, Fault> {
    let mut files = 0;
    for folder in folders(site).into_iter().filter(|folder| !is_known(&folder.source)) {
        files += match site.work_on(Workplace::Source(&folder.source)) {
            Ok(_alone) => folder.land(site, to)?,
            Err(fault) if fault.is(&BUSY) => 0,
            Err(fault) => return Err(fault),
        };
    }
    Ok(files)
}

/// The folders in which a claimed file lies.
fn folders(site: &OpenSite) -> Vec<ClaimFolder> {
    let entries = fs::read_dir(site.site.state().join("claims")).into_iter().flatten().flatten();
    let mut found: Vec<ClaimFolder> = entries.filter_map(|entry| ClaimFolder::called(entry.path())).collect();
    found.retain(ClaimFolder::holds_any);
    found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    found
}

impl ClaimFolder {
    fn called(path: PathBuf) -> Option<ClaimFolder> {
        let (name, part) = match path.file_name()?.to_str()?.split_once('.') {
            Some((name, part)) => (name, Some(part.to_string())),
            None => (path.file_name()?.to_str()?, None),
        };
        let source = name.replacen('-', "/", 1);
        let is_one = SourceRef::parse(&source).is_some() || Stranger::parse(&source).is_some();
        is_one.then(|| ClaimFolder { source, part, path: path.clone() })
    }

    fn holds_any(&self) -> bool {
        let is_clear = |name: &OsStr| name.to_str().is_some_and(|name| name.ends_with(CLEAR));
        fs::read_dir(&self.path).is_ok_and(|entries| entries.flatten().any(|entry| is_clear(&entry.file_name())))
    }

    fn land(&self, site: &OpenSite, to: SealedTo) -> Result<u64, Fault> {
        let intake = Intake {
            // Nothing is looked for but what is claimed.
            inbox: &self.path.join("none"),
            meant: &|_| false,
            mark: &|_| None,
            claims: &self.path,
            archive: &site.archive_folder(),
            recipient: to.file,
            bytes_max: source(site, &self.source)
                .map_or(Limits::default().file_bytes_max, |of| of.limits.file_bytes_max),
            settle: super::arrivals::settle_time(site),
        };
        let mut files = 0;
        take(&intake, &mut |taken| {
            site.steps.crash_point();
            let file = LandedFile { source: &self.source, part: self.part.as_deref(), taken };
            files += u64::from(record_landed(site, to.note, file)?);
            Ok(())
        })?;
        Ok(files)
    }
}
