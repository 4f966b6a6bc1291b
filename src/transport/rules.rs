//! What must hold of a place that files go to and come from. Read as one text.

crate::fault::rules! {
    HOST_KEY: "TRA001" Theirs Error, "the server showed another host key than the pinned one; nothing was sent to it",
        "ask the carrier, by another way, whether it changed its key; then replace host_keys in the carrier's file";
    LOGIN: "TRA002" Theirs Error, "the host refused our login, which was tried once",
        "ask the carrier whether our public key and user are still valid";
    UNREACHABLE: "TRA003" Ours Error, "the host cannot be reached",
        "check name, port and firewall; the next run, or `bex resume RUN`, tries again";
    TIMEOUT: "TRA004" Ours Error, "the host did not answer within the time allowed",
        "the next run, or `bex resume RUN`, tries again; raise timeout_seconds for a slow server";
    NOT_FOUND: "TRA005" Theirs Error, "the file or folder does not exist",
        "compare the folders in the carrier's file with theirs";
    EXISTS: "TRA006" Theirs Error, "the name is taken",
        "see what stands there; it is never replaced";
    NO_SPACE: "TRA007" Theirs Error, "the place has no room for the file",
        "ask the carrier to make room";
    DENIED: "TRA008" Theirs Error, "the host does not let us do this",
        "ask the carrier for the missing right";
    BROKEN: "TRA009" Ours Error, "the connection was lost",
        "the next run, or `bex resume RUN`, looks and tries again";
    FAILURE: "TRA010" Theirs Error, "the host refused what it was asked to do",
        "ask the carrier what its server refuses, and why; bex looks before it does anything again";
    TOO_LARGE: "TRA011" Theirs Error, "a file or listing is larger than allowed",
        "see what the carrier put there";
    LOCAL: "TRA012" Ours Error, "our own file could not be read or written in full",
        "check this host's disk; then resume the run";
    ALGORITHMS: "TRA013" Theirs Error, "the server and bex have no algorithm in common; nothing was sent to it",
        "send the carrier both lists: its server must offer one of ours, all of which OpenSSH has had since 2016";
    LOGIN_METHOD: "TRA014" Theirs Error, "the server takes no login of the kind that is configured",
        "ask the carrier to accept our public key; or, if it gave a password, name its file: password = \"file:keys/NAME\"";
    NOT_A_HOST_KEY: "TRA020" Ours Error, "a host key must be in OpenSSH's public key format, and of RSA have 2048 bits at least",
        "copy the line ssh-keyscan prints, without the host name, and compare its fingerprint with the carrier";
}
