//! What the reconciler is invoked with: its schedule, or ops who ask why an assessment is not listed, have a candidate erased, or replace
//! a key.

use domain::candidate::Candidate;
use domain::flows::why::Answer;
use domain::ids::{AssessmentId, CompanyId};
use domain::sensitive::ApiKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An invocation.
#[derive(Debug)]
pub(crate) enum Event {
    /// `{"why": {"company": "…", "assessment": 439706}}`, from ops.
    Why(WhyQuestion),
    /// `{"erase": {"company": "…", "candidate": {"id": "…", "email": "…"}}}`, from ops.
    Erase(ErasureRequest),
    /// `{"rotate_signing_key": {"company": "…"}}`, from ops.
    RotateSigningKey(Whose),
    /// `{"rotate_api_key": {"company": "…", "api_key": "…"}}`, from ops.
    RotateApiKey(NewApiKey),
    /// Anything that asks for nothing comes from the schedule.
    Schedule,
}

/// An invocation that cannot be read. What it holds is not repeated: it may name somebody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("ask {{\"why\": {{\"company\": \"<id>\", \"assessment\": <number>}}}}")]
    Question,
    #[error(
        "ask {{\"erase\": {{\"company\": \"<id>\", \"candidate\": {{\"id\": \"<id>\", \"email\": \"<address>\"}}}}}}; one of id and email will do"
    )]
    Erasure,
    #[error("ask {{\"rotate_signing_key\": {{\"company\": \"<id>\"}}}}")]
    SigningKey,
    #[error("ask {{\"rotate_api_key\": {{\"company\": \"<id>\", \"api_key\": \"<key>\"}}}}")]
    ApiKey,
}

/// Reads an invocation.
pub(crate) fn parse(event: &Value) -> Result<Event, Malformed> {
    if let Some(question) = event.get("why") {
        return WhyQuestion::deserialize(question).map(Event::Why).map_err(|_| Malformed::Question);
    }
    if let Some(request) = event.get("erase") {
        return erasure(request).map(Event::Erase).ok_or(Malformed::Erasure);
    }
    if let Some(request) = event.get("rotate_signing_key") {
        return Whose::deserialize(request).map(Event::RotateSigningKey).map_err(|_| Malformed::SigningKey);
    }
    if let Some(request) = event.get("rotate_api_key") {
        return new_api_key(request).map(Event::RotateApiKey).ok_or(Malformed::ApiKey);
    }
    Ok(Event::Schedule)
}

/// A company's keys are replaced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    pub(crate) company: CompanyId,
}

/// An admin has made another key for the same TestGorilla account.
#[derive(Debug)]
pub(crate) struct NewApiKey {
    pub(crate) company: CompanyId,
    pub(crate) key: ApiKey,
}

fn new_api_key(request: &Value) -> Option<NewApiKey> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        company: CompanyId,
        api_key: String,
    }
    let Body { company, api_key } = Body::deserialize(request).ok()?;
    Some(NewApiKey { company, key: ApiKey::from_pasted(&api_key).ok()? })
}

/// A candidate asks to be erased.
#[derive(Debug)]
pub(crate) struct ErasureRequest {
    pub(crate) company: CompanyId,
    /// Known by id, address or both.
    pub(crate) candidate: Candidate,
}

fn erasure(request: &Value) -> Option<ErasureRequest> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        company: CompanyId,
        candidate: Person,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Person {
        id: Option<String>,
        email: Option<String>,
    }
    let Body { company, candidate: Person { id, email } } = Body::deserialize(request).ok()?;
    let candidate = Candidate::parse(id.as_deref(), email.as_deref(), None, None).ok()?;
    Some(ErasureRequest { company, candidate })
}

/// "Why is my assessment not showing up?"
#[derive(Debug, Deserialize)]
pub(crate) struct WhyQuestion {
    pub(crate) company: CompanyId,
    pub(crate) assessment: AssessmentId,
}

/// What the reconciler returns.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    Swept {
        done: usize,
        failed: usize,
        oldest_seconds: u64,
        is_cut: bool,
    },
    Rotated {
        rotated: &'static str,
    },
    Erased {
        erased: usize,
        busy: usize,
    },
    Why {
        reason: &'static str,
        sentence: &'static str,
        enabled_at: Option<String>,
        refreshed_at: Option<String>,
        testgorilla: Option<AsOfNow>,
    },
}

/// What TestGorilla says now.
#[derive(Debug, Serialize)]
pub(crate) struct AsOfNow {
    created_at: String,
    offered: bool,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Why {
            reason: answer.reason.code(),
            sentence: answer.reason.sentence(),
            enabled_at: answer.enabled_at.map(|at| at.to_string()),
            refreshed_at: answer.refreshed_at.map(|at| at.to_string()),
            testgorilla: answer
                .testgorilla
                .map(|now| AsOfNow { created_at: now.created_at.to_string(), offered: now.offered.is_ok() }),
        }
    }
}
