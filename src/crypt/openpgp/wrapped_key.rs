//! Messages' keys: wrapped to a subkey by an agreement on Curve25519 (RFC 6637, RFC 9580 section 11.4).

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use ring::digest::Context;
use x25519_dalek::PublicKey;
use zeroize::Zeroizing;

use super::agreement::CURVE;
use super::cipher::MessageKey;
use super::fields::PacketFields;
use super::key::{OpenPgpKey, OpeningKey};
use super::packets::{NATIVE, algorithm};

/// The message key that a packet has for this site; nothing where it is somebody else's.
pub(super) fn opened(packet: &[u8], site: &OpenPgpKey) -> Option<MessageKey> {
    let mut fields = PacketFields(packet);
    if fields.byte()? != 3 {
        return None;
    }
    let id = fields.take(8)?;
    if fields.byte()? != algorithm::ECDH {
        return None;
    }
    let (native, point) = fields.big()?.split_first()?;
    let point: [u8; 32] = point.try_into().ok().filter(|_| *native == NATIVE)?;
    let wrapped = fields.counted()?;
    site.named(id).find_map(|key| message_key(&wrapping_key(key, point)?, wrapped))
}

/// What the message key is wrapped with: a digest of what both sides agree on, and of whom it is for.
pub(super) fn wrapping_key(key: &OpeningKey, point: [u8; 32]) -> Option<Zeroizing<Vec<u8>>> {
    let shared = key.secret.diffie_hellman(&PublicKey::from(point));
    // A point that gives the same for every key is no agreement.
    if !shared.was_contributory() {
        return None;
    }
    let mut context = Context::new(key.agreement.hash);
    // In the order of RFC 6637, section 7: whom it is for is bound into it.
    context.update(&[0, 0, 0, 1]);
    context.update(shared.as_bytes());
    context.update(&[CURVE.len() as u8]);
    context.update(CURVE);
    context.update(&[algorithm::ECDH, 3, 1]);
    context.update(&key.agreement.numbers);
    context.update(b"Anonymous Sender    ");
    context.update(&key.fingerprint);
    Some(Zeroizing::new(context.finish().as_ref().get(..key.agreement.key_length)?.to_vec()))
}

/// A message key, its algorithm before it, a sum and a filling behind it.
fn message_key(wrapping: &[u8], wrapped: &[u8]) -> Option<MessageKey> {
    let clear = match wrapping.len() {
        16 => unwrapped::<aes::Aes128>(wrapping, wrapped),
        24 => unwrapped::<aes::Aes192>(wrapping, wrapped),
        _ => unwrapped::<aes::Aes256>(wrapping, wrapped),
    }?;
    let (cipher, rest) = clear.split_first()?;
    let filling = usize::from(*rest.last()?);
    let (rest, filled) = rest.split_at_checked(rest.len().checked_sub(filling)?)?;
    let (key, sum) = rest.split_at_checked(rest.len().checked_sub(2)?)?;
    let summed = key.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    let fits = sum == summed.to_be_bytes() && filled.iter().all(|byte| usize::from(*byte) == filling);
    fits.then(|| MessageKey { cipher: *cipher, key: Zeroizing::new(key.to_vec()) })
}

/// AES key wrap, taken off (RFC 3394). Nothing where it was wrapped with another key, or altered.
fn unwrapped<C: KeyInit + BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>>(
    wrapping: &[u8],
    wrapped: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = C::new_from_slice(wrapping).ok()?;
    let (mut check, mut clear) = (PacketFields(wrapped).array::<8>()?, Zeroizing::new(wrapped.get(8..)?.to_vec()));
    if clear.is_empty() || clear.len() % 8 != 0 {
        return None;
    }
    let parts = clear.len() / 8;
    for step in (1..=6 * parts).rev() {
        let part = clear.chunks_exact_mut(8).nth((step - 1) % parts)?;
        let mut block = [0; 16];
        let stepped = u64::from_be_bytes(check) ^ step as u64;
        block[..8].copy_from_slice(&stepped.to_be_bytes());
        block[8..].copy_from_slice(part);
        let mut block = aes::Block::from(block);
        cipher.decrypt_block(&mut block);
        check.copy_from_slice(&block[..8]);
        part.copy_from_slice(&block[8..]);
    }
    // What was wrapped shows itself: another key gives other bytes here.
    (check == [0xa6; 8]).then_some(clear)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    /// RFC 3394, sections 4.1 and 4.6.
    #[test]
    fn keys_are_unwrapped_as_rfc_3394_has_it_and_altered_ones_are_not() {
        let mut wrapped = bytes("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5");
        let wrapping = bytes("000102030405060708090A0B0C0D0E0F");
        let clear = unwrapped::<aes::Aes128>(&wrapping, &wrapped).unwrap();
        assert_eq!(*clear, bytes("00112233445566778899AABBCCDDEEFF"));
        let longer = bytes("28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21");
        let wrapping_256 = bytes("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
        let clear = unwrapped::<aes::Aes256>(&wrapping_256, &longer).unwrap();
        assert_eq!(*clear, bytes("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"));
        wrapped[9] ^= 1;
        assert!(unwrapped::<aes::Aes128>(&wrapping, &wrapped).is_none());
        assert!(unwrapped::<aes::Aes128>(&wrapping, &wrapped[..16]).is_none());
        assert!(unwrapped::<aes::Aes128>(&wrapping, &wrapped[..7]).is_none());
    }
}
