//! The operations, as the port wants them.

use std::collections::HashSet;

use domain::assessment::{AssessmentDetails, AssessmentSummary, Test};
use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::invitation::Refusal;
use domain::outcome::{Attempt, Candidature, TestResult};
use domain::pace::Pace;
use domain::ports::{Clock, Invited, TestGorilla, TestGorillaError};
use domain::sensitive::{ApiKey, Personal};
use http::{Method, StatusCode};
use runtime::transport::Limits;
use serde_json::value::RawValue;

use super::pages::{First, LIST_CANDIDATURES, Then, warn_skipped};
use super::unconfirmed::{self, RefusedInvitation};
use super::wire::{
    self, AssessmentItem, AssessmentPage, AttemptId, AttemptItem, CandidatePage, CandidatureItem, InviteBody,
    PlacedTest, Refusals, ResultItem,
};
use super::{TestGorillaClient, answers, pdf};
use crate::call::Reply;
use crate::fault::Fault;

impl<C: Clock> TestGorilla for TestGorillaClient<C> {
    fn pace(&self) -> Pace {
        self.config.pace
    }

    async fn check_key(&self, key: &ApiKey) -> Result<(), TestGorillaError> {
        let ask = self.get("listAssessments", &["assessments", ""], &[("limit", "1")]);
        self.ask(key, ask).await.map(drop)
    }

    async fn assessments(&self, key: &ApiKey) -> Result<Vec<AssessmentSummary>, TestGorillaError> {
        // By name, since using an assessment does not change its place while pages are read.
        let list = self.get("listAssessments", &["assessments", ""], &[("ordering", "name")]);
        let (mut assessments, mut seen) = (Vec::new(), HashSet::new());
        self.pages::<AssessmentItem>(key, list, First::Page, |assessment| {
            if seen.insert(assessment.id) {
                assessments.push(assessment);
            }
            Then::Continue
        })
        .await?;
        Ok(assessments)
    }

    async fn assessment_details(&self, key: &ApiKey, id: AssessmentId) -> Result<AssessmentDetails, TestGorillaError> {
        let ask = self.get("getAssessment", &["assessments", &id.to_string(), ""], &[]);
        let reply = self.ask(key, ask).await?;
        let page: AssessmentPage<'_> = read(&reply)?;
        let tests = tests(reply.operation, page.tests_detail.as_deref());
        let custom = custom_tests(page.custom_tests_detail.as_deref());
        Ok(page.into_domain(tests, custom))
    }

    async fn invite(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        candidate: &Candidate,
        mail: bool,
    ) -> Result<Invited, TestGorillaError> {
        let Some(email) = &candidate.email else { return Ok(Invited::Refused(Refusal::NoEmail)) };
        let query: &[_] = if mail { &[] } else { &[("no_email", "true")] };
        let path = ["assessments", &id.to_string(), "invite_candidate", ""];
        let mut ask = self.get("inviteCandidate", &path, query).with_json(&InviteBody {
            email: email.reveal(),
            first_name: candidate.first_name.as_ref().map(|name| name.reveal().as_str()),
            last_name: candidate.last_name.as_ref().map(|name| name.reveal().as_str()),
        });
        ask.method = Method::POST;
        ask.limits.repeatable = false;
        let reply = self.exchange(key, ask).await?;
        if reply.status == StatusCode::BAD_REQUEST && is_object(&reply) {
            return Ok(refused(&reply));
        }
        let reply = answers::accept(reply)?;
        let candidature = reply.json::<CandidatureItem>().ok().and_then(|item| item.with_email(email.reveal()));
        candidature.map(Invited::New).ok_or_else(|| unreadable(&reply))
    }

    async fn find_candidature(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        email: &Personal<String>,
    ) -> Result<Option<Candidature>, TestGorillaError> {
        // The address is looked for here: a search would put it into a URL. The latest come first, since whoever was invited before is
        // asked for soon after.
        let query = [("assessment", id.to_string()), ("ordering", "-created".to_owned())];
        let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
        let list = self.get(LIST_CANDIDATURES, &["assessments", "candidature", ""], &query);
        let wanted = email.reveal().to_lowercase();
        let mut found = None;
        self.pages::<CandidatureItem>(key, list, First::Page, |candidature| {
            if candidature.email.reveal().to_lowercase() == wanted {
                found = Some(candidature);
                return Then::Stop;
            }
            Then::Continue
        })
        .await?;
        Ok(found)
    }

    async fn attempt(
        &self,
        key: &ApiKey,
        test_taker: TestTakerId,
        candidature: CandidatureId,
    ) -> Result<Option<Attempt>, TestGorillaError> {
        let path = ["assessments", "candidates", &test_taker.to_string(), ""];
        let ask = self.get("getCandidate", &path, &[("candidature", &candidature.to_string())]);
        let reply = match self.ask(key, ask).await {
            Ok(reply) => reply,
            Err(TestGorillaError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let page: CandidatePage<'_> = read(&reply)?;
        let ids: Vec<_> = page.assessments_detail.iter().map(|json| wire::item::<AttemptId>(json)).collect();
        let unknown = ids.contains(&None);
        let own = page.assessments_detail.into_iter().zip(ids).find(|(_, id)| *id == Some(candidature));
        match own {
            Some((json, _)) => wire::item::<AttemptItem>(json).map(Some).ok_or_else(|| unreadable(&reply)),
            // One that cannot be read may be the one that is asked for: that it is gone is said of a readable list alone.
            None if unknown => Err(unreadable(&reply)),
            None => Ok(None),
        }
    }

    async fn test_results(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        test_taker: TestTakerId,
    ) -> Result<Vec<TestResult>, TestGorillaError> {
        let query =
            [("candidature__assessment", &*id.to_string()), ("candidature__test_taker", &*test_taker.to_string())];
        let list = self.get("listResults", &["assessments", "results", ""], &query);
        let mut results = Vec::new();
        self.pages::<ResultItem>(key, list, First::Default, |result| {
            results.push(result);
            Then::Continue
        })
        .await?;
        Ok(results)
    }

    async fn report(
        &self,
        key: &ApiKey,
        test_taker: TestTakerId,
        candidature: CandidatureId,
    ) -> Result<Vec<u8>, TestGorillaError> {
        let path = ["assessments", "candidates", &test_taker.to_string(), "render_pdf", ""];
        let mut ask = self.get("renderPdf", &path, &[("candidature", &candidature.to_string())]);
        ask.json = false;
        ask.limits = Limits { timeout: self.config.report_timeout, max_body: pdf::MAX_ANSWER_BYTES, repeatable: true };
        let _slot = self.report_slot.take(ask.operation, self.config.timeout).await.map_err(answers::broken)?;
        let reply = self.ask(key, ask).await?;
        pdf::read(&reply.body).ok_or_else(|| unreadable(&reply))
    }
}

/// Reads a body that keeps parts of itself for later.
fn read<'a, T: serde::Deserialize<'a>>(reply: &'a Reply) -> Result<T, TestGorillaError> {
    serde_json::from_slice(&reply.body).map_err(|_| unreadable(reply))
}

fn unreadable(reply: &Reply) -> TestGorillaError {
    answers::broken(Fault::body(reply.operation))
}

/// Every refusal of TestGorilla's is one; a page of somebody before it is none, and must not end an order.
fn is_object(reply: &Reply) -> bool {
    reply.json::<serde_json::Map<String, serde_json::Value>>().is_ok()
}

fn refused(reply: &Reply) -> Invited {
    let errors = reply.json::<Refusals>().map(|body| body.errors).unwrap_or_default();
    match unconfirmed::refused_invitation(errors.iter().filter_map(|error| error.error_key.text())) {
        RefusedInvitation::Before => Invited::Before,
        RefusedInvitation::Refused(reason) => Invited::Refused(reason),
    }
}

fn tests(operation: &'static str, items: Option<&[&RawValue]>) -> Vec<(u64, Test)> {
    let items = items.unwrap_or_default();
    let tests: Vec<_> = items.iter().filter_map(|json| wire::item::<PlacedTest>(json)).collect();
    warn_skipped(operation, items.len() - tests.len());
    tests
}

/// Custom tests' properties are undocumented: those that have an id and a name are tests, and others are no reason to warn.
fn custom_tests(items: Option<&[&RawValue]>) -> Vec<(u64, Test)> {
    items.unwrap_or_default().iter().filter_map(|json| wire::item::<PlacedTest>(json)).collect()
}
