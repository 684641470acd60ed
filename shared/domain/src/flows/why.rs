//! "Why is my assessment not showing up?" (row 13 of the product's promises), from the stored copy and from TestGorilla now.

use crate::assessment::{Assessment, NotOffered};
use crate::flows::Ports;
use crate::flows::api_key::{KeyCallError, with_key};
use crate::ids::{AssessmentId, CompanyId};
use crate::integration::{EndCause, Status};
use crate::ports::{Catalogue, Clock, CompanySecrets, Integrations, StoreError, TestGorilla, TestGorillaError};
use crate::timestamp::Timestamp;

/// The answer, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Why, or that it is offered.
    pub reason: Reason,
    /// When the integration was enabled, while it is.
    pub enabled_at: Option<Timestamp>,
    /// When the copy was last refreshed.
    pub refreshed_at: Option<Timestamp>,
    /// What TestGorilla says now, when it says anything.
    pub testgorilla: Option<AsOfNow>,
}

/// What TestGorilla says of an assessment now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOfNow {
    /// When it was created.
    pub created_at: Timestamp,
    /// Whether it would be offered by that.
    pub offered: Result<(), NotOffered>,
}

/// Why an assessment is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is listed.
    Offered,
    /// The company never connected.
    NotConnected,
    /// The integration has ended.
    Ended(EndCause),
    /// TestGorilla refuses the company's key: revoked, or the plan is not Pro any more.
    KeyRefused,
    /// The assessment itself.
    NotOffered(NotOffered),
    /// TestGorilla would have it listed, and the copy follows at its next refresh.
    NotRefreshedYet,
    /// Neither the copy nor TestGorilla has it: another account's, or deleted.
    Unknown,
    /// The copy does not have it and TestGorilla cannot be asked: a stable code.
    TestGorillaUnreachable(&'static str),
}

impl Reason {
    /// Stable name.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::NotConnected => "not_connected",
            Self::Ended(_) => "integration_ended",
            Self::KeyRefused => "key_refused",
            Self::NotOffered(reason) => reason.code(),
            Self::NotRefreshedYet => "not_refreshed_yet",
            Self::Unknown => "unknown",
            Self::TestGorillaUnreachable(_) => "testgorilla_unreachable",
        }
    }

    /// The answer for the person who asked.
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Offered => "The assessment is listed under Preferred.",
            Self::NotConnected => "The company has not connected TestGorilla in SmartRecruiters.",
            Self::Ended(EndCause::Disconnected) => "The integration was disconnected in SmartRecruiters.",
            Self::Ended(EndCause::Disabled) => "The integration was disabled in TestGorilla.",
            Self::Ended(EndCause::KeyRefused) => "The integration ended: TestGorilla refused its API key for a day.",
            Self::KeyRefused => {
                "TestGorilla refuses the API key: it was revoked, or the account is not on the Pro plan."
            }
            Self::NotOffered(NotOffered::CreatedBeforeEnabling) => {
                "The assessment was created before the integration was enabled. Only later ones are recognised."
            }
            Self::NotOffered(NotOffered::Archived) => "The assessment is archived in TestGorilla.",
            Self::NotOffered(NotOffered::Empty) => "The assessment has no tests.",
            Self::NotOffered(NotOffered::Expired) => "The assessment is past its date.",
            Self::NotOffered(NotOffered::Gone) => "The assessment was deleted in TestGorilla.",
            Self::NotRefreshedYet => "The assessment is new or was changed; the list follows at its next refresh.",
            Self::Unknown => "The company's TestGorilla account has no such assessment.",
            Self::TestGorillaUnreachable(_) => {
                "TestGorilla cannot be reached, and the stored copy has no such assessment."
            }
        }
    }
}

/// Answers why an assessment is not listed.
///
/// # Errors
/// When the store fails.
pub async fn why<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    assessment: AssessmentId,
) -> Result<Answer, StoreError>
where
    S: Integrations + Catalogue,
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let mut answer = Answer { reason: Reason::NotConnected, enabled_at: None, refreshed_at: None, testgorilla: None };
    let Some(integration) = ports.store.integration(company).await? else { return Ok(answer) };
    let (connection, enabled_at) = match (&integration.status, integration.enabled_at()) {
        (Status::Active { connection, .. }, Some(enabled_at)) => (connection, enabled_at),
        (Status::Ended { cause, .. }, _) => {
            answer.reason = Reason::Ended(*cause);
            return Ok(answer);
        }
        _ => return Ok(answer),
    };
    let now = ports.world.now();
    let (state, copies) = ports.store.catalogue(company).await?;
    let copy = copies.into_iter().find(|copy| copy.id() == assessment);
    answer.enabled_at = Some(enabled_at);
    answer.refreshed_at = state.and_then(|state| state.refreshed_at);
    let testgorilla = &ports.testgorilla;
    let list = with_key(&ports.secrets, connection, |key| async move { testgorilla.assessments(&key).await }).await;
    let trouble = match list {
        Ok(list) => {
            let summary = list.into_iter().find(|summary| summary.id == assessment);
            answer.testgorilla = summary.map(|summary| {
                // The list does not tell its date, which is as it was read while nobody has changed it.
                let details = copy.as_ref().filter(|copy| copy.summary.modified_at == summary.modified_at);
                let details = details.and_then(|copy| copy.details.clone());
                let created_at = summary.created_at;
                AsOfNow {
                    created_at,
                    offered: Assessment { summary, details, is_gone: false }.offered(enabled_at, now),
                }
            });
            None
        }
        Err(KeyCallError::Store(error)) => return Err(error),
        Err(KeyCallError::NoSecret | KeyCallError::TestGorilla(TestGorillaError::KeyRefused(_))) => {
            Some(Reason::KeyRefused)
        }
        Err(KeyCallError::TestGorilla(error)) => Some(Reason::TestGorillaUnreachable(error.code())),
    };
    answer.reason = match (copy.map(|copy| copy.offered(enabled_at, now)), &answer.testgorilla, trouble) {
        (_, _, Some(Reason::KeyRefused)) => Reason::KeyRefused,
        (Some(Ok(())), _, _) => Reason::Offered,
        // What TestGorilla says now is newer than what the copy says.
        (_, Some(AsOfNow { offered: Err(reason), .. }), _) => Reason::NotOffered(*reason),
        (_, Some(AsOfNow { offered: Ok(()), .. }), _) => Reason::NotRefreshedYet,
        (Some(Err(reason)), None, _) => Reason::NotOffered(reason),
        (None, None, Some(unreachable)) => unreachable,
        (None, None, None) => Reason::Unknown,
    };
    Ok(answer)
}
