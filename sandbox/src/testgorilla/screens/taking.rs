//! The candidate's side: open the invitation, start, answer, finish. Whoever has the link is the candidate.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::HERE;
use super::library::kind;
use super::member::{Words, open_frame};
use crate::clock;
use crate::control::ActionError;
use crate::screens::{Fields, Notice, see_other, sentence};
use crate::testgorilla::assessment::{Assessment, Test};
use crate::testgorilla::candidature::{self, Answers, Candidature, Flags, Status};
use crate::testgorilla::{TestGorilla, deeds, state};

#[derive(Template)]
#[template(path = "testgorilla/taking.html")]
struct Taking<'a> {
    candidature: &'a Candidature,
    assessment: &'a Assessment,
    is_open: bool,
}

impl Taking<'_> {
    fn is(&self, status: Status) -> bool {
        self.candidature.status == status
    }

    /// What was answered to a test so far.
    fn answer(&self, test: &Test) -> String {
        let outcome = self.candidature.outcomes.get(&test.id);
        outcome
            .map(|outcome| outcome.score.map_or_else(|| outcome.display.clone(), |score| score.to_string()))
            .unwrap_or_default()
    }
}

pub(super) async fn show(
    State(app): State<Arc<TestGorilla>>,
    Path(uuid): Path<String>,
    headers: HeaderMap,
) -> Response {
    let frame = open_frame(&headers);
    let Some((candidature, assessment)) = find(&app.state(), &uuid) else {
        let screen =
            Words { title: "This invitation does not exist", sentence: "Open the link in your invitation once more." };
        return frame.page(StatusCode::NOT_FOUND, screen.title, &screen);
    };
    let is_open = !assessment.archived && !assessment.is_expired(clock::now());
    let screen = Taking { candidature: &candidature, assessment: &assessment, is_open };
    frame.page(StatusCode::OK, &assessment.name, &screen)
}

/// `start`, `answer` or `finish`.
pub(super) async fn act(
    State(app): State<Arc<TestGorilla>>,
    Path((uuid, deed)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let found = find(&app.state(), &uuid);
    let done = match found {
        None => Err(ActionError::NotFound("such invitation".to_owned())),
        Some((candidature, assessment)) => take(&app, &deed, &candidature, &assessment, &fields).await,
    };
    let notice = match done {
        Ok(said) => Notice::Done(said.to_owned()),
        Err(error) => Notice::Problem(sentence(&error.to_string())),
    };
    see_other(HERE, &format!("/candidate/take-assessment/{uuid}"), Some(&notice))
}

async fn take(
    app: &TestGorilla,
    deed: &str,
    candidature: &Candidature,
    assessment: &Assessment,
    fields: &Fields,
) -> Result<&'static str, ActionError> {
    match deed {
        "start" => deeds::start(app, candidature.id, None).await.map(|_| "You have started."),
        "answer" => {
            let answers = answers(assessment, fields)?;
            candidature::answer(&mut app.state(), candidature.id, answers).map(|_| "Your answers are saved.")
        }
        "finish" => {
            let answers = answers(assessment, fields)?;
            deeds::complete(app, candidature.id, answers, None).await.map(|_| "You have finished. Thank you.")
        }
        _ => Err(ActionError::NotFound("such page".to_owned())),
    }
}

/// Reads `answer-{test}` of every test, and a box for each flag. A test without an answer stays as it is.
fn answers(assessment: &Assessment, fields: &Fields) -> Result<Answers, ActionError> {
    let (mut scores, mut displays) = (BTreeMap::new(), BTreeMap::new());
    for test in &assessment.tests {
        let given = fields.text(&format!("answer-{}", test.id));
        if given.is_empty() {
            continue;
        }
        if test.is_scored() {
            let score =
                given.parse().map_err(|_| ActionError::Invalid(format!("{}: {given} is no score", test.name)))?;
            scores.insert(test.name.clone(), score);
        } else {
            displays.insert(test.name.clone(), given.to_owned());
        }
    }
    let flags = Flags {
        is_camera_enabled: Some(fields.has("is_camera_enabled")),
        is_exited_full_screen: Some(fields.has("is_exited_full_screen")),
        is_left_screen: Some(fields.has("is_left_screen")),
        repeated_ip: Some(fields.has("repeated_ip")),
    };
    Ok(Answers { scores, displays, flags: Some(flags), ..Answers::default() })
}

fn find(state: &state::State, uuid: &str) -> Option<(Candidature, Assessment)> {
    let candidature = state.candidatures.values().find(|known| known.invitation_uuid == uuid)?;
    let assessment = state.assessments.get(&candidature.assessment)?;
    Some((candidature.clone(), assessment.clone()))
}
