//! Batches of queue messages: each is its own case, and only those that failed are delivered again.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::telemetry;

/// Messages worked on side by side: a whole batch, as the template cuts it.
const AT_ONCE: usize = 10;

/// A message that cannot be worked on: it is delivered again, and ends in the dead-letter queue.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Its body is not what the queue carries. Only the place is told: the parser's words would repeat the body.
    #[error("the message cannot be read at line {line}, column {column}")]
    Malformed {
        /// Line of the body, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] domain::ports::StoreError),
}

/// Reads a message's body.
///
/// # Errors
/// [`RecordError::Malformed`].
pub fn parse<T: DeserializeOwned>(message: &SqsMessage) -> Result<T, RecordError> {
    serde_json::from_str(message.body.as_deref().unwrap_or_default())
        .map_err(|error| RecordError::Malformed { line: error.line(), column: error.column() })
}

/// Works on batches with `handler` until the process ends, each within the span of its invocation.
///
/// # Errors
/// When Lambda's runtime interface fails.
pub async fn serve<F>(handler: impl Fn(SqsEvent) -> F) -> Result<(), Error>
where
    F: Future<Output = SqsBatchResponse>,
{
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| {
        let span = telemetry::invocation(&event.context.request_id);
        handler(event.payload).map(Ok::<_, Error>).instrument(span)
    }))
    .await
}

/// Works on every message of a batch, several side by side, and reports those that failed. Failures are logged here, once.
pub async fn process<F>(event: SqsEvent, work: impl Fn(SqsMessage) -> F) -> SqsBatchResponse
where
    F: Future<Output = Result<(), RecordError>>,
{
    let work = &work;
    let failed: Vec<Option<String>> = stream::iter(event.records)
        .map(|message| async move {
            let id = message.message_id.clone().unwrap_or_default();
            let error = work(message).await.err()?;
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(event = "message.failed", message_id = id, error = %error, cause);
            Some(id)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed.into_iter().flatten().map(failure).collect();
    response
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, body: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.body = Some(body.to_owned());
        message
    }

    #[tokio::test]
    async fn only_what_failed_is_delivered_again() {
        let mut event = SqsEvent::default();
        event.records = vec![message("good", "1"), message("bad", "{"), message("fine", "2")];
        let response = process(event, |message| async move { parse::<u64>(&message).map(|_| ()) }).await;
        let failed: Vec<_> =
            response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
        assert_eq!(failed, ["bad"]);
    }

    #[test]
    fn the_error_of_a_malformed_message_does_not_repeat_it() {
        let error = parse::<u64>(&message("m", r#""juno@example.com""#)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("juno"));
    }
}
