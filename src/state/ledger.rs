//! Rows of the ledger: they follow their delivery.

states! {
    /// What a version of the ledger counts for.
    LedgerState of "ledger row"
    {
        Staged = "staged", "It counts for nothing yet, and keeps other runs from deciding about the family.";
        Told = "told", "What the carrier knows, until another delivery tells it something else.";
        Void = "void", "Told and taken back, or never told. It stays: it may have been disclosed all the same.";
    }
    {
        [] => Staged by [DeliveryNumbered]: "its delivery is numbered";
        [Staged] => Told by [DeliveryDelivered, AckApplied, DeliveryAttested]:
            "its delivery is delivered, or somebody answers for it";
        [Staged] => Told by [BaselineDeclared]: "a person says that the carrier knows it already";
        [Told] => Void by [AckApplied, DeliverySettled]: "its delivery is rejected or lost: the family is decided anew";
        [Void] => Told by [DeliverySettled]: "a person says that its delivery was accepted after all";
        [Staged] => Void by [RunVoided]: "its run is given up: the family is decided anew";
    }
}
