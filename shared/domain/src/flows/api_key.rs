//! Calls TestGorilla with a company's key, and what a refused key leads to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::flows::{Ports, update};
use crate::ids::CompanyId;
use crate::integration::{Connection, Status};
use crate::ports::{
    Clock, CompanySecret, CompanySecrets, Integrations, KeyRefusal, StoreError, TestGorilla, TestGorillaError,
};
use crate::sensitive::ApiKey;

/// A call with the company's key did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyCallError {
    /// The connection's secret is not there: it is being destroyed.
    #[error("the connection's secret is gone")]
    NoSecret,
    /// TestGorilla did not do it; a refused key was read again before.
    #[error(transparent)]
    TestGorilla(#[from] TestGorillaError),
    /// The secret cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Calls TestGorilla with the remembered key, and once more with the stored one when the remembered is refused and differs.
pub(crate) async fn with_key<K, O, F>(
    secrets: &K,
    connection: &Connection,
    call: impl Fn(ApiKey) -> F,
) -> Result<O, KeyCallError>
where
    K: CompanySecrets,
    F: Future<Output = Result<O, TestGorillaError>>,
{
    let secret = secrets.company_secret(&connection.secret).await?.ok_or(KeyCallError::NoSecret)?;
    match call(secret.api_key.clone()).await {
        Err(refused @ TestGorillaError::KeyRefused(_)) => {
            let stored: CompanySecret =
                secrets.company_secret_now(&connection.secret).await?.ok_or(KeyCallError::NoSecret)?;
            if stored.api_key == secret.api_key {
                return Err(refused.into());
            }
            Ok(call(stored.api_key).await?)
        }
        answer => Ok(answer?),
    }
}

/// What a call came to, once it is clear whom a refusal is about: TestGorilla answers 403 for the plan and for one thing alike, and that
/// one candidate is out of reach must not take a company's assessments away.
pub(crate) async fn judged<S, K, Q, T, R, W, O>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
    answer: Result<O, KeyCallError>,
) -> Result<O, KeyCallError>
where
    K: CompanySecrets,
    T: TestGorilla,
{
    let Err(KeyCallError::TestGorilla(TestGorillaError::KeyRefused(KeyRefusal::NotPro))) = &answer else {
        return answer;
    };
    let testgorilla = &ports.testgorilla;
    match with_key(&ports.secrets, connection, |key| async move { testgorilla.check_key(&key).await }).await {
        Ok(()) => Err(TestGorillaError::Forbidden.into()),
        Err(KeyCallError::TestGorilla(TestGorillaError::KeyRefused(_))) => answer,
        Err(error) => Err(error),
    }
}

/// How often a refused key is tried again.
pub(crate) const REFUSED_KEY_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Notes since when TestGorilla refuses a connection's key, or that it takes it again. Writes only when that changes: what is said of a
/// key that was replaced meanwhile is nothing about the new one.
pub(crate) async fn note_key<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    connection: &Connection,
    is_refused: bool,
) -> Result<(), StoreError>
where
    S: Integrations,
    W: Clock,
{
    let now = ports.world.now();
    let has_changed = AtomicBool::new(false);
    update::integration(&ports.store, company, |integration| {
        // Whoever was overtaken reads again, and finds it noted.
        has_changed.store(false, Ordering::Relaxed);
        let Status::Active { connection: current, key_refused_since, .. } = &mut integration.status else {
            return false;
        };
        if current.api_key != connection.api_key || key_refused_since.is_some() == is_refused {
            return false;
        }
        *key_refused_since = is_refused.then_some(now);
        integration.be_due(is_refused.then_some(now + REFUSED_KEY_PAUSE));
        has_changed.store(true, Ordering::Relaxed);
        true
    })
    .await?;
    match (has_changed.into_inner(), is_refused) {
        (true, true) => tracing::warn!(event = "integration.key_refused", %company),
        (true, false) => tracing::info!(event = "integration.key_taken_again", %company),
        (false, _) => {}
    }
    Ok(())
}
