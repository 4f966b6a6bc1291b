//! Reading one TOML file into values of ours while collecting every fault in it.
//!
//! The TOML library's own error texts quote the source line, which may hold a secret: they are never used. A fault
//! is a sentence of ours and a place, counted in lines and characters.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::rules;
use crate::fault::{Fault, Label, Place};

use super::secret::{self, KeyRef};

/// What one file says: the value (none when too little of it is right), what it refers to, and every fault.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The value; `None` when a fault left a hole in it.
    pub value: Option<T>,
    /// The names this file uses that other files must define.
    pub mentions: Vec<Mention>,
    /// Every fault of the file.
    pub faults: Vec<Fault>,
}

/// A name that stands in one file and is defined in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What is named.
    pub of: MentionKind,
    /// The name as written.
    pub name: String,
    /// Where it is written.
    pub place: Place,
}

/// To which list of names a [`Mention`] belongs: it is looked up there once every file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MentionKind {
    /// An employer of `bex.toml`.
    Employer,
    /// A carrier's file.
    Carrier,
    /// A census mapping.
    Census,
    /// An elections mapping.
    Elections,
    /// A table of codes.
    Codes,
    /// One of our plan codes.
    Plan,
    /// A calendar of `schedules/calendars/`.
    Calendar,
    /// A feed of `schedules/`.
    Feed,
    /// A key, by reference.
    Key,
    /// Somebody files are sealed to.
    Recipient,
}

/// What a text must look like: how it is read, the rule, and the remedy.
pub struct Shape<T> {
    /// Reads the text; `None` when it does not follow the rule.
    pub read: fn(&str) -> Option<T>,
    /// The rule, one sentence without a full stop.
    pub rule: &'static str,
    /// What to do about it.
    pub next: &'static str,
}

const KEY_REF: Shape<KeyRef> = Shape {
    read: KeyRef::parse,
    rule: "a key is given by reference: file:PATH or fd:NUMBER",
    next: "put the key into a file under keys/ that only the engine's user may read, and write file:keys/NAME here",
};

/// Text with the place it stands at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What was written, without its quotes.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// What goes wrong while a file is read; shared by all tables of the file.
struct DocumentLog {
    file: Label,
    text: String,
    /// Where its lines end: a file of many employers has thousands of places.
    line_ends: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
    mentions: RefCell<Vec<Mention>>,
}

impl DocumentLog {
    fn place(&self, at: usize) -> Place {
        let at = at.min(self.text.len());
        let above = self.line_ends.partition_point(|end| *end < at);
        let start = above.checked_sub(1).map_or(0, |last| self.line_ends[last] + 1);
        let column = String::from_utf8_lossy(&self.text.as_bytes()[start..at]).chars().count() + 1;
        Place::Config { file: self.file.clone(), line: above as u32 + 1, column: column as u32 }
    }

    fn add(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }
}

struct Setting<'a> {
    key: &'a str,
    key_at: usize,
    value: &'a Spanned<DeValue<'a>>,
    used: Cell<bool>,
}

/// A table of the file. Every key that nobody asked for is reported as unknown.
pub struct Table<'a> {
    log: &'a DocumentLog,
    at: usize,
    entries: Vec<Setting<'a>>,
}

/// Reads a file. `file` is its path below the site; `read` asks the root table for what it knows.
pub fn read<T>(file: &str, text: &str, read: impl FnOnce(&Table<'_>) -> Option<T>) -> Parsed<T> {
    let (text, placeholders) = without_placeholders(text);
    let line_ends = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    let (faults, mentions) = (RefCell::default(), RefCell::default());
    let log = DocumentLog { file: Label::new(file), text, line_ends, faults, mentions };
    placeholders.iter().for_each(|found| log.add(unfilled(&log, found)));
    let value = read_document(&log, read);
    let (mentions, mut faults) = (log.mentions.into_inner(), log.faults.into_inner());
    drop_consequences(&mut faults);
    let whole = faults.iter().all(|fault| fault.severity < crate::fault::Severity::Error);
    Parsed { value: value.filter(|_| whole), mentions, faults }
}

fn read_document<T>(log: &DocumentLog, read: impl FnOnce(&Table<'_>) -> Option<T>) -> Option<T> {
    let (document, errors) = DeTable::parse_recoverable(&log.text);
    errors.iter().for_each(|error| log.add(syntax(log, error)));
    if !errors.is_empty() {
        return None;
    }
    secret::find(document.get_ref(), &mut |span| log.add(secret::fault(log.place(span.start))));
    let root = Table::new(log, 0, document.get_ref());
    let value = read(&root);
    root.refuse_unknown();
    value
}

fn syntax(log: &DocumentLog, error: &toml::de::Error) -> Fault {
    let place = log.place(error.span().map_or(0, |span| span.start));
    if error.message().starts_with("duplicate key") {
        return rules::TWICE.at(place);
    }
    rules::NOT_TOML.at(place)
}

/// A `@@NAME@@` that stands where an example wants a value.
struct Placeholder {
    name: String,
    at: usize,
}

/// The text with every placeholder outside comments overwritten by digits of the same length, so that the rest of
/// the file can still be checked and every place stays where it was.
fn without_placeholders(text: &str) -> (String, Vec<Placeholder>) {
    let (mut plain, mut found) = (String::with_capacity(text.len()), Vec::new());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some((start, end)) = next_placeholder(rest).filter(|_| !line.trim_start().starts_with('#')) {
            plain.push_str(&rest[..start]);
            found.push(Placeholder { name: rest[start + 2..end - 2].to_string(), at: plain.len() });
            plain.extend(std::iter::repeat_n('1', end - start));
            rest = &rest[end..];
        }
        plain.push_str(rest);
    }
    (plain, found)
}

fn next_placeholder(text: &str) -> Option<(usize, usize)> {
    let start = text.find("@@")?;
    let name_end = start + 2 + text[start + 2..].find("@@")?;
    let name = &text[start + 2..name_end];
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    plain.then_some((start, name_end + 2))
}

fn unfilled(log: &DocumentLog, found: &Placeholder) -> Fault {
    rules::UNFILLED.at(log.place(found.at)).name("placeholder", &found.name)
}

/// Other faults on a line with an unfilled placeholder follow from it and would only hide it.
fn drop_consequences(faults: &mut Vec<Fault>) {
    let line = |fault: &Fault| match &fault.place {
        Place::Config { line, .. } => Some(*line),
        _ => None,
    };
    let unfilled: Vec<_> = faults.iter().filter(|fault| fault.is(&rules::UNFILLED)).map(line).collect();
    faults.retain(|fault| fault.is(&rules::UNFILLED) || !unfilled.contains(&line(fault)));
}

impl<'a> Table<'a> {
    fn new(log: &'a DocumentLog, at: usize, table: &'a DeTable<'a>) -> Table<'a> {
        let entry = |(key, value): (&'a Spanned<toml::de::DeString<'a>>, &'a Spanned<DeValue<'a>>)| Setting {
            key: key.get_ref(),
            key_at: key.span().start,
            value,
            used: Cell::new(false),
        };
        Table { log, at, entries: table.iter().map(entry).collect() }
    }

    /// Where the table stands.
    pub fn place(&self) -> Place {
        self.log.place(self.at)
    }

    /// Adds a fault.
    pub fn refuse(&self, fault: Fault) {
        self.log.add(fault);
    }

    /// Notes that this file names something of another.
    pub fn mention(&self, of: MentionKind, text: &Text) {
        let mention = Mention { of, name: text.text.clone(), place: text.place.clone() };
        self.log.mentions.borrow_mut().push(mention);
    }

    /// Whether the key is given. Does not count as asking for it.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Where a key's value stands; the table's own place when the key is absent.
    pub fn place_of(&self, key: &str) -> Place {
        let found = self.entries.iter().find(|entry| entry.key == key);
        found.map_or_else(|| self.place(), |entry| self.log.place(entry.value.span().start))
    }

    fn take(&self, key: &str) -> Option<&Spanned<DeValue<'a>>> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        entry.used.set(true);
        Some(entry.value)
    }

    fn missing(&self, key: &'static str) {
        let fault = rules::MISSING.at(self.place());
        self.refuse(fault.name("setting", key));
    }

    fn wrong_type(&self, span: Range<usize>, wanted: &'static str) {
        let fault = rules::WRONG_TYPE.at(self.log.place(span.start));
        self.refuse(fault.name("wanted", wanted));
    }

    /// A string, or none where the setting is left out. Any other type is refused.
    pub fn text(&self, key: &str) -> Option<Text> {
        self.text_of(self.take(key)?)
    }

    fn text_of(&self, value: &Spanned<DeValue<'a>>) -> Option<Text> {
        match value.get_ref() {
            DeValue::String(text) => Some(Text { text: text.to_string(), place: self.log.place(value.span().start) }),
            _ => {
                self.wrong_type(value.span(), "text");
                None
            }
        }
    }

    /// A string whose absence is a fault of the file.
    pub fn need_text(&self, key: &'static str) -> Option<Text> {
        if !self.has(key) {
            self.missing(key);
        }
        self.text(key)
    }

    /// An optional text of a given shape.
    pub fn maybe<T>(&self, key: &str, shape: &Shape<T>) -> Option<T> {
        self.shaped(&self.text(key)?, shape)
    }

    /// A text of a given shape that must be given.
    pub fn need<T>(&self, key: &'static str, shape: &Shape<T>) -> Option<T> {
        self.shaped(&self.need_text(key)?, shape)
    }

    /// The name of something another file defines, noted as a mention.
    pub fn need_name<T>(&self, key: &'static str, of: MentionKind, shape: &Shape<T>) -> Option<T> {
        let text = self.need_text(key)?;
        let name = self.shaped(&text, shape);
        if name.is_some() {
            self.mention(of, &text);
        }
        name
    }

    /// A reference to a key, noted as a mention.
    pub fn need_key(&self, key: &'static str) -> Option<KeyRef> {
        self.need_name(key, MentionKind::Key, &KEY_REF)
    }

    /// A reference to a key that may be left out, noted as a mention.
    pub fn maybe_key(&self, key: &'static str) -> Option<KeyRef> {
        if self.has(key) { self.need_key(key) } else { None }
    }

    /// Reads a text by its shape.
    pub fn shaped<T>(&self, text: &Text, shape: &Shape<T>) -> Option<T> {
        let value = (shape.read)(&text.text);
        if value.is_none() {
            self.refuse(rules::MALFORMED.worded(shape.rule, shape.next).at(text.place.clone()));
        }
        value
    }

    /// A list of texts; a single text counts as a list of one. Empty when not given.
    pub fn texts(&self, key: &str) -> Vec<Text> {
        let Some(value) = self.take(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.text_of(item)).collect(),
            _ => self.text_of(value).into_iter().collect(),
        }
    }

    /// `true` or `false`; `default` where the setting is left out, or where it is refused for its type.
    pub fn flag(&self, key: &str, default: bool) -> bool {
        let Some(value) = self.take(key) else { return default };
        match value.get_ref() {
            DeValue::Boolean(flag) => *flag,
            _ => {
                self.wrong_type(value.span(), "true or false");
                default
            }
        }
    }

    /// A whole number within a range.
    pub fn whole(&self, key: &str, default: u32, range: RangeInclusive<u32>) -> u32 {
        self.maybe_whole(key, range).unwrap_or(default)
    }

    /// A whole number within a range, if given.
    pub fn maybe_whole(&self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.take(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(value.span(), "whole number");
            return None;
        };
        let read = u32::from_str_radix(number.as_str(), number.radix()).ok().filter(|read| range.contains(read));
        if read.is_none() {
            let place = self.log.place(value.span().start);
            let fault =
                rules::MALFORMED.worded("the number is out of range", "write a number within the range").at(place);
            self.refuse(fault.count("least", (*range.start()).into()).count("most", (*range.end()).into()));
        }
        read
    }

    /// A whole number within a range that must be given.
    pub fn need_whole(&self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        if !self.has(key) {
            self.missing(key);
        }
        self.maybe_whole(key, range)
    }

    /// A table below this one, if given.
    pub fn section<T>(&self, key: &str, read: impl FnOnce(&Table<'_>) -> Option<T>) -> Option<T> {
        self.below(self.take(key)?, read)
    }

    /// A table below this one that must be given.
    pub fn need_section<T>(&self, key: &'static str, read: impl FnOnce(&Table<'_>) -> Option<T>) -> Option<T> {
        if !self.has(key) {
            self.missing(key);
        }
        self.section(key, read)
    }

    fn below<T>(&self, value: &Spanned<DeValue<'_>>, read: impl FnOnce(&Table<'_>) -> Option<T>) -> Option<T> {
        let DeValue::Table(inner) = value.get_ref() else {
            self.wrong_type(value.span(), "table");
            return None;
        };
        let table = Table::new(self.log, value.span().start, inner);
        let value = read(&table);
        table.refuse_unknown();
        value
    }

    /// Every key of this table with the table below it, for tables whose keys are names.
    pub fn each<T>(&self, mut read: impl FnMut(&Text, &Table<'_>) -> Option<T>) -> Vec<T> {
        let keys: Vec<Text> = self.keys();
        let of = |key: &Text| self.section(&key.text, |table| read(key, table));
        keys.iter().filter_map(of).collect()
    }

    /// The tables of a list, in their order; none where the setting is left out.
    pub fn tables<T>(&self, key: &str, mut read: impl FnMut(&Table<'_>) -> Option<T>) -> Vec<T> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(value.span(), "list of tables");
            return Vec::new();
        };
        items.iter().filter_map(|item| self.below(item, &mut read)).collect()
    }

    /// Every key of this table.
    pub fn keys(&self) -> Vec<Text> {
        let text = |entry: &Setting<'_>| Text { text: entry.key.to_string(), place: self.log.place(entry.key_at) };
        self.entries.iter().map(text).collect()
    }

    /// Every key of this table with its text, for tables that are plain lists of words.
    pub fn pairs(&self) -> BTreeMap<String, Text> {
        self.keys().into_iter().filter_map(|key| Some((key.text.clone(), self.text(&key.text)?))).collect()
    }

    /// Whether the value of a key is a table.
    pub fn is_table(&self, key: &str) -> bool {
        let found = self.entries.iter().find(|entry| entry.key == key);
        found.is_some_and(|entry| matches!(entry.value.get_ref(), DeValue::Table(_)))
    }

    /// Whether the value of a key is a text.
    pub fn is_text(&self, key: &str) -> bool {
        let found = self.entries.iter().find(|entry| entry.key == key);
        found.is_some_and(|entry| matches!(entry.value.get_ref(), DeValue::String(_)))
    }

    fn refuse_unknown(&self) {
        for entry in self.entries.iter().filter(|entry| !entry.used.get()) {
            self.refuse(unknown(entry.key, self.log.place(entry.key_at)));
        }
    }
}

fn unknown(key: &str, place: Place) -> Fault {
    // An unknown setting of such a name holds what must not be repeated, and says more than that a name is misspelt.
    let secret = ["password", "passphrase", "secret", "token", "private"].iter().any(|word| key.contains(word));
    if secret {
        return secret::fault(place);
    }
    rules::UNKNOWN_SETTING.at(place).name("setting", key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes<T>(parsed: &Parsed<T>) -> Vec<String> {
        parsed.faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect()
    }

    #[test]
    fn every_fault_of_a_file_is_found_at_once_and_placed() {
        let text = "name = 3\nsize = 99\nunknown = 1\n[part]\nextra = true\n";
        let parsed = read("a.toml", text, |table| {
            table.text("name");
            table.whole("size", 1, 1..=5);
            table.section("part", |part| part.need_text("word"));
            Some(())
        });
        let expected = ["CFG004 a.toml:1:8", "CFG005 a.toml:2:8", "CFG003 a.toml:4:1", "CFG002 a.toml:5:1"];
        assert!(expected.iter().all(|fault| codes(&parsed).iter().any(|found| found == fault)), "{:?}", codes(&parsed));
        assert!(parsed.value.is_none());
    }

    #[test]
    fn a_syntax_error_never_quotes_the_line() {
        let parsed = read("a.toml", "ok = 1\nhidden = \"hunter2\nmore = 1\n", |_| Some(()));
        assert!(parsed.faults.iter().all(|fault| !format!("{fault:?}").contains("hunter2")));
        assert_eq!(parsed.faults[0].code, "CFG001");
        assert!(parsed.faults[0].place.to_string().starts_with("a.toml:2:"));
    }

    #[test]
    fn a_key_given_twice_is_said_to_be_given_twice() {
        let parsed = read("a.toml", "a = 1\na = 2\n", |table| Some(table.whole("a", 0, 0..=9)));
        assert_eq!(codes(&parsed), ["CFG007 a.toml:2:1"]);
    }

    #[test]
    fn an_unfilled_placeholder_is_the_only_fault_of_its_line() {
        let parsed = read("a.toml", "# @@IGNORED@@\nport = @@PORT@@\n", |table| table.maybe_whole("port", 1..=65535));
        assert_eq!(codes(&parsed), ["CFG020 a.toml:2:8"]);
    }

    #[test]
    fn a_password_setting_is_answered_with_how_to_refer_to_secrets() {
        assert_eq!(codes(&read("a.toml", "password = \"x\"\n", |_| Some(()))), ["CFG006 a.toml:1:1"]);
    }
}
