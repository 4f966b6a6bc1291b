//! What must hold of the command line and of the files it names.

crate::fault::rules! {
    NO_SITE: "CLI001" Ours Error Refused, "there is no bex.toml here or in any folder above",
        "name the site with --site DIR, or make one with `bex init DIR`";
    NOT_A_TEST_SITE: "CLI002" Ours Error Refused, "--now and --abort-at are for test sites",
        "leave them out, or use a site whose environment is test";
    FILE_UNREADABLE: "X12040" Ours Error, "the file can be opened",
        "check its name and your rights";
    NOT_AN_OVERLAY: "X12041" Ours Error, "an overlay is TOML with the keys of an overlay and no others",
        "compare it with docs/guide/x12.md";
    UNKNOWN_GUIDE: "X12042" Ours Error, "a guide is one of those built in",
        "try bex x12 validate --guide list";
    NO_REASON: "X12043" Ours Error, "people's values are shown for a reason only",
        "say --reveal --reason 'why', or leave --reveal out";
    NOT_A_MASK_KEY: "X12044" Ours Error, "a key is a file of at least 16 secret bytes",
        "make one: head -c 32 /dev/urandom > mask.key";
    FILE_UNWRITABLE: "X12045" Ours Error, "the file can be written, and none of its name is there",
        "choose an empty folder you may write to";
    NO_FILE: "X12046" Ours Error, "there is a file to judge",
        "name a file, or - for stdin";
    STDIN_TOO_LARGE: "X12047" Ours Error, "stdin is kept whole for comparison",
        "name a file instead";
    NOT_ENROLLMENT: "X12048" Ours Error, "both files hold enrollment sets",
        "compare 834 files; view shows other ones";
    NOTHING_TO_ANSWER: "X12049" Ours Error, "there is something to answer in the file",
        "an acknowledgement is not acknowledged: name the file it answers";
    MASKED_TO_STDOUT: "X12050" Ours Error, "with --json, masked files go into a folder and what was done to stdout",
        "name a folder with --out, or leave --json out";
}
