//! Time and chance that a test controls.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::ports::{Clock, Entropy, NoEntropy};
use domain::timestamp::Timestamp;

use crate::faults::{Faults, Op};

/// A clock that stands still until it is moved; sleeping moves it. Clones show the same time.
#[derive(Debug, Clone)]
pub struct FixedClock(Arc<AtomicI64>);

impl FixedClock {
    /// A clock that shows an RFC 3339 time.
    pub fn at(text: &str) -> Self {
        let time = Timestamp::parse_rfc3339(text).expect("an RFC 3339 time");
        Self(Arc::new(AtomicI64::new(time.as_millis())))
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now() + duration);
    }

    /// Moves the clock to a time, backwards as well.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_millis(), Ordering::SeqCst);
    }
}

impl Default for FixedClock {
    /// A Monday morning.
    fn default() -> Self {
        Self::at("2026-01-05T09:00:00Z")
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        tokio::task::yield_now().await;
    }
}

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
}

impl Entropy for FakeWorld {
    fn bytes16(&self) -> Result<[u8; 16], NoEntropy> {
        self.entropy.bytes16()
    }

    fn bytes32(&self) -> Result<[u8; 32], NoEntropy> {
        self.entropy.bytes32()
    }
}
