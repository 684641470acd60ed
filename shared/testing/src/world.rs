//! Time and chance that a test controls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::ports::{Clock, Entropy, NoEntropy};
use domain::timestamp::Timestamp;

use crate::faults::{Faults, Op};
pub use crate::virtual_time::FixedClock;

/// Chance that is the same in every run. Clones draw from the same sequence.
#[derive(Debug, Clone, Default)]
pub struct SeededEntropy {
    drawn: Arc<AtomicU64>,
    faults: Faults,
}

impl SeededEntropy {
    /// A sequence that begins at a seed.
    pub fn new(seed: u64, faults: &Faults) -> Self {
        Self { drawn: Arc::new(AtomicU64::new(seed)), faults: faults.clone() }
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    fn draw(&self) -> [u8; 8] {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.drawn.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_le_bytes()
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&self.draw()[..chunk.len()]));
        bytes
    }
}

impl Entropy for SeededEntropy {
    fn bytes16(&self) -> Result<[u8; 16], NoEntropy> {
        if self.faults.chance_fails(Op::Bytes16) { Err(NoEntropy) } else { Ok(self.bytes()) }
    }

    fn bytes32(&self) -> Result<[u8; 32], NoEntropy> {
        if self.faults.chance_fails(Op::Bytes32) { Err(NoEntropy) } else { Ok(self.bytes()) }
    }
}

/// Time and chance as one port.
#[derive(Debug, Clone, Default)]
pub struct FakeWorld {
    /// The time.
    pub clock: FixedClock,
    /// Chance.
    pub entropy: SeededEntropy,
}

impl Clock for FakeWorld {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    async fn within<F: Future>(&self, limit: Duration, work: F) -> Option<F::Output> {
        self.clock.within(limit, work).await
    }
}

impl Entropy for FakeWorld {
    fn bytes16(&self) -> Result<[u8; 16], NoEntropy> {
        self.entropy.bytes16()
    }

    fn bytes32(&self) -> Result<[u8; 32], NoEntropy> {
        self.entropy.bytes32()
    }
}
