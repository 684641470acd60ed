//! Does whatever is due, without any message or callback: sends, looks, publishes, refreshes, closes, erases. It alone would make the
//! system correct; queues and callbacks make it fast.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};

use crate::flows::api_key::REFUSED_KEY_PAUSE;
use crate::flows::consent::resume;
use crate::flows::end::{self, destroy_replaced, wind_down};
use crate::flows::erase::{self, erase};
use crate::flows::follow::{self, Occasion, follow, follow_known};
use crate::flows::refresh::refresh;
use crate::flows::rotate::retire_keys;
use crate::flows::{Ports, api_key, invite, log_failed, update};
use crate::ids::{CompanyId, InvitationKey};
use crate::integration::{EndCause, Status};
use crate::invitation::State;
use crate::ports::{
    Catalogue, Clients, Clock, CompanySecrets, Due, DueWork, Entropy, Integrations, InvitationQueue, Ledger, OpenWork,
    ResultQueue, SmartRecruiters, StoreError, TestGorilla, TestGorillaError, Turns,
};
use crate::timestamp::Timestamp;

/// Things done side by side: SmartRecruiters takes eight calls at once.
const AT_ONCE: usize = 8;
/// Things read from the index in one go.
const SLICE: usize = 100;
/// One thing is given this long. What takes longer ends wherever it is, as if its process had ended: it stays due, and the next run goes
/// on from what is stored.
pub const PATIENCE: Duration = Duration::from_secs(70);
/// A key that TestGorilla has refused this long is taken for revoked.
const KEY_PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// What one run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Things that were due and were seen to.
    pub done: usize,
    /// Things that failed and stay due.
    pub failed: usize,
    /// How long the longest overdue had been due, in seconds.
    pub oldest_seconds: u64,
    /// Time ran out before all was seen to; the next run goes on.
    pub is_cut: bool,
}

/// Sees to whatever is due, until all is done or `deadline` has come.
///
/// # Errors
/// When the index cannot be read. What fails with a single thing is logged and counted.
pub async fn sweep<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    deadline: Timestamp,
) -> Result<Swept, StoreError>
where
    S: DueWork + Integrations + Clients + Ledger + Catalogue + OpenWork + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let mut swept = Swept::default();
    // Each run begins with some shard: where time runs out, it is not always the same that wait.
    let first = u32::try_from(ports.world.number() % u64::from(S::SHARDS)).unwrap_or(0);
    for shard in (0..S::SHARDS).map(|number| (first + number) % S::SHARDS) {
        let (mut seen, mut in_front) = (HashSet::new(), 0);
        while !swept.is_cut {
            let now = ports.world.now();
            let mut due = ports.store.due(shard, now, SLICE + in_front).await?;
            let is_end = due.len() < SLICE + in_front;
            // What was seen to is not seen to again in this run: what failed stays in front, and the index may be a moment behind.
            due.retain(|(_, thing)| seen.insert(thing.clone()));
            match due.is_empty() {
                true if is_end => break,
                true => in_front += SLICE,
                false => in_front += attend_all(ports, settings, due, deadline, &mut swept).await,
            }
        }
    }
    Ok(swept)
}

/// Sees to some things, a few at a time, until `deadline` has come; returns how many failed and stay due.
async fn attend_all<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    due: Vec<(Timestamp, Due)>,
    deadline: Timestamp,
    swept: &mut Swept,
) -> usize
where
    S: Integrations + Clients + Ledger + Catalogue + OpenWork + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let mut failed = 0;
    let mut results = stream::iter(due)
        .map(|(at, thing)| async move {
            let now = ports.world.now();
            let is_done = if now < deadline { Some(attend(ports, settings, &thing).await) } else { None };
            (now.since(at), is_done)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((age, is_done)) = results.next().await {
        swept.oldest_seconds = swept.oldest_seconds.max(age.as_secs());
        match is_done {
            Some(true) => swept.done += 1,
            Some(false) => failed += 1,
            None => swept.is_cut = true,
        }
    }
    swept.failed += failed;
    failed
}

/// Sees to one thing; says whether that went without failure. One that panics, which is a defect of ours, or takes too long fails alone:
/// it must not keep the others from being seen to.
async fn attend<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, settings: &follow::Settings, thing: &Due) -> bool
where
    S: Integrations + Clients + Ledger + Catalogue + OpenWork + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let attended = async {
        match thing {
            Due::Invitation(key) => attend_invitation(ports, settings, key).await,
            Due::Integration(company) => attend_integration(ports, settings, company).await,
            Due::Catalogue(company) => {
                refresh(ports, company, Duration::ZERO, false).await.map(|outcome| outcome.log(company))
            }
        }
    };
    match ports.world.within(PATIENCE, AssertUnwindSafe(attended).catch_unwind()).await {
        Some(Ok(Ok(()))) => true,
        Some(Ok(Err(error))) => {
            log_failed(thing, &error);
            false
        }
        Some(Err(_)) => {
            tracing::error!(event = "reconcile.panicked", ?thing);
            false
        }
        None => {
            tracing::error!(event = "reconcile.too_slow", ?thing);
            false
        }
    }
}

async fn attend_invitation<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    key: &InvitationKey,
) -> Result<(), StoreError>
where
    S: Integrations + Ledger + Catalogue + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Some(invitation) = ports.store.invitation(key).await? else { return Ok(()) };
    if invitation.state == State::Scheduled {
        return invite::attend(ports, settings, key).await;
    }
    if erase::is_due(&invitation, ports.world.now(), settings.personal_data) {
        erase(ports, key, settings.personal_data).await?;
        tracing::info!(event = "personal_data.erased", invitation = %key);
        return follow(ports, settings, key, true).await.map(|_| ());
    }
    // A completed one is due only when something is left to tell: look, also where all seems told.
    follow_known(ports, settings, invitation, None, Occasion::Look).await.map(|_| ())
}

async fn attend_integration<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    company: &CompanyId,
) -> Result<(), StoreError>
where
    S: Integrations + Clients + Ledger + Catalogue + OpenWork,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Some(integration) = ports.store.integration(company).await? else { return Ok(()) };
    let now = ports.world.now();
    // While its worker is at it, all else is seen to.
    if let Some(attempt) = integration.attempt.as_ref().filter(|attempt| attempt.claimed_until <= now) {
        let is_connected = resume(ports, company, attempt, None).await?;
        tracing::warn!(event = "integration.attempt_resumed", %company, is_connected);
        return Ok(());
    }
    if !integration.replaced.is_empty() && integration.due_at.is_none_or(|at| at <= now) {
        destroy_replaced(ports, &integration).await?;
    }
    if let Some(connection) = integration.connection()
        && integration.keys_retire_at.is_some_and(|at| at <= now)
    {
        retire_keys(ports, company, connection).await?;
        tracing::info!(event = "signing_key.retired", %company);
    }
    match &integration.status {
        Status::Ended { remains: Some(_), .. } => {
            let is_done = wind_down(ports, settings, company).await?;
            tracing::info!(event = "integration.wound_down", %company, is_done);
            Ok(())
        }
        Status::Active { key_refused_since: Some(since), .. } => try_key(ports, company, *since).await,
        Status::Active { .. } | Status::Ended { .. } | Status::New => update::due(&ports.store, company, None).await,
    }
}

/// Tries a refused key again; after a day it is taken for revoked, and the integration ends.
async fn try_key<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    since: Timestamp,
) -> Result<(), StoreError>
where
    S: Integrations + Clients,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    W: Clock,
{
    let integration = ports.store.integration(company).await?;
    let Some(connection) = integration.as_ref().and_then(|integration| integration.connection()) else { return Ok(()) };
    let testgorilla = &ports.testgorilla;
    let answer = api_key::with_key(&ports.secrets, connection, |key| async move { testgorilla.check_key(&key).await });
    let now = ports.world.now();
    match answer.await {
        Ok(()) => api_key::note_key(ports, company, connection, false).await,
        Err(api_key::KeyCallError::TestGorilla(TestGorillaError::KeyRefused(_))) if now.since(since) > KEY_PATIENCE => {
            end::end_with_key(ports, company, EndCause::KeyRefused, &connection.api_key).await.map(|_| ())
        }
        Err(error) => {
            // Said at each try, so that what ends in a day is seen until then.
            if let api_key::KeyCallError::TestGorilla(error @ TestGorillaError::KeyRefused(_)) = &error {
                tracing::warn!(event = "integration.key_still_refused", %company, code = error.code(), %since);
            }
            update::due(&ports.store, company, Some(now + REFUSED_KEY_PAUSE)).await
        }
    }
}
