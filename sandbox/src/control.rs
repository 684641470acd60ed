//! The part of the control API that both stand-ins have: log, violations, misbehaviour.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::calls::{Call, CallLog, Filter};
use crate::contract::Contract;
use crate::faults::{Fault, Faults, Met};
use crate::held::Waiting;
use crate::misbehave::Kind;

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
    pub(crate) faults: Arc<Faults<Kind>>,
}

/// `/_control/calls`, `/_control/violations` and `/_control/faults`.
pub(crate) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/_control/calls", get(list_calls))
        .route("/_control/violations", get(list_violations))
        .route("/_control/faults", post(add_fault))
        .with_state(shared.clone())
        .merge(faults(shared.faults))
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

async fn add_fault(State(shared): State<Shared>, Json(fault): Json<Fault<Kind>>) -> Result<StatusCode, ActionError> {
    if fault.operation != "*" && shared.contract.operation(&fault.operation).is_none() {
        let known: Vec<&str> = shared.contract.operation_ids().collect();
        return Err(ActionError::Invalid(format!("operation is none of *, {}", known.join(", "))));
    }
    shared.faults.add(fault);
    Ok(StatusCode::NO_CONTENT)
}

/// What is the same for whoever misbehaves: to list faults, to take them back, and to say which were met
/// and which calls are held at this moment.
pub(crate) fn faults<K>(faults: Arc<Faults<K>>) -> Router
where
    K: Copy + Serialize + Send + 'static,
{
    Router::new()
        .route("/_control/faults", get(list_faults::<K>).delete(clear_faults::<K>))
        .route("/_control/faults/met", get(list_met::<K>))
        .route("/_control/held", get(list_held::<K>))
        .with_state(faults)
}

async fn list_faults<K: Copy + Serialize>(State(faults): State<Arc<Faults<K>>>) -> Json<Vec<Fault<K>>> {
    Json(faults.list())
}

async fn list_met<K: Copy + Serialize>(State(faults): State<Arc<Faults<K>>>) -> Json<Vec<Met>> {
    Json(faults.met())
}

async fn list_held<K: Copy + Serialize>(State(faults): State<Arc<Faults<K>>>) -> Json<Vec<Waiting>> {
    Json(faults.held().list())
}

/// Whose faults are taken back; absent: all.
#[derive(Debug, Deserialize)]
struct Whose {
    #[serde(alias = "company", alias = "function")]
    account: Option<String>,
}

async fn clear_faults<K: Copy + Serialize>(
    State(faults): State<Arc<Faults<K>>>,
    Query(whose): Query<Whose>,
) -> StatusCode {
    faults.clear(whose.account.as_deref());
    StatusCode::NO_CONTENT
}
