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
    UNREACHABLE: "STO009" Ours Error, "the database server must be reached",
        "nothing was changed: check that the server runs and that url in bex.toml names it, then run the command again";
    NOT_ADMITTED: "STO010" Ours Error, "the database server must admit bex",
        "nothing was changed: check the role, its password and its rights; docs/guide/databases.md says what it needs";
    LOST: "STO011" Ours Error, "the connection to the database must last until a change is committed",
        "nothing of that change stands: run the command again, it goes on from the last commit";
    NOT_ANSWERED: "STO012" Ours Error, "whether a change is committed must be known",
        "run the command again when the database can be reached: it looks what stands before it goes on";
    FULL: "STO013" Ours Error, "the database must have free space",
        "nothing of that change stands: make space where the database is, then run the command again";
    WRONG_SERVER: "STO014" Ours Error, "the database server must be PostgreSQL 15 or later, with UTF8",
        "nothing was changed: use another server, or make the database with ENCODING 'UTF8'";
    NOT_EMPTY: "STO015" Ours Error Refused, "a store is moved into an empty database only",
        "nothing was changed: name a database in which nothing is, or empty this one";
    RUN_UNDER_WAY: "STO016" Ours Error Refused, "a store is moved while no run is open",
        "nothing was changed: `bex runs` shows the run; resume or void it, then move the store";
    DIFFERS: "STO017" Integrity Error, "what was copied must be what is in the store",
        "nothing was changed, the store is where it was: report it with this text";
    MOVED: "STO018" Ours Error Refused, "a store that was moved to another database acts no more",
        "write the address of the other database into bex.toml, as `bex migrate` said";
    DAMAGED: "STO019" Integrity Error, "what the database holds must be what it wrote",
        "stop: keep the damaged file, look at the disk, and restore the newest backup; `bex recover` says what went on since";
    ON_NETWORK: "STO020" Ours Error Refused, "a store in a file must be on a disk of this machine",
        "put state/ on a local disk, or the store into PostgreSQL (docs/guide/databases.md)";
    NUMBERS_USED_UP: "NUM001" Ours Error, "the control numbers of this trading partner are used up",
        "agree on another sender or receiver id with the carrier: a number may never be used twice";
}
