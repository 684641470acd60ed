//! Dead-letter queues, for ops: what is in them goes back to work, a few messages at a time.

use aws_sdk_sqs::types::QueueAttributeName;
use domain::ports::QueueError;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::sdk::Sdk;

/// A queue whose messages ops look at. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    sdk: Sdk,
    url: String,
}

/// A message that was taken: nobody else sees it for a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter<M> {
    /// What it asks for; `None` when it cannot be read, so that it would only die again.
    pub work: Option<M>,
    /// Tells messages apart: the same message is the same whenever it is taken.
    pub id: String,
    /// What SQS knows this one taking of it by.
    pub receipt: String,
}

/// How many messages there are; SQS counts roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Waiting to be taken.
    pub waiting: u64,
    /// Waiting for their time.
    pub delayed: u64,
    /// Taken, and not done with.
    pub taken: u64,
}

impl Depth {
    /// All of them.
    pub const fn all(self) -> u64 {
        self.waiting + self.delayed + self.taken
    }
}

/// How long a message that was taken is hidden from others, in seconds.
const HIDDEN: i32 = 60;
/// Most messages that SQS gives at once.
const AT_ONCE: i32 = 10;

impl DeadLetters {
    /// The queue at this address. Nothing is called.
    pub fn new(sdk: &Sdk, url: impl Into<String>) -> Self {
        Self { sdk: sdk.clone(), url: url.into() }
    }

    /// How many messages are in the queue: one `GetQueueAttributes`.
    ///
    /// # Errors
    /// When the queue does not answer.
    pub async fn depth(&self) -> Result<Depth, QueueError> {
        use QueueAttributeName as Name;
        let names = [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesDelayed,
            Name::ApproximateNumberOfMessagesNotVisible,
        ];
        let request = self.sdk.sqs().get_queue_attributes().queue_url(&self.url);
        let answer = request.set_attribute_names(Some(names.to_vec())).send().await;
        let answer = answer.map_err(|error| failed(Failure::new("GetQueueAttributes", &error)))?;
        let number = |name: Name| {
            let text = answer.attributes().and_then(|attributes| attributes.get(&name));
            text.and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        let [waiting, delayed, taken] = names;
        Ok(Depth { waiting: number(waiting), delayed: number(delayed), taken: number(taken) })
    }

    /// Takes some messages, ten at most; none when there are none: one `ReceiveMessage`.
    ///
    /// # Errors
    /// When the queue does not answer.
    pub async fn take<M: DeserializeOwned>(&self) -> Result<Vec<Letter<M>>, QueueError> {
        let request = self.sdk.sqs().receive_message().queue_url(&self.url);
        let request = request.max_number_of_messages(AT_ONCE).visibility_timeout(HIDDEN).wait_time_seconds(1);
        let answer = request.send().await.map_err(|error| failed(Failure::new("ReceiveMessage", &error)))?;
        let letter = |message: aws_sdk_sqs::types::Message| {
            let work = message.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
            Some(Letter { work, id: message.message_id?, receipt: message.receipt_handle? })
        };
        Ok(answer.messages.unwrap_or_default().into_iter().filter_map(letter).collect())
    }

    /// Removes a message that was taken: one `DeleteMessage`.
    ///
    /// # Errors
    /// When the queue does not answer: the message shows again in a minute.
    pub async fn remove<M>(&self, letter: &Letter<M>) -> Result<(), QueueError> {
        let request = self.sdk.sqs().delete_message().queue_url(&self.url).receipt_handle(&letter.receipt);
        request.send().await.map_err(|error| failed(Failure::new("DeleteMessage", &error)))?;
        Ok(())
    }

    /// Leaves a message that was taken where it is, for others to see: one `ChangeMessageVisibility`.
    ///
    /// # Errors
    /// When the queue does not answer, or the minute is over: the message shows by itself.
    pub async fn leave<M>(&self, letter: &Letter<M>) -> Result<(), QueueError> {
        let request = self.sdk.sqs().change_message_visibility().queue_url(&self.url);
        let request = request.receipt_handle(&letter.receipt).visibility_timeout(0);
        request.send().await.map_err(|error| failed(Failure::new("ChangeMessageVisibility", &error)))?;
        Ok(())
    }
}

fn failed(failure: Failure) -> QueueError {
    QueueError(failure.into())
}
