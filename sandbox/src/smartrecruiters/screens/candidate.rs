//! A candidate: the profile, and the Assessment tab with everything ordered.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::Visitor;
use super::order::OrderView;
use super::packages::trouble;
use crate::control::ActionError;
use crate::smartrecruiters::company::{self, Company};
use crate::smartrecruiters::state::{Candidate, State as Memory};
use crate::smartrecruiters::{SmartRecruiters, hiring, people, product};

type App = State<Arc<SmartRecruiters>>;

#[derive(Template)]
#[template(path = "smartrecruiters/profile.html")]
struct Profile {
    here: String,
    job: String,
    candidate: Candidate,
    job_title: String,
    /// The id of the step that they are in.
    step: String,
    step_name: String,
    steps: Vec<(String, String)>,
}

pub(super) async fn profile(State(app): App, visitor: Visitor, Path((_, id)): Path<(String, String)>) -> Response {
    let (company, candidate) = match find(&mut app.state(), &visitor, &id) {
        Ok(found) => found,
        Err(error) => return visitor.problem(&error),
    };
    let screen = Profile {
        here: visitor.candidate(&id),
        job: visitor.job(),
        step: company.job.position(&id).to_owned(),
        step_name: hiring::step_name(company.job.position(&id)),
        steps: hiring::steps(&company),
        job_title: company.job.title,
        candidate,
    };
    visitor.job_page(&screen.candidate.full_name(), &screen)
}

#[derive(Template)]
#[template(path = "smartrecruiters/assessment.html")]
struct Assessment {
    here: String,
    job: String,
    job_title: String,
    orders_at: String,
    candidate: Candidate,
    orders: Vec<OrderView>,
}

pub(super) async fn assessment(State(app): App, visitor: Visitor, Path((_, id)): Path<(String, String)>) -> Response {
    let mut state = app.state();
    let (company, candidate) = match find(&mut state, &visitor, &id) {
        Ok(found) => found,
        Err(error) => return visitor.problem(&error),
    };
    let orders = orders_of(&state, &company, &id);
    drop(state);
    let mut frame = visitor.frame(&visitor.job());
    frame.refresh = orders.iter().any(OrderView::is_open).then_some(5);
    let orders_at = format!("{}/orders", visitor.company_at());
    let screen = Assessment {
        here: visitor.candidate(&id),
        job: visitor.job(),
        job_title: company.job.title,
        orders_at,
        candidate,
        orders,
    };
    frame.page(StatusCode::OK, &format!("{}: Assessment", screen.candidate.full_name()), &screen)
}

/// Delivers an order once more that TestGorilla has not taken.
pub(super) async fn deliver_again(
    State(app): App,
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
) -> Response {
    let order = app.state().orders.get(&id).filter(|order| order.company == visitor.company).cloned();
    let Some(order) = order else {
        return visitor.problem(&ActionError::NotFound(format!("order {id}")));
    };
    let done = product::deliver(&app, &id, false).await.and_then(|outcome| match outcome.status {
        Some(200..300) => Ok("Sent.".to_owned()),
        _ => Err(ActionError::Refused(trouble(&outcome))),
    });
    visitor.go(&visitor.assessment(&order.candidate), done)
}

/// The visitor's company and one of its candidates.
///
/// # Errors
/// There is no such candidate.
pub(super) fn find(state: &mut Memory, visitor: &Visitor, id: &str) -> Result<(Company, Candidate), ActionError> {
    let candidate = people::find(state, &visitor.company, id)?.clone();
    Ok((company::find(state, &visitor.company)?.clone(), candidate))
}

/// What was ordered for a candidate, newest first.
pub(super) fn orders_of(state: &Memory, company: &Company, candidate: &str) -> Vec<OrderView> {
    let mut orders: Vec<_> = state.orders.values().filter(|order| order.candidate == candidate).collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.ordered_at));
    orders.into_iter().map(|order| OrderView::of(order, company)).collect()
}
