//! What must hold of a delivery. Read as one text.

crate::fault::rules! {
    NAME_TAKEN: "DEL001" Theirs Error, "the final name must be free, or hold our bytes",
        "ask the carrier whose file that is; nothing was replaced. Once the name is free, bex resume RUN";
    RENAME_REFUSED: "DEL002" Theirs Error, "the carrier's server must let us give the file its final name",
        "ask the carrier for the right to rename; or have files written under their final name: publish = \"direct\". Then bex resume RUN";
    NOT_KEPT: "DEL004" Theirs Error, "a file sent must stand at the carrier as it was sent",
        "it was not published and is sent again; if it repeats, tell the carrier that its server alters files";
    TOO_LONG: "DEL005" Theirs Error, "a file in the carrier's outbox must keep to the limit of its size",
        "ask the carrier what it put there: acknowledgements are small, and this file is passed over";
    TOO_MUCH: "DEL012" Theirs Error, "what a carrier leaves in its outbox in one night must keep to a bound",
        "ask the carrier what it put there; what is left is fetched by the next `bex acks`, and other carriers are served";
    TAKEN: "DEL011" Theirs Error, "our temporary file was taken away before it had its final name; the carrier may have it",
        "ask the carrier whether it has the number, then bex attest RUN; have its pick-up pass our temporary names over, or set temporary_folder";
    UNCERTAIN: "DEL010" Theirs Error, "looking does not show whether the file was published",
        "wait for the carrier's acknowledgement (bex acks) or ask the carrier; bex will not send it again by itself";
}
