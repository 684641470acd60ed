//! The table: one item per entity, every write that moves a state conditional on the version it leaves.

mod batch;
mod catalogue;
mod due;
mod integrations;
mod ledger;
mod lookup;
mod notes;
mod open_work;
mod origin;
mod personal_data;
mod query;
mod restore;
mod scan;
mod survey;
mod tries;
mod turns;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::{SaveError, StoreError};

use crate::failure::Failure;
use crate::items::{Entity, Item, Key, attribute, decode, encode};
use crate::sdk::Sdk;

pub use self::origin::Origin;
pub use self::restore::{Compared, Lost, Pass};

/// The stack's table, for every port of the store. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Table {
    sdk: Sdk,
    name: String,
}

impl Table {
    /// The table of this name (`TABLE_NAME`). Nothing is called.
    pub fn new(sdk: &Sdk, name: impl Into<String>) -> Self {
        Self { sdk: sdk.clone(), name: name.into() }
    }

    fn client(&self) -> &Client {
        self.sdk.dynamodb()
    }

    /// Reads one item: one `GetItem`. Half the price where `consistent` is false.
    async fn get<E: Entity>(&self, key: Key, consistent: bool) -> Result<Option<E>, StoreError> {
        let request = self.client().get_item().table_name(&self.name);
        let request = request.set_key(Some(key.attributes())).consistent_read(consistent);
        let answer = request.send().await.map_err(|error| Failure::new("GetItem", &error))?;
        Ok(answer.item.map(decode).transpose()?)
    }

    /// Saves an entity over the version it was read at and returns the new version: one `PutItem`.
    async fn save<E: Entity>(&self, entity: &E) -> Result<u64, SaveError> {
        let condition = Condition::unchanged(entity.version().unwrap_or(0));
        let item = encode(entity, Some(condition.next)).map_err(StoreError::from)?;
        let next = condition.next;
        self.put_on(condition, item).await.map_err(|error| refused(&error))?;
        Ok(next)
    }

    /// Stores an item on a condition: one `PutItem`.
    async fn put_on(&self, condition: Condition, item: Item) -> Result<(), SdkError<PutItemError>> {
        let request = self.client().put_item().table_name(&self.name).set_item(Some(item));
        let request = request
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values);
        request.send().await.map(|_| ())
    }

    /// Stores an entity whatever was stored before: one `PutItem`.
    async fn put<E: Entity>(&self, entity: &E) -> Result<(), StoreError> {
        let item = encode(entity, None)?;
        let request = self.client().put_item().table_name(&self.name).set_item(Some(item));
        request.send().await.map_err(|error| Failure::new("PutItem", &error))?;
        Ok(())
    }
}

/// Waits before something is sent again: 50 ms, doubled each time.
async fn pause(attempt: u32) {
    tokio::time::sleep(Duration::from_millis(50) * 2_u32.pow(attempt)).await;
}

fn refused(error: &SdkError<PutItemError>) -> SaveError {
    match error.as_service_error() {
        // A transaction is changing the item at this moment: also somebody else.
        Some(PutItemError::ConditionalCheckFailedException(_) | PutItemError::TransactionConflictException(_)) => {
            SaveError::Conflict
        }
        _ => SaveError::Store(Failure::new("PutItem", error).into()),
    }
}

/// That an item is still at the version it was read at.
struct Condition {
    expression: &'static str,
    names: Option<std::collections::HashMap<String, String>>,
    values: Option<Item>,
    /// The version it is saved with.
    next: u64,
}

impl Condition {
    /// For version 0, that there is no such item.
    fn unchanged(version: u64) -> Self {
        let next = version.saturating_add(1);
        if version == 0 {
            return Self { expression: "attribute_not_exists(pk)", names: None, values: None, next };
        }
        let value = AttributeValue::N(version.to_string());
        Self {
            expression: "#version = :version",
            names: Some([("#version".to_owned(), attribute::VERSION.to_owned())].into()),
            values: Some([(":version".to_owned(), value)].into()),
            next,
        }
    }
}
