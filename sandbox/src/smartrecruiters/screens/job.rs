//! A job: its hiring steps, its candidates, and moving them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Visitor;
use super::candidate::orders_of;
use super::order::OrderView;
use crate::control::ActionError;
use crate::screens::Fields;
use crate::smartrecruiters::company::{self, Company};
use crate::smartrecruiters::order::NewCandidate;
use crate::smartrecruiters::state::State as Memory;
use crate::smartrecruiters::{SmartRecruiters, hiring, people};

type App = State<Arc<SmartRecruiters>>;

#[derive(Template)]
#[template(path = "smartrecruiters/job.html")]
struct Job {
    here: String,
    title: String,
    steps: Vec<StepView>,
    candidates: Vec<CandidateView>,
}

/// A hiring step.
struct StepView {
    id: String,
    name: String,
    /// Whether it can carry an assessment.
    is_test: bool,
    /// The name of the one that it carries.
    assessment: Option<String>,
    is_auto_triggered: bool,
    candidates: usize,
}

/// A candidate in the job's list.
struct CandidateView {
    id: String,
    href: String,
    name: String,
    step: String,
    orders: Vec<OrderView>,
}

pub(super) async fn show(State(app): App, visitor: Visitor) -> Response {
    let mut state = app.state();
    let company = match company::find(&mut state, &visitor.company) {
        Ok(company) => company.clone(),
        Err(error) => return visitor.problem(&error),
    };
    let candidates = candidates(&state, &company, &visitor);
    drop(state);
    let steps = hiring::steps(&company).into_iter().map(|(id, name)| StepView {
        is_test: id == hiring::SKILLS_TEST,
        assessment: company.steps.get(&id).map(|carries| company.package_name(&carries.package)),
        is_auto_triggered: company.steps.get(&id).is_some_and(|carries| carries.auto_triggered),
        candidates: candidates.iter().filter(|candidate| candidate.step == name).count(),
        id,
        name,
    });
    let title = company.job.title.clone();
    let steps = steps.collect();
    let screen = Job { here: visitor.job(), title, steps, candidates };
    visitor.job_page(&screen.title, &screen)
}

fn candidates(state: &Memory, company: &Company, visitor: &Visitor) -> Vec<CandidateView> {
    let known = state.candidates.values().filter(|candidate| candidate.company == company.id);
    let mut candidates: Vec<CandidateView> = known
        .map(|candidate| CandidateView {
            id: candidate.id.clone(),
            href: visitor.candidate(&candidate.id),
            name: candidate.full_name(),
            step: hiring::step_name(company.job.position(&candidate.id)),
            orders: orders_of(state, company, &candidate.id),
        })
        .collect();
    candidates.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    candidates
}

pub(super) async fn add_candidate(State(app): App, visitor: Visitor, fields: Fields) -> Response {
    let text = |name: &str| fields.text(name).to_owned();
    let new = NewCandidate { email: text("email"), first_name: text("first_name"), last_name: text("last_name") };
    let added = people::apply(&mut app.state(), &visitor.company, &new);
    let done = added.map(|_| format!("{} {} was added.", new.first_name, new.last_name));
    visitor.go(&visitor.job(), done)
}

/// Moves the ticked candidates to a step.
pub(super) async fn move_candidates(State(app): App, visitor: Visitor, fields: Fields) -> Response {
    let ids: Vec<&str> = fields.all("candidate").collect();
    let to = match ids.as_slice() {
        // From a candidate's own page one goes back there.
        [id] if fields.has("from_profile") => visitor.candidate(id),
        _ => visitor.job(),
    };
    let done = move_to(&app, &visitor, &ids, fields.text("step")).await;
    visitor.go(&to, done)
}

async fn move_to(app: &SmartRecruiters, visitor: &Visitor, ids: &[&str], step: &str) -> Result<String, ActionError> {
    let moved: Result<Vec<NewCandidate>, ActionError> = {
        let state = app.state();
        ids.iter().map(|id| people::find(&state, &visitor.company, id).map(NewCandidate::from)).collect()
    };
    let moved = moved?;
    if moved.is_empty() {
        return Err(ActionError::Invalid("tick the candidates to move".to_owned()));
    }
    let names: Vec<String> = moved.iter().map(|new| format!("{} {}", new.first_name, new.last_name)).collect();
    hiring::enter(app, &visitor.company, step, moved).await?;
    Ok(format!("{}: moved to {}.", names.join(", "), hiring::step_name(step)))
}
