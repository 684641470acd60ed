//! The control API of the stand-in of SmartRecruiters: what its admins, recruiters and candidates do.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::company::{self, CompanyChange, CompanyView, Consent};
use super::limits::LimitChange;
use super::order::{NewCandidate, NewOrder, Order};
use super::ordering::Made;
use super::product::{self, Outcome, RequesterForm};
use super::{SmartRecruiters, hiring, ordering};
use crate::control::ActionError;

type App = State<Arc<SmartRecruiters>>;
type Answer<T> = Result<Json<T>, ActionError>;

pub(super) fn router(smartrecruiters: Arc<SmartRecruiters>) -> Router {
    Router::new()
        .route("/_control/master", get(get_master).patch(change_master))
        .route("/_control/limits", put(change_limits))
        .route("/_control/tokens", axum::routing::delete(expire_tokens))
        .route("/_control/companies/{company}", put(put_company).get(get_company))
        .route("/_control/companies/{company}/consent", post(consent))
        .route("/_control/companies/{company}/disconnect", post(disconnect))
        .route("/_control/companies/{company}/token", get(token))
        .route("/_control/companies/{company}/pair", get(pair))
        .route("/_control/companies/{company}/former-token", post(former_token))
        .route("/_control/companies/{company}/packages", get(list_packages))
        .route("/_control/companies/{company}/packages/{package}", get(get_package))
        .route("/_control/companies/{company}/steps/{step}/candidates", post(enter_step))
        .route("/_control/orders", get(list_orders).post(create_order))
        .route("/_control/orders/{order}", get(get_order))
        .route("/_control/orders/{order}/deliveries", post(redeliver))
        .with_state(smartrecruiters)
}

async fn get_master(State(app): App) -> Json<Value> {
    let state = app.state();
    let master = &state.master;
    Json(json!({
        "client_id": master.client_id,
        "client_secret": master.client_secret,
        "scopes": state.master_scopes,
        "configuration": state.configuration,
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MasterChange {
    scopes: Option<BTreeSet<String>>,
    token_lifetime_seconds: Option<u64>,
    /// Whether the registered configuration is forgotten.
    #[serde(default)]
    forget_configuration: bool,
}

async fn change_master(State(app): App, Json(change): Json<MasterChange>) -> StatusCode {
    let mut state = app.state();
    state.master_scopes = change.scopes.unwrap_or_else(|| state.master_scopes.clone());
    state.token_lifetime = change.token_lifetime_seconds.map_or(state.token_lifetime, Duration::from_secs);
    if change.forget_configuration {
        state.configuration = None;
    }
    StatusCode::NO_CONTENT
}

async fn change_limits(State(app): App, Json(change): Json<LimitChange>) -> StatusCode {
    app.state().limits.change(&change);
    StatusCode::NO_CONTENT
}

async fn expire_tokens(State(app): App) -> StatusCode {
    app.state().tokens.clear();
    StatusCode::NO_CONTENT
}

async fn put_company(State(app): App, Path(id): Path<String>, Json(change): Json<CompanyChange>) -> Json<CompanyView> {
    Json(company::put(&mut app.state(), &id, change).view())
}

async fn get_company(State(app): App, Path(id): Path<String>) -> Answer<CompanyView> {
    Ok(Json(company::find(&mut app.state(), &id)?.view()))
}

async fn consent(State(app): App, Path(id): Path<String>) -> Answer<Consent> {
    Ok(Json(company::consent(&mut app.state(), &id)?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Disconnect {
    with_token: bool,
}

async fn disconnect(State(app): App, Path(id): Path<String>, Json(how): Json<Disconnect>) -> Answer<Outcome> {
    Ok(Json(product::disconnect(&app, &id, how.with_token).await?))
}

#[derive(Debug, Deserialize)]
struct TokenQuery {
    #[serde(default)]
    fresh: bool,
}

async fn token(State(app): App, Path(id): Path<String>, Query(query): Query<TokenQuery>) -> Answer<Value> {
    Ok(Json(json!({"access_token": product::token(&app, &id, query.fresh).await?})))
}

/// The credentials that SmartRecruiters uses at the product's token endpoint.
async fn pair(State(app): App, Path(id): Path<String>) -> Answer<Value> {
    let integration = company::find(&mut app.state(), &id)?.integration.clone();
    let pair = integration.ok_or_else(|| ActionError::NotFound(format!("integration of company {id}")))?.at_partner;
    Ok(Json(json!({"client_id": pair.client_id, "client_secret": pair.client_secret})))
}

/// Tries the credentials of before the disconnect at the product's token endpoint.
async fn former_token(State(app): App, Path(id): Path<String>) -> Answer<Value> {
    let pair = company::find(&mut app.state(), &id)?.former_pair.clone();
    let pair = pair.ok_or_else(|| ActionError::NotFound(format!("former integration of company {id}")))?;
    let refusal = product::fetch_token(&app, &id, &pair).await.err();
    Ok(Json(json!({"works": refusal.is_none(), "refusal": refusal})))
}

/// The recruiter who lists, and how the header names them.
#[derive(Debug, Deserialize)]
struct ListQuery {
    requester: Option<String>,
    #[serde(default)]
    requester_form: RequesterForm,
}

async fn list_packages(State(app): App, Path(id): Path<String>, Query(query): Query<ListQuery>) -> Answer<Outcome> {
    let requester = query.requester.map(|email| query.requester_form.header(&email));
    Ok(Json(product::list_packages(&app, &id, requester.as_deref()).await?))
}

async fn get_package(State(app): App, Path((id, package)): Path<(String, String)>) -> Answer<Outcome> {
    Ok(Json(product::get_package(&app, &id, &package).await?))
}

#[derive(Debug, Deserialize)]
struct Entering {
    candidates: Vec<NewCandidate>,
}

async fn enter_step(
    State(app): App,
    Path((id, step)): Path<(String, String)>,
    Json(entering): Json<Entering>,
) -> Answer<Vec<Value>> {
    Ok(Json(hiring::enter(&app, &id, &step, entering.candidates).await?))
}

async fn create_order(State(app): App, Json(new): Json<NewOrder>) -> Answer<Made> {
    Ok(Json(ordering::order(&app, new).await?))
}

async fn redeliver(State(app): App, Path(id): Path<String>) -> Answer<Outcome> {
    Ok(Json(product::deliver(&app, &id, true).await?))
}

#[derive(Debug, Deserialize)]
struct Selection {
    company: Option<String>,
    email: Option<String>,
    package: Option<String>,
}

async fn list_orders(State(app): App, Query(wanted): Query<Selection>) -> Json<Vec<Order>> {
    let is = |wanted: &Option<String>, given: &str| wanted.as_deref().is_none_or(|wanted| wanted == given);
    let fits = |order: &&Order| {
        is(&wanted.company, &order.company) && is(&wanted.email, &order.email) && is(&wanted.package, &order.package)
    };
    Json(app.state().orders.values().filter(fits).cloned().collect())
}

async fn get_order(State(app): App, Path(id): Path<String>) -> Answer<Order> {
    let known = app.state().orders.get(&id).cloned();
    Ok(Json(known.ok_or_else(|| ActionError::NotFound(format!("order {id}")))?))
}
