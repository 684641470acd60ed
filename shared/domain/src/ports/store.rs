//! The truth: integrations, clients, catalogues, orders and invitations.
//!
//! Everything read here is read consistently, except where a comment says otherwise. Every entity carries a `version`: 0 before it
//! is first saved, one more after each save. Saving MUST succeed only when the stored version is still the one that was read (or,
//! for 0, when nothing is stored), and MUST otherwise answer [`SaveError::Conflict`] and change nothing.

use std::error::Error;

use crate::assessment::Assessment;
use crate::ids::{ApiKeyHash, AssessmentId, CandidatureId, ClientId, CompanyId, InvitationKey, OrderId};
use crate::integration::{Integration, SecretName};
use crate::invitation::Invitation;
use crate::order::Order;
use crate::ports::{Cursor, Part};
use crate::timestamp::Timestamp;

/// Boxed cause of a failure, for the log.
pub type Cause = Box<dyn Error + Send + Sync>;

/// The store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It did not answer, or asked to be spared: the same may succeed later. The write may or may not have happened.
    #[error("the store is not available")]
    Unavailable(#[source] Cause),
    /// What is stored cannot be read, or the request can never succeed.
    #[error("the store holds something that cannot be read, or refused the request")]
    Broken(#[source] Cause),
}

/// A conditional write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else saved in between (or an earlier try of this very write did, and its answer was lost): read again.
    #[error("changed by someone else")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a conditional write happened: not when somebody else saved in between.
///
/// # Errors
/// When the store failed.
pub fn is_saved(written: Result<(), SaveError>) -> Result<bool, StoreError> {
    match written {
        Ok(()) => Ok(true),
        Err(SaveError::Conflict) => Ok(false),
        Err(SaveError::Store(error)) => Err(error),
    }
}

/// A client of our token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// SHA-256 of its secret, which is 256 random bits: no slower hash is needed.
    pub secret_hash: [u8; 32],
    /// The company it acts for.
    pub company: CompanyId,
    /// The connection's secret, with the key that signs its tokens.
    pub secret: SecretName,
}

/// Integrations by company.
pub trait Integrations {
    /// The integration of a company, if it ever had one.
    async fn integration(&self, company: &CompanyId) -> Result<Option<Integration>, StoreError>;

    /// Saves, and sets the version of `integration` to the stored one.
    async fn save_integration(&self, integration: &mut Integration) -> Result<(), SaveError>;
}

/// Clients of the token endpoint.
pub trait Clients {
    /// The client with this id. One read.
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// Stores a client; the same again changes nothing.
    async fn put_client(&self, client: &Client) -> Result<(), StoreError>;

    /// Forgets a client: none of its tokens is issued again. Forgetting one that is not there succeeds.
    async fn delete_client(&self, id: &ClientId) -> Result<(), StoreError>;
}

/// How fresh a company's catalogue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueState {
    /// Whose.
    pub company: CompanyId,
    /// When a refresh was last begun.
    pub checked_at: Option<Timestamp>,
    /// When a refresh last succeeded.
    pub refreshed_at: Option<Timestamp>,
    /// When SmartRecruiters last asked for the list while the copy was old.
    pub listed_at: Option<Timestamp>,
    /// Stable code of the last refresh's failure; `None` after a success.
    pub last_error: Option<String>,
    /// How often in a row it has failed; what was only put off does not count.
    pub failures: u32,
    /// When a refresh is due.
    pub due_at: Option<Timestamp>,
    /// Counts saves; 0 before the first.
    pub version: u64,
}

impl CatalogueState {
    /// A catalogue that was never read.
    pub const fn new(company: CompanyId) -> Self {
        Self {
            company,
            checked_at: None,
            refreshed_at: None,
            listed_at: None,
            last_error: None,
            failures: 0,
            due_at: None,
            version: 0,
        }
    }
}

/// The stored copy of a company's assessments. Reads may be a moment old (eventually consistent).
pub trait Catalogue {
    /// All assessments, by id, and how fresh they are (`None` when never read). One read unless there are very many.
    async fn catalogue(&self, company: &CompanyId) -> Result<(Option<CatalogueState>, Vec<Assessment>), StoreError>;

    /// One assessment.
    async fn assessment(&self, company: &CompanyId, id: AssessmentId) -> Result<Option<Assessment>, StoreError>;

    /// Saves how fresh the catalogue is.
    async fn save_catalogue_state(&self, state: &mut CatalogueState) -> Result<(), SaveError>;

    /// Stores assessments, each whole, whatever was stored before.
    async fn put_assessments(&self, company: &CompanyId, assessments: &[Assessment]) -> Result<(), StoreError>;
}

/// An order and its invitation were not stored together.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The order is stored already.
    #[error("the order exists")]
    OrderExists,
    /// The invitation was changed by someone else, or exists where none was expected.
    #[error("the invitation was changed by someone else")]
    InvitationConflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Orders and the invitations they share.
pub trait Ledger {
    /// Stores a new order and saves its invitation, both or neither. [`AcceptError::OrderExists`] MUST win where both conditions fail.
    async fn accept(&self, order: &Order, invitation: &Invitation) -> Result<(), AcceptError>;

    /// An order of a company.
    async fn order(&self, company: &CompanyId, id: OrderId) -> Result<Option<Order>, StoreError>;

    /// Saves, and sets the version of `order` to the stored one.
    async fn save_order(&self, order: &mut Order) -> Result<(), SaveError>;

    /// An invitation.
    async fn invitation(&self, key: &InvitationKey) -> Result<Option<Invitation>, StoreError>;

    /// Saves, and sets the version of `invitation` to the stored one.
    async fn save_invitation(&self, invitation: &mut Invitation) -> Result<(), SaveError>;
}

/// A company's open invitations, for when its integration ends.
pub trait OpenWork {
    /// The invitations of a company that are not in a final state, or on which work was due at `now`, a part at a time: the first, or
    /// the one that `from` names.
    async fn open_invitations(
        &self,
        company: &CompanyId,
        now: Timestamp,
        from: Option<&Cursor>,
    ) -> Result<Part<InvitationKey>, StoreError>;
}

/// Where personal data is, for when a candidate asks to be erased.
pub trait PersonalData {
    /// The company's invitations that hold personal data, whatever their state, a part at a time: the first, or the one that `from` names.
    async fn with_personal_data(
        &self,
        company: &CompanyId,
        from: Option<&Cursor>,
    ) -> Result<Part<Invitation>, StoreError>;
}

/// Something that work is due on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Due {
    /// An invitation: to be sent, looked at, published or erased.
    Invitation(InvitationKey),
    /// An integration: an attempt to be finished, or keys to be destroyed.
    Integration(CompanyId),
    /// A catalogue: to be refreshed.
    Catalogue(CompanyId),
}

/// The index of what is due. It may be a moment behind.
pub trait DueWork {
    /// How many shards the index has; they can be read side by side.
    const SHARDS: u32;

    /// Up to `limit` things of one shard that were due at `now`, the longest overdue first, with their due times.
    async fn due(&self, shard: u32, now: Timestamp, limit: usize) -> Result<Vec<(Timestamp, Due)>, StoreError>;
}

/// The index by TestGorilla's identifiers, for callbacks. It may be a moment behind.
pub trait Lookup {
    /// Invitations with this candidature: several when two companies share a TestGorilla account.
    async fn invitations_of(&self, candidature: CandidatureId) -> Result<Vec<InvitationKey>, StoreError>;

    /// Companies whose active connection uses this key.
    async fn companies_with(&self, api_key: &ApiKeyHash) -> Result<Vec<CompanyId>, StoreError>;
}
