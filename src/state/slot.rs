//! Slots: a feed on one business date, from the moment somebody has to know of it.

states! {
    /// What has come of a slot that was due.
    SlotState of "slot"
    {
        Blocked = "blocked", "Due, and something keeps it from being run; every pass looks again until its cut-off.";
        Missed = "missed", "Its cut-off has passed without a run; a person decides, or the feed's next run covers it.";
        Ran = "ran", "It has its run; no pass opens another.";
        Skipped = "skipped", "A person decided that it needs no run.";
    }
    {
        [] => Blocked by [SlotTried]: "a pass finds it due and cannot run it";
        [Missed] => Blocked by [SlotTried]: "its schedule lets missed slots be run, and a pass cannot";
        [] => Missed by [SlotMissed]: "a pass finds that its cut-off has passed";
        [Blocked] => Missed by [SlotMissed]: "what kept it lasted until its cut-off";
        [] => Ran by [RunOpened, SlotSettled]: "its run is opened, or the feed has run on the same inputs for its date";
        [Blocked, Missed] => Ran by [RunOpened, SlotSettled]: "the same, later";
        [Skipped] => Ran by [RunOpened, SlotSettled]: "a person runs it after all";
        [] => Skipped by [SlotSkipped]: "a person says so";
        [Blocked, Missed] => Skipped by [SlotSkipped]: "a person says so";
    }
}
