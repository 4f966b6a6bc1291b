//! What an inbox and the files in it must be.

crate::fault::rules! {
    IRREGULAR: "INT001" Theirs Error, "only regular files with one name are taken: no links, pipes or devices",
        "remove it and ask who put it there";
    UNSETTLED: "INT002" Ours Notice, "a file is taken when it has not been written to for a while, or has a .done beside it",
        "nothing: it is looked at again at the next run";
    TOO_LARGE: "INT003" Theirs Error, "a file must keep within the mapping's limit of bytes",
        "look whether it is the right file; raise file_mib_max only for an employer of that size";
    TOO_MANY: "INT004" Ours Error, "an inbox holds few files; the rest was not looked at",
        "clear the folder of what does not belong there";
    UNREADABLE: "INT005" Ours Error, "the inbox must be readable",
        "check that the engine's user may read and write it";
    UNUSABLE: "INT006" Ours Error, "the engine's own folders must be usable",
        "check rights, free space and the disk; nothing is lost: the file is taken by the next run";
    UNMOVABLE: "INT007" Ours Error, "a file of the inbox must be movable into the engine's folder",
        "let the engine's user write to the inbox, and keep inbox and state on one file system";
    STILL_WRITTEN: "INT008" Ours Error, "a file must not change while it is taken",
        "nothing was derived from it; it is taken by the next run, once it is left alone";
    SWAPPED: "INT009" Theirs Error, "what was claimed is not the file that was looked at",
        "somebody puts links or pipes into the inbox while it is read: find out who; the thing is in the claims folder, named .refused";
}
