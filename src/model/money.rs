//! Amounts of money as whole cents.

use std::fmt;

/// United States dollars as whole cents; never a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cents(pub i64);

impl Cents {
    /// Reads `1234`, `1234.5`, `$1,234.50`, `-3.10` or `(3.10)`. `None` for anything else, for more than two
    /// decimals, and above ±9,999,999,999.99.
    pub fn parse(text: &str) -> Option<Cents> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => (true, inner),
            None => text.strip_prefix('-').map_or((false, text), |rest| (true, rest)),
        };
        let digits = digits.strip_prefix('$').unwrap_or(digits);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let cents = whole_dollars(whole)? * 100 + hundredths(fraction)?;
        Some(Cents(if negative { -cents } else { cents }))
    }
}

fn whole_dollars(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|c| *c != ',').collect();
    // Commas are taken out wherever they stand: payrolls group by two, three or four digits, and where they do says
    // nothing of the amount.
    let plain = !digits.is_empty() && digits.len() <= 10 && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn hundredths(text: &str) -> Option<i64> {
    if text.len() > 2 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{text:0<2}").parse().ok()
}

impl fmt::Display for Cents {
    /// The X12 form: no thousands separators, no trailing zeros, no point for whole dollars.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, cents) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (cents / 100, cents % 100);
        match rest {
            0 => write!(out, "{sign}{whole}"),
            r if r % 10 == 0 => write!(out, "{sign}{whole}.{}", r / 10),
            r => write!(out, "{sign}{whole}.{r:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_the_shapes_payroll_writes_them() {
        for (text, cents) in [("12", 1200), ("$1,234.50", 123_450), ("(3.10)", -310), ("-0.05", -5), ("7.5", 750)] {
            assert_eq!(Cents::parse(text), Some(Cents(cents)), "{text}");
        }
        for text in ["", "12.345", "1e3", "abc", "1.2.3", "--1"] {
            assert_eq!(Cents::parse(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_written_without_noise() {
        let written: Vec<String> = [1200, 123_450, -310, 5].iter().map(|c| Cents(*c).to_string()).collect();
        assert_eq!(written, ["12", "1234.5", "-3.1", "0.05"]);
    }
}
