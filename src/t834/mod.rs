//! Disclosed members as 834 segments (005010X220A1). Takes [`crate::policy::Disclosed`] and nothing else that is
//! personal, so it cannot write what the policy withheld. The same header and members give the same bytes.

mod codes;
mod dates;
mod header;
mod member;

pub use crate::mapping::Party;
pub use header::{Header, Totals, begin, end};
pub use member::write;

/// The guide's own implementation convention (GS08, ST03).
pub const CONVENTION: &str = "005010X220A1";

/// A file with one family in it, so that what a carrier would refuse of it is found before any number is used.
///
/// # Errors
/// The writer's: a value with a character that has no place in the file.
pub fn alone(
    style: crate::x12::Style,
    header: &Header,
    family: &crate::policy::Disclosed,
) -> Result<Vec<u8>, crate::x12::Error> {
    let mut writer = crate::x12::Writer::with_style(Vec::with_capacity(2048), style)?;
    begin(&mut writer, header, Totals::of(family))?;
    write(&mut writer, header, family)?;
    end(&mut writer)?;
    Ok(writer.finish()?)
}
