//! Disclosed members as 834 segments (005010X220A1). Takes [`crate::policy::Disclosed`] and nothing else that is
//! personal, so it cannot write what the policy withheld. The same header and members give the same bytes.

use std::cell::Cell;
use std::io::{self, Write};

use crate::policy::Disclosed;
use crate::x12::{Error, Separators, Style, Writer};

mod codes;
mod dates;
mod header;
mod member;

pub use crate::mapping::Party;
pub use header::{Header, Totals, begin, end};
pub use member::write;

/// The guide's own implementation convention (GS08, ST03).
pub const CONVENTION: &str = "005010X220A1";

/// ST02 and SE02 of the one set of a file.
const SET_NUMBER: &str = "0001";

/// A file with one family in it: what is judged in its place is held to what is said of it alone.
///
/// # Errors
/// The writer's: a value with a character that has no place in the file.
pub fn alone(style: Style, header: &Header, family: &Disclosed) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::with_style(Vec::with_capacity(2048), style)?;
    begin(&mut writer, header, Totals::of(family, header.dialect))?;
    write(&mut writer, header, family)?;
    end(&mut writer)?;
    Ok(writer.finish()?)
}

/// What stands before a file's loops, and what behind them.
pub struct Around {
    /// From ISA to the last segment before the first member.
    pub head: Vec<u8>,
    /// From SE to the end.
    pub tail: Vec<u8>,
}

/// What stands around loops that are written elsewhere and come to so many segments.
///
/// # Errors
/// The writer's: a configured name that cannot be written.
pub fn around(style: Style, header: &Header, totals: Totals, segments: u64) -> Result<Around, Error> {
    let mut writer = Writer::with_style(Gathered::default(), style)?;
    begin(&mut writer, header, totals)?;
    let head = gathered(&mut writer)?;
    writer.count_segments(u32::try_from(segments).unwrap_or(u32::MAX))?;
    end(&mut writer)?;
    Ok(Around { head, tail: gathered(&mut writer)? })
}

/// A writer that stands within a set, behind its header, and of whom loops are taken as they are written.
///
/// # Errors
/// As [`around`].
pub fn within(style: Style, header: &Header) -> Result<Writer<Gathered>, Error> {
    let mut writer = Writer::with_style(Gathered::default(), style)?;
    begin(&mut writer, header, Totals::default())?;
    gathered(&mut writer)?;
    Ok(writer)
}

/// A set's trailer, behind so many segments.
pub fn trailer(style: Style, segments: u64) -> Vec<u8> {
    let Separators { element, terminator, .. } = style.separators;
    let (element, terminator) = (char::from(element), char::from(terminator));
    let mut trailer = format!("SE{element}{}{element}{SET_NUMBER}{terminator}", segments + 1).into_bytes();
    trailer.extend_from_slice(style.newline.bytes());
    trailer
}

/// What was written since this was asked last.
///
/// # Errors
/// None that a sink in memory has.
pub fn gathered(writer: &mut Writer<Gathered>) -> Result<Vec<u8>, Error> {
    writer.flush()?;
    Ok(writer.get_ref().map(|sink| sink.0.take()).unwrap_or_default())
}

/// Bytes of a writer until they are taken.
#[derive(Default)]
pub struct Gathered(Cell<Vec<u8>>);

impl Write for Gathered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.get_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
