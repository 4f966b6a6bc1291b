//! What a file must be for its rows to be read, whatever they tell. Read as one text.

crate::fault::rules! {
    ENCODING: "CEN004" Theirs Error, "every byte must be valid in the declared encoding",
        "ask the employer how the file is written and declare it in the mapping: nothing is guessed or replaced";
    QUOTES: "CEN005" Theirs Error, "a quoted cell must be closed, and quotes inside it doubled",
        "ask the employer to export again; rows after a lost quote cannot be told apart";
    CUT_OFF: "CEN006" Theirs Error, "the file must be whole: last line ended, trailer present and its count right",
        "ask the employer to send it again; a file cut off looks like people who left";
    TOO_LONG: "CEN007" Theirs Error, "a row must keep within the mapping's limits of bytes and columns",
        "look for a lost quote or line break; raise the limit only for a layout that is really that wide";
    UNREADABLE: "CEN010" Ours Error, "the source must be readable to its end",
        "look at this host's disk, the archive and its key; the source is read again by the next run";
    TOO_LARGE: "CEN012" Theirs Error, "the file must keep within the mapping's limit of bytes",
        "look whether it is the right file; raise file_mib_max only for an employer of that size";
    RAGGED: "CEN020" Theirs Error, "a row must have as many cells as the header",
        "look for a delimiter inside an unquoted cell";
}
