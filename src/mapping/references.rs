//! `[[file.refs]]` of a carrier's file: what it asks to know members and their coverages by, beside the subscriber's
//! number and the group.

use std::collections::BTreeSet;

use serde::Serialize;

use super::document::{Shape, Table};
use super::rules;
use super::shapes::PARTY_ID;
use crate::fault::Fault;
use crate::model::reference::ReferredTo;
use crate::x12::guide::x220a1;

/// In which loop of a member a reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ReferenceLoop {
    /// The member's own.
    #[serde(rename = "2000")]
    Member,
    /// The one of each plan that the member has.
    #[serde(rename = "2300")]
    Coverage,
}

impl ReferenceLoop {
    /// The loop's identifier in the guide.
    pub fn id(self) -> &'static str {
        match self {
            ReferenceLoop::Member => "2000",
            ReferenceLoop::Coverage => "2300",
        }
    }
}

/// Of whom a reference is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferredMembers {
    /// The employee.
    Subscriber,
    /// Everybody else.
    Dependents,
    /// The whole family.
    #[default]
    All,
}

impl ReferredMembers {
    /// Whether it is told of a subscriber, or of a dependent.
    pub fn has(self, is_subscriber: bool) -> bool {
        match self {
            ReferredMembers::Subscriber => is_subscriber,
            ReferredMembers::Dependents => !is_subscriber,
            ReferredMembers::All => true,
        }
    }
}

/// Whose or which value stands in REF02.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceSource {
    /// Something of the employee. It is kept as told, and told again when it changes.
    Employee(ReferredTo),
    /// The group number: the account's, else the feed's. Said with what is told, like REF*1L.
    Group,
    /// The same of everybody; said likewise.
    Constant(String),
}

/// A reference that a carrier asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredReference {
    /// REF01.
    pub qualifier: String,
    /// Where it stands.
    #[serde(rename = "loop")]
    pub at: ReferenceLoop,
    /// Of whom. Default everybody.
    pub whom: ReferredMembers,
    /// What it says.
    pub source: ReferenceSource,
}

impl DeclaredReference {
    /// Whether it stands in a loop of a subscriber, or of a dependent.
    pub fn is_of(&self, at: ReferenceLoop, is_subscriber: bool) -> bool {
        self.at == at && self.whom.has(is_subscriber)
    }

    /// The datum that makes it personal; none where everybody has the same, or the group's.
    pub fn employee(&self) -> Option<ReferredTo> {
        match self.source {
            ReferenceSource::Employee(of) => Some(of),
            ReferenceSource::Group | ReferenceSource::Constant(_) => None,
        }
    }
}

const LOOP: Shape<ReferenceLoop> = Shape {
    read: |text| match text {
        "2000" => Some(ReferenceLoop::Member),
        "2300" => Some(ReferenceLoop::Coverage),
        _ => None,
    },
    rule: "a reference stands in loop 2000 or 2300",
    next: "write \"2000\" for the member's loop, \"2300\" for each coverage's",
};

const WHOM: Shape<ReferredMembers> = Shape {
    read: |text| match text {
        "subscriber" => Some(ReferredMembers::Subscriber),
        "dependents" => Some(ReferredMembers::Dependents),
        "all" => Some(ReferredMembers::All),
        _ => None,
    },
    rule: "a reference is told of the subscriber, of dependents or of all",
    next: "take it from the carrier's companion guide",
};

const SOURCE: Shape<ReferenceSource> = Shape {
    read: |text| match text {
        "group" => Some(ReferenceSource::Group),
        word => ReferredTo::ALL.into_iter().find(|of| of.word() == word).map(ReferenceSource::Employee),
    },
    rule: "a reference's source is subscriber-id, subscriber-ssn, department, location, pay-class or group",
    next: "use one of these words, or say the same of everybody: constant = \"TEXT\"",
};

/// References that bex writes by settings or facts of their own, with what to do in place of declaring them.
const OWN: [(ReferenceLoop, &str, &str); 4] = [
    (ReferenceLoop::Member, "0F", "choose what it holds by subscriber_id"),
    (ReferenceLoop::Member, "1L", "give the feed a group_number, or an account a group"),
    (ReferenceLoop::Member, "6O", "it is written of survivors: take it out"),
    (ReferenceLoop::Member, "Q4", "it is written of whoever had another number before: take it out"),
];

/// Reads the references of a carrier's file; `declared` are qualifiers that its overlay adds to the guide's in 2300.
pub(super) fn read(table: &Table<'_>, declared: &[String]) -> Vec<DeclaredReference> {
    let refs = table.tables("refs", |one| read_one(one, declared));
    refuse_too_many(table, &refs);
    refs
}

fn read_one(table: &Table<'_>, declared: &[String]) -> Option<DeclaredReference> {
    let qualifier = table.need_text("qualifier");
    let at = table.need("loop", &LOOP);
    let whom = table.maybe("whom", &WHOM).unwrap_or_default();
    let source = read_source(table);
    let (qualifier, at) = (qualifier?, at?);
    if let Some(fault) = unfit(&qualifier.text, at, declared) {
        table.refuse(fault.at(qualifier.place));
        return None;
    }
    Some(DeclaredReference { qualifier: qualifier.text, at, whom, source: source? })
}

fn read_source(table: &Table<'_>) -> Option<ReferenceSource> {
    match (table.has("source"), table.has("constant")) {
        (_, false) => table.need("source", &SOURCE),
        (false, true) => table.maybe("constant", &PARTY_ID).map(ReferenceSource::Constant),
        (true, true) => {
            let rule = "a reference says something of the employee, or the same of everybody";
            let next = "write source or constant, and take the other one out";
            table.maybe("source", &SOURCE);
            table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place_of("constant")));
            table.maybe("constant", &PARTY_ID).map(ReferenceSource::Constant)
        }
    }
}

/// Why a qualifier cannot stand in a loop: what the guide takes there, and is not bex's own to write, is said with it.
fn unfit(qualifier: &str, at: ReferenceLoop, declared: &[String]) -> Option<Fault> {
    let worded = |rule, next| Some(rules::MALFORMED.worded(rule, next).fault());
    if let Some((.., next)) = OWN.iter().find(|(own, code, _)| *own == at && *code == qualifier) {
        return worded("bex writes this reference by itself", next);
    }
    let of_overlay = at == ReferenceLoop::Coverage && declared.iter().any(|code| code == qualifier);
    if of_overlay || of_guide(at).any(|code| code == qualifier) {
        return None;
    }
    let next = "take it from the carrier's companion guide; one that the guide does not have in 2300 is declared as ref_codes of [overlay]";
    match at {
        ReferenceLoop::Member => worded(IN_2000, next),
        ReferenceLoop::Coverage => worded(IN_2300, next),
    }
}

const IN_2000: &str = "a reference of loop 2000 is one of 17 23 3H 4A ABB D3 DX F6 P5 QQ ZZ";
const IN_2300: &str = "a reference of loop 2300 is one of 17 1L 9V CE E8 M7 PID QQ RB X9 XM XX1 XX2 ZX ZZ";

/// The qualifiers that the guide takes in a loop.
fn of_guide(at: ReferenceLoop) -> impl Iterator<Item = &'static str> {
    let guide = x220a1();
    let here = guide.segments.iter().zip(0..).filter(move |(one, n)| one.tag == "REF" && guide.loop_id(*n) == at.id());
    let codes = here.filter_map(|(segment, _)| segment.qualifiers.as_ref()).flat_map(|codes| codes.codes());
    codes.map(|code| code.code.as_str())
}

/// Most references of a loop beside bex's own, by the guide.
fn most(at: ReferenceLoop) -> usize {
    match at {
        // Of thirteen, two are for a survivor's and for a prior number.
        ReferenceLoop::Member => 11,
        ReferenceLoop::Coverage => 14,
    }
}

/// A qualifier stands once in a loop, and a loop holds so many.
fn refuse_too_many(table: &Table<'_>, refs: &[DeclaredReference]) {
    for (at, is_subscriber) in [
        (ReferenceLoop::Member, true),
        (ReferenceLoop::Member, false),
        (ReferenceLoop::Coverage, true),
        (ReferenceLoop::Coverage, false),
    ] {
        let here: Vec<&str> =
            refs.iter().filter(|one| one.is_of(at, is_subscriber)).map(|one| one.qualifier.as_str()).collect();
        let different: BTreeSet<&str> = here.iter().copied().collect();
        let refused = if different.len() < here.len() {
            ("a member has one reference of a qualifier in a loop", "take one of them out")
        } else if here.len() > most(at) {
            ("the guide takes 13 references of this kind in loop 2000, and 14 in 2300", "take some out")
        } else {
            continue;
        };
        let fault = rules::CONTRADICTION.worded(refused.0, refused.1).at(table.place_of("refs"));
        return table.refuse(fault.name("loop", at.id()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::{Parsed, read as parse};
    use super::*;

    fn refs(text: &str) -> Parsed<Vec<DeclaredReference>> {
        parse("c.toml", text, |table| Some(read(table, &["YY".to_string()])))
    }

    fn one(text: &str) -> Parsed<Vec<DeclaredReference>> {
        refs(&format!("[[refs]]\n{text}\n"))
    }

    #[test]
    fn a_refusal_names_every_qualifier_that_the_guide_takes_and_bex_does_not_write_itself() {
        for (at, said) in [(ReferenceLoop::Member, IN_2000), (ReferenceLoop::Coverage, IN_2300)] {
            let own = |code: &str| OWN.iter().any(|(own, of, _)| *own == at && *of == code);
            let wanted: BTreeSet<&str> = of_guide(at).filter(|code| !own(code)).collect();
            let named = said.split(" one of ").nth(1).unwrap();
            assert_eq!(named.split(' ').collect::<BTreeSet<_>>(), wanted);
            for code in wanted {
                let text = format!("qualifier = \"{code}\"\nloop = \"{}\"\nsource = \"department\"", at.id());
                assert!(one(&text).faults.is_empty(), "{code}");
            }
        }
    }

    #[test]
    fn a_qualifier_of_no_loop_and_one_of_another_loop_are_refused() {
        for (code, at) in
            [("1L", "2000"), ("0F", "2000"), ("Q4", "2000"), ("SY", "2000"), ("DX", "2300"), ("YY", "2000")]
        {
            let text = format!("qualifier = \"{code}\"\nloop = \"{at}\"\nsource = \"department\"");
            assert_eq!(one(&text).faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["CFG005"], "{code}");
        }
        assert!(one("qualifier = \"YY\"\nloop = \"2300\"\nconstant = \"7\"").faults.is_empty());
    }

    #[test]
    fn a_reference_says_one_thing_of_somebody_once() {
        let codes = |text: &str| one(text).faults.iter().map(|fault| fault.code).collect::<Vec<_>>();
        let place = "qualifier = \"ZZ\"\nloop = \"2000\"\n";
        assert_eq!(codes(place), ["CFG003"]);
        assert_eq!(codes(&format!("{place}source = \"salary\"")), ["CFG005"]);
        assert_eq!(codes(&format!("{place}source = \"group\"\nconstant = \"1\"")), ["CFG019"]);
        let of = |whom: &str| format!("[[refs]]\n{place}whom = \"{whom}\"\nsource = \"location\"\n");
        assert!(refs(&(of("subscriber") + &of("dependents"))).faults.is_empty());
        assert_eq!(refs(&(of("subscriber") + &of("all"))).faults.len(), 1);
    }
}
