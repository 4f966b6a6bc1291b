//! What a policy permits, as places in an 834: the gate's independent statement of minimum necessary.

use std::collections::BTreeSet;

use super::disclosed::Policy;
use super::places::{PermittedPlace, Qualifier};
use crate::mapping::{DeclaredReference, FileRules, PlanChange, Rekey};
use crate::model::field::{Field, FieldSet};

/// What every 834 may hold, whatever the policy: it names no more than members, their relationship and coverage.
const ALWAYS: &[PermittedPlace] = &[
    permit("2000", "INS", Qualifier::Any, &[1, 2, 3, 4, 5, 7]),
    permit("2000", "REF", Qualifier::Is("0F"), &[1, 2]),
    permit("2000", "REF", Qualifier::Is("1L"), &[1, 2]),
    // By which number the family of a survivor was covered before.
    permit("2000", "REF", Qualifier::Is("6O"), &[1, 2]),
    // When cover begins, ends or changes: days that the coverages state, too.
    permit("2000", "DTP", Qualifier::Is("303"), &[1, 2, 3]),
    permit("2000", "DTP", Qualifier::Is("356"), &[1, 2, 3]),
    permit("2000", "DTP", Qualifier::Is("357"), &[1, 2, 3]),
    permit("2100A", "NM1", Qualifier::Any, &[1, 2, 3, 4, 5, 7]),
    permit("2100B", "NM1", Qualifier::Any, &[1, 2, 3, 4, 5, 7]),
    permit("2300", "HD", Qualifier::Any, &[1, 3, 4, 5]),
    permit("2300", "DTP", Qualifier::Is("348"), &[1, 2, 3]),
    permit("2300", "DTP", Qualifier::Is("349"), &[1, 2, 3]),
];

/// What a carrier's own way of telling a change needs beside: the day of one that is told in place, and the number that
/// a family had before.
pub fn beside(file: &FileRules) -> Vec<PermittedPlace> {
    let in_place = file.plan_change == PlanChange::InPlace || file.dialect.has_in_place();
    let day_of_change = permit("2300", "DTP", Qualifier::Is("303"), &[1, 2, 3]);
    let prior_number = permit("2000", "REF", Qualifier::Is("Q4"), &[1, 2]);
    let renumbers = file.dialect.rekey != Rekey::Once;
    let places = [(day_of_change, in_place), (prior_number, renumbers)];
    places.into_iter().filter(|(_, needed)| *needed).map(|(place, _)| place).collect()
}

/// Where references stand that a carrier asks for: none that would repeat what it may not know.
pub fn asked_for(refs: &[DeclaredReference], fields: FieldSet) -> Vec<PermittedPlace> {
    let may = |one: &&DeclaredReference| one.employee().is_none_or(|of| fields.has(of.field()));
    let place = |one: &DeclaredReference| {
        let qualifier = Qualifier::declared(&one.qualifier);
        permit(one.at.id(), "REF", qualifier, &[1, 2])
    };
    refs.iter().filter(may).map(place).collect()
}

/// What may say in which account of a carrier's a member is: each by itself, where an account has it.
const REFERENCES: &[PermittedPlace] = &[
    permit("2000", "REF", Qualifier::Is("17"), &[1, 2]),
    permit("2000", "REF", Qualifier::Is("23"), &[1, 2]),
    permit("2000", "REF", Qualifier::Is("3H"), &[1, 2]),
    permit("2000", "REF", Qualifier::Is("DX"), &[1, 2]),
    permit("2000", "REF", Qualifier::Is("ZZ"), &[1, 2]),
];

const fn permit(
    loop_id: &'static str,
    tag: &'static str,
    qualifier: Qualifier,
    elements: &'static [u16],
) -> PermittedPlace {
    PermittedPlace { loop_id, tag, qualifier, elements }
}

/// Where an element of the catalogue may appear. The guide requires DMG03 beside a birth date, so that place comes with
/// either; where sex is withheld it says `U`.
fn places(field: Field) -> &'static [PermittedPlace] {
    match field {
        Field::SubscriberId | Field::Name | Field::Relationship | Field::Coverage => &[],
        Field::Ssn => {
            const { &[permit("2100A", "NM1", Qualifier::Any, &[8, 9]), permit("2100B", "NM1", Qualifier::Any, &[8, 9])] }
        }
        Field::BirthDate => {
            const {
                &[
                    permit("2100A", "DMG", Qualifier::Any, &[1, 2, 3]),
                    permit("2100B", "DMG", Qualifier::Any, &[1, 2, 3]),
                ]
            }
        }
        Field::Sex => {
            const { &[permit("2100A", "DMG", Qualifier::Any, &[3]), permit("2100B", "DMG", Qualifier::Any, &[3])] }
        }
        Field::MaritalStatus => const { &[permit("2100A", "DMG", Qualifier::Any, &[4])] },
        Field::Address => {
            const { &[permit("2100A", "N3", Qualifier::Any, &[1, 2]), permit("2100A", "N4", Qualifier::Any, &[1, 2, 3])] }
        }
        Field::Phone => const { &[permit("2100A", "PER", Qualifier::Is("IP"), &[1, 3, 4])] },
        Field::Email => const { &[permit("2100A", "PER", Qualifier::Is("IP"), &[1, 3, 4, 5, 6])] },
        Field::EmploymentStatus => const { &[permit("2000", "INS", Qualifier::Any, &[8])] },
        Field::HireDate => const { &[permit("2000", "DTP", Qualifier::Is("336"), &[1, 2, 3])] },
        Field::EmploymentEnd => const { &[permit("2000", "DTP", Qualifier::Is("337"), &[1, 2, 3])] },
        Field::Pcp => {
            const {
                &[
                    permit("2310", "LX", Qualifier::Any, &[1]),
                    permit("2310", "NM1", Qualifier::Is("P3"), &[1, 2, 3, 4, 8, 9, 10]),
                ]
            }
        }
        // Told in references alone, where a carrier's file asks for them.
        Field::Department | Field::Location | Field::PayClass => &[],
        Field::Cost => const { &[permit("2300", "AMT", Qualifier::Is("P3"), &[1, 2])] },
    }
}

/// Where these elements stand in an 834, as `loop/segment[qualifier]/element`, in order: what a policy's version lists.
pub fn paths(fields: FieldSet) -> BTreeSet<String> {
    let of_fields = fields.iter().flat_map(|field| places(field).iter());
    // An employer's accounts may keep employees apart only where the carrier may know how they are employed.
    let references = REFERENCES.iter().filter(|_| fields.has(Field::EmploymentStatus));
    ALWAYS.iter().chain(of_fields).chain(references).flat_map(PermittedPlace::paths).collect()
}

impl Policy {
    fn tells_reference(&self, place: &PermittedPlace) -> bool {
        self.reference_qualifiers().iter().any(|qualifier| place.qualifier.applies(qualifier.as_bytes()))
    }

    /// Every place of a member's loops that may hold data under this policy.
    pub fn permits(&self) -> Vec<PermittedPlace> {
        let of_fields = self.fields().iter().flat_map(|field| places(field).iter().copied());
        let references = REFERENCES.iter().copied().filter(|place| self.tells_reference(place));
        let beside = self.beside().iter().copied().chain(references).chain(asked_for(self.refs(), self.fields()));
        ALWAYS.iter().copied().chain(of_fields).chain(beside).collect()
    }
}
