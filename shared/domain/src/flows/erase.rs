//! Erases personal data a set time after an invitation's end. What stays is a tombstone: the key, the state and TestGorilla's ids,
//! which keep "once" true.

use std::time::Duration;

use crate::flows::{Ports, update};
use crate::ids::InvitationKey;
use crate::invitation::Invitation;
use crate::ports::{Clock, Ledger, StoreError};
use crate::timestamp::Timestamp;

/// Whether an invitation's personal data is to be erased.
pub fn is_due(invitation: &Invitation, now: Timestamp, personal_data: Duration) -> bool {
    invitation.state.is_final() && invitation.candidate.is_some() && invitation.changed_at + personal_data <= now
}

/// Erases an invitation's personal data, if it is time. Says whether it was.
///
/// # Errors
/// When the store fails.
pub async fn erase<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &InvitationKey,
    personal_data: Duration,
) -> Result<bool, StoreError>
where
    S: Ledger,
    W: Clock,
{
    let now = ports.world.now();
    let stored = ports.store.invitation(key).await?;
    if !stored.is_some_and(|invitation| is_due(&invitation, now, personal_data)) {
        return Ok(false);
    }
    let erased = update::invitation(&ports.store, key, |invitation| {
        let is_due = is_due(invitation, now, personal_data);
        if is_due {
            invitation.candidate = None;
        }
        is_due
    });
    Ok(erased.await?.is_some_and(|invitation| invitation.candidate.is_none()))
}
