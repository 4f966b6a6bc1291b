//! The audit record: the event catalogue, the tree over its leaves, checkpoints, and what leaves tell. Pure.
//!
//! An event names things of ours, counts and digests; it has no field for a member's value. Its leaf is one line of
//! canonical JSON, hashed into a tree as in RFC 6962; a signed note says how large the tree is and what its root is.

pub mod rules;
mod event;
mod imprint;
mod leaf;
mod merkle;
mod note;
mod proof;
mod read;
mod scan;
mod witness;

pub use event::{Action, Authorship, Event, leaf_hash};
pub use imprint::{Imprints, LedgerImprint, LedgerMove, RowImprint, RowsImprint, SetDigest};
pub use leaf::{act_of, is_of, moment_of_leaf, month_of, number_of};
pub use merkle::{Frontier, Hash, TreeHead, consistency, extends, includes, inclusion};
pub use note::{Checkpoint, Signature, SignedNote, VerifierKey};
pub use proof::proof_text;
pub use read::{LeafAccount, NamedFile, NamedRow, NamedRows};
pub use witness::{WitnessKey, WitnessRequest, cosigned_text};
