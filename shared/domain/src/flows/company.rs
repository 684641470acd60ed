//! How a company stands: its integration, its list, and its orders by state.

use std::collections::{BTreeMap, HashMap};

use crate::flows::Ports;
use crate::flows::stuck::stuck;
use crate::ids::{CompanyId, InvitationKey};
use crate::integration::Integration;
use crate::invitation::Invitation;
use crate::order::Order;
use crate::ports::{Catalogue, CatalogueState, Clock, Cursor, Integrations, StoreError, Survey, gather};

/// An order with the invitation that it shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The order.
    pub order: Order,
    /// Its invitation; always there, unless the store has lost it.
    pub invitation: Option<Invitation>,
}

impl Entry {
    /// Where the order stands: `closed` when nothing more is told about it, else its invitation's state.
    pub fn state(&self) -> &'static str {
        match (&self.order.closed, &self.invitation) {
            (Some(_), _) => "closed",
            (None, Some(invitation)) => invitation.state.code(),
            (None, None) => "lost",
        }
    }
}

/// What is known of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Its integration.
    pub integration: Integration,
    /// How fresh its list is.
    pub catalogue: Option<CatalogueState>,
    /// Assessments that are offered to its recruiters now.
    pub offered: usize,
    /// Number of its orders by state.
    pub orders: BTreeMap<&'static str, usize>,
    /// Orders that are not getting on.
    pub stuck: usize,
}

/// How a company stands; `None` when it was never connected.
///
/// # Errors
/// When the store fails.
pub async fn overview<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
) -> Result<Option<Overview>, StoreError>
where
    S: Integrations + Catalogue + Survey,
    W: Clock,
{
    let Some(integration) = ports.store.integration(company).await? else { return Ok(None) };
    let (catalogue, assessments) = ports.store.catalogue(company).await?;
    let now = ports.world.now();
    let enabled_at = integration.enabled_at();
    let is_offered = |enabled_at| assessments.iter().filter(move |one| one.offered(enabled_at, now).is_ok()).count();
    let offered = enabled_at.map_or(0, is_offered);
    let (mut orders, mut is_stuck) = (BTreeMap::new(), 0);
    for entry in entries(ports, company).await? {
        *orders.entry(entry.state()).or_default() += 1;
        is_stuck += usize::from(stuck(&entry.order, entry.invitation.as_ref(), now).is_some());
    }
    Ok(Some(Overview { integration, catalogue, offered, orders, stuck: is_stuck }))
}

/// All orders of a company, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn entries<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
) -> Result<Vec<Entry>, StoreError>
where
    S: Survey,
{
    entries_told(ports, company, || ()).await
}

/// [`entries`]; says when a part of them was read, for whoever waits.
///
/// # Errors
/// When the store fails.
pub async fn entries_told<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    tell: impl Fn(),
) -> Result<Vec<Entry>, StoreError>
where
    S: Survey,
{
    // Orders first: an order is stored with its invitation, which is there when it is looked for after the order.
    let read = async |from: Option<&Cursor>| ports.store.orders(company, from).await.inspect(|_| tell());
    let orders = gather(read, |_| true).await?;
    let read = async |from: Option<&Cursor>| ports.store.invitations(company, from).await.inspect(|_| tell());
    let invitations = gather(read, |_| true).await?;
    let by_key = |invitation: Invitation| (invitation.key.clone(), invitation);
    let invitations: HashMap<InvitationKey, Invitation> = invitations.into_iter().map(by_key).collect();
    let with_invitation = |order: Order| {
        let invitation = invitations.get(&order.invitation).cloned();
        Entry { order, invitation }
    };
    let mut entries: Vec<Entry> = orders.into_iter().map(with_invitation).collect();
    entries.sort_by_key(|entry| (entry.order.accepted_at, entry.order.id()));
    Ok(entries)
}
