//! What comes back: TA1, 999 and 997, read liberally and bounded; and what a receiver would answer.

mod verdict;
mod read;
mod options;
mod note;
mod write;

pub use options::Options;
pub use read::read;
pub use verdict::{
    Acknowledgement, Dialect, ElementFault, Flag, GroupAck, InterchangeAck, Of, SegmentFault, SetVerdict, Verdict,
};
pub use write::Reply;
