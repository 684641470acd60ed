//! The Integrations page: for the account's owner and admins, and of use on the Pro plan.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::member::Member;
use crate::screens::moment;
use crate::testgorilla::account::{self, Integration};
use crate::testgorilla::{TestGorilla, deeds};

#[derive(Template)]
#[template(path = "testgorilla/integrations.html")]
struct Integrations<'a> {
    member: &'a Member,
    integration: Option<&'a Integration>,
}

pub(super) async fn show(member: Member) -> Response {
    if !member.role.manages_integrations() {
        return member.refused("Only the owner and admins of the account see the Integrations page.");
    }
    let screen = Integrations { member: &member, integration: member.account.integration.as_ref() };
    member.frame(&member.path("integrations")).page(StatusCode::OK, "Integrations", &screen)
}

pub(super) async fn enable(State(app): State<Arc<TestGorilla>>, member: Member) -> Response {
    let enabled = account::enable_integration(&mut app.state(), &member.account.id, &member.email);
    member.back("integrations", enabled, "The SmartRecruiters integration is enabled. Copy the API key.")
}

pub(super) async fn disable(State(app): State<Arc<TestGorilla>>, member: Member) -> Response {
    let disabled = deeds::disable_integration(&app, &member.account.id, &member.email, None).await;
    member.back(
        "integrations",
        disabled,
        "The SmartRecruiters integration is disabled. Its API key is no longer accepted.",
    )
}
