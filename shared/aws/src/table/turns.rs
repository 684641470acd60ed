use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::ids::ApiKeyHash;
use domain::pace::{Line, Pace};
use domain::ports::{StoreError, Turns};
use domain::timestamp::Timestamp;

use super::Table;
use crate::failure::Failure;
use crate::items::{Item, Key, attribute};

const UPDATE: &str = "UpdateItem";
/// How long a line stays after its last turn: DynamoDB deletes it in its own time.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// More conflicts in a row than this are no coincidence.
const TRIES: usize = 4;

impl Turns for Table {
    /// One write that begins a line; where somebody waits, that is refused, and a second joins the line.
    async fn take_turn(&self, key: &ApiKeyHash, pace: Pace, now: Timestamp) -> Result<Timestamp, StoreError> {
        for _ in 0..TRIES {
            let begun = Line::begun(pace, now);
            if self.begin(key, begun, now).await? {
                return Ok(begun.last_turn(pace));
            }
            if let Some(line) = self.join(key, pace, now).await? {
                return Ok(line.last_turn(pace));
            }
        }
        Err(StoreError::Unavailable("too many writers at once".into()))
    }
}

impl Table {
    /// Begins a line; false where somebody waits.
    async fn begin(&self, key: &ApiKeyHash, line: Line, now: Timestamp) -> Result<bool, StoreError> {
        let request = self
            .line(key, now, line.next_turn)
            .update_expression("SET #began_at = :now, #next_turn = :next_turn, #expires_at = :expires_at")
            .condition_expression("attribute_not_exists(pk) OR #next_turn <= :now")
            .expression_attribute_names("#began_at", attribute::BEGAN_AT)
            .expression_attribute_values(":next_turn", number(line.next_turn.as_millis()));
        conditional(request).await.map(|line| line.is_some())
    }

    /// Joins a line; `None` where nobody waits any more.
    async fn join(&self, key: &ApiKeyHash, pace: Pace, now: Timestamp) -> Result<Option<Line>, StoreError> {
        let step = i64::try_from(pace.step().as_millis()).unwrap_or(i64::MAX);
        // A line is no longer than the orders that a company has: its end is not known here, and a day after now is late enough.
        let request = self
            .line(key, now, now)
            .update_expression("SET #expires_at = :expires_at ADD #next_turn :step")
            .condition_expression("#next_turn > :now")
            .expression_attribute_values(":step", number(step))
            .return_values(ReturnValue::AllNew);
        let Some(item) = conditional(request).await? else { return Ok(None) };
        let line = read(&item).ok_or_else(|| Failure::of(UPDATE, "a line without its turns", false))?;
        Ok(Some(line))
    }

    fn line(&self, key: &ApiKeyHash, now: Timestamp, until: Timestamp) -> UpdateItemFluentBuilder {
        let request = self.client().update_item().table_name(&self.name);
        request
            .set_key(Some(Key::line(key).attributes()))
            .expression_attribute_names("#next_turn", attribute::NEXT_TURN)
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT)
            .expression_attribute_values(":now", number(now.as_millis()))
            .expression_attribute_values(":expires_at", number((until + KEPT).as_seconds()))
    }
}

/// The item as it is now, as far as the request asks for it; `None` where its condition does not hold.
async fn conditional(request: UpdateItemFluentBuilder) -> Result<Option<Item>, StoreError> {
    match request.send().await {
        Ok(answer) => Ok(Some(answer.attributes.unwrap_or_default())),
        Err(error) if is_refused(&error) => Ok(None),
        Err(error) => Err(Failure::new(UPDATE, &error).into()),
    }
}

fn is_refused(error: &SdkError<UpdateItemError>) -> bool {
    matches!(error.as_service_error(), Some(UpdateItemError::ConditionalCheckFailedException(_)))
}

fn read(item: &Item) -> Option<Line> {
    let time = |name| item.get(name)?.as_n().ok()?.parse().ok().map(Timestamp::from_millis);
    Some(Line { began_at: time(attribute::BEGAN_AT)?, next_turn: time(attribute::NEXT_TURN)? })
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
