use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::ports::{StoreError, TryCounts};
use domain::tries::{Tried, Window};

use super::Table;
use crate::failure::Failure;
use crate::items::{Key, attribute};

/// How long a count stays after its window: DynamoDB deletes it in its own time.
const KEPT: Duration = Duration::from_secs(24 * 3600);

impl TryCounts for Table {
    async fn count_try(&self, tried: &Tried, window: Window) -> Result<u32, StoreError> {
        let number = |value: i64| AttributeValue::N(value.to_string());
        let request = self.client().update_item().table_name(&self.name);
        let request = request.set_key(Some(Key::tries(tried, window).attributes()));
        let request = request
            .update_expression("ADD #tries :one SET #expires_at = :expires_at")
            .expression_attribute_names("#tries", attribute::TRIES)
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":expires_at", number((window.ends() + KEPT).as_seconds()))
            .return_values(ReturnValue::UpdatedNew);
        let answer = request.send().await.map_err(|error| Failure::new("UpdateItem", &error))?;
        let count = answer.attributes().and_then(|item| item.get(attribute::TRIES)?.as_n().ok()?.parse().ok());
        Ok(count.ok_or_else(|| Failure::of("UpdateItem", "an answer without the count", false))?)
    }
}
