//! Where the cells of a fixed-width file seem to stand: seen by where all of its lines change from one kind of
//! character to another, for a person to hold against the description of places that comes with the file.

use std::ops::Range;

use chrono::Datelike as _;

use crate::mapping::date::DateFormat;
use crate::mapping::position::Position;

/// What stands at a place in some lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct PlaceKinds {
    blank: bool,
    digit: bool,
    other: bool,
}

impl PlaceKinds {
    fn of(lines: &[Vec<char>], at: usize) -> PlaceKinds {
        let mut kinds = PlaceKinds::default();
        for line in lines {
            match line.get(at) {
                None | Some(' ') => kinds.blank = true,
                Some(c) if c.is_ascii_digit() => kinds.digit = true,
                Some(_) => kinds.other = true,
            }
        }
        kinds
    }

    fn is_empty(self) -> bool {
        !self.digit && !self.other
    }

    /// Digits stand at one of the two, and never at the other.
    fn differs_from(self, before: PlaceKinds) -> bool {
        let one_kind = self.digit != self.other && before.digit != before.other;
        one_kind && self.digit != before.digit
    }
}

/// The cells of lines, in their order; few or none of lines that are no rows of fixed places.
pub(super) fn cell_places(lines: &[Vec<char>]) -> Vec<Position> {
    let length = lines.iter().map(Vec::len).max().unwrap_or(0);
    let kinds: Vec<PlaceKinds> = (0..length).map(|at| PlaceKinds::of(lines, at)).collect();
    let mut starts: Vec<usize> = Vec::new();
    let days: Vec<usize> = (0..length).filter(|at| are_signed_days(lines, *at)).collect();
    for (at, place) in kinds.iter().enumerate().filter(|(_, place)| !place.is_empty()) {
        let begins = match at.checked_sub(1).map(|before| kinds[before]) {
            None => true,
            _ if days.contains(&at) || days.iter().any(|day| day + SIGNED == at) => true,
            _ if days.iter().any(|day| (*day..day + SIGNED).contains(&at)) => false,
            Some(before) if before.is_empty() => true,
            // Where a line may be blank, the words of a street change so, too.
            Some(before) => place.differs_from(before) && !place.blank && !is_mark(lines, &starts, at),
        };
        if begins {
            starts.push(at);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([length]);
    let cells = starts.iter().zip(ends).flat_map(|(from, to)| with_days(lines, &kinds, *from..to));
    cells.map(|cell| Position { at: cell.start + 1, width: Some(cell.len()) }).collect()
}

/// Whether what stands before a place, in the first cell, is the same in all lines: the mark of everybody's number,
/// such as the E of E000123.
fn is_mark(lines: &[Vec<char>], starts: &[usize], at: usize) -> bool {
    let [from] = starts else { return false };
    let mark = |line: &Vec<char>| line.get(*from..at).map(<[char]>::to_vec);
    let first = lines.first().and_then(mark);
    lines.len() > 1 && lines.iter().all(|line| mark(line) == first)
}

/// A day of eight digits, with two signs among them.
const SIGNED: usize = 10;

/// Whether days with signs in them begin here, 04/12/1979 or 1979-04-12, in every line that has anything.
fn are_signed_days(lines: &[Vec<char>], at: usize) -> bool {
    let cell = |line: &Vec<char>| -> String { line.iter().skip(at).take(SIGNED).collect() };
    let shape = |cell: String| -> String {
        cell.chars()
            .map(|c| {
                if c.is_ascii_digit() {
                    '9'
                } else if "/-.".contains(c) {
                    '/'
                } else {
                    c
                }
            })
            .collect()
    };
    let is_day = |cell: &String| *cell == "99/99/9999" || *cell == "9999/99/99";
    let mut cells = lines.iter().map(cell).map(shape).filter(|cell| !cell.trim().is_empty()).peekable();
    cells.peek().is_some() && cells.all(|cell| is_day(&cell))
}

/// A day of eight digits.
const DAY: usize = 8;

/// A cell of digits alone may be several: days that stand beside other numbers are days in every line that has any.
fn with_days(lines: &[Vec<char>], kinds: &[PlaceKinds], cell: Range<usize>) -> Vec<Range<usize>> {
    let digits = kinds[cell.clone()].iter().take_while(|kinds| !kinds.other).count();
    let mut places = cell.start..(cell.start + digits + 1).saturating_sub(DAY);
    let day = places.find(|at| cell.len() > DAY && are_days(lines, *at));
    let Some(day) = day.map(|at| at..at + DAY) else { return vec![cell] };
    let behind = with_days(lines, kinds, day.end..cell.end);
    let parts = [cell.start..day.start, day].into_iter().chain(behind);
    parts.filter(|part| !part.is_empty()).collect()
}

/// Days without a sign in them, as mainframes write them.
const DAYS: [&str; 2] = ["YYYYMMDD", "MMDDYYYY"];

fn are_days(lines: &[Vec<char>], at: usize) -> bool {
    let cell = |line: &Vec<char>| -> String { line.iter().skip(at).take(DAY).collect() };
    let cells: Vec<String> = lines.iter().map(cell).filter(|cell| !cell.trim().is_empty()).collect();
    let is_day = |format: &DateFormat, cell: &str| {
        format.read(cell.as_bytes()).is_some_and(|day| (1900..2100).contains(&day.year()))
    };
    let mut formats = DAYS.iter().filter_map(|format| DateFormat::parse(format, None));
    !cells.is_empty() && formats.any(|format| cells.iter().all(|cell| is_day(&format, cell)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(lines: &[&str]) -> Vec<(usize, usize)> {
        let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
        cell_places(&lines).into_iter().map(|place| (place.at, place.width.unwrap_or(0))).collect()
    }

    #[test]
    fn cells_begin_behind_blanks_and_where_numbers_end() {
        let lines = [
            "00012318PLACEHOLD TESTO  899010001198002142 SPECIMEN ST  OH4300420150302",
            "00012301EXAMPLE   DUMMY  8990100021981031512 EXAMPLE WAY OH43004        ",
            "00045618SAMPLE    FIRSTA 89901000419750714900 TEST ROAD  OH4540220180611",
        ];
        let expected = [(1, 8), (9, 10), (19, 7), (26, 9), (35, 8), (43, 15), (58, 2), (60, 5), (65, 8)];
        assert_eq!(places(&lines), expected, "but the number and the relationship, which nothing tells apart");
    }

    #[test]
    fn a_mark_belongs_to_its_number_and_a_day_may_begin_with_its_month() {
        assert_eq!(places(&["E0001 02141980X", "E0002 03151981Y"]), [(1, 6), (7, 8), (15, 1)]);
        assert_eq!(places(&["A0001", "B0002"]), [(1, 1), (2, 4)]);
    }

    #[test]
    fn the_signs_within_a_day_begin_no_cell() {
        let lines = ["E1 04/12/1979F 2014-05-19", "E2 09/30/1981M           "];
        assert_eq!(places(&lines), [(1, 3), (4, 10), (14, 2), (16, 10)]);
    }

    #[test]
    fn lines_of_words_have_no_places_to_speak_of() {
        assert!(places(&["What a line", "of words says", "to whoever reads it"]).len() < 3);
        assert!(places(&[]).is_empty());
    }
}
