//! What a death, a signal or an old backup leaves, and how the night goes on from it.

pub mod acts;
pub mod answers;
pub mod crash;
pub mod custody;
pub mod hostile;
pub mod limits;
mod many;
pub mod permitted;
pub mod restored_backup;
pub mod server;
pub mod signals;
pub mod store;
pub mod tampering;
pub mod upgrade;
