use std::collections::HashSet;

use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{TableDescription, TableStatus};
use domain::ports::{Cursor, StoreError, is_saved, unreadable};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::batch::{BATCH, Extent};
use super::query::text;
use super::{Table, refused};
use crate::failure::Failure;
use crate::items::{INVITATION, Item, Key, attribute};

/// `BatchGetItem`s at once.
const AT_ONCE: usize = 8;

/// What is brought back first, and what after it: an invitation is worked on as soon as it is there, and then needs its orders and its
/// company's integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// All but invitations.
    First,
    /// Invitations.
    Invitations,
}

impl Pass {
    /// Both, in their order.
    pub const BOTH: [Self; 2] = [Self::First, Self::Invitations];

    const fn filter(self) -> &'static str {
        match self {
            // What expires by itself is of the moment, and is not brought back.
            Self::First => "NOT begins_with(sk, :invitation) AND attribute_not_exists(#expires_at)",
            Self::Invitations => "begins_with(sk, :invitation) AND attribute_not_exists(#expires_at)",
        }
    }
}

/// Where a table comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The table that it was restored from; `None` when DynamoDB does not say that it was.
    pub source: Option<String>,
    /// It can be read: its restore has come to its end.
    pub is_ready: bool,
}

/// An item that a table has lost. It has no `Debug`: it may hold personal data.
pub struct Lost {
    key: Key,
    item: Item,
}

impl Lost {
    /// What it is, e.g. `order`.
    pub fn kind(&self) -> &'static str {
        self.key.kind()
    }
}

/// A part of a restored table, beside what the table has.
pub struct Compared {
    /// Items of the part.
    pub looked_at: usize,
    /// Those that the table has not.
    pub lost: Vec<Lost>,
    /// Where the next part begins; `None` after the last.
    pub next: Option<Cursor>,
}

impl Table {
    /// Where this table comes from: one `DescribeTable`; `None` when there is no such table.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn origin(&self) -> Result<Option<Origin>, StoreError> {
        match self.client().describe_table().table_name(&self.name).send().await {
            Ok(answer) => Ok(answer.table.as_ref().map(origin)),
            Err(error)
                if matches!(error.as_service_error(), Some(DescribeTableError::ResourceNotFoundException(_))) =>
            {
                Ok(None)
            }
            Err(error) => Err(Failure::new("DescribeTable", &error).into()),
        }
    }

    /// What a restored table has and this one has not, a part a call: `Scan`s of the restored one, and a `BatchGetItem` of this one for
    /// every hundred items.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn compare(&self, restored: &Self, pass: Pass, from: Option<&Cursor>) -> Result<Compared, StoreError> {
        let scan = restored
            .client()
            .scan()
            .filter_expression(pass.filter())
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT)
            .expression_attribute_values(":invitation", text(INVITATION));
        let scanned = restored.scanned(scan, from).await?;
        let looked_at = scanned.items.len();
        let mut items = Vec::with_capacity(looked_at);
        for item in scanned.items {
            let key = Key::read(&item).ok_or_else(|| unreadable("an item of another kind of table"))?;
            items.push(Lost { key, item });
        }
        let keys: Vec<Key> = items.iter().map(|one| one.key.clone()).collect();
        let batches = stream::iter(keys.chunks(BATCH)).map(|keys| self.has(keys)).buffer_unordered(AT_ONCE);
        let there: Vec<HashSet<Key>> = batches.try_collect().await?;
        items.retain(|one| !there.iter().any(|keys| keys.contains(&one.key)));
        Ok(Compared { looked_at, lost: items, next: scanned.next })
    }

    /// Brings an item back as it was, unless there is one by now: one `PutItem`. Returns whether it was brought back.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn bring_back(&self, lost: Lost) -> Result<bool, StoreError> {
        let request = self.client().put_item().table_name(&self.name).set_item(Some(lost.item));
        let saved = request.condition_expression("attribute_not_exists(pk)").send().await;
        is_saved(saved.map(|_| ()).map_err(|error| refused(&error)))
    }

    /// Those of up to [`BATCH`] keys that this table has.
    async fn has(&self, keys: &[Key]) -> Result<HashSet<Key>, StoreError> {
        Ok(self.batch(keys, Extent::KeyAlone).await?.iter().filter_map(Key::read).collect())
    }
}

fn origin(table: &TableDescription) -> Origin {
    let restore = table.restore_summary.as_ref();
    let arn = restore.and_then(|restore| restore.source_table_arn.as_deref());
    let source = arn.and_then(|arn| arn.rsplit_once("table/")).map(|(_, name)| name.to_owned());
    let is_ready =
        table.table_status == Some(TableStatus::Active) && restore.is_none_or(|one| !one.restore_in_progress);
    Origin { source, is_ready }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::primitives::DateTime;
    use aws_sdk_dynamodb::types::RestoreSummary;

    use super::*;

    #[test]
    fn a_restored_table_says_what_it_was_restored_from() {
        let summary = |in_progress| {
            let summary = RestoreSummary::builder().restore_date_time(DateTime::from_secs(0));
            let arn = "arn:aws:dynamodb:eu-central-1:000000000000:table/production-Table-1";
            summary.source_table_arn(arn).restore_in_progress(in_progress).build().unwrap()
        };
        let table = |in_progress| {
            let table = TableDescription::builder().table_status(TableStatus::Active);
            origin(&table.restore_summary(summary(in_progress)).build())
        };
        let source = Some("production-Table-1".to_owned());
        assert_eq!(table(false), Origin { source: source.clone(), is_ready: true });
        assert_eq!(table(true), Origin { source, is_ready: false });
        let made = TableDescription::builder().table_status(TableStatus::Creating).build();
        assert_eq!(origin(&made), Origin { source: None, is_ready: false });
    }
}
