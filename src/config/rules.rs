//! How the files of a site must fit together, and the folder they stand in.

crate::fault::rules! {
    UNDEFINED: "CFG008" Ours Error Refused, "what is named must be defined",
        "define it, or correct the name";
    OTHER_EMPLOYER: "CFG009" Ours Error Refused, "a feed's sources must be those of its employer",
        "one employer's data must never reach another's carrier file: correct the source or the employer";
    NO_POLICY: "CFG010" Ours Error Refused, "a carrier without a policy may be told nothing",
        "add a [policy] table to the carrier's file: disclose, approved_by, date";
    UNREADABLE: "CFG014" Ours Error Refused, "a file of the site must be readable",
        "check that it is there and that its rights let us read it";
    NO_KEY: "CFG015" Ours Warning Refused, "a key must be where it is said to be",
        "make the key (a login: ssh-keygen -t ed25519 -N '' -f keys/NAME), or correct the reference";
    OPEN_KEY: "CFG016" Ours Warning Refused, "a key must be a file that only the engine's user may read",
        "chmod 600 the file";
    FOLDER_USED: "CFG021" Ours Error Refused, "a new site needs an empty folder",
        "name a folder that does not exist yet, or an empty one; nothing was written";
    FOLDER_UNWRITABLE: "CFG022" Ours Error Refused, "the folder of a new site must be writable",
        "check the rights and the free space of the folder, remove what was begun, and try again";
    SHARED_RECIPIENT: "CFG024" Ours Warning Refused, "each carrier has an encryption key of its own",
        "compare the recipient with the carrier's letter: with another carrier's key, the wrong one can read it";
    EMPLOYER_TOLD_HEALTH: "CFG026" Ours Error Refused, "nothing that concerns health or care may go to an employer",
        "take the element out of disclose, or correct the identifier that is the employer's own";
    OPEN_TO_ALL: "CFG027" Ours Warning Refused, "everybody who can run bex here may do everything: there is no access.toml",
        "name the people and their roles: docs/guide/people.md has an example";
    OPEN_TO_OTHERS: "CFG028" Ours Error Refused, "what decides a production site must be writable by its own user alone",
        "chmod go-w it, and let it belong to the engine's user or to root";
    NO_CONTACT: "CFG030" Ours Warning Refused, "whoever has a question or a complaint must find whom to ask",
        "write [contact] text into bex.toml: a name or a place, with an address or a number";
    TOLD_AT_WORK: "CFG031" Ours Warning Refused, "a notice should not go to a mailbox at an employer whose data it is about",
        "name an address of the office's own: who has access to an employer's mail is not this site's to say";
    UNCONFIRMED: "CFG032" Ours Warning Refused, "a carrier must have confirmed that it takes files as its [file] says",
        "ask it with its companion guide at hand, and write `confirmed = \"YYYY-MM-DD\"` into [file]: a production site sends it nothing before";
    CALENDAR_ENDS: "CFG025" Ours Warning Refused, "a calendar must speak of the days to come",
        "put a newer edition of the calendar into schedules/calendars/; on days it does not speak of, only weekends count";
}
