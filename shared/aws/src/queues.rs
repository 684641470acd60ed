//! Amazon SQS. A message's body is JSON of ids, and its attribute `traceparent` the trace that it belongs to. Its group is its company: on a standard queue that makes a fair queue, in which one
//! company's thousand messages do not hold up another's one.

use std::time::Duration;

use aws_sdk_sqs::types::MessageAttributeValue;
use domain::ids::{CompanyId, InvitationKey};
use domain::ports::{InvitationQueue, MAX_DELAY, QueueError, ResultQueue, ResultWork};
use runtime::trace::{self, TRACEPARENT};
use serde::Serialize;

use crate::failure::Failure;
use crate::sdk::Sdk;

const SEND: &str = "SendMessage";

/// The queue of invitations. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct InvitationSqs(Queue);

/// The queue of what is to be read from TestGorilla. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct ResultSqs(Queue);

#[derive(Debug, Clone)]
struct Queue {
    sdk: Sdk,
    url: String,
}

impl InvitationSqs {
    /// The queue at this address (`INVITATION_QUEUE_URL`). Nothing is called.
    pub fn new(sdk: &Sdk, url: impl Into<String>) -> Self {
        Self(Queue { sdk: sdk.clone(), url: url.into() })
    }
}

impl ResultSqs {
    /// The queue at this address (`RESULT_QUEUE_URL`). Nothing is called.
    pub fn new(sdk: &Sdk, url: impl Into<String>) -> Self {
        Self(Queue { sdk: sdk.clone(), url: url.into() })
    }
}

impl Queue {
    async fn send(&self, company: &CompanyId, ids: &impl Serialize, delay: Duration) -> Result<(), QueueError> {
        let failed = |failure: Failure| QueueError(failure.into());
        let body = serde_json::to_string(ids).map_err(|error| failed(Failure::of(SEND, error.to_string(), false)))?;
        let request = self.sdk.sqs().send_message().queue_url(&self.url).message_body(body);
        let mut request = request.delay_seconds(whole_seconds(delay)).message_group_id(company.as_str());
        if let Some(traceparent) = traceparent() {
            request = request.message_attributes(TRACEPARENT, traceparent);
        }
        request.send().await.map_err(|error| failed(Failure::new(SEND, &error)))?;
        Ok(())
    }
}

/// The trace that the message is sent in. Not part of the body, so that whoever reads only that, as an earlier version does, reads on.
fn traceparent() -> Option<MessageAttributeValue> {
    let trace = trace::current()?;
    MessageAttributeValue::builder().data_type("String").string_value(trace.to_string()).build().ok()
}

/// A delay in the seconds that SQS takes: never shorter, at most [`MAX_DELAY`].
fn whole_seconds(delay: Duration) -> i32 {
    let seconds = delay.min(MAX_DELAY).as_millis().div_ceil(1000);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

impl InvitationQueue for InvitationSqs {
    async fn wake_invite(&self, key: &InvitationKey, delay: Duration) -> Result<(), QueueError> {
        self.0.send(&key.company, key, delay).await
    }
}

impl ResultQueue for ResultSqs {
    async fn wake_result(&self, work: &ResultWork, delay: Duration) -> Result<(), QueueError> {
        let company = match work {
            ResultWork::Follow { invitation, .. } => &invitation.company,
            ResultWork::Refresh { company } | ResultWork::WindDown { company } => company,
        };
        self.0.send(company, work, delay).await
    }
}

/// The queues a function sends to; `()` where it has no right to.
#[derive(Debug, Clone, Default)]
pub struct Queues<I = (), R = ()> {
    /// The queue of invitations.
    pub invitations: I,
    /// The queue of what is to be read from TestGorilla.
    pub results: R,
}

impl<I: InvitationQueue, R> InvitationQueue for Queues<I, R> {
    async fn wake_invite(&self, key: &InvitationKey, delay: Duration) -> Result<(), QueueError> {
        self.invitations.wake_invite(key, delay).await
    }
}

impl<I, R: ResultQueue> ResultQueue for Queues<I, R> {
    async fn wake_result(&self, work: &ResultWork, delay: Duration) -> Result<(), QueueError> {
        self.results.wake_result(work, delay).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_never_cut_short_of_what_a_queue_can_wait() {
        for (millis, seconds) in [(0, 0), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (599_001, 600), (900_001, 900)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
        assert_eq!(whole_seconds(Duration::MAX), 900);
    }

    #[test]
    fn messages_hold_ids_alone() {
        let company: CompanyId = "acme-example".parse().unwrap();
        let invitation = testing::samples::invitation_key(&company, 439_706);
        insta::assert_json_snapshot!("message_invite", invitation);
        insta::assert_json_snapshot!(
            "message_follow",
            ResultWork::Follow { invitation, hinted: true, called_back: true }
        );
        insta::assert_json_snapshot!("message_refresh", ResultWork::Refresh { company: company.clone() });
        insta::assert_json_snapshot!("message_wind_down", ResultWork::WindDown { company });
    }
}
