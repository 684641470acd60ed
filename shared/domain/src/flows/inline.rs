//! Takes an inline order: the candidate is invited at once, without mail, and SmartRecruiters gets the link to show.

use std::time::Duration;

use tracing::Instrument;

use crate::flows::Ports;
use crate::flows::api_key::{KeyCallError, with_key};
use crate::flows::authorise::Caller;
use crate::flows::invite::{self, send};
use crate::flows::order::{How, OrderError, OrderRequest, take};
use crate::ids::InvitationKey;
use crate::integration::Integration;
use crate::invitation::{Invitation, Refusal, State};
use crate::ports::{
    Catalogue, Clock, CompanySecrets, Entropy, Integrations, InvitationQueue, Ledger, StoreError, TestGorilla,
};
use crate::sensitive::Personal;

/// How long another worker that is sending the invitation is waited for.
const TWIN_PAUSE: Duration = Duration::from_millis(500);
/// How often it is looked at.
const TWIN_LOOKS: usize = 8;

/// Why there is no link. The order is stored all the same, unless it was not taken: asking again with it goes on.
#[derive(Debug, thiserror::Error)]
pub enum InlineError {
    /// The order was not taken.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// TestGorilla will never invite.
    #[error("TestGorilla refuses the invitation")]
    Refused(Refusal),
    /// Not now: a stable code.
    #[error("the candidate cannot be invited now ({0})")]
    NotNow(&'static str),
}

impl From<StoreError> for InlineError {
    fn from(error: StoreError) -> Self {
        Self::Order(error.into())
    }
}

/// An inline order that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The invitation it shares.
    pub invitation: InvitationKey,
    /// How.
    pub how: How,
    /// Where the candidate takes the assessment.
    pub link: Personal<String>,
}

/// Takes an inline order and invites at once.
///
/// # Errors
/// See [`InlineError`].
pub async fn accept<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    request: &OrderRequest,
) -> Result<Accepted, InlineError>
where
    S: Catalogue + Integrations + Ledger,
    K: CompanySecrets,
    Q: InvitationQueue,
    T: TestGorilla,
    W: Clock + Entropy,
{
    let taken = take(ports, caller, request, Duration::ZERO).await?;
    let key = match taken.how {
        How::Repeated => first_invitation(ports, request, taken.key).await?,
        How::First | How::Joined => taken.key,
    };
    let link = match invite_now(ports, &caller.integration, &key).await? {
        Some(link) => link,
        None => find_link(ports, caller, request, &key).await?,
    };
    // Sent already: the message only has the status published. Without it the reconciler does.
    let _ = ports.queues.wake_invite(&key, Duration::ZERO).await;
    Ok(Accepted { invitation: key, how: taken.how, link })
}

/// The invitation of an order that was taken before: delivered again it is the same order, whatever else it says now.
async fn first_invitation<S: Ledger, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &OrderRequest,
    asked: InvitationKey,
) -> Result<InvitationKey, StoreError> {
    let stored = ports.store.order(&asked.company, request.result_url.order()).await?;
    Ok(stored.map_or(asked, |order| order.invitation))
}

/// Sends the invitation, past the line since a person waits, or waits for whoever is sending it; returns the link when TestGorilla said it at once.
async fn invite_now<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: &Integration,
    key: &InvitationKey,
) -> Result<Option<Personal<String>>, InlineError>
where
    S: Integrations + Ledger,
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock + Entropy,
{
    for _ in 0..TWIN_LOOKS {
        let Some(invitation) = ports.store.invitation(key).await? else { break };
        if let Some(refusal) = refusal(&invitation) {
            return Err(InlineError::Refused(refusal));
        }
        let (ordered_at, span) = (invitation.changed_at, invitation.span());
        let work = async {
            let outcome = send(ports, Some(integration), invitation).await?;
            outcome.log(key, ordered_at, ports.world.now());
            Ok::<_, StoreError>(outcome)
        };
        match work.instrument(span).await? {
            invite::Outcome::Sent { link } | invite::Outcome::Adopted { link } => return Ok(link),
            invite::Outcome::Refused(refusal) => return Err(InlineError::Refused(refusal)),
            invite::Outcome::Deferred { code, .. } => return Err(InlineError::NotNow(code)),
            invite::Outcome::Withdrawn | invite::Outcome::Unknown => return Err(InlineError::NotNow("withdrawn")),
            invite::Outcome::Handled => return Ok(None),
            invite::Outcome::Busy | invite::Outcome::Early | invite::Outcome::Queued { .. } => {
                ports.world.sleep(TWIN_PAUSE).await
            }
        }
    }
    Err(InlineError::NotNow("busy"))
}

const fn refusal(invitation: &Invitation) -> Option<Refusal> {
    match invitation.state {
        State::Refused(refusal) => Some(refusal),
        _ => None,
    }
}

/// The link of a candidate who is invited already; once their data is erased, the order must name them.
async fn find_link<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    request: &OrderRequest,
    key: &InvitationKey,
) -> Result<Personal<String>, InlineError>
where
    S: Ledger,
    K: CompanySecrets,
    T: TestGorilla,
{
    let known = ports.store.invitation(key).await?.and_then(|invitation| invitation.candidate?.email);
    let named = || {
        let is_same = request.candidate.key(&caller.integration.salt) == key.candidate;
        request.candidate.email.clone().filter(|_| is_same)
    };
    let email = &known.or_else(named).ok_or(InlineError::NotNow("no_email"))?;
    let (testgorilla, assessment) = (&ports.testgorilla, key.assessment);
    let found = with_key(&ports.secrets, &caller.connection, |key| async move {
        testgorilla.find_candidature(&key, assessment, email).await
    });
    match found.await {
        Ok(found) => found.and_then(|found| found.link).ok_or(InlineError::NotNow("no_link")),
        Err(KeyCallError::Store(error)) => Err(error.into()),
        Err(KeyCallError::NoSecret) => Err(InlineError::NotNow("no_secret")),
        Err(KeyCallError::TestGorilla(error)) => Err(InlineError::NotNow(error.code())),
    }
}
