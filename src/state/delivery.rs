//! Deliveries.

states! {
    /// Where a delivery stands.
    DeliveryState of "delivery"
    {
        Numbered = "numbered", "Numbers, times and names are fixed; nothing is built.";
        Sealed = "sealed", "Judged, sealed and kept.";
        Sending = "sending", "An attempt is or was under way.";
        Delivered = "delivered", "Stands at the carrier.";
        Accepted = "accepted", "The carrier accepted it.";
        Known = "known", "Never sent: a person says that the carrier knows this already, from before its feed was bex's.";
        Assumed = "assumed", "The carrier never answers, and nothing was heard: taken for accepted.";
        Rejected = "rejected", "The carrier rejected it; what it told was taken back.";
        Uncertain = "uncertain", "Published or not cannot be decided.";
        Held = "held", "Something at the carrier stands in its way.";
        Void = "void", "Given up before anything was published; its number is not used again.";
        Lost = "lost", "A person says that the carrier does not have it any more; what it told was taken back.";
    }
    {
        [] => Numbered by [DeliveryNumbered]:
            "control number, final name, time stamps and counts are fixed, with the staged rows of the ledger";
        [Numbered] => Sealed by [DeliverySealed]:
            "digest and length of the sealed bytes are kept: from here the same bytes are sent, or none";
        [Numbered] => Known by [BaselineDeclared]:
            "a person says what the carrier knows already: the staged rows become told, and nothing is built or sent";
        [Sealed, Held] => Sending by [DeliveryIntent]: "an attempt begins; its ordinal and temporary name are kept";
        [Held] => Sending by [DeliveryVerified, DeliveryPublishing]: "what was in the way is gone";
        [Sending, Held] => Sealed by [DeliveryFailed]: "the attempt failed before anything could have been published";
        [Sending, Uncertain] => Held by [DeliveryHeld]:
            "another file stands under the final name, or the server refuses to rename";
        [Sending, Held] => Uncertain by [DeliveryUncertain]: "looking does not tell whether it was published";
        [Sending, Uncertain, Held] => Delivered by [DeliveryDelivered]: "there is proof; the staged rows become told";
        [Sending, Uncertain, Held] => Assumed by [DeliveryDelivered]:
            "the same, at a carrier that never answers and is given no time to";
        [Sending, Uncertain, Held] => Delivered by [AckApplied]:
            "an answer with our numbers proves what may have been published";
        [Delivered] => Assumed by [DeliveryAssumed]:
            "the hours have passed after which the acceptance of a carrier that never answers is assumed";
        [Delivered, Assumed] => Accepted by [AckApplied]: "the answer that decides accepts it";
        [Delivered, Assumed] => Rejected by [AckApplied]: "an answer rejects it";
        [Numbered, Sealed, Sending, Held] => Void by [RunVoided]:
            "given up by a person, with a reason; never while it may have been published";
        [Uncertain] => Sealed by [DeliveryAttested]:
            "a person says that it is not at the carrier: the same bytes are sent when it is resumed";
        [Uncertain, Sealed, Sending, Held] => Delivered by [DeliveryAttested]:
            "a person says that it is at the carrier, or has carried it there; the staged rows become told";
        [Uncertain, Sealed, Sending, Held] => Assumed by [DeliveryAttested]:
            "the same, at a carrier that never answers and is given no time to";
        [Sealed] => Delivered by [AckApplied]: "an answer overrules a person who has said that it is not there";
        [Delivered, Rejected, Lost] => Accepted by [DeliverySettled]: "a person says so; what it told counts as told";
        [Delivered, Accepted, Assumed, Lost] => Rejected by [DeliverySettled]:
            "a person says so; what it told is taken back";
        [Delivered, Accepted, Assumed, Rejected, Known] => Lost by [DeliverySettled]:
            "a person says so; what it told is taken back";
    }
}

impl DeliveryState {
    /// Whether the carrier has it, whatever it said of it.
    pub fn is_delivered(self) -> bool {
        use DeliveryState::{Accepted, Assumed, Delivered, Rejected};
        matches!(self, Delivered | Accepted | Assumed | Rejected)
    }

    /// Whether what it told counts as known to the carrier.
    pub fn is_told(self) -> bool {
        self == DeliveryState::Known || self.is_delivered() && self != DeliveryState::Rejected
    }

    /// Where the carrier's answer is still awaited.
    pub const AWAITED: [DeliveryState; 2] = [DeliveryState::Delivered, DeliveryState::Uncertain];
}
