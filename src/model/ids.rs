//! Names and keys as types of their own, so that one cannot stand where another belongs.

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

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that [`hex`] writes so; none for a text that is no such thing.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(byte).collect::<Option<Vec<u8>>>().filter(|_| rest.is_empty())
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
}
