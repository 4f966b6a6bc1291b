//! What must hold for a run, and for what is asked of one.

crate::fault::rules! {
    UNKNOWN_RUN: "RUN006" Ours Error, "there is no such run",
        "see `bex runs` for the runs there are";
    NOT_RELEASABLE: "RUN007" Ours Error, "only a run that a guard has held can be released, and only with a reason",
        "see `bex show RUN`; a run held at the carrier is taken up with `bex resume RUN`";
    EARLIER_RUN_WAITS: "RUN008" Ours Error, "an earlier run of this feed waits for a person",
        "see `bex show RUN`; if a guard holds it, `bex release RUN --reason R`; else mend the cause, `bex resume RUN`";
    NOT_VOIDABLE: "RUN013" Ours Error, "only an unfinished run of which nothing can have been published can be voided, and only with a reason",
        "see `bex show RUN`; what may have been published is settled by `bex resume RUN` or by the carrier's answer";
    ACK_NOT_KEPT: "ACK003" Ours Error, "an acknowledgement could not be kept",
        "make room in the state folder; the file is still at the carrier and is fetched again";
    PREMATURE: "ACK004" Theirs Error, "a carrier has answered a delivery that was never sent",
        "nothing follows from it: ask the carrier what it has received, then `bex resume RUN` or `bex void RUN --reason R`";
    CONTRADICTING: "ACK005" Theirs Error, "an answer contradicts an earlier one, which stands",
        "ask the carrier which of them holds; both are kept, and nothing was changed";
}
