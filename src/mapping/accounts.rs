//! `[[accounts]]` of an employer's plan documents: how one carrier keeps its employees apart, by class and year.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use serde::{Serialize, Serializer};

use super::document::{MentionKind, Shape, Table, Text};
use super::event_days::PlanYear;
use super::line_rules::ClassRule;
use super::rules;
use super::shapes::{CARRIER, PARTY_ID, PLAN_CODE};
use crate::model::ids::CarrierName;
use crate::model::person::EmploymentStatus;

/// Employees whom a carrier keeps in one place: under a group number, with references and plan codes of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CarrierAccount {
    /// By whom people are kept apart so; other carriers have accounts of their own.
    #[serde(serialize_with = "shown")]
    pub carrier: CarrierName,
    /// Of which classes the employees are, by their names in the same file. None: of any.
    pub classes: Vec<AccountClass>,
    /// The year of the plans it is for, by the calendar year in which that begins. Default every one.
    pub year: Option<i32>,
    /// REF*1L of a member. Default the feed's `group_number`.
    pub group: Option<String>,
    /// References of a member in loop 2000, by qualifier.
    #[serde(rename = "ref")]
    pub refs: BTreeMap<String, String>,
    /// HD04 by our plan code. Default the carrier's own `code`.
    pub codes: BTreeMap<String, String>,
}

fn shown<S: Serializer>(carrier: &CarrierName, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(carrier)
}

/// Employees whom an account is for, as the file has them under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountClass {
    /// What the ledger keeps of it.
    pub name: String,
    /// By status and pay.
    pub of: ClassRule,
}

/// The class of whoever is in an account that names none.
pub const ANY_CLASS: &str = "*";

impl CarrierAccount {
    /// The first of its classes that takes an employee; none where the account is not for one like this.
    pub fn class_of(&self, status: EmploymentStatus, pay_class: &str) -> Option<&str> {
        if self.classes.is_empty() {
            return Some(ANY_CLASS);
        }
        let found = self.classes.iter().find(|class| class.of.has(status, pay_class));
        found.map(|class| class.name.as_str())
    }

    /// Whether somebody of a class may be in it.
    pub fn has(&self, class: &str) -> bool {
        self.classes.is_empty() || self.classes.iter().any(|own| own.name == class)
    }

    /// Whether it is the account of a class on a day.
    pub fn is_of(&self, class: &str, day: NaiveDate, year: PlanYear) -> bool {
        self.has(class) && self.year.is_none_or(|own| year.first_of(day).year() == own)
    }
}

/// References of a member that say to which account somebody belongs. The others of the guide say who somebody is.
const QUALIFIERS: [&str; 5] = ["17", "23", "3H", "DX", "ZZ"];

const QUALIFIER: Shape<String> = Shape {
    read: |text| QUALIFIERS.contains(&text).then(|| text.to_string()),
    rule: "a reference of an account is one of 17 23 3H DX ZZ",
    next: "take it from the carrier's companion guide; the group number has a setting of its own, group",
};

/// Reads the accounts of a file.
pub(super) fn read(table: &Table<'_>, classes: &BTreeMap<String, ClassRule>) -> Vec<CarrierAccount> {
    table.tables("accounts", |account| read_one(account, classes))
}

fn read_one(table: &Table<'_>, classes: &BTreeMap<String, ClassRule>) -> Option<CarrierAccount> {
    let carrier = table.need_name("carrier", MentionKind::Carrier, &CARRIER);
    let named = table.texts("classes");
    let of = |name: &Text| {
        let found = classes.get(&name.text).cloned();
        if found.is_none() {
            let rule = "a class that an account names stands in the same file";
            let next = "write [classes.NAME], or correct the name";
            table.refuse(rules::CONTRADICTION.worded(rule, next).at(name.place.clone()));
        }
        Some(AccountClass { name: name.text.clone(), of: found? })
    };
    let classes = named.iter().filter_map(of).collect();
    let year = table.maybe_whole("year", 2000..=2199).and_then(|year| i32::try_from(year).ok());
    let group = table.maybe("group", &PARTY_ID);
    let refs = table.section("ref", |refs| Some(read_pairs(refs, &QUALIFIER)));
    let codes = table.section("codes", |codes| {
        codes.keys().iter().for_each(|plan| table.mention(MentionKind::Plan, plan));
        Some(read_pairs(codes, &PLAN_CODE))
    });
    let (refs, codes) = (refs.unwrap_or_default(), codes.unwrap_or_default());
    Some(CarrierAccount { carrier: carrier?, classes, year, group, refs, codes })
}

/// A table of names and the identifiers they stand for.
fn read_pairs(table: &Table<'_>, name: &Shape<String>) -> BTreeMap<String, String> {
    let pair = |key: &Text| {
        let value = table.maybe(&key.text, &PARTY_ID);
        Some((table.shaped(key, name)?, value?))
    };
    table.keys().iter().filter_map(pair).collect()
}
