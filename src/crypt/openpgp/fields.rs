//! The fields of a packet that is held whole.

/// What is left of a packet's body.
#[derive(Clone, Copy)]
pub(super) struct PacketFields<'f>(pub &'f [u8]);

impl<'f> PacketFields<'f> {
    /// The next bytes; nothing where there are fewer.
    pub fn take(&mut self, length: usize) -> Option<&'f [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next bytes, as many as the result has.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// One byte as a number: a version, an algorithm, a kind.
    pub fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// The next two bytes as a length.
    pub fn length(&mut self) -> Option<usize> {
        self.array().map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    /// The next four bytes as a number.
    pub fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A number of any size: how many bits it has, and its bytes.
    pub fn big(&mut self) -> Option<&'f [u8]> {
        let bits = self.length()?;
        self.take(bits.div_ceil(8))
    }

    /// Bytes with one before them that says how many.
    pub fn counted(&mut self) -> Option<&'f [u8]> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }
}

/// `bytes` at the end of as many as the result has; nothing where they are more.
pub(super) fn padded<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let mut whole = [0; N];
    whole.get_mut(N.checked_sub(bytes.len())?..)?.copy_from_slice(bytes);
    Some(whole)
}

/// One subpacket of a signature.
pub(super) struct Subpacket<'f> {
    pub kind: u8,
    pub body: &'f [u8],
}

/// The subpackets of one area of a signature; nothing where one is cut off.
pub(super) fn subpackets(area: &[u8]) -> Option<Vec<Subpacket<'_>>> {
    let (mut fields, mut found) = (PacketFields(area), Vec::new());
    while let Some(first) = fields.byte() {
        let length = match first {
            0..192 => usize::from(first),
            192..255 => ((usize::from(first) - 192) << 8) + usize::from(fields.byte()?) + 192,
            255 => fields.number()? as usize,
        };
        let (kind, body) = fields.take(length)?.split_first()?;
        // The first bit says whether it must be understood; what is read here is.
        found.push(Subpacket { kind: kind & 0x7f, body });
    }
    Some(found)
}
