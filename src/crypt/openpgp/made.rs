//! Messages made for tests: what no program of an employer's would write, and somebody else might.

use aes::Block;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use x25519_dalek::{PublicKey, StaticSecret};

use super::cipher::{Cipher, MessageKey};
use super::key::OpenPgpKey;
use super::packets::tag;
use super::wrapped_key::wrapping_key;

/// A packet whose length stands in four bytes.
pub(super) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[0xc0 | tag, 255], &(body.len() as u32).to_be_bytes()[..], body].concat()
}

/// A file that is called nothing.
pub(super) fn file(bytes: &[u8]) -> Vec<u8> {
    packet(tag::FILE, &[&[b'b', 0, 0, 0, 0, 0], bytes].concat())
}

/// The key of every message here: nobody's.
const KEY: [u8; 32] = [5; 32];

/// A message to the site's key that holds these packets.
pub(super) fn message(key: &OpenPgpKey, packets: &[u8]) -> Vec<u8> {
    [to_site(key), packet(tag::PROTECTED, &protected(packets))].concat()
}

/// The message key, wrapped to the site.
pub(super) fn to_site(key: &OpenPgpKey) -> Vec<u8> {
    let opening = key.named(&[0; 8]).next().unwrap();
    let point = PublicKey::from(&StaticSecret::from([9; 32]));
    let wrapping = wrapping_key(opening, *point.as_bytes()).unwrap();
    let sum: u16 = KEY.iter().map(|byte| u16::from(*byte)).sum();
    let clear = [&[9][..], &KEY, &sum.to_be_bytes(), &[5; 5]].concat();
    let wrapped = wrapped(&wrapping, clear);
    let point = [&[1, 7, 0x40][..], point.as_bytes()].concat();
    let body = [&[3][..], opening.id(), &[18], &point, &[wrapped.len() as u8], &wrapped].concat();
    packet(tag::MESSAGE_KEY, &body)
}

/// AES key wrap (RFC 3394), with a key of 16 bytes.
fn wrapped(wrapping: &[u8], mut clear: Vec<u8>) -> Vec<u8> {
    let cipher = aes::Aes128::new_from_slice(wrapping).unwrap();
    let (parts, mut check) = (clear.len() / 8, [0xa6; 8]);
    for step in 1..=6 * parts {
        let part = clear.chunks_exact_mut(8).nth((step - 1) % parts).unwrap();
        let mut block = Block::default();
        block[..8].copy_from_slice(&check);
        block[8..].copy_from_slice(part);
        cipher.encrypt_block(&mut block);
        let first: [u8; 8] = block[..8].try_into().unwrap();
        check = (u64::from_be_bytes(first) ^ step as u64).to_be_bytes();
        part.copy_from_slice(&block[8..]);
    }
    [&check[..], &clear].concat()
}

/// Packets as the body of a packet that shows its integrity.
pub(super) fn protected(packets: &[u8]) -> Vec<u8> {
    let mut text = [&[1; 16][..], &[1, 1], packets, &[0xd3, 20]].concat();
    text.extend(digest(&SHA1_FOR_LEGACY_USE_ONLY, &text).as_ref());
    [&[1][..], &encrypted(&text)].concat()
}

/// AES-256 in CFB.
fn encrypted(text: &[u8]) -> Vec<u8> {
    let made = MessageKey { cipher: 9, key: zeroize::Zeroizing::new(KEY.to_vec()) };
    let (cipher, mut last, mut out) = (Cipher::of(&made).unwrap(), Block::default(), Vec::new());
    for part in text.chunks(16) {
        cipher.encrypt(std::slice::from_mut(&mut last));
        last.iter_mut().zip(part).for_each(|(stream, byte)| *stream ^= byte);
        out.extend_from_slice(&last[..part.len()]);
    }
    out
}
