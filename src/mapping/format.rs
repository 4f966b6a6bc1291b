//! How a source's file is written: name, delimiter, encoding, header, trailer, and how large it may be.

use serde::Serialize;

use super::document::{Shape, Table, Text};
use super::position::Position;
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

    /// Whether the name follows the pattern, or does so without the ending of a sealed or packed file. Names that begin
    /// with a dot never do.
    pub fn matches(&self, name: &str) -> bool {
        let inside = WRAPPINGS.iter().find_map(|ending| name.strip_suffix(ending));
        let follows = |name: &str| self.0.split(OR).any(|one| glob(one.as_bytes(), name.as_bytes()));
        !name.starts_with('.') && (follows(name) || inside.is_some_and(follows))
    }

    /// What no file is called: of a source that does not come as files.
    pub fn none() -> FilePattern {
        FilePattern(String::new())
    }

    /// What follows any of these patterns.
    pub fn any_of<'p>(patterns: impl Iterator<Item = &'p FilePattern>) -> FilePattern {
        FilePattern(patterns.map(|one| one.0.as_str()).collect::<Vec<_>>().join(OR))
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Between patterns of which a name follows one; no pattern has it in itself.
const OR: &str = "|";

/// How the names of files end that hold another one.
const WRAPPINGS: [&str; 10] = [".age", ".zip", ".gpg", ".pgp", ".asc", ".AGE", ".ZIP", ".GPG", ".PGP", ".ASC"];

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
                // Only the last star is tried again: whatever an earlier one could take instead, this one can take too.
                // So a pattern of many stars costs no more than its length times the name's.
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

/// The forms in which rows of cells come; `form` in a mapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum FileForm {
    /// Text whose cells are separated by a delimiter.
    #[default]
    Delimited,
    /// Text whose cells stand at fixed places of each line.
    FixedWidth,
    /// A sheet of a workbook.
    Workbook,
    /// Lines of JSON objects.
    JsonLines,
}

const FORM: Shape<FileForm> = Shape {
    read: |text| match text {
        "delimited" => Some(FileForm::Delimited),
        "fixed-width" => Some(FileForm::FixedWidth),
        "workbook" => Some(FileForm::Workbook),
        "json-lines" => Some(FileForm::JsonLines),
        _ => None,
    },
    rule: "a form is delimited, fixed-width, workbook or json-lines",
    next: "choose workbook for .xlsx, .xls and .ods files, fixed-width when cells stand at fixed places of each line, json-lines when \
           each line is a JSON object",
};

/// In what places of fixed-width lines are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// As people count them: an accented letter is one.
    #[default]
    Characters,
    /// Bytes of the file, as mainframes count.
    Bytes,
}

const UNIT: Shape<Unit> = Shape {
    read: |text| match text {
        "characters" => Some(Unit::Characters),
        "bytes" => Some(Unit::Bytes),
        _ => None,
    },
    rule: "a unit is characters or bytes",
    next: "look at a line with an accent: if what stands behind it is shifted by one, places are bytes",
};

/// The character encoding of a file. Decoded strictly: nothing is ever replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// UTF-16, the low byte first, with or without a byte order mark: a spreadsheet's "Unicode text".
    Utf16Le,
    /// UTF-16, the high byte first, with or without a byte order mark.
    Utf16Be,
    /// Windows-1252, as older spreadsheet programs write it.
    Windows1252,
    /// ISO 8859-1, as databases write it.
    Latin1,
    /// EBCDIC of mainframes in the United States.
    Cp037,
    /// EBCDIC of open systems on mainframes.
    Cp1047,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Encoding; 7] = [
        Encoding::Utf8,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Windows1252,
        Encoding::Latin1,
        Encoding::Cp037,
        Encoding::Cp1047,
    ];

    /// The word used in mappings.
    pub fn word(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Latin1 => "latin-1",
            Encoding::Cp037 => "cp037",
            Encoding::Cp1047 => "cp1047",
        }
    }

    /// Whether files are turned into UTF-8 before anything looks at them.
    pub fn is_ebcdic(self) -> bool {
        matches!(self, Encoding::Cp037 | Encoding::Cp1047)
    }

    /// Whether a letter takes two bytes.
    pub fn is_wide(self) -> bool {
        matches!(self, Encoding::Utf16Le | Encoding::Utf16Be)
    }
}

const ENCODING: Shape<Encoding> = Shape {
    read: |text| Encoding::ALL.into_iter().find(|encoding| encoding.word() == text),
    rule: "an encoding is one of utf-8 utf-16le utf-16be windows-1252 latin-1 cp037 cp1047",
    next: "ask the employer which one the file is written in; it is never guessed",
};

pub(super) const DELIMITER: Shape<u8> = Shape {
    read: |text| match text {
        "comma" => Some(b','),
        "tab" => Some(b'\t'),
        "pipe" => Some(b'|'),
        "semicolon" => Some(b';'),
        _ => text.bytes().next().filter(|byte| text.len() == 1 && is_delimiter(*byte)),
    },
    rule: "a delimiter is comma tab pipe semicolon, or one ASCII character that is no letter, digit, quote or line break",
    next: "write for example delimiter = \"pipe\"",
};

fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n\0".contains(&byte)
}

const QUOTING: Shape<bool> = Shape {
    read: |text| match text {
        "double" => Some(true),
        "none" => Some(false),
        _ => None,
    },
    rule: "quoting is double or none",
    next: "choose double when cells may stand in quotes, none when a quote is a character like any other",
};

/// The last row, where a file says how many rows it should have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trailer {
    /// What the first cell of the trailer row begins with.
    pub begins: String,
    /// The cell that holds the number of data rows, from 1.
    pub count_cell: u32,
    /// Where the number stands instead, in a fixed-width line.
    pub place: Option<Position>,
}

/// What may be over or missing behind a row's last filled cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum RowEnds {
    /// As the header does: any other row may have lost or won a cell anywhere.
    #[default]
    Exact,
    /// Empty cells at the end are left out.
    Short,
    /// A delimiter stands behind the last cell, too.
    Delimited,
}

const ROW_ENDS: Shape<RowEnds> = Shape {
    read: |text| match text {
        "exact" => Some(RowEnds::Exact),
        "short" => Some(RowEnds::Short),
        "delimited" => Some(RowEnds::Delimited),
        _ => None,
    },
    rule: "rows end exact, short or delimited",
    next: "choose short where empty cells at the end of a row are left out, delimited where a delimiter ends each row",
};

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Format {
    /// What kind of file it is. Default: delimited.
    pub form: FileForm,
    /// In what places of fixed-width lines are counted. Default: characters.
    pub unit: Unit,
    /// How long every fixed-width line is, if that is known; then a line of another length is refused.
    pub line_length: Option<usize>,
    /// The sheet of a workbook; none for the only one.
    pub sheet: Option<String>,
    /// Between cells. Default: comma.
    pub delimiter: u8,
    /// Default: UTF-8.
    pub encoding: Encoding,
    /// Whether cells may stand in double quotes, in which delimiters and line breaks are text. Default: they may.
    pub quoted: bool,
    /// The line the header stands on, from 1. What stands above it is skipped. 0: there is none, and columns are given
    /// by position. Default: 1.
    pub header_line: u32,
    /// What lines begin with that are no rows, wherever they stand: titles, notices, signatures.
    pub remarks: Vec<String>,
    /// Cells that mean that there is nothing, in any column.
    pub empty: Vec<String>,
    /// How rows may end. Default: as the header does.
    pub row_ends: RowEnds,
    /// Whether the last row must end with a line break, so that a file cut inside a row is noticed. Default true;
    /// a file with a trailer needs none.
    pub final_newline: bool,
    /// The trailer row, if files have one; then a file without it is refused as cut off.
    pub trailer: Option<Trailer>,
}

impl Default for Format {
    fn default() -> Format {
        Format {
            form: FileForm::Delimited,
            unit: Unit::Characters,
            line_length: None,
            sheet: None,
            delimiter: b',',
            quoted: true,
            encoding: Encoding::Utf8,
            header_line: 1,
            remarks: Vec::new(),
            empty: Vec::new(),
            row_ends: RowEnds::Exact,
            final_newline: true,
            trailer: None,
        }
    }
}

impl Format {
    /// Reads the `[format]` table.
    pub(super) fn read(table: &Table<'_>) -> Option<Format> {
        let form = table.maybe("form", &FORM).unwrap_or_default();
        refuse_foreign(table, form);
        // Lines with fixed places come from mainframes, which write none.
        let header_line = if form == FileForm::FixedWidth { 0 } else { 1 };
        let named = form == FileForm::JsonLines;
        Some(Format {
            form,
            unit: table.maybe("unit", &UNIT).unwrap_or_default(),
            line_length: table.maybe_whole("line_length", 1..=1_048_576).map(|length| length as usize),
            sheet: table.text("sheet").map(|text| text.text),
            delimiter: table.maybe("delimiter", &DELIMITER).unwrap_or(b','),
            encoding: table.maybe("encoding", &ENCODING).unwrap_or_default(),
            quoted: table.maybe("quoting", &QUOTING).unwrap_or(true),
            header_line: table.whole("header_line", header_line, if named { 1..=1 } else { 0..=100 }),
            remarks: remarks(table),
            empty: table.texts("empty").into_iter().map(|text| text.text.trim().to_string()).collect(),
            row_ends: table.maybe("row_ends", &ROW_ENDS).unwrap_or_default(),
            final_newline: table.flag("final_newline", true),
            trailer: table.section("trailer", |trailer| Trailer::read(trailer, form)),
        })
    }
}

/// The settings that only one form of file has, and that form.
const OF_ONE_FORM: [(&str, FileForm); 6] = [
    ("row_ends", FileForm::Delimited),
    ("delimiter", FileForm::Delimited),
    ("quoting", FileForm::Delimited),
    ("unit", FileForm::FixedWidth),
    ("line_length", FileForm::FixedWidth),
    ("sheet", FileForm::Workbook),
];

fn refuse_foreign(table: &Table<'_>, form: FileForm) {
    let foreign = |setting: &str, of: FileForm| table.has(setting) && of != form;
    let of_text = ["encoding", "final_newline"].map(|setting| (setting, form == FileForm::Workbook));
    let of_header = [("header_line", form == FileForm::JsonLines)];
    let of_others = OF_ONE_FORM.map(|(setting, of)| (setting, foreign(setting, of)));
    for (setting, _) in
        of_text.into_iter().chain(of_header).chain(of_others).filter(|(setting, wrong)| *wrong && table.has(setting))
    {
        let rule = "a setting must be one of the form of file that is declared";
        let fault = rules::CONTRADICTION.worded(rule, "remove it, or change form").at(table.place_of(setting));
        table.refuse(fault.name("setting", setting));
    }
}

/// Fewest characters by which a remark is known: fewer would be the beginning of somebody's key.
const REMARK_SHORTEST: usize = 3;

fn remarks(table: &Table<'_>) -> Vec<String> {
    let long = |text: Text| {
        let begins = text.text.trim().to_string();
        if begins.chars().count() >= REMARK_SHORTEST {
            return Some(begins);
        }
        let rule = "a remark is known by the first 3 or more characters of its line";
        table.refuse(rules::MALFORMED.worded(rule, "write more of what the line begins with").at(text.place));
        None
    };
    table.texts("remarks").into_iter().filter_map(long).collect()
}

impl Trailer {
    fn read(table: &Table<'_>, form: FileForm) -> Option<Trailer> {
        let begins = table.need_text("begins").and_then(|text| not_empty(table, text))?;
        let place = Position::read(table).filter(|place| place.width.is_some());
        if place.is_some() != (form == FileForm::FixedWidth) || (place.is_some() && table.has("count_cell")) {
            let rule =
                "the count of a trailer has a position and a width in a fixed-width file, and a cell in any other";
            let next = "write position and width, or count_cell";
            table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place()));
        }
        Some(Trailer { begins, count_cell: table.whole("count_cell", 2, 1..=512), place })
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// Fewest rows a file may have, in percent of those of the file before it, where that had 20. Default 50, from 0.
    pub rows_percent_min: u32,
    /// Fewest families that must be known from before, in percent. Default 50, from 0 to 100.
    pub overlap_percent_min: u32,
    /// Most families, in percent, of which one and the same value may be another one than before. Default 20, from 1.
    pub moved_percent_max: u32,
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
            rows_percent_min: 50,
            overlap_percent_min: 50,
            moved_percent_max: 20,
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
            rows_percent_min: table.whole("rows_percent_min", 50, 0..=100),
            overlap_percent_min: table.whole("overlap_percent_min", 50, 0..=100),
            moved_percent_max: table.whole("moved_percent_max", 20, 1..=100),
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
        assert!(
            pattern.matches("census_1.csv.age") && pattern.matches("census.csv.ZIP") && !pattern.matches("census.zip")
        );
        assert!(FilePattern::parse("*?a*b").unwrap().matches("xxaab"));
        for bad in ["", "../x", "a/b", ".hidden"] {
            assert!(FilePattern::parse(bad).is_none(), "{bad}");
        }
    }
}
