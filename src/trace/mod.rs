//! From a place in a delivered file to the row it comes from: what a segment and an element hold, whom they tell of,
//! and in which file, row and column that stood; and what carriers have said of such places. Never a value. Touches:
//! files, database.

mod element;
mod said;
mod source;
mod words;

pub use element::{ElementSource, element_source};
pub use said::{AnswerSaid, ElementSaid, SegmentSaid, answers_to, record_objections};
pub use source::{FamilyLoops, LoopsOfMember, SpanSource, Traced, TracedRow, Tracing};
pub use words::{element_words, interchange_words, segment_words, set_words};
