//! Attempts: what is committed before an act and what after it is the whole protocol of a delivery.

states! {
    /// How far a try to deliver has come.
    AttemptState of "attempt"
    {
        Intent = "intent", "Bytes may stand under the temporary name; nothing is published.";
        Verified = "verified", "The file is whole under its temporary name; nothing is published.";
        Publishing = "publishing", "It may have been published: only looking, or the carrier, can tell.";
        Delivered = "delivered", "It was published.";
        Failed = "failed", "It went wrong before anything could have been published.";
    }
    {
        [] => Intent by [DeliveryIntent]: "before connecting";
        [Intent] => Verified by [DeliveryVerified]: "after every write, the close and the comparison";
        [Verified] => Publishing by [DeliveryPublishing]:
            "before the rename; at most one attempt of a delivery stands here, by a unique index";
        [Publishing] => Delivered by [DeliveryDelivered]: "seen under its final name, or taken from there";
        [Intent, Verified] => Delivered by [DeliveryDelivered]:
            "our own bytes stood under the final name already: our records are older than the truth";
        [Publishing] => Delivered by [AckApplied]: "the carrier answers for it";
        [Intent, Verified] => Failed by [DeliveryFailed]: "an error before the publish intent";
    }
}

impl AttemptState {
    /// Whether its publish intent was committed: from there on it may have been published.
    pub fn may_be_published(self) -> bool {
        matches!(self, AttemptState::Publishing | AttemptState::Delivered)
    }
}
