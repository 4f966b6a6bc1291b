//! Packets: what every OpenPGP message and key is made of.

use std::io::{self, Read};

use super::unread::Unread;

/// Kinds of packets, by their tags.
pub(super) mod tag {
    pub const MESSAGE_KEY: u8 = 1;
    pub const SIGNATURE: u8 = 2;
    pub const PASSPHRASE: u8 = 3;
    pub const ONE_PASS: u8 = 4;
    pub const SECRET_KEY: u8 = 5;
    pub const PUBLIC_KEY: u8 = 6;
    pub const SECRET_SUBKEY: u8 = 7;
    pub const PACKED: u8 = 8;
    pub const UNPROTECTED: u8 = 9;
    pub const MARKER: u8 = 10;
    pub const FILE: u8 = 11;
    pub const NAME: u8 = 13;
    pub const PUBLIC_SUBKEY: u8 = 14;
    pub const PROTECTED: u8 = 18;
    pub const AEAD: u8 = 20;
}

/// Algorithms of keys, by their numbers.
pub(super) mod algorithm {
    pub const RSA: u8 = 1;
    pub const RSA_SIGN: u8 = 3;
    pub const ECDH: u8 = 18;
    pub const EDDSA: u8 = 22;
    pub const ED25519: u8 = 27;
}

/// A byte before a point that is one coordinate.
pub(super) const NATIVE: u8 = 0x40;

/// Longest packet that is held whole: a secret RSA key of 16,384 bits has less.
const WHOLE_MAX: u64 = 16 * 1024;

/// What is left of a packet's body.
#[derive(Clone, Copy)]
enum BodyLeft {
    Known(u64),
    /// A part of so many bytes, and another one behind it.
    Portion(u64),
    /// Until whatever holds the packet ends.
    ToTheEnd,
}

/// A reader of packets. Reading it gives the body of the packet that [`Packets::next_tag`] has found.
pub(super) struct Packets<R> {
    from: R,
    left: BodyLeft,
}

impl<R: Read> Packets<R> {
    pub fn new(from: R) -> Packets<R> {
        Packets { from, left: BodyLeft::Known(0) }
    }

    /// What the packets are read from.
    pub fn source(&mut self) -> &mut R {
        &mut self.from
    }

    /// The tag of the next packet, whatever was left of the one before; nothing at the end.
    pub fn next_tag(&mut self) -> io::Result<Option<u8>> {
        io::copy(self, &mut io::sink())?;
        let mut first = [0];
        if self.from.read(&mut first)? == 0 {
            return Ok(None);
        }
        let [first] = first;
        match first {
            // The newer form of a packet's head, and the older one, which programs still write.
            0xc0.. => {
                self.left = self.length()?;
                Ok(Some(first & 0x3f))
            }
            0x80..0xc0 => {
                self.left = match first & 3 {
                    0 => BodyLeft::Known(self.number::<1>()?),
                    1 => BodyLeft::Known(self.number::<2>()?),
                    2 => BodyLeft::Known(self.number::<4>()?),
                    _ => BodyLeft::ToTheEnd,
                };
                Ok(Some((first >> 2) & 0xf))
            }
            _ => Err(Unread::Broken.into()),
        }
    }

    /// The packet's body, whole.
    pub fn whole(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        self.by_ref().take(WHOLE_MAX + 1).read_to_end(&mut body)?;
        if body.len() as u64 > WHOLE_MAX { Err(Unread::Broken.into()) } else { Ok(body) }
    }

    fn length(&mut self) -> io::Result<BodyLeft> {
        Ok(match self.number::<1>()? {
            first @ 0..192 => BodyLeft::Known(first),
            first @ 192..224 => BodyLeft::Known(((first - 192) << 8) + self.number::<1>()? + 192),
            255 => BodyLeft::Known(self.number::<4>()?),
            first => BodyLeft::Portion(1 << (first & 0x1f)),
        })
    }

    fn number<const N: usize>(&mut self) -> io::Result<u64> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }
}

impl<R: Read> Read for Packets<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let (BodyLeft::Known(left) | BodyLeft::Portion(left)) = &mut self.left else { return self.from.read(into) };
            // Never beyond the packet: what follows is another one.
            let wanted = into.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
            if wanted > 0 {
                let read = self.from.read(&mut into[..wanted])?;
                *left -= read as u64;
                return if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) };
            }
            match self.left {
                BodyLeft::Portion(0) => self.left = self.length()?,
                _ => return Ok(0),
            }
        }
    }
}
