//! What must hold of what a person answers.

crate::fault::rules! {
    NO_SUCH_QUESTION: "ANS001" Ours Error Refused, "no such question of this feed is open",
        "see `bex show RUN` of its newest run for the open questions, each with its member and code";
    WHICH_PLAN: "ANS002" Ours Error Refused, "the question is open about several plans of this member",
        "say which: `--about PLAN`";
    TAKES_NO_ANSWER: "ANS003" Ours Error Refused, "this question is settled by a corrected input alone",
        "have what it says corrected at its source: its page in the runbook says how";
    ANOTHER_ANSWER: "ANS004" Ours Error Refused, "this is no answer to that question",
        "give the one that the question takes";
}
