//! Secrets. They live in the secret store alone, and in this process for minutes.

use crate::integration::SecretName;
use crate::ports::{Cause, StoreError};
use crate::sensitive::{ApiKey, ClientCredentials, Secret};
use crate::timestamp::Timestamp;

/// The keys of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanySecret {
    /// The company's TestGorilla API key.
    pub api_key: ApiKey,
    /// Seed of the Ed25519 key that signs the connection's access tokens.
    pub token_key: TokenKeySeed,
    /// What SmartRecruiters gave us for the company; `None` until it answered.
    pub smartrecruiters: Option<ClientCredentials>,
}

/// Private half of an Ed25519 key (RFC 8032): 32 bytes that are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKeySeed(pub [u8; 32]);

impl std::fmt::Debug for TokenKeySeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKeySeed([REDACTED])")
    }
}

/// The secrets of connections.
pub trait CompanySecrets {
    /// Reads a secret, from memory when it was read within the last minutes. `None` when there is none.
    async fn company_secret(&self, name: &SecretName) -> Result<Option<CompanySecret>, StoreError>;

    /// Reads a secret from the store, whatever is remembered: for when a partner refused what was remembered.
    async fn company_secret_now(&self, name: &SecretName) -> Result<Option<CompanySecret>, StoreError>;

    /// Stores a secret, new or not.
    async fn put_company_secret(&self, name: &SecretName, secret: &CompanySecret) -> Result<(), StoreError>;

    /// Stores a secret anew, unless it is not there any more; says whether it was.
    async fn replace_company_secret(&self, name: &SecretName, secret: &CompanySecret) -> Result<bool, StoreError>;

    /// Destroys a secret at once, without a way back. Destroying one that is not there succeeds.
    async fn destroy_company_secret(&self, name: &SecretName) -> Result<(), StoreError>;

    /// The name of the secret of a client's connection.
    fn company_secret_name(&self, client: &crate::ids::ClientId) -> SecretName;
}

/// The stack's own keys towards SmartRecruiters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerKeys {
    /// Master credentials; `None` until ops filled them in.
    pub master: Option<ClientCredentials>,
    /// Unguessable parts of the disconnect URL that are valid, the newest first; never empty texts.
    pub disconnect_keys: Vec<Secret>,
}

/// Reads the stack's partner secret.
pub trait PartnerSecret {
    /// The keys, from memory when they were read within the last minutes.
    async fn partner_keys(&self) -> Result<PartnerKeys, StoreError>;

    /// The keys as they are in the store, or were a few seconds ago: forged requests lead here and must not make it read without end.
    async fn partner_keys_now(&self) -> Result<PartnerKeys, StoreError>;
}

/// A secret of the stack's own as it is stored, whatever is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// What it says.
    pub value: T,
    /// When it was last changed, where the store says so.
    pub changed_at: Option<Timestamp>,
}

/// Changes the stack's partner secret. For ops alone.
pub trait PartnerSecretWriter {
    /// The keys as they are stored.
    async fn stored_partner_keys(&self) -> Result<Stored<PartnerKeys>, StoreError>;

    /// Stores the keys: two disconnect keys at most, the newest first. What else people keep in the secret stays.
    async fn put_partner_keys(&self, keys: &PartnerKeys) -> Result<(), StoreError>;
}

/// A key that signs callbacks (Standard Webhooks, symmetric): raw bytes that are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookKey(pub Vec<u8>);

impl std::fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookKey([REDACTED])")
    }
}

/// Reads the stack's callback secret.
pub trait CallbackSecret {
    /// The keys that are valid, from memory when they were read within the last minutes: more than one while they rotate.
    async fn webhook_keys(&self) -> Result<Vec<WebhookKey>, StoreError>;

    /// The keys as they are in the store, or were a few seconds ago: forged callbacks lead here and must not make it read without end.
    async fn webhook_keys_now(&self) -> Result<Vec<WebhookKey>, StoreError>;
}

/// Changes the stack's callback secret. For ops alone.
pub trait CallbackSecretWriter {
    /// The keys as they are stored.
    async fn stored_webhook_keys(&self) -> Result<Stored<Vec<WebhookKey>>, StoreError>;

    /// Stores the keys, the newest first; at least one.
    async fn put_webhook_keys(&self, keys: &[WebhookKey]) -> Result<(), StoreError>;
}

/// A secret whose text is not what it should be.
pub fn unreadable(cause: impl Into<Cause>) -> StoreError {
    StoreError::Broken(cause.into())
}
