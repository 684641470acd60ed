//! The system's clock and randomness.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::ports::{Clock, Entropy, NoEntropy};
use domain::timestamp::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

/// The system's clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn within<F: Future>(&self, limit: Duration, work: F) -> Option<F::Output> {
        tokio::time::timeout(limit, work).await.ok()
    }
}

impl Entropy for System {
    fn bytes16(&self) -> Result<[u8; 16], NoEntropy> {
        fill()
    }

    fn bytes32(&self) -> Result<[u8; 32], NoEntropy> {
        fill()
    }
}

fn fill<const N: usize>() -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoEntropy)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_does_not_repeat_and_time_is_this_century() {
        assert_ne!(System.bytes32().unwrap(), System.bytes32().unwrap());
        assert!(System.now() > Timestamp::from_seconds(1_700_000_000));
    }
}
