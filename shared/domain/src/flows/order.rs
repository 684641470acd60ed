//! Takes an order: stored with its invitation in one transaction, then a message wakes the invitation in its time.

use std::time::Duration;

use crate::candidate::Candidate;
use crate::flows::Ports;
use crate::flows::authorise::Caller;
use crate::ids::{AssessmentId, InvitationKey};
use crate::invitation::Invitation;
use crate::order::{Order, OrderKind, ResultUrl};
use crate::ports::{AcceptError, Catalogue, Clock, InvitationQueue, Ledger, StoreError};

/// What SmartRecruiters asks for.
#[derive(Debug, Clone)]
pub struct OrderRequest {
    /// Which assessment.
    pub assessment: AssessmentId,
    /// For whom.
    pub candidate: Candidate,
    /// Where the results go.
    pub result_url: ResultUrl,
    /// By mail or by link.
    pub kind: OrderKind,
}

/// Why an order is not taken.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The integration does not know the assessment: never listed, or another company's.
    #[error("no such package")]
    UnknownPackage,
    /// TestGorilla refuses the company's key: nobody could be invited.
    #[error("TestGorilla refuses the company's key")]
    KeyRefused,
    /// The candidate was ordered this assessment too often: each order is told what becomes of the one invitation.
    #[error("too many orders for the candidate")]
    TooMany,
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The invitation it shares.
    pub invitation: InvitationKey,
    /// How.
    pub how: How,
    /// Whether a message wakes the invitation; if not, the reconciler does.
    pub is_woken: bool,
}

/// How an order was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is the first for its candidate and assessment.
    First,
    /// It shares the invitation of an earlier one.
    Joined,
    /// The same order was taken before: nothing changed.
    Repeated,
}

/// Most orders that share an invitation. A recruiter needs one; whoever applies for many jobs, a few dozen.
pub const MAX_ORDERS: usize = 100;

/// More conflicts in a row than this are no coincidence.
const TRIES: usize = 10;

/// Takes an order, and has its invitation sent after `delay`. One read and one transaction for a first order; an order that is not
/// the first costs two more.
///
/// # Errors
/// See [`OrderError`].
pub async fn accept<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    request: &OrderRequest,
    delay: Duration,
) -> Result<Accepted, OrderError>
where
    S: Catalogue + Ledger,
    Q: InvitationQueue,
    W: Clock,
{
    let taken = match take(ports, caller, request, delay).await {
        Err(refusal @ (OrderError::KeyRefused | OrderError::UnknownPackage)) => {
            taken_before(ports, caller, request).await?.ok_or(refusal)?
        }
        taken => taken?,
    };
    let is_woken = match &taken.invitation {
        None => false,
        Some(invitation) => ports.queues.wake_invite(&taken.key, invitation.wait(ports.world.now())).await.is_ok(),
    };
    Ok(Accepted { invitation: taken.key, how: taken.how, is_woken })
}

/// An order that is stored.
pub(crate) struct Taken {
    pub(crate) key: InvitationKey,
    pub(crate) how: How,
    /// Its invitation as stored with it; `None` when the order was stored before.
    pub(crate) invitation: Option<Invitation>,
}

/// Stores an order, without waking anybody. An archived assessment is taken, too: TestGorilla has the last word, and the copy may
/// be old.
pub(crate) async fn take<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    request: &OrderRequest,
    delay: Duration,
) -> Result<Taken, OrderError>
where
    S: Catalogue + Ledger,
    W: Clock,
{
    let company = &caller.integration.company;
    if caller.integration.is_key_refused() {
        return Err(OrderError::KeyRefused);
    }
    let assessment = ports.store.assessment(company, request.assessment).await?.ok_or(OrderError::UnknownPackage)?;
    if !assessment.summary.is_recognised(caller.enabled_at) {
        return Err(OrderError::UnknownPackage);
    }
    let candidate = request.candidate.key(&caller.integration.salt);
    let key = InvitationKey { company: company.clone(), assessment: request.assessment, candidate };
    let (how, invitation) = store(ports, &key, request, delay).await?;
    Ok(Taken { key, how, invitation })
}

/// An order that cannot be taken now may have been taken before: it stays taken, and its first answer was lost.
async fn taken_before<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    request: &OrderRequest,
) -> Result<Option<Taken>, OrderError>
where
    S: Ledger,
{
    let known = ports.store.order(&caller.integration.company, request.result_url.order()).await?;
    Ok(known.map(|order| Taken { key: order.invitation, how: How::Repeated, invitation: None }))
}

/// Stores the order with its invitation, new or joined, and returns the invitation unless the order was stored before.
async fn store<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &InvitationKey,
    request: &OrderRequest,
    delay: Duration,
) -> Result<(How, Option<Invitation>), OrderError>
where
    S: Ledger,
    W: Clock,
{
    let now = ports.world.now();
    let order = Order::new(request.result_url.clone(), key.clone(), request.kind, now);
    let mut how = How::First;
    let mut invitation = Invitation::new(key.clone(), request.candidate.clone(), order.id(), request.kind, now, delay);
    for _ in 0..TRIES {
        match ports.store.accept(&order, &invitation).await {
            Ok(()) => return Ok((how, Some(invitation))),
            Err(AcceptError::OrderExists) => return Ok((How::Repeated, None)),
            Err(AcceptError::Store(error)) => return Err(error.into()),
            Err(AcceptError::InvitationConflict) => {
                if let Some(mut stored) = ports.store.invitation(key).await? {
                    if stored.orders.len() >= MAX_ORDERS {
                        return Err(OrderError::TooMany);
                    }
                    if stored.may_be_retried() && has_untold_orders(ports, &stored).await? {
                        // SmartRecruiters may just be hearing the end of an earlier order: this one ends like it, and nothing
                        // goes backwards.
                        stored.share(order.id(), now);
                    } else {
                        stored.join(request.candidate.clone(), order.id(), request.kind, now, delay);
                    }
                    (how, invitation) = (How::Joined, stored);
                }
            }
        }
    }
    Err(StoreError::Unavailable("too many writers at once".into()).into())
}

/// Whether an order of an invitation lacks its end, or its report.
pub(crate) async fn has_untold_orders<S: Ledger, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    invitation: &Invitation,
) -> Result<bool, StoreError> {
    for id in &invitation.orders {
        let order = ports.store.order(&invitation.key.company, *id).await?;
        if order.is_some_and(|order| order.is_open()) {
            return Ok(true);
        }
    }
    Ok(false)
}
