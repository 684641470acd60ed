//! The account's assessments: list, create, archive, empty, invite.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::HERE;
use super::candidate::{path_of, score};
use super::library::{self, LibraryTest, kind};
use super::member::Member;
use crate::control::ActionError;
use crate::screens::{Fields, Notice, moment, see_other};
use crate::testgorilla::TestGorilla;
use crate::testgorilla::assessment::{self, Assessment, AssessmentChange, NewAssessment};
use crate::testgorilla::candidature::{self, Candidature, Invitee};

/// An assessment as a row or a page shows it.
struct Shown {
    assessment: Assessment,
    status: &'static str,
    candidatures: Vec<Candidature>,
}

impl Shown {
    fn of(state: &crate::testgorilla::state::State, assessment: &Assessment) -> Self {
        let theirs = state.candidatures.values().filter(|known| known.assessment == assessment.id);
        Self {
            assessment: assessment.clone(),
            status: assessment.status(state),
            candidatures: theirs.cloned().collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "testgorilla/assessments.html")]
struct List<'a> {
    member: &'a Member,
    assessments: Vec<Shown>,
}

/// Newest first.
pub(super) async fn list(State(app): State<Arc<TestGorilla>>, member: Member) -> Response {
    let assessments = {
        let state = app.state();
        let own = state.assessments.values().rev().filter(|known| known.account == member.account.id);
        own.map(|assessment| Shown::of(&state, assessment)).collect()
    };
    let frame = member.frame(&member.path("assessments"));
    frame.page(StatusCode::OK, "Assessments", &List { member: &member, assessments })
}

#[derive(Template)]
#[template(path = "testgorilla/new_assessment.html")]
struct New<'a> {
    member: &'a Member,
    groups: [(&'static str, &'static [LibraryTest]); 3],
}

/// The form.
pub(super) async fn new(member: Member) -> Response {
    if !member.role.edits_assessments() {
        return member.refused(CANNOT_EDIT);
    }
    let groups = [
        ("Skills tests", library::SKILLS.as_slice()),
        ("Personality tests (without a score)", library::PERSONALITY.as_slice()),
        ("Custom questions", library::CUSTOM.as_slice()),
    ];
    let frame = member.frame(&member.path("assessments"));
    frame.page(StatusCode::OK, "Create assessment", &New { member: &member, groups })
}

pub(super) async fn create(State(app): State<Arc<TestGorilla>>, member: Member, fields: Fields) -> Response {
    if !member.role.edits_assessments() {
        return member.refused(CANNOT_EDIT);
    }
    if fields.text("name").is_empty() {
        let missing = ActionError::Invalid("give the assessment a name".to_owned());
        return member.back("assessments/new", Err::<(), _>(missing), "");
    }
    let new = NewAssessment {
        account: member.account.id.clone(),
        name: fields.text("name").to_owned(),
        tests: library::choose(fields.all("test")),
        created: None,
        date_of_expiry: None,
        archived: false,
    };
    let created = assessment::create(&mut app.state(), new);
    let page = created.as_ref().map_or_else(|_| "assessments".to_owned(), page_of);
    member.back(&page, created, "The assessment is created.")
}

#[derive(Template)]
#[template(path = "testgorilla/assessment.html")]
struct One<'a> {
    member: &'a Member,
    shown: Shown,
    page: String,
}

/// Tests and candidates.
pub(super) async fn show(
    State(app): State<Arc<TestGorilla>>,
    member: Member,
    Path((_, id)): Path<(String, u64)>,
) -> Response {
    let shown = {
        let state = app.state();
        own(&state, &member, id).map(|assessment| Shown::of(&state, assessment))
    };
    match shown {
        Err(error) => member.back("assessments", Err::<(), _>(error), ""),
        Ok(shown) => {
            let frame = member.frame(&member.path("assessments"));
            let page = page_of(&shown.assessment);
            frame.page(StatusCode::OK, &shown.assessment.name.clone(), &One { member: &member, shown, page })
        }
    }
}

/// Archives it, takes it back from the archive, or takes its tests away.
pub(super) async fn change(
    State(app): State<Arc<TestGorilla>>,
    member: Member,
    Path((_, id)): Path<(String, u64)>,
    fields: Fields,
) -> Response {
    if !member.role.edits_assessments() {
        return member.refused(CANNOT_EDIT);
    }
    let (change, said) = match fields.text("change") {
        "archive" => {
            (AssessmentChange { archived: Some(true), ..AssessmentChange::default() }, "The assessment is archived.")
        }
        "unarchive" => (
            AssessmentChange { archived: Some(false), ..AssessmentChange::default() },
            "The assessment is no longer archived.",
        ),
        "empty" => (
            AssessmentChange { tests: Some(Vec::new()), ..AssessmentChange::default() },
            "The assessment has no tests any more.",
        ),
        _ => {
            return see_other(
                HERE,
                &member.path("assessments"),
                Some(&Notice::Problem("Nothing was changed.".to_owned())),
            );
        }
    };
    let changed = {
        let mut state = app.state();
        own(&state, &member, id).map(page_of).and_then(|page| assessment::change(&mut state, id, change).map(|_| page))
    };
    let page = changed.as_ref().map_or("assessments", String::as_str).to_owned();
    member.back(&page, changed, said)
}

/// Invites by hand.
pub(super) async fn invite(
    State(app): State<Arc<TestGorilla>>,
    member: Member,
    Path((_, id)): Path<(String, u64)>,
    fields: Fields,
) -> Response {
    if !member.role.edits_assessments() {
        return member.refused(CANNOT_EDIT);
    }
    let text = |name: &str| fields.text(name).to_owned();
    let who =
        Invitee { email: text("email"), first_name: text("first_name"), last_name: text("last_name"), no_email: false };
    let mut state = app.state();
    let page = match own(&state, &member, id) {
        Ok(assessment) => page_of(assessment),
        Err(error) => return member.back("assessments", Err::<(), _>(error), ""),
    };
    let invited = candidature::invite_by_hand(&mut state, id, &who);
    member.back(&page, invited, &format!("{} is invited.", who.email))
}

/// What a role without that right is told.
const CANNOT_EDIT: &str =
    "Hiring managers see candidates' results. Owners, admins and recruiters create and change assessments.";

fn page_of(assessment: &Assessment) -> String {
    format!("assessments/{}", assessment.id)
}

fn own<'a>(
    state: &'a crate::testgorilla::state::State,
    member: &Member,
    id: u64,
) -> Result<&'a Assessment, ActionError> {
    let known = state.assessments.get(&id).filter(|known| known.account == member.account.id);
    known.ok_or_else(|| ActionError::NotFound(format!("assessment {id}")))
}
