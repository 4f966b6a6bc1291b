//! What must hold of what a person answers.

crate::fault::rules! {
    NO_SUCH_QUESTION: "ANS001" Ours Error Refused, "no such question of this feed is open",
        "see `bex show RUN --questions` of its newest run for the open questions, each with its member and code";
    WHICH_PLAN: "ANS002" Ours Error Refused, "the question is open about several plans of this member",
        "say which: `--about PLAN`";
    TAKES_NO_ANSWER: "ANS003" Ours Error Refused, "this question is settled by a corrected input alone",
        "have what it says corrected at its source: its page in the runbook says how";
    NOTHING_TO_BREAK: "ANS005" Ours Error Refused, "everybody may do everything here: an emergency gives no further leave",
        "nothing: without access.toml the command can be given as it is";
    NOT_WHAT_WAS_SEEN: "ANS006" Ours Error Refused, "what waits for an approval is not what was looked at",
        "`bex approve` shows what waits now, and what to give with --expect";
    NOT_THIS_DAY: "ANS007" Ours Error Refused, "only the oldest day that nobody has signed for, once it is over, can be signed, as it was looked at",
        "`bex review show` shows that day, and what to give with --expect";
    NO_SIGNATURE: "ANS008" Ours Error Refused, "this site wants a signature by an SSH key of keys/reviewers",
        "`bex review show DAY --to-sign > day.txt`, `ssh-keygen -Y sign -n bex-review -f KEY day.txt`, then --signature day.txt.sig";
    NOBODY_OF_IT: "ANS009" Ours Error Refused, "the feed's sources tell of nobody of this reference",
        "take references as `bex plan FEED` prints them; nothing was changed";
    WAITS_FOR_ANOTHER: "ANS010" Ours Error Waiting, "nothing is done yet: it waits for another person's approval",
        "have a colleague with the same role give `bex approve`, which shows what waits, and `bex approve N --confirm PEOPLE --reason R`";
    NO_SUCH_ACT: "ANS011" Ours Error Refused, "no act of this number waits for an approval as it was asked for",
        "`bex approve` shows what waits; what was asked for something that stands otherwise by now is asked for again";
    DAY_TOO_FAR: "ANS012" Ours Error Refused, "a question waits for whoever was asked from today on, three months at most",
        "give a day within that with --until: the question is open again after it";
    ANOTHER_ANSWER: "ANS004" Ours Error Refused, "this is no answer to that question",
        "give the one that the question takes";
}
