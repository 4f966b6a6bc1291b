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
    NO_MAPPING: "INT010" Theirs Error, "a file of an inbox must be one that a mapping of its employer describes",
        "it is sealed and set aside: `bex show input N` says what it was called; mend `file` in the mapping and `bex input read N --reason R`, or `bex input settle N --reason R`";
    NO_EMPLOYER: "INT011" Theirs Error, "a folder of the inbox must be called as an employer of a mapping is",
        "nothing in it is taken: give it the employer's name, or remove it and ask who put it there";
    WAITS: "INT012" Theirs Error, "a file waits for somebody to say what is to come of it",
        "`bex show input N` says why; `bex input read N --reason R` has it read, `bex input settle N --reason R` says that nothing is to come of it";
    OVERTAKEN: "INT034" Theirs Error, "a file that waits is not read over a newer one of its source that was applied since",
        "ask the employer which of the two holds: `bex input settle N --reason R` leaves the older; if it holds all the same, have it sent again";
    UNKNOWN_INPUT: "INT013" Ours Error, "there is no such input",
        "`bex runs` names those that wait for somebody";
    NO_SUCH_SOURCE: "INT014" Ours Error Refused, "a file is read as one source that is configured",
        "mend `file` in the mapping so that it describes the file, or name the source: `--as census/NAME`, `--as elections/NAME`";
    NOT_WAITING: "INT015" Ours Error, "a file is read again or settled while it waits for somebody; else only the newest of its source is, and settled before a run has used it",
        "`bex show input N` says how it stands";
    OTHER_PEOPLE: "INT016" Theirs Error, "a file must tell of people its source told of before",
        "another employer's file may be in this inbox: ask before anything else; if it is right, `bex input read N --reason R`";
    SHRUNK: "INT017" Theirs Error, "a file must not have far fewer rows than the one before it",
        "ask the employer whether it was cut off; if it is right, `bex input read N --reason R`";
    OLDER: "INT018" Theirs Error, "a file must not be older, by the day in its name, than the one applied before it",
        "ask the employer which holds; `bex input read N --reason R` has it read, `bex input settle N --reason R` leaves it";
    NOTHING_NEW: "INT019" Theirs Error, "a file under another name must tell something that the one before did not",
        "ask the employer whether the old file was sent again; `bex input settle N --reason R` once that is clear";
    SILENT: "INT020" Theirs Error, "a source must not be silent for longer than it ever was, or than its mapping allows",
        "ask the employer for the file: until it comes, nobody hears of hires and ends; set silent_days_max in the mapping where this rhythm is right";
    NO_FEED: "INT021" Theirs Error, "a file must be one that a feed reads",
        "it is sealed and set aside: name its mapping in a feed of schedules/ and `bex input read N --reason R`, or `bex input settle N --reason R`";
    NOBODYS_ROWS: "INT022" Theirs Error, "every row of the newest file must be somebody's",
        "`bex show input N` names the rows of which nobody can say whose they are: each may be a new employee's; have them corrected, a later file settles it";
    COLUMN_MOVED: "INT023" Theirs Error, "one value must not be another one for more people at once than the mapping allows",
        "look whether a column was moved, emptied or sorted by itself; if it is right, `bex input read N --reason R`";
    FAR_DAY: "INT024" Theirs Error, "the day in a file's name must be near the night it is read on",
        "ask the employer which file it is; `bex input read N --reason R` has it read, `bex input settle N --reason R` leaves it";
    TRIAL: "INT025" Theirs Error, "a trial must not be taken for people: by its name, or by whom it tells of",
        "ask the employer; `bex input read N --reason R` where it is meant, `bex input settle N --reason R` where it is not";
    WRAPPED: "INT026" Theirs Error, "a sealed or packed file must be whole, for this site, and hold exactly one file",
        "`because` says what is wrong: ask the employer to seal it again, to the recipient that `bex init` printed or the OpenPGP key of `bex keys list`; or to pack one file, without a password";
    NOT_SIGNED: "INT031" Theirs Error, "a file of an employer whose signing key is declared must be an OpenPGP message signed by that key",
        "ask the employer, by another way than mail, whether it sent this file and with which key: whoever has your public key can encrypt to it";
    NO_OPENPGP: "INT032" Theirs Error, "an OpenPGP message is read where the site has a key for it",
        "declare `openpgp` under [keys] and give the employer its public half; or have the file sent in another way";
    INCOMPLETE: "INT035" Theirs Error, "every file that makes a census with others must come with them",
        "ask the employer for what is `missing`, and for it alone: the others wait; where it will not come, `bex input settle --part SOURCE/PART --reason R` leaves what is here";
    PART_ENDED: "INT036" Theirs Notice, "of files that make a census together, one of each is read",
        "nothing: a newer file of the same part came before the others, or a newer census was whole; the older ones are sealed and kept";
    OTHER_MAPPING: "INT037" Theirs Error, "a file that was sealed before it is read must still be what the mapping says its files are",
        "the mapping was changed while it waited, and it is sealed, kept and not read: have it sent again if today's mapping is to read it";
    UNDESCRIBED: "INT027" Theirs Error, "every file of a folder that is fetched from must be one that a mapping describes",
        "look at the folder: mend `file` in a mapping that fetches from it, or have the file removed there; it is left where it is";
    MOVED_DAY: "INT029" Theirs Notice, "a hire date, or a plan's first day, stays as it was unless something happened",
        "ask the employer which of the two days holds: payroll, platform and carrier must count from the same one";
    SAME_AGAIN: "INT030" Theirs Warning, "a census that comes night after night tells something new now and then",
        "ask the employer whether its export still runs on today's data; `unchanged_nights` in a feed's [expect] says how many nights are usual, 0: never";
    NOT_ANSWERED: "INT028" Ours Error, "a database must answer the query that its mapping asks",
        "look at `because` and the database's own code, have its people look; what it told before stands until it answers";
}
