//! What the words of a file mean, by the column they stand in.

use std::collections::BTreeMap;

use crate::mapping::synonyms::{Worded, Words, YesNo};
use crate::model::election::{LifeEvent, Tier};
use crate::model::person::{EmploymentStatus, EndReason, MaritalStatus, Relationship, Sex};

/// What a word of a column of this name means, by the column's own values and the words understood without being told.
pub(super) fn meaning(column: &str, values: &BTreeMap<String, String>, word: &str) -> Option<String> {
    fn of<T: Worded + PartialEq>(values: &BTreeMap<String, String>, word: &str) -> Option<String> {
        let found = Words::<T>::new(values).find(word)?;
        T::words().into_iter().find(|(_, value)| *value == found).map(|(word, _)| word.to_string())
    }
    match column {
        "relationship" => of::<Relationship>(values, word),
        "sex" => of::<Sex>(values, word),
        "marital_status" => of::<MaritalStatus>(values, word),
        "employment_status" => of::<EmploymentStatus>(values, word),
        "end_reason" => of::<EndReason>(values, word),
        "tier" => of::<Tier>(values, word),
        "event" => of::<LifeEvent>(values, word),
        "waived" | "pcp_established" => of::<YesNo>(values, word),
        _ => None,
    }
}
