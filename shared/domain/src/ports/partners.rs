//! The two partners, as the use cases see them.

use std::time::Duration;

use url::Url;

use crate::assessment::{AssessmentDetails, AssessmentSummary};
use crate::candidate::Candidate;
use crate::ids::{AssessmentId, CandidatureId, CompanyId, TestTakerId};
use crate::invitation::Refusal;
use crate::order::ResultUrl;
use crate::outcome::{Attempt, Candidature, TestResult};
use crate::pace::Pace;
use crate::ports::Cause;
use crate::registration::Registration;
use crate::report::OrderReport;
use crate::sensitive::{ApiKey, ClientCredentials, Personal};

/// Why TestGorilla takes no call with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// It does not know the key.
    #[error("it does not know the key")]
    Unknown,
    /// The key was valid once.
    #[error("the key was revoked")]
    Revoked,
    /// The account's plan does not include the integration.
    #[error("the account is not on the Pro plan")]
    NotPro,
}

/// TestGorilla did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum TestGorillaError {
    /// The key is not taken.
    #[error("TestGorilla refuses the API key: {0}")]
    KeyRefused(KeyRefusal),
    /// The key is taken, and this one thing is refused to it.
    #[error("TestGorilla refuses this one thing")]
    Forbidden,
    /// Too many calls: wait this long.
    #[error("TestGorilla asks to wait {0:?}")]
    RateLimited(Duration),
    /// It does not have what was asked for.
    #[error("TestGorilla does not have it")]
    NotFound,
    /// No answer, or an answer of its own trouble (5xx). What was asked may or may not have happened.
    #[error("TestGorilla is not available")]
    Unavailable(#[source] Cause),
    /// An answer outside its contract.
    #[error("TestGorilla answered outside its contract")]
    Unexpected(#[source] Cause),
}

impl TestGorillaError {
    /// Stable name, for logs and look-ups.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::KeyRefused(_) => "testgorilla_key_refused",
            Self::Forbidden => "testgorilla_forbidden",
            Self::RateLimited(_) => "testgorilla_rate_limited",
            Self::NotFound => "testgorilla_not_found",
            Self::Unavailable(_) => "testgorilla_unavailable",
            Self::Unexpected(_) => "testgorilla_unexpected",
        }
    }
}

/// What became of asking TestGorilla to invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// The candidate is invited now.
    New(Candidature),
    /// The candidate had been invited before (`REPEATING_INVITATION`); nothing was sent.
    Before,
    /// TestGorilla will not invite.
    Refused(Refusal),
}

/// TestGorilla's API. Every call has a time-out, carries the key to TestGorilla's configured host alone, and follows no redirect.
pub trait TestGorilla {
    /// How fast one key may invite.
    fn pace(&self) -> Pace;

    /// Whether the key is taken: the cheapest call there is.
    async fn check_key(&self, key: &ApiKey) -> Result<(), TestGorillaError>;

    /// All assessments of the account, read page by page.
    async fn assessments(&self, key: &ApiKey) -> Result<Vec<AssessmentSummary>, TestGorillaError>;

    /// One assessment's tests and date.
    async fn assessment_details(&self, key: &ApiKey, id: AssessmentId) -> Result<AssessmentDetails, TestGorillaError>;

    /// Invites; `mail` says whether TestGorilla mails the candidate. MUST not be repeated by itself on an unclear answer.
    async fn invite(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        candidate: &Candidate,
        mail: bool,
    ) -> Result<Invited, TestGorillaError>;

    /// The candidature of an address (compared without case) in an assessment, if there is one.
    async fn find_candidature(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        email: &Personal<String>,
    ) -> Result<Option<Candidature>, TestGorillaError>;

    /// A candidate's attempt: progress, overall number and flags. `None` when TestGorilla has no such attempt any more.
    async fn attempt(
        &self,
        key: &ApiKey,
        test_taker: TestTakerId,
        candidature: CandidatureId,
    ) -> Result<Option<Attempt>, TestGorillaError>;

    /// Each test's result, read page by page.
    async fn test_results(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        test_taker: TestTakerId,
    ) -> Result<Vec<TestResult>, TestGorillaError>;

    /// The PDF report: bytes that begin with `%PDF`, at most [`MAX_REPORT_BYTES`].
    async fn report(
        &self,
        key: &ApiKey,
        test_taker: TestTakerId,
        candidature: CandidatureId,
    ) -> Result<Vec<u8>, TestGorillaError>;
}

/// Largest PDF report that is passed on.
pub const MAX_REPORT_BYTES: usize = 6 * 1024 * 1024;

/// SmartRecruiters did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SmartRecruitersError {
    /// It does not take the credentials, also with a new token.
    #[error("SmartRecruiters refuses the credentials")]
    CredentialsRefused,
    /// Refused for good: missing scope, malformed or out of range (the status).
    #[error("SmartRecruiters refuses the request with status {0}")]
    Refused(u16),
    /// It does not have what was asked for.
    #[error("SmartRecruiters does not have it")]
    NotFound,
    /// Too many calls: wait this long.
    #[error("SmartRecruiters asks to wait {0:?}")]
    RateLimited(Duration),
    /// No answer, or an answer of its own trouble (5xx). What was asked may or may not have happened.
    #[error("SmartRecruiters is not available")]
    Unavailable(#[source] Cause),
    /// An answer outside its contract.
    #[error("SmartRecruiters answered outside its contract")]
    Unexpected(#[source] Cause),
}

impl SmartRecruitersError {
    /// Stable name, for logs and look-ups.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CredentialsRefused => "smartrecruiters_credentials_refused",
            Self::Refused(_) => "smartrecruiters_refused",
            Self::NotFound => "smartrecruiters_not_found",
            Self::RateLimited(_) => "smartrecruiters_rate_limited",
            Self::Unavailable(_) => "smartrecruiters_unavailable",
            Self::Unexpected(_) => "smartrecruiters_unexpected",
        }
    }
}

/// Why a company was not set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The company has not consented (403).
    #[error("the company has not consented")]
    NotConsented,
    /// Our partner configuration does not exist (404).
    #[error("the partner configuration does not exist")]
    NotRegistered,
    /// It is integrated already (409).
    #[error("the company is integrated already")]
    AlreadyIntegrated,
    /// Anything else.
    #[error(transparent)]
    SmartRecruiters(SmartRecruitersError),
}

/// SmartRecruiters' API. Every call has a time-out, carries a token to SmartRecruiters' allowed hosts alone, and follows no redirect.
/// Access tokens are kept in the process and renewed a minute before they expire, or once when one is refused (401).
pub trait SmartRecruiters {
    /// Hands over the pair that SmartRecruiters will use at our token endpoint, and returns the pair that we use for the company.
    /// The answer is the only time that pair is seen. MUST not be repeated by itself.
    async fn set_up_integration(
        &self,
        master: &ClientCredentials,
        company: &CompanyId,
        ours: &ClientCredentials,
    ) -> Result<ClientCredentials, SetUpError>;

    /// Patches an order's result (RFC 7396).
    async fn publish(
        &self,
        credentials: &ClientCredentials,
        url: &ResultUrl,
        report: &OrderReport,
    ) -> Result<(), SmartRecruitersError>;

    /// Stores a PDF with an order and returns its address.
    async fn attach(
        &self,
        credentials: &ClientCredentials,
        url: &ResultUrl,
        pdf: Vec<u8>,
    ) -> Result<Url, SmartRecruitersError>;

    /// A candidate's e-mail address and names, by SmartRecruiters' id.
    async fn candidate(
        &self,
        credentials: &ClientCredentials,
        id: &Personal<String>,
    ) -> Result<Candidate, SmartRecruitersError>;
}

/// How we are registered at SmartRecruiters, which is one thing for all companies. For ops alone.
pub trait PartnerConfiguration {
    /// The registration; `None` before the first.
    async fn registration(&self, master: &ClientCredentials) -> Result<Option<Registration>, SmartRecruitersError>;

    /// Registers, in place of what was registered before.
    async fn register(
        &self,
        master: &ClientCredentials,
        registration: &Registration,
    ) -> Result<(), SmartRecruitersError>;
}
