//! One message: message keys, one protected packet, in it one file, which may be packed and signed. Everything else is
//! refused.

use std::io::{self, BufReader, Read};

use flate2::read::DeflateDecoder;

use super::armor::{BEGINS, Dearmored};
use super::certificate::SigningKeys;
use super::cipher::{Cipher, MessageKey};
use super::key::OpenPgpKey;
use super::packets::{Packets, algorithm, tag};
use super::protected::Protected;
use super::signed::Signatures;
use super::unread::Unread;
use super::wrapped_key;

/// What the site, and the employer whose file it is, ask of a message.
#[derive(Clone, Copy)]
pub struct MessageRules<'m> {
    /// Whom it must be encrypted to.
    pub key: &'m OpenPgpKey,
    /// Who must have signed it, where that is declared.
    pub signers: Option<&'m SigningKeys>,
    /// Most bytes of the file in it.
    pub bytes_max: u64,
}

/// Most message keys of a message: people it is encrypted to.
const MESSAGE_KEYS_MAX: usize = 100;

/// Most packets before the file, and most behind it.
const PACKETS_MAX: usize = 16;

/// How many times its length a message may unpack to, and how much it may however short it is. Tables of people pack to
/// a tenth; only what was made to fill a disk packs to a thousandth.
const UNPACKED_TIMES: u64 = 100;
const UNPACKED_FREE: u64 = 16 << 20;

/// Whether a file that begins so is an OpenPGP message: encrypted to somebody, or by a passphrase.
pub fn is_message(beginning: &[u8]) -> bool {
    if beginning.starts_with(BEGINS) {
        return true;
    }
    // Nothing but a version and an algorithm tells such a packet from text of a mainframe, which begins as it pleases.
    let (head, body) = match beginning {
        [head @ (0x84 | 0x8c), _, body @ ..] | [head @ (0x85 | 0x8d), _, _, body @ ..] => (head, body),
        [head @ (0xc1 | 0xc3), 0..192, body @ ..]
        | [head @ (0xc1 | 0xc3), 192..224, _, body @ ..]
        | [head @ (0xc1 | 0xc3), 255, _, _, _, _, body @ ..] => (head, body),
        _ => return false,
    };
    let by_passphrase = matches!(head, 0x8c | 0x8d | 0xc3);
    match body {
        [4, cipher, ..] if by_passphrase => (1..=13).contains(cipher),
        [3, _, _, _, _, _, _, _, _, kind, ..] if !by_passphrase => is_encrypting(*kind),
        _ => false,
    }
}

/// Whether a number is that of an algorithm that keys are encrypted by.
fn is_encrypting(number: u8) -> bool {
    matches!(number, algorithm::RSA | 2 | 16 | algorithm::ECDH | 25 | 26)
}

type Outer<'m> = Packets<Box<dyn Read + 'm>>;

/// What the packets of a message's inside are read from.
enum Inside<'m> {
    Clear(Box<Protected<Outer<'m>>>),
    Packed(Box<DeflateDecoder<Packets<Inside<'m>>>>),
}

impl<'m> Inside<'m> {
    fn protected(&mut self) -> &mut Protected<Outer<'m>> {
        match self {
            Inside::Clear(protected) => protected,
            Inside::Packed(unpacking) => unpacking.get_mut().source().protected(),
        }
    }
}

impl Read for Inside<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Inside::Clear(protected) => protected.read(into),
            Inside::Packed(unpacking) => unpacking.read(into),
        }
    }
}

/// Reads the file in a message.
pub struct OpenedMessage<'m> {
    inside: Packets<Inside<'m>>,
    signatures: Option<Signatures<'m>>,
    bytes_max: u64,
    bytes: u64,
    over: bool,
}

impl<'m> OpenedMessage<'m> {
    /// Opens a message at its file.
    ///
    /// # Errors
    /// Why it is not read, as far as its beginning shows it. The rest is said by reading: [`Unread::of`].
    pub fn open(from: Box<dyn Read + 'm>, rules: &MessageRules<'m>) -> Result<OpenedMessage<'m>, Unread> {
        OpenedMessage::begin(from, rules).map_err(|error| Unread::of(&error))
    }

    fn begin(from: Box<dyn Read + 'm>, rules: &MessageRules<'m>) -> io::Result<OpenedMessage<'m>> {
        let mut outer = Packets::new(bare(from)?);
        let found = message_key(&mut outer, rules.key)?;
        let cipher = Cipher::of(&found).ok_or(Unread::Cipher)?;
        let mut inside = Packets::new(Inside::Clear(Box::new(Protected::new(outer, cipher)?)));
        // At most once: a packet of packed bytes in another one is how bombs are made.
        let mut kind = inside.next_tag()?;
        if kind == Some(tag::PACKED) {
            inside = unpacked(inside)?;
            kind = inside.next_tag()?;
        }
        let mut signatures = rules.signers.map(Signatures::new);
        to_the_file(&mut inside, kind, signatures.as_mut())?;
        skip_heading(&mut inside)?;
        Ok(OpenedMessage { inside, signatures, bytes_max: rules.bytes_max, bytes: 0, over: false })
    }

    /// Takes account of bytes of the file.
    fn count(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        let packed = self.inside.source().protected().taken();
        if self.bytes > self.bytes_max || self.bytes > packed.saturating_mul(UNPACKED_TIMES) + UNPACKED_FREE {
            return Err(Unread::TooLarge.into());
        }
        self.signatures.iter_mut().for_each(|signatures| signatures.update(bytes));
        Ok(())
    }

    /// What stands behind the file is read, and everything that was to be shown is.
    fn end(&mut self) -> io::Result<()> {
        for left in (0..=PACKETS_MAX).rev() {
            match self.inside.next_tag()? {
                Some(tag::SIGNATURE) if left > 0 => {
                    let signature = self.inside.whole()?;
                    self.signatures.iter_mut().for_each(|signatures| signatures.keep(signature.clone()));
                }
                Some(_) => return Err(Unread::Several.into()),
                None => break,
            }
        }
        let protected = self.inside.source().protected();
        // To its digest, whatever is there that what was packed does not need.
        io::copy(protected, &mut io::sink())?;
        if protected.source().next_tag()?.is_some() {
            return Err(Unread::Several.into());
        }
        self.signatures.as_ref().map_or(Ok(()), |signatures| signatures.check().map_err(io::Error::from))
    }
}

impl Read for OpenedMessage<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.over || into.is_empty() {
            return Ok(0);
        }
        let read = self.inside.read(into)?;
        // The end is told only after everything was shown: until then whoever reads does not know that it is one.
        if read == 0 {
            self.end()?;
            self.over = true;
        }
        self.count(&into[..read])?;
        Ok(read)
    }
}

/// Without armor.
fn bare<'m>(from: Box<dyn Read + 'm>) -> io::Result<Box<dyn Read + 'm>> {
    let mut from = BufReader::new(from);
    let mut beginning = Vec::new();
    from.by_ref().take(BEGINS.len() as u64).read_to_end(&mut beginning)?;
    // Programs write armor from the first byte on; what stands before it would be text that nobody has signed.
    let armored = beginning == BEGINS;
    let whole = io::Cursor::new(beginning).chain(from);
    Ok(if armored { Box::new(Dearmored::new(whole)) } else { Box::new(whole) })
}

/// The message key that is for this site, and behind it the packet that it opens.
fn message_key(outer: &mut Outer<'_>, key: &OpenPgpKey) -> io::Result<MessageKey> {
    let mut found = None;
    for _ in 0..MESSAGE_KEYS_MAX {
        match outer.next_tag()? {
            Some(tag::MESSAGE_KEY) => {
                // Whom it is for may not be said at all: then each is tried.
                let packet = outer.whole()?;
                found = found.or_else(|| wrapped_key::opened(&packet, key));
            }
            Some(tag::PASSPHRASE | tag::MARKER) => {}
            Some(tag::PROTECTED) => return found.ok_or(Unread::ForOthers.into()),
            Some(tag::UNPROTECTED) => return Err(Unread::Unprotected.into()),
            Some(tag::AEAD) => return Err(Unread::Aead.into()),
            _ => break,
        }
    }
    Err(Unread::Broken.into())
}

/// What a packet of packed bytes holds.
fn unpacked(mut packed: Packets<Inside<'_>>) -> io::Result<Packets<Inside<'_>>> {
    let mut method = [0];
    packed.read_exact(&mut method)?;
    match method {
        [1] => {}
        // Two bytes more; and a sum behind it, which shows nothing that the message's digest does not.
        [2] => packed.read_exact(&mut [0; 2])?,
        _ => return Err(Unread::Packing.into()),
    }
    Ok(Packets::new(Inside::Packed(Box::new(DeflateDecoder::new(packed)))))
}

/// Past what announces signatures. `kind` is the first packet's.
fn to_the_file<'m>(
    inside: &mut Packets<Inside<'m>>,
    mut kind: Option<u8>,
    mut signatures: Option<&mut Signatures<'m>>,
) -> io::Result<()> {
    for _ in 0..PACKETS_MAX {
        match kind {
            Some(tag::FILE) => return Ok(()),
            Some(tag::ONE_PASS) => {
                let announced = inside.whole()?;
                signatures.iter_mut().for_each(|signatures| signatures.announce(&announced));
            }
            Some(tag::MARKER) => drop(inside.whole()?),
            Some(tag::PACKED | tag::MESSAGE_KEY | tag::PASSPHRASE | tag::PROTECTED | tag::UNPROTECTED | tag::AEAD) => {
                return Err(Unread::Nested.into());
            }
            _ => break,
        }
        kind = inside.next_tag()?;
    }
    Err(Unread::Empty.into())
}

/// What a file is called, and when it was written, say nothing that is believed.
fn skip_heading(file: &mut Packets<Inside<'_>>) -> io::Result<()> {
    let mut head = [0; 2];
    file.read_exact(&mut head)?;
    let mut rest = vec![0; usize::from(head[1]) + 4];
    file.read_exact(&mut rest)
}

#[cfg(test)]
mod tests {
    use super::super::made::{file, message, packet, protected, to_site};
    use super::*;
    use proptest::prelude::*;

    const PLENTY: u64 = 1 << 40;

    fn read_within(bytes: &[u8], bytes_max: u64) -> Result<Vec<u8>, Unread> {
        let (mut clear, key) = (Vec::new(), OpenPgpKey::of_tests(1));
        let rules = MessageRules { key: &key, signers: None, bytes_max };
        let mut opened = OpenedMessage::open(Box::new(bytes), &rules)?;
        let read = opened.read_to_end(&mut clear);
        read.map(|_| clear).map_err(|error| Unread::of(&error))
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>, Unread> {
        read_within(bytes, PLENTY)
    }

    fn made(packets: &[u8]) -> Vec<u8> {
        message(&OpenPgpKey::of_tests(1), packets)
    }

    /// `packets`, packed without being made smaller: one stored block.
    fn stored(packets: &[u8]) -> Vec<u8> {
        let length = packets.len() as u16;
        [&[1, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes(), packets].concat()
    }

    #[test]
    fn d27_an_openpgp_message_cut_off_at_any_byte_or_lengthened_is_refused() {
        let plain = made(&packet(tag::PACKED, &stored(&file(b"a,b\n1,2\n"))));
        assert_eq!(read(&plain).unwrap(), b"a,b\n1,2\n");
        for cut in 0..plain.len() {
            assert_eq!(read(&plain[..cut]), Err(Unread::Broken), "cut {cut}");
        }
        assert!(read(&[&plain[..], b"more"].concat()).is_err());
        assert_eq!(read(&[plain.clone(), plain].concat()), Err(Unread::Several));
    }

    #[test]
    fn what_is_not_one_protected_file_for_this_key_is_refused_by_name() {
        let (one, key) = (file(b"x"), OpenPgpKey::of_tests(1));
        let unprotected = [to_site(&key), packet(tag::UNPROTECTED, &protected(&one)[1..])].concat();
        let newer = [to_site(&key), packet(tag::AEAD, &protected(&one))].concat();
        let mut second = protected(&one);
        second[0] = 2;
        let nested = made(&packet(tag::PACKED, &stored(&packet(tag::PACKED, &stored(&one)))));
        for (bytes, unread) in [
            (unprotected, Unread::Unprotected),
            (newer, Unread::Aead),
            ([to_site(&key), packet(tag::PROTECTED, &second)].concat(), Unread::Aead),
            (message(&OpenPgpKey::of_tests(2), &one), Unread::ForOthers),
            (packet(tag::PROTECTED, &protected(&one)), Unread::ForOthers),
            (to_site(&key), Unread::Broken),
            (one.clone(), Unread::Broken),
            (nested, Unread::Nested),
            (made(&made(&one)), Unread::Nested),
            (made(&packet(tag::PACKED, &[3, 1, 2, 3])), Unread::Packing),
            (made(&[]), Unread::Empty),
            (made(&packet(tag::NAME, b"nobody")), Unread::Empty),
            (made(&[one.clone(), one.clone()].concat()), Unread::Several),
            (made(&[one.clone(), packet(tag::SIGNATURE, &[0; 20_000])].concat()), Unread::Broken),
            (made(&[one, packet(tag::SIGNATURE, &[4]).repeat(40)].concat()), Unread::Several),
        ] {
            assert_eq!(read(&bytes), Err(unread));
        }
    }

    #[test]
    fn d20_a_message_that_unpacks_to_more_than_it_may_is_refused_on_the_way() {
        let mut packing = flate2::write::DeflateEncoder::new(vec![1], flate2::Compression::best());
        let bomb = file(&vec![b','; 64 << 20]);
        io::copy(&mut &bomb[..], &mut packing).unwrap();
        let bomb = made(&packet(tag::PACKED, &packing.finish().unwrap()));
        assert!(bomb.len() < 100_000);
        assert_eq!(read(&bomb), Err(Unread::TooLarge));
        assert_eq!(read_within(&made(&file(b"12345")), 4), Err(Unread::TooLarge));
        assert_eq!(read_within(&made(&file(b"12345")), 5), Ok(b"12345".to_vec()));
    }

    #[test]
    fn a_message_is_known_by_its_beginning_and_no_table_is_taken_for_one() {
        let key = OpenPgpKey::of_tests(1);
        assert!(is_message(&to_site(&key)));
        assert!(is_message(&[0x84, 0x5e, 3, 1, 2, 3, 4, 5, 6, 7, 8, 18]));
        assert!(is_message(&[0x85, 1, 12, 3, 1, 2, 3, 4, 5, 6, 7, 8, 1]));
        assert!(is_message(&[0xc1, 192, 5, 3, 1, 2, 3, 4, 5, 6, 7, 8, 1]));
        assert!(is_message(&[0x8c, 13, 4, 9, 3]));
        assert!(is_message(b"-----BEGIN PGP MESSAGE-----"));
        // EBCDIC: "Employee Number", "ABC", and digits.
        for text in
            [&[0xc5, 0x94, 0x97, 0x93, 0x96, 0xa8][..], &[0xc1, 0xc2, 0xc3, 0x40, 0xf0], b"SSN,Name\n", b"", b"\x84"]
        {
            assert!(!is_message(text));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn one_altered_byte_of_a_message_is_never_read_as_its_file(at: prop::sample::Index, flip in 1u8..) {
            let clear = b"family,name\n".repeat(900);
            let mut bytes = made(&file(&clear));
            prop_assert_eq!(read(&bytes).unwrap(), clear.clone());
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            // Whom the key is for stands in the clear and is not needed to read it.
            prop_assert!(read(&bytes).is_err() || at < to_site(&OpenPgpKey::of_tests(1)).len());
        }

        /// Whatever anybody sends is refused or read, and nothing else.
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, inside: Vec<u8>) {
            let _ = read(&bytes);
            let _ = read(&made(&inside));
            let _ = read(&[b"-----BEGIN PGP MESSAGE-----\n\n", &bytes[..]].concat());
        }
    }
}
