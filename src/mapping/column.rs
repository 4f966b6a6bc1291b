//! Columns: which header a value stands under, and how its cells are written.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::document::{Shape, Table, Text};
use super::format::{FileForm, Format};
use super::position::Position;
use super::rules;
use super::shapes::PLAN_CODE;
use super::synonyms::{Worded, YesNo, normal};
use crate::model::election::{LifeEvent, Tier};
use crate::model::person::{EmploymentStatus, EndReason, MaritalStatus, Relationship, Sex};

/// What kind of value a column holds, which decides how its cells are read.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// Letters and digits as they stand in the cell.
    Text,
    /// A key: text without which a row belongs to nobody.
    Key,
    /// Keys, separated.
    Keys,
    /// A Social Security number.
    Ssn,
    /// A date; has a [`DateFormat`].
    Date,
    /// A postal code.
    Zip,
    /// A telephone number.
    Phone,
    /// A two-letter state.
    State,
    /// An amount of money.
    Money,
    /// A national provider identifier.
    Npi,
    /// A plan: the source's name for it, or our plan code.
    Plan,
    /// One of a closed list of values.
    Word(fn() -> Vec<&'static str>),
}

impl Cell {
    /// The word `format` may have for this kind of column.
    fn word(self) -> &'static str {
        match self {
            Cell::Text | Cell::Key | Cell::Keys | Cell::Plan | Cell::Word(_) => "text",
            Cell::Ssn => "ssn",
            Cell::Date => "date",
            Cell::Zip => "zip",
            Cell::Phone => "phone",
            Cell::State => "state",
            Cell::Money => "money",
            Cell::Npi => "npi",
        }
    }
}

fn words_of<T: Worded>() -> Vec<&'static str> {
    T::words().into_iter().map(|(word, _)| word).collect()
}

pub(super) const RELATIONSHIP: Cell = Cell::Word(words_of::<Relationship>);
pub(super) const SEX: Cell = Cell::Word(words_of::<Sex>);
pub(super) const MARITAL: Cell = Cell::Word(words_of::<MaritalStatus>);
pub(super) const STATUS: Cell = Cell::Word(words_of::<EmploymentStatus>);
pub(super) const END_REASON: Cell = Cell::Word(words_of::<EndReason>);
pub(super) const TIER: Cell = Cell::Word(words_of::<Tier>);
pub(super) const EVENT: Cell = Cell::Word(words_of::<LifeEvent>);
pub(super) const YES_NO: Cell = Cell::Word(words_of::<YesNo>);

/// The order of year, month and day in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    YearMonthDay,
    MonthDayYear,
    DayMonthYear,
}

/// One declared way of writing dates. Years have four digits: two are ambiguous and never guessed.
///
/// A time behind the day must be midnight: any other belongs to a moment, whose day depends on where the clock stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateFormat {
    order: Order,
    separator: Option<u8>,
    /// Months and days may have one digit.
    short: bool,
    /// A time may follow.
    timed: bool,
}

/// How midnight is written behind a day.
const MIDNIGHT: [&str; 8] =
    ["00:00", "00:00:00", "00:00:00.0", "00:00:00.000", "00:00:00.000000", "0:00", "12:00 AM", "12:00:00 AM"];

impl DateFormat {
    /// `YYYY-MM-DD`, the default.
    pub const ISO: DateFormat =
        DateFormat { order: Order::YearMonthDay, separator: Some(b'-'), short: false, timed: false };

    /// Reads a format such as `MM/DD/YYYY`, `M/D/YYYY`, `YYYYMMDD` or `YYYY-MM-DD time`.
    pub fn parse(text: &str) -> Option<DateFormat> {
        let day = text.strip_suffix(" time");
        let format = DateFormat::parse_day(day.unwrap_or(text))?;
        Some(DateFormat { timed: day.is_some(), ..format })
    }

    fn parse_day(text: &str) -> Option<DateFormat> {
        let separator = text.bytes().find(|b| !b.is_ascii_alphabetic());
        let form = text.replace(|c: char| !c.is_ascii_alphabetic(), "");
        let (order, short) = match form.as_str() {
            "YYYYMMDD" => (Order::YearMonthDay, false),
            "YYYYMD" => (Order::YearMonthDay, true),
            "MMDDYYYY" => (Order::MonthDayYear, false),
            "MDYYYY" => (Order::MonthDayYear, true),
            "DDMMYYYY" => (Order::DayMonthYear, false),
            "DMYYYY" => (Order::DayMonthYear, true),
            _ => return None,
        };
        let whole = DateFormat { order, separator, short, timed: false };
        (separator.is_none_or(|b| b"-/.".contains(&b)) && whole.text() == text && !(short && separator.is_none()))
            .then_some(whole)
    }

    fn text(self) -> String {
        let parts = match (self.order, self.short) {
            (Order::YearMonthDay, false) => ["YYYY", "MM", "DD"],
            (Order::YearMonthDay, true) => ["YYYY", "M", "D"],
            (Order::MonthDayYear, false) => ["MM", "DD", "YYYY"],
            (Order::MonthDayYear, true) => ["M", "D", "YYYY"],
            (Order::DayMonthYear, false) => ["DD", "MM", "YYYY"],
            (Order::DayMonthYear, true) => ["D", "M", "YYYY"],
        };
        parts.join(&self.separator.map_or(String::new(), |b| char::from(b).to_string()))
    }

    /// The date a cell says; `None` when it is not written so or is no day of the calendar.
    pub fn read(self, cell: &[u8]) -> Option<NaiveDate> {
        let [first, second, third] = self.parts(if self.timed { without_midnight(cell)? } else { cell })?;
        let (year, month, day) = match self.order {
            Order::YearMonthDay => (first, second, third),
            Order::MonthDayYear => (third, first, second),
            Order::DayMonthYear => (third, second, first),
        };
        let right = year.len() == 4 && self.is_part(month) && self.is_part(day);
        // Years of two digits are refused with the rest: 45 is a birth in 1945 and a retirement in 2045, and nobody can
        // tell which from the cell.
        right.then(|| NaiveDate::from_ymd_opt(number(year)? as i32, number(month)?, number(day)?)).flatten()
    }

    fn is_part(self, part: &[u8]) -> bool {
        part.len() == 2 || (self.short && part.len() == 1)
    }

    fn parts(self, cell: &[u8]) -> Option<[&[u8]; 3]> {
        let Some(separator) = self.separator else {
            let at = if self.order == Order::YearMonthDay { [4, 6] } else { [2, 4] };
            return (cell.len() == 8).then(|| [&cell[..at[0]], &cell[at[0]..at[1]], &cell[at[1]..]]);
        };
        let mut parts = cell.split(|b| *b == separator);
        let found = [parts.next()?, parts.next()?, parts.next()?];
        parts.next().is_none().then_some(found)
    }
}

/// The day before a time; `None` when the time is not midnight.
fn without_midnight(cell: &[u8]) -> Option<&[u8]> {
    let Some(at) = cell.iter().position(|byte| matches!(byte, b' ' | b'T')) else { return Some(cell) };
    let time = &cell[at + 1..];
    MIDNIGHT.iter().any(|midnight| midnight.as_bytes().eq_ignore_ascii_case(time)).then_some(&cell[..at])
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
}

/// How one value is found and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The headers it may stand under, compared without case, spaces and punctuation. `{n}` in a header of
    /// `[dependents.columns]` counts from 1.
    pub headers: Vec<String>,
    /// Where its cells stand in a row, instead of a header.
    pub position: Option<Position>,
    /// Whether a file without the column is refused. Default true: a mapped column that has gone is a changed file.
    pub required: bool,
    /// How dates are written. Default `YYYY-MM-DD`.
    pub date: DateFormat,
    /// Whether lost leading zeros are put back (Social Security numbers of 7 or 8 digits, postal codes of 3 or 4).
    /// Default false. Every repair is counted.
    pub pad: bool,
    /// Between the keys of a list. Default `;`.
    pub separator: char,
    /// Cells that mean that there is nothing, compared without case. Those of the whole format are among them.
    pub empty: Vec<String>,
    /// Days that mean that there is no end. Only of columns that hold an end.
    pub open_end: Vec<NaiveDate>,
    /// The source's own words: normal form to the word of the value.
    pub values: BTreeMap<String, String>,
}

/// The columns of one table of a mapping.
pub type Columns<F> = BTreeMap<F, Column>;

/// A value that a mapping can give a column.
pub trait Mapped: Copy + Ord + 'static {
    /// Every one of them.
    const ALL: &'static [Self];
    /// The word used in mappings.
    fn word(self) -> &'static str;
    /// What its cells hold.
    fn cell(self) -> Cell;
    /// Its place in [`Mapped::ALL`], from 0.
    fn ordinal(self) -> usize;
}

/// Declares the values a mapping can give columns to.
macro_rules! mapped {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident, $word:literal, $cell:expr;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$item])* $variant,)*
        }

        impl $crate::mapping::column::Mapped for $name {
            const ALL: &'static [Self] = &[$($name::$variant,)*];

            fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            fn cell(self) -> $crate::mapping::column::Cell {
                match self { $($name::$variant => $cell,)* }
            }

            fn ordinal(self) -> usize {
                self as usize
            }
        }
    };
}
pub(super) use mapped;

/// Reads a `[columns]` table: a header, or a table of settings, for each value.
pub(super) fn read<F: Mapped>(table: &Table<'_>, format: &Format) -> Option<Columns<F>> {
    let found = |field: F| Some((field, read_column(table, field.word(), field.cell())?));
    let mut columns: Columns<F> = F::ALL.iter().filter_map(|field| found(*field)).collect();
    settle(table, &mut columns, format);
    refuse_shared_headers(table, &columns);
    Some(columns)
}

/// Reads where a column stands that is no value of ours.
pub(super) fn read_place(table: &Table<'_>, format: &Format) -> Column {
    let position = Position::read(table);
    // Without a header line there is nothing that a header could be compared with.
    let by_name = position.is_none() && format.header_line > 0;
    let headers = if by_name || table.has("header") { headers(table, table.texts("header")) } else { Vec::new() };
    let column = Column { position, ..Column::of(headers) };
    if let Some((rule, next)) = misplaced(&column, format) {
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place()));
    }
    column
}

/// What is wrong with where a column is said to stand, in a file of this form, and what to do about it.
fn misplaced(column: &Column, format: &Format) -> Option<(&'static str, &'static str)> {
    let fixed = format.form == FileForm::FixedWidth;
    let rule = match column.position {
        None if fixed => "columns of fixed-width lines have a position and a width",
        Some(Position { width, .. }) if width.is_some() != fixed => {
            "columns of fixed-width lines, and no others, have a width"
        }
        None if format.header_line == 0 => "a file without a header line has its columns by position",
        Some(_) if !column.headers.is_empty() => "a column has a header or a position, not both",
        _ => return None,
    };
    let next =
        "write position = N, the cell's ordinal in a row, and no header; in fixed-width lines, N is its first place";
    Some((rule, next))
}

/// Requires that a column is mapped.
pub(super) fn need<F: Mapped>(table: &Table<'_>, columns: &Columns<F>, fields: &[F]) {
    for field in fields.iter().filter(|field| !columns.contains_key(field)) {
        let fault = rules::COLUMN_NEEDED.at(table.place());
        table.refuse(fault.name("column", field.word()));
    }
}

fn read_column(table: &Table<'_>, word: &'static str, cell: Cell) -> Option<Column> {
    if !table.has(word) {
        return None;
    }
    if !table.is_table(word) {
        return Some(Column::of(headers(table, table.texts(word))));
    }
    table.section(word, |column| {
        let position = Position::read(column);
        let named = position.is_none() || column.has("header");
        let headers = if named { headers(column, column.texts("header")) } else { Vec::new() };
        let date = format(column, cell);
        Some(Column {
            position,
            required: column.flag("required", true),
            date,
            empty: column.texts("empty").into_iter().map(|text| text.text.trim().to_string()).collect(),
            open_end: open_end(column, word, date),
            pad: pad(column, cell),
            separator: separator(column, cell),
            values: values(column, cell),
            ..Column::of(headers)
        })
    })
}

impl Column {
    fn of(headers: Vec<String>) -> Column {
        let date = DateFormat::ISO;
        Column {
            headers,
            position: None,
            required: true,
            date,
            pad: false,
            separator: ';',
            empty: Vec::new(),
            open_end: Vec::new(),
            values: BTreeMap::new(),
        }
    }
}

/// The headers a column may stand under; at least one.
fn headers(table: &Table<'_>, texts: Vec<Text>) -> Vec<String> {
    let rule = "a header has at least one letter or digit";
    if texts.is_empty() {
        table.refuse(rules::MISSING.worded("a column needs a header", "add header = \"…\"").at(table.place()));
    }
    let written = |text: Text| {
        let empty = normal(&text.text).is_empty();
        if empty {
            table.refuse(rules::MALFORMED.worded(rule, "copy it from the file's header line").at(text.place.clone()));
        }
        (!empty).then_some(text.text)
    };
    texts.into_iter().filter_map(written).collect()
}

/// The columns that hold an end.
const ENDS: [&str; 2] = ["employment_end", "end"];

fn open_end(table: &Table<'_>, word: &str, date: DateFormat) -> Vec<NaiveDate> {
    let rule = "a day that means no end is written in the column's format, and only a column that holds an end has one";
    let next = "write for example open_end = [\"12/31/9999\"]; for words and zeros, use empty";
    let day = |text: Text| {
        let day = date.read(text.text.as_bytes()).filter(|_| ENDS.contains(&word));
        if day.is_none() {
            table.refuse(rules::MALFORMED.worded(rule, next).at(text.place));
        }
        day
    };
    table.texts("open_end").into_iter().filter_map(day).collect()
}

/// Makes what the format says of all cells part of each column, and holds columns to the form of the file.
fn settle<F: Mapped>(table: &Table<'_>, columns: &mut Columns<F>, format: &Format) {
    for (field, column) in columns {
        column.empty.extend(format.empty.iter().cloned());
        let Some((rule, next)) = misplaced(column, format) else { continue };
        let fault = rules::CONTRADICTION.worded(rule, next).at(table.place_of(field.word()));
        table.refuse(fault.name("column", field.word()));
    }
}

fn format(table: &Table<'_>, cell: Cell) -> DateFormat {
    let Some(text) = table.text("format") else { return DateFormat::ISO };
    if matches!(cell, Cell::Date) {
        return table.shaped(&text, &DATE_FORMAT).unwrap_or(DateFormat::ISO);
    }
    if text.text != cell.word() {
        let rule = "a column's format must be that of the value it fills";
        let fault = rules::MALFORMED.worded(rule, "remove the setting or correct the column").at(text.place);
        table.refuse(fault.name("wanted", cell.word()));
    }
    DateFormat::ISO
}

const DATE_FORMAT: Shape<DateFormat> = Shape {
    read: |text| DateFormat::parse(text.strip_prefix("date:")?),
    rule: "a date format is date: and YYYY, MM, DD in some order, with - / . or nothing between, and time behind it",
    next: "write for example format = \"date:MM/DD/YYYY\", or date:M/D/YYYY where months and days may have one digit",
};

fn pad(table: &Table<'_>, cell: Cell) -> bool {
    let asked = table.flag("pad", false);
    if asked && !matches!(cell, Cell::Ssn | Cell::Zip) {
        let rule = "only Social Security numbers and postal codes can have lost leading zeros";
        table.refuse(rules::MALFORMED.worded(rule, "remove the setting").at(table.place_of("pad")));
    }
    asked
}

fn separator(table: &Table<'_>, cell: Cell) -> char {
    let Some(text) = table.text("separator") else { return ';' };
    let mut chars = text.text.chars();
    match (chars.next(), chars.next()) {
        (Some(one), None) if matches!(cell, Cell::Keys) && !one.is_alphanumeric() => one,
        _ => {
            let rule = "a separator is one character that is no letter or digit, and only lists have one";
            table.refuse(rules::MALFORMED.worded(rule, "write for example separator = \";\"").at(text.place));
            ';'
        }
    }
}

fn values(table: &Table<'_>, cell: Cell) -> BTreeMap<String, String> {
    let read = |inner: &Table<'_>| Some(inner.pairs());
    let pairs = table.section("values", read).unwrap_or_default();
    let meant = |(written, word): (String, Text)| {
        let form = normal(&written);
        refuse_value(table, cell, &form, &word).then_some((form, word.text))
    };
    pairs.into_iter().filter_map(meant).collect()
}

/// True when the word is one the column may stand for.
fn refuse_value(table: &Table<'_>, cell: Cell, form: &str, word: &Text) -> bool {
    let known = match cell {
        Cell::Word(words) => words().contains(&word.text.as_str()),
        Cell::Plan => (PLAN_CODE.read)(&word.text).is_some(),
        _ => false,
    };
    let right = known && !form.is_empty();
    if !right {
        let rule = "a value must be one of the words this column can stand for";
        let mut fault = rules::MALFORMED.worded(rule, "use one of the words given").at(word.place.clone());
        if let Cell::Word(words) = cell {
            fault = fault.name("words", &words().join(" "));
        }
        table.refuse(fault);
    }
    right
}

fn refuse_shared_headers<F: Mapped>(table: &Table<'_>, columns: &Columns<F>) {
    let mut seen = BTreeMap::new();
    for (field, column) in columns {
        for header in &column.headers {
            // Compared in the form in which headers are found: two that differ in case or blanks only would take the
            // same cells.
            if seen.insert(header_form(header), field.word()).is_some_and(|other| other != field.word()) {
                let rule = "a header belongs to one column";
                let fault =
                    rules::CONTRADICTION.worded(rule, "remove it from one of the two").at(table.place_of(field.word()));
                table.refuse(fault.name("column", field.word()));
            }
        }
    }
}

/// A header in the form in which headers are compared: without case, spaces and punctuation, `{n}` kept.
pub fn header_form(header: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || "{}#".contains(*c);
    header.chars().filter(kept).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(format: &str, cell: &str) -> Option<String> {
        DateFormat::parse(format).unwrap().read(cell.as_bytes()).map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_in_the_one_declared_format_only() {
        assert_eq!(date("YYYY-MM-DD", "2026-03-02").as_deref(), Some("2026-03-02"));
        assert_eq!(date("MM/DD/YYYY", "03/02/2026").as_deref(), Some("2026-03-02"));
        assert_eq!(date("M/D/YYYY", "3/2/2026").as_deref(), Some("2026-03-02"));
        assert_eq!(date("MMDDYYYY", "03022026").as_deref(), Some("2026-03-02"));
        assert_eq!(date("DD.MM.YYYY", "02.03.2026").as_deref(), Some("2026-03-02"));
        for (format, cell) in [("MM/DD/YYYY", "3/2/2026"), ("MM/DD/YYYY", "02/30/2026"), ("YYYY-MM-DD", "85-01-01")] {
            assert_eq!(date(format, cell), None, "{cell}");
        }
    }

    #[test]
    fn formats_with_short_years_or_mixed_separators_are_refused() {
        for bad in [
            "YYYY-MM-DD  time",
            "YYYY-MM-DDtime",
            "time",
            "MM/DD/YY",
            "MM/DD-YYYY",
            "MDYYYY",
            "YYYY",
            "date",
            "MM DD YYYY",
        ] {
            assert!(DateFormat::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_time_behind_a_day_is_declared_and_midnight() {
        for cell in ["2026-03-02 00:00:00", "2026-03-02T00:00:00.000", "2026-03-02 12:00 am", "2026-03-02"] {
            assert_eq!(date("YYYY-MM-DD time", cell).as_deref(), Some("2026-03-02"), "{cell}");
        }
        assert_eq!(date("M/D/YYYY time", "3/2/2026 12:00:00 AM").as_deref(), Some("2026-03-02"));
        for cell in ["2026-03-02 22:00:00", "2026-03-02 00:00:00Z", "2026-03-02 ", "2026-03-02T"] {
            assert_eq!(date("YYYY-MM-DD time", cell), None, "{cell}");
        }
        assert_eq!(date("YYYY-MM-DD", "2026-03-02 00:00:00"), None);
    }

    #[test]
    fn headers_are_compared_without_case_spaces_and_punctuation() {
        assert_eq!(header_form(" Soc. Sec # "), header_form("soc sec #"));
        assert_eq!(header_form("Dep{n} First"), "DEP{N}FIRST");
    }
}
