//! Acknowledgement files.

states! {
    /// What became of a file that came back.
    AckState of "acknowledgement"
    {
        Applied = "applied", "It answers deliveries of ours, and counts.";
        Unmatched = "unmatched", "It names nothing of ours; kept, and applied to nothing.";
        Quarantined = "quarantined", "It could not be read; kept sealed.";
        Premature = "premature", "It answers a delivery that was never sent; kept, and applied to nothing.";
        Contradicting = "contradicting", "It says otherwise than an earlier answer, which stands; kept for a person.";
        Settled = "settled", "A person has dealt with it.";
    }
    {
        [] => Applied by [AckApplied]: "all it says of our deliveries is applied";
        [] => Unmatched by [AckUnmatched]: "none of it names a delivery of ours";
        [] => Quarantined by [AckQuarantined]: "it holds no TA1, 999 or 997 that can be read";
        [] => Premature by [AckPremature]: "it answers a delivery whose publish intent was never committed";
        [] => Contradicting by [AckContradicting]: "it rejects what was accepted, or accepts what was rejected";
        [Unmatched, Quarantined] => Applied by [AckReread]: "a person has it read once more, and it answers deliveries of ours";
        [Quarantined] => Unmatched by [AckReread]: "it can be read now, and names nothing of ours";
        [Unmatched, Quarantined] => Premature by [AckReread]: "read once more, it answers a delivery that was never sent";
        [Unmatched, Quarantined] => Contradicting by [AckReread]: "read once more, it says otherwise than an earlier answer";
        [Contradicting] => Settled by [DeliverySettled]: "a person says which of the answers holds";
        [Unmatched, Quarantined, Premature, Contradicting] => Settled by [AckSettled]: "a person says that it is dealt with";
        [Premature] => Settled by [RunResumed, RunVoided]: "a person takes up, or gives up, the run it answers";
    }
}
