//! The nouns every stage shares. Pure.

pub mod phi;
pub mod field;
pub mod ids;
pub mod identifier;
pub mod source;
pub mod row_line;
pub mod money;
pub mod person;
pub mod election;
pub mod reference;
pub mod enrollment;
pub mod record;
pub mod told;
