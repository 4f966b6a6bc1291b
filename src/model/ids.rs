//! Names and keys as types of their own, so that one cannot stand where another belongs.

use std::borrow::Borrow;
use std::fmt;

macro_rules! configured_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name, if it is 1 to 40 of `a–z 0–9 - _`, beginning with a letter or digit.
            pub fn new(text: &str) -> Option<$name> {
                let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
                let begins = text.as_bytes().first().is_some_and(|b| b.is_ascii_alphanumeric());
                (begins && text.len() <= 40 && text.bytes().all(plain)).then(|| $name(text.to_string()))
            }

            /// Borrows the name as it is configured.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        // Names are looked up as they are written elsewhere; order and hash are those of the text.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

configured_name!(
    /// An employer, as named in `bex.toml`.
    EmployerName
);
configured_name!(
    /// A carrier: the name of its file in `mappings/carriers/`.
    CarrierName
);
configured_name!(
    /// A source: the name of its file in `mappings/census/` or `mappings/elections/`.
    SourceName
);
configured_name!(
    /// A calendar: the name of its file in `schedules/calendars/`.
    CalendarName
);
configured_name!(
    /// A feed: the name of its file in `schedules/`.
    FeedName
);

/// A keyed digest that stands for a family: 16 bytes of HMAC-SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 16]);

/// A keyed digest of a record: equal digests mean that nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

impl Pseudonym {
    /// The first five bytes in hexadecimal: what people see and type (`--member`).
    pub fn short(&self) -> String {
        hex(&self.0[..5])
    }

    /// Lower-case hexadecimal, two digits for each byte.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(HEX_DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes that [`hex`] writes so; none for a text that is no such thing.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    pairs.iter().map(byte_of).collect::<Option<Vec<u8>>>().filter(|_| rest.is_empty())
}

/// The same of as many bytes as a SHA-256 has.
pub fn unhex_sha256(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let (pairs, mut bytes): (&[[u8; 2]; 32], _) = (pairs.try_into().ok()?, [0; 32]);
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = byte_of(pair)?;
    }
    rest.is_empty().then_some(bytes)
}

fn byte_of(pair: &[u8; 2]) -> Option<u8> {
    Some(nibble(pair[0])? << 4 | nibble(pair[1])?)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.short())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex(&self.0[..5]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_name_cannot_be_a_path_or_carry_markup() {
        assert!(FeedName::new("acme-dental_2").is_some());
        for bad in ["", "-x", "Acme", "a/b", "..", "a b", &"x".repeat(41)] {
            assert!(FeedName::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn digits_of_every_byte_are_read_back_and_nothing_else_is() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(hex(&all[..17]), "000102030405060708090a0b0c0d0e0f10");
        assert_eq!(unhex(&hex(&all)).as_deref(), Some(&all[..]));
        assert_eq!(unhex("0A0b"), Some(vec![10, 11]));
        assert_eq!(unhex_sha256(&hex(&all[..32])).as_ref().map(|bytes| &bytes[..]), Some(&all[..32]));
        for bad in ["0", "0g", "+1", " 1"] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
        assert_eq!(unhex_sha256(&hex(&all[..31])), None);
        assert_eq!(unhex_sha256(&format!("{}0", hex(&all[..32]))), None);
    }
}
