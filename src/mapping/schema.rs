//! What a mapping may say, as a JSON schema: for editors that complete and check while somebody types. The mapping's
//! own reader judges more; whatever it takes, the schema takes, too.

use serde_json::{Map, Value, json};

use super::census::CensusField;
use super::column::{Cell, Mapped};
use super::elections::ElectionField;
use super::format::Encoding;
use crate::model::source::SourceKind;

/// SchemaSettings of a table, by their names.
type SchemaSettings = Vec<(&'static str, Value)>;

/// The schema of the mappings of a kind of source.
pub fn schema(kind: SourceKind) -> Value {
    let settings = match kind {
        SourceKind::Census => census(),
        SourceKind::Elections => elections(),
    };
    // A census that several files make has its columns in its parts.
    let needed: &[&str] = if kind == SourceKind::Census { &["employer"] } else { &["employer", "columns"] };
    let mut found = table(settings, needed);
    found["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    found["title"] = json!(format!("A mapping of bex, mappings/{}/NAME.toml", kind.word()));
    found
}

fn census() -> SchemaSettings {
    let dependents = table(vec![("max", whole(1, 20)), ("columns", columns::<CensusField>())], &["columns"]);
    let own = vec![
        ("layout", words(&["person-rows", "dependents-following", "dependent-columns", "parts"])),
        ("snapshot", flag()),
        ("columns", columns::<CensusField>()),
        ("dependents", dependents),
        ("within_hours", whole(1, 744)),
        ("parts", json!({ "type": "object", "additionalProperties": part() })),
    ];
    own.into_iter().chain(of_any_source()).collect()
}

fn elections() -> SchemaSettings {
    let choices = json!({ "type": "object", "additionalProperties": columns::<ElectionField>() });
    let own = vec![("subscriber_person_key", text()), ("columns", columns::<ElectionField>()), ("choices", choices)];
    own.into_iter().chain(of_any_source()).collect()
}

/// One of several files that make a census.
fn part() -> Value {
    let settings = vec![
        ("makes", words(&["subscribers", "dependents", "addresses"])),
        ("named_by", words(&["key", "ssn"])),
        ("file", text()),
        ("format", format()),
        ("limits", limits()),
        ("belongs", belongs()),
        ("columns", columns::<CensusField>()),
    ];
    table(settings, &["makes", "file", "columns"])
}

fn belongs() -> Value {
    let mark = [("header", texts()), ("value", text())];
    table(mark.into_iter().chain(place()).collect(), &["value"])
}

fn of_any_source() -> SchemaSettings {
    vec![
        ("employer", text()),
        ("file", text()),
        ("silent_days_max", whole(0, 400)),
        ("format", format()),
        ("limits", limits()),
        ("belongs", belongs()),
        ("pull", pull()),
        ("database", database()),
    ]
}

fn format() -> Value {
    let encodings: Vec<&str> = Encoding::ALL.iter().map(|encoding| encoding.word()).collect();
    let trailer = [("begins", text()), ("count_cell", whole(1, 512))];
    table(
        vec![
            ("form", words(&["delimited", "fixed-width", "workbook", "json-lines"])),
            ("delimiter", text()),
            ("quoting", words(&["double", "none"])),
            ("encoding", words(&encodings)),
            ("unit", words(&["characters", "bytes"])),
            ("line_length", whole(1, 1_048_576)),
            ("sheet", text()),
            ("header_line", whole(0, 100)),
            ("remarks", texts()),
            ("empty", texts()),
            ("row_ends", words(&["exact", "short", "delimited"])),
            ("final_newline", flag()),
            ("trailer", table(trailer.into_iter().chain(place()).collect(), &["begins"])),
        ],
        &[],
    )
}

fn limits() -> Value {
    let settings = [
        ("rows_min", 1, 1_000_000_000),
        ("bad_rows_percent_max", 0, 100),
        ("bad_rows_max", 0, 10_000),
        ("record_bytes_max", 256, 1_048_576),
        ("columns_max", 1, 4096),
        ("file_mib_max", 1, 65_536),
        ("rows_percent_min", 0, 100),
        ("overlap_percent_min", 0, 100),
        ("moved_percent_max", 1, 100),
    ];
    table(settings.map(|(name, least, most)| (name, whole(least, most))).to_vec(), &[])
}

fn pull() -> Value {
    let settings = vec![
        ("kind", words(&["sftp"])),
        ("host", text()),
        ("port", whole(1, 65_535)),
        ("user", text()),
        ("login_key", text()),
        ("password", text()),
        ("host_keys", texts()),
        ("folder", text()),
        ("timeout_seconds", whole(1, 600)),
    ];
    table(settings, &["kind", "host", "user", "host_keys", "folder"])
}

fn database() -> Value {
    let settings = vec![("url", text()), ("password", text()), ("authority", text()), ("query", text())];
    table(settings, &["url", "query"])
}

/// The columns of a kind of row: a header, several, or a table of settings.
fn columns<F: Mapped>() -> Value {
    let column = |field: &F| (field.word(), json!({ "anyOf": [text(), texts(), column(field.cell())] }));
    table(F::ALL.iter().map(column).collect(), &[])
}

fn column(cell: Cell) -> Value {
    let values = match cell {
        Cell::Word(meant) => json!({ "enum": meant().into_iter().chain([""]).collect::<Vec<_>>() }),
        _ => text(),
    };
    let mut settings = vec![
        ("header", texts()),
        ("required", flag()),
        ("format", texts()),
        ("empty", texts()),
        ("values", json!({ "type": "object", "additionalProperties": values })),
    ];
    settings.extend(place());
    settings.extend(making());
    match cell {
        Cell::Date => settings.extend([("pivot", whole(0, 99)), ("open_end", texts())]),
        Cell::Ssn | Cell::Zip => settings.push(("pad", flag())),
        Cell::Keys => settings.extend([("separator", text()), ("by", named_by())]),
        Cell::Person => settings.push(("by", named_by())),
        Cell::Word(_) | Cell::Plan => settings.push(("codes", text())),
        _ => {}
    }
    table(settings, &[])
}

/// How a value is made of cells.
fn making() -> SchemaSettings {
    let when = json!({ "type": "object", "additionalProperties": texts() });
    let case = recipe().into_iter().chain(place()).chain([("header", texts()), ("is", text()), ("when", when)]);
    let cases = json!({ "type": "array", "items": table(case.collect(), &["when"]) });
    recipe().into_iter().chain([("constant", text()), ("default", text()), ("cases", cases)]).collect()
}

fn recipe() -> SchemaSettings {
    vec![("together", texts()), ("join", text()), ("first_of", texts()), ("either", texts()), ("take", texts())]
}

fn named_by() -> Value {
    words(&["key", "ssn", "name"])
}

/// Where a cell stands when no header says so.
fn place() -> SchemaSettings {
    vec![("position", whole(1, 1_048_576)), ("width", whole(1, 4096))]
}

fn table(settings: SchemaSettings, required: &[&str]) -> Value {
    let properties: Map<String, Value> = settings.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// A text or a list of them.
fn texts() -> Value {
    json!({ "anyOf": [text(), { "type": "array", "items": text() }] })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn whole(least: u32, most: u32) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

fn words(words: &[&str]) -> Value {
    json!({ "enum": words })
}
