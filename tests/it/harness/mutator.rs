//! Inputs spoiled at random, and the same each time: by a seed, not by the clock.

/// Spoils inputs.
pub struct Mutator(u64);

/// Pieces that mean something to one reader or another.
const PIECES: [&[u8]; 16] = [
    b"~",
    b"*",
    b",",
    b"\"",
    b"\"\"",
    b"\n",
    b"\r\n",
    b"\0",
    b"ISA*",
    b"SE*1*0001~",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"TRL",
    b"9999999999999999999",
    b"[columns]\n",
    b"{n}",
];

impl Mutator {
    pub fn new(seed: u64) -> Mutator {
        Mutator(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below this one.
    pub fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }

    /// An input with a few things changed, cut out, put in, repeated, or taken from another one.
    pub fn spoil(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut spoiled = input.to_vec();
        for _ in 0..=self.below(6) {
            self.spoil_once(&mut spoiled, other);
        }
        spoiled
    }

    fn spoil_once(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let (from, to) = self.range(bytes.len());
        match self.below(7) {
            0 => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte = byte.wrapping_add(1)),
            1 => bytes.truncate(from),
            2 => drop(bytes.drain(from..to)),
            3 => {
                let piece = PIECES[self.below(PIECES.len())];
                bytes.splice(from..from, piece.iter().copied());
            }
            4 => {
                let again = bytes[from..to].to_vec();
                bytes.splice(to..to, again);
            }
            5 => {
                let (begin, end) = self.range(other.len());
                bytes.splice(from..to, other[begin..end].iter().copied());
            }
            _ => {
                let byte = self.below(256) as u8;
                bytes.splice(from..(from + 1).min(to.max(from)), [byte]);
            }
        }
    }

    /// Two places of an input, not far from each other.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let from = self.below(length + 1);
        (from, (from + self.below(64)).min(length))
    }
}
