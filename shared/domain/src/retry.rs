//! When to try again.

use std::time::Duration;

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same may succeed later.
    Later,
    /// Not before this much time has passed; waiting is not a failure.
    After(Duration),
    /// It never will.
    Never,
}

/// The pause after a number of failures in a row: 30 seconds doubled each time up to an hour, of which a random part between
/// half and all is taken, so that what failed together does not come back together.
///
/// `random` is any number.
pub fn backoff(failures: u32, random: u64) -> Duration {
    const FIRST: u64 = 30_000;
    const LONGEST: u64 = 3_600_000;
    let full = FIRST.checked_shl(failures.min(16)).unwrap_or(LONGEST).min(LONGEST);
    let half = full / 2;
    Duration::from_millis(half + random % (full - half + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        for random in [0, 1, u64::MAX] {
            assert!(backoff(0, random) >= Duration::from_secs(15));
            assert!(backoff(0, random) <= Duration::from_secs(30));
            assert!(backoff(3, random) >= Duration::from_secs(120));
            assert!(backoff(u32::MAX, random) >= Duration::from_secs(1800));
            assert!(backoff(u32::MAX, random) <= Duration::from_secs(3600));
        }
    }
}
