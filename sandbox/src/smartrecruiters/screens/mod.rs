//! The screens of SmartRecruiters' admins and recruiters.

mod apps;
mod browse;
mod candidate;
mod home;
mod job;
mod order;
mod packages;
mod skills_test;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::smartrecruiters::SmartRecruiters;
use visitor::Visitor;

/// Every screen, and where its forms are posted.
pub(super) fn router(smartrecruiters: Arc<SmartRecruiters>) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/companies", post(home::add_company))
        .route("/sign-in", post(home::sign_in))
        .route("/sign-out", post(home::sign_out))
        .route("/apps/{company}", get(apps::list))
        .route("/apps/{company}/testgorilla", get(apps::show))
        .route("/apps/{company}/testgorilla/connect", get(apps::permissions))
        .route("/apps/{company}/testgorilla/consent", get(apps::frame).post(apps::allow))
        .route("/apps/{company}/testgorilla/disconnect", post(apps::disconnect))
        .route("/companies/{company}/job", get(job::show))
        .route("/companies/{company}/job/candidates", post(job::add_candidate))
        .route("/companies/{company}/job/moves", post(job::move_candidates))
        .route("/companies/{company}/job/skills-test", get(skills_test::show).post(skills_test::save))
        .route("/companies/{company}/candidates/{candidate}", get(candidate::profile))
        .route("/companies/{company}/candidates/{candidate}/assessment", get(candidate::assessment))
        .route("/companies/{company}/candidates/{candidate}/browse", get(browse::partners))
        .route("/companies/{company}/candidates/{candidate}/browse/testgorilla", get(browse::packages))
        .route("/companies/{company}/candidates/{candidate}/review", get(browse::review))
        .route("/companies/{company}/candidates/{candidate}/orders", post(browse::send))
        .route("/companies/{company}/orders/{order}/deliveries", post(candidate::deliver_again))
        .with_state(smartrecruiters)
}

#[cfg(test)]
mod tests;
