//! Lists, read page by page.

use domain::ports::{Clock, TestGorillaError};
use domain::sensitive::ApiKey;

use super::unconfirmed::PAGE_SIZE;
use super::wire::{Item, Page, item};
use super::{TestGorillaClient, answers};
use crate::call::Ask;
use crate::fault::{Fault, FaultKind};

/// Most pages that are read of one list: fewer than its limit allows in a minute (20 of assessments, 60 of results, 100 of
/// candidatures), so that others get their turn.
fn most_pages(operation: &str) -> usize {
    if operation == LIST_CANDIDATURES { 50 } else { 15 }
}

/// The operation whose limit is the largest.
pub(super) const LIST_CANDIDATURES: &str = "listCandidatures";

/// How much of a list to ask for at first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// A large page.
    Page,
    /// Whatever comes, since the list is not documented to take a limit. What is missing then is asked for all the same.
    Default,
}

/// Whether to go on reading.
pub(super) enum Then {
    Continue,
    Stop,
}

impl<C: Clock> TestGorillaClient<C> {
    /// Reads a list and hands each item to `take` as it comes, until that has enough. Items that cannot be read are skipped.
    pub(super) async fn pages<T: Item>(
        &self,
        key: &ApiKey,
        list: Ask,
        first: First,
        mut take: impl FnMut(T::Domain) -> Then,
    ) -> Result<(), TestGorillaError> {
        let operation = list.operation;
        let unreadable = || answers::broken(Fault::body(operation));
        let mut offset = 0;
        for _ in 0..most_pages(operation) {
            let mut ask = list.clone();
            if offset > 0 || first == First::Page {
                ask.url.query_pairs_mut().append_pair("limit", &PAGE_SIZE.to_string());
            }
            if offset > 0 {
                ask.url.query_pairs_mut().append_pair("offset", &offset.to_string());
            }
            let reply = self.ask(key, ask).await?;
            let page: Page<'_> = serde_json::from_slice(&reply.body).map_err(|_| unreadable())?;
            let items: Vec<_> = page.results.iter().map(|json| item::<T>(json)).collect();
            warn_skipped(operation, items.iter().filter(|item| item.is_none()).count());
            let received = items.len();
            for item in items.into_iter().flatten() {
                if let Then::Stop = take(item) {
                    return Ok(());
                }
            }
            offset += received;
            // Without a count a full page means that there may be more.
            let whole = u64::try_from(offset).unwrap_or(u64::MAX);
            let more = page.count.whole().map_or(received >= PAGE_SIZE, |count| whole < count);
            if !more || received == 0 {
                return Ok(());
            }
        }
        Err(answers::broken(Fault { operation, kind: FaultKind::TooManyPages }))
    }
}

/// Says that items were left out, and nothing of what they hold.
pub(super) fn warn_skipped(operation: &'static str, skipped: usize) {
    if skipped > 0 {
        tracing::warn!(event = "partner.unreadable_items", partner = super::PARTNER, operation, skipped);
    }
}
