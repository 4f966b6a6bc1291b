//! What no byte may hold, and what never leaves.

pub mod disclosures;
pub mod gate;
pub mod keyless;
pub mod own;
pub mod people;
pub mod planted_values;
pub mod witness;
pub mod readings;
