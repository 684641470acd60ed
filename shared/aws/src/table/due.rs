use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::{Due, DueWork, StoreError};
use domain::timestamp::Timestamp;

use super::Table;
use super::query::text;
use crate::items::{Item, Key, SHARDS, attribute};

const INDEX: &str = "due";

impl DueWork for Table {
    const SHARDS: u32 = SHARDS;

    /// One `Query` of the index; what is due follows from its keys alone.
    async fn due(&self, shard: u32, now: Timestamp, limit: usize) -> Result<Vec<(Timestamp, Due)>, StoreError> {
        let query = self
            .client()
            .query()
            .index_name(INDEX)
            .key_condition_expression("#shard = :shard AND #due_at <= :now")
            .expression_attribute_names("#shard", attribute::DUE_SHARD)
            .expression_attribute_names("#due_at", attribute::DUE_AT)
            .expression_attribute_values(":shard", text(shard.to_string()))
            .expression_attribute_values(":now", AttributeValue::N(now.as_millis().to_string()))
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX));
        let page = self.page(query, None).await?;
        let mut found: Vec<_> = page.items.iter().filter_map(read_or_report).collect();
        found.truncate(limit);
        Ok(found)
    }
}

/// What an entry of the index stands for. One that cannot be read is reported and left out: it must not hold up the others.
fn read_or_report(entry: &Item) -> Option<(Timestamp, Due)> {
    let found = read(entry);
    if found.is_none() {
        let key = Key::read(entry).map(|key| key.to_string());
        tracing::error!(event = "store.due_unreadable", key);
    }
    found
}

fn read(entry: &Item) -> Option<(Timestamp, Due)> {
    let at = entry.get(attribute::DUE_AT)?.as_n().ok()?.parse().ok()?;
    Some((Timestamp::from_millis(at), Key::read(entry)?.due()?))
}
