//! What is kept: under which key, in how many places, and for how long. Touches: keys, files, database.

pub mod rules;
mod backup;
mod layout;
mod listed;
mod retention;
mod rotate;
mod trial;

pub use backup::{BackupMade, back_up};
pub use listed::{ListedKey, listed_keys};
pub use retention::{
    ClassKept, Destroyed, DueFile, KeptCounts, Retention, destroy, hold_legally, hold_legally_in, lift_legal_hold,
    retention,
};
pub use rotate::{KeysRotated, rotate};
pub use trial::{TrialRestore, try_restore};
