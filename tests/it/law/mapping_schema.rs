//! The schema of mappings says what their reader says: every setting the reader asks for, and no mapping that it takes
//! is refused by the schema.

use std::collections::BTreeSet;

use bex::mapping::schema::schema;
use bex::model::source::SourceKind;
use serde_json::Value;

use crate::harness::source_tree::{self, assert_none};
use crate::law::docs::settings;

/// Whether a document follows a schema: the few words of the language that ours uses.
fn follows(value: &Value, schema: &Value) -> bool {
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().any(|one| follows(value, one));
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.contains(value);
    }
    match schema["type"].as_str().unwrap() {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_i64().is_some_and(|number| {
            schema["minimum"].as_i64().unwrap() <= number && number <= schema["maximum"].as_i64().unwrap()
        }),
        "array" => value.as_array().is_some_and(|items| items.iter().all(|item| follows(item, &schema["items"]))),
        "object" => value.as_object().is_some_and(|object| {
            let required = schema["required"].as_array().into_iter().flatten();
            let known = |key: &String| match &schema["properties"][key] {
                Value::Null => schema["additionalProperties"].as_object().map(|_| &schema["additionalProperties"]),
                property => Some(property),
            };
            required.into_iter().all(|key| object.contains_key(key.as_str().unwrap()))
                && object.iter().all(|(key, value)| known(key).is_some_and(|schema| follows(value, schema)))
        }),
        other => panic!("{other}"),
    }
}

fn names(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(object) = schema.as_object() {
        found.extend(schema["properties"].as_object().into_iter().flat_map(|settings| settings.keys().cloned()));
        object.values().for_each(|value| names(value, found));
    }
    schema.as_array().into_iter().flatten().for_each(|value| names(value, found));
}

#[test]
fn every_mapping_follows_its_schema_and_one_with_a_slip_does_not() {
    let folders = [("census", SourceKind::Census), ("elections", SourceKind::Elections)];
    let mut wrong = Vec::new();
    for (word, kind) in folders {
        let schema = schema(kind);
        let named = source_tree::files(&format!("mappings/{word}"), "toml").into_iter();
        let more = source_tree::files("fixtures", "toml").into_iter();
        let is_meant = |path: &std::path::PathBuf| {
            let path = path.to_string_lossy();
            path.ends_with(&format!("{word}.toml")) || (kind == SourceKind::Census && path.contains("exports/"))
        };
        for path in named.chain(more.filter(is_meant)) {
            let mut mapping: Value = toml::from_str(&source_tree::text(&path)).unwrap();
            if !follows(&mapping, &schema) {
                wrong.push(format!("{} does not follow its schema", path.display()));
            }
            mapping["colums"] = mapping["columns"].clone();
            assert!(!follows(&mapping, &schema), "{}", path.display());
        }
    }
    assert_none(wrong);
}

#[test]
fn every_setting_that_a_mapping_may_have_is_in_its_schema() {
    let mut known = BTreeSet::new();
    [SourceKind::Census, SourceKind::Elections].into_iter().for_each(|kind| names(&schema(kind), &mut known));
    let readers = ["census", "elections", "format", "column", "making", "position", "arrival", "database"];
    let text = |name: &&str| source_tree::text(format!("src/mapping/{name}.rs"));
    let asked: BTreeSet<String> = readers
        .iter()
        .map(text)
        .flat_map(|text| settings(text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()))
        .collect();
    assert_none(asked.difference(&known).map(|name| format!("the schema has no `{name}`")).collect());
}
