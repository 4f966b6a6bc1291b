//! Inputs.

states! {
    /// What became of an input.
    InputState of "input"
    {
        Archived = "archived", "Sealed in the archive, not yet read.";
        Applied = "applied", "Read; its families are recorded.";
        Quarantined = "quarantined", "Set aside; nothing was derived from it.";
        Held = "held", "Sealed and not applied: it may not be the file it should be. A person says.";
        Settled = "settled", "A person has said what has come of it; nothing that was derived from it stands.";
    }
    {
        [] => Archived by [InputArchived]:
            "it was received whole and within bounds, and its sealed copy is on disk; only now is it removed from the inbox";
        [Archived] => Applied by [InputApplied]:
            "it was read as rows; a family with an unreadable row is marked incomplete and stays as told";
        [Archived] => Quarantined by [InputQuarantined]:
            "the whole cannot be trusted: truncated, empty, another employer's, columns shifted, not decodable";
        [Archived] => Held by [InputHeld]:
            "it can be read, and may be an older file, or yesterday's under another name";
        [Applied] => Settled by [InputSettled]:
            "it is the newest of its source, and no run stands that has used it: a person says that it counts as never sent";
        [Quarantined, Held] => Settled by [InputSettled]:
            "a person has it read as another input, from the same sealed copy, or says that nothing is to come of it";
    }
}
