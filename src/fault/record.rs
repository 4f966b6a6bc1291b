//! A fault as it is kept and shown: every part by its name, in words that outlive the program that found it. The keys
//! are a contract: of the store's columns and of `--json`.

use serde::{Deserialize, Serialize};

use super::fault::{Fact, Fault};
use super::label::Label;
use super::place::{Gone, Origin, Place};
use super::rule::{Class, Severity};
use crate::x12::Position;

/// A fault, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRecord {
    /// Its stable code.
    pub code: String,
    /// Who has to mend it; not known of faults that 0.1.0 kept.
    pub class: Option<Class>,
    /// How much it matters.
    pub severity: Severity,
    /// Where it is, as text; empty where it concerns the whole.
    pub place: String,
    /// Where it is, in parts; not known of faults that 0.1.0 kept.
    pub at: Option<PlaceRecord>,
    /// The rule that does not hold, without the facts (with them where 0.1.0 kept it).
    pub rule: String,
    /// Counts and names that make it concrete.
    pub facts: Vec<FactRecord>,
    /// What to do about it.
    pub next: String,
}

impl FaultRecord {
    /// The rule with the facts behind it, as one text.
    pub fn sentence(&self) -> String {
        if self.facts.is_empty() {
            return self.rule.clone();
        }
        let facts: Vec<String> = self.facts.iter().map(FactRecord::text).collect();
        format!("{} ({})", self.rule, facts.join(", "))
    }
}

impl From<&Fault> for FaultRecord {
    fn from(fault: &Fault) -> FaultRecord {
        FaultRecord {
            code: fault.code.to_string(),
            class: Some(fault.class),
            severity: fault.severity,
            place: fault.place.to_string(),
            at: Some(PlaceRecord::from(&fault.place)),
            rule: fault.rule.to_string(),
            facts: fault.facts.iter().map(FactRecord::from).collect(),
            next: fault.next.to_string(),
        }
    }
}

/// A fact: what it says something of, and the count or the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FactRecord {
    /// A number.
    Count {
        /// What it counts.
        what: String,
        /// How many.
        count: u64,
    },
    /// A configured or standard name.
    Name {
        /// What it names.
        what: String,
        /// The name.
        name: String,
    },
}

impl FactRecord {
    fn text(&self) -> String {
        match self {
            FactRecord::Count { what, count } => format!("{what} {count}"),
            FactRecord::Name { what, name } => format!("{what} {name}"),
        }
    }
}

impl From<&Fact> for FactRecord {
    fn from(fact: &Fact) -> FactRecord {
        match fact {
            Fact::Count(what, count) => FactRecord::Count { what: what.to_string(), count: *count },
            Fact::Name(what, name) => FactRecord::Name { what: what.to_string(), name: name.to_string() },
        }
    }
}

/// A place, in parts; `kind` says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum PlaceRecord {
    /// Nothing narrower than the command or the run.
    Whole,
    /// A configuration file.
    Config {
        /// Path below the site.
        file: String,
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// A row of an input file.
    Row {
        /// The source, as configured.
        source: String,
        /// Line of the file the row starts on, from 1.
        line: u64,
        /// The column, by its configured name.
        column: Option<String>,
    },
    /// A place in an X12 file.
    X12(X12Record),
    /// Something that the configuration or the engine names.
    Named {
        /// The name.
        name: String,
    },
    /// A household by its pseudonym, and the rows that tell of it.
    Family {
        /// Its pseudonym, shortened.
        member: String,
        /// Where each source told of it last.
        rows: Vec<OriginRecord>,
    },
}

impl From<&Place> for PlaceRecord {
    fn from(place: &Place) -> PlaceRecord {
        match place {
            Place::Nowhere => PlaceRecord::Whole,
            Place::Config { file, line, column } => {
                PlaceRecord::Config { file: file.to_string(), line: *line, column: *column }
            }
            Place::Row { source, line, column } => PlaceRecord::Row {
                source: source.to_string(),
                line: *line,
                column: column.as_ref().map(ToString::to_string),
            },
            Place::X12(place) => PlaceRecord::X12(X12Record::from(place)),
            Place::Named(name) => PlaceRecord::Named { name: name.to_string() },
            Place::Family { member, told_in } => {
                PlaceRecord::Family { member: member.clone(), rows: told_in.iter().map(OriginRecord::from).collect() }
            }
        }
    }
}

/// A place in an X12 file. Ordinals count from 1; what is not known is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct X12Record {
    /// Offset of the segment's first byte in the file, from 0.
    pub byte: u64,
    /// Ordinal of the segment in the file.
    pub segment: Option<u64>,
    /// Ordinal of the segment in its transaction set.
    pub segment_in_set: Option<u32>,
    /// Segment tag.
    pub tag: Option<String>,
    /// Loop the segment belongs to.
    #[serde(rename = "loop")]
    pub loop_id: Option<String>,
    /// Position within the segment, from 1; 0 for all of it.
    pub element: Option<u16>,
    /// Component of a composite element.
    pub component: Option<u16>,
    /// Repetition of a repeated element.
    pub repetition: Option<u16>,
}

impl From<&Position> for X12Record {
    fn from(place: &Position) -> X12Record {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_string());
        let ordinal = |ordinal: u16| (ordinal > 0).then_some(ordinal);
        X12Record {
            byte: place.byte,
            segment: (place.segment > 0).then_some(place.segment),
            segment_in_set: (place.segment_in_set > 0).then_some(place.segment_in_set),
            tag: text(place.tag_text()),
            loop_id: text(place.loop_id),
            element: ordinal(place.element),
            component: ordinal(place.component),
            repetition: ordinal(place.repetition),
        }
    }
}

/// A row of an input that told of a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginRecord {
    /// `census/<source>` or `elections/<source>`.
    pub source: String,
    /// The input; null for a file that waits in the inbox.
    pub input: Option<u64>,
    /// Its business date; null for a file that waits in the inbox.
    pub date: Option<String>,
    /// What the mapping calls the file with the row, where several make the source; else null.
    #[serde(default)]
    pub part: Option<String>,
    /// The line of the family's first row in that file, from 1.
    pub line: u64,
    /// Whether the source no longer contains the family.
    pub gone: bool,
    /// The input since which it does not; null where it does, or where that file waits in the inbox.
    pub gone_in: Option<u64>,
}

impl From<&Origin> for OriginRecord {
    fn from(origin: &Origin) -> OriginRecord {
        let (input, date) = origin.input.as_ref().map(|(input, date)| (*input, date.to_string())).unzip();
        let gone_in = if let Gone::In(input) = origin.gone { Some(input) } else { None };
        let gone = origin.gone != Gone::No;
        let part = origin.part.as_ref().map(Label::to_string);
        OriginRecord { source: origin.source.to_string(), input, date, part, line: origin.line, gone, gone_in }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Ending, Label, Rule};

    fn places() -> Vec<Place> {
        let origin = |gone, input| Origin { source: Label::new("census/acme"), input, part: None, line: 7, gone };
        let parted = Origin { part: Some(Label::new("employees")), ..origin(Gone::No, None) };
        let told_in = vec![
            origin(Gone::No, Some((3, Label::new("2026-01-05")))),
            origin(Gone::In(4), Some((3, Label::new("2026-01-05")))),
            origin(Gone::InTheInbox, None),
            parted,
        ];
        let x12 = Position::of_segment(106, 9).of_tag(*b"HD ").in_loop("2300").of_element(4);
        vec![
            Place::Nowhere,
            Place::Config { file: Label::new("bex.toml"), line: 3, column: 1 },
            Place::Row { source: Label::new("acme"), line: 12, column: Some(Label::new("ssn")) },
            Place::Row { source: Label::new("acme"), line: 12, column: None },
            Place::X12(x12),
            Place::X12(Position::default()),
            Place::Named(Label::new("state/archive")),
            Place::Family { member: "k3f9".into(), told_in },
        ]
    }

    #[test]
    fn every_part_of_a_place_is_read_back_from_json() {
        for place in places() {
            let record = PlaceRecord::from(&place);
            let text = serde_json::to_string(&record).unwrap();
            assert_eq!(serde_json::from_str::<PlaceRecord>(&text).unwrap(), record, "{text}");
        }
    }

    #[test]
    fn facts_are_objects_and_read_back_as_what_they_were() {
        let facts = [Fact::Count("bytes found", 3), Fact::Name("element", Label::new("HD04"))];
        let records: Vec<FactRecord> = facts.iter().map(FactRecord::from).collect();
        let text = serde_json::to_string(&records).unwrap();
        assert_eq!(text, r#"[{"what":"bytes found","count":3},{"what":"element","name":"HD04"}]"#);
        assert_eq!(serde_json::from_str::<Vec<FactRecord>>(&text).unwrap(), records);
    }

    #[test]
    fn a_record_reads_as_the_fault_does() {
        let rule = Rule {
            code: "X",
            class: Class::Theirs,
            severity: Severity::Error,
            ending: Ending::Failed,
            sentence: "counts must agree",
            next: "recount",
        };
        for place in places() {
            let fault = rule.at(place).count("found", 2).name("plan", "GOLD");
            let record = FaultRecord::from(&fault);
            let at = if record.place.is_empty() { String::new() } else { format!(" at {}", record.place) };
            assert_eq!(fault.to_string(), format!("{} {}{at}", record.code, record.sentence()));
        }
    }
}
