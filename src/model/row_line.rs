//! Where a family's first row stands in what its source sent: one number, whether one file made it or several.

/// Bits of the number that hold a line: more lines than any file may have.
const LINE_BITS: u32 = 48;

/// Bits above them that hold a mark of the part; the number stays a positive one of 64 bits.
const MARK_BITS: u32 = 15;

/// A line and, where several files make a census, a mark of the one that it is of.
///
/// The mark is made of what the mapping calls the part, so that it costs no memory of its own for a family and means
/// the same in whatever order parts are read, and when another is declared beside it. Whoever knows what the parts are
/// called tells the name by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowLine(u64);

impl RowLine {
    /// A line of the only file, from 1.
    pub fn of(line: u64) -> RowLine {
        RowLine(line & ((1 << LINE_BITS) - 1))
    }

    /// The same line of one of several files, which the mapping calls so.
    pub fn in_part(self, part: &str) -> RowLine {
        RowLine(self.line() | mark(part) << LINE_BITS)
    }

    /// The line in its own file, from 1.
    pub fn line(self) -> u64 {
        RowLine::of(self.0).0
    }

    /// Whether it is of one of several files.
    pub fn is_of_part(self) -> bool {
        self.0 >> LINE_BITS != 0
    }

    /// The name of these that its file has; none where it is of no part, or where two of them have the same mark.
    pub fn part<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let of = self.0 >> LINE_BITS;
        let mut such = names.into_iter().filter(|name| of != 0 && mark(name) == of);
        such.next().filter(|first| such.all(|other| other == *first))
    }

    /// Both as one number, as it is kept.
    pub fn kept(self) -> u64 {
        self.0
    }

    /// What [`RowLine::kept`] gave, taken apart again.
    pub fn from_kept(kept: u64) -> RowLine {
        RowLine(kept)
    }
}

/// A mark of a name, never 0.
fn mark(name: &str) -> u64 {
    // FNV-1a: what tells a few short names from each other, today as later.
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (hash ^ hash >> 32) % ((1 << MARK_BITS) - 1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_knows_which_of_several_files_it_is_of() {
        let names = ["addresses", "dependents", "employees"];
        for name in names {
            let line = RowLine::from_kept(RowLine::of(7).in_part(name).kept());
            assert_eq!((line.line(), line.part(names)), (7, Some(name)));
            assert!(i64::try_from(line.kept()).is_ok());
        }
        assert_eq!(RowLine::of(7).part(names), None, "of one file alone");
        assert_eq!(RowLine::of(7).in_part("others").part(names), None, "of a part that is declared no more");
        assert_eq!(RowLine::of(7).kept(), 7);
    }

    #[test]
    fn two_names_with_one_mark_name_no_part_at_all() {
        let of = |n: u32| format!("p{n}");
        let line = RowLine::of(1).in_part("p0");
        let twin = (1..1_000_000).map(of).find(|name| mark(name) == mark("p0")).unwrap();
        assert_eq!(line.part(["p0", twin.as_str()]), None);
        assert_eq!(line.part(["p0", "p0"]), Some("p0"));
    }
}
