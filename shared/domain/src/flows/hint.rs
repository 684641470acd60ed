//! Takes TestGorilla's callbacks. A callback is only a hint: it wakes work that reads the truth from TestGorilla's API, and what it
//! says about a candidate is never published. Ending an integration is the one thing it does by itself, which is why it is signed.

use std::time::Duration;

use crate::flows::{Ports, end};
use crate::ids::{ApiKeyHash, AssessmentId, CandidatureId};
use crate::integration::EndCause;
use crate::ports::{
    CallbackSecret, Clients, Clock, Integrations, Lookup, QueueError, ResultQueue, ResultWork, StoreError,
};
use crate::webhook::{Headers, InvalidSignature, verify};

/// What a callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A candidate has started or finished.
    Candidature {
        /// Whose.
        candidature: CandidatureId,
        /// Of what, when it says.
        assessment: Option<AssessmentId>,
    },
    /// A key is no longer valid: the integration was disabled in TestGorilla.
    IntegrationDisabled {
        /// Recognises the key.
        api_key: ApiKeyHash,
    },
}

/// Why a callback is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Disbelieved {
    /// Its signature or time.
    #[error(transparent)]
    Signature(#[from] InvalidSignature),
    /// The keys cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A callback that was believed could not be acted on: it is to be sent again.
#[derive(Debug, thiserror::Error)]
pub enum HintError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Whether a callback comes from TestGorilla, or who holds a key of ours.
///
/// # Errors
/// See [`Disbelieved`].
pub async fn believe<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    headers: Headers<'_>,
    body: &[u8],
) -> Result<(), Disbelieved>
where
    K: CallbackSecret,
    W: Clock,
{
    let keys = ports.secrets.webhook_keys().await?;
    match verify(headers, body, &keys, ports.world.now()) {
        // The keys may have been rotated since they were read.
        Err(InvalidSignature::Forged) => {
            let keys = ports.secrets.webhook_keys_now().await?;
            Ok(verify(headers, body, &keys, ports.world.now())?)
        }
        verified => Ok(verified?),
    }
}

/// Acts on a callback; says how many invitations or integrations it was about. None is fine: it may be somebody else's.
///
/// # Errors
/// See [`HintError`].
pub async fn act<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, hint: &Hint) -> Result<usize, HintError>
where
    S: Lookup + Integrations + Clients,
    Q: ResultQueue,
    W: Clock,
{
    match hint {
        Hint::Candidature { candidature, assessment } => {
            let mut invitations = ports.store.invitations_of(*candidature).await?;
            invitations.retain(|key| assessment.is_none_or(|assessment| assessment == key.assessment));
            for invitation in &invitations {
                let work = ResultWork::Follow { invitation: invitation.clone(), hinted: true, called_back: true };
                ports.queues.wake_result(&work, Duration::ZERO).await?;
            }
            Ok(invitations.len())
        }
        Hint::IntegrationDisabled { api_key } => {
            let companies = ports.store.companies_with(api_key).await?;
            for company in &companies {
                end::end_with_key(ports, company, EndCause::Disabled, api_key).await?;
            }
            Ok(companies.len())
        }
    }
}
