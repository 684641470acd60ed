use domain::assessment::{Assessment, AssessmentDetails, AssessmentSummary, Test};
use domain::ids::CompanyId;
use domain::ports::CatalogueState;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Key, codes, is_zero};

/// How fresh a catalogue is.
#[derive(Serialize, Deserialize)]
pub(crate) struct StateBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refreshed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
}

impl Entity for CatalogueState {
    type Body = StateBody;

    fn key(&self) -> Key {
        Key::catalogue(&self.company)
    }

    fn version(&self) -> Option<u64> {
        Some(self.version)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }

    fn body(&self) -> StateBody {
        StateBody {
            checked_at: self.checked_at,
            refreshed_at: self.refreshed_at,
            listed_at: self.listed_at,
            last_error: self.last_error.clone(),
            failures: self.failures,
            due_at: self.due_at,
        }
    }

    fn read(key: &Key, version: u64, body: StateBody) -> Option<Self> {
        Some(Self {
            company: key.company()?,
            checked_at: body.checked_at,
            refreshed_at: body.refreshed_at,
            listed_at: body.listed_at,
            last_error: body.last_error,
            failures: body.failures,
            due_at: body.due_at,
            version,
        })
    }
}

/// An assessment of a company's catalogue.
#[derive(Serialize, Deserialize)]
pub(crate) struct AssessmentBody {
    name: String,
    state: String,
    created_at: Timestamp,
    modified_at: Timestamp,
    is_empty: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<DetailsBody>,
    is_gone: bool,
}

#[derive(Serialize, Deserialize)]
struct DetailsBody {
    tests: Vec<TestBody>,
    /// Not `expires_at`: on an item that name means that DynamoDB deletes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<Timestamp>,
    #[serde(default)]
    is_archived: bool,
}

#[derive(Serialize, Deserialize)]
struct TestBody {
    id: u64,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u64>,
}

/// An assessment with its company: one alone does not know whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CompanyAssessment {
    pub(crate) company: CompanyId,
    pub(crate) assessment: Assessment,
}

impl Entity for CompanyAssessment {
    type Body = AssessmentBody;

    fn key(&self) -> Key {
        Key::assessment(&self.company, self.assessment.id())
    }

    fn version(&self) -> Option<u64> {
        None
    }

    fn body(&self) -> AssessmentBody {
        let summary = &self.assessment.summary;
        let details = self.assessment.details.as_ref();
        AssessmentBody {
            name: summary.name.clone(),
            state: codes::assessment_status::word(summary.status),
            created_at: summary.created_at,
            modified_at: summary.modified_at,
            is_empty: summary.is_empty,
            details: details.map(|details| DetailsBody {
                tests: details
                    .tests
                    .iter()
                    .map(|test| TestBody {
                        id: test.id,
                        name: test.name.clone(),
                        duration_seconds: test.duration_seconds,
                    })
                    .collect(),
                ends_at: details.expires_at,
                is_archived: details.is_archived,
            }),
            is_gone: self.assessment.is_gone,
        }
    }

    fn read(key: &Key, _: u64, body: AssessmentBody) -> Option<Self> {
        let test = |test: TestBody| Test { id: test.id, name: test.name, duration_seconds: test.duration_seconds };
        let assessment = Assessment {
            summary: AssessmentSummary {
                id: key.assessment_id()?,
                name: body.name,
                status: codes::assessment_status::read(&body.state)?,
                created_at: body.created_at,
                modified_at: body.modified_at,
                is_empty: body.is_empty,
            },
            details: body.details.map(|details| AssessmentDetails {
                tests: details.tests.into_iter().map(test).collect(),
                expires_at: details.ends_at,
                is_archived: details.is_archived,
            }),
            is_gone: body.is_gone,
        };
        Some(Self { company: key.company()?, assessment })
    }
}
