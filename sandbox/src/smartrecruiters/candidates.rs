//! `GET /candidates/{id}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::SmartRecruiters;
use super::gate::{Caller, refuse};
use super::state::SCOPE_CANDIDATES;

pub(super) async fn get(
    State(smartrecruiters): State<Arc<SmartRecruiters>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let company = match caller.require_customer(SCOPE_CANDIDATES) {
        Ok(company) => company,
        Err(refusal) => return *refusal,
    };
    let state = smartrecruiters.state();
    match state.candidates.get(&id).filter(|candidate| candidate.company == company) {
        Some(candidate) => Json(json!({
            "id": candidate.id,
            "firstName": candidate.first_name,
            "lastName": candidate.last_name,
            "email": candidate.email,
            // Not in the contract.
            "internal": false,
        }))
        .into_response(),
        None => refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such candidate."),
    }
}
