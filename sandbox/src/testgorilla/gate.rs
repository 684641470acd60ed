//! Axum middleware: lets a request through to TestGorilla's API when its key, plan and rate allow it.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::TestGorilla;
use super::account::Plan;
use super::limits::{Class, Standing};
use super::state;
use crate::misbehave::Injected;
use crate::observe::Seen;

/// The account that the request's key belongs to.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// Name of the account.
    pub(super) account: String,
}

/// The key in the headers.
pub(super) fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Token ")
}

/// The middleware.
pub(super) async fn gate(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(seen): Extension<Seen>,
    mut request: Request,
    next: Next,
) -> Response {
    let class = seen.operation.as_deref().and_then(Class::of);
    let (admitted, standing) = admit(&mut testgorilla.state(), key(request.headers()), class);
    let mut response = match admitted {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err((status, detail)) => refuse(status, &detail),
    };
    if let (Some(standing), None) = (standing, response.extensions().get::<Injected>()) {
        for (name, value) in [
            ("x-ratelimit-limit", u64::from(standing.limit)),
            ("x-ratelimit-remaining", u64::from(standing.remaining)),
            ("x-ratelimit-reset", standing.reset),
        ] {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
    response
}

/// An error in TestGorilla's shape.
pub(super) fn refuse(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({"detail": detail}))).into_response()
}

type Admitted = Result<Caller, (StatusCode, String)>;

fn admit(state: &mut state::State, key: Option<&str>, class: Option<Class>) -> (Admitted, Option<Standing>) {
    let untouched = class.map(|class| state.limits.untouched(class));
    let refused = |status, detail: &str| (Err((status, detail.to_owned())), untouched);
    let Some(key) = key else {
        return refused(StatusCode::UNAUTHORIZED, "Authentication credentials were not provided.");
    };
    let Some(account) = state.account_of_key(key) else {
        return refused(StatusCode::UNAUTHORIZED, "Invalid token.");
    };
    if account.revoked_keys.iter().any(|revoked| revoked == key) {
        return refused(StatusCode::UNAUTHORIZED, "User inactive or deleted.");
    }
    if account.plan != Plan::Pro {
        return refused(StatusCode::FORBIDDEN, "Your plan does not include access to the API.");
    }
    let caller = Caller { account: account.id.clone() };
    match class.map(|class| state.limits.count(key, class, Instant::now())) {
        None => (Ok(caller), None),
        Some(Ok(standing)) => (Ok(caller), Some(standing)),
        Some(Err(standing)) => {
            let detail = format!("Request was throttled. Expected available in {} seconds.", standing.reset);
            (Err((StatusCode::TOO_MANY_REQUESTS, detail)), Some(standing))
        }
    }
}
