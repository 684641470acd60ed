//! Keeps a record of a candidate's request: begun before the work, ended after it, so that what was cut off shows.

use crate::flows::Ports;
use crate::ids::{CompanyId, RecordId};
use crate::ports::{Clock, Entropy, NoEntropy, Records, StoreError};
use crate::record::{Found, Record, Request};

/// A candidate's request was not dealt with to its end.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No id could be made for the record.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The store failed: some may be done, and asking again goes on.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins a record.
pub(crate) async fn begin<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    request: Request,
) -> Result<Record, RequestError>
where
    S: Records,
    W: Clock + Entropy,
{
    let id = RecordId::from_bytes(ports.world.bytes16()?);
    let record = Record { id, company: company.clone(), at: ports.world.now(), request, found: None };
    ports.store.put_record(&record).await?;
    Ok(record)
}

/// Ends a record.
pub(crate) async fn end<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    record: Record,
    done: usize,
    busy: usize,
) -> Result<Record, RequestError>
where
    S: Records,
{
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let record = Record { found: Some(Found { done: count(done), busy: count(busy) }), ..record };
    ports.store.put_record(&record).await?;
    Ok(record)
}
