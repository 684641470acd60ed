//! The part of the control API that both stand-ins have: log, violations, misbehaviour.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::calls::{Call, CallLog, Filter};
use crate::contract::Contract;
use crate::faults::{Fault, Faults};

/// Why an action of the control API was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ActionError {
    /// There is no such thing.
    #[error("there is no {0}")]
    NotFound(String),
    /// The partner would not let this person, plan or state do it.
    #[error("{0}")]
    Refused(String),
    /// The request makes no sense.
    #[error("{0}")]
    Invalid(String),
}

impl IntoResponse for ActionError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
        };
        (status, Json(json!({"error": self.to_string()}))).into_response()
    }
}

/// What the shared control endpoints work on.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// The contract of the stand-in's API.
    pub(crate) contract: Arc<Contract>,
    /// The log.
    pub(crate) calls: Arc<CallLog>,
    /// The misbehaviour asked for.
    pub(crate) faults: Arc<Faults>,
}

/// `/_control/calls`, `/_control/violations` and `/_control/faults`.
pub(crate) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/_control/calls", get(list_calls))
        .route("/_control/violations", get(list_violations))
        .route("/_control/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .with_state(shared)
}

async fn list_calls(State(shared): State<Shared>, Query(filter): Query<Filter>) -> Json<Vec<Call>> {
    Json(shared.calls.list(&filter))
}

async fn list_violations(State(shared): State<Shared>, Query(filter): Query<Filter>) -> Json<Value> {
    let calls = shared.calls.violations(&filter);
    let own: Vec<Call> =
        shared.calls.list(&filter).into_iter().filter(|call| !call.own_violations.is_empty()).collect();
    Json(json!({"count": calls.len(), "violations": calls, "own": own}))
}

async fn list_faults(State(shared): State<Shared>) -> Json<Vec<Fault>> {
    Json(shared.faults.list())
}

async fn add_fault(State(shared): State<Shared>, Json(fault): Json<Fault>) -> Result<StatusCode, ActionError> {
    if fault.operation != "*" && shared.contract.operation(&fault.operation).is_none() {
        let known: Vec<&str> = shared.contract.operation_ids().collect();
        return Err(ActionError::Invalid(format!("operation is none of *, {}", known.join(", "))));
    }
    shared.faults.add(fault);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(shared): State<Shared>) -> StatusCode {
    shared.faults.clear();
    StatusCode::NO_CONTENT
}
