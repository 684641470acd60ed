//! Batches of queue messages: each is its own case, and only those that failed are delivered again.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use tracing::{Instrument, Span};

use crate::telemetry;
use crate::trace::{self, TRACEPARENT, Trace};

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
    /// It takes longer than the function may run.
    #[error("working on the message took too long")]
    TooSlow,
    /// A defect of ours, told where it came up.
    #[error("working on the message panicked")]
    Panicked,
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

/// Kept for telling Lambda which messages have failed.
const MARGIN: Duration = Duration::from_secs(3);

/// Works on batches with `handler` until the process ends, each within the span of its invocation. The handler hears how long a message
/// may take.
///
/// # Errors
/// When Lambda's runtime interface fails.
pub async fn serve<F>(handler: impl Fn(SqsEvent, Duration) -> F) -> Result<(), Error>
where
    F: Future<Output = SqsBatchResponse>,
{
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let work = handler(event.payload, left.saturating_sub(MARGIN));
        telemetry::invocation(&event.context, work).map(Ok::<_, Error>)
    }))
    .await
}

/// Works on every message of a batch, several side by side, and reports those that failed. Failures are logged here, once. One that
/// takes longer than `limit` or panics fails alone: what all share is the store, which is never half written, and memories that hold whole values.
pub async fn process<F>(event: SqsEvent, limit: Duration, work: impl Fn(SqsMessage) -> F) -> SqsBatchResponse
where
    F: Future<Output = Result<(), RecordError>>,
{
    let work = &work;
    let failed: Vec<Option<String>> = stream::iter(event.records)
        .map(|message| {
            let id = message.message_id.clone().unwrap_or_default();
            let (trace, span) = belonging(&message);
            let work = async move {
                let work = AssertUnwindSafe(work(message)).catch_unwind();
                let error = match tokio::time::timeout(limit, work).await {
                    Ok(Ok(outcome)) => outcome.err()?,
                    Ok(Err(_)) => RecordError::Panicked,
                    Err(_) => RecordError::TooSlow,
                };
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(event = "message.failed", message_id = id, error = %error, cause);
                Some(id)
            };
            trace.within(work.instrument(span))
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed.into_iter().flatten().map(failure).collect();
    response
}

/// The trace of whoever sent a message, and a span that tells it. What came without a trace belongs to the invocation's own.
fn belonging(message: &SqsMessage) -> (Trace, Span) {
    let own = trace::current().unwrap_or_else(|| Trace::of(message.message_id.as_deref().unwrap_or_default(), None));
    let sent = message.message_attributes.get(TRACEPARENT).and_then(|attribute| attribute.string_value.as_deref());
    let trace = sent.and_then(|sent| sent.parse().ok()).map_or(own, |sent| own.continuing(sent));
    (trace, tracing::error_span!("message", trace_id = %trace.id()))
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

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
        let response = process(event, LONG, |message| async move { parse::<u64>(&message).map(|_| ()) }).await;
        let failed: Vec<_> =
            response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
        assert_eq!(failed, ["bad"]);
    }

    #[tokio::test]
    async fn a_message_belongs_to_the_trace_of_whoever_sent_it() {
        let sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let with_trace = |text: &str| {
            let mut attribute = aws_lambda_events::sqs::SqsMessageAttribute::default();
            attribute.string_value = Some(text.to_owned());
            let mut message = message("m", "1");
            message.message_attributes.insert(TRACEPARENT.to_owned(), attribute);
            message
        };
        let own = Trace::of("req-1", None);
        let mut event = SqsEvent::default();
        event.records = vec![with_trace(sent), with_trace("nonsense"), message("m", "1")];
        let seen = std::sync::Mutex::new(vec![]);
        let work = process(event, LONG, |_| async {
            seen.lock().unwrap().push(trace::current().unwrap().id());
            Ok(())
        });
        own.within(work).await;
        let sent: Trace = sent.parse().unwrap();
        assert_eq!(*seen.lock().unwrap(), [sent.id(), own.id(), own.id()]);
    }

    #[tokio::test]
    async fn a_panic_fails_its_own_message_alone() {
        let mut event = SqsEvent::default();
        event.records = vec![message("good", "1"), message("bad", "0"), message("fine", "2")];
        let done = std::cell::Cell::new(0);
        let done = &done;
        let response = process(event, LONG, |message| async move {
            let number = parse::<u64>(&message)?;
            tokio::task::yield_now().await;
            assert_ne!(number, 0, "a defect");
            done.set(done.get() + number);
            Ok(())
        });
        let failed: Vec<_> = response.await.batch_item_failures.into_iter().map(|one| one.item_identifier).collect();
        assert_eq!((failed, done.get()), (vec!["bad".to_owned()], 3));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_takes_too_long_fails_alone() {
        let mut event = SqsEvent::default();
        event.records = vec![message("good", "1"), message("bad", "61"), message("fine", "59")];
        let response = process(event, LONG, |message| async move {
            tokio::time::sleep(Duration::from_secs(parse(&message)?)).await;
            Ok(())
        });
        let failed: Vec<_> = response.await.batch_item_failures.into_iter().map(|one| one.item_identifier).collect();
        assert_eq!(failed, ["bad"]);
    }

    #[test]
    fn the_error_of_a_malformed_message_does_not_repeat_it() {
        let error = parse::<u64>(&message("m", r#""juno@example.com""#)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("juno"));
    }
}
