//! What must hold of what a night is asked for.

crate::fault::rules! {
    NO_SUCH_FEED: "CLI003" Ours Error Refused, "there is no such feed",
        "feeds are named by their files in schedules/";
}
