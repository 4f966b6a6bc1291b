//! A carrier's own reports, as its file declares them: which files of its outbox they are, which column says what, and
//! what its codes mean, in words of ours. Nothing else of such a file is ever shown.

use std::collections::BTreeMap;

use super::document::{Shape, Table};
use super::format::{DELIMITER, FILE_PATTERN, FilePattern};

/// A table of what a carrier objects to, a row for each member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredReport {
    /// How such files are called.
    pub file: FilePattern,
    /// What stands between two cells. Default a comma.
    pub delimiter: u8,
    /// Header of the column with our control number.
    pub number: String,
    /// Header of the column with the subscriber's number, as our file has it (REF*0F).
    pub member: String,
    /// Header of the column with the carrier's code.
    pub code: String,
    /// Header of the column with the segment's tag; none where a report names none.
    pub segment: Option<String>,
    /// Header of the column with the element's place in the segment.
    pub element: Option<String>,
    /// Codes by which a member was not taken, each in words.
    pub rejected: BTreeMap<String, String>,
    /// Codes by which a member was taken, and something is to be mended.
    pub noted: BTreeMap<String, String>,
}

/// A word of the carrier's with its meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportedCode<'c> {
    /// As the carrier's file has it.
    pub code: &'c str,
    /// In words of ours.
    pub words: &'c str,
    /// Whether the member was not taken.
    pub is_rejected: bool,
}

const HEADER: Shape<String> = Shape {
    read: |text| (text.trim() == text && (1..=80).contains(&text.chars().count())).then(|| text.to_string()),
    rule: "a column of a report is named by its header, 1 to 80 characters",
    next: "write for example member = \"Subscriber ID\"",
};

const WORDS: Shape<String> = Shape {
    read: |text| {
        let plain = text.chars().all(|c| !c.is_control());
        (plain && (1..=80).contains(&text.chars().count())).then(|| text.to_string())
    },
    rule: "a code of a report is said in 1 to 80 characters",
    next: "write for example E101 = \"the identification code is not valid\"",
};

impl DeclaredReport {
    /// What a code says; none of one that is not declared.
    pub fn code(&self, code: &str) -> Option<ReportedCode<'_>> {
        let found = |codes: &'_ BTreeMap<String, String>| codes.contains_key(code);
        let (codes, is_rejected) = if found(&self.rejected) { (&self.rejected, true) } else { (&self.noted, false) };
        codes.get_key_value(code).map(|(code, words)| ReportedCode { code, words, is_rejected })
    }

    /// Reads one table of `[[acknowledgements.report]]`.
    pub(super) fn read(table: &Table<'_>) -> Option<DeclaredReport> {
        let (file, number) = (table.need("file", &FILE_PATTERN), table.need("number", &HEADER));
        let (member, code) = (table.need("member", &HEADER), table.need("code", &HEADER));
        let words = |key| {
            let pairs = table.section(key, |inner| Some(inner.pairs())).unwrap_or_default().into_iter();
            pairs.filter_map(|(code, text)| Some((code, table.shaped(&text, &WORDS)?))).collect()
        };
        Some(DeclaredReport {
            delimiter: table.maybe("delimiter", &DELIMITER).unwrap_or(b','),
            segment: table.maybe("segment", &HEADER),
            element: table.maybe("element", &HEADER),
            rejected: words("rejected"),
            noted: words("noted"),
            file: file?,
            number: number?,
            member: member?,
            code: code?,
        })
    }
}
