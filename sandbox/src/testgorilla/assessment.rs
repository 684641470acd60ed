//! Assessments and their tests.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::state::State;
use crate::clock;
use crate::control::ActionError;

/// An assessment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Assessment {
    /// The id.
    pub(crate) id: u64,
    /// The account it belongs to.
    pub(crate) account: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it is archived.
    pub(crate) archived: bool,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created: OffsetDateTime,
    /// When it was changed last.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) modified: OffsetDateTime,
    /// Until when candidates may finish.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) date_of_expiry: Option<OffsetDateTime>,
    /// Its tests, custom questions among them.
    pub(crate) tests: Vec<Test>,
}

/// A test within an assessment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Test {
    /// Id of its place in the assessment.
    pub(crate) id: u64,
    /// Id in TestGorilla's library.
    pub(crate) test_id: u64,
    /// Its name.
    pub(crate) name: String,
    /// `basic`, `custom_questions`, `big_5`, `enneagram`, `disc`, `16_types`, `culture_fit`, `noop`.
    pub(crate) algorithm: String,
    /// Time allowed, in seconds.
    pub(crate) duration: u32,
}

impl Test {
    /// Whether it has a score. Personality and culture tests have none.
    pub(crate) fn is_scored(&self) -> bool {
        matches!(self.algorithm.as_str(), "basic" | "custom_questions")
    }
}

impl Assessment {
    /// Whether it has nothing to answer.
    pub(crate) fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// Whether its date has passed.
    pub(crate) fn is_expired(&self, now: OffsetDateTime) -> bool {
        self.date_of_expiry.is_some_and(|date| date <= now)
    }

    /// `new` while nobody is invited, then `active`; `archived` either way.
    pub(crate) fn status(&self, state: &State) -> &'static str {
        if self.archived {
            "archived"
        } else if state.candidatures.values().any(|candidature| candidature.assessment == self.id) {
            "active"
        } else {
            "new"
        }
    }
}

/// A test to be put into an assessment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTest {
    pub(crate) name: String,
    #[serde(default = "basic")]
    pub(crate) algorithm: String,
    #[serde(default = "ten_minutes")]
    pub(crate) duration: u32,
}

fn basic() -> String {
    "basic".to_owned()
}

fn ten_minutes() -> u32 {
    600
}

/// An assessment to be created.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAssessment {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) tests: Vec<NewTest>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) created: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) date_of_expiry: Option<OffsetDateTime>,
    #[serde(default)]
    pub(crate) archived: bool,
}

/// A change to an assessment; what is absent stays. An empty change touches it: only `modified` moves.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssessmentChange {
    pub(crate) name: Option<String>,
    pub(crate) archived: Option<bool>,
    pub(crate) tests: Option<Vec<NewTest>>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) created: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) date_of_expiry: Option<OffsetDateTime>,
}

/// Creates an assessment, now or as if at another time.
///
/// # Errors
/// The account does not exist.
pub(crate) fn create(state: &mut State, new: NewAssessment) -> Result<Assessment, ActionError> {
    if !state.accounts.contains_key(&new.account) {
        return Err(ActionError::NotFound(format!("account {}", new.account)));
    }
    let created = new.created.unwrap_or_else(clock::now);
    let assessment = Assessment {
        id: state.assessment_id(),
        account: new.account,
        name: new.name,
        archived: new.archived,
        created,
        modified: created,
        date_of_expiry: new.date_of_expiry,
        tests: with_ids(state, new.tests),
    };
    state.assessments.insert(assessment.id, assessment.clone());
    Ok(assessment)
}

/// Changes an assessment.
///
/// # Errors
/// It does not exist.
pub(crate) fn change(state: &mut State, id: u64, change: AssessmentChange) -> Result<Assessment, ActionError> {
    let tests = change.tests.map(|tests| with_ids(state, tests));
    let assessment = state.assessments.get_mut(&id).ok_or_else(|| ActionError::NotFound(format!("assessment {id}")))?;
    assessment.name = change.name.unwrap_or_else(|| assessment.name.clone());
    assessment.archived = change.archived.unwrap_or(assessment.archived);
    assessment.tests = tests.unwrap_or_else(|| assessment.tests.clone());
    assessment.created = change.created.unwrap_or(assessment.created);
    assessment.date_of_expiry = change.date_of_expiry.or(assessment.date_of_expiry);
    assessment.modified = clock::now();
    Ok(assessment.clone())
}

fn with_ids(state: &mut State, tests: Vec<NewTest>) -> Vec<Test> {
    let with_id = |test: NewTest| Test {
        id: state.test_id(),
        test_id: state.test_id(),
        name: test.name,
        algorithm: test.algorithm,
        duration: test.duration,
    };
    tests.into_iter().map(with_id).collect()
}
