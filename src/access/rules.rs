//! What must hold of whoever acts.

crate::fault::rules! {
    NOT_GRANTED: "ACC001" Ours Error Forbidden, "this needs a grant that nobody has given to this person",
        "ask whoever keeps access.toml for one of the roles named; in an emergency, `bex breakglass --reason R`";
    NOT_ACCEPTED: "ACC005" Ours Error Forbidden, "whoever acts here must have accepted the code of conduct that is in force",
        "read it and accept it as your office does that; then whoever keeps access.toml writes its day as `accepted` into your grant";
    ANOTHER_PERSON: "ACC002" Ours Error Forbidden, "this must be done by another person than the one who made it necessary",
        "ask a colleague with the same role; an office of one declares that in access.toml: `[access] one_person`";
    AWAITS_APPROVAL: "ACC003" Ours Error, "what was configured otherwise waits for another person's approval, and its feeds with it",
        "`bex approve` shows it; if it is right, `bex approve --expect DIGEST --reason R`; else put it back";
    NOT_REVIEWED: "ACC004" Ours Error, "what was done has not been reviewed for so long that nothing is sent",
        "`bex review list` shows the days; the oldest first, `bex review sign DAY --finding F`";
}
