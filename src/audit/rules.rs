//! What must hold between the log, its checkpoints and what they speak of.

crate::fault::rules! {
    LEAF_ALTERED: "LOG001" Integrity Error, "a record of the log must be what was hashed when it was written",
        "nothing is sent: restore the store from a backup, or see `bex recover` for what it would take to go on";
    LEAF_MISSING: "LOG002" Integrity Error, "the log's numbers must have no gaps and no end before its tree's",
        "nothing is sent: restore the store from a backup, or see `bex recover` for what it would take to go on";
    ANOTHER_ROOT: "LOG003" Integrity Error, "the log must lead to the root that its checkpoint says",
        "nothing is sent: records were altered, exchanged or added; restore the store, or see `bex recover`";
    NOT_SIGNED: "LOG004" Integrity Error, "a checkpoint must be signed by this site's key",
        "nothing is sent: restore keys/log.key and the store, or see `bex recover` for what it would take to go on";
    BEHIND_ANCHOR: "LOG005" Integrity Error, "the log must extend every checkpoint that lies in the anchor's folder",
        "nothing is sent: the store is older than its anchor, or another one; restore a newer store, or see `bex recover`";
    ROW_DIFFERS: "LOG006" Integrity Error, "a row of the store must be what the log says of it",
        "nothing is sent: find out who changed it; restore the store, or see `bex recover` for what it would take to go on";
    ROW_UNKNOWN: "LOG007" Integrity Error, "nothing is written to the store but by bex",
        "nothing is sent: find out who wrote to it; restore the store, or see `bex recover` for what it would take to go on";
    ROWS_DIFFER: "LOG008" Integrity Error, "families and what carriers were told must be what was recorded",
        "nothing is sent: find out who changed it; restore the store, or see `bex recover` for what it would take to go on";
    FILE_DIFFERS: "LOG009" Integrity Error, "a sealed file must be, byte for byte, what was recorded",
        "nothing is sent: put the file back from a backup, or see `bex recover` for what it would take to go on";
    ANOTHER_KEY: "LOG010" Integrity Error, "the archive's key must be the one that the log knows",
        "nothing is sent: put the key back; what was sealed to another one cannot be opened with it";
    DOUBTED: "LOG011" Integrity Error, "what was found not to be as recorded must be settled by a person",
        "nothing is sent: `bex verify` shows what it is; restore the store, or `bex recover --reason R` goes on with what there is";
    NO_ANCHOR: "LOG012" Ours Error Refused, "the anchor's folder must be there, and bex must be able to read and write it",
        "nothing was started: mount it, or mend its rights; [audit] in bex.toml names it";
    NO_SIGNER: "LOG013" Ours Error Refused, "checkpoints are signed with the log's key, which must be in the site's key folder",
        "nothing was started: restore keys/log.key from your copy of keys/";
    UNKNOWN_RECORD: "LOG014" Ours Error Refused, "a record must be in the log, and a checkpoint behind it",
        "`bex audit show` lists records; `bex audit checkpoint` makes a checkpoint";
    CONFIGURED_ANEW: "LOG015" Ours Notice, "the configuration is another than when the site last ran",
        "nothing to do where you have changed it; the next run records it";
    MORE_FINDINGS: "LOG017" Integrity Error, "what was found not to be as recorded is more than is said one by one",
        "begin with the first that are said: one cause may show in many places";
    FILE_UNREADABLE_NOW: "LOG018" Ours Error, "a sealed file must be readable to be held against what was recorded",
        "nothing was started: look at the disk, and at the rights and limits of bex's user; then run it again";
    FORKED: "LOG019" Integrity Error, "a log must extend what its witness has signed",
        "nothing was signed: the site's log was put back or written anew; keep both machines as they are, and ask who did it";
    NOT_SHOWN: "LOG020" Ours Error, "newer checkpoints must be shown to extend the one that the witness signed last",
        "look whether what the witness signs is copied back to the site's anchor; if it is, the site's log was put back";
    NO_WITNESS_FOLDER: "LOG021" Ours Error Refused, "a witness must be able to read the log's public key and use its folders",
        "name the site's log.pub, a copy of its anchor, and a folder of the witness's own that it may write to";
    NOT_WRITTEN: "LOG016" Ours Error, "an export is written into a folder that does not exist yet",
        "name a folder that does not exist, in a place bex may write to";
}
