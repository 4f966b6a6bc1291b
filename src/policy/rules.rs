//! What must hold before anything is disclosed.

crate::fault::rules! {
    NO_POLICY: "POL001" Ours Error, "the carrier has no policy, so nothing may be disclosed to it",
        "add a [policy] table to the carrier's mapping and have it approved";
    NOT_THIS_CARRIERS: "POL002" Ours Error, "a coverage to be disclosed is under a plan this carrier does not have",
        "restore the plan in the carrier's mapping until its terminations have been sent";
}
