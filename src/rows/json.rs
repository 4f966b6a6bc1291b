//! Lines of JSON objects, one per row, whose fields are known by their names.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::columns::{Spot, Wanted};
use super::form::{Broken, Form};
use super::lines::Lines;
use super::record::{CellKind, Record};
use crate::mapping::column::header_form;
use crate::mapping::format::{Format, Limits};

/// JSON lines, read line by line. A record has a cell for each wanted column, in their order, whatever the order of an
/// object's fields; the first record names them. A line that is no object, or names a column twice, has a cell too many
/// and is told like a shifted row.
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
        let object = serde_json::from_slice(&self.text);
        let JsonObject(fields) = object.unwrap_or_default();
        let is_read = !fields.is_empty();
        let forms: Vec<String> = fields.iter().map(|field| header_form(&field.name)).collect();
        let mut is_clear = true;
        for names in &self.names {
            let mut meant = forms.iter().zip(&fields).filter(|(form, _)| names.contains(form));
            let (first, second) = (meant.next(), meant.next());
            is_clear &= second.is_none();
            match first.map(|(_, field)| cell(&field.value)) {
                Some(Some(text)) => record.push(text.as_bytes()),
                Some(None) => record.push_kind(b"", CellKind::Lost),
                None => record.push(b""),
            }
        }
        is_read && is_clear
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
            record.push(b"");
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
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

struct JsonField {
    name: String,
    value: Value,
}

/// An object with every field it has, also those of one name: a map would keep the last of them without a word.
#[derive(Default)]
struct JsonObject(Vec<JsonField>);

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonObject, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = JsonObject;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonObject, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry()? {
            fields.push(JsonField { name, value });
        }
        Ok(JsonObject(fields))
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
        assert_eq!(read("{\"id\":\"7\",\"last_name\":{\"a\":1}}\n"), (vec!["7".into(), String::new()], true));
    }

    #[test]
    fn what_is_no_object_or_says_a_thing_twice_is_shifted() {
        for line in ["[1,2]\n", "{\"id\":\n", "7\n", "{}\n", "{\"id\":1,\"ID\":2}\n", "{\"id\":1,\"id\":2}\n"] {
            assert_eq!(read(line).0.len(), 3, "{line}");
        }
    }
}
