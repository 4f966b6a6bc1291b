//! Single cells: text to a value or the rule it breaks. Nothing is guessed, cut or repaired without being counted.

use std::borrow::Cow;
use std::marker::PhantomData;

use chrono::{Datelike as _, NaiveDate};
use x12::identifier::is_state;

use super::keys::key_hash;
use super::log::Log;
use super::rules;
use crate::fault::{Fault, Rule, Severity};
use crate::mapping::column::{Cell, Column, Columns, Mapped, is_among};
use crate::mapping::date::{DateFormat, is_beginning, is_no_date, is_no_end, is_written_no_end};
use crate::mapping::making::Making;
use crate::mapping::synonyms::{Worded, Words};
use crate::model::identifier::{Npi, Postal, Ssn, stands_for_no_ssn};
use crate::model::money::Cents;
use crate::rows::{self, CellKind, Record, label};

type BrokenRule = &'static Rule;

/// Reads a number that may have lost leading zeros; says whether they were put back.
type Padded = fn(&[u8], bool) -> Result<(String, bool), BrokenRule>;

/// Where the values of one kind of row stand, and how they are written; by ordinal of the value.
pub(super) struct Lookup<'m, F> {
    at: Vec<Option<usize>>,
    columns: Vec<Option<&'m Column>>,
    /// Whether any column has cells that mean nothing.
    has_empty: bool,
    /// The dependent these columns belong to, from 1; 0 for the row's own person.
    pub number: u32,
    of: PhantomData<F>,
}

impl<'m, F: Mapped> Lookup<'m, F> {
    /// `at` are the cells of the mapped columns, in the order of `columns`.
    pub fn new(columns: &'m Columns<F>, at: &[Option<usize>], number: u32) -> Lookup<'m, F> {
        let has_empty = columns.values().any(|column| !column.empty.is_empty());
        let (cells, none) = (vec![None; F::ALL.len()], vec![None; F::ALL.len()]);
        let mut lookup = Lookup { at: cells, columns: none, has_empty, number, of: PhantomData };
        for ((field, column), at) in columns.iter().zip(at) {
            lookup.at[field.ordinal()] = *at;
            lookup.columns[field.ordinal()] = Some(column);
        }
        lookup
    }

    /// The cell of a value, without surrounding blanks; empty where there is none.
    pub fn raw<'r>(&self, record: &'r Record, field: F) -> &'r [u8] {
        let cell = record.cell(self.at[field.ordinal()]);
        // Nearly every cell leaves here, by what it begins with.
        let is_sign = match cell.first() {
            Some(b'0' | b'-' | b'/' | b'.' | b'_') => is_zero_date(field, cell),
            Some(b'N' | b'(' | b'<') => is_null(field, cell),
            _ => false,
        };
        let is_nothing = is_sign || (self.has_empty && self.means_nothing(field, cell));
        if is_nothing { b"" } else { cell }
    }

    fn means_nothing(&self, field: F, cell: &[u8]) -> bool {
        self.columns[field.ordinal()].is_some_and(|column| is_among(&column.empty, cell))
    }

    pub fn kind(&self, record: &Record, field: F) -> CellKind {
        record.kind(self.at[field.ordinal()])
    }

    /// Whether none of the values is given. What the mapping states is there in every row, and says nothing.
    pub fn is_blank(&self, record: &Record) -> bool {
        let is_given = |field: &&F| {
            let making = self.columns[field.ordinal()].and_then(|column| column.making.as_ref());
            !making.is_some_and(Making::says_something) && !self.raw(record, **field).is_empty()
        };
        !F::ALL.iter().any(|field| is_given(&field))
    }
}

/// Whether a date's cell holds zeros only, which no calendar has, or nothing but a form's signs.
fn is_zero_date<F: Mapped>(field: F, cell: &[u8]) -> bool {
    matches!(field.cell(), Cell::Date) && is_no_date(cell)
}

/// Whether a cell says that a database had nothing there. Of a name it says nothing: there are people called Null.
fn is_null<F: Mapped>(field: F, cell: &[u8]) -> bool {
    (cell == b"NULL" || cell == b"(null)" || cell == b"<NULL>") && !field.word().ends_with("name")
}

/// The column by which rows are attributed to families.
pub(super) struct KeyColumn<'l, 'm, F> {
    pub lookup: &'l Lookup<'m, F>,
    pub field: F,
    /// Cells of the header: a row of another length may have its values in the wrong places.
    pub width: usize,
}

/// Whose row it is.
pub(super) struct RowKey {
    pub family: String,
    /// The row has not as many cells as the header: nothing else in it can be trusted to stand where it should.
    pub is_shifted: bool,
}

impl<F: Mapped> KeyColumn<'_, '_, F> {
    /// The row's family; `None`, with the row counted as bad, when that cannot be told. A row that is shifted is noted
    /// here, and counted by whoever takes it.
    pub fn read(&self, record: &Record, log: &mut Log) -> Result<Option<RowKey>, Fault> {
        let raw = self.lookup.raw(record, self.field);
        log.family = if raw.is_empty() { 0 } else { key_hash(raw) };
        let is_shifted = record.len() != self.width;
        let read = match raw {
            _ if self.lookup.kind(record, self.field) == CellKind::Lost => Err(&rules::LOST),
            [] => Err(&rules::BLANK),
            raw if is_rounded(raw) => Err(&rules::LOST),
            raw if is_nobodys(raw) => Err(&rules::PLACEHOLDER),
            raw => text(raw, KEY_LONGEST),
        };
        let (rule, column) = match read {
            Ok(key) if !is_shifted => return Ok(Some(RowKey { family: key.into_owned(), is_shifted })),
            Err(rule) if !is_shifted => (rule, Some(self.field.word())),
            _ => (&rows::rules::RAGGED, None),
        };
        log.note(rule, record.line, column);
        log.is_grave();
        match read.ok().filter(|_| self.is_before_any_shift(record)) {
            Some(key) => Ok(Some(RowKey { family: key.into_owned(), is_shifted })),
            None => {
                log.unattributed(record);
                log.bad_row().map(|()| None)
            }
        }
    }

    /// Whether the key of a row with too many or too few cells is its key all the same: nothing stands before it that
    /// could have shifted it, and something stands behind it.
    fn is_before_any_shift(&self, record: &Record) -> bool {
        let first = self.lookup.at[self.field.ordinal()] == Some(0);
        first && record.cells().filter(|cell| !cell.is_empty()).nth(1).is_some()
    }
}

/// Whether a number was made short by a spreadsheet, `1.00E+05`: it may be anybody's.
fn is_rounded(cell: &[u8]) -> bool {
    let (number, power) = cell.split_at(cell.iter().position(|byte| *byte == b'+').unwrap_or(cell.len()));
    let of_digits = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    let number = number.strip_suffix(b"E").or_else(|| number.strip_suffix(b"e"));
    number.is_some_and(|number| number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'))
        && power.strip_prefix(b"+").is_some_and(of_digits)
}

/// Whether a key is what is typed where none is known yet: of two new employees, both would have it.
fn is_nobodys(cell: &[u8]) -> bool {
    const WORDS: [&[u8]; 9] =
        [b"N/A", b"TBD", b"TBA", b"NEW", b"NONE", b"UNKNOWN", b"PENDING", b"NEW HIRE", b"NOT ASSIGNED"];
    let is_word = || WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word));
    // Nearly every key leaves here, by its first sign or its last.
    let has_digit = [cell.first(), cell.last()].into_iter().flatten().any(u8::is_ascii_digit);
    !has_digit && (is_word() || cell.iter().all(u8::is_ascii_punctuation))
}

/// Whether a text is what a spreadsheet shows in place of a value, or a formula that it has not worked out.
fn is_spreadsheets(text: &str) -> bool {
    const ERRORS: [&str; 9] = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"];
    match text.as_bytes().first() {
        Some(b'#') => ERRORS.contains(&text) || (text.len() > 2 && text.bytes().all(|byte| byte == b'#')),
        Some(b'=') => true,
        _ => false,
    }
}

/// Longest key, in characters: what REF02 holds.
pub(super) const KEY_LONGEST: usize = 50;

/// The cells of one row, read one by one. Remembers whether one of them was bad.
pub(super) struct Cells<'a, 'm, F> {
    pub record: &'a Record,
    pub lookup: &'a Lookup<'m, F>,
    pub log: &'a mut Log,
    pub bad: bool,
}

impl<'a, F: Mapped> Cells<'a, '_, F> {
    pub fn raw(&self, field: F) -> &'a [u8] {
        self.lookup.raw(self.record, field)
    }

    /// Notes a broken rule at a column.
    pub fn fail(&mut self, rule: &Rule, field: F) {
        let column = label(field.word(), self.lookup.number);
        if self.log.note(rule, self.record.line, Some(&column)) {
            self.bad = true;
            field.is_grave().then(|| self.log.is_grave());
        }
    }

    /// Refuses cells whose text nobody can tell any more, but for those that are read by [`Cells::optional`].
    pub fn refuse_lost(&mut self) {
        if !self.record.has_kinds() {
            return;
        }
        for field in F::ALL {
            match self.lookup.kind(self.record, *field) {
                CellKind::Torn => self.fail(&rules::DIFFERS, *field),
                CellKind::Unforeseen => self.fail(&rules::NO_CASE, *field),
                _ if self.is_lost(*field) && !field.is_dispensable() => self.fail(&rules::LOST, *field),
                CellKind::Lost | CellKind::Day | CellKind::Text => {}
            }
        }
    }

    /// Whether nobody can tell any more what was typed. A day is one only where its column holds dates: a text that a
    /// spreadsheet made into a day is lost.
    fn is_lost(&self, field: F) -> bool {
        match self.lookup.kind(self.record, field) {
            CellKind::Lost => true,
            CellKind::Day => !matches!(field.cell(), Cell::Date),
            _ => false,
        }
    }

    /// Reads an optional value: what cannot be read costs the value, and is told, but not the person.
    pub fn optional<T>(&mut self, field: F, read: impl FnOnce(&[u8]) -> Result<T, BrokenRule>) -> Option<T> {
        if self.is_lost(field) {
            self.leave_out(field, &rules::LOST);
            return None;
        }
        let raw = self.raw(field);
        if raw.is_empty() {
            return None;
        }
        match read(raw) {
            Ok(value) => Some(value),
            Err(rule) if rule.severity < Severity::Error => self.keep(field, Err(rule)),
            Err(rule) => {
                self.leave_out(field, rule);
                None
            }
        }
    }

    fn leave_out(&mut self, field: F, rule: &Rule) {
        let column = label(field.word(), self.lookup.number);
        let place = self.log.place(self.record.line, Some(&column));
        self.log.ask(rule, self.record.line, Some(&column));
        self.log.add(rules::LEFT_OUT.at(place).name("because of", rule.code));
    }

    /// A text a person can do without.
    pub fn optional_text(&mut self, field: F, longest: usize) -> Option<String> {
        self.optional(field, |raw| text(raw, longest).map(Cow::into_owned))
    }

    /// One of a closed list, which a person can do without.
    pub fn optional_word<T: Worded>(&mut self, field: F, words: &Words<T>) -> Option<T> {
        self.optional(field, |raw| word(raw, words))
    }

    fn keep<T>(&mut self, field: F, read: Result<T, BrokenRule>) -> Option<T> {
        read.map_err(|rule| self.fail(rule, field)).ok()
    }

    pub fn text(&mut self, field: F, longest: usize) -> String {
        self.text_of(field, self.raw(field), longest)
    }

    fn text_of(&mut self, field: F, raw: &[u8], longest: usize) -> String {
        let read = text(raw, longest).map(Cow::into_owned);
        self.keep(field, read).unwrap_or_default()
    }

    /// The same of a line of an address.
    pub fn street(&mut self, field: F, longest: usize) -> String {
        self.text_of(field, &one_line(self.raw(field)), longest)
    }

    /// A text whose absence is noted as a fault of its row.
    pub fn need_text(&mut self, field: F, longest: usize) -> String {
        let raw = self.raw(field);
        if raw.is_empty() {
            self.fail(&rules::BLANK, field);
            return String::new();
        }
        self.text_of(field, raw, longest)
    }

    /// The same of a name, in which there are letters.
    pub fn need_name(&mut self, field: F, longest: usize) -> String {
        let name = self.need_text(field, longest);
        let is_one = name.chars().any(char::is_alphabetic) && !name.eq_ignore_ascii_case("n/a");
        if !name.is_empty() && !is_one {
            self.fail(&rules::PLACEHOLDER, field);
        }
        name
    }

    pub fn date(&mut self, field: F) -> Option<NaiveDate> {
        let raw = self.raw(field);
        let column = self.lookup.columns[field.ordinal()].filter(|_| !raw.is_empty())?;
        let is_day = self.lookup.kind(self.record, field) == CellKind::Day;
        let read = if is_day { DateFormat::iso().read(raw) } else { column.date.read(raw) };
        // Read as a date, 12/31/9999 and its like would be told to the carrier as a last day.
        if read.is_some_and(|date| column.open_end.contains(&date)) {
            return None;
        }
        if read.is_some_and(is_beginning) {
            self.log.tally(&rules::NO_DATE, self.record.line);
            return None;
        }
        if column.holds_end && read.map_or_else(|| is_written_no_end(raw), is_no_end) {
            self.log.tally(&rules::NO_END, self.record.line);
            return None;
        }
        self.keep(field, read.ok_or(&rules::DATE_FORM).and_then(in_range))
    }

    pub fn ssn(&mut self, field: F) -> Option<String> {
        if stands_for_no_ssn(self.raw(field)) {
            self.log.tally(&rules::STAND_IN, self.record.line);
            return None;
        }
        self.padded(field, ssn)
    }

    pub fn zip(&mut self, field: F) -> Option<String> {
        self.padded(field, zip)
    }

    fn padded(&mut self, field: F, read: Padded) -> Option<String> {
        let raw = self.raw(field);
        let column = self.lookup.columns[field.ordinal()].filter(|_| !raw.is_empty())?;
        let (value, repaired) = self.keep(field, read(raw, column.pad))?;
        if repaired {
            self.log.tally(&rules::ZEROS_RESTORED, self.record.line);
        }
        Some(value)
    }

    pub fn read<T>(&mut self, field: F, read: fn(&[u8]) -> Result<T, BrokenRule>) -> Option<T> {
        let raw = self.raw(field);
        if raw.is_empty() {
            return None;
        }
        self.keep(field, read(raw))
    }

    pub fn word<T: Worded>(&mut self, field: F, words: &Words<T>) -> Option<T> {
        let raw = self.raw(field);
        if raw.is_empty() {
            return None;
        }
        self.keep(field, word(raw, words))
    }
}

fn word<T: Worded>(raw: &[u8], words: &Words<T>) -> Result<T, BrokenRule> {
    std::str::from_utf8(raw).ok().and_then(|text| words.find(text)).ok_or(&rules::WORD)
}

/// A byte that is no printed sign of ASCII.
const UNPLAIN: u8 = 1;
/// A sign by which damaged text may be known.
const TELLING: u8 = 2;

/// What each byte of a text says of it.
const SIGNS: [u8; 256] = {
    let mut signs = [UNPLAIN; 256];
    let mut byte = 0x20;
    while byte < 0x7F {
        let is_telling = matches!(byte as u8, b'?' | b'&' | b'#' | b'=');
        signs[byte] = if is_telling { TELLING } else { 0 };
        byte += 1;
    }
    signs
};

/// Text without anything that cannot be seen. Blanks other than the space become spaces.
pub(super) fn text(raw: &[u8], longest: usize) -> Result<Cow<'_, str>, BrokenRule> {
    let text = std::str::from_utf8(raw).map_err(|_| &rows::rules::ENCODING)?;
    let signs = raw.iter().fold(0, |signs, byte| signs | SIGNS[usize::from(*byte)]);
    if signs & UNPLAIN == 0 {
        // Nearly every cell is plain ASCII: little of what follows can apply, and nothing is copied.
        if signs & TELLING != 0 {
            judge_signs(text)?;
        }
        return if raw.len() > longest { Err(&rules::LONG_CELL) } else { Ok(Cow::Borrowed(text)) };
    }
    let text = composed(text.trim());
    if text.chars().any(is_unfit) {
        return Err(&rules::INVISIBLE);
    }
    if is_mojibake(&text) {
        return Err(&rules::MOJIBAKE);
    }
    judge_signs(&text)?;
    if text.chars().count() > longest {
        return Err(&rules::LONG_CELL);
    }
    Ok(Cow::Owned(text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect()))
}

/// Looks whether signs that tell of damage do so here.
fn judge_signs(text: &str) -> Result<(), BrokenRule> {
    match text {
        text if is_spreadsheets(text) => Err(&rules::LOST),
        text if is_damaged(text) => Err(&rules::MOJIBAKE),
        _ => Ok(()),
    }
}

/// An address of which the lines stand behind each other: it is often typed on two lines of one cell. Where much of
/// what stands between cells is in it, a lost quote may have swallowed rows, and it stays as it is.
fn one_line(raw: &[u8]) -> Cow<'_, [u8]> {
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let signs = || raw.iter().filter(|byte| matches!(byte, b',' | b';' | b'|' | b'\t' | b'"')).count();
    if !raw.iter().any(is_break) || signs() > 2 {
        return Cow::Borrowed(raw);
    }
    let lines = raw.split(is_break).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    Cow::Owned(lines.collect::<Vec<_>>().join(&b' '))
}

/// Letters followed by the accents that may stand above or below them in Latin scripts, and the one character that is
/// both. The first of a row is the accent; pairs of plain and accented letters follow.
const COMPOSED: [(char, &str); 12] = [
    ('\u{300}', "AÀEÈIÌOÒUÙaàeèiìoòuùNǸnǹ"),
    ('\u{301}', "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzź"),
    ('\u{302}', "AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷ"),
    ('\u{303}', "AÃNÑOÕaãnñoõIĨiĩUŨuũ"),
    ('\u{304}', "AĀaāEĒeēIĪiīOŌoōUŪuū"),
    ('\u{306}', "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭ"),
    ('\u{307}', "CĊcċEĖeėGĠgġIİZŻzż"),
    ('\u{308}', "AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸ"),
    ('\u{30A}', "AÅaåUŮuů"),
    ('\u{30B}', "OŐoőUŰuű"),
    ('\u{30C}', "CČcčDĎdďEĚeěNŇnňRŘrřSŠsšTŤtťZŽzž"),
    ('\u{327}', "CÇcçGĢKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţ"),
];

/// Text in which an accent that stands behind its letter as a character of its own, as some systems write it, is one
/// with it: the same name is the same text, and can be written where only one form has a place.
fn composed(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| ('\u{300}'..='\u{328}').contains(&c)) {
        return Cow::Borrowed(text);
    }
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        let with = made.chars().next_back().and_then(|before| composed_of(before, c));
        if let Some(one) = with {
            made.pop();
            made.push(one);
        } else {
            made.push(c);
        }
    }
    Cow::Owned(made)
}

fn composed_of(letter: char, accent: char) -> Option<char> {
    let (_, pairs) = COMPOSED.iter().find(|(mark, _)| *mark == accent)?;
    let mut pairs = pairs.chars();
    while let (Some(plain), Some(accented)) = (pairs.next(), pairs.next()) {
        if plain == letter {
            return Some(accented);
        }
    }
    None
}

/// Characters that hide, reorder or control: no name or street has them.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFD}')
        || matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..)
}

/// Text in which a letter became a question mark, because an encoding did not have it, or `&ntilde;`, because it was
/// made for a web page.
fn is_damaged(text: &str) -> bool {
    let mut before = ['\0'; 2];
    let lost = text.chars().any(|c| {
        let lost = before[0].is_alphabetic() && before[1] == '?' && c.is_lowercase();
        before = [before[1], c];
        lost
    });
    lost || text.split('&').skip(1).any(|rest| rest.split_once(';').is_some_and(|(name, _)| is_reference(name)))
}

/// What stands between `&` and `;` where one letter is meant.
fn is_reference(name: &str) -> bool {
    let number = name.strip_prefix('#').map(|number| number.trim_start_matches(['x', 'X']));
    let named = (2..=8).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    named || number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What the accented letters of DOS become when they are read as Windows-1252, and names do not have.
const LETTERS_OF_DOS: &str = "‚ƒ„†‡ˆ‰‹›˜¡¢£¤¥";

/// UTF-8 that was once read as Windows-1252: `Ã` or `Â` before what was a continuation byte. Read as what old computers
/// had, it has signs of mathematics and of boxes in it; what they wrote, read as Windows-1252, has other signs at its
/// letters.
fn is_mojibake(text: &str) -> bool {
    let mut before = ' ';
    let mut letter_before = ' ';
    let of_dos = text.chars().any(|c| {
        let at_letter = letter_before.is_ascii_alphabetic() && LETTERS_OF_DOS.contains(c);
        let at_letter = at_letter || (LETTERS_OF_DOS.contains(letter_before) && c.is_ascii_lowercase());
        letter_before = c;
        at_letter
    });
    if of_dos {
        return true;
    }
    text.chars().any(|c| {
        // These two lead the UTF-8 of nearly every accented letter of Western names. Told to a carrier as it stands,
        // the name would match nobody.
        let bad = matches!(before, 'Ã' | 'Â') && matches!(c, '\u{80}'..='\u{BF}' | '€' | '‚' | '™' | '“' | '”');
        before = c;
        bad || matches!(c, '\u{2200}'..='\u{22FF}' | '\u{2500}'..='\u{25FF}')
    })
}

fn in_range(date: NaiveDate) -> Result<NaiveDate, BrokenRule> {
    // Year 0024 or 20204 is a slip of the hand.
    if (1900..=2100).contains(&date.year()) { Ok(date) } else { Err(&rules::DATE_RANGE) }
}

/// The digits of a cell, if there is nothing else in it but these separators; at most `N`.
fn digits<const N: usize>(raw: &[u8], separators: &[u8]) -> Option<([u8; N], usize)> {
    let (mut found, mut count) = ([b'0'; N], 0);
    for byte in raw.iter().filter(|byte| !separators.contains(byte)) {
        *found.get_mut(count)? = Some(*byte).filter(u8::is_ascii_digit)?;
        count += 1;
    }
    Some((found, count))
}

fn string(digits: &[u8]) -> String {
    std::str::from_utf8(digits).unwrap_or_default().to_string()
}

/// Nine digits, with or without the usual dashes or blanks. With `pad`, seven or eight digits get their zeros back.
pub(super) fn ssn(raw: &[u8], pad: bool) -> Result<(String, bool), BrokenRule> {
    let raw = raw.strip_prefix(b"'").unwrap_or(raw);
    let shaped = raw.len() == 11 && [raw[3], raw[6]].iter().all(|byte| b"- ".contains(byte));
    let (found, count) = digits::<9>(raw, if shaped { b"- " } else { b"" }).ok_or(&rules::SSN_FORM)?;
    let number = match count {
        9 => found,
        7 | 8 if pad => {
            let mut padded = [b'0'; 9];
            padded[9 - count..].copy_from_slice(&found[..count]);
            padded
        }
        _ => return Err(&rules::SSN_FORM),
    };
    let issuable = Ssn::new(string(&number)).ok_or(&rules::SSN_IMPOSSIBLE)?;
    Ok((issuable.into_digits(), count < 9))
}

/// Five or nine digits. With `pad`, three, four or eight digits get their zero back.
pub(super) fn zip(raw: &[u8], pad: bool) -> Result<(String, bool), BrokenRule> {
    let raw = raw.strip_prefix(b"'").unwrap_or(raw);
    let dashed = raw.iter().rev().nth(4) == Some(&b'-');
    let (found, count) = digits::<9>(raw, if dashed { b"-" } else { b"" }).ok_or(&rules::ZIP_FORM)?;
    let length = match (count, pad) {
        (5, _) if !dashed => 5,
        (9, _) => 9,
        // New England and Puerto Rico begin with zeros, which spreadsheets drop: 501 is Holtsville, 00501.
        (3 | 4, true) if !dashed => 5,
        (8, true) => 9,
        _ => return Err(&rules::ZIP_FORM),
    };
    let mut number = [b'0'; 9];
    number[length - count..length].copy_from_slice(&found[..count]);
    let place = Postal::new(string(&number[..length])).ok_or(&rules::ZIP_FORM)?;
    Ok((place.into_digits(), count < length))
}

/// A state, territory or military post by its two letters.
pub(super) fn state(raw: &[u8]) -> Result<String, BrokenRule> {
    let [first, second] = *raw else { return Err(&rules::STATE) };
    let code = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
    if is_state(&code) { Ok(string(&code)) } else { Err(&rules::STATE) }
}

/// Ten digits, in any of the usual punctuation, with or without a leading country code.
pub(super) fn phone(raw: &[u8]) -> Result<String, BrokenRule> {
    let (found, count) = digits::<11>(raw, b" ()-.+/").ok_or(&rules::PHONE)?;
    let number = match (count, found[0]) {
        (10, _) => &found[..10],
        (11, b'1') => &found[1..],
        _ => return Err(&rules::PHONE),
    };
    // Neither area code nor exchange begins with 0 or 1 in the North American plan: such a number is a placeholder.
    if number[0] < b'2' || number[3] < b'2' { Err(&rules::PHONE) } else { Ok(string(number)) }
}

/// An amount of money.
pub(super) fn money(raw: &[u8]) -> Result<Cents, BrokenRule> {
    std::str::from_utf8(raw).ok().and_then(Cents::parse).ok_or(&rules::AMOUNT)
}

/// An amount in cents whose last digit bears its sign, as mainframes write it: `{` and A to I are 0 to 9, `}` and J to
/// R the same below zero.
pub(super) fn overpunched(raw: &[u8]) -> Result<Cents, BrokenRule> {
    let (last, digits) = raw.split_last().ok_or(&rules::AMOUNT)?;
    let (digit, sign) = match last {
        b'0'..=b'9' => (last - b'0', ""),
        b'{' => (0, ""),
        b'A'..=b'I' => (last - b'A' + 1, ""),
        b'}' => (0, "-"),
        b'J'..=b'R' => (last - b'J' + 1, "-"),
        _ => return Err(&rules::AMOUNT),
    };
    if digits.len() > 14 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(&rules::AMOUNT);
    }
    let all = format!("{:0>3}{digit}", string(digits));
    let (whole, cents) = all.split_at(all.len() - 2);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Cents::parse(&format!("{sign}{whole}.{cents}")).ok_or(&rules::AMOUNT)
}

/// A national provider identifier, written in digits alone.
pub(super) fn npi(raw: &[u8]) -> Result<String, BrokenRule> {
    std::str::from_utf8(raw).ok().map(str::to_string).and_then(Npi::new).map(Npi::into_digits).ok_or(&rules::NPI)
}

#[cfg(test)]
mod tests {
    use super::*;
    use x12::identifier;

    #[test]
    fn social_security_numbers_are_read_in_their_usual_shapes_only() {
        for cell in ["123-45-6780", "123 45 6780", "123456780", "'123456780"] {
            assert_eq!(ssn(cell.as_bytes(), false), Ok(("123456780".into(), false)), "{cell}");
        }
        for cell in ["12345678", "1.23E+08", "***-**-6780", "12-345-6780", "1234567800", "123-456780"] {
            assert_eq!(ssn(cell.as_bytes(), false).map_err(|rule| rule.code), Err("CEN026"), "{cell}");
        }
    }

    #[test]
    fn numbers_that_cannot_have_been_issued_are_refused() {
        for cell in ["000123456", "666123456", "912345678", "123006789", "123450000", "111111111", "078051120"] {
            assert_eq!(ssn(cell.as_bytes(), true).map_err(|rule| rule.code), Err("CEN027"), "{cell}");
        }
    }

    #[test]
    fn leading_zeros_come_back_only_when_the_column_says_so() {
        assert_eq!(ssn(b"12345678", true), Ok(("012345678".into(), true)));
        assert_eq!((zip(b"2139", true), zip(b"2139", false)), (Ok(("02139".into(), true)), Err(&rules::ZIP_FORM)));
        assert_eq!(zip(b"02139-4307", false), Ok(("021394307".into(), false)));
        assert_eq!(zip(b"2139-4307", true), Ok(("021394307".into(), true)));
        for cell in ["2139.0", "K1A 0B1", "123456", "00000", "021-39"] {
            assert!(zip(cell.as_bytes(), true).is_err(), "{cell}");
        }
    }

    #[test]
    fn telephone_numbers_lose_their_punctuation() {
        for cell in ["(312) 555-0101", "312.555.0101", "+1 312 555 0101", "3125550101"] {
            assert_eq!(phone(cell.as_bytes()).as_deref(), Ok("3125550101"), "{cell}");
        }
        assert!(phone(b"555-0101").is_err() && phone(b"1125550101").is_err() && phone(b"312555010x").is_err());
    }

    #[test]
    fn an_overpunched_amount_bears_its_sign_on_its_last_digit() {
        for (raw, amount) in
            [("0002041{", "204.10"), ("20415", "204.15"), ("1B", "0.12"), ("}", "0.00"), ("0010J", "-1.01")]
        {
            assert_eq!(overpunched(raw.as_bytes()), Ok(Cents::parse(amount).unwrap()), "{raw}");
        }
        for raw in ["", "204.10", "2041Z", "20 4{"] {
            assert!(overpunched(raw.as_bytes()).is_err(), "{raw}");
        }
    }

    #[test]
    fn a_provider_identifier_has_a_check_digit() {
        assert_eq!(npi(b"1234567893").as_deref(), Ok("1234567893"));
        assert!(npi(b"1234567890").is_err() && npi(b"123456789").is_err());
    }

    /// What a row is refused for and what a file is judged by are one rule.
    #[test]
    fn what_is_taken_in_is_what_the_judge_of_files_lets_pass() {
        let shapes =
            ["", "0", "000", "666", "899", "9", "1", "2", "3", "99999", "00501", "000", "078051120", "1234567893"];
        let tails = ["", "00", "0000", "000000", "001120", "99", "9999", "171110", "234567893", "9876543"];
        for digits in shapes.iter().flat_map(|shape| tails.iter().map(move |tail| format!("{shape}{tail}"))) {
            let value = digits.as_bytes();
            let judged = [identifier::is_issuable_ssn(value), identifier::is_npi(value), identifier::is_zip(value)];
            let taken = [ssn(value, false).is_ok(), npi(value).is_ok(), zip(value, false).is_ok()];
            assert_eq!(taken, judged, "{digits}");
            // Of a number that was taken in the judge of files has nothing to say.
            assert!(!taken[0] || identifier::ssn(value) == identifier::SsnVerdict::Plausible, "{digits}");
        }
    }

    #[test]
    fn an_accent_behind_its_letter_is_one_with_it() {
        let read = |raw: &str| text(raw.as_bytes(), 50).map(Cow::into_owned);
        assert_eq!(read("Pen\u{303}a Rene\u{301} Franc\u{327}ois q\u{301}").unwrap(), "Peña René François q\u{301}");
        assert_eq!(read("Peña").unwrap(), "Peña");
        for (accent, pairs) in COMPOSED {
            let letters: Vec<char> = pairs.chars().collect();
            assert!(letters.len().is_multiple_of(2), "{accent:?}");
            assert!(letters.chunks(2).all(|pair| pair[0].is_ascii_alphabetic() && !pair[1].is_ascii()), "{accent:?}");
        }
    }

    #[test]
    fn what_dos_wrote_and_is_read_as_another_encoding_is_no_name() {
        for name in ["Pe¤a", "Zo‰", "Ren‚e", "Mart¡n", "‚lodie"] {
            assert_eq!(text(name.as_bytes(), 50), Err(&rules::MOJIBAKE), "{name}");
        }
        for name in ["O’Sample", "Sample-Ünal", "Apt. ½", "Štěpán", "“Bo” Sample"] {
            assert!(text(name.as_bytes(), 50).is_ok(), "{name}");
        }
    }

    #[test]
    fn text_may_have_accents_but_nothing_invisible() {
        assert_eq!(text("José\u{A0}Ángel".as_bytes(), 60).as_deref(), Ok("José Ángel"));
        for bad in ["A\u{200B}B", "A\u{202E}B", "A\tB", "A\nB", "A\u{7F}"] {
            assert_eq!(text(bad.as_bytes(), 60).map_err(|rule| rule.code), Err("CEN022"), "{bad:?}");
        }
        assert_eq!(text("Pe\u{C3}\u{B1}a".as_bytes(), 60).map_err(|rule| rule.code), Err("CEN046"));
        assert_eq!(text(b"abc", 2).map_err(|rule| rule.code), Err("CEN023"));
    }
}
