//! Columns: which header a value stands under, and how its cells are written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::date::{DateFormat, DateFormats};
use super::document::{MentionKind, Shape, Table, Text};
use super::format::{FileForm, Format};
use super::making::{self, Making, RecipeCells};
use super::position::{CellPlace, Position, headers};
use super::rules;
use super::shapes::PLAN_CODE;
use super::synonyms::{Worded, YesNo, normal};
use crate::model::election::{LifeEvent, Tier};
use crate::model::person::{EmploymentStatus, EndReason, MaritalStatus, OverAge, Relationship, Sex};

/// What kind of value a column holds, which decides how its cells are read.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// Letters and digits as they stand in the cell.
    Text,
    /// A key: text without which a row belongs to nobody.
    Key,
    /// Whom a row of elections is about.
    Person,
    /// Whom an election covers: people, separated.
    Keys,
    /// A Social Security number.
    Ssn,
    /// A date; has [`DateFormats`].
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
    /// Whether a source's own word may be given this meaning.
    pub(super) fn can_mean(self, word: &str) -> bool {
        match self {
            Cell::Word(words) => words().contains(&word),
            Cell::Plan => (PLAN_CODE.read)(word).is_some(),
            _ => false,
        }
    }

    /// The word `format` may have for this kind of column.
    fn word(self) -> &'static str {
        match self {
            Cell::Text | Cell::Key | Cell::Person | Cell::Keys | Cell::Plan | Cell::Word(_) => "text",
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
pub(super) const OVER_AGE: Cell = Cell::Word(words_of::<Option<OverAge>>);
pub(super) const STATUS: Cell = Cell::Word(words_of::<EmploymentStatus>);
pub(super) const END_REASON: Cell = Cell::Word(words_of::<EndReason>);
pub(super) const TIER: Cell = Cell::Word(words_of::<Tier>);
pub(super) const EVENT: Cell = Cell::Word(words_of::<LifeEvent>);
pub(super) const YES_NO: Cell = Cell::Word(words_of::<YesNo>);

/// By what a cell of the elections names somebody of the family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum NamedBy {
    /// The key that the census gives the person.
    #[default]
    Key,
    /// The Social Security number.
    Ssn,
    /// First and last name, in either order, or the first name alone.
    Name,
}

const NAMED_BY: Shape<NamedBy> = Shape {
    read: |text| match text {
        "key" => Some(NamedBy::Key),
        "ssn" => Some(NamedBy::Ssn),
        "name" => Some(NamedBy::Name),
        _ => None,
    },
    rule: "people are named by key, ssn or name",
    next: "choose key where the cells hold the census's person keys, ssn for Social Security numbers, name for names",
};

/// How one value is found and written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Where its cells stand; nowhere of their own where the value is made.
    pub place: CellPlace,
    /// How the value is made, where it is not simply a cell.
    pub making: Option<Making<CellPlace>>,
    /// Whether a file without the column is refused. Default true: a mapped column that has gone is a changed file.
    pub required: bool,
    /// How dates are written. Default `YYYY-MM-DD`.
    pub date: DateFormats,
    /// Whether it holds an end: then a day in a far year is none.
    pub holds_end: bool,
    /// Whether lost leading zeros are put back (Social Security numbers of 7 or 8 digits, postal codes of 3 or 4).
    /// Default false. Every repair is counted.
    pub pad: bool,
    /// Whether an amount is in cents without a point, its sign over the last digit: `0002041{` is 204.10.
    pub overpunched: bool,
    /// Between the keys of a list. Default `;`.
    pub separator: char,
    /// By what cells name people. Default: their keys.
    pub by: NamedBy,
    /// Cells that mean that there is nothing, compared without case. Those of the whole format are among them.
    pub empty: Vec<String>,
    /// Days that mean that there is no end. Only of columns that hold an end.
    #[serde(serialize_with = "iso_days")]
    pub open_end: Vec<NaiveDate>,
    /// The source's own words: normal form to the word of the value.
    pub values: BTreeMap<String, String>,
    /// The table that says what further words mean.
    pub codes: Option<CodesNamed>,
}

/// A table of `mappings/codes/` that a column names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodesNamed {
    /// The name of its file.
    pub name: String,
    /// Which edition it is; none until the table was read.
    pub version: Option<String>,
}

fn iso_days<S: Serializer>(days: &[NaiveDate], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(days.iter().map(NaiveDate::to_string))
}

impl Column {
    /// Where the cells stand that the value is read from.
    pub fn places(&self) -> Vec<&CellPlace> {
        self.making.as_ref().map_or_else(|| vec![&self.place], Making::cells)
    }

    /// The header that an employer knows the value by.
    pub fn first_header(&self) -> Option<&String> {
        self.places().into_iter().find_map(|place| place.headers.first())
    }
}

/// Whether a cell is one of those that mean that there is nothing.
pub fn is_among(empty: &[String], cell: &[u8]) -> bool {
    empty.iter().any(|empty| empty.as_bytes().eq_ignore_ascii_case(cell))
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
    /// Whether a row without it cannot be told from somebody else's: what tells who a person is, and what is elected.
    fn is_grave(self) -> bool {
        GRAVE.contains(&self.word())
    }
    /// Whether its person can be told without it.
    fn is_dispensable(self) -> bool {
        DISPENSABLE.contains(&self.word())
    }
}

/// What a person can be told without: what cannot be read of it costs the value, and not the row.
const DISPENSABLE: [&str; 18] = [
    "middle_name",
    "suffix",
    "sex",
    "phone",
    "email",
    "marital_status",
    "over_age",
    "pay_class",
    "department",
    "location",
    "survivor_of",
    "end_reason",
    "cost",
    "event",
    "pcp_last",
    "pcp_first",
    "pcp_npi",
    "pcp_established",
];

const GRAVE: [&str; 10] = [
    "family_key",
    "person_key",
    "person_first_name",
    "person_birth_date",
    "relationship",
    "last_name",
    "first_name",
    "birth_date",
    "plan",
    "start",
];

/// Declares the values a mapping can give columns to.
macro_rules! mapped {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident, $word:literal, $cell:expr;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
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
    refuse_unmade(table, &columns);
    refuse_shared_headers(table, &columns);
    Some(columns)
}

/// Reads where a column stands that is no value of ours.
pub(super) fn read_place(table: &Table<'_>, format: &Format) -> Column {
    let position = Position::read(table);
    // Without a header line there is nothing that a header could be compared with.
    let by_name = position.is_none() && format.header_line > 0;
    let headers = if by_name || table.has("header") { headers(table, table.texts("header")) } else { Vec::new() };
    let column = Column::at(CellPlace { headers, position });
    if let Some((rule, next)) = misplaced(&column.place, format) {
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place()));
    }
    column
}

/// What is wrong with where a cell is said to stand, in a file of this form, and what to do about it.
fn misplaced(place: &CellPlace, format: &Format) -> Option<(&'static str, &'static str)> {
    let fixed = format.form == FileForm::FixedWidth;
    let rule = match place.position {
        Some(_) if format.form == FileForm::JsonLines => "fields of JSON objects are known by their names",
        None if fixed => "columns of fixed-width lines have a position and a width",
        Some(Position { width, .. }) if width.is_some() != fixed => {
            "columns of fixed-width lines, and no others, have a width"
        }
        None if format.header_line == 0 => "a file without a header line has its columns by position",
        Some(_) if !place.headers.is_empty() => "a column has a header or a position, not both",
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
        let place = CellPlace { headers: headers(table, table.texts(word)), position: None };
        return Some(Column { holds_end: ENDS.contains(&word), ..Column::at(place) });
    }
    table.section(word, |column| {
        let made = making::read(column);
        let place = if made.is_some() { CellPlace::default() } else { CellPlace::read(column) };
        let date = formats(column, cell);
        let overpunched =
            matches!(cell, Cell::Money) && column.texts("format").iter().any(|one| one.text == OVERPUNCHED);
        let (values, nothing) = values(column, cell);
        let empty = column.texts("empty").into_iter().map(|text| text.text.trim().to_string());
        let read = Column {
            required: column.flag("required", true),
            empty: empty.chain(nothing).collect(),
            open_end: open_end(column, word, &date),
            date,
            holds_end: ENDS.contains(&word),
            pad: pad(column, cell),
            overpunched,
            separator: separator(column, cell),
            by: named_by(column, cell),
            values,
            codes: codes(column, cell),
            ..Column::at(place)
        };
        Some(with_making(column, read, made.map(|making| Declared { word, cell, making })))
    })
}

/// How a column's value is made, and which column it is.
struct Declared {
    word: &'static str,
    cell: Cell,
    making: making::DeclaredMaking,
}

fn with_making(table: &Table<'_>, column: Column, declared: Option<Declared>) -> Column {
    let Some(Declared { word, cell, making }) = declared else { return column };
    making.stated.iter().for_each(|text| refuse_stated(table, &column, Stated { cell, text }));
    let making = making.making;
    let states = making.cases.is_empty() && making.says_something();
    if states && NEVER_STATED.contains(&word) {
        let rule = "what people are known by stands in the file, and not in the mapping";
        let next = "name the header it stands under; a default or a constant would be the same for everybody";
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place()).name("column", word));
    }
    Column { making: Some(making), ..column }
}

/// Columns whose value no mapping can know.
const NEVER_STATED: [&str; 9] = [
    "family_key",
    "person_key",
    "person_first_name",
    "person_birth_date",
    "last_name",
    "first_name",
    "ssn",
    "birth_date",
    "covered",
];

/// A value that a mapping states of a column of this kind.
struct Stated<'t> {
    cell: Cell,
    text: &'t Text,
}

/// What a mapping states is read as a cell would be, before any file is.
fn refuse_stated(table: &Table<'_>, column: &Column, stated: Stated<'_>) {
    let Stated { cell, text } = stated;
    let own = || column.values.contains_key(&normal(&text.text));
    let is_right = text.text.is_empty()
        || match cell {
            Cell::Word(words) => words().contains(&text.text.as_str()) || own(),
            Cell::Date => column.date.read(text.text.as_bytes()).is_some(),
            Cell::Plan => own() || (PLAN_CODE.read)(&text.text).is_some(),
            _ => true,
        };
    if is_right {
        return;
    }
    let rule = "a value that the mapping states must be one the column can hold";
    let fault = rules::MALFORMED.worded(rule, "use one of the words given, or write it in the column's format");
    let fault = fault.at(text.place.clone());
    table.refuse(if let Cell::Word(words) = cell { fault.name("words", &words().join(" ")) } else { fault });
}

impl Column {
    fn at(place: CellPlace) -> Column {
        Column {
            place,
            making: None,
            required: true,
            date: DateFormats::iso(),
            holds_end: false,
            pad: false,
            overpunched: false,
            separator: ';',
            by: NamedBy::Key,
            empty: Vec::new(),
            open_end: Vec::new(),
            values: BTreeMap::new(),
            codes: None,
        }
    }
}

/// The format of amounts with their sign over the last digit.
const OVERPUNCHED: &str = "overpunched";

/// The columns that hold an end.
const ENDS: [&str; 2] = ["employment_end", "end"];

fn open_end(table: &Table<'_>, word: &str, date: &DateFormats) -> Vec<NaiveDate> {
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
        let Some((rule, next)) = column.places().into_iter().find_map(|place| misplaced(place, format)) else {
            continue;
        };
        let fault = rules::CONTRADICTION.worded(rule, next).at(table.place_of(field.word()));
        table.refuse(fault.name("column", field.word()));
    }
}

/// Holds what columns are made of against the columns there are.
fn refuse_unmade<F: Mapped>(table: &Table<'_>, columns: &Columns<F>) {
    let has_relationship = columns.keys().any(|field| field.word() == "relationship");
    for (field, column) in columns {
        let Some(making) = &column.making else { continue };
        let is_relationship = field.word() == "relationship";
        let lacks_person = making.asks_person() && (is_relationship || !has_relationship);
        let lacks_cells = making
            .recipes()
            .any(|recipe| recipe.cells.places().is_empty() && !matches!(recipe.cells, RecipeCells::Constant(_)));
        let rule = if lacks_person {
            "whose row it is, is known by the relationship, which stands in a column and asks nobody"
        } else if lacks_cells {
            "what is made of cells has at least one"
        } else {
            continue;
        };
        let fault = rules::CONTRADICTION.worded(rule, "name a cell by its header, or map relationship");
        table.refuse(fault.at(table.place_of(field.word())).name("column", field.word()));
    }
}

/// The ways in which the cells of a column are written.
fn formats(table: &Table<'_>, cell: Cell) -> DateFormats {
    let pivot = table.maybe_whole("pivot", 0..=99);
    let texts = table.texts("format");
    if matches!(cell, Cell::Date) {
        let read = |text: Text| date_format(table, &text, pivot);
        return DateFormats::any_of(texts.into_iter().filter_map(read).collect());
    }
    let is_right = |text: &Text| text.text == cell.word() || (text.text == OVERPUNCHED && matches!(cell, Cell::Money));
    for text in texts.into_iter().filter(|text| !is_right(text)) {
        let rule = "a column's format must be that of the value it fills";
        let fault = rules::MALFORMED.worded(rule, "remove the setting or correct the column").at(text.place);
        table.refuse(fault.name("wanted", cell.word()));
    }
    DateFormats::iso()
}

fn date_format(table: &Table<'_>, text: &Text, pivot: Option<u32>) -> Option<DateFormat> {
    let form = text.text.strip_prefix("date:");
    let read = form.and_then(|form| DateFormat::parse(form, pivot));
    let lacks_pivot = form.is_some_and(|form| read.is_none() && DateFormat::parse(form, Some(0)).is_some());
    if lacks_pivot {
        let rule = "years of two digits are read by a pivot: below it they are 20.., from it on 19..";
        let next = "write for example pivot = 30 beside the format: 29 is 2029 and 30 is 1930";
        table.refuse(rules::MALFORMED.worded(rule, next).at(text.place.clone()));
    } else if read.is_none() {
        let rule = "a date format is date: and YYYY or YY, MM or M or MMM, DD or D in some order, with - / . or nothing \
                    between, and time behind it; or date:serial";
        let next =
            "write for example format = \"date:MM/DD/YYYY\", or date:M/D/YYYY where months and days may have one digit";
        table.refuse(rules::MALFORMED.worded(rule, next).at(text.place.clone()));
    }
    read
}

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

fn named_by(table: &Table<'_>, cell: Cell) -> NamedBy {
    if !table.has("by") {
        return NamedBy::Key;
    }
    if !matches!(cell, Cell::Person | Cell::Keys) {
        let rule = "only the person of a row of elections, and the covered, are named by something";
        table.refuse(rules::MALFORMED.worded(rule, "remove the setting").at(table.place_of("by")));
    }
    table.need("by", &NAMED_BY).unwrap_or_default()
}

/// The table of codes that a column names; only columns of words and plans have one.
fn codes(table: &Table<'_>, cell: Cell) -> Option<CodesNamed> {
    let text = table.text("codes")?;
    if !matches!(cell, Cell::Word(_) | Cell::Plan) {
        let rule = "only columns that stand for words or plans have a table of codes";
        table.refuse(rules::MALFORMED.worded(rule, "remove the setting").at(text.place.clone()));
    }
    table.mention(MentionKind::Codes, &text);
    Some(CodesNamed { name: text.text, version: None })
}

/// What the source's own words mean, by their normal form; and those that mean that there is nothing, as written.
fn values(table: &Table<'_>, cell: Cell) -> (BTreeMap<String, String>, Vec<String>) {
    let read = |inner: &Table<'_>| Some(inner.pairs());
    let pairs = table.section("values", read).unwrap_or_default();
    let (nothing, meaning): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(_, word)| word.text.is_empty());
    let meant = |(written, word): (String, Text)| {
        let form = normal(&written);
        refuse_value(table, cell, &form, &word).then_some((form, word.text))
    };
    let nothing = nothing.into_iter().map(|(written, _)| written.trim().to_string()).collect();
    (meaning.into_iter().filter_map(meant).collect(), nothing)
}

/// True when the word is one the column may stand for.
fn refuse_value(table: &Table<'_>, cell: Cell, form: &str, word: &Text) -> bool {
    let right = cell.can_mean(&word.text) && !form.is_empty();
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

/// Two columns that are simply the same cell are a slip of the hand. Where one of them makes something of it, it was
/// meant.
fn refuse_shared_headers<F: Mapped>(table: &Table<'_>, columns: &Columns<F>) {
    let mut seen = BTreeMap::new();
    for (field, column) in columns.iter().filter(|(_, column)| column.making.is_none()) {
        for header in &column.place.headers {
            // Compared in the form in which headers are found: two that differ in case or blanks only would take the
            // same cells.
            if seen.insert(header_form(header), field.word()).is_some_and(|other| other != field.word()) {
                let rule = "a header belongs to one column, unless one of the two makes something of it";
                let next = "remove it from one of the two, or say take = [\"whole\"] in one";
                let fault = rules::CONTRADICTION.worded(rule, next).at(table.place_of(field.word()));
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

    #[test]
    fn headers_are_compared_without_case_spaces_and_punctuation() {
        assert_eq!(header_form(" Soc. Sec # "), header_form("soc sec #"));
        assert_eq!(header_form("Dep{n} First"), "DEP{N}FIRST");
    }
}
