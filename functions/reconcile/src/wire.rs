//! What the reconciler is invoked with: its schedule, or ops asking why an assessment is not listed.

use domain::flows::why::Answer;
use domain::ids::{AssessmentId, CompanyId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An invocation.
#[derive(Debug)]
pub(crate) enum Event {
    /// `{"why": {"company": "…", "assessment": 439706}}`, from ops.
    Why(WhyQuestion),
    /// Anything without a question comes from the schedule.
    Schedule,
}

/// A question that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("ask {{\"why\": {{\"company\": \"<id>\", \"assessment\": <number>}}}}")]
pub(crate) struct MalformedQuestion;

/// Reads an invocation.
pub(crate) fn parse(event: &Value) -> Result<Event, MalformedQuestion> {
    match event.get("why") {
        None => Ok(Event::Schedule),
        Some(question) => serde_json::from_value(question.clone()).map(Event::Why).map_err(|_| MalformedQuestion),
    }
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
