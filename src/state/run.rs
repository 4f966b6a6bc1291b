//! Runs.

states! {
    /// Where a run stands.
    RunState of "run"
    {
        Open = "open", "Under way, or interrupted.";
        Held = "held", "A person must look; `bex resume` or `bex release` goes on.";
        Failed = "failed", "It failed; `bex resume` goes on.";
        Uncertain = "uncertain", "Published or not cannot be decided.";
        Done = "done", "Finished: delivered, or nothing to send.";
        Void = "void", "Given up before anything was published: by a person, or because newer inputs came while a guard held it.";
    }
    {
        [] => Open by [RunOpened]:
            "a feed is due or asked for, on recorded inputs; at most one unfinished run of a feed, by a unique index";
        [Open] => Done by [RunEmpty]: "nobody's coverage changed; no number is used";
        [Open] => Done by [BaselineDeclared]: "a person says what the carrier knows already";
        [Open] => Held by [RunHeld]:
            "a guard is exceeded, and no number is used; or the gate refuses the finished file, or what it was decided for is configured otherwise now";
        [Open, Uncertain] => Held by [DeliveryHeld]: "something at the carrier stands in the way";
        [Open, Failed] => Held by [AckPremature]:
            "a carrier answers a delivery that was not sent: somebody must look before it is";
        [Held] => Open by [RunReleased]: "a person lets a run go that a guard has held, with a reason that is kept";
        [Held, Failed] => Open by [RunResumed]: "it is taken up again, at the commit point it had reached";
        [Open] => Failed by [RunFailed, DeliveryFailed]: "it cannot go on; the fault says why";
        [Open] => Uncertain by [DeliveryUncertain]: "published or not cannot be decided from evidence";
        [Open, Uncertain] => Done by [DeliveryDelivered]: "there is a receipt";
        [Open, Held, Failed, Uncertain] => Done by [AckApplied]:
            "the carrier answers for what may have been published: that settles what looking could not";
        [Open, Held, Failed] => Void by [RunVoided]:
            "a person gives it up with a reason that is kept, while nothing of it may have been published";
        [Held] => Void by [RunReplaced]:
            "newer inputs have come while a guard held it, and no number is used: the feed's next run takes its place";
        [Uncertain] => Failed by [DeliveryAttested]: "a person says that nothing of it is at the carrier";
        [Held, Failed, Uncertain] => Done by [DeliveryAttested]:
            "a person says that the file is at the carrier, or has carried it there";
    }
}
