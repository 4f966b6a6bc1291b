//! Elections that stand beside each other in a row, known by headers that begin with a kind of care.

use std::collections::BTreeMap;

use crate::mapping::ElectionField;
use crate::mapping::aliases::Headed as _;

/// One of several elections of a row: what it is called, and its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChoiceFound<F> {
    pub name: &'static str,
    pub columns: BTreeMap<F, usize>,
}

/// Kinds of care, and what headers of their columns begin with, in the form in which headers are compared.
const KINDS: [(&str, &[&str]); 10] = [
    ("medical", &["MEDICAL", "HEALTH", "MED"]),
    ("dental", &["DENTAL", "DENT", "DEN"]),
    ("vision", &["VISION", "VIS"]),
    ("life", &["BASICLIFE", "GROUPLIFE", "LIFE"]),
    ("voluntary-life", &["VOLUNTARYLIFE", "VOLLIFE", "SUPPLEMENTALLIFE", "SUPPLIFE", "OPTIONALLIFE"]),
    ("std", &["SHORTTERMDISABILITY", "STD"]),
    ("ltd", &["LONGTERMDISABILITY", "LTD"]),
    ("accident", &["ACCIDENT"]),
    ("critical-illness", &["CRITICALILLNESS"]),
    ("hospital", &["HOSPITALINDEMNITY", "HOSPITAL"]),
];

/// What the header of a plan's column says beside the kind of care.
const OF_PLAN: [&str; 9] =
    ["", "PLAN", "PLANNAME", "PLANCODE", "PLANELECTED", "ELECTION", "ELECTED", "BENEFITPLAN", "ENROLLED"];

/// What may differ between elections of one row.
const OF_CHOICE: [ElectionField; 6] = [
    ElectionField::Tier,
    ElectionField::Start,
    ElectionField::End,
    ElectionField::Covered,
    ElectionField::Cost,
    ElectionField::Waived,
];

/// Words by which a cell of a plan's column says that nothing was chosen.
const DECLINED: [&str; 9] = ["N", "NO", "NONE", "WAIVE", "WAIVED", "DECLINE", "DECLINED", "OPTOUT", "0"];

/// Marks by which such a cell says only that something was.
const CHOSEN: [&str; 7] = ["Y", "YES", "X", "ENROLLED", "ELECTED", "TRUE", "1"];

/// The elections of a row, by its headers; none where fewer than two kinds of care have a column that names a plan.
pub(super) fn beside(forms: &[String]) -> Vec<ChoiceFound<ElectionField>> {
    let mut found: Vec<ChoiceFound<ElectionField>> = Vec::new();
    for (at, form) in forms.iter().enumerate() {
        let Some((name, field)) = of_kind(form) else { continue };
        let index = found.iter().position(|choice| choice.name == name).unwrap_or_else(|| {
            found.push(ChoiceFound { name, columns: BTreeMap::new() });
            found.len() - 1
        });
        found[index].columns.entry(field).or_insert(at);
    }
    found.retain(|choice| choice.columns.contains_key(&ElectionField::Plan));
    if found.len() < 2 { Vec::new() } else { found }
}

/// The kind of care a header speaks of, and the value it stands for.
fn of_kind(form: &str) -> Option<(&'static str, ElectionField)> {
    KINDS.iter().find_map(|(name, begins)| {
        let rest = begins.iter().find_map(|begin| form.strip_prefix(begin))?;
        if OF_PLAN.contains(&rest) {
            return Some((*name, ElectionField::Plan));
        }
        let meant = ElectionField::meant(rest).into_iter().filter(|(field, _)| OF_CHOICE.contains(field));
        meant.min_by_key(|(_, rank)| *rank).map(|(field, _)| (*name, field))
    })
}

/// The plan code that a word of a plan's column stands for, where it is no name of a plan; empty for none.
pub(super) fn code_of_mark(kind: &str, word: &str) -> Option<String> {
    let form: String = word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    if DECLINED.contains(&form.as_str()) {
        return Some(String::new());
    }
    CHOSEN.contains(&form.as_str()).then(|| kind.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headers: &str) -> Vec<(&'static str, usize)> {
        let forms: Vec<String> = headers.split(' ').map(String::from).collect();
        beside(&forms).into_iter().map(|choice| (choice.name, choice.columns.len())).collect()
    }

    #[test]
    fn elections_beside_each_other_are_known_by_kinds_of_care() {
        assert_eq!(
            found("EEID MEDICALPLAN MEDICALCOVERAGELEVEL DENTAL DENTALEFFECTIVEDATE LIFECOST"),
            [("medical", 2), ("dental", 2)]
        );
        assert_eq!(found("EEID PLAN MEDICALNOTES MEDICALPLAN"), [], "one kind of care is one election a row");
    }

    #[test]
    fn a_mark_is_a_plan_of_its_kind_and_a_waiver_is_none() {
        assert_eq!(code_of_mark("dental", "Waived").as_deref(), Some(""));
        assert_eq!(code_of_mark("dental", "x").as_deref(), Some("DENTAL"));
        assert_eq!(code_of_mark("dental", "Gold 500"), None);
    }
}
