//! What a simulated carrier does with a published file: decrypts it, judges it, and answers with TA1 and 999.
#![allow(clippy::disallowed_methods)] // An edge: it reads and writes the carrier's folders.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::crypt::age::{Identity, decrypt};
use crate::x12::ack::{Options, Reply};
use crate::x12::guide::x220a1;
use crate::x12::validate::{Report, document};

/// A carrier's back office: `received/` for what it decrypted, `outbox/` for what it answers.
pub struct BackOffice {
    root: PathBuf,
    identity: Identity,
    /// Day CCYYMMDD and time HHMM its answers are dated with.
    moment: Mutex<(String, String)>,
    answered: AtomicU32,
}

impl BackOffice {
    /// A back office below the carrier's root.
    ///
    /// # Errors
    /// The folders cannot be made.
    pub fn new(root: &Path, identity: Identity) -> io::Result<BackOffice> {
        for folder in ["received", "outbox"] {
            fs::create_dir_all(root.join(folder))?;
        }
        let moment = Mutex::new(("20260101".to_string(), "0000".to_string()));
        Ok(BackOffice { root: root.to_path_buf(), identity, moment, answered: AtomicU32::new(0) })
    }

    /// Dates answers from now on: day CCYYMMDD, time HHMM.
    pub fn set_moment(&self, day: &str, time: &str) {
        *self.moment.lock().unwrap_or_else(PoisonError::into_inner) = (day.to_string(), time.to_string());
    }

    /// Handles one published file. A file that cannot be decrypted is left where it is, unanswered, as carriers do.
    ///
    /// # Errors
    /// The file cannot be read or decrypted, or the answers cannot be written.
    pub fn handle(&self, published: &Path) -> io::Result<()> {
        let name = published.file_name().and_then(|name| name.to_str()).unwrap_or("unnamed");
        let name = name.trim_end_matches(".age").trim_end_matches(".834");
        let received = self.root.join("received").join(format!("{name}.834"));
        self.decrypt(published, &received)?;
        let report = document(BufReader::with_capacity(256 * 1024, File::open(&received)?), x220a1());
        self.answer(name, &report)
    }

    fn decrypt(&self, published: &Path, received: &Path) -> io::Result<()> {
        let broken = |_| io::Error::from(io::ErrorKind::InvalidData);
        let mut clear = decrypt(&self.identity, File::open(published)?).map_err(broken)?;
        let mut out = BufWriter::with_capacity(256 * 1024, File::create(received)?);
        io::copy(&mut clear, &mut out)?;
        out.flush()
    }

    fn answer(&self, name: &str, report: &Report) -> io::Result<()> {
        // A TA1 and a 999 have numbers of their own.
        let number = self.answered.fetch_add(2, Ordering::Relaxed) + 1;
        let (day, time) = self.moment.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reply = Reply::to(report, &Options::new(number, &day, &time))?;
        self.put(&format!("{name}.ta1"), reply.ta1.as_deref())?;
        self.put(&format!("{name}.999"), reply.x999.as_deref())
    }

    /// Under another name first: a reader never sees half an answer.
    fn put(&self, name: &str, answer: Option<&[u8]>) -> io::Result<()> {
        let Some(bytes) = answer else { return Ok(()) };
        let outbox = self.root.join("outbox");
        let unfinished = self.root.join(format!(".{name}"));
        fs::write(&unfinished, bytes)?;
        fs::rename(unfinished, outbox.join(name))
    }
}
