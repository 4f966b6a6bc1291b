//! Files from an employer's inbox into the sealed archive: found, settled, claimed, bounded, encrypted once and
//! removed. From the first byte read, the only copy that stays is encrypted. Touches: files.
//!
//! A file is in exactly one of these states, whatever happens in between, and a next call goes on from each:
//!
//! | Where it is | What comes next |
//! |---|---|
//! | inbox, under the employer's name | settle, then claim: one rename |
//! | claims, in clear, under our id | encrypt into the archive; an unfinished copy of a former try is overwritten |
//! | claims and archive | record it; the record is made before the clear copy goes |
//! | archive only | done |
//!
//! So a file can be recorded twice under one id, never lost, and never recorded before its archive copy is durable.

pub mod rules;
mod arrivals;
mod take;
mod receive;

pub use arrivals::{Meant, NotTaken, is_marker, is_unfinished_name};
pub use receive::{Archive, Received, receive, receive_under};
pub use take::{CLEAR, Intake, Taken, Waiting, look, not_taken, take};
