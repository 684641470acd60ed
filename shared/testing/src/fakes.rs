use domain::flows::Ports;

use crate::faults::Faults;
use crate::queues::MemoryQueues;
use crate::secrets::MemorySecrets;
use crate::smartrecruiters::FakeSmartRecruiters;
use crate::store::MemoryStore;
use crate::testgorilla::FakeTestGorilla;
use crate::world::{FakeWorld, FixedClock, SeededEntropy};

/// Every port in memory, on one virtual clock and one script of faults.
#[derive(Debug, Clone)]
pub struct Fakes {
    /// What goes wrong, and what was called.
    pub faults: Faults,
    /// The truth.
    pub store: MemoryStore,
    /// Secrets.
    pub secrets: MemorySecrets,
    /// Both queues.
    pub queues: MemoryQueues,
    /// TestGorilla.
    pub testgorilla: FakeTestGorilla,
    /// SmartRecruiters.
    pub smartrecruiters: FakeSmartRecruiters,
    /// Time and chance.
    pub world: FakeWorld,
}

impl Default for Fakes {
    fn default() -> Self {
        let faults = Faults::default();
        let clock = FixedClock::default();
        Self {
            store: MemoryStore::new(&faults),
            secrets: MemorySecrets::new(&clock, &faults),
            queues: MemoryQueues::new(&clock, &faults),
            testgorilla: FakeTestGorilla::new(&clock, &faults),
            smartrecruiters: FakeSmartRecruiters::new(&faults),
            world: FakeWorld { entropy: SeededEntropy::new(1, &faults), clock },
            faults,
        }
    }
}

/// What a use case takes, with everything in it.
pub type FakePorts = Ports<MemoryStore, MemorySecrets, MemoryQueues, FakeTestGorilla, FakeSmartRecruiters, FakeWorld>;

impl Fakes {
    /// The ports, for a use case. They are handles: what the use case does shows in these fakes.
    pub fn ports(&self) -> FakePorts {
        let fakes = self.clone();
        Ports {
            store: fakes.store,
            secrets: fakes.secrets,
            queues: fakes.queues,
            testgorilla: fakes.testgorilla,
            smartrecruiters: fakes.smartrecruiters,
            world: fakes.world,
        }
    }

    /// The clock.
    pub const fn clock(&self) -> &FixedClock {
        &self.world.clock
    }
}
