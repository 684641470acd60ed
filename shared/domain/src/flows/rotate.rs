//! Replaces a connection's keys without refusing a request meanwhile. Asking again after a crash goes on.

use std::time::Duration;

use crate::access_token;
use crate::flows::{Ports, update};
use crate::ids::CompanyId;
use crate::integration::{Connection, Enabled, Integration, Status};
use crate::ports::{
    Catalogue, Clock, CompanySecret, CompanySecrets, Entropy, Integrations, KeyRefusal, NoEntropy, StoreError,
    TestGorilla, TestGorillaError, TokenKeySeed,
};
use crate::sensitive::ApiKey;

/// How long a process may go on with a secret that it has read.
const REMEMBERED: Duration = Duration::from_secs(5 * 60);

/// A token that was signed with the old key at the last moment is still taken until it expires; a minute for the clocks.
const OVERLAP: Duration = Duration::from_secs(access_token::LIFETIME.as_secs() + REMEMBERED.as_secs() + 60);

/// Why a key was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The company is not connected.
    #[error("the company is not connected")]
    NotConnected,
    /// TestGorilla refuses the new key.
    #[error("TestGorilla refuses the new API key: {0}")]
    Key(KeyRefusal),
    /// TestGorilla takes the new key, and it does not find a single assessment of the company: nothing sent could be read with it.
    #[error("the new API key is of another TestGorilla account: it has none of the company's assessments")]
    OtherAccount,
    /// TestGorilla did not answer as it should.
    #[error("the new key cannot be checked")]
    TestGorilla(#[source] TestGorillaError),
    /// No key could be made.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Replaces the key that signs a company's access tokens. The new one verifies before anything is signed with it; the old one
/// verifies until its last token has expired, and the reconciler then forgets it.
///
/// # Errors
/// See [`RotateError`].
pub async fn signing_key<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
) -> Result<(), RotateError>
where
    S: Integrations,
    K: CompanySecrets,
    W: Clock + Entropy,
{
    let (connection, secret) = connected(ports, company).await?;
    let seed = TokenKeySeed(ports.world.bytes32()?);
    let key = access_token::verifying_key(&seed).map_err(|_| NoEntropy)?;
    let retire_at = ports.world.now() + OVERLAP;
    let changed = update::integration(&ports.store, company, |integration| {
        let Some(current) = current(integration, &connection) else { return false };
        current.token_keys.push(key);
        integration.keys_retire_at = Some(retire_at);
        integration.be_due(None);
        true
    });
    still_connected(changed.await?, &connection)?;
    replace(ports, &connection, CompanySecret { token_key: seed, ..secret }).await
}

/// Forgets every key but the one that signs now.
///
/// # Errors
/// When the store fails.
pub(crate) async fn retire_keys<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    connection: &Connection,
) -> Result<(), StoreError>
where
    S: Integrations,
    K: CompanySecrets,
    W: Clock,
{
    // What signs is what the secret says, whatever was begun and not finished.
    let secret = ports.secrets.company_secret_now(&connection.secret).await?;
    let signs = secret.and_then(|secret| access_token::verifying_key(&secret.token_key).ok());
    let now = ports.world.now();
    update::integration(&ports.store, company, |integration| {
        // Somebody has begun anew.
        if integration.keys_retire_at.is_none_or(|at| at > now) {
            return false;
        }
        if let Some(current) = current(integration, connection) {
            current.token_keys.retain(|key| signs.is_none_or(|signs| signs == *key));
        }
        integration.keys_retire_at = None;
        integration.be_due(None);
        true
    })
    .await
    .map(|_| ())
}

/// Replaces a company's API key by another of the same account. Assessments stay recognised as before, and whoever remembers the
/// old key reads the new one when TestGorilla refuses it.
///
/// # Errors
/// See [`RotateError`].
pub async fn api_key<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    key: &ApiKey,
) -> Result<(), RotateError>
where
    S: Catalogue + Integrations,
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let (connection, secret) = connected(ports, company).await?;
    is_of_same_account(ports, company, key).await?;
    replace(ports, &connection, CompanySecret { api_key: key.clone(), ..secret }).await?;
    let hash = key.hash();
    let changed = update::integration(&ports.store, company, |integration| {
        let since = integration.enabled_at();
        let Some(current) = current(integration, &connection) else { return false };
        current.api_key = hash.clone();
        if let Status::Active { key_refused_since, .. } = &mut integration.status {
            *key_refused_since = None;
        }
        if let Some(at) = since
            && integration.enabled_at().is_none()
        {
            integration.remember_enabled(Enabled { api_key: hash.clone(), at });
        }
        integration.be_due(None);
        true
    });
    still_connected(changed.await?, &connection)
}

/// Looks whether TestGorilla takes the key, and with it shows at least one of the assessments that the company had at the last look.
async fn is_of_same_account<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    key: &ApiKey,
) -> Result<(), RotateError>
where
    S: Catalogue,
    T: TestGorilla,
{
    let listed = ports.testgorilla.assessments(key).await.map_err(|error| match error {
        TestGorillaError::KeyRefused(refusal) => RotateError::Key(refusal),
        error => RotateError::TestGorilla(error),
    })?;
    let (_, known) = ports.store.catalogue(company).await?;
    // What was deleted is in no account's list.
    let mut known = known.iter().filter(|assessment| !assessment.is_gone).peekable();
    let is_unknown = known.peek().is_none();
    let is_shared = known.any(|assessment| listed.iter().any(|summary| summary.id == assessment.id()));
    if is_unknown || is_shared { Ok(()) } else { Err(RotateError::OtherAccount) }
}

/// The connection of a company, and its secret as it is stored.
async fn connected<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
) -> Result<(Connection, CompanySecret), RotateError>
where
    S: Integrations,
    K: CompanySecrets,
{
    let integration = ports.store.integration(company).await?;
    let connection = integration.as_ref().and_then(|integration| integration.connection()).cloned();
    let connection = connection.ok_or(RotateError::NotConnected)?;
    let secret = ports.secrets.company_secret_now(&connection.secret).await?.ok_or(RotateError::NotConnected)?;
    Ok((connection, secret))
}

/// Stores a connection's secret anew. One that was destroyed meanwhile is not made again: nobody would destroy it a second time.
async fn replace<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
    secret: CompanySecret,
) -> Result<(), RotateError>
where
    K: CompanySecrets,
{
    let is_replaced = ports.secrets.replace_company_secret(&connection.secret, &secret).await?;
    if is_replaced { Ok(()) } else { Err(RotateError::NotConnected) }
}

/// The connection in use, if it is still that one.
fn current<'a>(integration: &'a mut Integration, connection: &Connection) -> Option<&'a mut Connection> {
    match &mut integration.status {
        Status::Active { connection: current, .. } if current.client == connection.client => Some(current),
        _ => None,
    }
}

/// Whether the connection was still in use when it was changed.
fn still_connected(changed: Option<Integration>, connection: &Connection) -> Result<(), RotateError> {
    let is_it = |changed: &Integration| changed.connection().is_some_and(|one| one.client == connection.client);
    if changed.as_ref().is_some_and(is_it) { Ok(()) } else { Err(RotateError::NotConnected) }
}
