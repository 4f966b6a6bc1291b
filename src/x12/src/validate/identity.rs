//! Identifiers, addresses and contacts: shapes that the guide leaves to others.

use crate::guide::Usage;
use crate::identifier::{self, SsnVerdict};
use crate::rule::Rule;
use crate::rules;
use crate::validate::at::At;
use crate::validate::report::Log;

/// An identifier in element `n`, qualified by the element before it.
#[inline]
pub(crate) fn check_identifier(at: At<'_>, n: usize, log: &mut Log) {
    let value = at.value(n);
    // What the guide does not use is a fault already, and has no meaning that could be wrong.
    let used = at.spec.and_then(|spec| spec.elements.get(n - 1)).is_none_or(|element| element.usage != Usage::NotUsed);
    if value.is_empty() || !used {
        return;
    }
    match at.value(n - 1) {
        b"34" | b"SY" => check_ssn(at, n, log),
        b"XX" if !identifier::is_npi(value) => log.add_element(&rules::NPI_CHECK_DIGIT, at.element(n), "67"),
        b"FI" | b"24" if !(value.len() == 9 && value.iter().all(u8::is_ascii_digit)) => {
            log.add_element(&rules::TAX_ID_SHAPE, at.element(n), "67");
        }
        _ => {}
    }
}

fn check_ssn(at: At<'_>, n: usize, log: &mut Log) {
    let data_element = if at.segment.tag() == b"REF" { "127" } else { "67" };
    let rule = match identifier::ssn(at.value(n)) {
        SsnVerdict::Plausible => return,
        SsnVerdict::NotNineDigits => &rules::SSN_SHAPE,
        SsnVerdict::Placeholder => &rules::SSN_DUMMY,
        SsnVerdict::NeverIssued => &rules::SSN_NOT_ISSUED,
    };
    log.add_element(rule, at.element(n), data_element);
}

/// An N4 segment: state and postal code of an address in the United States or Canada.
#[inline]
pub(crate) fn check_address(at: At<'_>, log: &mut Log) {
    let (state, code, country) = (at.value(2), at.value(3), at.value(4));
    let province = !state.is_empty() && identifier::is_province(state);
    let canadian = matches!(country, b"CA" | b"CAN") || country.is_empty() && province;
    if !canadian && !matches!(country, b"" | b"US" | b"USA") {
        return;
    }
    if state.is_empty() && at.value(7).is_empty() {
        log.add_element(&rules::STATE_MISSING, at.element(2), "156");
    }
    if code.is_empty() {
        log.add_element(&rules::ZIP_MISSING, at.element(3), "116");
    } else if !(if canadian { identifier::is_canadian_postal_code(code) } else { identifier::is_zip(code) }) {
        log.add_element(&rules::ZIP_SHAPE, at.element(3), "116");
    }
    if matches!(country, b"US" | b"USA") && at.value(7).is_empty() {
        log.add_element(&rules::COUNTRY_NOT_NEEDED, at.element(4), "26");
    }
    if canadian && identifier::is_canadian_postal_code(code) && code.contains(&b' ') {
        log.add_element(&rules::POSTAL_CODE_BLANK, at.element(3), "116");
    }
    let elsewhere = if canadian { identifier::is_state(state) && !province } else { province };
    if elsewhere {
        log.add_element(&rules::UNKNOWN_STATE, at.element(2), "156");
    }
}

/// A PER segment: telephone numbers and e-mail addresses.
#[inline]
pub(crate) fn check_contact(at: At<'_>, log: &mut Log) {
    for n in [4, 6, 8] {
        let value = at.value(n);
        if let Some(rule) = contact_breach(at.value(n - 1), value).filter(|_| !value.is_empty()) {
            log.add_element(rule, at.element(n), "364");
        }
    }
}

fn contact_breach(qualifier: &[u8], value: &[u8]) -> Option<&'static Rule> {
    match qualifier {
        b"EM" if !value.contains(&b'@') => Some(&rules::EMAIL_SHAPE),
        b"TE" | b"HP" | b"WP" | b"CP" | b"FX" | b"AP" | b"BN" | b"EX" if !value.iter().all(u8::is_ascii_digit) => {
            Some(&rules::TELEPHONE_SHAPE)
        }
        _ => None,
    }
}
