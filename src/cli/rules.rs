//! What must hold of the command line and of the files it names.

crate::fault::rules! {
    NO_SITE: "CLI001" Ours Error Refused, "there is no bex.toml here or in any folder above",
        "name the site with --site DIR, or make one with `bex init DIR`";
    NOT_A_TEST_SITE: "CLI002" Ours Error Refused, "--now and --abort-at are for test sites",
        "leave them out, or use a site whose environment is test";
    NOT_READABLE: "CLI004" Ours Error, "a mapping and the file it is tried on must be readable, and a mapping's name be a source's",
        "check their names, of which a mapping's is 1 to 40 of a-z 0-9 - _, and your rights";
    NO_ROW: "CLI011" Ours Error, "a line that is to be explained must be the first of a person's row",
        "count from the top of the file, header and titles among the lines; faults say the line of their row";
    NO_EMPLOYER: "CLI012" Ours Error Refused, "an employer is named as a table of bex.toml is",
        "look at [employers] in bex.toml";
    REPORT_UNWRITABLE: "CLI013" Ours Error, "a report must be writable, and none of its name be there already",
        "name another folder with --out, or remove the older report";
    UNKNOWN_CODE: "CLI005" Ours Error Refused, "there is no fault of this code",
        "write it as a fault says it, for example `bex help RUN005`";
    NO_POLICY_VERSION: "CLI006" Ours Error Refused, "there is no policy of this carrier, version or delivery",
        "`bex policy show` lists carriers and versions; a delivery that 0.1.0 sealed has none";
    NOTHING_TO_REVIEW: "CLI007" Ours Error Refused, "no day of this date waits for a review",
        "`bex review list` shows the days that wait, and those that were signed";
    NO_CARRIER: "CLI015" Ours Error Refused, "a carrier is named as its file in mappings/carriers/ is",
        "look into mappings/carriers/ of the site";
    NO_DEMO: "CLI014" Ours Error Refused, "this bex is built without its demonstration",
        "`bex init DIR` makes a site; for the demonstration, build it with `cargo build --release`";
    FILE_UNREADABLE: "X12040" Ours Error, "the file cannot be opened",
        "check its name and your rights";
    NOT_AN_OVERLAY: "X12041" Ours Error, "an overlay must be TOML with no other keys than those of an overlay",
        "compare it with docs/guide/x12.md";
    UNKNOWN_GUIDE: "X12042" Ours Error, "there is no built-in guide of this name",
        "try bex x12 validate --guide list";
    NO_REASON: "X12043" Ours Error, "people's values are shown only with a reason",
        "say --reveal --reason 'why', or leave --reveal out";
    NOT_A_MASK_KEY: "X12044" Ours Error, "a masking key must be a file of at least 16 secret bytes",
        "make one: head -c 32 /dev/urandom > mask.key";
    FILE_UNWRITABLE: "X12045" Ours Error, "the file cannot be written, or one of its name is there already",
        "choose an empty folder you may write to";
    NO_FILE: "X12046" Ours Error, "no file was named",
        "name a file, or - for stdin";
    STDIN_TOO_LARGE: "X12047" Ours Error, "stdin is larger than can be kept for comparison",
        "name a file instead";
    NOT_ENROLLMENT: "X12048" Ours Error, "both files must hold enrollment sets",
        "compare 834 files; view shows other ones";
    NOTHING_TO_ANSWER: "X12049" Ours Error, "the file holds nothing to answer",
        "an acknowledgement is not acknowledged: name the file it answers";
    MASKED_TO_STDOUT: "X12050" Ours Error, "with --json, stdout says what was done, and masked files need a folder",
        "name a folder with --out, or leave --json out";
}
