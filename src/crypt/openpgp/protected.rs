//! The encrypted bytes of a message that shows its own integrity: AES in CFB, with a digest of everything at the end.

use std::io::{self, Read};

use aes::Block;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::unread::Unread;

const BLOCK: usize = 16;

/// Blocks that are decrypted at once.
const BLOCKS: usize = 512;

/// Bytes before the text: a block of random ones, and two of it once more. What they are shows nothing that the digest
/// at the end does not show better, so nobody is told.
const BEFORE: usize = BLOCK + 2;

/// Bytes behind it: the head of a packet, and the digest.
const BEHIND: usize = 22;
const HEAD: [u8; 2] = [0xd3, 20];

/// Reads the text. It ends without error only where the digest is right.
pub(super) struct Protected<R: Read> {
    from: R,
    cipher: Cipher,
    /// The ciphertext's block before the next one.
    last: Block,
    digest: Option<Context>,
    /// Text that is decrypted, the part of it that has been read, and how much of it may be.
    text: Zeroizing<Vec<u8>>,
    read: usize,
    free: usize,
    taken: u64,
    /// Whether the end was reached, and was not right: whoever asks again is told again.
    broken: bool,
}

impl<R: Read> Protected<R> {
    /// Begins to decrypt.
    pub fn new(mut from: R, cipher: Cipher) -> io::Result<Protected<R>> {
        let mut version = [0];
        from.read_exact(&mut version)?;
        if version != [1] {
            return Err(Unread::Aead.into());
        }
        let mut begun = Protected {
            from,
            cipher,
            last: Block::default(),
            digest: Some(Context::new(&SHA1_FOR_LEGACY_USE_ONLY)),
            text: Zeroizing::new(Vec::with_capacity(BLOCKS * BLOCK + BEHIND + BLOCK)),
            read: 0,
            free: 0,
            taken: 0,
            broken: false,
        };
        begun.advance()?;
        begun.read = BEFORE;
        if begun.free < BEFORE { Err(Unread::Broken.into()) } else { Ok(begun) }
    }

    /// The packets that it stands among: what may follow it is asked there.
    pub fn source(&mut self) -> &mut R {
        &mut self.from
    }

    /// Bytes of ciphertext that have been taken.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Decrypts more. Nothing more comes where all of it has come, and was right.
    fn advance(&mut self) -> io::Result<()> {
        self.text.drain(..self.free);
        (self.read, self.free) = (0, 0);
        // All of what was free has been read by now; what is held back may be the end.
        let mut cipher = Vec::with_capacity(BLOCKS * BLOCK);
        self.from.by_ref().take((BLOCKS * BLOCK) as u64).read_to_end(&mut cipher)?;
        self.taken += cipher.len() as u64;
        self.decrypt(&cipher);
        if cipher.len() == BLOCKS * BLOCK {
            self.free = self.text.len() - BEHIND;
            self.digest.iter_mut().for_each(|digest| digest.update(&self.text[..self.free]));
            return Ok(());
        }
        self.end()
    }

    /// The text of ciphertext goes behind what is there.
    fn decrypt(&mut self, cipher: &[u8]) {
        let mut stream = Vec::with_capacity(BLOCKS + 1);
        stream.push(self.last);
        stream.extend(cipher.chunks_exact(BLOCK).map(block));
        // The last of them waits for what comes next; one more is there than there are whole blocks.
        self.last = stream[stream.len() - 1];
        // Each block of text is hidden by the block of ciphertext before it: many are made at once.
        self.cipher.encrypt(&mut stream);
        let stream = stream.iter().flatten();
        self.text.extend(cipher.iter().zip(stream).map(|(cipher, stream)| cipher ^ stream));
    }

    fn end(&mut self) -> io::Result<()> {
        // Asked once more, behind the end.
        let Some(mut digest) = self.digest.take() else { return Ok(()) };
        self.broken = true;
        let length = self.text.len().checked_sub(BEHIND).ok_or(Unread::Broken)?;
        let (text, behind) = self.text.split_at(length);
        digest.update(text);
        digest.update(&HEAD);
        let matches = behind[..2] == HEAD && behind[2..] == *digest.finish().as_ref();
        if !matches {
            return Err(Unread::Broken.into());
        }
        (self.free, self.broken) = (length, false);
        self.text.truncate(length);
        Ok(())
    }
}

fn block(bytes: &[u8]) -> Block {
    let mut block = Block::default();
    block.copy_from_slice(bytes);
    block
}

impl<R: Read> Read for Protected<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read == self.free && self.digest.is_some() {
            self.advance()?;
        }
        if self.broken {
            return Err(Unread::Broken.into());
        }
        let read = into.len().min(self.free - self.read);
        into[..read].copy_from_slice(&self.text[self.read..self.read + read]);
        self.read += read;
        Ok(read)
    }
}
