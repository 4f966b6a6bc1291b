//! Lines of JSON objects, one per row, whose fields are known by their names.

use std::fmt;
use std::io::Read;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::columns::{Spot, Wanted};
use super::form::{Broken, Form};
use super::lines::Lines;
use super::record::{CellKind, Record};
use super::sheet::number_text;
use crate::mapping::column::header_form;
use crate::mapping::format::{Format, Limits};

/// JSON lines, read line by line. A record has a cell for each wanted column, in their order, whatever the order of an
/// object's fields; the first record names them. A line that is no object, says a thing twice, or says things of which
/// none is wanted, is kept beside its record and is told like a shifted row: behind the cells that could be read stands
/// every word of it, so that whoever seems absent can be looked for there.
pub(super) struct JsonLines<'a> {
    lines: Lines<'a>,
    /// For each wanted column, the names it may have.
    names: Vec<Vec<String>>,
    is_headed: bool,
    text: Vec<u8>,
}

impl<'a> JsonLines<'a> {
    pub fn new(bytes: Box<dyn Read + 'a>, wanted: &[Wanted], format: &Format, limits: &Limits) -> JsonLines<'a> {
        let names = |one: &Wanted| match &one.spot {
            Spot::Headers(names) => names.clone(),
            _ => Vec::new(),
        };
        let names = wanted.iter().map(names).collect();
        JsonLines { lines: Lines::new(bytes, format, limits), names, is_headed: false, text: Vec::new() }
    }

    /// Fills a record with an object's fields; false where that cannot be done in one way.
    fn fill(&self, record: &mut Record) -> bool {
        let (mut fields, is_whole) = fields(&self.text);
        if !is_whole {
            // What stands next to the mistake may be a part of what was meant.
            fields.pop();
        }
        let forms: Vec<String> = fields.iter().map(|field| header_form(&field.name)).collect();
        // A column that is named behind the mistake once more: two rows may stand in one line.
        let of_word = |word: &[u8]| header_form(&String::from_utf8_lossy(word));
        let said: Vec<String> = if is_whole { Vec::new() } else { words(&self.text).map(of_word).collect() };
        let mut is_clear = is_whole;
        for names in &self.names {
            let mut meant = forms.iter().zip(&fields).filter(|(form, _)| names.contains(form));
            let (first, second) = (meant.next(), meant.next());
            let is_one = second.is_none() && said.iter().filter(|form| names.contains(form)).nth(1).is_none();
            is_clear &= is_one;
            match first.filter(|_| is_one).map(|(_, field)| cell(&field.value)) {
                Some(Some(text)) => record.push(text.as_bytes()),
                Some(None) => record.push_kind(b"", CellKind::Lost),
                None => record.push(b""),
            }
        }
        let says_nothing = record.cells().all(<[u8]>::is_empty) && !record.has_kinds();
        is_clear && (!says_nothing || fields.iter().all(JsonField::is_empty))
    }
}

/// The fields that could be read of a line, and whether it is one whole object.
fn fields(line: &[u8]) -> (Vec<JsonField>, bool) {
    let mut fields = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(line);
    let is_object = json.deserialize_map(JsonObject(&mut fields)).is_ok();
    let is_whole = is_object && json.end().is_ok();
    (fields, is_whole)
}

/// What stands between the signs of JSON, whatever they are worth: in a line with a quote too many, nothing says which
/// of them are meant.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| b"\"{}[]:,".contains(byte)).map(<[u8]>::trim_ascii).filter(|word| !word.is_empty())
}

/// How text is written that is JSON and not an object in each line, seen by its first lines: a word of ours.
pub(super) fn other_form(text: &str) -> Option<&'static str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let second = lines.next();
    if first.starts_with('[') {
        return Some("one JSON array");
    }
    if !first.starts_with('{') {
        return None;
    }
    // What an interface answers is often wrapped once more.
    if second.is_none() && first.replace(' ', "").contains(":[{") {
        return Some("one object with a list in it");
    }
    let mut objects = serde_json::Deserializer::from_str(first).into_iter::<IgnoredAny>();
    match objects.next()? {
        // A line that was cut off is followed by another object, or by nothing.
        Err(why) => {
            (why.is_eof() && second.is_some_and(|line| !line.starts_with('{'))).then_some("objects over several lines")
        }
        Ok(_) => match first[objects.byte_offset()..].trim_start() {
            "," if second.is_none_or(|line| line.ends_with(',')) => Some("commas between the objects"),
            rest if rest.starts_with('{') && second.is_none() => Some("all objects in one line"),
            _ => None,
        },
    }
}

impl Form for JsonLines<'_> {
    fn next(&mut self, record: &mut Record) -> Result<bool, Broken> {
        record.clear();
        if !std::mem::replace(&mut self.is_headed, true) {
            record.line = 1;
            self.names.iter().for_each(|names| record.push(names.first().map_or("", String::as_str).as_bytes()));
            return Ok(true);
        }
        if !self.lines.next(&mut self.text)? {
            return Ok(false);
        }
        record.line = self.lines.line;
        if !self.fill(record) {
            words(&self.text).for_each(|word| record.push(word));
            // As many cells as the header are a row's: a word too few would make it one.
            record.push(b"");
            record.unread.extend_from_slice(&self.text);
        }
        Ok(true)
    }

    fn line(&self) -> u64 {
        self.lines.line.max(1)
    }

    fn is_whole(&self) -> bool {
        self.lines.last_line_ended()
    }
}

/// What a field says as text; none where it holds more than one value.
fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(is_so) => Some(is_so.to_string()),
        // A number is the same however it is written: programs write 7 as 7.0 where others of its column are missing.
        Value::Number(number) if number.is_f64() => number_text(number.as_f64()?),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

struct JsonField {
    name: String,
    value: Value,
}

impl JsonField {
    fn is_empty(&self) -> bool {
        self.value.is_null() || self.value.as_str().is_some_and(|text| text.trim().is_empty())
    }
}

/// An object with every field it has, also those of one name: a map would keep the last of them without a word. What
/// was read before a mistake stays.
struct JsonObject<'f>(&'f mut Vec<JsonField>);

impl<'de> Visitor<'de> for JsonObject<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry()? {
            self.0.push(JsonField { name, value });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Vec<String>, bool) {
        let column = |word: &'static str| Wanted {
            word,
            spot: Spot::Headers(vec![header_form(word)]),
            required: true,
            number: 0,
        };
        let wanted = [column("ID"), column("Last name")];
        let mut form = JsonLines::new(Box::new(line.as_bytes()), &wanted, &Format::default(), &Limits::default());
        let mut record = Record::new();
        assert!(matches!(form.next(&mut record), Ok(true)), "the names");
        assert!(matches!(form.next(&mut record), Ok(true)));
        let lost = record.kind(Some(1)) == CellKind::Lost;
        (record.cells().map(|cell| String::from_utf8(cell.to_vec()).unwrap()).collect(), lost)
    }

    #[test]
    fn fields_are_found_by_their_names_whatever_their_order_and_kind() {
        assert_eq!(read("{\"lastName\":\"Peña\",\"id\":7,\"salary\":1}\n"), (vec!["7".into(), "Peña".into()], false));
        assert_eq!(read("{\"id\":\"7\",\"last_name\":null}\n").0, ["7", ""]);
        assert_eq!(read("{\"id\":899311001.0,\"last_name\":1e5}\n").0, ["899311001", "100000"]);
        assert_eq!(read("{\"id\":612.4,\"last_name\":1e17}\n"), (vec!["612.4".into(), String::new()], true));
        assert_eq!(read("{\"id\":\"7\",\"last_name\":{\"a\":1}}\n"), (vec!["7".into(), String::new()], true));
    }

    #[test]
    fn what_is_no_object_or_says_a_thing_twice_or_none_that_is_wanted_is_shifted() {
        for line in ["[1,2]", "{\"id\":", "7", "{\"id\":1,\"ID\":2}", "{\"id\":1,\"id\":2}", "{\"a\":{\"id\":1}}"] {
            assert!(read(&format!("{line}\n")).0.len() > 2, "{line}");
        }
        assert_eq!(read("{}\n").0, ["", ""]);
        assert_eq!(read("{\"a\":null,\"b\":\" \"}\n").0, ["", ""]);
    }

    #[test]
    fn of_a_line_with_a_mistake_the_fields_before_it_are_read_and_all_its_words_are_kept() {
        let cells = read("{\"id\":\"7\",\"a\":\"b\",\"last name\":\"New\"man\",\"c\":8}\n").0;
        assert_eq!(cells[..2], ["7", ""]);
        assert!(["7", "New", "man", "8"].iter().all(|word| cells[2..].contains(&(*word).to_string())), "{cells:?}");
        assert_eq!(read("{\"id\":\"7\"8\",\"a\":1}\n").0[0], "", "a part of a key is none");
        assert_eq!(read("{\"id\":7,\"a\":1}{\"id\":8,\"a\":2}\n").0[0], "", "two rows in one line");
    }

    #[test]
    fn json_that_is_not_an_object_in_each_line_is_called_by_its_name() {
        let cases = [
            ("[{\"a\":1},\n{\"a\":2}]\n", Some("one JSON array")),
            ("{\n \"a\": 1\n}\n", Some("objects over several lines")),
            ("{\"a\":1},\n{\"a\":2},\n{\"a\":3}\n", Some("commas between the objects")),
            ("{\"a\":1}{\"a\":2}\n", Some("all objects in one line")),
            ("{\"employees\": [{\"a\":1},{\"a\":2}]}\n", Some("one object with a list in it")),
            ("{\"a\":1},\n{\"a\":2}\n", None),
            ("{\"a\":1,\n{\"a\":2}\n", None),
            ("{\"a\":1}\n{\"a\":2}\n", None),
            ("{\"a\":", None),
            ("a,b\n", None),
        ];
        for (text, looks_like) in cases {
            assert_eq!(other_form(text), looks_like, "{text}");
        }
    }
}
