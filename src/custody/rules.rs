//! What must hold of what is kept.

crate::fault::rules! {
    NOT_A_NEW_FOLDER: "KEP001" Ours Error Refused, "a backup is written into a folder that is not there yet, outside of the site",
        "name a folder that does not exist, on another disk if you can, in a place bex may write to";
    NOT_BACKED_UP: "KEP002" Ours Error, "a backup must be written to its end",
        "look at the room and the rights there, remove what was written, and run it again";
    NOT_RESTORED: "KEP003" Integrity Error, "a backup must be one that the site can be restored from",
        "do not rely on it: `bex verify` says whether the site itself is as it was recorded; then make another one";
    NO_BACKUP: "KEP012" Ours Error Refused, "a backup is a folder that `bex backup` has made",
        "name the folder that --to named: backup.json is in it";
    NOT_WHAT_IS_DUE: "KEP006" Ours Error Refused, "what is due is not what was looked at, or nothing is",
        "`bex retention list` shows what is due now, and what to give with --expect";
    NO_SUCH_HOLD: "KEP007" Ours Error Refused, "no order to keep of this number stands",
        "`bex retention list` shows those that do";
    NOT_CERTIFIED: "KEP008" Ours Error, "a certificate must be kept",
        "the files are destroyed and recorded: `bex audit show` has it; make room in state/ before the next time";
    NOT_A_FILE: "KEY011" Ours Error Refused, "the vault's key is changed where it stands in a file",
        "put it into a file of mode 0600 that [keys] vault names, run `bex keys rotate`, and hand it over as before";
}
