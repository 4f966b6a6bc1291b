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
        Absent = "absent", "It may have been published; a person says that it is not there.";
        ByHand = "by-hand", "A person has carried the sealed file to the carrier.";
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
        [Publishing] => Delivered by [DeliveryAttested]: "a person says that it is there";
        [Publishing] => Absent by [DeliveryAttested, DeliveryResent]:
            "a person says that it is not there, or has it sent again all the same";
        [Absent] => Delivered by [AckApplied]: "the carrier answers for it all the same";
        [] => ByHand by [DeliveryAttested]: "a person says that the file was carried there";
    }
}

impl AttemptState {
    /// The states of attempts by which bytes may have come to the carrier, under whatever name.
    pub const REACHING: [AttemptState; 6] = [
        AttemptState::Intent,
        AttemptState::Verified,
        AttemptState::Publishing,
        AttemptState::Delivered,
        AttemptState::Absent,
        AttemptState::ByHand,
    ];

    /// Whether it may stand at the carrier: its publish intent was committed, or somebody has carried the file there.
    pub fn may_be_published(self) -> bool {
        matches!(self, AttemptState::Publishing | AttemptState::Delivered | AttemptState::ByHand)
    }

    /// Whether an answer to it can be one: a person who says that it is not there may be wrong, and the carrier knows.
    pub fn may_be_answered(self) -> bool {
        self.may_be_published() || self == AttemptState::Absent
    }
}
