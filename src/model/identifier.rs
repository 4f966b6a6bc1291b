//! Numbers that stand for somebody or somewhere, as they are taken in: digits only, and no placeholder.
//!
//! Their rules are those by which files are judged ([`x12::identifier`]): what is taken in, the judge of our own files
//! lets pass. Only the gate, which trusts nobody's rules, has its own.

use x12::identifier;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident, $holds:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The number of these digits; `None` when they break its rule.
            pub fn new(digits: String) -> Option<$name> {
                $holds(digits.as_bytes()).then(|| $name(digits))
            }

            /// Returns the bare digits, without separators: nothing after this keeps the rule.
            pub fn into_digits(self) -> String {
                self.0
            }
        }
    )*};
}

identifiers! {
    /// A Social Security number that can have been issued.
    Ssn, identifier::is_issuable_ssn;
    /// A national provider identifier whose check digit is right.
    Npi, identifier::is_npi;
    /// A ZIP code of five or nine digits.
    Postal, identifier::is_zip;
}

/// Whether a cell stands for "no number is known" where a Social Security number should be: a placeholder, words for
/// it, or a number that the tax office gives to those who have none. An empty cell does not; a number with a digit lost
/// or hidden does not either, for there is one.
pub fn stands_for_no_ssn(cell: &[u8]) -> bool {
    // Nearly every cell leaves here: a number that begins like one and does not repeat itself.
    if let [b'2'..=b'8', second, third, ..] = cell
        && !(second == &cell[0] && third == &cell[0])
        && !matches!(cell, [b'2', b'1', b'9', ..])
    {
        return false;
    }
    let kept: Vec<u8> = cell.iter().filter(|byte| !b"-. _*'/#".contains(byte)).map(u8::to_ascii_uppercase).collect();
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.as_bytes() == kept);
    match kept.first() {
        None => !cell.is_empty(),
        Some(first) if kept.iter().all(u8::is_ascii_digit) => {
            let whole = kept.len() == 9;
            let same = kept.len() <= 11 && kept.iter().all(|digit| digit == first);
            // Numbers from 900 on are never Social Security numbers: the tax office gives them to those who have none,
            // and payrolls number people by them. Those that begin with five zeros count placeholders.
            same || is_one_of(&STAND_INS) || (whole && (*first == b'9' || kept.starts_with(b"00000")))
        }
        Some(_) => is_one_of(&WORDS) || kept.iter().all(|letter| *letter == b'X'),
    }
}

/// Numbers that programs and people write where they know none, and those of advertisements.
const STAND_INS: [&str; 4] = ["123456789", "987654321", "078051120", "219099999"];

/// Words for a number that nobody knows yet.
const WORDS: [&str; 48] = [
    "NA",
    "NONE",
    "NULL",
    "NIL",
    "UNKNOWN",
    "UNK",
    "PENDING",
    "TBD",
    "TBA",
    "APPLIED",
    "APPLIEDFOR",
    "NEWBORN",
    "NOSSN",
    "NOTAVAILABLE",
    "NOTPROVIDED",
    "NOTKNOWN",
    "MISSING",
    "REFUSED",
    "FOREIGN",
    "?",
    "??",
    "DECLINED",
    "ITIN",
    "SSN",
    "TEMP",
    "TEMPORARY",
    "PEND",
    "TOFOLLOW",
    "AWAITING",
    "BLANK",
    "NAYET",
    "NOTYET",
    "NOTYETASSIGNED",
    "INPROCESS",
    "INPROGRESS",
    "NONEYET",
    "NOTONFILE",
    "NOTGIVEN",
    "(NULL)",
    "<NULL>",
    "NUMBERPENDING",
    "SSNPENDING",
    "PENDINGSSN",
    "REQUESTED",
    "LATER",
    "NOTASSIGNED",
    "NOTISSUED",
    "NOTAPPLICABLE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_stand_for_no_number_and_numbers_with_a_fault_do_not() {
        for cell in [
            "999-99-9999",
            "999999999",
            "000000000",
            "000-00-0000",
            "111-11-1111",
            "123-45-6789",
            "123456789",
            "0",
            "9",
            "078-05-1120",
            "000-00-0007",
            "912-70-1234",
            "999-99-0002",
            "N/A",
            "unknown",
            "XXX-XX-XXXX",
            "***-**-****",
            "222-22-2222",
            "Applied for",
            "-",
            "'999999999",
        ] {
            assert!(stands_for_no_ssn(cell.as_bytes()), "{cell}");
        }
        for cell in ["", "899-10-1234", "89910123", "***-**-1234", "8.99E+08", "666-10-1234", "000-12-3456", "Example"]
        {
            assert!(!stands_for_no_ssn(cell.as_bytes()), "{cell}");
        }
    }
}
