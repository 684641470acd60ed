//! The schedule: sees to whatever is due. Also does for ops what they ask: says why an assessment is
//! not listed, erases a candidate, replaces a key.

use std::time::{Duration, SystemTime};

use domain::flows::Ports;
use domain::flows::erase::erase_on_request;
use domain::flows::follow;
use domain::flows::reconcile::{PATIENCE, sweep};
use domain::flows::record::RequestError;
use domain::flows::rotate::{self, RotateError};
use domain::flows::why::why;
use domain::ports::{
    Catalogue, Clients, Clock, CompanySecrets, DueWork, Entropy, Integrations, InvitationQueue, Ledger, OpenWork,
    PersonalData, Records, ResultQueue, Run, Runs, SmartRecruiters, StoreError, TestGorilla, Turns,
};
use domain::timestamp::Timestamp;

use serde_json::Value;

use crate::wire::{self, Event, Malformed, Reply};

/// An invocation that came to nothing: Lambda counts it among the function's errors.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvocationError {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error(transparent)]
    Rotate(#[from] RotateError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Work that has begun may take all its time before Lambda ends the process.
const MARGIN: Duration = Duration::from_secs(PATIENCE.as_secs() + 5);

/// When to stop taking up work, for an invocation that Lambda ends at `deadline`.
pub(crate) fn stop_at(deadline: SystemTime) -> Timestamp {
    let since_1970 = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)) - MARGIN
}

/// Answers an invocation. `stop_at`: when to stop taking up work.
pub(crate) async fn handle<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    event: &Value,
    stop_at: Timestamp,
) -> Result<Reply, InvocationError>
where
    S: Catalogue + Clients + DueWork + Integrations + Ledger + OpenWork + PersonalData + Records + Runs + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    match wire::parse(event)? {
        Event::Why(question) => {
            let answer = why(ports, &question.company, question.assessment).await?;
            tracing::info!(event = "why.answered", company = %question.company, reason = answer.reason.code());
            Ok(answer.into())
        }
        Event::Erase(request) => {
            let (erasure, _) = erase_on_request(ports, &request.company, &request.candidate).await?;
            let (company, erased, busy) = (&request.company, erasure.erased, erasure.busy);
            tracing::info!(event = "personal_data.erased_on_request", %company, erased, busy);
            Ok(Reply::Erased { erased, busy })
        }
        Event::RotateSigningKey(whose) => {
            rotate::signing_key(ports, &whose.company).await?;
            tracing::info!(event = "signing_key.rotated", company = %whose.company);
            Ok(Reply::Rotated { rotated: "signing_key" })
        }
        Event::RotateApiKey(new) => {
            rotate::api_key(ports, &new.company, &new.key).await?;
            tracing::info!(event = "api_key.rotated", company = %new.company);
            Ok(Reply::Rotated { rotated: "api_key" })
        }
        Event::Schedule => {
            let swept = sweep(ports, settings, stop_at).await?;
            let (done, failed, oldest_seconds, is_cut) = (swept.done, swept.failed, swept.oldest_seconds, swept.is_cut);
            tracing::info!(event = "reconcile.swept", done, failed, oldest_seconds, is_cut);
            note_run(ports, done, failed, is_cut).await;
            Ok(Reply::Swept { done, failed, oldest_seconds, is_cut })
        }
    }
}

/// Notes that the schedule is alive. The work is done whether or not that succeeds.
async fn note_run<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, done: usize, failed: usize, is_cut: bool)
where
    S: Runs,
    W: Clock,
{
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let run = Run { at: ports.world.now(), done: count(done), failed: count(failed), is_cut };
    if let Err(error) = ports.store.note_run(&run).await {
        tracing::warn!(event = "reconcile.run_not_noted", %error);
    }
}
