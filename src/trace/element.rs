//! What each element of an 834 as we write it is made of.

use crate::mapping::ReferenceSource;
use crate::model::reference::ReferredTo;

/// From which file, setting or decision a value comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementSource {
    /// A column of the census, by the mapping's word.
    Census(&'static str),
    /// A column of the elections.
    Elections(&'static str),
    /// A setting of ours.
    Setting(&'static str),
    /// What was decided: what kind of change it is, and why.
    Decided(&'static str),
    /// What the format asks for, whoever is told of.
    Fixed,
}

const GROUP: &str = "group_number in the feed's file";

const ACCOUNTS: &str = "accounts in the employer's plan rules";
/// What is the same of everybody in a reference that the carrier's file declares.
const CONSTANT: &str = "constant in refs in the carrier's file";

impl ElementSource {
    /// The same of whoever is in an account that has a group of its own.
    pub(super) fn by_account(self) -> ElementSource {
        if self == ElementSource::Setting(GROUP) { ElementSource::Setting(ACCOUNTS) } else { self }
    }
}

/// Where in a member's loops a segment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentSpot<'s> {
    pub tag: &'s str,
    /// Its first element, which tells segments of one tag apart.
    pub qualifier: &'s str,
    /// REF*0F holds the subscriber's Social Security number at this carrier.
    pub ssn_is_id: bool,
    /// The reference that the carrier's file declares, where the segment is one.
    pub declared: Option<&'s ReferenceSource>,
}

/// What an element of a segment is made of, by the segment's tag, its qualifier and the element's ordinal.
pub fn element_source(tag: &str, qualifier: &str, element: u16) -> ElementSource {
    SegmentSpot { tag, qualifier, ssn_is_id: false, declared: None }.element(element)
}

const fn census(word: &'static str) -> ElementSource {
    ElementSource::Census(word)
}

const fn elections(word: &'static str) -> ElementSource {
    ElementSource::Elections(word)
}

/// What a reference is made of that the carrier's file declares.
fn of_declared(declared: &ReferenceSource) -> ElementSource {
    match declared {
        ReferenceSource::Employee(ReferredTo::SubscriberId) => census("family_key"),
        ReferenceSource::Employee(ReferredTo::SubscriberSsn) => census("ssn"),
        ReferenceSource::Employee(ReferredTo::Department) => census("department"),
        ReferenceSource::Employee(ReferredTo::Location) => census("location"),
        ReferenceSource::Employee(ReferredTo::PayClass) => census("pay_class"),
        ReferenceSource::Group => ElementSource::Setting(GROUP),
        ReferenceSource::Constant(_) => ElementSource::Setting(CONSTANT),
    }
}

impl SegmentSpot<'_> {
    pub fn element(&self, element: u16) -> ElementSource {
        use ElementSource::{Decided, Fixed, Setting};
        if let Some(declared) = self.declared.filter(|_| element == 2) {
            return of_declared(declared);
        }
        match (self.tag, self.qualifier, element) {
            ("INS", _, 2) => census("relationship"),
            ("INS", _, 3 | 4) => Decided("what has changed"),
            ("INS", _, 5 | 7) => elections("event"),
            ("INS", _, 8) => census("employment_status"),
            ("REF", "0F", 2) if self.ssn_is_id => census("ssn"),
            ("REF", "0F", 2) => census("family_key"),
            ("REF", "Q4", 2) => Decided("the number that was told before"),
            ("REF", "1L", 2) => Setting(GROUP),
            ("REF", "6O", 2) => census("survivor_of"),
            ("REF", "38", 2) => Setting("master_policy in the feed's file"),
            ("REF", _, 2) => Setting(ACCOUNTS),
            ("NM1", "P3", _) => self.provider(element),
            ("NM1", _, _) => self.name(element),
            ("N3", ..) if element == 2 => census("address_line2"),
            ("N3", ..) => census("address_line1"),
            ("PER" | "N4" | "DMG", ..) => self.personal(element),
            ("HD" | "DTP" | "AMT", ..) => self.cover(element),
            _ => Fixed,
        }
    }

    fn name(&self, element: u16) -> ElementSource {
        match element {
            3 => census("last_name"),
            4 => census("first_name"),
            5 => census("middle_name"),
            7 => census("suffix"),
            9 => census("ssn"),
            _ => ElementSource::Fixed,
        }
    }

    fn personal(&self, element: u16) -> ElementSource {
        match (self.tag, element) {
            ("PER", 4) if self.qualifier == "EM" => census("email"),
            ("PER", 4) => census("phone"),
            ("PER", 6) => census("email"),
            ("N4", 1) => census("city"),
            ("N4", 2) => census("state"),
            ("N4", 3) => census("zip"),
            ("DMG", 2) => census("birth_date"),
            ("DMG", 3) => census("sex"),
            ("DMG", 4) => census("marital_status"),
            _ => ElementSource::Fixed,
        }
    }

    fn cover(&self, element: u16) -> ElementSource {
        match (self.tag, self.qualifier, element) {
            ("HD", _, 1) => ElementSource::Decided("what has changed"),
            ("HD", _, 3) => ElementSource::Setting("the plan's line in the carrier's file"),
            ("HD", _, 4) => elections("plan"),
            ("HD", _, 5) => elections("tier"),
            ("DTP", "336", 3) => census("hire_date"),
            ("DTP", "337", 3) => census("employment_end"),
            ("DTP", "303" | "348" | "356", 3) => elections("start"),
            ("DTP", "349" | "357", 3) => elections("end"),
            ("AMT", _, 2) => elections("cost"),
            _ => ElementSource::Fixed,
        }
    }

    fn provider(&self, element: u16) -> ElementSource {
        match element {
            3 => elections("pcp_last"),
            4 => elections("pcp_first"),
            9 => elections("pcp_npi"),
            10 => elections("pcp_established"),
            _ => ElementSource::Fixed,
        }
    }

    /// What stands in the segment at all, where no element is named: the first that comes from a column.
    pub fn first(&self) -> ElementSource {
        let columns = |source: &ElementSource| matches!(source, ElementSource::Census(_) | ElementSource::Elections(_));
        (1..=10).map(|element| self.element(element)).find(columns).unwrap_or(ElementSource::Fixed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::column::Mapped as _;
    use crate::mapping::{CensusField, ElectionField};

    #[test]
    fn every_column_that_an_element_is_made_of_is_one_that_mappings_know() {
        let tags = ["INS", "REF", "NM1", "N3", "N4", "PER", "DMG", "HD", "DTP", "AMT"];
        let qualifiers = ["", "0F", "IL", "P3", "EM", "IP", "336", "337", "348", "349", "P3"];
        for (tag, qualifier) in tags.iter().flat_map(|tag| qualifiers.map(|qualifier| (*tag, qualifier))) {
            for element in 1..=12 {
                let known = match element_source(tag, qualifier, element) {
                    ElementSource::Census(word) => CensusField::ALL.iter().any(|field| field.word() == word),
                    ElementSource::Elections(word) => ElectionField::ALL.iter().any(|field| field.word() == word),
                    _ => true,
                };
                assert!(known, "{tag}*{qualifier} {element}");
            }
        }
    }
}
