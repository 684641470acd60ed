//! The control API of the stand-in of TestGorilla: what its users and candidates do.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::{self, Account, AccountChange, Integration};
use super::assessment::{self, Assessment, AssessmentChange, NewAssessment};
use super::candidature::{self, Answers, Candidature, Invitee};
use super::deeds::{self, Told};
use super::events::{self, CallbackChange, Delivery};
use super::limits::LimitChange;
use super::state::Mail;
use super::{TestGorilla, candidature::Status};
use crate::control::ActionError;
use crate::webhook::Sending;

type App = State<Arc<TestGorilla>>;
type Answer<T> = Result<Json<T>, ActionError>;

pub(super) fn router(testgorilla: Arc<TestGorilla>) -> Router {
    Router::new()
        .route("/_control/accounts/{account}", put(put_account).get(get_account))
        .route("/_control/accounts/{account}/integration", post(enable_integration).delete(disable_integration))
        .route("/_control/assessments", post(create_assessment))
        .route("/_control/assessments/{id}", get(get_assessment).patch(change_assessment))
        .route("/_control/assessments/{id}/invite", post(invite))
        .route("/_control/candidatures", get(list_candidatures))
        .route("/_control/candidatures/{id}/start", post(start))
        .route("/_control/candidatures/{id}/answer", post(answer))
        .route("/_control/candidatures/{id}/complete", post(complete))
        .route("/_control/mailbox", get(mailbox))
        .route("/_control/limits", put(change_limits))
        .route("/_control/callbacks", put(configure_callbacks).post(send_callback))
        .with_state(testgorilla)
}

async fn put_account(State(app): App, Path(id): Path<String>, Json(change): Json<AccountChange>) -> Answer<Account> {
    Ok(Json(account::put(&mut app.state(), &id, change)?))
}

async fn get_account(State(app): App, Path(id): Path<String>) -> Answer<Account> {
    let known = app.state().accounts.get(&id).cloned();
    Ok(Json(known.ok_or_else(|| ActionError::NotFound(format!("account {id}")))?))
}

#[derive(Debug, Deserialize)]
struct ByUser {
    /// The address of the user who does it.
    user: String,
    /// How the callback is sent, instead of the usual way.
    callback: Option<Sending>,
}

async fn enable_integration(State(app): App, Path(id): Path<String>, Json(by): Json<ByUser>) -> Answer<Integration> {
    Ok(Json(account::enable_integration(&mut app.state(), &id, &by.user)?))
}

async fn disable_integration(State(app): App, Path(id): Path<String>, Json(by): Json<ByUser>) -> Answer<Value> {
    Ok(Json(json!({"callbacks": deeds::disable_integration(&app, &id, &by.user, by.callback).await?})))
}

async fn create_assessment(State(app): App, Json(new): Json<NewAssessment>) -> Answer<Assessment> {
    Ok(Json(assessment::create(&mut app.state(), new)?))
}

async fn get_assessment(State(app): App, Path(id): Path<u64>) -> Answer<Assessment> {
    let known = app.state().assessments.get(&id).cloned();
    Ok(Json(known.ok_or_else(|| ActionError::NotFound(format!("assessment {id}")))?))
}

async fn change_assessment(
    State(app): App,
    Path(id): Path<u64>,
    Json(change): Json<AssessmentChange>,
) -> Answer<Assessment> {
    Ok(Json(assessment::change(&mut app.state(), id, change)?))
}

async fn invite(State(app): App, Path(id): Path<u64>, Json(who): Json<Invitee>) -> Answer<Candidature> {
    Ok(Json(candidature::invite_by_hand(&mut app.state(), id, &who)?))
}

/// Which candidatures or mails are asked for. Absent properties ask for all.
#[derive(Debug, Deserialize)]
struct Selection {
    account: Option<String>,
    assessment: Option<u64>,
    email: Option<String>,
    status: Option<Status>,
}

impl Selection {
    fn fits(&self, account: &str, assessment: u64, email: &str) -> bool {
        self.account.as_deref().is_none_or(|wanted| wanted == account)
            && self.assessment.is_none_or(|wanted| wanted == assessment)
            && self.email.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(email))
    }
}

async fn list_candidatures(State(app): App, Query(wanted): Query<Selection>) -> Json<Vec<Candidature>> {
    let state = app.state();
    let fits = |known: &&Candidature| {
        wanted.fits(&known.account, known.assessment, &known.email)
            && wanted.status.is_none_or(|status| status == known.status)
    };
    Json(state.candidatures.values().filter(fits).cloned().collect())
}

async fn mailbox(State(app): App, Query(wanted): Query<Selection>) -> Json<Vec<Mail>> {
    let state = app.state();
    Json(state.mailbox.iter().filter(|mail| wanted.fits(&mail.account, mail.assessment, &mail.to)).cloned().collect())
}

/// What a candidate does, and how the callback about it is sent, instead of the usual way.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Deed {
    callback: Option<Sending>,
}

async fn start(State(app): App, Path(id): Path<u64>, Json(deed): Json<Deed>) -> Answer<Told> {
    Ok(Json(deeds::start(&app, id, deed.callback).await?))
}

async fn answer(State(app): App, Path(id): Path<u64>, Json(answers): Json<Answers>) -> Answer<Candidature> {
    Ok(Json(candidature::answer(&mut app.state(), id, answers)?))
}

async fn complete(State(app): App, Path(id): Path<u64>, Json(mut body): Json<Value>) -> Answer<Told> {
    let invalid = |error: serde_json::Error| ActionError::Invalid(error.to_string());
    let callback = body.as_object_mut().and_then(|body| body.remove("callback")).unwrap_or(Value::Null);
    let callback: Option<Sending> = serde_json::from_value(callback).map_err(invalid)?;
    let answers: Answers = serde_json::from_value(body).map_err(invalid)?;
    Ok(Json(deeds::complete(&app, id, answers, callback).await?))
}

async fn change_limits(State(app): App, Json(change): Json<LimitChange>) -> Result<StatusCode, ActionError> {
    let mut state = app.state();
    let key = match &change.account {
        None => None,
        Some(id) => {
            let integration = state.accounts.get(id).and_then(|account| account.integration.as_ref());
            let key = integration.map(|integration| integration.api_key.clone());
            Some(key.ok_or_else(|| ActionError::NotFound(format!("integration of account {id}")))?)
        }
    };
    state.limits.change(key.as_deref(), change);
    Ok(StatusCode::NO_CONTENT)
}

async fn configure_callbacks(State(app): App, Json(change): Json<CallbackChange>) -> Result<StatusCode, ActionError> {
    events::configure(&mut app.state().callbacks, change)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
struct SendQuery {
    sending: Option<Sending>,
}

/// Sends any body as a callback, also one that is not well formed.
async fn send_callback(State(app): App, Query(query): Query<SendQuery>, body: Bytes) -> Answer<Vec<Delivery>> {
    Ok(Json(events::send(&app, &body, query.sending).await?))
}
