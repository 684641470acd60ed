//! TestGorilla's screens: what its users see, a candidate's mailbox, and the candidate's side.

mod assessments;
mod candidate;
mod home;
mod integrations;
mod library;
mod mailbox;
mod member;
mod sign_in;
mod taking;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::TestGorilla;
use crate::screens::StandIn;

/// Whose screens these are.
const HERE: StandIn = StandIn::TestGorilla;

/// Every screen.
pub(super) fn router(testgorilla: Arc<TestGorilla>) -> Router {
    Router::new()
        .route("/", get(home::first))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/customer/{account}/account", get(home::account))
        .route("/customer/{account}/plan", post(home::choose_plan))
        .route("/customer/{account}/integrations", get(integrations::show))
        .route("/customer/{account}/integrations/enable", post(integrations::enable))
        .route("/customer/{account}/integrations/disable", post(integrations::disable))
        .route("/customer/{account}/assessments", get(assessments::list).post(assessments::create))
        .route("/customer/{account}/assessments/new", get(assessments::new))
        .route("/customer/{account}/assessments/{id}", get(assessments::show))
        .route("/customer/{account}/assessments/{id}/change", post(assessments::change))
        .route("/customer/{account}/assessments/{id}/invite", post(assessments::invite))
        .route("/customer/assessments/{assessment}/candidates/{test_taker}", get(candidate::show))
        .route("/mailbox", get(mailbox::show))
        .route("/candidate/take-assessment/{uuid}", get(taking::show))
        .route("/candidate/take-assessment/{uuid}/{deed}", post(taking::act))
        .with_state(testgorilla)
}
