use domain::ids::ApiKeyHash;
use domain::pace::{Line, Pace};
use domain::ports::{StoreError, Turns};
use domain::timestamp::Timestamp;

use super::MemoryStore;
use crate::faults::Op;

impl Turns for MemoryStore {
    async fn take_turn(&self, key: &ApiKeyHash, pace: Pace, now: Timestamp) -> Result<Timestamp, StoreError> {
        let exit = self.faults.enter(Op::TakeTurn).await?;
        let line = {
            let mut tables = self.tables();
            let line = match tables.lines.get(key) {
                Some(line) if line.next_turn > now => line.joined(pace),
                _ => Line::begun(pace, now),
            };
            tables.lines.insert(key.clone(), line);
            line
        };
        exit.leave().await?;
        Ok(line.last_turn(pace))
    }
}
