//! Secrets stand in files of their own; the configuration only refers to them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::rules;
use crate::fault::{Fault, Place};

/// Where a secret is: never the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRef {
    /// `file:keys/x`: a file, relative to the site unless absolute.
    File(String),
    /// `fd:3`: an open file descriptor that the starting process hands over; 3 to 255.
    Descriptor(u8),
}

impl KeyRef {
    /// Reads `file:…` or `fd:…`. A path may not contain `..`, control characters, or be empty.
    pub fn parse(text: &str) -> Option<KeyRef> {
        if let Some(number) = text.strip_prefix("fd:") {
            return number.parse().ok().filter(|number| *number >= 3).map(KeyRef::Descriptor);
        }
        let path = text.strip_prefix("file:")?;
        let plain = !path.is_empty() && !path.chars().any(char::is_control) && path.split('/').all(|part| part != "..");
        plain.then(|| KeyRef::File(path.to_string()))
    }
}

/// The fault of a secret that stands in the configuration.
pub(super) fn fault(place: Place) -> Fault {
    rules::SECRET.at(place)
}

/// Calls `found` with the place of every text that looks like a secret.
pub(super) fn find(table: &DeTable<'_>, found: &mut dyn FnMut(Range<usize>)) {
    for (key, value) in table {
        // Public keys have the look of secrets, and so have their fingerprints. Only a private key is refused here.
        let public =
            matches!(key.get_ref().as_ref(), "recipient" | "archive_recipient" | "host_keys" | "signing_fingerprints");
        find_in(value, public, found);
    }
}

fn find_in(value: &Spanned<DeValue<'_>>, public: bool, found: &mut dyn FnMut(Range<usize>)) {
    match value.get_ref() {
        DeValue::String(text) if is_private_key(text) || (!public && is_key_material(text)) => found(value.span()),
        DeValue::Array(items) => items.iter().for_each(|item| find_in(item, public, found)),
        DeValue::Table(table) => find(table, found),
        _ => {}
    }
}

fn is_private_key(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    upper.contains("AGE-SECRET-KEY-") || upper.contains("PRIVATE KEY")
}

/// Shortest run of key-like characters that is taken for a key.
const KEY_LENGTH_MIN: usize = 32;

fn is_key_material(text: &str) -> bool {
    if text.starts_with("file:") || text.starts_with("fd:") {
        return false;
    }
    text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').any(is_key_like)
}

fn is_key_like(word: &str) -> bool {
    let has = |wanted: fn(&u8) -> bool| word.as_bytes().iter().any(wanted);
    // Words and names are long, too, but hardly ever mix digits and both cases: what does is a key, or looks enough
    // like one to belong in a file of its own.
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit()) && has(u8::is_ascii_digit);
    let base64 = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=_-".contains(&b))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase);
    word.len() >= KEY_LENGTH_MIN && (hex || base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reference_is_a_file_or_a_descriptor() {
        assert_eq!(KeyRef::parse("file:keys/vault.key"), Some(KeyRef::File("keys/vault.key".into())));
        assert_eq!(KeyRef::parse("fd:3"), Some(KeyRef::Descriptor(3)));
        for bad in ["", "keys/x", "file:", "file:../x", "fd:2", "fd:x", "env:KEY", "file:a/../b"] {
            assert_eq!(KeyRef::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_looks_like_a_key_is_taken_for_one_and_ordinary_text_is_not() {
        let hex = "00112233445566778899aabbccddeeff";
        for secret in [hex, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0MTIz", &format!("key {hex}")] {
            assert!(is_key_material(secret));
        }
        assert!(is_private_key("-----BEGIN OPENSSH PRIVATE KEY-----") && is_private_key("age-secret-key-1abc"));
        for plain in
            ["Example Manufacturing Incorporated of Springfield", "file:keys/0011223344556677889900112233", "x"]
        {
            assert!(!is_key_material(plain), "{plain}");
        }
    }
}
