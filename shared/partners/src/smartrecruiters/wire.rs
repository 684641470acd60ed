//! SmartRecruiters' JSON.

use domain::report::{self, OrderReport, Status};
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// The token endpoint's answer (RFC 6749 section 5.1).
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    /// Seconds.
    #[serde(default)]
    pub(super) expires_in: Option<u64>,
}

/// The token endpoint's refusal (RFC 6749 section 5.2).
#[derive(Deserialize)]
pub(super) struct TokenRefusal {
    #[serde(default)]
    pub(super) error: Option<String>,
}

/// A pair of client id and secret, in both directions.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Credentials<T> {
    pub(super) client_id: T,
    pub(super) client_secret: T,
}

/// A candidate; all properties may be missing.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CandidateAnswer {
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
}

/// The answer to an attachment.
#[derive(Deserialize)]
pub(super) struct AttachmentAnswer {
    pub(super) url: String,
}

/// A merge patch of a result (RFC 7396): absent stays as it is, `null` removes, an array replaces.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PackageResult<'a> {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Change<Score>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assessment_package_date: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission_date: Option<DateTime>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assessment_results: Vec<AssessmentResult<'a>>,
}

/// What a merge patch does to a property that it names.
enum Change<T> {
    Set(T),
    Remove,
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.serialize(serializer),
            Self::Remove => serializer.serialize_none(),
        }
    }
}

#[derive(Serialize)]
struct Score {
    raw: u8,
    min: u8,
    max: u8,
}

#[derive(Serialize)]
struct Attachment<'a> {
    r#type: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssessmentResult<'a> {
    assessment_id: String,
    name: &'a str,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score_label: Option<&'a str>,
}

/// RFC 3339.
struct DateTime(Timestamp);

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl From<report::Score> for Score {
    fn from(score: report::Score) -> Self {
        Self { raw: score.value(), min: report::Score::MIN, max: report::Score::MAX }
    }
}

impl<'a> From<&'a OrderReport> for PackageResult<'a> {
    fn from(report: &'a OrderReport) -> Self {
        let score = match report.score {
            Some(score) => Some(Change::Set(score.into())),
            None => report.remove_score.then_some(Change::Remove),
        };
        Self {
            status: report.status,
            score,
            summary: report.summary.as_deref(),
            name: report.name.as_deref(),
            assessment_package_date: report.sent_at.map(DateTime),
            submission_date: report.submitted_at.map(DateTime),
            attachments: report.attachments.iter().map(Attachment::from).collect(),
            assessment_results: report.tests.iter().map(AssessmentResult::from).collect(),
        }
    }
}

impl<'a> From<&'a report::Attachment> for Attachment<'a> {
    fn from(attachment: &'a report::Attachment) -> Self {
        match attachment {
            report::Attachment::CandidatePage(url) => Self { r#type: "OTHER_URL", url },
            report::Attachment::Pdf(url) => Self { r#type: "PDF_URL", url },
        }
    }
}

impl<'a> From<&'a report::TestReport> for AssessmentResult<'a> {
    fn from(test: &'a report::TestReport) -> Self {
        Self {
            assessment_id: test.test.to_string(),
            name: &test.name,
            status: test.status,
            score: test.score.map(Score::from),
            score_label: test.label.as_deref(),
        }
    }
}
