//! Numbers of any size, as far as it takes them to see that an RSA signature is right. All of them are public: it does
//! not matter how long it takes.

use std::cmp::Ordering;

/// A number in words of 64 bits, the lowest first, as many as its modulus has.
type BigNumber = Vec<u64>;

/// `base` to the power of `exponent`, modulo `modulus`, in as many bytes as the modulus has. Nothing where the base is
/// not below the modulus.
pub(super) fn power(base: &[u8], exponent: u64, modulus: &[u8]) -> Option<Vec<u8>> {
    let n = words(modulus, modulus.len().div_ceil(8));
    let base = words(base, n.len());
    if compare(&base, &n) != Ordering::Less {
        return None;
    }
    let mut result = words(&[1], n.len());
    for bit in (0..u64::BITS - exponent.leading_zeros()).rev() {
        result = product(&result, &result, &n);
        if (exponent >> bit) & 1 == 1 {
            result = product(&result, &base, &n);
        }
    }
    let bytes: Vec<u8> = result.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
    Some(bytes[bytes.len() - modulus.len()..].to_vec())
}

/// Of bytes, the highest first; never fewer words than the bytes need.
fn words(bytes: &[u8], count: usize) -> BigNumber {
    let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte));
    let mut words: BigNumber = bytes.rchunks(8).map(word).collect();
    words.resize(count.max(words.len()), 0);
    words
}

/// Both are as long, or the longer one is larger unless it begins with nothing.
fn compare(one: &[u64], other: &[u64]) -> Ordering {
    let at = |words: &[u64], index: usize| words.get(index).copied().unwrap_or_default();
    let indices = (0..one.len().max(other.len())).rev();
    indices.map(|index| at(one, index).cmp(&at(other, index))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// By doubling and adding, bit for bit: some milliseconds for a signature, and nothing in it that could be wrong.
fn product(one: &[u64], other: &[u64], n: &[u64]) -> BigNumber {
    let mut sum = vec![0; n.len()];
    for word in other.iter().rev() {
        for bit in (0..u64::BITS).rev() {
            let twice = sum.clone();
            add(&mut sum, &twice, n);
            if (word >> bit) & 1 == 1 {
                add(&mut sum, one, n);
            }
        }
    }
    sum
}

/// Adds, modulo `n`; both are below it.
fn add(sum: &mut [u64], other: &[u64], n: &[u64]) {
    let mut carry = false;
    for (sum, other) in sum.iter_mut().zip(other) {
        let (partial, first) = sum.overflowing_add(*other);
        let (whole, second) = partial.overflowing_add(u64::from(carry));
        (*sum, carry) = (whole, first || second);
    }
    if carry || compare(sum, n) != Ordering::Less {
        let mut borrow = false;
        for (sum, n) in sum.iter_mut().zip(n) {
            let (partial, first) = sum.overflowing_sub(*n);
            let (whole, second) = partial.overflowing_sub(u64::from(borrow));
            (*sum, borrow) = (whole, first || second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(bytes: &[u8]) -> u128 {
        bytes.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte))
    }

    fn plain(base: u128, exponent: u64, n: u128) -> u128 {
        (0..exponent).fold(1, |power, _| power * base % n)
    }

    proptest! {
        #[test]
        fn a_power_is_what_multiplying_so_often_gives(base: u64, exponent in 0u64..200, n in 3u64..) {
            let (base, n) = (base % n, n.to_be_bytes());
            let got = power(&base.to_be_bytes(), exponent, &n).unwrap();
            prop_assert_eq!(of(&got), plain(base.into(), exponent, of(&n)));
        }

        /// Fermat: to the power of a prime, less one, everything is one.
        #[test]
        fn numbers_of_several_words_keep_fermats_theorem(base in 2u64..) {
            let mut prime = [0xff; 16];
            prime[0] = 0x7f;
            let prime_less_one = u128::from_be_bytes(prime) - 1;
            let halves = power(&base.to_be_bytes(), (prime_less_one >> 64) as u64, &prime).unwrap();
            let mut raised = halves;
            for _ in 0..64 {
                raised = power(&raised, 2, &prime).unwrap();
            }
            let low = power(&base.to_be_bytes(), prime_less_one as u64, &prime).unwrap();
            let n = words(&prime, 2);
            prop_assert_eq!(product(&words(&raised, 2), &words(&low, 2), &n), vec![1, 0]);
        }
    }

    #[test]
    fn what_is_not_below_the_modulus_has_no_power() {
        assert_eq!(power(&[7], 3, &[7]), None);
        assert_eq!(power(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 3, &[7]), None);
        assert_eq!(power(&[3], 3, &[0, 7]), Some(vec![0, 6]));
    }
}
