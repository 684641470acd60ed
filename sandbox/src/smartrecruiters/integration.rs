//! `POST /assessment-api/v202010/integration/company/{companyId}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use serde_json::{Value, json};

use super::gate::{Caller, refuse};
use super::state::{Pair, SCOPE_INTEGRATION};
use super::{SmartRecruiters, company, product};

pub(super) async fn set_up(
    State(smartrecruiters): State<Arc<SmartRecruiters>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    if let Err(refusal) = caller.require_master(SCOPE_INTEGRATION) {
        return *refusal;
    }
    if let Some(refusal) = obstacle(&smartrecruiters, &id) {
        return refusal;
    }
    let Some(pair) = pair(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "clientId and clientSecret are required.");
    };
    // The pair must work already: SmartRecruiters tries it before it answers.
    let token = match product::fetch_token(&smartrecruiters, &id, &pair).await {
        Ok(token) => token,
        Err(reason) => {
            let message = format!("The credentials do not work at the partner's token endpoint: {reason}.");
            return refuse(StatusCode::BAD_REQUEST, "INVALID_CREDENTIALS", &message);
        }
    };
    // Meanwhile another request may have connected the company.
    if let Some(refusal) = obstacle(&smartrecruiters, &id) {
        return refusal;
    }
    let mut state = smartrecruiters.state();
    match state.companies.get_mut(&id) {
        Some(known) => {
            let customer = company::connect(known, pair, token);
            Json(json!({"clientId": customer.client_id, "clientSecret": customer.client_secret})).into_response()
        }
        None => not_consented(),
    }
}

fn obstacle(smartrecruiters: &SmartRecruiters, id: &str) -> Option<Response> {
    let state = smartrecruiters.state();
    let Some(company) = state.companies.get(id).filter(|company| company.consented) else {
        return Some(not_consented());
    };
    if state.configuration.is_none() {
        return Some(refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "The partner configuration does not exist."));
    }
    let connected = company.integration.is_some();
    connected.then(|| refuse(StatusCode::CONFLICT, "ALREADY_INTEGRATED", "The company is integrated already."))
}

fn not_consented() -> Response {
    refuse(StatusCode::FORBIDDEN, "CONSENT_MISSING", "The company has not consented.")
}

fn pair(body: &[u8]) -> Option<Pair> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| body.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Pair { client_id: text("clientId")?, client_secret: text("clientSecret")? })
}
