//! What the site's own files must say. Read as one text.

crate::fault::rules! {
    NOT_TOML: "CFG001" Ours Error Refused, "the file must be valid TOML",
        "look for a missing quote, bracket or equals sign on this line";
    UNKNOWN_SETTING: "CFG002" Ours Error Refused, "the file has a setting that does not exist",
        "correct its spelling or remove it; docs/guide lists the settings of each file";
    MISSING: "CFG003" Ours Error Refused, "a required setting is missing",
        "add it to this table";
    WRONG_TYPE: "CFG004" Ours Error Refused, "the value is of another type than the setting",
        "write a value of the wanted type";
    MALFORMED: "CFG005" Ours Error Refused, "a value must have the form its setting asks for",
        "write a value of that form";
    SECRET: "CFG006" Ours Error Refused, "a secret must not stand in the configuration",
        "move it to a file under keys/, write file:keys/NAME here, and replace the secret: it has been seen";
    TWICE: "CFG007" Ours Error Refused, "a key stands once in a table",
        "remove one of the two";
    WITHOUT_REASON: "CFG011" Ours Error Refused, "an element beyond what enrollment needs is disclosed only with a reason",
        "add it to the policy's reasons table, or remove it from disclose";
    NO_HOST_KEY: "CFG012" Ours Error Refused, "an SFTP server is trusted by its host key only",
        "add host_keys with the carrier's public host key";
    NO_NUMBER: "CFG013" Ours Error Refused, "a delivered file's name must contain {number}, so that no file can replace another",
        "add {number} to the name";
    COLUMN_NEEDED: "CFG017" Ours Error Refused, "a column is needed to read this source",
        "name its header in the columns table; what is the same in every row can be stated: { constant = \"…\" }";
    CONTRADICTION: "CFG019" Ours Error Refused, "settings must not contradict each other",
        "change one of them";
    UNFILLED: "CFG020" Ours Error Refused, "a placeholder of the example is not filled in",
        "replace it, and the @@ around it, by the value the comment above it describes";
    WITHOUT_TELEMETRY: "CFG029" Ours Error Refused, "this bex is built without OpenTelemetry and can tell a collector nothing",
        "build it with `cargo build --release --features otel`, or take the table [telemetry] out";
    UNKNOWN_ZONE: "CFG023" Ours Error Refused, "a time zone must be one of the IANA list",
        "correct zone: an area and a place, for example \"America/New_York\"";
}
