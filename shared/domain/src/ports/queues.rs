//! Queues. A message is only a wake-up: losing or repeating one changes nothing but when something happens.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::{CompanyId, InvitationKey};
use crate::ports::Cause;

/// A message could not be put into its queue.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not take the message")]
pub struct QueueError(#[source] pub Cause);

/// Longest delay a queue takes (Amazon SQS: 15 minutes).
pub const MAX_DELAY: Duration = Duration::from_secs(900);

/// The queue of invitations to be sent.
pub trait InvitationQueue {
    /// Wakes [`crate::flows::invite`] for an invitation after a delay; longer ones are cut to [`MAX_DELAY`].
    async fn wake_invite(&self, key: &InvitationKey, delay: Duration) -> Result<(), QueueError>;
}

/// Work of the result queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum ResultWork {
    /// Read a candidature back from TestGorilla and publish it.
    Follow {
        /// Whose.
        invitation: InvitationKey,
        /// A callback said that something happened: look even where all seems published.
        #[serde(default)]
        hinted: bool,
        /// This is that callback's own message, not a later try.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        called_back: bool,
    },
    /// Refresh a company's catalogue: SmartRecruiters listed it while it was old.
    Refresh {
        /// Whose.
        company: CompanyId,
    },
    /// Close the open orders of an integration that has ended, and destroy its keys.
    WindDown {
        /// Whose.
        company: CompanyId,
    },
}

/// The queue of what is to be read from TestGorilla.
pub trait ResultQueue {
    /// Wakes the work after a delay; longer ones are cut to [`MAX_DELAY`].
    async fn wake_result(&self, work: &ResultWork, delay: Duration) -> Result<(), QueueError>;
}
