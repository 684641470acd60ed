//! A company's connection between its SmartRecruiters and TestGorilla accounts.

use std::fmt;

use std::time::Duration;

use crate::ids::{ApiKeyHash, AttemptId, ClientId, CompanyId};
use crate::timestamp::Timestamp;

/// Name of the secret that holds a connection's keys: the stack's prefix and the client id, so that no two connections share one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretName(pub String);

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Public half of an Ed25519 key (RFC 8032): verifies the tokens of one connection.
pub type VerifyingKey = [u8; 32];

/// What one connection consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The consent form it came from.
    pub attempt: AttemptId,
    /// The client that SmartRecruiters uses at our token endpoint.
    pub client: ClientId,
    /// Where its keys are.
    pub secret: SecretName,
    /// Verifies its access tokens; more than one while the signing key rotates.
    pub token_keys: Vec<VerifyingKey>,
    /// Recognises its API key.
    pub api_key: ApiKeyHash,
}

/// Why an integration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCause {
    /// Disconnect in SmartRecruiters.
    Disconnected,
    /// Disable integration in TestGorilla.
    Disabled,
    /// TestGorilla has refused the key for a day.
    KeyRefused,
}

impl EndCause {
    /// Stable name, for logs and look-ups.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Disabled => "disabled",
            Self::KeyRefused => "key_refused",
        }
    }
}

/// Where an integration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Never connected so far.
    New,
    /// Connected.
    Active {
        /// The keys in use.
        connection: Connection,
        /// Since when.
        since: Timestamp,
        /// TestGorilla has refused the key since then; `None` while it takes it.
        key_refused_since: Option<Timestamp>,
    },
    /// Ended. Nothing is listed, ordered or invited any more.
    Ended {
        /// Why.
        cause: EndCause,
        /// When.
        at: Timestamp,
        /// The connection whose keys are still to be destroyed, once open orders have been closed with them.
        remains: Option<Connection>,
    },
}

/// An attempt to connect that has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What it would become.
    pub connection: Connection,
    /// When it began.
    pub started_at: Timestamp,
    /// One worker at a time: until then nobody else goes on with it.
    pub claimed_until: Timestamp,
}

/// The integration was enabled with this key at this moment; later consents with the same key keep the date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enabled {
    /// Recognises the key.
    pub api_key: ApiKeyHash,
    /// When it was first used.
    pub at: Timestamp,
}

/// A company's integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// Whose.
    pub company: CompanyId,
    /// Where it stands.
    pub status: Status,
    /// An unfinished attempt to connect.
    pub attempt: Option<Attempt>,
    /// Connections that were replaced and whose keys are still to be destroyed.
    pub replaced: Vec<Connection>,
    /// From when on only the token key that signs is kept; `None` when no other is there.
    pub keys_retire_at: Option<Timestamp>,
    /// First consent by key, oldest first; at most [`Integration::KEYS_REMEMBERED`].
    pub enabled: Vec<Enabled>,
    /// Salt of the candidate keys; the same for ever, so that "once" outlives disconnecting.
    pub salt: [u8; 16],
    /// When TestGorilla last called back about a candidate, give or take a day; `None` when it does not, or a callback was missed since.
    pub called_back_at: Option<Timestamp>,
    /// When work is due on it; `None` when nothing is.
    pub due_at: Option<Timestamp>,
    /// Counts saves; 0 before the first.
    pub version: u64,
}

impl Integration {
    /// How many keys' first dates are kept.
    pub const KEYS_REMEMBERED: usize = 50;

    /// A company that was never connected.
    pub const fn new(company: CompanyId, salt: [u8; 16]) -> Self {
        Self {
            company,
            status: Status::New,
            attempt: None,
            replaced: Vec::new(),
            keys_retire_at: None,
            enabled: Vec::new(),
            salt,
            called_back_at: None,
            due_at: None,
            version: 0,
        }
    }

    /// The connection in use; `None` unless active.
    pub const fn connection(&self) -> Option<&Connection> {
        match &self.status {
            Status::Active { connection, .. } => Some(connection),
            Status::New | Status::Ended { .. } => None,
        }
    }

    /// Whether TestGorilla refuses the key at present.
    pub const fn is_key_refused(&self) -> bool {
        matches!(self.status, Status::Active { key_refused_since: Some(_), .. })
    }

    /// Whether TestGorilla calls back when something happens, so that it need not be looked at often.
    pub fn hears_callbacks(&self, now: Timestamp) -> bool {
        const TRUSTED: Duration = Duration::from_secs(14 * 24 * 3600);
        self.called_back_at.is_some_and(|at| now.since(at) < TRUSTED)
    }

    /// Notes that a callback came, or that one was missed. Says whether that changes anything worth a write.
    pub fn note_callback(&mut self, came: bool, now: Timestamp) -> bool {
        const FRESH: Duration = Duration::from_secs(24 * 3600);
        let is_news = match self.called_back_at {
            Some(at) => !came || now.since(at) >= FRESH,
            None => came,
        };
        if is_news {
            self.called_back_at = came.then_some(now);
        }
        is_news
    }

    /// When the integration was enabled: the first consent with the key in use. `None` unless active.
    pub fn enabled_at(&self) -> Option<Timestamp> {
        let key = &self.connection()?.api_key;
        self.enabled.iter().find(|enabled| enabled.api_key == *key).map(|enabled| enabled.at)
    }

    /// Makes a connection the one in use; the date of the first consent with its key is kept.
    pub fn activate(&mut self, connection: Connection, now: Timestamp) {
        if !self.enabled.iter().any(|enabled| enabled.api_key == connection.api_key) {
            self.remember_enabled(Enabled { api_key: connection.api_key.clone(), at: now });
        }
        self.attempt = None;
        self.keys_retire_at = None;
        let status = Status::Active { connection, since: now, key_refused_since: None };
        match std::mem::replace(&mut self.status, status) {
            Status::Active { connection, .. } => self.replaced.push(connection),
            Status::Ended { remains, .. } => self.replaced.extend(remains),
            Status::New => {}
        }
        self.due_at = (!self.replaced.is_empty()).then_some(now);
    }

    /// Remembers since when a key is in use; of too many the oldest is forgotten.
    pub fn remember_enabled(&mut self, enabled: Enabled) {
        if self.enabled.len() >= Self::KEYS_REMEMBERED {
            self.enabled.remove(0);
        }
        self.enabled.push(enabled);
    }

    /// Work is due at `at`, or earlier where something unfinished asks for it. `None` is for who knows of nothing: what somebody else
    /// has noted meanwhile stays due.
    pub fn be_due(&mut self, at: Option<Timestamp>) {
        let attempt = self.attempt.as_ref().map(|attempt| attempt.claimed_until);
        let is_open = matches!(
            self.status,
            Status::Active { key_refused_since: Some(_), .. } | Status::Ended { remains: Some(_), .. }
        );
        let kept = self.due_at.filter(|_| !self.replaced.is_empty() || (is_open && at.is_none()));
        self.due_at = [at, attempt, kept, self.keys_retire_at].into_iter().flatten().min();
    }

    /// Ends an active integration; its keys are destroyed once open orders are closed. Says whether anything changed.
    pub fn end(&mut self, cause: EndCause, now: Timestamp) -> bool {
        let Some(connection) = self.connection().cloned() else { return false };
        self.status = Status::Ended { cause, at: now, remains: Some(connection) };
        self.keys_retire_at = None;
        self.due_at = Some(now);
        true
    }
}
