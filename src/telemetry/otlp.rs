//! The JSON form of OTLP: numbers of sixty-four bits as text, identities in hexadecimal digits.

use serde_json::{Value, json};

use super::attributes::ToldValue;
use crate::model::ids::hex;
use crate::report::Figure;

/// Something that took its time.
#[derive(Clone, Debug)]
pub(super) struct SpanTold {
    pub name: String,
    /// Nanoseconds since 1970.
    pub began: u64,
    pub ended: u64,
    pub attributes: Vec<(&'static str, ToldValue)>,
    pub is_error: bool,
    /// Its own identity, and that of what it is a part of.
    pub id: [u8; 8],
    pub parent: Option<[u8; 8]>,
}

/// Who tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Teller {
    /// Test or production.
    pub environment: &'static str,
    pub trace: [u8; 16],
}

fn attribute(name: &str, told: &ToldValue) -> Value {
    match told {
        ToldValue::Word(word) => json!({ "key": name, "value": { "stringValue": word } }),
        ToldValue::Number(number) => json!({ "key": name, "value": { "intValue": number.to_string() } }),
    }
}

fn word(name: &str, word: &str) -> Value {
    attribute(name, &ToldValue::Word(word.to_string()))
}

fn resource(teller: Teller) -> Value {
    json!({ "attributes": [
        word("service.name", "bex"), word("service.version", env!("CARGO_PKG_VERSION")),
        word("deployment.environment.name", teller.environment),
    ] })
}

fn scope() -> Value {
    json!({ "name": "bex", "version": env!("CARGO_PKG_VERSION") })
}

/// A request for `/v1/traces`.
pub(super) fn traces(teller: Teller, spans: &[SpanTold]) -> Value {
    let span = |span: &SpanTold| {
        let attributes: Vec<Value> = span.attributes.iter().map(|(name, told)| attribute(name, told)).collect();
        json!({
            "traceId": hex(&teller.trace), "spanId": hex(&span.id),
            "parentSpanId": span.parent.map_or(String::new(), |parent| hex(&parent)),
            // Internal, as the protocol numbers kinds; and 2 is an error among states.
            "name": span.name, "kind": 1, "status": { "code": if span.is_error { 2 } else { 0 } },
            "startTimeUnixNano": span.began.to_string(), "endTimeUnixNano": span.ended.to_string(),
            "attributes": attributes,
        })
    };
    let spans: Vec<Value> = spans.iter().map(span).collect();
    json!({ "resourceSpans": [{
        "resource": resource(teller), "scopeSpans": [{ "scope": scope(), "spans": spans }],
    }] })
}

/// A request for `/v1/metrics`.
pub(super) fn metrics(teller: Teller, at: u64, figures: &[Figure]) -> Value {
    let gauge = |figure: &Figure| {
        let point = json!({
            "attributes": [word(&format!("bex.{}", figure.label), &figure.of)],
            "timeUnixNano": at.to_string(), "asInt": figure.value.to_string(),
        });
        json!({ "name": figure.name.replace('_', "."), "unit": "1", "gauge": { "dataPoints": [point] } })
    };
    let gauges: Vec<Value> = figures.iter().map(gauge).collect();
    json!({ "resourceMetrics": [{
        "resource": resource(teller), "scopeMetrics": [{ "scope": scope(), "metrics": gauges }],
    }] })
}
