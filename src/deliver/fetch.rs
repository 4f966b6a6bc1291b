//! The way back: fetching what a carrier has put into its outbox for us (acknowledgements, reports).
//!
//! Collecting and removing are two calls with the caller's commit between them: what was not recorded is still
//! there, and what is recorded is recognised and not fetched again.

use std::path::Path;

use super::rules;
use crate::crypt::spool::{Spool, Spooled};
use crate::fault::Fault;
use crate::transport::contract::{Entry, Stat, Transport};
use crate::transport::error::TransportError;

/// The folder in which a carrier leaves files for us, and how much is taken from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// Its folder at the carrier.
    pub folder: String,
    /// Longest file taken, in bytes. Acknowledgements are small: 16 MiB is generous.
    pub file_bytes_max: u64,
    /// Most files taken in one night; the rest waits for the next.
    pub files_max: usize,
    /// Most bytes taken in one night.
    pub bytes_max: u64,
    /// Whether the carrier expects us to remove what we have recorded.
    pub remove: bool,
}

/// A file that was fetched.
#[derive(Clone, Debug)]
pub struct Collected {
    /// Its name in the outbox.
    pub name: String,
    /// Its bytes, with their length and SHA-256.
    pub bytes: Spooled,
}

impl Outbox {
    /// Lists what `is_new` does not know, as far as a night's bounds go, and how many files are left for the next: a
    /// carrier that leaves more than anybody can have answered costs itself.
    ///
    /// # Errors
    /// The place cannot be listed.
    pub fn waiting(
        &self,
        transport: &mut dyn Transport,
        is_new: &dyn Fn(&Entry) -> bool,
    ) -> Result<(Vec<Entry>, u64), TransportError> {
        let (mut waiting, mut left, mut bytes) = (Vec::new(), 0, 0_u64);
        for entry in transport.list(&self.folder)?.into_iter().filter(|entry| is_new(entry)) {
            // One that is too long is passed over, and takes nothing of what is left for the others.
            let size = if entry.size > self.file_bytes_max { 0 } else { entry.size };
            if waiting.len() >= self.files_max || bytes.saturating_add(size) > self.bytes_max {
                left += 1;
                continue;
            }
            bytes += size;
            waiting.push(entry);
        }
        Ok((waiting, left))
    }

    /// Fetches one file; longer ones spool to `work`. `None` while the carrier is still writing it, or has taken it
    /// back: the next call sees.
    ///
    /// # Errors
    /// DEL005; what the place says; SPO001.
    pub fn fetch(&self, transport: &mut dyn Transport, work: &Path, entry: &Entry) -> Result<Option<Collected>, Fault> {
        if entry.size > self.file_bytes_max {
            return Err(rules::TOO_LONG.fault().count("bytes", entry.size).count("limit", self.file_bytes_max));
        }
        let path = self.path(&entry.name);
        let mut spool = Spool::new(work);
        let fetched = transport.fetch(&path, &mut spool, self.file_bytes_max).map_err(|error| error.fault())?;
        // Looked at again after reading: half a 999 would be judged, recorded, and never fetched whole.
        let after = transport.stat(&path).map_err(|error| error.fault())?;
        if fetched != entry.size || after != Some(Stat { size: entry.size }) {
            return Ok(None);
        }
        Ok(Some(Collected { name: entry.name.clone(), bytes: spool.finish()? }))
    }

    /// Removes a file whose collection has been committed, if the carrier expects that. A file that has another
    /// size by now is another file, and stays. Returns whether it was removed.
    ///
    /// # Errors
    /// The place refused, or could not be reached; the file is recognised next time.
    pub fn remove_committed(&self, transport: &mut dyn Transport, file: &Collected) -> Result<bool, TransportError> {
        let path = self.path(&file.name);
        // Some carriers write the next acknowledgement under the name of the last. One of the same length would be lost
        // here; one of another length is seen.
        if !self.remove || transport.stat(&path)? != Some(Stat { size: file.bytes.length() }) {
            return Ok(false);
        }
        transport.remove(&path)
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)] // A test disturbs files.
    use super::*;
    use crate::transport::folder::Folder;
    use std::io::Read;

    fn outbox(remove: bool) -> Outbox {
        Outbox { folder: "outbox".to_owned(), file_bytes_max: 10, files_max: 100, bytes_max: 100, remove }
    }

    fn place(files: &[(&str, &str)]) -> (tempfile::TempDir, Folder) {
        let files_at = tempfile::tempdir().unwrap();
        std::fs::create_dir(files_at.path().join("outbox")).unwrap();
        for (name, text) in files {
            std::fs::write(files_at.path().join("outbox").join(name), text).unwrap();
        }
        let folder = Folder::new(files_at.path());
        (files_at, folder)
    }

    fn text(file: &Collected) -> String {
        let mut text = String::new();
        file.bytes.open().read_to_string(&mut text).unwrap();
        text
    }

    /// Everything that is new, with what is wrong.
    fn collect(outbox: &Outbox, from: &mut Folder, work: &Path, known: &str) -> (Vec<Collected>, Vec<Fault>) {
        let (waiting, _) = outbox.waiting(from, &|entry| entry.name != known).unwrap();
        let (mut found, mut faults) = (Vec::new(), Vec::new());
        for entry in waiting {
            match outbox.fetch(from, work, &entry) {
                Ok(file) => found.extend(file),
                Err(fault) => faults.push(fault),
            }
        }
        (found, faults)
    }

    #[test]
    fn more_than_a_night_may_bring_is_left_for_the_next_and_counted() {
        let (_files, mut folder) = place(&[("a", "1234567"), ("b", "1234567"), ("c", "12"), ("d", "12345678901")]);
        let names = |found: (Vec<Entry>, u64)| {
            let mut names: Vec<String> = found.0.into_iter().map(|entry| entry.name).collect();
            names.sort();
            (names.join(" "), found.1)
        };
        let all = |_: &Entry| true;
        let few = Outbox { files_max: 2, ..outbox(false) };
        assert_eq!(few.waiting(&mut folder, &all).unwrap().1, 2);
        let short = Outbox { bytes_max: 9, ..outbox(false) };
        assert_eq!(names(short.waiting(&mut folder, &|entry| entry.name != "b").unwrap()), ("a c d".to_owned(), 0));
        assert_eq!(short.waiting(&mut folder, &all).unwrap().1, 1);
        assert_eq!(names(short.waiting(&mut folder, &|entry| entry.name == "b").unwrap()), ("b".to_owned(), 0));
    }

    #[test]
    fn what_is_new_is_fetched_and_stays_until_it_is_committed() {
        let (files, mut folder) = place(&[("a.ta1", "TA1"), ("b.999", "999"), ("old", "x")]);
        let (found, faults) = collect(&outbox(true), &mut folder, files.path(), "old");
        assert_eq!((found.len(), faults.len()), (2, 0));
        assert_eq!((text(&found[0]), text(&found[1])), ("TA1".to_owned(), "999".to_owned()));
        assert!(files.path().join("outbox/a.ta1").exists());
        assert!(outbox(true).remove_committed(&mut folder, &found[0]).unwrap());
        assert!(!files.path().join("outbox/a.ta1").exists());
        assert!(!outbox(false).remove_committed(&mut folder, &found[1]).unwrap());
        assert!(files.path().join("outbox/b.999").exists());
    }

    #[test]
    fn one_file_over_its_limit_is_one_fault() {
        let (files, mut folder) = place(&[("long", "12345678901"), ("short", "1")]);
        let (found, faults) = collect(&outbox(false), &mut folder, files.path(), "");
        assert_eq!((found.len(), faults[0].code), (1, "DEL005"));
    }

    #[test]
    fn a_file_that_became_another_is_not_removed() {
        let (files, mut folder) = place(&[("a", "1")]);
        let (found, _) = collect(&outbox(true), &mut folder, files.path(), "");
        std::fs::write(files.path().join("outbox/a"), "22").unwrap();
        assert!(!outbox(true).remove_committed(&mut folder, &found[0]).unwrap());
        assert!(files.path().join("outbox/a").exists());
    }
}
