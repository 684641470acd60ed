//! The candidate page, which See Results leads to.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::HERE;
use super::library::kind;
use super::member::{Member, Words, account_path, person_frame, to_sign_in};
use crate::screens::signed_in;
use crate::testgorilla::TestGorilla;
use crate::testgorilla::assessment::Assessment;
use crate::testgorilla::candidate_page::{Page, open};
use crate::testgorilla::candidature::{Candidature, Outcome};

#[derive(Template)]
#[template(path = "testgorilla/candidate.html")]
struct CandidatePage<'a> {
    candidature: &'a Candidature,
    assessment: &'a Assessment,
    back: String,
}

impl CandidatePage<'_> {
    /// What a test's row shows.
    fn outcome(&self, test: u64) -> String {
        let outcome = self.candidature.outcomes.get(&test);
        let text =
            |outcome: &Outcome| outcome.score.map_or_else(|| outcome.display.clone(), |known| score(Some(known)));
        outcome.map(text).filter(|text| !text.is_empty()).unwrap_or_else(|| "–".to_owned())
    }

    /// What was noticed, as the page words it, and whether it is as it should be.
    fn flags(&self) -> [(&'static str, Option<bool>); 4] {
        let flags = self.candidature.flags;
        let not = |flag: Option<bool>| flag.map(|flag| !flag);
        [
            ("Webcam enabled", flags.is_camera_enabled),
            ("Full-screen mode always active", not(flags.is_exited_full_screen)),
            ("Mouse always in assessment window", not(flags.is_left_screen)),
            ("Filled out only once from IP address", not(flags.repeated_ip)),
        ]
    }
}

/// For users of the candidate's own account; others are told to request access.
pub(super) async fn show(
    State(app): State<Arc<TestGorilla>>,
    Path((assessment, test_taker)): Path<(u64, u64)>,
    Query(query): Query<HashMap<String, String>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let Some(email) = signed_in(&headers, HERE) else {
        return to_sign_in(uri.path_and_query().map_or("/", |asked| asked.as_str()));
    };
    let id = query.get("candidature").and_then(|id| id.parse().ok()).unwrap_or_default();
    let frame = person_frame(&app, &headers, &email);
    let page = open(&app.state(), Some(&email), assessment, test_taker, id);
    match page {
        Page::Unknown => {
            let screen = Words { title: "Not found", sentence: "There is no such candidate." };
            frame.page(StatusCode::NOT_FOUND, screen.title, &screen)
        }
        Page::AskForAccess(owner) => {
            let owner = owner.map(|owner| format!(" ({owner})")).unwrap_or_default();
            let sentence =
                format!("Only users of the account see this candidate. Request access from the account owner{owner}.");
            let screen = Words { title: "You do not have access", sentence: &sentence };
            frame.page(StatusCode::FORBIDDEN, screen.title, &screen)
        }
        Page::Shown(candidature, assessment) => {
            let member = Member::of(&app, &headers, &email, Some(&candidature.account));
            let list = account_path(&candidature.account, "assessments");
            let frame = member.map_or(frame, |member| member.frame(&list));
            let back = format!("{list}/{}", assessment.id);
            let screen = CandidatePage { candidature: &candidature, assessment: &assessment, back };
            frame.page(StatusCode::OK, &candidature.full_name(), &screen)
        }
    }
}

/// Address of a candidate's page.
pub(super) fn path_of(candidature: &Candidature) -> String {
    let Candidature { id, assessment, testtaker_id, .. } = candidature;
    format!("/customer/assessments/{assessment}/candidates/{testtaker_id}?candidature={id}")
}

/// A score as a table shows it, to the hundredth.
pub(super) fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| ((score * 100.0).round() / 100.0).to_string())
}
