//! Where something is: in a configuration file, in a row of an input, in an X12 file, or at a remote.

use std::fmt;

use super::label::Label;
use crate::x12::Position;

/// Where a fault is. Never what stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The fault concerns the whole.
    #[default]
    Nowhere,
    /// A configuration file, line and column counted from 1.
    Config {
        /// Path below the site.
        file: Label,
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// A row of an input file.
    Row {
        /// The source, as configured.
        source: Label,
        /// Line of the file the row starts on, from 1 (the header is usually line 1).
        line: u64,
        /// The column, by its configured name.
        column: Option<Label>,
    },
    /// A place in an X12 file.
    X12(Position),
    /// A feed, a carrier, a run, a file of ours: anything named by the configuration or by the engine.
    Named(Label),
    /// A question about a household, with the rows that tell of it.
    Family {
        /// Its pseudonym, shortened.
        member: String,
        /// Where each source told of it last.
        told_in: Vec<Origin>,
    },
}

/// Where a source told of a family last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `census/<source>` or `elections/<source>`.
    pub source: Label,
    /// The input that last said something new of the family, and its business date; `None` for a file that waits in
    /// the inbox.
    pub input: Option<(u64, Label)>,
    /// Where several files make the source, what the mapping calls the one with the row.
    pub part: Option<Label>,
    /// The line of the family's first row in that file, from 1.
    pub line: u64,
    /// Whether the source tells of the family no more.
    pub gone: Gone,
}

/// Since when a source tells of a family no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It still does.
    No,
    /// Since this input.
    In(u64),
    /// Since a file that waits in the inbox.
    InTheInbox,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(out)?;
        // As faults and explanations name a row of one of several files.
        self.part.iter().try_for_each(|part| write!(out, " {part}"))?;
        match &self.input {
            Some((input, date)) => write!(out, " input {input} of {date} line {}", self.line)?,
            None => write!(out, " file in the inbox line {}", self.line)?,
        }
        match self.gone {
            Gone::No => Ok(()),
            Gone::In(input) => write!(out, ", gone in input {input}"),
            Gone::InTheInbox => out.write_str(", gone in the file in the inbox"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Nowhere => Ok(()),
            Place::Config { file, line, column } => write!(out, "{file}:{line}:{column}"),
            Place::Row { source, line, column: None } => write!(out, "{source} line {line}"),
            Place::Row { source, line, column: Some(column) } => write!(out, "{source} line {line}, column {column}"),
            Place::X12(place) => place.fmt(out),
            Place::Named(name) => name.fmt(out),
            Place::Family { member, told_in } => {
                write!(out, "member {member}")?;
                told_in.iter().try_for_each(|origin| write!(out, "; {origin}"))
            }
        }
    }
}
