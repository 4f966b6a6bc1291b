//! Code lists, compiled so that one multiplication and one comparison answer whether a code is listed.

/// A value that a guide lists for an element, with its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The code as it stands in a file.
    pub code: String,
    /// Its meaning; empty where the guide refers to an outside list.
    pub meaning: String,
    /// 0 for the guide's own; otherwise the overlay's deviation that adds it, counted from 1.
    pub deviation: u8,
}

/// The values a guide lists for an element, found by one comparison.
#[derive(Clone, Debug, Default)]
pub struct CodeSet {
    codes: Vec<Code>,
    /// Keys by their slot; 0 is an empty slot.
    slots: Vec<u32>,
    /// The code in each slot.
    owners: Vec<u16>,
    multiplier: u32,
    shift: u32,
    /// An overlay has added codes.
    extended: bool,
}

impl CodeSet {
    /// A list of codes. Of a code that is listed twice, the first counts.
    pub fn new(codes: Vec<Code>) -> CodeSet {
        let keys: Vec<(u32, u16)> =
            codes.iter().zip(0u16..).map(|(code, at)| (key(code.code.as_bytes()), at)).collect();
        let bits = keys.len().max(1).next_power_of_two().trailing_zeros() + 1;
        let (slots, owners, multiplier, shift) = perfect(&keys, bits);
        let extended = codes.iter().any(|code| code.deviation > 0);
        CodeSet { codes, slots, owners, multiplier, shift, extended }
    }

    /// Whether no codes are listed, so that any value is legal.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The codes in the order of the guide.
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// The listed code a value is.
    #[inline]
    pub fn find(&self, value: &[u8]) -> Option<&Code> {
        let key = key(value);
        if key == 0 {
            return self.codes.iter().find(|code| code.code.as_bytes() == value);
        }
        let slot = (key.wrapping_mul(self.multiplier) >> self.shift) as usize;
        if *self.slots.get(slot)? == key { self.codes.get(usize::from(self.owners[slot])) } else { None }
    }

    /// Whether a value is certainly one of the guide's own codes, judged without looking further than the slots.
    #[inline]
    pub fn surely_contains(&self, value: &[u8]) -> bool {
        let key = key(value);
        let slot = (key.wrapping_mul(self.multiplier) >> self.shift) as usize;
        key != 0 && !self.extended && self.slots.get(slot) == Some(&key)
    }

    /// Whether a value is a listed code.
    #[inline]
    pub fn contains(&self, value: &[u8]) -> bool {
        self.find(value).is_some()
    }
}

/// Up to four bytes as one number; 0 for none, for more, and for a value that ends with NUL, which would be taken for
/// the shorter one.
#[inline]
pub fn key(value: &[u8]) -> u32 {
    match *value {
        [.., 0] => 0,
        [a] => u32::from(a),
        [a, b] => u32::from_le_bytes([a, b, 0, 0]),
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]),
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    }
}

/// Slots without a collision: the smallest of a few sizes and multipliers that gives one.
fn perfect(keys: &[(u32, u16)], bits: u32) -> (Vec<u32>, Vec<u16>, u32, u32) {
    let mut multiplier = 0x9e37_79b1_u32;
    for bits in bits..20 {
        for _ in 0..200 {
            if let Some((slots, owners)) = place(keys, multiplier, bits) {
                return (slots, owners, multiplier, 32 - bits);
            }
            multiplier = multiplier.wrapping_mul(0x2c1b_3c6d).wrapping_add(0x2979_2d62) | 1;
        }
    }
    (Vec::new(), Vec::new(), 1, 31)
}

fn place(keys: &[(u32, u16)], multiplier: u32, bits: u32) -> Option<(Vec<u32>, Vec<u16>)> {
    let mut slots = vec![0; 1 << bits];
    let mut owners = vec![0; 1 << bits];
    for (key, owner) in keys.iter().filter(|(key, _)| *key != 0) {
        let slot = (key.wrapping_mul(multiplier) >> (32 - bits)) as usize;
        match slots[slot] {
            0 => (slots[slot], owners[slot]) = (*key, *owner),
            taken if taken == *key => {}
            _ => return None,
        }
    }
    Some((slots, owners))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(codes: &[&str]) -> CodeSet {
        let code = |text: &&str| Code { code: text.to_string(), meaning: String::new(), deviation: 0 };
        CodeSet::new(codes.iter().map(code).collect())
    }

    #[test]
    fn every_listed_code_is_found_and_no_other() {
        let codes: Vec<String> =
            (0..300).map(|n| format!("{n:03}")).chain(["A".into(), "005010X220A1".into()]).collect();
        let set = set(&codes.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(codes.iter().all(|code| set.contains(code.as_bytes())));
        for other in ["", "00", "0001", "300", "B", "A ", "a", "005010X220", "\0", "A\0", "001\0", "A\0\0"] {
            assert!(!set.contains(other.as_bytes()), "{other:?}");
        }
        assert!(!CodeSet::default().contains(b"A"));
    }
}
