use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{TableDescription, TableStatus};
use domain::ports::StoreError;

use super::Table;
use crate::failure::Failure;

/// Where a table comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The table that it was restored from; `None` when DynamoDB does not say that it was.
    pub source: Option<String>,
    /// It can be read: its restore has come to its end.
    pub is_ready: bool,
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
