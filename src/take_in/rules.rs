//! What must hold of what is taken in.

crate::fault::rules! {
    NOTHING_TAKEN_IN: "RUN004" Theirs Error, "nothing of this source has been taken in yet",
        "put the file into the employer's inbox folder and run the feed again";
    NEWEST_REFUSED: "RUN005" Theirs Error, "the newest file of this source was refused, and an older one is not used in its place",
        "`bex show input N` says why: have it sent corrected, or mend the mapping and run again; or, with --reason R, `bex input read N` if it is right, `bex input settle N` if it is nothing";
    UNKNOWN_SOURCE: "RUN009" Ours Error, "an archived file belongs to a source that is not configured any more",
        "restore the source's mapping, or leave the file in the archive";
    NOT_ARCHIVED: "RUN010" Integrity Error Failed, "a file that was taken in is not in the archive any more",
        "restore state/archive from the backup: runs are computed from exactly what was taken in";
    RENUMBERED: "WHO001" Theirs Notice, "families have come under other numbers than before: they stay the same families",
        "nothing, where the employer has changed its numbers; carriers go on knowing each family by the number they were told first";
    TWO_NUMBERS: "WHO002" Theirs Error, "one family stands in a census under two numbers",
        "have the employer send each family once, under one number; nothing of it is told until then";
    NOTE_UNREADABLE: "INT033" Integrity Error Failed, "what stands beside a file that was sealed before a night must open with the archive's key",
        "find out to which key archive_recipient had it sealed, and who has changed that; a new file, or `bex input settle N`, goes on";
    SAME_AGAIN: "RUN011" Theirs Notice, "the newest file of this source is the same as the one before, byte for byte",
        "nothing; if a newer file was expected, ask the employer whether the old one was sent again";
}
