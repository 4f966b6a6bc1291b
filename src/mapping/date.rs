//! How dates are written: declared, several ways at a time if need be, and never guessed.

use chrono::{Days, NaiveDate};
use serde::Serialize;

/// A piece of a way of writing dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum DatePiece {
    /// Four digits.
    Year,
    /// Two digits, read by a pivot.
    ShortYear,
    /// Two digits, or one where they may be short.
    Month { short: bool },
    /// The month's English name, or its first three letters.
    MonthName,
    /// Two digits, or one where they may be short.
    Day { short: bool },
    /// A character that stands as it is.
    Literal(u8),
}

impl DatePiece {
    fn of(letters: &str) -> Option<DatePiece> {
        Some(match letters {
            "YYYY" => DatePiece::Year,
            "YY" => DatePiece::ShortYear,
            "MMM" => DatePiece::MonthName,
            "MM" => DatePiece::Month { short: false },
            "M" => DatePiece::Month { short: true },
            "DD" => DatePiece::Day { short: false },
            "D" => DatePiece::Day { short: true },
            _ => return None,
        })
    }

    /// Whether it may take fewer digits than it has letters to stand for.
    fn is_short(self) -> bool {
        matches!(self, DatePiece::Month { short: true } | DatePiece::Day { short: true })
    }
}

/// What a date is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
enum Manner {
    /// Year, month and day, in some order.
    Calendar { pieces: Vec<DatePiece>, pivot: u32 },
    /// A spreadsheet's count of days; from 1904 on instead of 1900.
    Serial { from_1904: bool },
}

/// One declared way of writing dates.
///
/// A time behind the day must be midnight: any other belongs to a moment, whose day depends on where the clock stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DateFormat {
    manner: Manner,
    /// A time may follow.
    timed: bool,
}

/// How midnight is written behind a day.
const MIDNIGHT: [&str; 12] = [
    "00:00",
    "00:00:00",
    "00:00:00.0",
    "00:00:00.000",
    "00:00:00.000000",
    "00:00:00.0000000",
    "0:00",
    "0:00:00",
    "12:00 AM",
    "12:00AM",
    "12:00:00 AM",
    "12:00:00.000 AM",
];

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];

impl DateFormat {
    /// `YYYY-MM-DD`, the default.
    pub fn iso() -> DateFormat {
        use DatePiece::{Day, Literal, Month, Year};
        let pieces = vec![Year, Literal(b'-'), Month { short: false }, Literal(b'-'), Day { short: false }];
        DateFormat { manner: Manner::Calendar { pieces, pivot: 0 }, timed: false }
    }

    /// Reads a format such as `MM/DD/YYYY`, `M/D/YY`, `D-MMM-YY`, `YYYYMMDD`, `YYYY-MM-DD time` or `serial`. A year of
    /// two digits needs the pivot: below it years are 20.., from it on 19...
    pub fn parse(text: &str, pivot: Option<u32>) -> Option<DateFormat> {
        let day = text.strip_suffix(" time");
        let timed = day.is_some();
        let manner = match day.unwrap_or(text) {
            "serial" => Manner::Serial { from_1904: false },
            "serial-1904" => Manner::Serial { from_1904: true },
            text => {
                let pieces = pieces(text)?;
                let pivot = if pieces.contains(&DatePiece::ShortYear) { pivot? } else { 0 };
                Manner::Calendar { pieces, pivot }
            }
        };
        Some(DateFormat { manner, timed })
    }

    /// The date a cell says; `None` when it is not written so or is no day of the calendar.
    pub fn read(&self, cell: &[u8]) -> Option<NaiveDate> {
        match &self.manner {
            Manner::Serial { from_1904 } => serial(cell, *from_1904),
            Manner::Calendar { pieces, pivot } => {
                let cell = if self.timed { without_midnight(cell, pieces)? } else { cell };
                calendar_day(pieces, *pivot, cell)
            }
        }
    }
}

/// The pieces of a format: a year, a month and a day, with one kind of sign between them, or with nothing.
fn pieces(text: &str) -> Option<Vec<DatePiece>> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    for run in bytes.chunk_by(|a, b| a == b && a.is_ascii_alphabetic()) {
        let literal = (run.len() == 1 && b"-/. ,".contains(&run[0])).then(|| DatePiece::Literal(run[0]));
        pieces.push(literal.or_else(|| DatePiece::of(std::str::from_utf8(run).ok()?))?);
    }
    let count = |is: fn(&DatePiece) -> bool| pieces.iter().filter(|piece| is(piece)).count();
    let whole = count(|piece| matches!(piece, DatePiece::Year | DatePiece::ShortYear)) == 1
        && count(|piece| matches!(piece, DatePiece::Month { .. } | DatePiece::MonthName)) == 1
        && count(|piece| matches!(piece, DatePiece::Day { .. })) == 1;
    (whole && is_told_apart(&pieces)).then_some(pieces)
}

/// Whether a reader can tell where each piece ends: short ones are followed by a sign, and signs are of one kind.
/// `MMM D, YYYY` is how Americans write a date with the month's name, and has two.
fn is_told_apart(pieces: &[DatePiece]) -> bool {
    use DatePiece::{Day, Literal, MonthName, Year};
    if let [MonthName, Literal(b' '), Day { .. }, Literal(b','), Literal(b' '), Year] = pieces {
        return true;
    }
    let signs: Vec<u8> =
        pieces.iter().filter_map(|piece| if let Literal(sign) = piece { Some(*sign) } else { None }).collect();
    let named = pieces.contains(&MonthName);
    let one_kind = signs.windows(2).all(|pair| pair[0] == pair[1])
        && signs.iter().all(|sign| match sign {
            b' ' => named,
            b',' => false,
            _ => true,
        });
    let between = signs.is_empty() || matches!(pieces, [_, Literal(_), _, Literal(_), _]);
    one_kind && between && !(signs.is_empty() && pieces.iter().any(|piece| piece.is_short()))
}

fn calendar_day(pieces: &[DatePiece], pivot: u32, cell: &[u8]) -> Option<NaiveDate> {
    let (mut rest, mut year, mut month, mut day) = (cell, 0, 0, 0);
    for piece in pieces {
        match *piece {
            DatePiece::Literal(sign) => rest = rest.strip_prefix(&[sign])?,
            DatePiece::Year => (year, rest) = digits(rest, 4, 4)?,
            DatePiece::ShortYear => {
                (year, rest) = digits(rest, 2, 2)?;
                year += if year < pivot { 2000 } else { 1900 };
            }
            DatePiece::Month { short } => (month, rest) = digits(rest, if short { 1 } else { 2 }, 2)?,
            DatePiece::Day { short } => (day, rest) = digits(rest, if short { 1 } else { 2 }, 2)?,
            DatePiece::MonthName => (month, rest) = month_name(rest)?,
        }
    }
    let date = NaiveDate::from_ymd_opt(year.cast_signed(), month, day);
    date.filter(|_| rest.is_empty())
}

/// A number of so many digits at the beginning, and what is left.
fn digits(cell: &[u8], least: usize, most: usize) -> Option<(u32, &[u8])> {
    let count = cell.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let number = cell[..count].iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    (count >= least).then_some((number, &cell[count..]))
}

/// A month's name at the beginning, whole or its first three letters, and what is left.
fn month_name(cell: &[u8]) -> Option<(u32, &[u8])> {
    let count = cell.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let name = std::str::from_utf8(&cell[..count]).ok()?.to_ascii_uppercase();
    let is_meant = |month: &&str| name == **month || (name.len() == 3 && month.starts_with(&name));
    let index = MONTHS.iter().position(is_meant)?;
    Some((index as u32 + 1, &cell[count..]))
}

/// The day before a time; `None` when the time is not midnight.
fn without_midnight<'c>(cell: &'c [u8], pieces: &[DatePiece]) -> Option<&'c [u8]> {
    // A day that has blanks of its own has its time behind the last of them.
    let own = pieces.iter().filter(|piece| **piece == DatePiece::Literal(b' ')).count();
    let is_break = |byte: &u8| *byte == b' ' || *byte == b'T';
    let mut breaks =
        (0..cell.len()).filter(|at| is_break(&cell[*at]) && cell.get(at + 1).is_some_and(u8::is_ascii_digit));
    let spaces_before = |at: &usize| cell[..*at].iter().filter(|byte| **byte == b' ').count();
    let Some(at) = breaks.find(|at| spaces_before(at) >= own) else {
        let ends_badly = cell.last().is_some_and(is_break);
        return (!ends_badly).then_some(cell);
    };
    let time = without_zone(&cell[at + 1..]);
    MIDNIGHT.iter().any(|midnight| midnight.as_bytes().eq_ignore_ascii_case(time)).then_some(&cell[..at])
}

/// A time without the zone behind it. A midnight is one whatever its zone: had a program moved the moment to another
/// zone, it would not be midnight there.
fn without_zone(time: &[u8]) -> &[u8] {
    let bare = ["Z", " UTC", " GMT"].iter().find_map(|zone| time.strip_suffix(zone.as_bytes()));
    let is_offset = |offset: &[u8]| {
        let digits = offset.iter().filter(|byte| byte.is_ascii_digit()).count();
        matches!(offset.first(), Some(b'+' | b'-'))
            && digits == 4
            && offset.iter().skip(1).all(|b| b":0123456789".contains(b))
    };
    let offset =
        |length: usize| time.split_at_checked(time.len().checked_sub(length)?).filter(|(_, end)| is_offset(end));
    bare.or_else(|| offset(6).or_else(|| offset(5)).map(|(before, _)| before.trim_ascii_end())).unwrap_or(time)
}

/// The day a spreadsheet counts so; none for the 29th of February 1900, which it invents, and for parts of days.
fn serial(cell: &[u8], from_1904: bool) -> Option<NaiveDate> {
    const LAST: u32 = 2_958_465;
    let whole = cell.strip_suffix(b".0").unwrap_or(cell);
    let (number, rest) = digits(whole, 1, 7)?;
    let (from, skipped) = match number {
        _ if from_1904 => (NaiveDate::from_ymd_opt(1904, 1, 1)?, 0),
        60 => return None,
        0..60 => (NaiveDate::from_ymd_opt(1899, 12, 31)?, 0),
        _ => (NaiveDate::from_ymd_opt(1899, 12, 31)?, 1),
    };
    let day = from.checked_add_days(Days::new(u64::from(number - skipped)));
    day.filter(|_| rest.is_empty() && (1..=LAST).contains(&number))
}

/// The ways in which the cells of a column may be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DateFormats(Vec<DateFormat>);

impl DateFormats {
    /// `YYYY-MM-DD` and no other.
    pub fn iso() -> DateFormats {
        DateFormats(vec![DateFormat::iso()])
    }

    /// Any of these; without one, as [`DateFormats::iso`].
    pub(super) fn any_of(formats: Vec<DateFormat>) -> DateFormats {
        if formats.is_empty() { DateFormats::iso() } else { DateFormats(formats) }
    }

    /// The date a cell says in any of the declared ways; `None` when it says none, or different ones in different ways.
    pub fn read(&self, cell: &[u8]) -> Option<NaiveDate> {
        let mut read = self.0.iter().filter_map(|format| format.read(cell));
        let first = read.next()?;
        // 03/04/2026 where both orders are declared: whoever wrote it knows which it was, and nobody else.
        read.all(|other| other == first).then_some(first)
    }
}

/// Whether a cell holds zeros where a date should be, which is how databases write that there is none, or the mask of a
/// form that nobody has filled in: `__/__/____`.
pub fn is_no_date(cell: &[u8]) -> bool {
    // A dash alone may mean anything; what it means in a column is declared.
    let says_so = cell.contains(&b'0') || (!cell.contains(&b'T') && cell.iter().any(|byte| b"_/".contains(byte)));
    says_so && cell.iter().all(|byte| b"0-/. :T_".contains(byte))
}

/// Whether a day is one on which calendars of programs begin: nobody was born, hired or anything else on it.
pub fn is_beginning(day: NaiveDate) -> bool {
    use chrono::Datelike as _;
    matches!((day.year(), day.month(), day.day()), (1 | 1753 | 1900, 1, 1) | (1899, 12, 30 | 31))
}

/// Whether a day stands for "no end" wherever it is seen as one: the last or first day of a century's last year, or of
/// the last year that programs know.
pub fn is_no_end(day: NaiveDate) -> bool {
    use chrono::Datelike as _;
    let (year, month, date) = (day.year(), day.month(), day.day());
    let of_a_program = matches!(year, 9999 | 2999 | 4712) || (year, month, date) == (2079, 6, 6);
    let edge = matches!((month, date), (12, 31) | (1, 1));
    of_a_program || (edge && year >= 2099 && matches!(year % 100, 0 | 99))
}

/// Whether a cell that is not written as declared stands for "no end" all the same: programs that write it as a
/// constant do not format it, and people write it in a word.
pub fn is_written_no_end(cell: &[u8]) -> bool {
    const WRITTEN: [&str; 40] = [
        "12319999",
        "99991231",
        "31129999",
        "01019999",
        "99990101",
        "99999999",
        "999999",
        "9999",
        "12312999",
        "29991231",
        "31122999",
        "2999",
        "31DEC9999",
        "31DEC4712",
        "DEC319999",
        "DECEMBER319999",
        "2958465",
        "2958466",
        "NA",
        "NONE",
        "NULL",
        "NIL",
        "PRESENT",
        "CURRENT",
        "CURRENTLYEMPLOYED",
        "STILLEMPLOYED",
        "EMPLOYED",
        "ACTIVE",
        "OPEN",
        "OPENENDED",
        "ONGOING",
        "CONTINUING",
        "CONTINUOUS",
        "INDEFINITE",
        "INFINITY",
        "NEVER",
        "NOEND",
        "NOENDDATE",
        "NOTAPPLICABLE",
        "UNTILFURTHERNOTICE",
    ];
    // The last moment of the last day is how databases write it.
    let at = cell
        .iter()
        .position(|byte| *byte == b' ' || *byte == b'T')
        .filter(|at| cell[..*at].iter().any(u8::is_ascii_digit));
    let day =
        at.filter(|at| cell[at + 1..].iter().all(|b| b"0123456789:.AMPZ ".contains(b))).map_or(cell, |at| &cell[..at]);
    let kept = day.iter().filter(|byte| !b"-/. ,_()".contains(byte)).map(u8::to_ascii_uppercase);
    let kept: Vec<u8> = kept.take(20).collect();
    let is_sign = |sign: &str| sign.as_bytes() == cell;
    if kept.is_empty() || ["\u{2014}", "\u{2013}", "\u{221E}"].into_iter().any(is_sign) {
        return !cell.is_empty();
    }
    WRITTEN.iter().any(|written| written.as_bytes() == kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(format: &str, cell: &str) -> Option<String> {
        DateFormat::parse(format, Some(30)).unwrap().read(cell.as_bytes()).map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_in_the_one_declared_format_only() {
        assert_eq!(date("YYYY-MM-DD", "2026-03-02").as_deref(), Some("2026-03-02"));
        assert_eq!(date("MM/DD/YYYY", "03/02/2026").as_deref(), Some("2026-03-02"));
        assert_eq!(date("M/D/YYYY", "3/2/2026").as_deref(), Some("2026-03-02"));
        assert_eq!(date("MMDDYYYY", "03022026").as_deref(), Some("2026-03-02"));
        assert_eq!(date("DD.MM.YYYY", "02.03.2026").as_deref(), Some("2026-03-02"));
        for (format, cell) in [
            ("MM/DD/YYYY", "3/2/2026"),
            ("MM/DD/YYYY", "02/30/2026"),
            ("YYYY-MM-DD", "85-01-01"),
            ("YYYYMMDD", "202603021"),
            ("MM/DD/YYYY", "03/02/2026x"),
            ("M/D/YYYY", "003/2/2026"),
        ] {
            assert_eq!(date(format, cell), None, "{cell}");
        }
        assert_eq!(DateFormats::iso().read(b"2026-03-02"), NaiveDate::from_ymd_opt(2026, 3, 2));
    }

    #[test]
    fn formats_with_short_years_or_mixed_separators_are_refused() {
        for bad in [
            "YYYY-MM-DD  time",
            "YYYY-MM-DDtime",
            "time",
            "MM/DD/YY",
            "MM/DD-YYYY",
            "MDYYYY",
            "YYYY",
            "date",
            "MM DD YYYY",
            "MM//DD/YYYY",
            "/MM/DD/YYYY",
            "MM/DD/YYYY/",
            "MM/DD/YYYY/DD",
            "DMMMYYYY",
        ] {
            assert!(DateFormat::parse(bad, None).is_none(), "{bad}");
        }
    }

    #[test]
    fn years_of_two_digits_are_read_by_their_pivot() {
        assert_eq!(date("M/D/YY", "7/3/90").as_deref(), Some("1990-07-03"));
        assert_eq!(date("MM/DD/YY", "07/03/30").as_deref(), Some("1930-07-03"));
        assert_eq!(date("MMDDYY", "070329").as_deref(), Some("2029-07-03"));
        assert_eq!(date("M/D/YY", "7/3/1990"), None, "a year of four digits is another format");
    }

    #[test]
    fn months_may_have_their_names() {
        assert_eq!(date("D-MMM-YY", "3-Jul-90").as_deref(), Some("1990-07-03"));
        assert_eq!(date("DD-MMM-YYYY", "03-JUL-1990").as_deref(), Some("1990-07-03"));
        assert_eq!(date("DDMMMYYYY", "03JUL1990").as_deref(), Some("1990-07-03"));
        assert_eq!(date("MMM D, YYYY", "July 3, 1990").as_deref(), Some("1990-07-03"));
        assert_eq!(date("MMM D, YYYY time", "Jul 3, 1990 12:00 AM").as_deref(), Some("1990-07-03"));
        assert_eq!(date("D MMM YYYY", "3 Sep 1990").as_deref(), Some("1990-09-03"));
        for cell in ["3-Ju-90", "3-Julx-90", "3-7-90", "33-Jul-90"] {
            assert_eq!(date("D-MMM-YY", cell), None, "{cell}");
        }
    }

    #[test]
    fn a_spreadsheet_s_count_of_days_is_read_where_it_is_declared() {
        assert_eq!(date("serial", "33057").as_deref(), Some("1990-07-03"));
        assert_eq!(date("serial", "33057.0").as_deref(), Some("1990-07-03"));
        assert_eq!(date("serial-1904", "31595").as_deref(), Some("1990-07-03"));
        assert_eq!(
            (date("serial", "1").as_deref(), date("serial", "59").as_deref()),
            (Some("1900-01-01"), Some("1900-02-28"))
        );
        for cell in ["60", "0", "33057.5", "2958466", "99999999", "x"] {
            assert_eq!(date("serial", cell), None, "{cell}");
        }
    }

    #[test]
    fn a_time_behind_a_day_is_declared_and_midnight() {
        for cell in ["2026-03-02 00:00:00", "2026-03-02T00:00:00.000", "2026-03-02 12:00 am", "2026-03-02"] {
            assert_eq!(date("YYYY-MM-DD time", cell).as_deref(), Some("2026-03-02"), "{cell}");
        }
        assert_eq!(date("M/D/YYYY time", "3/2/2026 12:00:00 AM").as_deref(), Some("2026-03-02"));
        for cell in ["2026-03-02T00:00:00Z", "2026-03-02 00:00:00+00:00", "2026-03-02 00:00:00.000 UTC"] {
            assert_eq!(
                date("YYYY-MM-DD time", cell).as_deref(),
                Some("2026-03-02"),
                "{cell}: midnight where it was written"
            );
        }
        for cell in ["2026-03-02 22:00:00", "2026-03-02 05:00:00Z", "2026-03-02 ", "2026-03-02T", "2026-03-02 00:00Q"] {
            assert_eq!(date("YYYY-MM-DD time", cell), None, "{cell}");
        }
        assert_eq!(date("YYYY-MM-DD", "2026-03-02 00:00:00"), None);
    }

    #[test]
    fn several_ways_are_read_and_a_cell_that_says_two_days_says_none() {
        let ways = |texts: &[&str]| {
            DateFormats::any_of(texts.iter().map(|text| DateFormat::parse(text, Some(30)).unwrap()).collect())
        };
        let american = ways(&["M/D/YYYY", "M/D/YY", "serial"]);
        for cell in ["7/3/1990", "7/3/90", "33057"] {
            assert_eq!(american.read(cell.as_bytes()), NaiveDate::from_ymd_opt(1990, 7, 3), "{cell}");
        }
        let both = ways(&["MM/DD/YYYY", "DD/MM/YYYY"]);
        assert_eq!(both.read(b"03/04/2026"), None);
        assert_eq!(both.read(b"03/14/2026"), NaiveDate::from_ymd_opt(2026, 3, 14));
        assert_eq!(both.read(b"03/03/2026"), NaiveDate::from_ymd_opt(2026, 3, 3));
    }

    #[test]
    fn days_that_stand_for_no_end_are_known_and_slips_of_the_hand_are_not() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        for end in [
            day(9999, 12, 31),
            day(2999, 12, 31),
            day(2299, 12, 31),
            day(9999, 1, 1),
            day(2099, 12, 31),
            day(4712, 12, 31),
        ] {
            assert!(is_no_end(end), "{end}");
        }
        for end in [day(2026, 12, 31), day(2206, 3, 31), day(2099, 3, 31), day(2926, 12, 31)] {
            assert!(!is_no_end(end), "{end}");
        }
        for written in ["99991231", "9999", "12/31/9999 00:00:00", "31-Dec-9999", "9999-12-31", "31-DEC-4712"] {
            assert!(is_written_no_end(written.as_bytes()), "{written}");
        }
        for written in ["12/31/2026", "999", "", "pending"] {
            assert!(!is_written_no_end(written.as_bytes()), "{written}");
        }
    }

    #[test]
    fn zeros_are_no_date() {
        assert!(
            ["0", "00/00/0000", "0000-00-00 00:00:00", "00000000", "__/__/____", "//"]
                .iter()
                .all(|cell| is_no_date(cell.as_bytes()))
        );
        assert!(["", "01/01/2000", "-", "x0", "T"].iter().all(|cell| !is_no_date(cell.as_bytes())));
    }
}
