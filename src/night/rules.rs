//! What must hold of what a night is asked for.

crate::fault::rules! {
    NO_SUCH_FEED: "CLI003" Ours Error Refused, "there is no such feed",
        "feeds are named by their files in schedules/";
    MISSED: "RUN017" Ours Error, "a slot was missed: its cut-off passed without a run",
        "run it for its date (`bex run FEED --date DATE`), or decide that it needs no run (`bex skip FEED --date DATE --reason R`)";
    WAITS_FOR: "RUN018" Ours Notice Busy, "a feed waits for one it runs after",
        "nothing: it is run when the other is done with the same date; `bex runs` shows what keeps that one";
    WAITS_FOR_FILE: "RUN037" Ours Notice Busy, "a feed waits for a file that it expects and that has not come",
        "ask the employer for it: it runs when the file comes, or at `until` on what there is; `bex run FEED` runs it now";
    NO_HEARTBEAT: "RUN030" Ours Error, "no pass has reached its end for too long",
        "look whether the timer runs (`systemctl status`, `crontab -l`) and what `bex run --due` says";
    NOT_TOLD: "NOT001" Ours Error, "a notice did not reach whoever wants it",
        "look at the channel in bex.toml and try `bex notify --test`; the next pass tries again, and no run was kept by it";
    NO_CHANNEL: "NOT002" Ours Error Refused, "bex.toml names nobody who is to be told",
        "add a table [notify.NAME] with mail, command or webhook: docs/guide/nightly.md";
    NOT_COLLECTED: "NOT003" Ours Warning, "traces and figures did not reach the collector",
        "look whether it runs and takes OTLP over HTTP at the endpoint; no run was kept by it, and what was not told is not told again";
    NOT_SKIPPABLE: "RUN019" Ours Error Refused, "only a slot that has come and has no run can be skipped, and only with a reason",
        "see `bex schedule next` for the feed's days, and `bex runs` for what has run";
    FUTURE_DATE: "RUN015" Ours Error Refused, "a business date must not lie in the future",
        "wait for the day, or correct --date; without it the day in the feed's zone is taken";
}
