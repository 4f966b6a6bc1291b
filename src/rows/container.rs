//! The archive a workbook is kept in, judged before anything else looks into it: how many parts it has, and what they
//! really inflate to, not what they say.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use super::rules;
use crate::fault::Rule;

/// Most bytes of a workbook's file.
pub(super) const FILE_BYTES_MAX: u64 = 64 << 20;

/// Most parts of a workbook. A sheet takes one or two; a workbook of payrolls has a dozen.
const PARTS_MAX: usize = 1024;

/// Most bytes of all its parts together.
const INFLATED_BYTES_MAX: u64 = 256 << 20;

/// Most bytes of the parts that are read into memory whole: everything but the sheets.
const COMMON_BYTES_MAX: u64 = 64 << 20;

/// Where the sheets of a workbook are kept, and where an open document keeps them: parts that are read as they come.
const SHEETS: [&str; 2] = ["xl/worksheets/", "content.xml"];

/// Judges the archive. Every part is inflated once, and thrown away: a part may say that it is small and not be.
pub(super) fn judge(bytes: &[u8]) -> Result<(), &'static Rule> {
    let said = parts_said(bytes).filter(|parts| *parts <= PARTS_MAX).ok_or(&rules::WORKBOOK)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| &rules::WORKBOOK)?;
    // Of two parts of one name, one program shows the first and another the last.
    if archive.len() != said {
        return Err(&rules::WORKBOOK);
    }
    let (mut all, mut common) = (INFLATED_BYTES_MAX, COMMON_BYTES_MAX);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| &rules::WORKBOOK)?;
        let is_sheet = part.name().is_ok_and(|name| SHEETS.iter().any(|sheets| name.starts_with(sheets)));
        let most = if is_sheet { all } else { all.min(common) };
        let length = io::copy(&mut part.take(most + 1), &mut io::sink()).map_err(|_| &rules::WORKBOOK)?;
        if length > most {
            return Err(&rules::INFLATES);
        }
        all -= length;
        common -= if is_sheet { 0 } else { length };
    }
    Ok(())
}

/// How many parts the archive's last record speaks of, read by hand: opening it would read them all. None when there
/// is no such record, as in a file that was cut off, or when there are more than old archives could have.
pub(super) fn parts_said(bytes: &[u8]) -> Option<usize> {
    const RECORD: &[u8] = b"PK\x05\x06";
    const LENGTH: usize = 22;
    let from = bytes.len().saturating_sub(LENGTH + usize::from(u16::MAX));
    let at = from + bytes[from..].windows(RECORD.len()).rposition(|window| window == RECORD)?;
    let record = bytes.get(at..at + LENGTH)?;
    let parts = usize::from(u16::from_le_bytes([record[10], record[11]]));
    (parts < usize::from(u16::MAX)).then_some(parts)
}
