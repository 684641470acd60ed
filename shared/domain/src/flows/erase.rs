//! Erases personal data: a set time after the last that happened to an invitation, or on a candidate's request (GDPR article 17). What stays is a tombstone:
//! the key, the state and TestGorilla's ids, which keep "once" true.

use std::time::Duration;

use crate::candidate::Candidate;
use crate::flows::record::{self, RequestError};
use crate::flows::{Ports, update};
use crate::ids::{CompanyId, InvitationKey};
use crate::invitation::{Invitation, State};
use crate::ports::{Clock, Cursor, Entropy, Ledger, PersonalData, Records, StoreError, gather};
use crate::record::{Record, Request};
use crate::timestamp::Timestamp;

/// Whether an invitation's personal data is to be erased: its candidate has finished, or has not done anything, for so long. What is
/// not sent yet needs it.
pub fn is_due(invitation: &Invitation, now: Timestamp, personal_data: Duration) -> bool {
    let is_waiting = invitation.state == State::Scheduled;
    !is_waiting && invitation.candidate.is_some() && invitation.changed_at + personal_data <= now
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
        is_due && invitation.erase(now)
    });
    Ok(erased.await?.is_some_and(|invitation| invitation.candidate.is_none()))
}

/// What a request to erase a candidate came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erasure {
    /// Invitations whose personal data is gone.
    pub erased: usize,
    /// Invitations that are being sent at this moment: ask again in a minute.
    pub busy: usize,
}

/// Erases the personal data of one candidate of a company, known by SmartRecruiters' id, by e-mail address, or by either. What was not sent
/// is not sent any more, and SmartRecruiters is told so; what was sent goes on without the data. Safe to repeat.
///
/// # Errors
/// When the store fails: some may be erased then, and asking again goes on.
pub async fn erase_candidate<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    person: &Candidate,
) -> Result<Erasure, StoreError>
where
    S: Ledger + PersonalData,
    W: Clock,
{
    let mut erasure = Erasure::default();
    for invitation in invitations_of(ports, company, person).await? {
        let now = ports.world.now();
        let erased = update::invitation(&ports.store, &invitation.key, |invitation| {
            invitation.is_of(person) && invitation.erase(now)
        });
        let is_left = erased.await?.is_some_and(|invitation| invitation.is_of(person));
        *(if is_left { &mut erasure.busy } else { &mut erasure.erased }) += 1;
    }
    Ok(erasure)
}

/// The invitations of a company that hold a candidate's data.
pub(super) async fn invitations_of<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    person: &Candidate,
) -> Result<Vec<Invitation>, StoreError>
where
    S: PersonalData,
{
    let read = async |from: Option<&Cursor>| ports.store.with_personal_data(company, from).await;
    gather(read, |invitation: &Invitation| invitation.is_of(person)).await
}

/// [`erase_candidate`], with a record that it was done.
///
/// # Errors
/// See [`RequestError`].
pub async fn erase_on_request<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    person: &Candidate,
) -> Result<(Erasure, Record), RequestError>
where
    S: Ledger + PersonalData + Records,
    W: Clock + Entropy,
{
    let begun = record::begin(ports, company, Request::Erasure).await?;
    let erasure = erase_candidate(ports, company, person).await?;
    let record = record::end(ports, begun, erasure.erased, erasure.busy).await?;
    Ok((erasure, record))
}
