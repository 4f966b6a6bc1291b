//! What a death, a signal or an old backup leaves, and how the night goes on from it.

pub mod acts;
pub mod answers;
pub mod crash;
pub mod custody;
pub mod hostile;
pub mod limits;
mod many;
pub mod mirror;
pub mod permitted;
pub mod restored_backup;
pub mod server;
pub mod signals;
mod sorted;
pub mod store;
mod store_file;
pub mod tampering;
pub mod upgrade;
