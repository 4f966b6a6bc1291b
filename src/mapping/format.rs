//! How a source's file is written: name, delimiter, encoding, header, trailer, and how large it may be.

use super::document::{Shape, Table, Text};
use super::rules;

/// A pattern for file names: `*` stands for any run of characters, `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePattern(String);

impl FilePattern {
    /// Reads a pattern of 1 to 100 characters. No path separators and no leading dot.
    pub fn parse(text: &str) -> Option<FilePattern> {
        let plain = |c: char| c.is_ascii_alphanumeric() || " ._-*?".contains(c);
        let whole = (1..=100).contains(&text.len()) && !text.starts_with('.') && text.chars().all(plain);
        whole.then(|| FilePattern(text.to_string()))
    }

    /// Whether the name follows the pattern. Names that begin with a dot never do.
    pub fn matches(&self, name: &str) -> bool {
        !name.starts_with('.') && glob(self.0.as_bytes(), name.as_bytes())
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Matching with one step of backtracking: linear for practical patterns, quadratic at worst.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            Some(b) if *b == b'?' || *b == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((after, at)) => {
                    star = Some((after, at + 1));
                    (p, n) = (after, at + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

/// How a file name pattern looks.
pub const FILE_PATTERN: Shape<FilePattern> = Shape {
    read: FilePattern::parse,
    rule: "a file pattern is a file name, in which * stands for any characters, without a folder",
    next: "write for example file = \"census*.csv\"; the folder is always inbox/ and the employer's name",
};

/// The character encoding of a file. Decoded strictly: nothing is ever replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// Windows-1252, as older spreadsheet programs write it.
    Windows1252,
}

const ENCODING: Shape<Encoding> = Shape {
    read: |text| match text {
        "utf-8" => Some(Encoding::Utf8),
        "windows-1252" => Some(Encoding::Windows1252),
        _ => None,
    },
    rule: "an encoding is utf-8 or windows-1252",
    next: "ask the employer which one the file is written in; it is never guessed",
};

const DELIMITER: Shape<u8> = Shape {
    read: |text| match text {
        "comma" => Some(b','),
        "tab" => Some(b'\t'),
        "pipe" => Some(b'|'),
        "semicolon" => Some(b';'),
        _ => text.bytes().next().filter(|byte| text.len() == 1 && b",\t|;^~".contains(byte)),
    },
    rule: "a delimiter is one of comma tab pipe semicolon ^ ~",
    next: "write for example delimiter = \"pipe\"",
};

/// The last row, where a file says how many rows it should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// What the first cell of the trailer row begins with.
    pub begins: String,
    /// The cell that holds the number of data rows, from 1.
    pub count_cell: u32,
}

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Between cells. Default: comma.
    pub delimiter: u8,
    /// Default: UTF-8.
    pub encoding: Encoding,
    /// The line the header stands on, from 1. What stands above it is skipped. Default: 1.
    pub header_line: u32,
    /// Whether the last row must end with a line break, so that a file cut inside a row is noticed. Default true;
    /// a file with a trailer needs none.
    pub final_newline: bool,
    /// The trailer row, if files have one; then a file without it is refused as cut off.
    pub trailer: Option<Trailer>,
}

impl Default for Format {
    fn default() -> Format {
        Format { delimiter: b',', encoding: Encoding::Utf8, header_line: 1, final_newline: true, trailer: None }
    }
}

impl Format {
    /// Reads the `[format]` table.
    pub(super) fn read(table: &Table<'_>) -> Option<Format> {
        Some(Format {
            delimiter: table.maybe("delimiter", &DELIMITER).unwrap_or(b','),
            encoding: table.maybe("encoding", &ENCODING).unwrap_or_default(),
            header_line: table.whole("header_line", 1, 1..=100),
            final_newline: table.flag("final_newline", true),
            trailer: table.section("trailer", Trailer::read),
        })
    }
}

impl Trailer {
    fn read(table: &Table<'_>) -> Option<Trailer> {
        let begins = table.need_text("begins").and_then(|text| not_empty(table, text))?;
        Some(Trailer { begins, count_cell: table.whole("count_cell", 2, 1..=512) })
    }
}

fn not_empty(table: &Table<'_>, text: Text) -> Option<String> {
    if text.text.trim().is_empty() {
        let rule = "the text by which a trailer is known must not be empty";
        table.refuse(rules::MALFORMED.worded(rule, "write what its first cell begins with").at(text.place));
        return None;
    }
    Some(text.text)
}

/// Bounds of a file. Beyond them it is refused, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fewest data rows. Default 1, so that an empty file never means that everybody left.
    pub rows_min: u64,
    /// Share of refused rows, in percent, above which the whole file is refused. Default 2, from 0 to 100.
    pub bad_rows_percent_max: u32,
    /// Refused rows that are tolerated even where they are a larger share, in small files: at most half of the rows.
    /// Default 5, from 0 to 10,000.
    pub bad_rows_max: u64,
    /// Longest row in bytes. Default 65,536, at most 1,048,576.
    pub record_bytes_max: usize,
    /// Most columns. Default 512, at most 4,096.
    pub columns_max: usize,
    /// Largest file in bytes. Default 4 GiB, given in MiB as `file_mib_max`.
    pub file_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            rows_min: 1,
            bad_rows_percent_max: 2,
            bad_rows_max: 5,
            record_bytes_max: 65_536,
            columns_max: 512,
            file_bytes_max: 4096 << 20,
        }
    }
}

impl Limits {
    /// Reads the `[limits]` table.
    pub(super) fn read(table: &Table<'_>) -> Option<Limits> {
        Some(Limits {
            rows_min: table.whole("rows_min", 1, 1..=1_000_000_000).into(),
            bad_rows_percent_max: table.whole("bad_rows_percent_max", 2, 0..=100),
            bad_rows_max: table.whole("bad_rows_max", 5, 0..=10_000).into(),
            record_bytes_max: table.whole("record_bytes_max", 65_536, 256..=1_048_576) as usize,
            columns_max: table.whole("columns_max", 512, 1..=4096) as usize,
            file_bytes_max: u64::from(table.whole("file_mib_max", 4096, 1..=65_536)) << 20,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_patterns_match_names_and_never_paths_or_hidden_files() {
        let pattern = FilePattern::parse("census*.csv").unwrap();
        assert!(pattern.matches("census.csv") && pattern.matches("census_2026-03-02.csv"));
        assert!(
            !pattern.matches("census.csv.part") && !pattern.matches(".census.csv") && !pattern.matches("xcensus.csv")
        );
        assert!(FilePattern::parse("*?a*b").unwrap().matches("xxaab"));
        for bad in ["", "../x", "a/b", ".hidden"] {
            assert!(FilePattern::parse(bad).is_none(), "{bad}");
        }
    }
}
