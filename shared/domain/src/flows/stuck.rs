//! Whether an order is getting on, and how one that is not is set going again.

use std::time::Duration;

use crate::flows::{Ports, update};
use crate::ids::{InvitationKey, OrderId};
use crate::invitation::{Invitation, State};
use crate::order::Order;
use crate::ports::{Clock, InvitationQueue, Ledger, QueueError, ResultQueue, ResultWork, StoreError};
use crate::timestamp::Timestamp;

/// What is overdue for longer was not seen to by several runs of the reconciliation: a third of the promised half an hour is left.
pub const LATE: Duration = Duration::from_secs(20 * 60);

/// So many tries with growing pauses take a quarter of an hour.
const FAILING: u32 = 5;

/// So much longer than an open order's longest wait.
const SLACK: Duration = Duration::from_secs(3600);

/// Why an order is not getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stuck {
    /// Nothing is due that would bring it to its end, or what is due is other orders' alone.
    Stranded,
    /// Its work has been due for this long.
    Overdue(Duration),
    /// Its work has failed this often since it last succeeded.
    Failing(u32),
}

impl Stuck {
    /// Stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stranded => "stranded",
            Self::Overdue(_) => "overdue",
            Self::Failing(_) => "failing",
        }
    }
}

/// Why an order is not getting on, by the invitation that it shares; `None` when it is, or is at its end.
pub fn stuck(order: &Order, invitation: Option<&Invitation>, now: Timestamp) -> Option<Stuck> {
    if !order.is_open() {
        return None;
    }
    let Some(invitation) = invitation else { return Some(Stuck::Stranded) };
    match invitation.due_at {
        None => Some(Stuck::Stranded),
        Some(_) if !invitation.orders.contains(&order.id()) => Some(Stuck::Stranded),
        Some(at) if at > now + invitation.longest_wait(now) + SLACK => Some(Stuck::Stranded),
        Some(at) if now.since(at) > LATE => Some(Stuck::Overdue(now.since(at))),
        Some(_) if invitation.failures >= FAILING => Some(Stuck::Failing(invitation.failures)),
        Some(_) => None,
    }
}

/// A stuck order was not set going.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed: the work is due all the same, and the reconciliation comes by.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// What became of setting a stuck order going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// Its work is due, now or when its time and its turn have come.
    Going,
    /// Somebody is at it.
    Busy,
    /// The store has lost its invitation: there is nothing to work on.
    Lost,
}

/// Makes an invitation's work due and wakes it: now, or when its time and its turn have come, where it waits for those. Its orders join it
/// where it does not name them: a restore may have brought back the one without the other. An invitation that somebody is at, or that does
/// not exist, is left alone. Safe to repeat: work that finds nothing to do changes nothing.
///
/// # Errors
/// See [`PushError`].
pub async fn push<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &InvitationKey,
    orders: &[OrderId],
) -> Result<Pushed, PushError>
where
    S: Ledger,
    Q: InvitationQueue + ResultQueue,
    W: Clock,
{
    let now = ports.world.now();
    let pushed = update::invitation(&ports.store, key, |invitation| {
        let is_free = !invitation.is_claimed(now);
        if is_free {
            orders.iter().for_each(|order| invitation.share(*order, now));
            // Whoever comes too early leaves it as it is: it would be due from then on.
            invitation.due_at = Some(now + invitation.wait(now));
        }
        is_free
    });
    let Some(invitation) = pushed.await? else { return Ok(Pushed::Lost) };
    if invitation.is_claimed(now) {
        return Ok(Pushed::Busy);
    }
    if invitation.state == State::Scheduled {
        ports.queues.wake_invite(key, invitation.wait(now)).await?;
    } else {
        let work = ResultWork::Follow { invitation: key.clone(), hinted: true, called_back: false };
        ports.queues.wake_result(&work, Duration::ZERO).await?;
    }
    Ok(Pushed::Going)
}
