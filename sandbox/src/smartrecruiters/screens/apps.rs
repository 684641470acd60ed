//! Apps & Integrations: find TestGorilla, connect, disconnect.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Visitor;
use super::packages::trouble;
use crate::control::ActionError;
use crate::smartrecruiters::people::Role;
use crate::smartrecruiters::{SmartRecruiters, company, product};

type App = State<Arc<SmartRecruiters>>;

#[derive(Template)]
#[template(path = "smartrecruiters/apps.html")]
struct Apps {
    here: String,
    search: String,
    is_found: bool,
    is_connected: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    search: String,
}

pub(super) async fn list(State(app): App, Query(Search { search }): Query<Search>, visitor: Visitor) -> Response {
    let is_found = "testgorilla".contains(&search.trim().to_lowercase().replace(' ', ""));
    let is_connected = is_connected(&app, &visitor);
    visitor.app_page("Apps & Integrations", &Apps { here: visitor.apps(), search, is_found, is_connected })
}

#[derive(Template)]
#[template(path = "smartrecruiters/app.html")]
struct TestGorilla {
    here: String,
    is_connected: bool,
    is_registered: bool,
    is_admin: bool,
}

pub(super) async fn show(State(app): App, visitor: Visitor) -> Response {
    let screen = TestGorilla {
        here: visitor.testgorilla(),
        is_connected: is_connected(&app, &visitor),
        is_registered: app.state().configuration.is_some(),
        is_admin: visitor.person.role == Role::Admin,
    };
    visitor.app_page("TestGorilla", &screen)
}

#[derive(Template)]
#[template(path = "smartrecruiters/permissions.html")]
struct Permissions {
    here: String,
    company: String,
}

/// What "Connect" leads to.
pub(super) async fn permissions(visitor: Visitor) -> Response {
    match visitor.person.require_admin() {
        Ok(()) => {
            let screen = Permissions { here: visitor.testgorilla(), company: visitor.company.clone() };
            visitor.app_page("Connect TestGorilla", &screen)
        }
        Err(error) => visitor.problem(&error),
    }
}

/// "Allow and continue": the browser goes to the partner's page, or sees it in a frame.
pub(super) async fn allow(State(app): App, visitor: Visitor) -> Response {
    let consent = visitor.person.require_admin().and_then(|()| company::consent(&mut app.state(), &visitor.company));
    match consent {
        Ok(consent) if consent.redirect.is_some() => Redirect::to(&consent.consent_url).into_response(),
        Ok(_) => Redirect::to(&format!("{}/consent", visitor.testgorilla())).into_response(),
        Err(error) => visitor.go(&visitor.testgorilla(), Err(error)),
    }
}

#[derive(Template)]
#[template(path = "smartrecruiters/consent.html")]
struct Consent {
    here: String,
    consent_url: String,
    is_connected: bool,
}

/// The partner's page in its frame.
pub(super) async fn frame(State(app): App, visitor: Visitor) -> Response {
    let consent =
        visitor.person.require_admin().and_then(|()| company::consent_page(&mut app.state(), &visitor.company));
    match consent {
        Ok(consent) => {
            let is_connected = is_connected(&app, &visitor);
            let screen = Consent { here: visitor.testgorilla(), consent_url: consent.consent_url, is_connected };
            visitor.app_page("Connect TestGorilla", &screen)
        }
        Err(error) => visitor.problem(&error),
    }
}

pub(super) async fn disconnect(State(app): App, visitor: Visitor) -> Response {
    let told = match visitor.person.require_admin() {
        Ok(()) => product::disconnect(&app, &visitor.company, false).await,
        Err(error) => Err(error),
    };
    let done = told.and_then(|told| match told.status {
        Some(200..300) => Ok("TestGorilla is disconnected.".to_owned()),
        _ => Err(ActionError::Refused(format!(
            "TestGorilla is disconnected here, but does not know it: {}",
            trouble(&told)
        ))),
    });
    visitor.go(&visitor.testgorilla(), done)
}

fn is_connected(app: &SmartRecruiters, visitor: &Visitor) -> bool {
    app.state().companies.get(&visitor.company).is_some_and(|company| company.integration.is_some())
}
