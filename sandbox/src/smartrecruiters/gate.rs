//! Axum middleware: lets a request through to SmartRecruiters' API when its token and rate allow it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::SmartRecruiters;
use super::state::Credential;

/// Who calls, and what they may do.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// Who.
    pub(super) credential: Credential,
    scopes: BTreeSet<String>,
}

impl Caller {
    /// Whether this is the partner itself with the scope.
    ///
    /// # Errors
    /// The refusal to be sent.
    pub(super) fn require_master(&self, scope: &str) -> Result<(), Box<Response>> {
        match self.credential {
            Credential::Master => self.require(scope),
            Credential::Customer(_) => Err(Box::new(forbidden("Not a partner token."))),
        }
    }

    /// The company, when this is a company's token with the scope.
    ///
    /// # Errors
    /// The refusal to be sent.
    pub(super) fn require_customer(&self, scope: &str) -> Result<&str, Box<Response>> {
        match &self.credential {
            Credential::Customer(company) => self.require(scope).map(|()| company.as_str()),
            Credential::Master => Err(Box::new(forbidden("Not a customer token."))),
        }
    }

    fn require(&self, scope: &str) -> Result<(), Box<Response>> {
        if self.scopes.contains(scope) {
            Ok(())
        } else {
            Err(Box::new(forbidden(&format!("Scope {scope} is missing."))))
        }
    }
}

/// An error in SmartRecruiters' shape.
pub(super) fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"errors": [{"code": code, "message": message}], "message": message}))).into_response()
}

fn forbidden(message: &str) -> Response {
    refuse(StatusCode::FORBIDDEN, "ACCESS_DENIED", message)
}

/// The token in the headers.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// The middleware.
pub(super) async fn gate(
    State(smartrecruiters): State<Arc<SmartRecruiters>>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = {
        let state = smartrecruiters.state();
        let token = bearer(request.headers()).and_then(|token| state.token(token));
        token.map(|token| Caller { credential: token.credential.clone(), scopes: token.scopes.clone() })
    };
    let Some(caller) = caller else {
        return refuse(StatusCode::UNAUTHORIZED, "AUTHENTICATION_FAILED", "The token is missing, unknown or expired.");
    };
    let Some(_running) = Running::begin(&smartrecruiters, &caller.credential) else {
        return too_many();
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// The answer to a request beyond the limits.
pub(super) fn too_many() -> Response {
    refuse(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "Too many requests.")
}

/// A request that counts as running until it is dropped.
pub(super) struct Running {
    smartrecruiters: Arc<SmartRecruiters>,
    credential: String,
}

impl Running {
    /// Begins, when the limits allow it.
    pub(super) fn begin(smartrecruiters: &Arc<SmartRecruiters>, credential: &Credential) -> Option<Self> {
        let credential = match credential {
            Credential::Master => "master".to_owned(),
            Credential::Customer(company) => format!("company {company}"),
        };
        let begun = smartrecruiters.state().limits.begin(&credential, Instant::now());
        begun.then(|| Self { smartrecruiters: Arc::clone(smartrecruiters), credential })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.smartrecruiters.state().limits.end(&self.credential);
    }
}
