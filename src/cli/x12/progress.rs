//! How far a large file is read, on stderr.

use std::io::{self, Read, Write as _};

/// Bytes between two words of progress: small files are read before there is anything to tell.
const STEP: u64 = 32 << 20;

/// Where and how progress is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadProgress {
    /// One line that is written over; else a line each time.
    in_place: bool,
}

/// A source of which is told how far it is read.
pub(super) struct Progressing<R> {
    source: R,
    progress: ReadProgress,
    label: String,
    size: Option<u64>,
    read: u64,
    told: u64,
}

impl ReadProgress {
    pub fn new(in_place: bool) -> ReadProgress {
        ReadProgress { in_place }
    }

    /// Tells how far a source is read, of the size that is known.
    pub fn of<R: Read>(self, source: R, label: String, size: Option<u64>) -> Progressing<R> {
        Progressing { source, progress: self, label, size, read: 0, told: 0 }
    }

    fn say(self, text: &str) {
        let text = if self.in_place { format!("\r\x1b[K{text}") } else { format!("{text}\n") };
        // Whoever does not read this misses nothing that counts.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// `label: 64 of 214 MB read`.
fn words(label: &str, read: u64, size: Option<u64>) -> String {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    match size {
        Some(size) => format!("{label}: {} of {} MB read", megabytes(read), megabytes(size)),
        None => format!("{label}: {} MB read", megabytes(read)),
    }
}

impl<R: Read> Read for Progressing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(into)?;
        self.read += count as u64;
        if self.read - self.told >= STEP {
            self.told = self.read;
            self.progress.say(&words(&self.label, self.read, self.size));
        }
        Ok(count)
    }
}

impl<R> Drop for Progressing<R> {
    fn drop(&mut self) {
        if self.progress.in_place && self.told > 0 {
            self.progress.say("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_megabytes_of_what_is_known() {
        assert_eq!(words("a.834", 67_108_864, Some(214_000_000)), "a.834: 67 of 214 MB read");
        assert_eq!(words("stdin", 67_108_864, None), "stdin: 67 MB read");
    }
}
