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
    RAGGED: "CEN020" Theirs Error, "a row must have as many cells as the header, its line the declared length, a line of JSON one whole object",
        "look for a delimiter inside an unquoted cell, or a sign lost in a line of JSON; say row_ends where rows end short; declare title and closing lines as remarks";
    NOT_LINES: "CEN066" Theirs Error, "in lines of JSON, each line must be one whole object, with nothing between them",
        "ask the employer for JSON Lines (NDJSON), an object in each line; `looks like` says how the file is written";
    EMPTY: "CEN001" Theirs Error, "the file must have at least as many rows as its mapping asks for",
        "nothing was derived from it and nobody is ended by it; ask the employer to send it again";
    COLUMN_MISSING: "CEN002" Theirs Error, "the header must have every required column",
        "ask the employer whether the layout changed; then add the new header to the mapping, or required = false";
    COLUMN_TWICE: "CEN003" Theirs Error, "a mapped header must stand once in the header line",
        "ask the employer which of the columns is meant, or name a distinct header in the mapping";
    COLUMNS_DROPPED: "CEN011" Theirs Notice, "columns without a mapping are dropped",
        "nothing: what no mapping names is not kept; remove the columns at the source if they need not be sent";
    WORKBOOK: "CEN054" Theirs Error, "a workbook must be a whole .xlsx, .xls or .ods file that a spreadsheet program opens",
        "ask the employer to save it again as .xlsx, without a password";
    INFLATES: "CEN055" Theirs Error, "a workbook must keep within the limits of what may be unpacked",
        "look whether it is the right file; ask the employer for a workbook of this sheet alone";
    SHEET: "CEN056" Theirs Error, "a workbook must have one sheet that can be seen and holds anything, or the one the mapping names",
        "name the sheet in the mapping's format, exactly as its tab says";
    PACKED: "CEN060" Theirs Error, "a zip must hold exactly one plain file, without a password",
        "ask the employer to pack each file by itself, or not at all";
    NO_HEADER: "CEN050" Theirs Error, "the header line must name columns of the mapping",
        "set delimiter or header_line in the mapping's format as the facts say, or ask the employer for the usual layout";
}
