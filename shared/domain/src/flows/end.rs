//! Ends an integration: in one write nothing is listed, ordered or invited any more; then open orders are closed at SmartRecruiters
//! with the keys that are left, and the keys are destroyed.

use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use crate::flows::follow::{self, follow};
use crate::flows::{Ports, invite, log_failed, update};
use crate::ids::{ApiKeyHash, CompanyId, InvitationKey};
use crate::integration::{Connection, EndCause, Integration, Status};
use crate::invitation::LONGEST_LOOK;
use crate::ports::{
    Catalogue, Clients, Clock, CompanySecrets, Due, Entropy, Integrations, Ledger, OpenWork, ResultQueue, ResultWork,
    SmartRecruiters, StoreError, TestGorilla,
};
use crate::timestamp::Timestamp;

/// The keys are destroyed this long after the end, even if SmartRecruiters could not be told of every open order by then.
const LONGEST_WIND_DOWN: Duration = Duration::from_secs(3600);

/// How long one go at closing open invitations takes at most. Where it made headway, a message begins the next at once.
const ONE_GO: Duration = Duration::from_secs(30);

/// Invitations closed side by side: SmartRecruiters takes eight calls at once, and ten a second.
const AT_ONCE: usize = 4;

/// What is final and has work due within this time may have something to tell: longer than the longest pause between two tries, and
/// than an end may stay untold. What is only to be erased by then is found told.
const LONGEST_PAUSE: Duration = LONGEST_LOOK.saturating_add(Duration::from_secs(3600));

/// Ends a company's integration, if it is active, and wakes the work that destroys its keys. Says whether it was active.
///
/// # Errors
/// When the store fails: nothing has ended then, or it has and asking again goes on.
pub async fn end<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    cause: EndCause,
) -> Result<bool, StoreError>
where
    S: Integrations + Clients,
    Q: ResultQueue,
    W: Clock,
{
    end_if(ports, company, cause, |_| true).await
}

/// [`end`], of a connection with this API key: not of one that has taken its place meanwhile.
///
/// # Errors
/// As [`end`].
pub(crate) async fn end_with_key<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    cause: EndCause,
    key: &ApiKeyHash,
) -> Result<bool, StoreError>
where
    S: Integrations + Clients,
    Q: ResultQueue,
    W: Clock,
{
    end_if(ports, company, cause, |connection| connection.api_key == *key).await
}

async fn end_if<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    cause: EndCause,
    is_meant: impl Fn(&Connection) -> bool,
) -> Result<bool, StoreError>
where
    S: Integrations + Clients,
    Q: ResultQueue,
    W: Clock,
{
    let now = ports.world.now();
    let ended = update::integration(&ports.store, company, |integration| {
        if integration.connection().is_some_and(|connection| !is_meant(connection)) {
            return false;
        }
        let dropped = if cause == EndCause::Disconnected { drop_attempt(integration) } else { None };
        let is_ended = integration.end(cause, now);
        if dropped.is_some() {
            integration.due_at = dropped.max(Some(now));
        }
        is_ended || dropped.is_some()
    });
    let ended = ended.await?;
    // Also when it had ended before: a crash may have come between the two writes.
    let Some(Integration { status: Status::Ended { cause: first, at, remains: Some(connection) }, .. }) = ended else {
        return Ok(false);
    };
    ports.store.delete_client(&connection.client).await?;
    // Without the message the reconciler winds down: it is due.
    let _ = ports.queues.wake_result(&ResultWork::WindDown { company: company.clone() }, Duration::ZERO).await;
    let is_ours = first == cause && at == now;
    if is_ours {
        tracing::info!(event = "integration.ended", %company, cause = cause.code());
    }
    Ok(is_ours)
}

/// SmartRecruiters has disconnected the company: an attempt to connect that was cut off must not be finished any more. Returns when its
/// worker, which may still be at it, has surely ended: what it made is destroyed then.
fn drop_attempt(integration: &mut Integration) -> Option<Timestamp> {
    let attempt = integration.attempt.take()?;
    integration.replaced.push(attempt.connection);
    Some(attempt.claimed_until)
}

/// Closes open orders of an integration that has ended, and destroys its keys when none is left or an hour is over. Says whether
/// it is done.
///
/// # Errors
/// When the store fails.
pub async fn wind_down<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    company: &CompanyId,
) -> Result<bool, StoreError>
where
    S: Integrations + Clients + Ledger + Catalogue + OpenWork,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Some(integration) = ports.store.integration(company).await? else { return Ok(true) };
    let Status::Ended { at, remains: Some(connection), .. } = &integration.status else { return Ok(true) };
    let now = ports.world.now();
    let gone = close_open(ports, settings, company, now + ONE_GO).await;
    let is_overdue = now.since(*at) > LONGEST_WIND_DOWN;
    if is_overdue || matches!(gone, Ok(Go { left: 0, is_cut: false, .. })) {
        destroy(ports, connection).await?;
        forget(ports, company, connection).await?;
        return Ok(true);
    }
    let gone = gone?;
    update::due(&ports.store, company, Some(now + Duration::from_secs(60))).await?;
    if gone.is_cut && gone.told > 0 {
        // Without the message the reconciler goes on: it is due.
        let _ = ports.queues.wake_result(&ResultWork::WindDown { company: company.clone() }, Duration::ZERO).await;
    }
    Ok(false)
}

/// What one go at closing open invitations came to.
#[derive(Debug, Default)]
struct Go {
    /// Invitations whose orders know all there is to know.
    told: usize,
    /// Invitations that are to be tried again.
    left: usize,
    /// Time ran out before all was seen to.
    is_cut: bool,
}

/// Closes open invitations and tells their orders, until all are seen to or `deadline` has come. One that fails holds up no other.
async fn close_open<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    company: &CompanyId,
    deadline: Timestamp,
) -> Result<Go, StoreError>
where
    S: Integrations + Ledger + Catalogue + OpenWork,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let horizon = ports.world.now() + LONGEST_PAUSE;
    let (mut gone, mut from) = (Go::default(), None);
    loop {
        let part = ports.store.open_invitations(company, horizon, from.as_ref()).await?;
        let mut closed = stream::iter(part.items)
            .map(|key| async move {
                let has_time = ports.world.now() < deadline;
                if has_time { Some(close(ports, settings, &key).await) } else { None }
            })
            .buffer_unordered(AT_ONCE);
        while let Some(closed) = closed.next().await {
            match closed {
                Some(true) => gone.told += 1,
                Some(false) => gone.left += 1,
                None => gone.is_cut = true,
            }
        }
        from = part.next;
        if gone.is_cut || from.is_none() {
            return Ok(gone);
        }
    }
}

/// Closes an invitation and tells its orders; says whether they know all there is to know.
async fn close<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    key: &InvitationKey,
) -> bool
where
    S: Integrations + Ledger + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let closed = async {
        invite::withdraw(ports, key).await?;
        follow(ports, settings, key, false).await
    };
    match closed.await {
        Ok(outcome) => matches!(outcome, follow::Outcome::Followed { .. } | follow::Outcome::Unknown),
        Err(error) => {
            log_failed(&Due::Invitation(key.clone()), &error);
            false
        }
    }
}

/// Destroys what is left of connections that were replaced.
///
/// # Errors
/// When the store fails.
pub(crate) async fn destroy_replaced<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: &Integration,
) -> Result<(), StoreError>
where
    S: Integrations + Clients,
    K: CompanySecrets,
{
    for connection in &integration.replaced {
        destroy(ports, connection).await?;
    }
    update::integration(&ports.store, &integration.company, |stored| {
        let before = stored.replaced.len();
        stored.replaced.retain(|connection| !integration.replaced.contains(connection));
        stored.replaced.len() != before
    })
    .await
    .map(|_| ())
}

/// Destroys what was made for a connection: its client, so that nobody gets a token any more, and its secret.
///
/// # Errors
/// When the store fails.
pub(crate) async fn destroy<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
) -> Result<(), StoreError>
where
    S: Clients,
    K: CompanySecrets,
{
    ports.store.delete_client(&connection.client).await?;
    ports.secrets.destroy_company_secret(&connection.secret).await
}

async fn forget<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    destroyed: &Connection,
) -> Result<(), StoreError>
where
    S: Integrations,
{
    update::integration(&ports.store, company, |integration| match &mut integration.status {
        Status::Ended { remains, .. } if remains.as_ref() == Some(destroyed) => {
            *remains = None;
            integration.be_due(None);
            true
        }
        _ => false,
    })
    .await
    .map(|_| ())
}
