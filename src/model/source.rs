//! Where an employer's data comes from.

use std::fmt;

use super::ids::{EmployerName, SourceName};

/// People or their choices: which of the two kinds of file an employer sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// People and their employment.
    Census,
    /// What they have chosen.
    Elections,
}

impl SourceKind {
    /// The word before the name, and the folder of its mappings.
    pub fn word(self) -> &'static str {
        match self {
            SourceKind::Census => "census",
            SourceKind::Elections => "elections",
        }
    }
}

/// A source by kind and name. Its text, `census/<name>` or `elections/<name>`, stands in the store, in sealing contexts
/// and in front of people; it is made and taken apart here only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceRef {
    /// What it tells of.
    pub kind: SourceKind,
    /// The name of its mapping.
    pub name: SourceName,
}

impl SourceRef {
    /// The source that a text names; `None` when it names none.
    pub fn parse(text: &str) -> Option<SourceRef> {
        let (word, name) = text.split_once('/')?;
        let kind = [SourceKind::Census, SourceKind::Elections].into_iter().find(|kind| kind.word() == word)?;
        Some(SourceRef { kind, name: SourceName::new(name)? })
    }
}

impl fmt::Display for SourceRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.kind.word(), self.name)
    }
}

/// What a file is called that no mapping describes: `inbox/<employer>`, or `inbox` where not even whose it is can be
/// told. It stands where a source stands, and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger(Option<EmployerName>);

impl Stranger {
    /// In the folder of this employer.
    pub fn of(employer: &EmployerName) -> Stranger {
        Stranger(Some(employer.clone()))
    }

    /// Beside the folders of employers.
    pub fn of_nobody() -> Stranger {
        Stranger(None)
    }

    /// What a text names, where it names no source but such a file.
    pub fn parse(text: &str) -> Option<Stranger> {
        match text.split_once('/') {
            None => (text == "inbox").then(Stranger::of_nobody),
            Some((word, name)) => EmployerName::new(name).filter(|_| word == "inbox").map(|name| Stranger(Some(name))),
        }
    }

    /// In whose folder it lay.
    pub fn employer(&self) -> Option<&EmployerName> {
        self.0.as_ref()
    }
}

impl fmt::Display for Stranger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(employer) => write!(out, "inbox/{employer}"),
            None => write!(out, "inbox"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_back_from_its_text_and_nothing_else_is_taken_for_one() {
        for text in ["census/acme", "elections/acme-2"] {
            assert_eq!(SourceRef::parse(text).map(|source| source.to_string()).as_deref(), Some(text));
        }
        for other in ["acme", "payroll/acme", "census/", "census/a/b", "/acme", "Census/acme"] {
            assert_eq!(SourceRef::parse(other), None, "{other}");
        }
    }
}
