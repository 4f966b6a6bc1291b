//! The delivery protocol: intent, attempt, proof, recovery. The only maker of a [`crate::deliver::Receipt`].
//! Touches: network.
//!
//! What is promised: a sealed file stands under its final name at most once, and whenever looking can decide
//! whether it does, it is decided by looking. Where it cannot (a lost answer, and a carrier that has taken the file
//! away or lets nobody look), the delivery is *uncertain* and nothing is sent again by itself.

pub mod rules;
pub mod journal;
mod direct;
mod faults;
mod look;
mod protocol;
pub mod fetch;

pub use journal::{Evidence, Journal, LastKnown, NotDelivered, Proof, Receipt, Target, Uncertainty, Verified};
pub use protocol::SealedDelivery;
