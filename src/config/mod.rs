//! The site: its files are read, checked against each other, and every fault is reported at once. Touches: files.

pub mod site;
pub mod load;
mod crosscheck;

pub use load::{check, load};
pub use site::Site;
