//! Queues, in memory: messages wait for their time on the virtual clock.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::ids::InvitationKey;
use domain::ports::{Clock, InvitationQueue, MAX_DELAY, QueueError, ResultQueue, ResultWork};
use domain::timestamp::Timestamp;

use crate::contract::queues::Receiver;
use crate::faults::{Faults, Op};
use crate::world::FixedClock;

/// What a message wakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Of the invitation queue.
    Invite(InvitationKey),
    /// Of the result queue.
    Result(ResultWork),
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it wakes.
    pub work: Work,
    /// The delay it was sent with, cut to the queue's longest.
    pub delay: Duration,
    /// From when on it can be received.
    pub visible_at: Timestamp,
}

impl Message {
    /// The message's body: JSON of the ids.
    pub fn body(&self) -> String {
        let body = match &self.work {
            Work::Invite(key) => serde_json::to_string(key),
            Work::Result(work) => serde_json::to_string(work),
        };
        body.expect("ids are JSON")
    }
}

#[derive(Debug, Default)]
struct Messages {
    waiting: Vec<Message>,
    sent: Vec<Message>,
}

/// Both queues. Clones are the same queues.
#[derive(Debug, Clone)]
pub struct MemoryQueues {
    messages: Arc<Mutex<Messages>>,
    clock: FixedClock,
    faults: Faults,
}

impl MemoryQueues {
    /// Empty queues.
    pub fn new(clock: &FixedClock, faults: &Faults) -> Self {
        Self { messages: Arc::default(), clock: clock.clone(), faults: faults.clone() }
    }

    fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().expect("no test panics while it holds the queues")
    }

    /// Messages that nobody has taken, in the order in which they were sent.
    pub fn waiting(&self) -> Vec<Message> {
        self.messages().waiting.clone()
    }

    /// All messages ever sent.
    pub fn sent(&self) -> Vec<Message> {
        self.messages().sent.clone()
    }

    /// Takes the message that became visible first, if one has.
    pub fn take_visible(&self) -> Option<Message> {
        let now = self.clock.now();
        let mut messages = self.messages();
        let visible = messages.waiting.iter().enumerate().filter(|(_, message)| message.visible_at <= now);
        let (first, _) = visible.min_by_key(|(_, message)| message.visible_at)?;
        Some(messages.waiting.remove(first))
    }

    /// When the next message becomes visible.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.messages().waiting.iter().map(|message| message.visible_at).min()
    }

    /// Delivers a message once more, as queues sometimes do.
    pub fn redeliver(&self, message: Message) {
        self.messages().waiting.push(message);
    }

    /// Takes all messages, whatever their time: for who plays the queues by hand.
    pub fn take_all(&self) -> Vec<Message> {
        std::mem::take(&mut self.messages().waiting)
    }

    /// Loses all messages.
    pub fn lose_all(&self) {
        self.messages().waiting.clear();
    }

    fn push(&self, work: Work, delay: Duration) {
        let delay = delay.min(MAX_DELAY);
        let message = Message { work, delay, visible_at: self.clock.now() + delay };
        let mut messages = self.messages();
        messages.sent.push(message.clone());
        messages.waiting.push(message);
    }
}

impl InvitationQueue for MemoryQueues {
    async fn wake_invite(&self, key: &InvitationKey, delay: Duration) -> Result<(), QueueError> {
        let exit = self.faults.enter(Op::WakeInvite).await?;
        self.push(Work::Invite(key.clone()), delay);
        Ok(exit.leave().await?)
    }
}

impl ResultQueue for MemoryQueues {
    async fn wake_result(&self, work: &ResultWork, delay: Duration) -> Result<(), QueueError> {
        let exit = self.faults.enter(Op::WakeResult).await?;
        self.push(Work::Result(work.clone()), delay);
        Ok(exit.leave().await?)
    }
}

impl MemoryQueues {
    fn take(&self, is_wanted: impl Fn(&Work) -> bool) -> Option<Work> {
        let now = self.clock.now();
        let mut messages = self.messages();
        let found =
            messages.waiting.iter().position(|message| message.visible_at <= now && is_wanted(&message.work))?;
        Some(messages.waiting.remove(found).work)
    }
}

impl Receiver for MemoryQueues {
    async fn receive_invite(&self) -> Option<InvitationKey> {
        match self.take(|work| matches!(work, Work::Invite(_)))? {
            Work::Invite(key) => Some(key),
            Work::Result(_) => None,
        }
    }

    async fn receive_result(&self) -> Option<ResultWork> {
        match self.take(|work| matches!(work, Work::Result(_)))? {
            Work::Result(work) => Some(work),
            Work::Invite(_) => None,
        }
    }
}
