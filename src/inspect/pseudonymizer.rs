//! Other values for people's values: of the same shape, the same for the same value and key, and nobody's.
//!
//! Everything is derived from the key and the value alone, so that files masked with one key still fit together. One
//! exception: numbers of nine digits have fewer replacements (those never issued, nine million) than there are numbers.
//! Two of one run that would become the same do not: the later one gets its next. Of 100,000 numbers about 550 do.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::inspect::located::could_be_issued;
use crate::inspect::personal::PersonalKind;
use crate::inspect::pieces::day_number;
use crate::x12::identifier;

/// Days that dates move back at most.
const DAYS_MAX: u16 = 180;

/// Rounds that identifiers are stirred.
const ROUNDS: u8 = 6;

/// Replacements that are tried for a number before two may share one.
const TRIES: u8 = 200;

/// Derives replacements from a key.
pub struct Pseudonymizer {
    keyed: Hmac<Sha256>,
    /// Days that dates in people's lives move back, but for birth dates, which move one by one.
    back: i64,
    /// Replacements of nine digits that are given, and for which number: 16 bytes or so for each number.
    given: RefCell<HashMap<u32, u32>>,
    recent: RefCell<Recent>,
}

/// Replacements given lately, by value: a family has one street, a file few plans and towns, and each costs as much as
/// several hashes. One place for each digest; the later value takes it.
struct Recent {
    places: Vec<Remembered>,
}

/// A value, as which kind it was replaced, and by what.
#[derive(Clone, Default)]
struct Remembered {
    kind: Option<PersonalKind>,
    value: Vec<u8>,
    replacement: Vec<u8>,
}

/// Values remembered at most, and bytes of one.
const RECENT_MAX: usize = 4_096;
const RECENT_BYTES_MAX: usize = 64;

impl Default for Recent {
    fn default() -> Recent {
        Recent { places: vec![Remembered::default(); RECENT_MAX] }
    }
}

impl Recent {
    /// Where a value is remembered, or would be.
    fn place(&mut self, kind: PersonalKind, value: &[u8]) -> &mut Remembered {
        // FNV-1a: whoever made two values meet here would make the program slower by two hashes, and nothing else.
        let spread = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let digest = value.iter().fold(0xcbf2_9ce4_8422_2325 ^ kind as u64, spread);
        &mut self.places[(digest ^ digest >> 32) as usize % RECENT_MAX]
    }
}

impl Pseudonymizer {
    /// From secret bytes, as many as there are; fewer than 16 would be guessed.
    pub fn new(secret: &[u8]) -> Pseudonymizer {
        let mut block = [0; 64];
        block[..32].copy_from_slice(&Sha256::digest(secret));
        // A key of a whole block is taken as it is, which cannot fail.
        let keyed = <Hmac<Sha256> as hmac::digest::KeyInit>::new((&block).into());
        let back = 1 + i64::from(KeyedStream::new(&keyed, "days", b"", 0).below(DAYS_MAX));
        Pseudonymizer { keyed, back, given: RefCell::default(), recent: RefCell::default() }
    }

    /// A replacement of the same shape. Dates are replaced by [`Pseudonymizer::event`] and [`Pseudonymizer::birth`].
    pub fn replace<'v>(&self, kind: PersonalKind, value: &'v [u8]) -> Cow<'v, [u8]> {
        if value.len() > RECENT_BYTES_MAX {
            return self.replacement(kind, value);
        }
        let mut recent = self.recent.borrow_mut();
        let place = recent.place(kind, value);
        if place.kind != Some(kind) || place.value != value {
            let replacement = self.replacement(kind, value).into_owned();
            *place = Remembered { kind: Some(kind), value: value.to_vec(), replacement };
        }
        Cow::Owned(place.replacement.clone())
    }

    fn replacement<'v>(&self, kind: PersonalKind, value: &'v [u8]) -> Cow<'v, [u8]> {
        match kind {
            _ if value.is_empty() => Cow::Borrowed(value),
            PersonalKind::Identifier | PersonalKind::Ssn => self.number(value),
            PersonalKind::Provider => Cow::Owned(self.provider(value)),
            PersonalKind::Telephone => Cow::Owned(self.telephone(value)),
            PersonalKind::Email => Cow::Owned(self.email(value)),
            PersonalKind::PostalCode => self.postal_code(value),
            PersonalKind::Name => Cow::Owned(self.alike("name", value, 0)),
            PersonalKind::Words | PersonalKind::Amount => Cow::Owned(self.alike("words", value, 0)),
            PersonalKind::Birth | PersonalKind::Event => self.event(value),
        }
    }

    /// Letters for letters, digits for digits, and all else as it is. `attempt` gives another one.
    pub fn alike(&self, purpose: &str, value: &[u8], attempt: u8) -> Vec<u8> {
        let mut stream = KeyedStream::new(&self.keyed, purpose, value, attempt);
        let mut letters = 0;
        let mut out = Vec::with_capacity(value.len());
        for chunk in value.utf8_chunks() {
            for character in chunk.valid().chars() {
                stream.character(character, &mut letters, &mut out);
            }
            // As many bytes that are no text as there were, of the same make.
            out.extend_from_slice(&[0xf0, 0x9f, 0x98][..chunk.invalid().len().min(3)]);
        }
        out
    }

    /// A permutation of the values of one shape, so that no two identifiers become the same.
    fn identifier(&self, value: &[u8]) -> Vec<u8> {
        let mut out = value.to_vec();
        let places: Vec<usize> = (0..value.len()).filter(|at| value[*at].is_ascii_alphanumeric()).collect();
        let shape: Vec<u8> = value.iter().map(|byte| radix(*byte).map_or(*byte, |(base, _)| base)).collect();
        // A Feistel network over the letters and digits: each round moves one half by amounts derived from the other.
        // That is a permutation of all values of one shape, whatever the round function is, so no table of what was
        // given is needed to keep two identifiers apart.
        let half = |odd: usize| places.iter().copied().skip(odd).step_by(2).collect::<Vec<_>>();
        let halves = [half(0), half(1)];
        for round in 0..ROUNDS {
            let (these, those) = (&halves[usize::from(round % 2)], &halves[usize::from(1 - round % 2)]);
            let mut seen = shape.clone();
            seen.extend(those.iter().map(|at| out[*at]));
            let mut stream = KeyedStream::new(&self.keyed, "identifier", &seen, round);
            for at in these {
                let Some((base, count)) = radix(out[*at]) else { continue };
                let moved = (u16::from(out[*at] - base) + stream.below(count)) % count;
                out[*at] = base + moved as u8;
            }
        }
        out
    }

    /// Nine digits become the same nine wherever they stand, as a social security number or as an identifier.
    fn number<'v>(&self, value: &'v [u8]) -> Cow<'v, [u8]> {
        // An SSN often serves as the subscriber's number, too, and stands in NM1 and REF by turns. If it became two
        // different numbers, rules that the original keeps would be broken by its masked copy.
        let Some(digits) = nine_digits(value) else { return Cow::Owned(self.identifier(value)) };
        let Some(other) = self.unshared(&digits) else { return Cow::Borrowed(value) };
        let mut other = other.into_iter();
        let place = |byte: &u8| if byte.is_ascii_digit() { other.next().unwrap_or(b'0') } else { *byte };
        Cow::Owned(value.iter().map(place).collect())
    }

    /// A replacement that no other number of this run has.
    fn unshared(&self, digits: &[u8; 9]) -> Option<[u8; 9]> {
        let mut given = self.given.borrow_mut();
        let original = decimal(digits);
        for attempt in 0..TRIES {
            let other = self.never_issued(digits, attempt)?;
            if *given.entry(decimal(&other)).or_insert(original) == original {
                return Some(other);
            }
        }
        self.never_issued(digits, TRIES)
    }

    /// A number that was never issued, because its middle digits are 00, and that is judged as the original is.
    /// Placeholders that stand for nobody stay.
    fn never_issued(&self, digits: &[u8; 9], attempt: u8) -> Option<[u8; 9]> {
        let mut stream = KeyedStream::new(&self.keyed, "ssn", digits, attempt);
        let serial = 1 + u32::from(stream.below(9_999));
        let number = match identifier::ssn(digits) {
            // Group 00 was never issued, so no replacement is anybody's number. Nine random digits would often be.
            _ if could_be_issued(digits) => {
                let area = 1 + u32::from(stream.below(898));
                let area = if area == 666 { 899 } else { area };
                area * 1_000_000 + serial
            }
            identifier::SsnVerdict::NeverIssued => 900_000_000 + u32::from(stream.below(100)) * 1_000_000 + serial,
            _ if digits.starts_with(b"000") || digits.starts_with(b"666") => {
                decimal(digits) / 1_000_000 * 1_000_000 + u32::from(stream.below(1_000)) * 1_000 + serial % 1_000
            }
            _ => return None,
        };
        let mut out = [b'0'; 9];
        for (at, digit) in out.iter_mut().enumerate() {
            *digit += (number / 10_u32.pow(8 - at as u32) % 10) as u8;
        }
        Some(out)
    }

    /// Ten digits that check themselves exactly when the original's do.
    fn provider(&self, value: &[u8]) -> Vec<u8> {
        let ten_digits = value.len() == 10 && value.iter().all(u8::is_ascii_digit);
        let mut out = self.alike("provider", value, 0);
        if !ten_digits {
            return out;
        }
        // NPIs begin with 1 or 2. A wrong one gets a first digit that none begins with: its fault survives, and it
        // cannot become a real provider's number by chance.
        let checks = identifier::is_npi(value);
        out[0] = if checks { b'1' } else { b'3' };
        for digit in b'0'..=b'9' {
            out[9] = digit;
            if !checks || identifier::is_npi(&out) {
                break;
            }
        }
        out
    }

    /// 555-01xx in some area, for as many digits as a telephone number has.
    fn telephone(&self, value: &[u8]) -> Vec<u8> {
        let mut out = self.alike("telephone", value, 0);
        let places: Vec<usize> = (0..out.len()).filter(|at| out[*at].is_ascii_digit()).collect();
        if !matches!(places.len(), 7 | 10 | 11) {
            return out;
        }
        for (at, digit) in places[places.len() - 7..].iter().zip(b"55501") {
            out[*at] = *digit;
        }
        let area = places.len().saturating_sub(10);
        if places.len() > 7 {
            out[places[area]] = b'2' + (out[places[area]] - b'0') % 8;
        }
        if places.len() == 11 {
            out[places[0]] = value[places[0]];
        }
        out
    }

    /// An address that no mail reaches, as long as the original.
    fn email(&self, value: &[u8]) -> Vec<u8> {
        let mut out = self.alike("email", value, 0);
        let ordinary = value.iter().all(u8::is_ascii_graphic)
            && value.iter().filter(|byte| **byte == b'@').count() == 1
            && value.contains(&b'.');
        if !ordinary {
            return out;
        }
        let shorter = |domain: &&&[u8]| domain.len() + 2 <= out.len();
        if let Some(domain) = NOWHERE.iter().find(shorter) {
            let at = out.len() - domain.len();
            let mut stream = KeyedStream::new(&self.keyed, "email", value, 1);
            out[..at].iter_mut().for_each(|byte| *byte = b'a' + stream.below(26) as u8);
            out[at..].copy_from_slice(domain);
        } else {
            // Too short for any reserved domain. No top-level domain consists of z alone, so nothing that is sent there
            // arrives.
            let label = out.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let at = out.len() - label;
            out[at..].fill(b'z');
        }
        out
    }

    fn postal_code<'v>(&self, value: &'v [u8]) -> Cow<'v, [u8]> {
        let digits = value.iter().all(u8::is_ascii_digit);
        // What is no ZIP places nobody, and what the validator says of it must survive the masking.
        if digits && matches!(value.len(), 5 | 9) && !identifier::is_zip(value) {
            return Cow::Borrowed(value);
        }
        let mut out = self.alike("postal code", value, 0);
        if digits && let Some(first) = out.first_mut() {
            *first = b'1' + (*first - b'0') % 8;
        }
        Cow::Owned(out)
    }

    /// A day or a range of days, moved back by as many days as every other. What is no day becomes zeros.
    pub fn event<'v>(&self, value: &'v [u8]) -> Cow<'v, [u8]> {
        self.moved(value, |_| self.back)
    }

    /// A birth date, moved by a number of days of its own so that what can be told of it stays true: `judge` gives the
    /// same answer for the original and the replacement.
    pub fn birth<'v, J: PartialEq>(&self, value: &'v [u8], judge: impl Fn(u32) -> J) -> Cow<'v, [u8]> {
        let Some(day) = day_number(value) else { return self.event(value) };
        let mut stream = KeyedStream::new(&self.keyed, "birth", value, 0);
        // Back first: who is born by a day stays so. The last few are small steps either way.
        let steps = [DAYS_MAX, DAYS_MAX, 90, 30, 7, 1].map(|most| 1 + i64::from(stream.below(most)));
        let tries = steps.into_iter().chain([3, 1, -1, -3, -14, -60]);
        let moved = tries.map(|days| self.moved(value, |_| days));
        let kept = |candidate: &Cow<'_, [u8]>| day_number(candidate).is_some_and(|other| judge(other) == judge(day));
        moved.into_iter().find(kept).unwrap_or(Cow::Borrowed(value))
    }

    fn moved<'v>(&self, value: &'v [u8], days: impl Fn(&[u8]) -> i64) -> Cow<'v, [u8]> {
        let is_day = super::pieces::is_day(value);
        if !is_day {
            return Cow::Owned(without_day(value));
        }
        let mut out = Vec::with_capacity(value.len());
        for (n, part) in value.split(|byte| *byte == b'-').enumerate() {
            if n > 0 {
                out.push(b'-');
            }
            match earlier(part, days(part)) {
                Some(day) => out.extend_from_slice(&day),
                None => return Cow::Borrowed(value),
            }
        }
        Cow::Owned(out)
    }
}

/// Domains that never exist, by length; for addresses shorter still there is the ending `zz`.
const NOWHERE: [&[u8]; 3] = [b"@example.invalid", b"@invalid.test", b"@x.test"];

/// The digits of a number of nine, also of one that is written with hyphens as on its card.
fn nine_digits(value: &[u8]) -> Option<[u8; 9]> {
    let hyphens = value.len() == 11 && value[3] == b'-' && value[6] == b'-';
    let digits: Vec<u8> = value.iter().copied().filter(u8::is_ascii_digit).collect();
    (hyphens || value.len() == 9).then_some(())?;
    digits.try_into().ok()
}

fn decimal(digits: &[u8; 9]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// The first of ten digits or 26 letters that a byte is one of, and how many they are.
fn radix(byte: u8) -> Option<(u8, u16)> {
    match byte {
        b'0'..=b'9' => Some((b'0', 10)),
        b'A'..=b'Z' => Some((b'A', 26)),
        b'a'..=b'z' => Some((b'a', 26)),
        _ => None,
    }
}

fn earlier(day: &[u8], days: i64) -> Option<[u8; 8]> {
    let number = day_number(day)?;
    let date = NaiveDate::from_ymd_opt((number / 10_000) as i32, number / 100 % 100, number % 100)?;
    let date = date.checked_sub_signed(TimeDelta::days(days)).filter(|date| (1..=9_999).contains(&date.year()))?;
    let number = date.year() as u32 * 10_000 + date.month() * 100 + date.day();
    let mut digits = [b'0'; 8];
    for (at, digit) in digits.iter_mut().enumerate() {
        *digit += (number / 10_u32.pow(7 - at as u32) % 10) as u8;
    }
    Some(digits)
}

/// What is no day stays none: its digits are zeros, its letters X.
fn without_day(value: &[u8]) -> Vec<u8> {
    let plain = |byte: &u8| match byte {
        b'0'..=b'9' => b'0',
        b'A'..=b'Z' | b'a'..=b'z' => b'X',
        0x80.. => 0xff,
        other => *other,
    };
    value.iter().map(plain).collect()
}

/// Bytes that look random, derived from the key, a purpose and a value.
struct KeyedStream {
    keyed: Hmac<Sha256>,
    block: [u8; 32],
    used: usize,
    blocks: u8,
}

impl KeyedStream {
    fn new(keyed: &Hmac<Sha256>, purpose: &str, value: &[u8], attempt: u8) -> KeyedStream {
        let mut keyed = keyed.clone();
        keyed.update(purpose.as_bytes());
        // The zero byte ends the purpose, so that no purpose and value can be read as another pair of them.
        keyed.update(&[0, attempt]);
        keyed.update(value);
        KeyedStream { keyed, block: [0; 32], used: 32, blocks: 0 }
    }

    fn next(&mut self) -> u8 {
        if self.used == 32 {
            let mut keyed = self.keyed.clone();
            keyed.update(&[0, self.blocks]);
            self.block = keyed.finalize().into_bytes().into();
            (self.used, self.blocks) = (0, self.blocks.wrapping_add(1));
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// A number below `count`, near enough to evenly for a pseudonym.
    fn below(&mut self, count: u16) -> u16 {
        let wide = u32::from_le_bytes([self.next(), self.next(), self.next(), 0]);
        (wide % u32::from(count)) as u16
    }

    /// Appends a character like another; letters alternate, so that words can be spoken.
    fn character(&mut self, like: char, letters: &mut usize, out: &mut Vec<u8>) {
        const SOUNDS: [&[u8]; 2] = [b"BDFGHKLMNPRSTVWZ", b"AEIOU"];
        match like {
            '0'..='9' => out.push(b'0' + self.below(10) as u8),
            'A'..='Z' | 'a'..='z' => {
                let sounds = SOUNDS[*letters % 2];
                *letters += 1;
                let letter = sounds[usize::from(self.below(sounds.len() as u16))];
                out.push(if like.is_ascii_lowercase() { letter.to_ascii_lowercase() } else { letter });
            }
            _ if like.is_ascii() => out.push(like as u8),
            _ => out.extend_from_slice(["é", "é", "é", "あ", "😀"][like.len_utf8()].as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonymizer() -> Pseudonymizer {
        Pseudonymizer::new(b"a key for tests, not a secret")
    }

    fn text(kind: PersonalKind, value: &str) -> String {
        String::from_utf8(pseudonymizer().replace(kind, value.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn identifiers_of_one_shape_stay_different() {
        let all: std::collections::HashSet<String> =
            (0..10_000).map(|n| text(PersonalKind::Identifier, &format!("{n:04}"))).collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.iter().all(|id| id.len() == 4 && id.bytes().all(|byte| byte.is_ascii_digit())));
        let shape = text(PersonalKind::Identifier, "E-12aZ");
        assert!(shape.as_bytes()[1] == b'-' && shape.as_bytes()[4].is_ascii_lowercase(), "{shape}");
    }

    #[test]
    fn numbers_become_ones_the_validator_judges_alike_and_nobody_has() {
        for ssn in ["103229876", "932456781", "000123456", "666123456", "111111111", "10322987", "103-22-9876"] {
            let other = text(PersonalKind::Ssn, ssn);
            assert_eq!(identifier::ssn(other.as_bytes()), identifier::ssn(ssn.as_bytes()), "{ssn} {other}");
            assert_eq!(other.len(), ssn.len());
        }
        assert_eq!(&text(PersonalKind::Ssn, "103229876")[3..5], "00");
        for npi in ["1234567893", "1234567890", "123"] {
            let other = text(PersonalKind::Provider, npi);
            assert_eq!(identifier::is_npi(other.as_bytes()), identifier::is_npi(npi.as_bytes()), "{npi} {other}");
        }
    }

    #[test]
    fn telephones_and_addresses_lead_nowhere() {
        let telephone = text(PersonalKind::Telephone, "2157654321");
        assert_eq!((&telephone[3..8], telephone.len()), ("55501", 10));
        assert_eq!(&text(PersonalKind::Telephone, "(215) 765-4321")[6..11], "555-0");
        let email = text(PersonalKind::Email, "somebody.else@carrier.com");
        assert!(email.ends_with("@example.invalid") && email.len() == 25, "{email}");
        for short in ["a.b@carrier.com", "ab@cd.com", "a@b.co"] {
            let email = text(PersonalKind::Email, short);
            let nowhere = [".test", ".zz"].iter().any(|ending| email.ends_with(ending));
            assert!(nowhere && email.len() == short.len() && email.contains('@'), "{email}");
        }
    }

    #[test]
    fn one_number_has_one_replacement_wherever_it_stands_and_no_two_share_one() {
        let pseudonymizer = pseudonymizer();
        let of =
            |kind, value: &str| String::from_utf8(pseudonymizer.replace(kind, value.as_bytes()).into_owned()).unwrap();
        let number = of(PersonalKind::Ssn, "103229876");
        assert_eq!(of(PersonalKind::Identifier, "103229876"), number);
        assert_eq!(of(PersonalKind::Ssn, "103-22-9876").replace('-', ""), number);
        let numbers = (0..60_000).map(|n| format!("{}", 101_010_101 + n * 13));
        let all: std::collections::HashSet<String> = numbers.map(|n| of(PersonalKind::Identifier, &n)).collect();
        assert_eq!(all.len(), 60_000);
        assert!(all.iter().all(|other| &other[3..5] == "00"));
    }

    #[test]
    fn postal_codes_keep_their_shape() {
        assert!(identifier::is_zip(text(PersonalKind::PostalCode, "17111").as_bytes()));
        assert!(identifier::is_canadian_postal_code(text(PersonalKind::PostalCode, "K1A 0B1").as_bytes()));
        assert_eq!(text(PersonalKind::PostalCode, "00000"), "00000");
        assert_eq!(text(PersonalKind::PostalCode, "1711-").len(), 5);
    }

    #[test]
    fn a_birth_date_moves_but_what_is_told_of_it_stays() {
        let pseudonymizer = pseudonymizer();
        for (birth, made) in [("20250101", 20_250_101), ("20250102", 20_250_101), ("19800229", 20_250_101)] {
            let other = pseudonymizer.birth(birth.as_bytes(), |day| day > made).into_owned();
            let day = day_number(&other).unwrap();
            assert_eq!(day > made, day_number(birth.as_bytes()).unwrap() > made);
            assert_ne!(other, birth.as_bytes());
        }
        assert_eq!(pseudonymizer.event(b"20250231").as_ref(), b"00000000");
        let range = pseudonymizer.event(b"20250101-20250201").into_owned();
        assert_eq!((range.len(), range[8]), (17, b'-'));
    }

    #[test]
    fn lengths_in_characters_stay_whatever_the_bytes() {
        for value in [&b"Pe\xc3\xb1a"[..], b"Pe\xf1a", b"\xe2\x82x", "漢字 A1".as_bytes(), b"\xff\xfe"] {
            let other = pseudonymizer().alike("words", value, 0);
            let characters = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().count();
            assert_eq!((other.len(), characters(&other)), (value.len(), characters(value)), "{value:?}");
        }
    }
}
