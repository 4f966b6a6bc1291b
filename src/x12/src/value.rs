//! Dates, times and numbers as X12 writes them.

use std::fmt;

/// A day of the calendar, from the year 1 to the year 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(Day);

impl Date {
    /// A day; none when the calendar has no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let [year, month, day] = [u32::from(year), u32::from(month), u32::from(day)];
        (year <= 9_999 && is_day(year, month, day)).then(|| Date(year * 10_000 + month * 100 + day))
    }

    /// The day that eight digits CCYYMMDD name; none when the calendar has no such day.
    ///
    /// ```
    /// use x12::Date;
    ///
    /// assert_eq!(Date::parse(b"20240229"), Date::new(2024, 2, 29));
    /// assert_eq!(Date::parse(b"20250229"), None);
    /// ```
    #[inline]
    pub fn parse(digits: &[u8]) -> Option<Date> {
        day(digits).map(Date)
    }

    #[inline]
    pub(crate) fn of(day: Day) -> Date {
        Date(day)
    }

    /// With its century: 2024, never 24.
    pub fn year(self) -> u16 {
        (self.0 / 10_000) as u16
    }

    /// 1 for January to 12 for December.
    pub fn month(self) -> u8 {
        (self.0 / 100 % 100) as u8
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        (self.0 % 100) as u8
    }

    /// The day that six digits YYMMDD name in this century; none when the calendar has no such day.
    pub fn parse_short(digits: &[u8]) -> Option<Date> {
        let short = (digits.len() == 6).then(|| number(digits)).flatten()?;
        Date::new(2000 + (short / 10_000) as u16, (short / 100 % 100) as u8, (short % 100) as u8)
    }

    /// The day as the number CCYYMMDD, so that days compare as they follow each other.
    #[inline]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The eight digits CCYYMMDD, as files write them.
    pub fn digits(self) -> String {
        format!("{:08}", self.0)
    }
}

impl fmt::Display for Date {
    /// As in `2026-03-02`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Date {
    /// As text, as in `2026-03-02`.
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A day, or the first and last day of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day; the same for a single day. It may stand before the first: a file may say so.
    pub to: Date,
}

impl Period {
    /// The period a value names in a format: `D8` for a day, `RD8` for a range of days. None when it is neither.
    ///
    /// ```
    /// use x12::{Date, Period};
    ///
    /// let january = Period::parse(b"RD8", b"20260101-20260131").expect("a range");
    /// assert_eq!(Some(january.to), Date::new(2026, 1, 31));
    /// ```
    pub fn parse(format: &[u8], value: &[u8]) -> Option<Period> {
        period(format, value).map(|(from, to)| Period { from: Date(from), to: Date(to) })
    }
}

#[cfg(feature = "chrono")]
impl From<Date> for chrono::NaiveDate {
    fn from(date: Date) -> chrono::NaiveDate {
        let (year, month, day) = (date.year().into(), date.month().into(), date.day().into());
        chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
    }
}

#[cfg(feature = "chrono")]
impl TryFrom<chrono::NaiveDate> for Date {
    type Error = crate::Error;

    /// # Errors
    /// [`crate::ErrorKind::Value`] for a year before 1 or after 9999.
    fn try_from(date: chrono::NaiveDate) -> Result<Date, crate::Error> {
        use chrono::Datelike;
        let year = u16::try_from(date.year()).ok();
        let date = year.and_then(|year| Date::new(year, date.month() as u8, date.day() as u8));
        date.ok_or_else(|| crate::Error::new(crate::ErrorKind::Value, crate::Position::default()))
    }
}

/// A calendar day as the number CCYYMMDD, so that days compare as they follow each other.
pub(crate) type Day = u32;

/// The number that at most nine ASCII digits are.
#[inline]
fn number(digits: &[u8]) -> Option<u32> {
    let mut number = 0u32;
    for digit in digits {
        let value = digit.wrapping_sub(b'0');
        if value > 9 {
            return None;
        }
        number = number * 10 + u32::from(value);
    }
    Some(number)
}

/// The number eight ASCII digits are, the first in the lowest byte: neighbours are joined three times.
#[inline]
fn eight_digits(digits: u64) -> Option<u32> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    if digits & HIGH != ZEROS || digits.wrapping_add(SIXES) & HIGH != ZEROS {
        return None;
    }
    let ones = digits - ZEROS;
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some(((fours * 10_000 + (fours >> 32)) & 0xffff_ffff) as u32)
}

/// The day eight digits name, if the calendar has it.
#[inline]
pub(crate) fn day(value: &[u8]) -> Option<Day> {
    let day = eight_digits(u64::from_le_bytes(value.try_into().ok()?))?;
    is_day(day / 10_000, day / 100 % 100, day % 100).then_some(day)
}

/// Whether six digits YYMMDD name a day in the 20th or 21st century.
pub(crate) fn is_short_day(value: &[u8]) -> bool {
    let Some(day) = (value.len() == 6).then(|| number(value)).flatten() else { return false };
    is_day(2000 + day / 10_000, day / 100 % 100, day % 100)
}

#[inline]
fn is_day(year: u32, month: u32, day: u32) -> bool {
    const DAYS: [u32; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let last = DAYS.get(month as usize).map_or(0, |last| last + u32::from(month == 2 && leap));
    year >= 1 && day >= 1 && day <= last
}

/// The day before a day.
pub(crate) fn day_before(day: Day) -> Day {
    if day % 100 > 1 {
        return day - 1;
    }
    let (year, month) = if day / 100 % 100 > 1 { (day / 10_000, day / 100 % 100 - 1) } else { (day / 10_000 - 1, 12) };
    let last = (28..=31).rev().find(|last| is_day(year, month, *last)).unwrap_or(28);
    year * 10_000 + month * 100 + last
}

/// The first and last day a period names in format `D8` or `RD8`.
#[inline]
pub(crate) fn period(format: &[u8], value: &[u8]) -> Option<(Day, Day)> {
    match format {
        b"D8" => day(value).map(|day| (day, day)),
        b"RD8" => {
            let [from, to] = [value.get(..8)?, value.get(9..)?];
            if value[8] == b'-' { Some((day(from)?, day(to)?)) } else { None }
        }
        _ => None,
    }
}

/// Whether a value is HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
pub(crate) fn is_time(value: &[u8]) -> bool {
    let pair = |at: usize| value.get(at..at + 2).and_then(number);
    matches!(value.len(), 4 | 6 | 7 | 8)
        && number(value).is_some()
        && pair(0).is_some_and(|hour| hour < 24)
        && pair(2).is_some_and(|minute| minute < 60)
        && pair(4).is_none_or(|second| second < 60)
}

/// The digits of a whole number, without its sign; none when it is not one.
pub(crate) fn integer_digits(value: &[u8]) -> Option<usize> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit)).then_some(digits.len())
}

/// The digits of a decimal number, without sign and point; none when it is not one.
pub(crate) fn decimal_digits(value: &[u8]) -> Option<usize> {
    let unsigned = value.strip_prefix(b"-").unwrap_or(value);
    let mut parts = unsigned.split(|byte| *byte == b'.');
    let (whole, fraction) = (parts.next()?, parts.next().unwrap_or_default());
    let digits = whole.len() + fraction.len();
    let plain = parts.next().is_none() && whole.iter().chain(fraction).all(u8::is_ascii_digit);
    (plain && digits > 0 && !unsigned.ends_with(b".")).then_some(digits)
}

/// The whole number a decimal without a fraction is.
pub(crate) fn count(value: &[u8]) -> Option<u64> {
    let whole = value.split(|byte| *byte == b'.').next()?;
    if value[whole.len()..].iter().any(|byte| !matches!(byte, b'.' | b'0')) || whole.is_empty() {
        return None;
    }
    whole.iter().try_fold(0u64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_days() {
        assert_eq!(day(b"20240229"), Some(20_240_229));
        for no in [
            b"20250229".as_slice(),
            b"2025:101",
            b"/0250101",
            b"20250230",
            b"20251301",
            b"20250100",
            b"19000229",
            b"2025011",
            b"2025O101",
        ] {
            assert_eq!(day(no), None);
        }
        assert!(is_short_day(b"991231") && !is_short_day(b"990230") && !is_short_day(&[b'1'; 40]));
    }

    #[test]
    fn the_day_before_crosses_months_and_years() {
        assert_eq!([20_240_301, 20_250_301, 20_250_101].map(day_before), [20_240_229, 20_250_228, 20_241_231]);
    }

    #[test]
    fn periods_times_and_numbers_are_read_strictly() {
        assert_eq!(period(b"RD8", b"20250101-20250131"), Some((20_250_101, 20_250_131)));
        assert_eq!(period(b"RD8", b"20250101"), None);
        assert_eq!(period(b"D8", b"20250101-20250131"), None);
        assert!(
            is_time(b"2359") && is_time(b"23595999") && !is_time(b"2400") && !is_time(b"120") && !is_time(b"12605")
        );
        assert_eq!([&b"1,000.00"[..], b"1.", b"+1", b"", b"-", b".", b"1.2.3"].map(decimal_digits), [None; 7]);
        assert_eq!([&b"100.00"[..], b"-.5", b"7"].map(decimal_digits), [Some(5), Some(1), Some(1)]);
        assert_eq!([&b"2"[..], b"2.00", b"2.5", b"x"].map(count), [Some(2), Some(2), None, None]);
    }
}
