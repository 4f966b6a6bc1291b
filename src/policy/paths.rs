//! What a policy permits, as places in an 834: the gate's independent statement of minimum necessary.

use std::collections::BTreeSet;

use super::disclosed::Policy;
use crate::model::field::{Field, FieldSet};

/// The value of a segment's first element that a permission is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    /// Whatever stands in the first element.
    Any,
    /// Exactly this.
    Is(&'static str),
}

impl Qualifier {
    /// Whether a segment with this first element is meant.
    pub fn applies(self, first: &[u8]) -> bool {
        match self {
            Qualifier::Any => true,
            Qualifier::Is(code) => code.as_bytes() == first,
        }
    }
}

/// One permitted place: these elements of this segment in this loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermittedPlace {
    /// Loop, such as `2100A`.
    pub loop_id: &'static str,
    /// Segment tag.
    pub tag: &'static str,
    /// First element.
    pub qualifier: Qualifier,
    /// Elements that may hold data, from 1.
    pub elements: &'static [u16],
}

/// What every 834 may hold, whatever the policy: it names no more than members, their relationship and coverage.
const ALWAYS: &[PermittedPlace] = &[
    permit("2000", "INS", Qualifier::Any, &[1, 2, 3, 4, 5, 7]),
    permit("2000", "REF", Qualifier::Is("0F"), &[1, 2]),
    permit("2000", "REF", Qualifier::Is("1L"), &[1, 2]),
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
        Field::Cost => const { &[permit("2300", "AMT", Qualifier::Is("P3"), &[1, 2])] },
    }
}

/// Where these elements stand in an 834, as `loop/segment[qualifier]/element`, in order: what a policy's version lists.
pub fn paths(fields: FieldSet) -> BTreeSet<String> {
    let of_fields = fields.iter().flat_map(|field| places(field).iter());
    ALWAYS.iter().chain(of_fields).flat_map(PermittedPlace::paths).collect()
}

impl PermittedPlace {
    fn paths(&self) -> impl Iterator<Item = String> {
        let PermittedPlace { loop_id, tag, qualifier, elements } = *self;
        elements.iter().map(move |element| path(loop_id, tag, qualifier, *element))
    }
}

/// One element's place, as a policy's version lists it.
pub fn path(loop_id: &str, tag: &str, qualifier: Qualifier, element: u16) -> String {
    match qualifier {
        Qualifier::Any => format!("{loop_id}/{tag}/{element:02}"),
        Qualifier::Is(code) => format!("{loop_id}/{tag}[{code}]/{element:02}"),
    }
}

impl Policy {
    /// Every place of a member's loops that may hold data under this policy.
    pub fn permits(&self) -> Vec<PermittedPlace> {
        let of_fields = self.fields().iter().flat_map(|field| places(field).iter().copied());
        ALWAYS.iter().copied().chain(of_fields).collect()
    }
}
