//! Tells a candidate what is held about them (GDPR article 15).

use crate::candidate::Candidate;
use crate::flows::record::{self, RequestError};
use crate::flows::{Ports, erase};
use crate::ids::CompanyId;
use crate::invitation::Invitation;
use crate::order::Order;
use crate::ports::{Clock, Entropy, Ledger, PersonalData, Records, StoreError};
use crate::record::{Record, Request};

/// One invitation of a candidate, with the orders that share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// It holds the candidate's data.
    pub invitation: Invitation,
    /// They hold none, and say when what was told to SmartRecruiters.
    pub orders: Vec<Order>,
}

/// All that is held about one candidate of a company, known by SmartRecruiters' id, by e-mail address, or by either. Changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn held<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    person: &Candidate,
) -> Result<Vec<Held>, StoreError>
where
    S: Ledger + PersonalData,
{
    let mut found = Vec::new();
    for invitation in erase::invitations_of(ports, company, person).await? {
        let mut orders = Vec::new();
        for id in &invitation.orders {
            orders.extend(ports.store.order(company, *id).await?);
        }
        found.push(Held { invitation, orders });
    }
    Ok(found)
}

/// [`held`], with a record that it was told.
///
/// # Errors
/// See [`RequestError`].
pub async fn export<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    person: &Candidate,
) -> Result<(Vec<Held>, Record), RequestError>
where
    S: Ledger + PersonalData + Records,
    W: Clock + Entropy,
{
    let begun = record::begin(ports, company, Request::Export).await?;
    let found = held(ports, company, person).await?;
    let record = record::end(ports, begun, found.len(), 0).await?;
    Ok((found, record))
}
