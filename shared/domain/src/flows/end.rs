//! Ends an integration: in one write nothing is listed, ordered or invited any more; then open orders are closed at SmartRecruiters
//! with the keys that are left, and the keys are destroyed.

use std::time::Duration;

use crate::flows::follow::{self, follow};
use crate::flows::{Ports, invite, update};
use crate::ids::CompanyId;
use crate::integration::{Connection, EndCause, Integration, Status};
use crate::invitation::LONGEST_LOOK;
use crate::ports::{
    Catalogue, Clients, Clock, CompanySecrets, Entropy, Integrations, Ledger, OpenWork, ResultQueue, ResultWork,
    SmartRecruiters, StoreError, TestGorilla,
};
use crate::timestamp::Timestamp;

/// The keys are destroyed this long after the end, even if SmartRecruiters could not be told of every open order by then.
const LONGEST_WIND_DOWN: Duration = Duration::from_secs(3600);

/// Invitations closed in one go.
const SLICE: usize = 50;

/// Work that is due within this time is a report that SmartRecruiters did not take at once: longer than the longest pause between
/// two tries, and than an end may stay untold; shorter than the time after which personal data is erased.
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
    let now = ports.world.now();
    let ended = update::integration(&ports.store, company, |integration| {
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
    let open = ports.store.open_invitations(company, now + LONGEST_PAUSE, SLICE).await?;
    for key in &open.keys {
        invite::withdraw(ports, key).await?;
        follow(ports, settings, key, false).await?;
    }
    let is_overdue = now.since(*at) > LONGEST_WIND_DOWN;
    let is_closed = open.keys.is_empty() || {
        let left = ports.store.open_invitations(company, ports.world.now() + LONGEST_PAUSE, 1).await?;
        left.keys.is_empty() && !left.has_more
    };
    if is_closed || is_overdue {
        destroy(ports, connection).await?;
        forget(ports, company, connection).await?;
        return Ok(true);
    }
    look_again(ports, company, now + Duration::from_secs(60)).await?;
    Ok(false)
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

async fn destroy<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, connection: &Connection) -> Result<(), StoreError>
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

async fn look_again<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    at: Timestamp,
) -> Result<(), StoreError>
where
    S: Integrations,
{
    update::integration(&ports.store, company, |integration| {
        integration.be_due(Some(at));
        true
    })
    .await
    .map(|_| ())
}
