//! The file system inside an old workbook (.xls): sectors, chained by a table, and a directory of streams. Read by
//! hand, because what it says of lengths and chains must be bounded by the bytes that are really there.

/// No more than this much of a chain is followed: a chain that comes back to itself would never end.
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;

/// Length of the header, and of a sector in the usual form.
const HEADER: usize = 512;

/// Length of an entry of the directory.
const ENTRY: usize = 128;

/// Sectors of short streams.
const SHORT_SECTOR: usize = 64;

/// Streams below this length are kept in short sectors.
const SHORT_BELOW: usize = 4096;

/// How such files begin.
pub(super) const SIGNATURE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// The bytes of the first stream there is of these names; none where the file is not whole or has none of them.
pub(super) fn stream(file: &[u8], names: &[&str]) -> Option<Vec<u8>> {
    let compound = Compound::open(file)?;
    let directory = compound.chain(u32_at(file, 48)?, usize::MAX)?;
    let entries: Vec<StreamEntry> = directory.chunks_exact(ENTRY).filter_map(StreamEntry::read).collect();
    let entry = names.iter().find_map(|name| entries.iter().find(|entry| entry.is_called(name)))?;
    if entry.length >= SHORT_BELOW {
        return compound.chain(entry.first, entry.length);
    }
    let root = entries.first()?;
    let short = compound.chain(root.first, root.length)?;
    let table = numbers(&compound.chain(u32_at(file, 60)?, usize::MAX)?);
    let whole = Chained { bytes: &short, sector: SHORT_SECTOR, table: &table };
    whole.follow(entry.first, entry.length)
}

/// A file and the table that chains its sectors.
struct Compound<'f> {
    file: &'f [u8],
    sector: usize,
    table: Vec<u32>,
}

impl<'f> Compound<'f> {
    fn open(file: &'f [u8]) -> Option<Compound<'f>> {
        let sector = match u16_at(file, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        if !file.starts_with(SIGNATURE) {
            return None;
        }
        let mut compound = Compound { file, sector, table: Vec::new() };
        for at in compound.table_sectors()? {
            let part = numbers(compound.sector_at(at)?);
            compound.table.extend(part);
        }
        Some(compound)
    }

    /// The sectors of the table: the first 109 stand in the header, the rest in sectors of their own.
    fn table_sectors(&self) -> Option<Vec<u32>> {
        let mut found = numbers(self.file.get(76..HEADER)?);
        let (mut next, most) = (u32_at(self.file, 68)?, self.file.len() / self.sector);
        for _ in 0..=most {
            if next >= END_OF_CHAIN {
                break;
            }
            let mut part = numbers(self.sector_at(next)?);
            next = part.pop()?;
            found.extend(part);
        }
        found.retain(|at| *at < END_OF_CHAIN - 1);
        (found.len() <= most).then_some(found)
    }

    fn sector_at(&self, at: u32) -> Option<&'f [u8]> {
        let start = (at as usize).checked_add(1)?.checked_mul(self.sector)?;
        self.file.get(start..start + self.sector)
    }

    fn chain(&self, first: u32, length: usize) -> Option<Vec<u8>> {
        // The header takes the place of a sector before the first, whatever a sector's length is.
        let bytes = self.file.get(self.sector..)?;
        Chained { bytes, sector: self.sector, table: &self.table }.follow(first, length)
    }
}

/// Sectors and what chains them.
struct Chained<'c> {
    bytes: &'c [u8],
    sector: usize,
    table: &'c [u32],
}

impl Chained<'_> {
    /// The bytes of a chain, up to a length; to its end where the length is not known.
    fn follow(&self, first: u32, length: usize) -> Option<Vec<u8>> {
        let (mut found, mut next) = (Vec::new(), first);
        let whole = |found: &Vec<u8>| found.len() >= length;
        while !whole(&found) && next < END_OF_CHAIN {
            // Longer than the file is only what comes back to itself.
            if found.len() > self.bytes.len() {
                return None;
            }
            let start = (next as usize).checked_mul(self.sector)?;
            let wanted = length.saturating_sub(found.len()).min(self.sector);
            // Some programs leave out the unused end of the last sector.
            found.extend_from_slice(self.bytes.get(start..start.checked_add(wanted)?)?);
            next = *self.table.get(next as usize)?;
        }
        (whole(&found) || length == usize::MAX).then_some(found)
    }
}

/// An entry of the directory.
struct StreamEntry {
    name: String,
    first: u32,
    length: usize,
}

impl StreamEntry {
    fn read(bytes: &[u8]) -> Option<StreamEntry> {
        let length = usize::from(u16_at(bytes, 64)?).saturating_sub(2).min(62);
        let units: Vec<u16> =
            bytes.get(..length)?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let name = String::from_utf16(&units).ok()?;
        Some(StreamEntry { name, first: u32_at(bytes, 116)?, length: u32_at(bytes, 120)? as usize })
    }

    fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

/// A number of two bytes, the low one first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// A number of four bytes, the low one first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A number with a point, in eight bytes.
pub(super) fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
