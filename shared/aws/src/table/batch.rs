use aws_sdk_dynamodb::types::KeysAndAttributes;
use domain::ports::StoreError;

use super::{Table, pause};
use crate::failure::Failure;
use crate::items::{Item, Key};

/// Most keys that one `BatchGetItem` takes.
pub(super) const BATCH: usize = 100;
/// How often what DynamoDB left over is asked for again.
const TRIES: u32 = 8;

/// How much of each item is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    KeyAlone,
}

impl Table {
    /// What there is of up to [`BATCH`] items, in no order: one `BatchGetItem`, and more for what DynamoDB leaves over when the answer gets
    /// too large, or when it is short of capacity.
    pub(super) async fn batch(&self, keys: &[Key], extent: Extent) -> Result<Vec<Item>, StoreError> {
        let mut left: Vec<Item> = keys.iter().cloned().map(Key::attributes).collect();
        let mut found = vec![];
        for attempt in 0..TRIES {
            if left.is_empty() {
                return Ok(found);
            }
            if attempt > 0 {
                pause(attempt).await;
            }
            let projection = (extent == Extent::KeyAlone).then(|| "pk, sk".to_owned());
            let asked = KeysAndAttributes::builder().set_keys(Some(left)).set_projection_expression(projection);
            let asked = asked.consistent_read(true).build();
            let asked = asked.map_err(|error| Failure::of("BatchGetItem", error.to_string(), false))?;
            let request = self.client().batch_get_item().request_items(&self.name, asked);
            let answer = request.send().await.map_err(|error| Failure::new("BatchGetItem", &error))?;
            found.append(&mut answer.responses.unwrap_or_default().remove(&self.name).unwrap_or_default());
            let unprocessed = answer.unprocessed_keys.unwrap_or_default().remove(&self.name);
            left = unprocessed.map(|unprocessed| unprocessed.keys).unwrap_or_default();
        }
        if left.is_empty() { Ok(found) } else { Err(left_over(left.len()).into()) }
    }
}

fn left_over(number: usize) -> Failure {
    Failure::of("BatchGetItem", format!("{number} items were left over"), true)
}
