//! What must hold of the store itself.

crate::fault::rules! {
    UNUSABLE: "STO001" Ours Error, "the store cannot be opened, read or written",
        "check that the site's state folder exists, is writable and has free space, then run the command again";
    BUSY: "STO002" Ours Error Busy, "another process is writing to the store",
        "wait for it to finish, then run the command again";
    WRONG_SCHEMA: "STO003" Integrity Error, "the store's schema is not one this version of bex can use",
        "use the version of bex that last wrote it, or a newer one";
    THERE_ALREADY: "STO004" Ours Error, "the store has this already",
        "nothing was changed; look at `bex runs` to see what was recorded";
    ANOTHER_VAULT: "STO005" Integrity Error, "the store was made with another vault key",
        "restore the vault key that belongs to this store; with another one nobody would be recognised";
    RESTORED: "STO006" Integrity Error, "the store is older than the archive and the outbox beside it",
        "nothing was started: restore a newer bex.db, or see `bex recover` for what it would take to go on";
    NUMBERS_USED_UP: "NUM001" Ours Error, "the control numbers of this trading partner are used up",
        "agree on another sender or receiver id with the carrier: a number may never be used twice";
}
