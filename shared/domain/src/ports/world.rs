//! Time and chance.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// The time.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// Does some work; `None` when that takes longer than `limit`: it has ended then wherever it was.
    async fn within<F: Future>(&self, limit: Duration, work: F) -> Option<F::Output>;
}

/// Chance that nobody can guess.
pub trait Entropy {
    /// Sixteen random bytes.
    ///
    /// # Errors
    /// When the system has none to give.
    fn bytes16(&self) -> Result<[u8; 16], NoEntropy>;

    /// Thirty-two random bytes.
    ///
    /// # Errors
    /// When the system has none to give.
    fn bytes32(&self) -> Result<[u8; 32], NoEntropy>;

    /// A random number, for jitter: 0 where there is no chance to be had.
    fn number(&self) -> u64 {
        self.bytes16()
            .map_or(0, |bytes| u64::from_le_bytes(std::array::from_fn(|at| bytes.get(at).copied().unwrap_or(0))))
    }
}

/// The system has no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's random number generator failed")]
pub struct NoEntropy;
