//! The schedule: sees to whatever is due. Also answers ops why an assessment is not listed.

use std::time::{Duration, SystemTime};

use domain::flows::Ports;
use domain::flows::follow;
use domain::flows::reconcile::sweep;
use domain::flows::why::why;
use domain::ports::{
    Catalogue, Clients, Clock, CompanySecrets, DueWork, Entropy, Integrations, InvitationQueue, Ledger, OpenWork,
    ResultQueue, SmartRecruiters, StoreError, TestGorilla,
};
use domain::timestamp::Timestamp;

use serde_json::Value;

use crate::wire::{self, Event, MalformedQuestion, Reply};

/// An invocation that came to nothing: Lambda counts it among the function's errors.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvocationError {
    #[error(transparent)]
    Question(#[from] MalformedQuestion),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Work that has begun is given this long to end before Lambda ends the process.
const MARGIN: Duration = Duration::from_secs(75);

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
    S: Catalogue + Clients + DueWork + Integrations + Ledger + OpenWork,
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
        Event::Schedule => {
            let swept = sweep(ports, settings, stop_at).await?;
            let (done, failed, oldest_seconds, is_cut) = (swept.done, swept.failed, swept.oldest_seconds, swept.is_cut);
            tracing::info!(event = "reconcile.swept", done, failed, oldest_seconds, is_cut);
            Ok(Reply::Swept { done, failed, oldest_seconds, is_cut })
        }
    }
}
