//! What may be told of an event: a closed list of names, and for each the kind of value it has.

use std::fmt;

use tracing::field::{Field, Visit};

/// What may leave. Whatever is not in this list is not told.
pub(super) const CLOSED: [ToldAs; 9] = [
    ToldAs { field: "step", told_as: "bex.step" },
    ToldAs { field: "run", told_as: "bex.run" },
    ToldAs { field: "feed", told_as: "bex.feed" },
    ToldAs { field: "carrier", told_as: "bex.carrier" },
    ToldAs { field: "source", told_as: "bex.source" },
    ToldAs { field: "outcome", told_as: "bex.outcome" },
    ToldAs { field: "code", told_as: "bex.code" },
    ToldAs { field: "delivery", told_as: "bex.delivery" },
    ToldAs { field: "exit", told_as: "bex.exit" },
];

/// A name of the list.
pub(super) struct ToldAs {
    /// As events of this program have it.
    pub field: &'static str,
    /// What a collector knows it by.
    pub told_as: &'static str,
}

/// What is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ToldValue {
    Word(String),
    Number(u64),
}

/// The fields of one event that may be told, and how long it took.
#[derive(Clone, Debug, Default)]
pub(super) struct EventFields {
    pub told: Vec<(&'static str, ToldValue)>,
    pub seconds: Option<f64>,
}

impl EventFields {
    /// The word of a field, by the name it is told by.
    pub fn word(&self, told_as: &str) -> Option<&str> {
        self.told.iter().find_map(|(name, told)| match told {
            ToldValue::Word(word) if *name == told_as => Some(word.as_str()),
            _ => None,
        })
    }

    fn add(&mut self, field: &Field, told: ToldValue) {
        if let Some(named) = CLOSED.iter().find(|named| named.field == field.name()) {
            self.told.push((named.told_as, told));
        }
    }
}

/// A configured name, a code or a word of ours; anything else is somebody else's text and is not told.
fn is_ours(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_/ ".contains(&b);
    (1..=130).contains(&text.len()) && text.bytes().all(plain)
}

impl Visit for EventFields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "seconds" {
            self.seconds = Some(value);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, ToldValue::Number(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, ToldValue::Number(value.unsigned_abs()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if is_ours(value) {
            self.add(field, ToldValue::Word(value.to_string()));
        }
    }

    /// Messages, dates and whatever else arrives as anything.
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
