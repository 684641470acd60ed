//! The proxy's control API.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use super::Proxy;
use super::kind::Kind;
use super::record::Use;
use crate::control::{ActionError, faults};
use crate::faults::Fault;

/// `/_control/faults` and `/_control/uses`.
pub(super) fn router(proxy: Arc<Proxy>) -> Router {
    let shared = faults(Arc::clone(&proxy.faults));
    Router::new()
        .route("/_control/faults", post(add_fault))
        .route("/_control/uses", get(uses))
        .with_state(proxy)
        .merge(shared)
}

async fn add_fault(State(proxy): State<Arc<Proxy>>, Json(fault): Json<Fault<Kind>>) -> Result<StatusCode, ActionError> {
    if fault.operation != "*" && !fault.operation.contains(':') {
        return Err(ActionError::Invalid("operation is neither * nor like dynamodb:GetItem".to_owned()));
    }
    proxy.faults.add(fault);
    Ok(StatusCode::NO_CONTENT)
}

async fn uses(State(proxy): State<Arc<Proxy>>) -> Json<Vec<Use>> {
    Json(proxy.record.list())
}
