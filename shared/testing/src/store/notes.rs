use domain::ids::CompanyId;
use domain::ports::{Records, Run, Runs, StoreError};
use domain::record::Record;

use super::MemoryStore;
use crate::faults::Op;

impl Runs for MemoryStore {
    async fn note_run(&self, run: &Run) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::NoteRun).await?;
        self.tables().run = Some(*run);
        Ok(exit.leave().await?)
    }

    async fn last_run(&self) -> Result<Option<Run>, StoreError> {
        let exit = self.faults.enter(Op::LastRun).await?;
        let run = self.tables().run;
        exit.leave().await?;
        Ok(run)
    }
}

impl Records for MemoryStore {
    async fn put_record(&self, record: &Record) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::PutRecord).await?;
        let place = (record.company.clone(), record.at, record.id.clone());
        self.tables().records.insert(place, record.clone());
        Ok(exit.leave().await?)
    }

    async fn records(&self, company: &CompanyId) -> Result<Vec<Record>, StoreError> {
        let exit = self.faults.enter(Op::Records).await?;
        let found = self.tables().records.values().filter(|record| record.company == *company).cloned().collect();
        exit.leave().await?;
        Ok(found)
    }
}
