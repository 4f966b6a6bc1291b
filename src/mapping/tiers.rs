//! Levels of cover as an employer's plan documents make them: whom each takes beside the employee. A level is a matter
//! of who is covered on a day, and of nothing else.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::document::{Shape, Table, Text};
use super::rules;
use crate::model::election::Tier;

/// The levels of a line of care: every family makes exactly one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TierRules(Vec<TierRule>);

/// A level, and whom it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct TierRule {
    #[serde(serialize_with = "code")]
    tier: Tier,
    takes: Takes,
}

/// Whom a level takes beside the employee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Takes {
    /// So many, whoever they are.
    Dependents(HeadCount),
    /// A spouse or none, and so many others.
    Each { spouse: bool, children: HeadCount },
}

/// How many people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct HeadCount {
    least: usize,
    /// Whether more will do, too.
    or_more: bool,
}

impl HeadCount {
    const NOBODY: HeadCount = HeadCount { least: 0, or_more: false };

    fn has(self, count: usize) -> bool {
        count == self.least || (self.or_more && count > self.least)
    }
}

impl Takes {
    fn takes(&self, spouse: bool, children: usize) -> bool {
        match self {
            Takes::Dependents(count) => count.has(usize::from(spouse) + children),
            Takes::Each { spouse: wanted, children: count } => *wanted == spouse && count.has(children),
        }
    }
}

impl TierRules {
    /// The level that a spouse (or none) and a number of other dependents make.
    pub fn of(&self, spouse: bool, children: usize) -> Option<Tier> {
        self.0.iter().find(|rule| rule.takes.takes(spouse, children)).map(|rule| rule.tier)
    }

    /// A family that makes none of the levels, or several.
    fn unclear(&self) -> Option<(bool, usize)> {
        let families = [false, true].into_iter().flat_map(|spouse| (0..=COUNTED).map(move |count| (spouse, count)));
        let made = |(spouse, children): &(bool, usize)| {
            self.0.iter().filter(|rule| rule.takes.takes(*spouse, *children)).count()
        };
        families.into_iter().find(|family| made(family) != 1)
    }
}

/// As many dependents as a level can tell apart, and one more.
const COUNTED: usize = 10;

fn code<S: Serializer>(tier: &Tier, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(tier.code())
}

const LEVEL: Shape<Tier> = Shape {
    read: Tier::from_code,
    rule: "a level is one of EMP ESP ECH FAM E1D E2D E3D E5D E6D E7D E8D E9D TWO IND",
    next: "take the code that the carrier's companion guide has in HD05",
};

const HEAD_COUNT: Shape<HeadCount> = Shape {
    read: |text| {
        let (number, or_more) = text.strip_suffix('+').map_or((text, false), |number| (number, true));
        let digit = number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit());
        digit.then(|| HeadCount { least: number.parse().unwrap_or_default(), or_more })
    },
    rule: "a number of people is 0 to 9, with a + where more will do, too",
    next: "write \"1\" for exactly one, \"1+\" for one or more",
};

/// Reads the sets of levels of a file, each by its name.
pub(super) fn read_sets(table: &Table<'_>) -> BTreeMap<String, TierRules> {
    let sets = table.section("tiers", |sets| Some(sets.each(read_set)));
    sets.unwrap_or_default().into_iter().collect()
}

fn read_set(name: &Text, table: &Table<'_>) -> Option<(String, TierRules)> {
    let levels = table.keys().len();
    let rules = TierRules(table.each(read_level));
    // Of a set in which something could not be read, nothing more is asked.
    let unclear = rules.unclear().filter(|_| rules.0.len() == levels);
    if let Some((spouse, children)) = unclear {
        let rule = "every family makes exactly one level of a set";
        let next = "give each number of people one level: \"2+\" behind \"1\", for example";
        let fault = rules::CONTRADICTION.worded(rule, next).at(table.place());
        let fault = fault.name("spouse", if spouse { "yes" } else { "no" });
        table.refuse(fault.count("others", children as u64));
    }
    Some((name.text.clone(), rules))
}

fn read_level(name: &Text, table: &Table<'_>) -> Option<TierRule> {
    let tier = table.shaped(name, &LEVEL);
    let spouse = table.flag("spouse", false);
    let children = table.maybe("children", &HEAD_COUNT);
    let dependents = table.maybe("dependents", &HEAD_COUNT);
    if table.has("dependents") && (table.has("spouse") || table.has("children")) {
        let rule = "a level counts dependents whoever they are, or a spouse and children";
        table.refuse(rules::CONTRADICTION.worded(rule, "leave one of the two out").at(table.place_of("dependents")));
    }
    let takes = match dependents {
        Some(count) => Takes::Dependents(count),
        None => Takes::Each { spouse, children: children.unwrap_or(HeadCount::NOBODY) },
    };
    Some(TierRule { tier: tier?, takes })
}
