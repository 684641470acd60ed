use domain::ports::{StoreError, TryCounts};
use domain::tries::{Tried, Window};

use super::MemoryStore;
use crate::faults::Op;

impl TryCounts for MemoryStore {
    async fn count_try(&self, tried: &Tried, window: Window) -> Result<u32, StoreError> {
        let exit = self.faults.enter(Op::CountTry).await?;
        let count = {
            let mut tables = self.tables();
            let count = tables.tries.entry((tried.clone(), window)).or_default();
            *count += 1;
            *count
        };
        exit.leave().await?;
        Ok(count)
    }
}

impl MemoryStore {
    /// How many counts there are: one for each thing tried and window.
    pub fn counts_of_tries(&self) -> usize {
        self.tables().tries.len()
    }
}
