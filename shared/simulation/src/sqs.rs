//! Amazon SQS: at least once, in any order, five times, then to the dead-letter queue.

use std::time::Duration;

use domain::timestamp::Timestamp;
use testing::queues::Work;

/// How often a message is received (`maxReceiveCount`).
const MOST_RECEIVES: u32 = 5;
/// Messages of one invocation (`BatchSize` is ten; histories are small).
const BATCH: usize = 3;

/// The two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    Invitations,
    Results,
}

impl Queue {
    const fn of(work: &Work) -> Self {
        match work {
            Work::Invite(_) => Self::Invitations,
            Work::Result(_) => Self::Results,
        }
    }

    /// How long a message that was received is hidden (`VisibilityTimeout`).
    const fn hidden(self) -> Duration {
        match self {
            Self::Invitations => Duration::from_secs(360),
            Self::Results => Duration::from_secs(540),
        }
    }

    /// Invocations at once (`MaximumConcurrency`).
    pub(crate) const fn at_once(self) -> usize {
        match self {
            Self::Invitations => 2,
            Self::Results => 4,
        }
    }
}

#[derive(Debug, Clone)]
struct Message {
    id: u64,
    name: u64,
    work: Work,
    visible_at: Timestamp,
    receives: u32,
}

/// A message that was received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) id: u64,
    /// The same in every run.
    pub(crate) name: u64,
    pub(crate) work: Work,
    pub(crate) receives: u32,
}

/// Both queues.
#[derive(Debug, Default)]
pub(crate) struct Sqs {
    messages: Vec<Message>,
    count: u64,
    pub(crate) dead: u64,
}

impl Sqs {
    pub(crate) fn send(&mut self, name: u64, work: Work, visible_at: Timestamp) {
        self.count += 1;
        self.messages.push(Message { id: self.count, name, work, visible_at, receives: 0 });
    }

    /// When the next message can be received.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.messages.iter().map(|message| message.visible_at).min()
    }

    /// Receives a batch; each is hidden until it is deleted or its time is over.
    pub(crate) fn receive(&mut self, queue: Queue, now: Timestamp) -> Vec<Received> {
        let mut batch = vec![];
        let dead = &mut self.dead;
        self.messages.retain_mut(|message| {
            if batch.len() >= BATCH || message.visible_at > now || Queue::of(&message.work) != queue {
                return true;
            }
            if message.receives >= MOST_RECEIVES {
                *dead += 1;
                return false;
            }
            message.receives += 1;
            message.visible_at = now + queue.hidden();
            let Message { id, name, ref work, receives, .. } = *message;
            batch.push(Received { id, name, work: work.clone(), receives });
            true
        });
        batch
    }

    /// Deletes what was worked on.
    pub(crate) fn delete(&mut self, id: u64) {
        self.messages.retain(|message| message.id != id);
    }
}
