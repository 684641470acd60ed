//! `GET` and `PUT /assessment-api/v202010/partner/configuration`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use serde_json::Value;

use super::SmartRecruiters;
use super::gate::{Caller, refuse};
use super::state::SCOPE_CONFIGURATION;
use crate::contract::{Mode, media_type};

pub(super) async fn get(
    State(smartrecruiters): State<Arc<SmartRecruiters>>,
    Extension(caller): Extension<Caller>,
) -> Response {
    if let Err(refusal) = caller.require_master(SCOPE_CONFIGURATION) {
        return *refusal;
    }
    match smartrecruiters.state().configuration.clone() {
        Some(configuration) => Json(configuration).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no partner configuration."),
    }
}

pub(super) async fn put(
    State(smartrecruiters): State<Arc<SmartRecruiters>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = caller.require_master(SCOPE_CONFIGURATION) {
        return *refusal;
    }
    let invalid = |message: &str| refuse(StatusCode::BAD_REQUEST, "INVALID_CONFIGURATION", message);
    if media_type(&headers) != "application/json" {
        return invalid("The content type is not application/json.");
    }
    let Ok(configuration) = serde_json::from_slice::<Value>(&body) else {
        return invalid("The body is no JSON.");
    };
    let contract = &smartrecruiters.shared.contract;
    let mistakes = contract.schemas().check_named("PartnerConfiguration", &configuration, Mode::Answer);
    if !mistakes.is_empty() {
        return invalid(&mistakes.join("; "));
    }
    smartrecruiters.state().configuration = Some(configuration.clone());
    Json(configuration).into_response()
}
