//! What must hold of what a night is asked for.

crate::fault::rules! {
    NO_SUCH_FEED: "CLI003" Ours Error Refused, "there is no such feed",
        "feeds are named by their files in schedules/";
    FUTURE_DATE: "RUN015" Ours Error Refused, "a business date must not lie in the future",
        "wait for the day, or correct --date; without it the day in the feed's zone is taken";
}
