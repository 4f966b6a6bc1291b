//! What must hold of states, in one place to be read as one text.

use crate::fault::Fault;

crate::fault::rules! {
    KNOWN: "STO007" Integrity Error,
        "a state in the store is a word that this version of bex does not know",
        "nothing was changed: use the version of bex that last wrote the store, or restore bex.db from the backup";
    PERMITTED: "STO008" Integrity Error,
        "a change of state must stand in the table of permitted transitions",
        "nothing was changed: look at `bex runs`; if nobody has written to bex.db by hand, report it with this text";
}

/// A stored word that no state has. The word is not repeated: whoever put it there may have put anything there.
pub(super) fn unknown_word(of: &'static str) -> Fault {
    KNOWN.fault().name("of", of)
}

/// A change of state that the table does not have.
pub(super) fn not_permitted(of: &'static str, from: Option<&'static str>, to: &'static str) -> Fault {
    PERMITTED.fault().name("of", of).name("from", from.unwrap_or("nothing")).name("to", to)
}
