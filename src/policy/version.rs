//! A carrier's policy as a document: every element of the closed catalogue with its class, whether it is told, and why;
//! who approved it and when. Versions are told apart by their digest.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::paths::{asked_for, beside, paths};
use super::places::PermittedPlace;
use crate::mapping::Carrier;
use crate::mapping::policy::{DeclaredPolicy, USUAL};
use crate::model::field::{Field, FieldSet};

/// On which ground anything is told, where a carrier's policy names no other.
pub const BASIS: &str = "enrollment in a health plan, payment of its premiums: 45 CFR 164.502(a)(1)(ii), 164.506(c)";

/// A carrier's policy, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// Whom it is for, as its file is called.
    pub carrier: String,
    /// On which ground anything is told.
    pub basis: String,
    /// Who answers for it.
    pub approved_by: String,
    /// Since when, a civil day.
    pub date: String,
    /// What is told, in the order of the catalogue.
    pub told: Vec<ToldElement>,
    /// Everything else of the catalogue.
    pub withheld: Vec<String>,
    /// Where what is told may stand in a file.
    pub paths: BTreeSet<String>,
}

/// One line of a policy: what may be told, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldElement {
    /// Its word.
    pub element: String,
    /// What kind of personal data it is.
    pub class: String,
    /// `required`, `usual` or `optional`.
    pub need: String,
    /// Why it is told.
    pub reason: String,
}

impl PolicyVersion {
    /// The policy of a carrier as it is configured; none of a carrier that is told nothing.
    pub fn of(carrier: &Carrier) -> Option<PolicyVersion> {
        let policy = carrier.policy.as_ref()?;
        // As the policy that discloses is made: what no 834 can do without is told whatever is declared.
        let required = super::REQUIRED.iter().copied();
        let told = required.fold(policy.disclose, FieldSet::with);
        let withheld = Field::ALL.iter().filter(|field| !told.has(**field)).map(|field| field.word().to_string());
        Some(PolicyVersion {
            carrier: carrier.name.to_string(),
            basis: policy.basis.clone().unwrap_or_else(|| BASIS.to_string()),
            approved_by: policy.approved_by.clone(),
            date: policy.date.to_string(),
            told: told.iter().map(|field| element(policy, field)).collect(),
            withheld: withheld.collect(),
            paths: paths(told)
                .into_iter()
                .chain(beside(&carrier.file).iter().flat_map(PermittedPlace::paths))
                .chain(asked_for(&carrier.file.refs, told).iter().flat_map(PermittedPlace::paths))
                .collect(),
        })
    }

    /// The document, the same text for the same policy.
    pub fn text(&self) -> String {
        // Texts and sets of texts have a serialised form always.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What versions are told apart by.
    pub fn digest(&self) -> [u8; 32] {
        body_digest(&self.text())
    }

    /// A kept document; none where it is of a version with other contents.
    pub fn parse(text: &str) -> Option<PolicyVersion> {
        serde_json::from_str(text).ok()
    }
}

/// What a kept document is known by.
pub fn body_digest(body: &str) -> [u8; 32] {
    Sha256::digest(body).into()
}

fn element(policy: &DeclaredPolicy, field: Field) -> ToldElement {
    let (need, reason) = if super::REQUIRED.contains(&field) {
        ("required", "no 834 can do without it".to_string())
    } else if USUAL.contains(&field) {
        ("usual", policy.reasons.get(&field).cloned().unwrap_or_else(|| usual_reason(field).to_string()))
    } else {
        ("optional", policy.reasons.get(&field).cloned().unwrap_or_default())
    };
    ToldElement {
        element: field.word().to_string(),
        class: field.class().word().to_string(),
        need: need.to_string(),
        reason,
    }
}

/// Why an enrollment needs what is usual, where the policy itself gives no reason.
fn usual_reason(field: Field) -> &'static str {
    match field {
        Field::Ssn => "the carrier knows people by it, and reports coverage by it",
        Field::BirthDate => "the guide requires it of whoever is added; age decides eligibility and cost",
        Field::Sex => "the guide requires it wherever a birth date is told (DMG03)",
        Field::Address => "cards and notices are sent there",
        Field::Phone => "the carrier reaches the member about the coverage",
        Field::EmploymentStatus => "the guide requires it of subscribers (INS08)",
        Field::Pcp => "the plan assigns the provider that the member chose",
        Field::Cost => "the carrier bills by it",
        _ => "an enrollment needs it",
    }
}

/// What stands between two versions, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyChange {
    /// Plus for what is told from now on, minus for what no longer is, a tilde for what is said otherwise.
    pub sign: char,
    /// Element and reason, before and after.
    pub words: String,
}

/// What the newer version says otherwise.
pub fn changes(older: &PolicyVersion, newer: &PolicyVersion) -> Vec<PolicyChange> {
    let find =
        |version: &'_ PolicyVersion, element: &str| version.told.iter().find(|one| one.element == element).cloned();
    let mut found = Vec::new();
    let mut note = |sign, words| found.push(PolicyChange { sign, words });
    for one in &newer.told {
        match find(older, &one.element) {
            None => note('+', format!("{} ({}, {}): {}", one.element, one.class, one.need, one.reason)),
            Some(before) if before.reason != one.reason => {
                note('~', format!("{}: the reason was \"{}\", now \"{}\"", one.element, before.reason, one.reason));
            }
            Some(_) => {}
        }
    }
    for one in older.told.iter().filter(|one| find(newer, &one.element).is_none()) {
        note('-', format!("{} ({})", one.element, one.class));
    }
    let settings = [
        ("basis", &older.basis, &newer.basis),
        ("approved by", &older.approved_by, &newer.approved_by),
        ("date", &older.date, &newer.date),
    ];
    for (name, before, now) in settings.into_iter().filter(|(_, before, now)| before != now) {
        note('~', format!("{name}: was \"{before}\", now \"{now}\""));
    }
    found
}

/// Whether an element may stand in anything that goes to an employer, whatever is configured: nothing that concerns
/// health or care may.
pub const fn employer_may_see(field: Field) -> bool {
    // Every class is named, so that a new one does not compile until this place decides about it.
    match field.class() {
        crate::model::field::FieldClass::Health => false,
        crate::model::field::FieldClass::Identifier
        | crate::model::field::FieldClass::Demographic
        | crate::model::field::FieldClass::Eligibility
        | crate::model::field::FieldClass::Coverage
        | crate::model::field::FieldClass::Cost => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(elements: &[&str]) -> PolicyVersion {
        let told = |element: &&str| ToldElement {
            element: element.to_string(),
            class: "identifier".into(),
            need: "usual".into(),
            reason: "r".into(),
        };
        PolicyVersion {
            carrier: "c".into(),
            basis: BASIS.into(),
            approved_by: "a".into(),
            date: "2026-01-05".into(),
            told: elements.iter().map(told).collect(),
            withheld: Vec::new(),
            paths: BTreeSet::new(),
        }
    }

    #[test]
    fn two_versions_differ_by_what_is_told_and_why() {
        let (old, new) = (version(&["name", "ssn"]), version(&["name", "phone"]));
        let signs: Vec<_> = changes(&old, &new).into_iter().map(|change| (change.sign, change.words)).collect();
        assert_eq!(signs[0].0, '+');
        assert!(signs[0].1.starts_with("phone ") && signs[1] == ('-', "ssn (identifier)".into()));
        assert!(changes(&old, &old).is_empty() && old.digest() != new.digest());
    }

    #[test]
    fn a_version_reads_as_it_was_written() {
        let one = version(&["name"]);
        assert_eq!(PolicyVersion::parse(&one.text()), Some(one));
    }

    #[test]
    fn no_employer_sees_anything_of_health() {
        let hidden: Vec<_> = Field::ALL.iter().filter(|field| !employer_may_see(**field)).collect();
        assert_eq!(hidden, [&Field::Pcp]);
    }
}
