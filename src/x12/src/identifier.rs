//! What guides leave to others: states, countries, and identifiers with shapes of their own.

use std::sync::LazyLock;

use crate::guide::codes::{Code, CodeSet};

fn set(text: &str) -> CodeSet {
    let code = |code: &str| Code { code: code.to_owned(), meaning: String::new(), deviation: 0 };
    CodeSet::new(text.split_whitespace().map(code).collect())
}

static STATES: LazyLock<CodeSet> = LazyLock::new(|| {
    set("AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ \
         NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI FM MH PW AA AE AP")
});

static PROVINCES: LazyLock<CodeSet> = LazyLock::new(|| set("AB BC MB NB NL NS NT NU ON PE QC SK YT"));

static COUNTRIES: LazyLock<CodeSet> = LazyLock::new(|| {
    set("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
         BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ \
         EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW \
         GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY \
         KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV \
         MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY \
         QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG \
         TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM \
         ZW USA CAN MEX PRI GBR DEU FRA IND CHN PHL")
});

/// Whether a value is a postal abbreviation of the United States, its territories or its forces.
#[inline]
pub fn is_state(value: &[u8]) -> bool {
    STATES.contains(value)
}

/// Whether a value is a postal abbreviation of a province of Canada.
pub fn is_province(value: &[u8]) -> bool {
    PROVINCES.contains(value)
}

/// Whether a value is a country of ISO 3166: two letters, and of the three-letter codes the frequent ones.
pub fn is_country(value: &[u8]) -> bool {
    COUNTRIES.contains(value)
}

/// Whether a value is a ZIP code: five or nine digits, and no placeholder. The lowest that is in use is 00501, the
/// highest 99950, so that what begins with 000 or with 99999 stands for no place.
pub fn is_zip(value: &[u8]) -> bool {
    let placeholder = value.starts_with(b"000") || value.starts_with(b"99999");
    matches!(value.len(), 5 | 9) && value.iter().all(u8::is_ascii_digit) && !placeholder
}

/// Whether a value is a postal code of Canada, with or without its space.
pub fn is_canadian_postal_code(value: &[u8]) -> bool {
    let letters_and_digits: Vec<u8> = value.iter().copied().filter(|byte| *byte != b' ').take(7).collect();
    letters_and_digits.len() == 6
        && letters_and_digits.iter().enumerate().all(|(at, byte)| match at % 2 {
            0 => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_digit(),
        })
}

/// Whether a value is a national provider identifier: ten digits, beginning with 1 or 2, whose last digit checks the
/// others (Luhn's formula over the prefix 80840 and the identifier).
pub fn is_npi(value: &[u8]) -> bool {
    let digits: Vec<u32> =
        value.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0')).collect();
    if value.len() != 10 || digits.len() != 10 || !matches!(digits[0], 1 | 2) {
        return false;
    }
    let weighted = |(at, digit): (usize, &u32)| match at % 2 {
        0 if *digit > 4 => digit * 2 - 9,
        0 => digit * 2,
        _ => *digit,
    };
    // 24 is what the prefix contributes to the sum.
    (24 + digits.iter().enumerate().map(weighted).sum::<u32>()).is_multiple_of(10)
}

/// What a social security number looks like, without looking it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SsnVerdict {
    /// Nine digits that may have been issued.
    Plausible,
    /// Too short, too long, or punctuated.
    NotNineDigits,
    /// A number people type where they know none, or in a group that was never issued.
    Placeholder,
    /// It begins with 9, as a taxpayer number may.
    NeverIssued,
}

/// Judges a social security number.
pub fn ssn(value: &[u8]) -> SsnVerdict {
    const PLACEHOLDERS: [&[u8]; 4] = [b"123456789", b"987654321", b"078051120", b"219099999"];
    if value.len() != 9 || !value.iter().all(u8::is_ascii_digit) {
        return SsnVerdict::NotNineDigits;
    }
    let same = value.iter().all(|byte| *byte == value[0]);
    if same || PLACEHOLDERS.contains(&value) || value.starts_with(b"000") || value.starts_with(b"666") {
        return SsnVerdict::Placeholder;
    }
    if value[0] == b'9' { SsnVerdict::NeverIssued } else { SsnVerdict::Plausible }
}

/// Whether a social security number can have been issued to somebody: besides what [`ssn`] finds, no group is 00 and no
/// serial number 0000.
///
/// Whoever takes a number in as somebody's asks this. Whoever judges a file asks [`ssn`], which lets group 00 pass:
/// made-up files use it, so that they are judged like real ones and name nobody.
pub fn is_issuable_ssn(value: &[u8]) -> bool {
    ssn(value) == SsnVerdict::Plausible && &value[3..5] != b"00" && &value[5..] != b"0000"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_npi_checks_itself() {
        assert!(is_npi(b"1234567893"));
        for no in [b"1234567890".as_slice(), b"123456789", b"3234567893", b"12345678930", b"123456789X"] {
            assert!(!is_npi(no));
        }
    }

    #[test]
    fn placeholders_are_no_social_security_numbers() {
        assert_eq!(ssn(b"103229876"), SsnVerdict::Plausible);
        assert_eq!(ssn(b"10322987"), SsnVerdict::NotNineDigits);
        assert_eq!(ssn(b"103-22-9876"), SsnVerdict::NotNineDigits);
        for dummy in [b"111111111", b"123456789", b"000123456", b"666123456"] {
            assert_eq!(ssn(dummy), SsnVerdict::Placeholder);
        }
        assert_eq!(ssn(b"923456781"), SsnVerdict::NeverIssued);
        assert_eq!((ssn(b"103009876"), ssn(b"103220000")), (SsnVerdict::Plausible, SsnVerdict::Plausible));
        assert!(is_issuable_ssn(b"103229876"));
        assert!(
            ["103009876", "103220000", "123456789", "923456781", "1032298"]
                .iter()
                .all(|no| !is_issuable_ssn(no.as_bytes()))
        );
    }

    #[test]
    fn postal_codes_have_their_country_s_shape() {
        assert!(
            is_zip(b"17111") && is_zip(b"171110000") && !is_zip(b"1711") && !is_zip(b"00000") && !is_zip(b"17111-0000")
        );
        assert!(
            is_canadian_postal_code(b"K1A 0B1")
                && is_canadian_postal_code(b"K1A0B1")
                && !is_canadian_postal_code(b"17111")
        );
        assert!(
            is_zip(b"00501") && is_zip(b"99950") && !is_zip(b"00012") && !is_zip(b"99999") && !is_zip(b"999990001")
        );
        assert!(is_state(b"PA") && !is_state(b"XX") && is_province(b"ON") && is_country(b"US") && !is_country(b"XX"));
    }
}
