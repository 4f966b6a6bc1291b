//! The site: its files are read, checked against each other, and every fault is reported at once. Touches: files.

pub mod rules;
pub mod site;
mod crosscheck;
mod files;
mod owned;
mod written;
pub mod load;
pub mod shipped;

pub use load::{check, load};
pub use shipped::init;
pub use site::Site;
pub use written::{ConfiguredPart, WrittenTexts};
