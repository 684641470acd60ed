//! Lists the assessments a company's recruiters may order, always from the stored copy.

use std::time::Duration;

use crate::assessment::{Assessment, NotOffered};
use crate::flows::Ports;
use crate::flows::authorise::Caller;
use crate::ids::AssessmentId;
use crate::ports::{Catalogue, CatalogueState, Clock, ResultQueue, ResultWork, StoreError};
use crate::timestamp::Timestamp;

/// Why nothing is listed.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// TestGorilla refuses the company's key: nothing could be invited to.
    #[error("TestGorilla refuses the company's key")]
    KeyRefused,
    /// The assessment is unknown or not offered.
    #[error("no such package")]
    NotFound(Option<NotOffered>),
    /// The copy cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is listed, and what ops may want to know about it.
#[derive(Debug, Clone)]
pub struct Listing {
    /// What recruiters may order, by id.
    pub offered: Vec<Assessment>,
    /// What is known and not offered, with the reason.
    pub withheld: Vec<(AssessmentId, NotOffered)>,
    /// When the copy was last refreshed.
    pub refreshed_at: Option<Timestamp>,
    /// How long ago that was.
    pub age: Option<Duration>,
    /// The copy was old, so a refresh was asked for.
    pub refresh: Refresh,
}

/// Whether a refresh was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// The copy is fresh.
    NotNeeded,
    /// Asked for.
    Asked,
    /// The queue did not take the message; the reconciler refreshes in its time.
    NotAsked,
}

/// Lists a company's packages. One read; when the copy is older than `max_age`, one message asks for a refresh, on which the
/// answer does not wait.
///
/// # Errors
/// See [`ListingError`].
pub async fn list<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    max_age: Duration,
) -> Result<Listing, ListingError>
where
    S: Catalogue,
    Q: ResultQueue,
    W: Clock,
{
    if caller.integration.is_key_refused() {
        return Err(ListingError::KeyRefused);
    }
    let now = ports.world.now();
    let (state, assessments) = ports.store.catalogue(&caller.integration.company).await?;
    let refresh = ask_for_refresh(ports, caller, state.as_ref(), now, max_age).await;
    let refreshed_at = state.and_then(|state| state.refreshed_at);
    let age = refreshed_at.map(|at| now.since(at));
    let mut listing = Listing { offered: vec![], withheld: vec![], refreshed_at, age, refresh };
    for assessment in assessments {
        match assessment.offered(caller.enabled_at, now) {
            Ok(()) => listing.offered.push(assessment),
            Err(reason) => listing.withheld.push((assessment.id(), reason)),
        }
    }
    Ok(listing)
}

async fn ask_for_refresh<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    state: Option<&CatalogueState>,
    now: Timestamp,
    max_age: Duration,
) -> Refresh
where
    Q: ResultQueue,
{
    let is_fresh = state.and_then(|state| state.checked_at).is_some_and(|checked| now.since(checked) <= max_age);
    if is_fresh {
        return Refresh::NotNeeded;
    }
    let work = ResultWork::Refresh { company: caller.integration.company.clone() };
    match ports.queues.wake_result(&work, Duration::ZERO).await {
        Ok(()) => Refresh::Asked,
        Err(_) => Refresh::NotAsked,
    }
}

/// One package. One read.
///
/// # Errors
/// See [`ListingError`].
pub async fn get<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    id: AssessmentId,
) -> Result<Assessment, ListingError>
where
    S: Catalogue,
    W: Clock,
{
    if caller.integration.is_key_refused() {
        return Err(ListingError::KeyRefused);
    }
    let assessment = ports.store.assessment(&caller.integration.company, id).await?;
    let assessment = assessment.ok_or(ListingError::NotFound(None))?;
    match assessment.offered(caller.enabled_at, ports.world.now()) {
        Ok(()) => Ok(assessment),
        Err(reason) => Err(ListingError::NotFound(Some(reason))),
    }
}
