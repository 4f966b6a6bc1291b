//! The gate beside the bare reader of segments: over the files that a demonstration's carriers have received.

use std::fs;
use std::path::{Path, PathBuf};

use bex::x12::Reader;

use super::Step;
use super::rooms::{Beside, Rates, beside, rate};

/// Every file that a carrier has decrypted, by the time it took to check them all.
pub fn measure(carriers: &Path, steps: &[Step]) -> Beside {
    let received = received(carriers);
    let files: Vec<Vec<u8>> = received.iter().map(|path| fs::read(path).unwrap()).collect();
    let megabytes = files.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    let checked = steps.iter().filter(|step| step.name == "checked").map(|step| step.seconds).sum::<f64>();
    let bare = rate(megabytes, || assert!(files.iter().map(|bytes| segments(bytes)).sum::<usize>() > files.len()));
    let rates = Rates { unit: "MB", ours: megabytes / checked, limit: bare };
    beside("gate: finished files judged whole", rates, "their segments read, and nothing asked of them")
}

fn received(carriers: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(carriers).unwrap().map(|carrier| carrier.unwrap().path().join("received"));
    let files = folders.flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|ext| ext == "834")).collect()
}

fn segments(bytes: &[u8]) -> usize {
    let (mut reader, mut count) = (Reader::new(bytes), 0);
    while reader.next_segment().unwrap().is_some() {
        count += 1;
    }
    count
}
