//! What is remembered of a file's rows: for each family whose rows were read without a word, digests of the rows'
//! bytes. Where the next file has the same rows, nothing has to be read of them again.
//!
//! A row is compared whole. Digests are made under a secret key, and what a row says is nowhere in here. Remembered is
//! only what is read the same way every time: no family of which anything was said, nobody whose employment ends on a
//! day to come, nobody who stands in two families.

use super::keys::HashKey;
use crate::fault::Fault;
use crate::rows::{KnownRows, RowDigest};

/// What whoever keeps families knows one by.
pub type FamilyToken = [u8; 32];

/// A number's use: hashes of the number and of the birth date.
pub(super) type NumberUse = (u64, u64);

/// How far ahead a row is looked for: so many rows may be missing from the next file at one place.
const AHEAD: usize = 256;

/// The rows of a file, by family, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowMemory {
    pub(super) key: HashKey,
    /// What decides where the cells of a row stand.
    pub(super) header: u64,
    rows: Vec<KnownRow>,
    pub(super) families: Vec<KnownFamily>,
    uses: Vec<NumberUse>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KnownRow {
    digest: RowDigest,
    family: u32,
}

/// A family whose rows are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownFamily {
    /// A hash of the family's key.
    pub key: u64,
    pub token: FamilyToken,
    /// Its first row.
    pub first: u32,
    pub rows: u32,
    /// Its first number.
    first_use: u32,
    uses: u32,
    /// Whether what it says is still what is kept of it.
    holds: bool,
}

impl RowMemory {
    /// Nothing is remembered yet.
    pub fn new(key: HashKey) -> RowMemory {
        RowMemory { key, ..RowMemory::default() }
    }

    /// The same, of files with this header.
    pub(super) fn of(key: HashKey, header: u64) -> RowMemory {
        RowMemory { header, ..RowMemory::new(key) }
    }

    /// How many rows are remembered.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it is that of a first file, or of another layout.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Goes by those families only of which the same is kept as when they were read.
    pub fn hold(&mut self, is_kept: impl Fn(&FamilyToken) -> bool) {
        self.families.iter_mut().for_each(|family| family.holds = is_kept(&family.token));
    }

    /// The family that a row belongs to.
    pub(super) fn family_of(&self, row: usize) -> u32 {
        self.rows[row].family
    }

    /// The numbers of a family's people.
    pub(super) fn uses_of(&self, family: u32) -> &[NumberUse] {
        let KnownFamily { first_use, uses, .. } = self.families[family as usize];
        &self.uses[first_use as usize..][..uses as usize]
    }

    /// Remembers a family's rows as another memory does.
    pub(super) fn keep(&mut self, other: &RowMemory, family: u32) {
        let KnownFamily { key, token, first, rows, .. } = other.families[family as usize];
        let digests = other.rows[first as usize..][..rows as usize].iter().map(|row| row.digest);
        self.remember(RememberedFamily { key, token }, digests, other.uses_of(family).iter().copied());
    }

    /// Remembers a family's rows.
    pub(super) fn remember(
        &mut self,
        family: RememberedFamily,
        rows: impl Iterator<Item = RowDigest>,
        uses: impl Iterator<Item = NumberUse>,
    ) {
        let (first, first_use) = (self.rows.len() as u32, self.uses.len() as u32);
        let index = self.families.len() as u32;
        self.rows.extend(rows.map(|digest| KnownRow { digest, family: index }));
        self.uses.extend(uses);
        let (rows, uses) = (self.rows.len() as u32 - first, self.uses.len() as u32 - first_use);
        let RememberedFamily { key, token } = family;
        self.families.push(KnownFamily { key, token, first, rows, first_use, uses, holds: true });
    }

    /// The bytes in which a memory is kept, to be sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_behind(&[])
    }

    /// The same behind what else is sealed with it: there are millions of bytes of it, and they are not copied.
    pub fn to_bytes_behind(&self, head: &[u8]) -> Vec<u8> {
        let of_rows = (self.rows.len() + self.uses.len()) * 16;
        let mut bytes = Vec::with_capacity(head.len() + 8 + self.families.len() * 48 + of_rows);
        bytes.extend_from_slice(head);
        bytes.extend(self.header.to_le_bytes());
        for (index, family) in (0..).zip(&self.families) {
            bytes.extend(family.key.to_le_bytes());
            bytes.extend(family.token);
            bytes.extend(family.rows.to_le_bytes());
            bytes.extend(family.uses.to_le_bytes());
            let rows = &self.rows[family.first as usize..][..family.rows as usize];
            rows.iter().flat_map(|row| row.digest).for_each(|half| bytes.extend(half.to_le_bytes()));
            self.uses_of(index).iter().flat_map(|used| [used.0, used.1]).for_each(|n| bytes.extend(n.to_le_bytes()));
        }
        bytes
    }

    /// The memory of these bytes; none where they are not a memory's.
    pub fn from_bytes(key: HashKey, bytes: &[u8]) -> Option<RowMemory> {
        let mut from = Bytes(bytes);
        let mut memory = RowMemory { header: from.number()?, ..RowMemory::new(key) };
        while !from.0.is_empty() {
            let (key, token) = (from.number()?, from.take::<32>()?);
            let (rows, uses) = (from.short()? as usize, from.short()? as usize);
            let (rows, uses) = (from.pairs(rows)?, from.pairs(uses)?);
            memory.remember(RememberedFamily { key, token }, rows, uses.map(|[number, birth]| (number, birth)));
        }
        Some(memory)
    }
}

/// A family of which rows are remembered.
#[derive(Clone, Copy)]
pub(super) struct RememberedFamily {
    /// A hash of its key.
    pub key: u64,
    pub token: FamilyToken,
}

/// Bytes that are taken from the front.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn short(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn pairs(&mut self, count: usize) -> Option<impl Iterator<Item = [u64; 2]> + use<'b>> {
        let (taken, rest) = self.0.split_at_checked(count.checked_mul(16)?)?;
        self.0 = rest;
        let pair = |sixteen: &[u8]| {
            let mut of = Bytes(sixteen);
            [of.number().unwrap_or_default(), of.number().unwrap_or_default()]
        };
        Some(taken.chunks_exact(16).map(pair))
    }
}

/// A memory that is gone through along with a file. Rows are looked for ahead and never behind: each is found once.
pub(super) struct MemoryCursor<'m> {
    pub memory: &'m RowMemory,
    at: usize,
    /// The row that was found last.
    pub found: usize,
}

impl<'m> MemoryCursor<'m> {
    pub fn new(memory: &'m RowMemory) -> MemoryCursor<'m> {
        MemoryCursor { memory, at: 0, found: 0 }
    }
}

impl KnownRows for MemoryCursor<'_> {
    fn look(&mut self, row: &[u8]) -> (RowDigest, bool) {
        let RowMemory { key, rows, families, .. } = self.memory;
        let digest = key.long(row);
        let ahead = &rows[self.at..rows.len().min(self.at + AHEAD)];
        let Some(found) = ahead.iter().position(|known| known.digest == digest) else { return (digest, false) };
        self.found = self.at + found;
        self.at = self.found + 1;
        (digest, families[rows[self.found].family as usize].holds)
    }
}

/// What is noted of a family's rows while they are read, so that they can be remembered.
#[derive(Debug, Default)]
pub(super) struct RowMarks {
    /// A hash of the family's key, as it stands in its rows.
    key: Option<u64>,
    digests: Vec<RowDigest>,
    uses: Vec<NumberUse>,
    /// How much was said of the file before its first row.
    said_before: u64,
    is_unfit: bool,
}

/// A row that may be remembered with its family.
pub(super) struct MarkedRow {
    pub digest: Option<RowDigest>,
    /// A hash of the family's key.
    pub key: u64,
    /// How much was said of the file before the row.
    pub said_before: u64,
}

impl RowMarks {
    /// Notes a row. What is not known by its digest, or has its key in another form, is not remembered.
    pub fn note(&mut self, row: &MarkedRow, uses: impl Iterator<Item = NumberUse>) {
        if self.key.is_none() {
            self.said_before = row.said_before;
        }
        let key = *self.key.get_or_insert(row.key);
        self.is_unfit |= row.digest.is_none() || key != row.key;
        self.digests.extend(row.digest);
        self.uses.extend(uses);
    }

    /// Does not remember the family.
    pub fn refuse(&mut self) {
        self.is_unfit = true;
    }
}

/// A family as it comes: known by its rows, or told by them.
#[derive(Clone, Copy, Debug)]
pub enum FoundFamily<'f, R> {
    /// Its rows are those of the family that is known so.
    Same(&'f FamilyToken),
    /// What its rows say.
    Read(R),
}

/// Takes families, and says what those are known by that may be remembered.
pub type FoundSink<'s, R> = dyn FnMut(FoundFamily<'_, R>) -> Result<Option<FamilyToken>, Fault> + 's;

/// A memory in the making, and whoever takes what is read meanwhile.
pub(super) struct Taking<'t, 's, R> {
    pub memory: Option<&'t RowMemory>,
    /// None where what is remembered is good enough.
    pub made: Option<RowMemory>,
    pub sink: &'t mut FoundSink<'s, R>,
}

impl<R> Taking<'_, '_, R> {
    /// Takes a family whose rows are known.
    pub fn same(&mut self, family: u32) -> Result<(), Fault> {
        let Some(memory) = self.memory else { return Ok(()) };
        (self.sink)(FoundFamily::Same(&memory.families[family as usize].token))?;
        if let Some(made) = &mut self.made {
            made.keep(memory, family);
        }
        Ok(())
    }

    /// Takes a family that was read. `said` is how much was said of the file by then: a family of which anything was
    /// is not remembered.
    pub fn read(&mut self, family: R, marks: RowMarks, said: u64) -> Result<(), Fault> {
        let token = (self.sink)(FoundFamily::Read(family))?;
        let is_fit = !marks.is_unfit && marks.said_before == said;
        if let (Some(made), Some(token), Some(key)) = (&mut self.made, token.filter(|_| is_fit), marks.key) {
            made.remember(RememberedFamily { key, token }, marks.digests.into_iter(), marks.uses.into_iter());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> RowMemory {
        let mut memory = RowMemory { header: 7, ..RowMemory::new(HashKey::new([9; 16])) };
        let key = memory.key;
        for family in 0..3_u8 {
            let rows = (0..=family).map(|row| key.long(&[family, row]));
            let uses = (0..family).map(|row| (u64::from(row), u64::from(family)));
            memory.remember(RememberedFamily { key: family.into(), token: [family; 32] }, rows, uses);
        }
        memory
    }

    #[test]
    fn a_memory_is_read_as_it_was_written_and_no_other_bytes_are_one() {
        let (memory, bytes) = (memory(), memory().to_bytes());
        assert_eq!(RowMemory::from_bytes(memory.key, &bytes), Some(memory.clone()));
        for cut in (1..bytes.len()).filter(|cut| ![8, 72].contains(cut)) {
            let read = RowMemory::from_bytes(memory.key, &bytes[..cut]);
            assert!(read.is_none_or(|read| read.len() < memory.len()), "{cut}");
        }
    }

    #[test]
    fn rows_are_found_once_in_their_order_and_only_where_they_still_hold() {
        let mut memory = memory();
        let mut cursor = MemoryCursor::new(&memory);
        let found: Vec<bool> = [[0, 0], [1, 1], [1, 0], [2, 2], [2, 2]].iter().map(|row| cursor.look(row).1).collect();
        assert_eq!(found, [true, true, false, true, false]);
        memory.hold(|token| token[0] != 2);
        let mut cursor = MemoryCursor::new(&memory);
        assert_eq!([cursor.look(&[1, 0]).1, cursor.look(&[2, 0]).1], [true, false]);
    }

    #[test]
    fn under_another_key_nothing_is_known() {
        let other = RowMemory { key: HashKey::new([8; 16]), ..memory() };
        assert!(!MemoryCursor::new(&other).look(&[0, 0]).1);
    }
}
