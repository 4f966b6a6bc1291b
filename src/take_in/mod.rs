//! Taking in: files from the inbox into the archive, and from the archive into families. Touches: files, database.

pub mod rules;
mod arrivals;
mod families;
mod inputs;
mod preview;
mod recording;
mod reread;

pub use families::{TakenIn, take_in};
pub use inputs::inputs;
pub use preview::{LookedAt, Preview};
pub use reread::mapping_digest;
