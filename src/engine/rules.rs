//! What must hold for a site to be opened and worked on.

crate::fault::rules! {
    BUSY: "RUN001" Ours Error Busy, "another process is at work here",
        "wait for it to finish, or look why it does not; nothing was done by this command";
    NO_STATE: "RUN002" Ours Error, "the site's state folder cannot be used",
        "check that it can be written by this user and is not on a network filesystem without locks";
    NOT_PLAIN: "RUN041" Ours Error Refused, "lock, log, clock and store of a site must be plain files in their own places",
        "nothing was opened: find out who put it there, and take it away; a store elsewhere is named by [store] url";
    UNREADABLE_RECORD: "RUN003" Ours Error, "a sealed record opens but cannot be read",
        "use the version of bex that last wrote the store, or a newer one";
    ONCE_PRODUCTION: "RUN036" Ours Error Refused, "a production site does not become a test site with the same store",
        "put environment = \"production\" back; to try something out, make another site with `bex init`";
    SEALED_HERE: "KEY015" Ours Warning, "what is sealed, or told by a keyed digest, is not shown: its keys are not here",
        "ask whoever holds the vault's and the archive's key to run the same command; everything else is as it stands";
    NO_RECIPIENT: "KEY016" Ours Error Refused, "whoever seals files and opens none needs the archive's recipient",
        "`bex keys list`, run by whoever has the archive's key, says it: archive_recipient = \"age1…\" in [keys]";
    OTHER_RECIPIENT: "KEY017" Ours Error Refused, "archive_recipient must be the public half of the archive's key",
        "find out who has changed this line or the key: files are sealed to it; where the line is wrong, `bex keys list` says the right one once it is out";
    DESTROYED: "KEP004" Ours Error, "the file was destroyed when its time was over",
        "nothing can be read from it any more, here or in any copy; `bex retention list` names its certificate";
    NOT_DESTROYED: "KEP005" Ours Error, "what is destroyed must be removed, and its key with it",
        "look at the disk and at the rights of state/; then run the same command again";
    INTERRUPTED: "RUN014" Ours Error Interrupted, "bex was asked to stop, and stopped at a commit point",
        "run the same command again, or `bex resume RUN`: it goes on from there";
}
