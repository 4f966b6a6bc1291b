//! What a carrier may be told: a list of personal data elements, and a reason for each that is not usual.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::document::{Table, Text};
use super::rules;
use super::shapes::{DATE, NOTE, TITLE};
use crate::model::field::{Field, FieldSet};

/// What a carrier may be told. There is no default policy: a carrier without one is told nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredPolicy {
    /// The elements.
    pub disclose: FieldSet,
    /// Why, for each element beyond [`USUAL`].
    pub reasons: BTreeMap<Field, String>,
    /// On which ground anything is told; where none is given, enrollment.
    pub basis: Option<String>,
    /// The person who answers for this list of fields.
    pub approved_by: String,
    /// The civil day of the approval.
    pub date: NaiveDate,
}

/// What an enrollment needs, and what `disclose = "default"` stands for. Sex is in it because the guide requires it
/// wherever it requires a birth date (DMG03), employment status because INS08 is required of subscribers.
pub const USUAL: [Field; 12] = [
    Field::SubscriberId,
    Field::Name,
    Field::BirthDate,
    Field::Sex,
    Field::Address,
    Field::Phone,
    Field::Ssn,
    Field::Relationship,
    Field::Coverage,
    Field::Pcp,
    Field::Cost,
    Field::EmploymentStatus,
];

impl DeclaredPolicy {
    /// Reads the `[policy]` table.
    pub(super) fn read(table: &Table<'_>) -> Option<DeclaredPolicy> {
        let disclose = read_disclose(table);
        let reasons = table.section("reasons", |inner| Some(read_reasons(inner))).unwrap_or_default();
        let basis = table.maybe("basis", &NOTE);
        let approved_by = table.need("approved_by", &TITLE);
        let date = table.need("date", &DATE);
        refuse_without_reason(table, disclose, &reasons);
        Some(DeclaredPolicy { disclose, reasons, basis, approved_by: approved_by?, date: date? })
    }
}

fn read_disclose(table: &Table<'_>) -> FieldSet {
    let words = table.texts("disclose");
    if words.is_empty() {
        let rule = "a policy must say what it discloses";
        let next = "write disclose = \"default\" or a list of elements";
        table.refuse(rules::MISSING.worded(rule, next).at(table.place()));
    }
    let elements = words.iter().flat_map(|word| match word.text.as_str() {
        "default" => USUAL.to_vec(),
        _ => element(table, word).into_iter().collect(),
    });
    FieldSet::of(&elements.collect::<Vec<_>>())
}

fn element(table: &Table<'_>, word: &Text) -> Option<Field> {
    let found = Field::from_word(&word.text);
    if found.is_none() {
        let rule = "a policy lists personal data elements of the catalogue";
        let next = "use the words of docs/reference, such as name, birth-date, address, ssn, pcp, cost";
        table.refuse(rules::MALFORMED.worded(rule, next).at(word.place.clone()));
    }
    found
}

fn read_reasons(table: &Table<'_>) -> BTreeMap<Field, String> {
    let reason = |word: Text| {
        let text = table.text(&word.text)?;
        Some((element(table, &word)?, table.shaped(&text, &NOTE)?))
    };
    table.keys().into_iter().filter_map(reason).collect()
}

fn refuse_without_reason(table: &Table<'_>, disclose: FieldSet, reasons: &BTreeMap<Field, String>) {
    for field in disclose.iter().filter(|field| !USUAL.contains(field) && !reasons.contains_key(field)) {
        table.refuse(rules::WITHOUT_REASON.at(table.place_of("disclose")).name("element", field.word()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::{Parsed, read};
    use super::*;

    #[test]
    fn what_is_usual_is_the_list_of_the_statement_and_what_the_guide_requires_beside_it() {
        let statement = ["name", "birth-date", "address", "phone", "ssn", "coverage", "pcp", "cost"];
        let required = ["subscriber-id", "relationship", "sex", "employment-status"];
        let mut usual = USUAL.map(Field::word);
        let mut wanted: Vec<&str> = statement.into_iter().chain(required).collect();
        usual.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(usual.to_vec(), wanted);
    }

    fn parse(text: &str) -> Parsed<DeclaredPolicy> {
        read("c.toml", text, DeclaredPolicy::read)
    }

    const SIGNED: &str = "approved_by = \"Privacy office\"\ndate = \"2026-01-05\"\n";

    #[test]
    fn the_default_policy_is_the_list_an_enrollment_needs() {
        let policy = parse(&format!("disclose = \"default\"\n{SIGNED}")).value.unwrap();
        assert!(
            policy.disclose.has(Field::Ssn)
                && !policy.disclose.has(Field::Email)
                && !policy.disclose.has(Field::HireDate)
        );
    }

    #[test]
    fn anything_beyond_it_needs_a_reason() {
        let asked = format!("disclose = [\"default\", \"email\"]\n{SIGNED}");
        assert_eq!(parse(&asked).faults[0].code, "CFG011");
        let given = format!("{asked}[reasons]\nemail = \"the carrier sends digital cards\"\n");
        assert!(parse(&given).value.is_some_and(|policy| policy.disclose.has(Field::Email)));
    }

    #[test]
    fn a_policy_is_signed_and_says_something() {
        let codes: Vec<_> = parse("disclose = [\"salary\"]\n").faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, ["CFG005", "CFG003", "CFG003"]);
    }
}
