//! What must hold before a night.

crate::fault::rules! {
    CLOCK_BEHIND: "DOC001" Ours Error, "this host's clock stands before what was recorded already",
        "set the clock; carriers refuse files of another day";
    NO_ROOM: "DOC002" Ours Error, "the disk has no room for a night",
        "make room where state/ is";
    NUMBER_AGAIN: "DOC003" Integrity Error, "the next control number was used already",
        "run nothing; `bex recover` raises the numbers past those that were used";
    NUMBERS_MISSING: "DOC004" Ours Warning, "control numbers are missing between the first and the last",
        "if `bex recover` was run, that is why; else compare with the backup before the next run";
    KEY_ENDS: "DOC005" Ours Warning, "a carrier's key is valid for a short time only",
        "ask the carrier for its new key now, and compare it by telephone";
    REACHES_SWAP: "DOC008" Ours Warning, "keys and people's values in memory must not reach a disk, and can by swap that is open",
        "give whoever runs bex an unlimited LimitMEMLOCK, or encrypt swap, or switch it off";
    SAME_DISK: "DOC009" Ours Warning, "the mirror of keys must lie on another disk than state/file-keys",
        "name a folder of another disk or machine in [keys] mirror: here, both are lost together";
    SURPRISED: "DOC007" Theirs Warning, "the carrier's server has done otherwise than was found when it was probed",
        "ask the carrier what it has changed, then `bex doctor FEED --probe`";
    CLOCK_WENT: "DOC010" Ours Warning, "this machine's clock went another way than the machine since the last command",
        "compare it (`timedatectl`); by more than a day it keeps a production site from sending, until a person says that it is right";
    WITNESS_SILENT: "DOC011" Ours Warning, "the log's witness must sign what is new within a day",
        "look on the other machine: whether `bex audit witness` runs, what it says, and whether the folder is copied both ways";
    ANOTHER_PROFILE: "DOC006" Ours Error, "the carrier's place does not allow what files are published by",
        "ask the carrier for the missing right, or write the publish that is named into the carrier's file";
}
