//! Questions: one is about one family, and stops nobody else.

states! {
    /// Whether a question is still asked.
    QuestionState of "question"
    {
        Open = "open", "Asked; what it concerns stays as told.";
        Closed = "closed", "Not found again: an input has answered it, or its date has come.";
    }
    {
        [] => Open by [DeliveryNumbered, RunEmpty, RunHeld]:
            "a run finds it; found again, it stays open with the run that found it first";
        [Open] => Closed by [DeliveryNumbered, RunEmpty, RunHeld]: "a run does not find it again";
    }
}
