//! Taking in: files from the inbox into the archive, and from the archive into families. Touches: files, database.

pub mod rules;
mod names;
mod wrapped;
mod archived;
mod arrivals;
mod asked;
mod pulled;
mod corrections;
mod doubts;
mod drift;
mod families;
mod identity;
mod inputs;
mod preview;
mod places;
mod moved;
mod trial;
mod recording;
mod reread;
mod source;
mod silence;
mod strangers;
mod waiting;

pub use arrivals::arriving;
pub use corrections::{Correction, open_corrections, with_keys};
pub use families::{TakenIn, take_in};
pub use inputs::inputs;
pub use names::{name_context, name_of};
pub use places::find_rows;
pub use preview::{LookedAt, Preview};
pub use reread::read_as;
pub use reread::{ReadingNow, mapping_digest};
pub use silence::{SourcesKnown, is_unsaid, unsaid};
pub use strangers::sweep;
pub use waiting::{WaitingInput, waiting_inputs};
