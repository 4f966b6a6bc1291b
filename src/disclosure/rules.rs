//! What must hold of a question about what was told.

crate::fault::rules! {
    NOBODY: "DIS001" Ours Error Refused, "nobody is known by this reference",
        "give the reference that `bex show` prints, the employee number as the census writes it, or the number on a descriptor";
    SEVERAL: "DIS002" Ours Error Refused, "the reference fits people of several families",
        "say whose: `--employer NAME`, or the whole reference";
    NOT_A_NUMBER: "DIS003" Ours Error Refused, "what was read from the descriptor is no Social Security number",
        "write its nine digits to the descriptor, with or without dashes, and nothing else";
    NO_SUCH_FIELD: "DIS005" Ours Error Refused, "what is told is named by the words of the catalogue",
        "`bex policy show` lists them: `--what name,birth-date,coverage`";
    NOTHING_WAITS: "DIS006" Ours Error Refused, "no disclosure of this number waits for an approval as it was looked at",
        "`bex disclose list` shows what waits, and what to give with --expect";
    NO_DELIVERY: "DIS004" Ours Error Refused, "there is no such delivery",
        "`bex show RUN` names the delivery of each run";
}
