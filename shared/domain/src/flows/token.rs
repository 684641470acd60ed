//! Issues access tokens to SmartRecruiters (OAuth 2.0 client credentials, RFC 6749 section 4.4).

use crate::access_token;
use crate::crypto;
use crate::flows::Ports;
use crate::ids::ClientId;
use crate::ports::{Clients, Clock, CompanySecrets, StoreError};
use crate::sensitive::{ClientCredentials, Secret};

/// Why no token is issued.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// No such client, or not its secret: one answer for both. Holds the client whose secret was wrong.
    #[error("unknown client or wrong secret")]
    InvalidClient(Option<ClientId>),
    /// The client's signing key cannot be used.
    #[error("the client's signing key cannot be used")]
    SigningKey,
    /// It cannot be known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An access token and the company it names.
#[derive(Debug)]
pub struct IssuedToken {
    /// The token.
    pub token: Secret,
    /// How long it is valid, in seconds.
    pub expires_in: u64,
    /// Whom it names.
    pub company: crate::ids::CompanyId,
}

/// Issues a token for a client. One read, and the connection's secret when it is not remembered.
///
/// # Errors
/// See [`TokenError`].
pub async fn issue<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    credentials: &ClientCredentials,
) -> Result<IssuedToken, TokenError>
where
    S: Clients,
    K: CompanySecrets,
    W: Clock,
{
    let id: ClientId = credentials.client_id.parse().map_err(|_| TokenError::InvalidClient(None))?;
    let client = ports.store.client(&id).await?.ok_or(TokenError::InvalidClient(None))?;
    if !crypto::equal(&client.secret_hash, &credentials.client_secret.sha256()) {
        return Err(TokenError::InvalidClient(Some(id)));
    }
    // A destroyed secret means that the connection ended a moment ago.
    let secret = ports.secrets.company_secret(&client.secret).await?.ok_or(TokenError::InvalidClient(None))?;
    let token = access_token::issue(&secret.token_key, &client.company, &id, ports.world.now());
    let token = token.map_err(|_| TokenError::SigningKey)?;
    Ok(IssuedToken { token, expires_in: access_token::LIFETIME.as_secs(), company: client.company })
}
