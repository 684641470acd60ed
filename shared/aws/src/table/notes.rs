use domain::ids::CompanyId;
use domain::ports::{Records, Run, Runs, StoreError};
use domain::record::Record;

use super::Table;
use super::query::text;
use crate::items::{Key, RECORD, decode};

impl Runs for Table {
    /// One `PutItem`.
    async fn note_run(&self, run: &Run) -> Result<(), StoreError> {
        self.put(run).await
    }

    /// One `GetItem`.
    async fn last_run(&self) -> Result<Option<Run>, StoreError> {
        self.get(Key::run(), true).await
    }
}

impl Records for Table {
    /// One `PutItem`.
    async fn put_record(&self, record: &Record) -> Result<(), StoreError> {
        self.put(record).await
    }

    /// One `Query` for each megabyte.
    async fn records(&self, company: &CompanyId) -> Result<Vec<Record>, StoreError> {
        let query = self
            .client()
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :record)")
            .expression_attribute_values(":pk", text(Key::partition(company)))
            .expression_attribute_values(":record", text(RECORD))
            .consistent_read(true);
        let items = self.pages(query).await?;
        Ok(items.into_iter().map(decode).collect::<Result<_, _>>()?)
    }
}
