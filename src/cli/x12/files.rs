//! Files in, files out, and what files are judged by.
#![allow(clippy::disallowed_methods, reason = "an edge: this module opens the files the caller names")]

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::arguments::{By, ReadingOptions};
use super::options::Options;
use super::progress::ReadProgress;
use crate::cli::rules;
use crate::fault::{Fault, Label, Place};
use crate::x12::Bounded;
use crate::x12::guide;
use crate::x12::guide::Guide;
use crate::x12::guide::Overlay;

/// Bytes of a configuration file at most.
const SMALL_MAX: u64 = 1 << 20;

/// Bytes of stdin kept in memory at most, by commands that read twice.
const KEPT_MAX: u64 = 512 << 20;

/// The guides that may be chosen, and the sets they describe.
pub(super) fn built_in() -> [&'static Guide; 2] {
    [guide::x220a1(), guide::x231a1()]
}

/// What the answer calls a file.
pub(super) fn label(path: &Path) -> String {
    let plain = |text: &str| text.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    if is_stdin(path) { "stdin".to_owned() } else { plain(&path.to_string_lossy()) }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The name that what is made of a file gets.
pub(super) fn file_name(path: &Path) -> String {
    let name = path.file_name().filter(|_| !is_stdin(path));
    name.map_or("stdin.x12".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The fault's place: the file's name without its folders.
fn named(path: &Path) -> Place {
    let name = path.file_name().unwrap_or(path.as_os_str());
    Place::Named(Label::new(&name.to_string_lossy()))
}

/// How far files are read, and who is told how far they have been.
#[derive(Clone, Copy)]
pub(super) struct Access {
    limit: u64,
    progress: Option<ReadProgress>,
}

impl Access {
    pub fn new(reading: &ReadingOptions, options: &Options) -> Access {
        let progress = (reading.progress || options.terminal).then(|| ReadProgress::new(options.terminal));
        Access { limit: reading.limit.unwrap_or(u64::MAX), progress }
    }

    /// Opens a file, or stdin, to be read as far as is wanted.
    pub fn open(&self, path: &Path) -> Result<Box<dyn Read>, Fault> {
        let source = Bounded::new(open(path)?, self.limit);
        let Some(progress) = self.progress else { return Ok(Box::new(source)) };
        let size = fs::metadata(path).ok().filter(|about| about.is_file()).map(|about| about.len());
        Ok(Box::new(progress.of(source, label(path), size)))
    }
}

/// Opens a file, or stdin.
fn open(path: &Path) -> Result<Box<dyn Read>, Fault> {
    if is_stdin(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|about| !about.is_dir()));
    match file {
        Some(file) => Ok(Box::new(file)),
        None => Err(rules::FILE_UNREADABLE.at(named(path))),
    }
}

/// A file that can be read twice.
pub(super) enum Twice {
    Again(PathBuf, Access),
    Kept(Vec<u8>),
}

impl Twice {
    pub fn new(path: &Path, access: Access) -> Result<Twice, Fault> {
        if !is_stdin(path) {
            return open(path).map(|_| Twice::Again(path.to_owned(), access));
        }
        let mut bytes = Vec::new();
        let read = access.open(path)?.take(KEPT_MAX + 1).read_to_end(&mut bytes);
        if read.is_err() || bytes.len() as u64 > KEPT_MAX {
            let fault = rules::STDIN_TOO_LARGE.at(named(path));
            return Err(fault.count("bytes at most", KEPT_MAX));
        }
        Ok(Twice::Kept(bytes))
    }

    pub fn open(&self) -> Result<Box<dyn Read + '_>, Fault> {
        match self {
            Twice::Again(path, access) => access.open(path).map(|file| file as Box<dyn Read>),
            Twice::Kept(bytes) => Ok(Box::new(bytes.as_slice())),
        }
    }
}

/// A source that ends when it is told to.
pub(super) struct Until<'s, R> {
    pub source: R,
    pub stop: &'s Cell<bool>,
}

impl<R: Read> Read for Until<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.stop.get() { Ok(0) } else { self.source.read(into) }
    }
}

/// The guide with its overlays.
pub(super) fn guide(by: &By) -> Result<Guide, Fault> {
    let known = built_in().into_iter().find(|guide| guide.version == by.guide || guide.set == by.guide);
    let guide = match known {
        Some(known) => known.clone(),
        None => own_guide(&by.guide)?,
    };
    by.overlay.iter().try_fold(guide, |guide, path| Ok(guide.with(&overlay(path)?)?))
}

/// Reads a guide of the caller's own.
fn own_guide(name: &str) -> Result<Guide, Fault> {
    let path = Path::new(name);
    if !path.is_file() {
        return Err(rules::UNKNOWN_GUIDE.at(Place::Named(Label::new(name))));
    }
    Ok(Guide::parse(&String::from_utf8_lossy(&small(path)?))?)
}

/// Reads an overlay. What is wrong is said by line and column: the line itself is nobody's business.
fn overlay(path: &Path) -> Result<Overlay, Fault> {
    let text = small(path)?;
    let text = String::from_utf8_lossy(&text);
    toml::from_str(&text).map_err(|error| {
        let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
        let line = before.bytes().filter(|byte| *byte == b'\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) as u32 + 1;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        rules::NOT_AN_OVERLAY.at(Place::Config { file: Label::new(&name), line, column })
    })
}

/// A small file, whole.
pub(super) fn small(path: &Path) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(SMALL_MAX + 1).read_to_end(&mut bytes);
    if read.is_err() || bytes.len() as u64 > SMALL_MAX {
        let fault =
            rules::FILE_UNREADABLE.worded("the file cannot be read, or is too large", "check its name").at(named(path));
        return Err(fault.count("bytes at most", SMALL_MAX));
    }
    Ok(bytes)
}

/// A file being written: under its name only when it is finished, and gone when it is not.
pub(super) struct Draft {
    path: PathBuf,
    draft: PathBuf,
    file: File,
}

impl Draft {
    /// Begins a file `name` in a folder, which is made if it is not there. An existing file is never replaced.
    pub fn new(folder: &Path, name: &str) -> Result<Draft, Fault> {
        let path = folder.join(name);
        let draft = folder.join(format!(".{name}.part"));
        let fresh = fs::create_dir_all(folder).is_ok() && !path.exists();
        let file = if fresh { File::create(&draft).ok() } else { None };
        file.map(|file| Draft { file, draft, path: path.clone() }).ok_or_else(|| unwritable(&path))
    }

    /// Gives the file its name.
    pub fn finish(self) -> Result<(), Fault> {
        let done = self.file.sync_all().and_then(|()| fs::rename(&self.draft, &self.path));
        done.map_err(|_| unwritable(&self.path))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // A finished file has left this name. What cannot be removed says by it that it is not finished.
        let _ = fs::remove_file(&self.draft);
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What cannot be written.
pub(super) fn unwritable(path: &Path) -> Fault {
    rules::FILE_UNWRITABLE.at(named(path))
}
