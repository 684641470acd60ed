//! TestGorilla's JSON, and its reading into the domain's types.
//!
//! What is not named here is not read: addresses of devices, photos, places and accessibility details among it.

use domain::assessment::{AssessmentDetails, AssessmentStatus, AssessmentSummary, Test};
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::outcome::{Attempt, Candidature, Flags, Metric, TestResult};
use domain::report::Score;
use domain::sensitive::Personal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use super::scalar::Scalar;
use super::unconfirmed;
use crate::base_url::is_protected;

/// The body of an invitation.
#[derive(Serialize)]
pub(super) struct InviteBody<'a> {
    pub(super) email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<&'a str>,
}

/// A page of a list. Items are read one by one, so that one that cannot be read does not spoil the others.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    /// How many items the whole list has.
    #[serde(default)]
    pub(super) count: Scalar,
    #[serde(borrow)]
    pub(super) results: Vec<&'a RawValue>,
}

/// The body of 401, 403 and 404.
#[derive(Deserialize)]
pub(super) struct Detail {
    #[serde(default)]
    pub(super) detail: Scalar,
}

/// The body of a refused invitation.
#[derive(Deserialize)]
pub(super) struct Refusals {
    pub(super) errors: Vec<RefusalItem>,
}

#[derive(Deserialize)]
pub(super) struct RefusalItem {
    #[serde(default)]
    pub(super) error_key: Scalar,
}

/// A JSON value that becomes a domain value, if it has what that needs.
pub(super) trait Item: for<'de> Deserialize<'de> {
    type Domain;

    /// `None` when something that is needed is missing or unreadable.
    fn into_domain(self) -> Option<Self::Domain>;
}

/// Reads one item.
pub(super) fn item<T: Item>(json: &RawValue) -> Option<T::Domain> {
    serde_json::from_str::<T>(json.get()).ok()?.into_domain()
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AssessmentItem {
    id: Scalar,
    name: Scalar,
    status: Scalar,
    created: Scalar,
    modified: Scalar,
    is_empty: Scalar,
}

impl Item for AssessmentItem {
    type Domain = AssessmentSummary;

    fn into_domain(self) -> Option<AssessmentSummary> {
        let created_at = self.created.time()?;
        Some(AssessmentSummary {
            id: AssessmentId(self.id.whole()?),
            name: self.name.text()?.to_owned(),
            status: unconfirmed::assessment_status(self.status.text()),
            created_at,
            modified_at: self.modified.time().unwrap_or(created_at),
            is_empty: self.is_empty.flag().unwrap_or(false),
        })
    }
}

/// One assessment's own page. Absent lists count as empty.
#[derive(Deserialize)]
pub(super) struct AssessmentPage<'a> {
    #[serde(default)]
    status: Scalar,
    #[serde(default)]
    date_of_expiry: Scalar,
    #[serde(borrow, default)]
    pub(super) tests_detail: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub(super) custom_tests_detail: Option<Vec<&'a RawValue>>,
}

impl AssessmentPage<'_> {
    /// The page with its tests, once they are read: the library's in their order, then the custom ones.
    pub(super) fn into_domain(self, mut tests: Vec<(u64, Test)>, custom: Vec<(u64, Test)>) -> AssessmentDetails {
        tests.sort_by_key(|(order, _)| *order);
        AssessmentDetails {
            tests: tests.into_iter().chain(custom).map(|(_, test)| test).collect(),
            expires_at: self.date_of_expiry.time(),
            is_archived: unconfirmed::assessment_status(self.status.text()) == AssessmentStatus::Archived,
        }
    }
}

/// A test, with its place among the others. Custom tests have no object of their own inside the item.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PlacedTest {
    order: Scalar,
    test: Option<Box<RawValue>>,
    id: Scalar,
    name: Scalar,
    duration: Scalar,
}

impl Item for PlacedTest {
    type Domain = (u64, Test);

    fn into_domain(self) -> Option<(u64, Test)> {
        let order = self.order.whole().unwrap_or(u64::MAX);
        if let Some((_, test)) = self.test.as_deref().and_then(item::<Self>) {
            return Some((order, test));
        }
        let duration_seconds = self.duration.whole().filter(|seconds| *seconds > 0);
        Some((order, Test { id: self.id.whole()?, name: self.name.text()?.to_owned(), duration_seconds }))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct CandidatureItem {
    id: Scalar,
    testtaker_id: Scalar,
    email: Scalar,
    status: Scalar,
    created: Scalar,
    invitation_link: Scalar,
}

impl CandidatureItem {
    /// For an answer that may leave the address out, since it was just sent.
    pub(super) fn with_email(mut self, email: &str) -> Option<Candidature> {
        if self.email.text().is_none() {
            self.email = Scalar::Text(email.to_owned());
        }
        self.into_domain()
    }
}

impl Item for CandidatureItem {
    type Domain = Candidature;

    fn into_domain(self) -> Option<Candidature> {
        let link = self.invitation_link.text().filter(|link| Url::parse(link).is_ok_and(|url| is_protected(&url)));
        Some(Candidature {
            id: CandidatureId(self.id.whole()?),
            test_taker: TestTakerId(self.testtaker_id.whole()?),
            email: Personal::new(self.email.text()?.to_owned()),
            progress: unconfirmed::progress(self.status.text()),
            created_at: self.created.time(),
            link: link.map(|link| Personal::new(link.to_owned())),
        })
    }
}

/// A candidate: of all that is said about them, the attempts alone.
#[derive(Deserialize)]
pub(super) struct CandidatePage<'a> {
    #[serde(borrow)]
    pub(super) assessments_detail: Vec<&'a RawValue>,
}

/// Which candidature an attempt is.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AttemptId {
    id: Scalar,
}

impl Item for AttemptId {
    type Domain = CandidatureId;

    fn into_domain(self) -> Option<CandidatureId> {
        self.id.whole().map(CandidatureId)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AttemptItem {
    id: Scalar,
    assessment_id: Scalar,
    assessment_name: Scalar,
    status: Scalar,
    last_activity: Scalar,
    average: Scalar,
    avg_score: Scalar,
    average_score: Scalar,
    display_normalized_weighted_percentile_score: Scalar,
    is_camera_enabled: Scalar,
    is_exited_full_screen: Scalar,
    is_left_screen: Scalar,
    repeated_ip: Scalar,
}

impl Item for AttemptItem {
    type Domain = Attempt;

    fn into_domain(self) -> Option<Attempt> {
        let average = [&self.average, &self.avg_score, &self.average_score].into_iter().find_map(Scalar::number);
        let percentile = self.display_normalized_weighted_percentile_score.number();
        let metric = match (average, percentile) {
            (Some(_), _) => Some(Metric::Average),
            (None, Some(_)) => Some(Metric::Percentile),
            (None, None) => None,
        };
        let not = |flag: &Scalar| flag.flag().map(|flag| !flag);
        Some(Attempt {
            candidature: CandidatureId(self.id.whole()?),
            assessment: AssessmentId(self.assessment_id.whole()?),
            assessment_name: self.assessment_name.text().map(str::to_owned),
            progress: unconfirmed::progress(self.status.text()),
            average: average.or(percentile),
            metric,
            last_activity: self.last_activity.time(),
            flags: Flags {
                webcam_enabled: self.is_camera_enabled.flag(),
                full_screen_always_active: not(&self.is_exited_full_screen),
                mouse_always_in_window: not(&self.is_left_screen),
                only_once_from_ip: not(&self.repeated_ip),
            },
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ResultItem {
    test_id: Scalar,
    name: Scalar,
    score: Scalar,
    score_display: Scalar,
    completed: Scalar,
}

impl Item for ResultItem {
    type Domain = TestResult;

    fn into_domain(self) -> Option<TestResult> {
        let score = self.score.number().and_then(Score::from_average);
        Some(TestResult {
            test: self.test_id.whole()?,
            name: self.name.text()?.to_owned(),
            score,
            display: self.score_display.text().map(str::to_owned),
            is_completed: self.completed.flag().unwrap_or(score.is_some()),
        })
    }
}
