//! Reads results back from TestGorilla and publishes what differs: after a time in which either partner was told nothing, or the table
//! was restored to an earlier state.

use crate::flows::Ports;
use crate::flows::follow::{self, follow};
use crate::invitation::Invitation;
use crate::ports::{
    Catalogue, Clock, CompanySecrets, Entropy, Integrations, Ledger, ResultQueue, SmartRecruiters, StoreError,
    TestGorilla,
};
use crate::timestamp::Timestamp;

/// Whether something could have happened to an invitation between two moments: it had been sent by the later one, and had not come to
/// its end before the earlier one.
pub fn was_out(invitation: &Invitation, from: Timestamp, to: Timestamp) -> bool {
    let was_sent = invitation.state.sent().is_some_and(|sent| sent.at <= to);
    let had_ended = invitation.state.is_final() && invitation.changed_at < from;
    was_sent && !had_ended
}

/// Reads one invitation's candidature back, and publishes to each of its orders what SmartRecruiters was not told. What cannot be read
/// or told now stays due, and the reconciliation comes back to it.
///
/// # Errors
/// When the store fails.
pub async fn replay<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    invitation: &Invitation,
) -> Result<follow::Outcome, StoreError>
where
    S: Integrations + Ledger + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    follow(ports, settings, &invitation.key, true).await
}
