//! How long is waited before something is tried again.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

/// So many parts of a pause may be left out of four.
const SHARE: u32 = 4;

/// A pause shortened by up to a quarter: by how much follows from what waits, so that many that were stopped in the
/// same moment do not all come back in the same one, and the same one always does.
pub fn less_a_share(pause: Duration, what: &str) -> Duration {
    let digest = Sha256::digest(what);
    // Sixteen bits of it: a part of the quarter.
    let part = u32::from(u16::from_be_bytes([digest[0], digest[1]]));
    pause - pause / SHARE * part / (u32::from(u16::MAX) + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn pauses_are_shortened_by_less_than_a_quarter_each_by_its_own_part_and_always_the_same() {
        let hour = Duration::from_secs(3600);
        let pauses: Vec<Duration> = (0..500).map(|feed| less_a_share(hour, &format!("feed-{feed} 3"))).collect();
        assert!(pauses.iter().all(|pause| *pause > hour - hour / 4 && *pause <= hour));
        let minutes: BTreeSet<u64> = pauses.iter().map(|pause| pause.as_secs() / 60).collect();
        assert!(minutes.len() >= 15, "spread over the whole of the quarter: {minutes:?}");
        let again: Vec<Duration> = (0..500).map(|feed| less_a_share(hour, &format!("feed-{feed} 3"))).collect();
        assert_eq!(pauses, again);
        assert_eq!(less_a_share(Duration::ZERO, "x"), Duration::ZERO);
    }
}
