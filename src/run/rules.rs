//! What must hold for a run, and for what is asked of one.

crate::fault::rules! {
    UNKNOWN_RUN: "RUN006" Ours Error, "there is no such run",
        "see `bex runs` for the runs there are";
    EARLIER_RUN_WAITS: "RUN008" Ours Error, "an earlier run of this feed waits for a person",
        "see `bex show RUN`; if a guard holds it, `bex release RUN --reason R`; else mend the cause, `bex resume RUN`";
    NOT_NOW: "RUN016" Ours Error, "this act does not fit how the run stands",
        "see `bex show RUN` for how it stands and what to do next";
    NO_REASON: "RUN020" Ours Error Refused, "what a person decides needs a reason, and a word about a carrier needs evidence",
        "give them: `--reason R`, and `--evidence E` with whom you have asked";
    NOT_CONFIRMED: "RUN021" Ours Error Refused, "the number of people concerned must be confirmed",
        "look at the plan; if it is right, the same again with `--confirm` and the number of people it names";
    RUNS_NOT_CONFIRMED: "RUN033" Ours Error Refused, "the number of runs that an act on many is done to must be confirmed",
        "look at the plan; if it is right, the same again with `--confirm` and the number of runs it names";
    CHANGED_MEANWHILE: "RUN034" Ours Error, "a run of the set stands otherwise than when the set was shown",
        "nothing was done to it, nor to those behind it: the same again with `--plan` shows the set as it is now";
    ANOTHER_RUN_TELLS: "RUN022" Ours Error, "an unfinished run has something to say of the same people",
        "bring that run to its end first: see `bex show RUN`";
    RAN_SINCE: "RUN023" Ours Error, "the feed has run since on newer files, and older ones would undo what it told",
        "`bex run FEED`: the people of this run are decided anew from the newest files";
    FEED_HELD: "RUN025" Ours Error, "a person holds this feed: nothing of it is run or sent",
        "`bex runs` says who; once it may go on, `bex unhold FEED --reason R`";
    CLOCK_JUMPED: "RUN038" Ours Error, "this machine's clock went another way than the machine, by more than a day: nothing is read or sent",
        "compare it (`timedatectl`) and set it where it is wrong; `bex approve` then says how to let everything go on";
    NOT_WRITTEN: "RUN024" Ours Error, "the sealed file could not be written where it is to be carried from",
        "name a folder that is there, can be written and holds no file of that name; nothing was changed";
    NOT_CONFIRMED_BY_CARRIER: "RUN042" Ours Error, "on a production site a carrier is sent files only as it has confirmed that it takes them",
        "ask the carrier with its companion guide at hand, and write `confirmed = \"YYYY-MM-DD\"` below [file] of its file; then run the feed again";
    NO_FILE: "RUN043" Ours Error, "this run has no file: nothing was numbered or written",
        "`bex show RUN` says why and what to do, `bex show RUN --families` of a held one whom it would tell of; `bex plan FEED` says what it would tell of whom";
    DECIDED_OTHERWISE: "RUN026" Ours Error, "what this run was decided for is not what is configured now; nothing was sent",
        "if today's configuration is right, `bex rebuild RUN --reason R` or `bex void RUN --reason R`; else put it back";
    NOTHING_DIFFERS: "RUN027" Ours Error Refused, "only what differs from what a run was decided for can be accepted",
        "`bex resume RUN --plan` names what differs; nothing was changed";
    NO_SUCH_THING: "RUN028" Ours Error, "there is nothing of this kind and number",
        "see `bex runs`, `bex show RUN` and `bex acks` for the numbers there are";
    TOLD_ALREADY: "RUN039" Ours Error Refused, "a baseline says what a carrier knew before its feed was bex's, and this feed has told it of people",
        "nothing was changed: to take an earlier baseline back, `bex settle RUN --lost`; what was told since stays told";
    NOBODY_KNOWN: "RUN040" Ours Error Refused, "a baseline must say of somebody that the carrier knows them",
        "nothing was changed: check that the files or the list are those of this feed; where the carrier knows nobody yet, no baseline is needed";
    NOT_KEPT: "RUN029" Ours Error, "what a delivery makes known must be kept beside its sealed file before anything is sent",
        "nothing was sent: make room in state/outbox, or mend its rights; then `bex resume RUN`";
    NOT_MADE_KNOWN: "RUN032" Integrity Error, "what is kept beside a sealed file must be what was written there",
        "restore the file from another copy; without it `bex recover` goes on behind the numbers used, and tells its families again";
    NUMBERS_DIFFER: "RUN031" Integrity Error, "a delivery that is taken up again must have the numbers that it was sent with",
        "the store has given them to something else: restore a newer backup, or move the file beside the sealed one away";
    ACK_NOT_KEPT: "ACK003" Ours Error, "an acknowledgement could not be kept",
        "make room in the state folder; the file is still at the carrier and is fetched again";
    PREMATURE: "ACK004" Theirs Error, "a carrier has answered a delivery that was never sent",
        "nothing follows from it: ask the carrier what it has received, then `bex resume RUN` or `bex void RUN --reason R`";
    CONTRADICTING: "ACK005" Theirs Error, "an answer contradicts an earlier one, which stands",
        "ask the carrier which of them holds; both are kept, and nothing was changed; then `bex settle RUN --accepted` or `--rejected`";
    OBJECTED: "ACK007" Theirs Error, "the carrier objects to a place of the file that comes from here",
        "ask the employer about that row and column; `bex show delivery N` says all of it";
    ANSWER_GONE: "ACK008" Ours Error, "an answer is not in the archive any more",
        "restore state/archive from the backup";
    NOT_SETTLEABLE: "ACK006" Ours Error, "only an answer that waits for a person can be settled or read once more",
        "see `bex acks` for the answers that wait, each with its number";
    REPORT_UNREADABLE: "ACK011" Theirs Error, "a carrier's report must be a table with the columns that its file declares",
        "compare its header with `[[acknowledgements.report]]` in the carrier's file; once that is mended, `bex acks reread N --reason R`";
    REPORT_UNMATCHED: "ACK012" Theirs Error, "every row of a carrier's report must name a delivery, a member and a code of ours",
        "look at the rows named in the carrier's own file: declare its codes, then `bex acks reread N --reason R`; or ask the carrier, and `bex acks settle N --reason R`";
    SAYS_THE_SAME: "ACK010" Ours Error, "an answer that is read once more names nothing of ours, as before",
        "compare its sender and receiver with the carrier's file and bex.toml; else `bex acks settle N --of RUN --reason R`";
    SAYS_NOTHING: "ACK009" Ours Error Refused, "an answer says nothing that could count for a run",
        "settle it without --of, and say what the carrier has decided by `bex settle RUN --accepted` or `--rejected`";
    UNBALANCED: "SUM001" Integrity Error, "a choice is neither told nor to be told, and nothing says why",
        "report this as a defect of bex with the feed's name; look after those people by hand until then";
}

/// What may be done about a difference after which the same carrier still gets what it may be told.
pub(super) const MAY_BE_ACCEPTED: &str = "if the same carrier gets it by that, `bex resume RUN --accept NAMES --reason R` with what differs; \
     else `bex rebuild RUN --reason R` or `bex void RUN --reason R`";
