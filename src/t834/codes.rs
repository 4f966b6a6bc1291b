//! Our words → the guide's codes.

use crate::model::person::{EmploymentStatus, MaritalStatus, Relationship, Sex};

/// INS02, data element 1069.
pub(super) fn relationship(relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Subscriber => "18",
        Relationship::Spouse => "01",
        Relationship::Partner => "53",
        Relationship::Child => "19",
        Relationship::Stepchild => "17",
        Relationship::AdoptedChild => "09",
        Relationship::FosterChild => "10",
        Relationship::Ward => "15",
        Relationship::ExSpouse => "25",
        Relationship::Other => "G8",
    }
}

/// INS08, data element 584.
pub(super) fn employment(status: EmploymentStatus) -> &'static str {
    match status {
        EmploymentStatus::Active => "AC",
        EmploymentStatus::PartTime => "PT",
        EmploymentStatus::Leave => "L1",
        EmploymentStatus::Retired => "RT",
        EmploymentStatus::Terminated | EmploymentStatus::Cobra => "TE",
    }
}

/// DMG03, data element 1068.
pub(super) fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "F",
        Sex::Male => "M",
        Sex::Unknown => "U",
    }
}

/// DMG04, data element 1067.
pub(super) fn marital_status(status: MaritalStatus) -> &'static str {
    match status {
        MaritalStatus::Single => "I",
        MaritalStatus::Married => "M",
        MaritalStatus::Divorced => "D",
        MaritalStatus::Widowed => "W",
        MaritalStatus::Separated => "X",
        MaritalStatus::Partnered => "B",
    }
}

/// NM110, data element 706: whether the member is a patient already.
pub(super) fn established(established: Option<bool>) -> &'static str {
    match established {
        Some(true) => "25",
        Some(false) => "26",
        None => "72",
    }
}
