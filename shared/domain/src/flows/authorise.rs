//! Who calls: a bearer token names a company, and the company's integration says whether that is true.

use crate::access_token::{InvalidToken, Presented};
use crate::flows::Ports;
use crate::integration::{Connection, Integration};
use crate::ports::{Clock, Integrations, StoreError};
use crate::timestamp::Timestamp;

/// Why a call is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The token is not taken.
    #[error(transparent)]
    Token(#[from] InvalidToken),
    /// The company is not connected.
    #[error("the integration is not active")]
    NotActive,
    /// It is not known who calls.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A company that was let in, with the connection it uses.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The company's integration, active.
    pub integration: Integration,
    /// Its connection.
    pub connection: Connection,
    /// When the integration was enabled.
    pub enabled_at: Timestamp,
}

/// Lets a bearer token in. One read.
///
/// # Errors
/// See [`Denied`].
pub async fn authorise<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, token: &str) -> Result<Caller, Denied>
where
    S: Integrations,
    W: Clock,
{
    let presented = Presented::parse(token)?;
    let integration = ports.store.integration(presented.company()).await?.ok_or(InvalidToken::Forged)?;
    let connection = integration.connection().cloned().ok_or(Denied::NotActive)?;
    let enabled_at = integration.enabled_at().ok_or(Denied::NotActive)?;
    presented.verify(&connection.token_keys, &connection.client, ports.world.now())?;
    Ok(Caller { integration, connection, enabled_at })
}
