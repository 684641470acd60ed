//! Replaces the stack's own keys without refusing a request: first two are valid, later one. Beginning again changes nothing, so that
//! whoever was cut off begins again.

use std::time::Duration;

use crate::flows::Ports;
use crate::ports::{
    CallbackSecretWriter, Clock, Entropy, NoEntropy, PartnerConfiguration, PartnerKeys, PartnerSecretWriter,
    SmartRecruitersError, StoreError, Stored, WebhookKey,
};
use crate::sensitive::{ClientCredentials, Secret};
use crate::timestamp::Timestamp;

/// A consent form may be open for an hour, and a process may go on with the keys that it remembers for five minutes.
const FORMS_ARE_OPEN: Duration = Duration::from_secs(65 * 60);

/// Why a key of the stack was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum RotateStackError {
    /// Forms that were made with the old key may still be open until then.
    #[error("what the old key has signed is in use until {0}")]
    TooEarly(Timestamp),
    /// SmartRecruiters does not take the new pair.
    #[error("SmartRecruiters refuses the new pair")]
    PairRefused,
    /// SmartRecruiters did not answer as it should.
    #[error("the new pair cannot be checked")]
    SmartRecruiters(#[source] SmartRecruitersError),
    /// No key could be made.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The secret store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far the replacement of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The new key is valid beside the old one, since a moment ago.
    Begun,
    /// Two had been valid before; nothing was changed.
    UnderWay,
    /// The old key is not valid any more.
    Finished,
    /// Only one had been valid before; nothing was changed.
    Single,
}

/// Puts a new key that signs callbacks beside the old one.
///
/// # Errors
/// See [`RotateStackError`].
pub async fn begin_callback_key<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>) -> Result<Stage, RotateStackError>
where
    K: CallbackSecretWriter,
    W: Entropy,
{
    let old = ports.secrets.stored_webhook_keys().await?.value;
    if old.len() > 1 {
        return Ok(Stage::UnderWay);
    }
    let new = WebhookKey(ports.world.bytes32()?.to_vec());
    let both: Vec<WebhookKey> = std::iter::once(new).chain(old).collect();
    ports.secrets.put_webhook_keys(&both).await?;
    Ok(Stage::Begun)
}

/// Takes every key that signs callbacks out but the newest.
///
/// # Errors
/// See [`RotateStackError`].
pub async fn finish_callback_key<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>) -> Result<Stage, RotateStackError>
where
    K: CallbackSecretWriter,
{
    let mut keys = ports.secrets.stored_webhook_keys().await?.value;
    if keys.len() < 2 {
        return Ok(Stage::Single);
    }
    keys.truncate(1);
    ports.secrets.put_webhook_keys(&keys).await?;
    Ok(Stage::Finished)
}

/// Puts a new disconnect key beside the old one. The address that carries it is then to be registered.
///
/// # Errors
/// See [`RotateStackError`].
pub async fn begin_disconnect_key<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>) -> Result<Stage, RotateStackError>
where
    K: PartnerSecretWriter,
    W: Entropy,
{
    let keys = ports.secrets.stored_partner_keys().await?.value;
    if keys.disconnect_keys.len() > 1 {
        return Ok(Stage::UnderWay);
    }
    let new: String = ports.world.bytes32()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let disconnect_keys = std::iter::once(Secret::new(new)).chain(keys.disconnect_keys).collect();
    ports.secrets.put_partner_keys(&PartnerKeys { disconnect_keys, ..keys }).await?;
    Ok(Stage::Begun)
}

/// Takes the old disconnect key out, once no form that it has signed can be open any more.
///
/// # Errors
/// See [`RotateStackError`].
pub async fn finish_disconnect_key<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>) -> Result<Stage, RotateStackError>
where
    K: PartnerSecretWriter,
    W: Clock,
{
    let Stored { value: mut keys, changed_at } = ports.secrets.stored_partner_keys().await?;
    if keys.disconnect_keys.len() < 2 {
        return Ok(Stage::Single);
    }
    if let Some(until) = changed_at.map(|at| at + FORMS_ARE_OPEN).filter(|until| *until > ports.world.now()) {
        return Err(RotateStackError::TooEarly(until));
    }
    keys.disconnect_keys.truncate(1);
    ports.secrets.put_partner_keys(&keys).await?;
    Ok(Stage::Finished)
}

/// Puts another master pair in place of the one that is stored, if SmartRecruiters takes it. The former stays valid at SmartRecruiters
/// until it is ended there, and whoever remembers it reads the new one when it is refused.
///
/// # Errors
/// See [`RotateStackError`].
pub async fn master<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    pair: &ClientCredentials,
) -> Result<(), RotateStackError>
where
    K: PartnerSecretWriter,
    R: PartnerConfiguration,
{
    match ports.smartrecruiters.registration(pair).await {
        Ok(_) => {}
        Err(SmartRecruitersError::CredentialsRefused | SmartRecruitersError::Refused(401 | 403)) => {
            return Err(RotateStackError::PairRefused);
        }
        Err(error) => return Err(RotateStackError::SmartRecruiters(error)),
    }
    let keys = ports.secrets.stored_partner_keys().await?.value;
    ports.secrets.put_partner_keys(&PartnerKeys { master: Some(pair.clone()), ..keys }).await?;
    Ok(())
}
