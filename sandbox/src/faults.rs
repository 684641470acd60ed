//! Misbehaviour on request: the next answers of an operation go wrong in a chosen way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::observe::Seen;

/// How an answer goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The answer is right, but late.
    Slow {
        /// How late, in milliseconds.
        delay_ms: u64,
    },
    /// The answer has this status instead.
    Status {
        /// The HTTP status.
        status: u16,
        /// Whether the call takes effect all the same.
        #[serde(default)]
        after_effect: bool,
    },
    /// 429, without effect.
    RateLimited {
        /// Seconds for `X-RateLimit-Reset`; absent: no such header.
        reset: Option<u64>,
        /// Seconds for `Retry-After`; absent: no such header.
        retry_after: Option<u64>,
    },
    /// The connection is cut; the call has no effect.
    CutBefore,
    /// The call takes effect; then the connection is cut.
    CutAfter,
}

/// Answers that are to go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// The contract's `operationId`, or `*` for every operation.
    pub(crate) operation: String,
    /// How many answers go wrong.
    #[serde(default = "once")]
    pub(crate) count: u32,
    /// Only calls of this TestGorilla account or SmartRecruiters company.
    #[serde(default, alias = "company")]
    pub(crate) account: Option<String>,
    /// How they go wrong.
    #[serde(flatten)]
    pub(crate) kind: Kind,
}

fn once() -> u32 {
    1
}

/// What is to go wrong, in the order of the requests for it.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Mutex<Vec<Fault>>,
}

impl Faults {
    /// Lets answers go wrong.
    pub(crate) fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// What is still to go wrong.
    pub(crate) fn list(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// Lets everything go right again.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Uses up one answer that is to go wrong.
    fn take(&self, operation: &str, account: Option<&str>) -> Option<Kind> {
        let mut waiting = self.lock();
        let fault = waiting.iter_mut().find(|fault| {
            (fault.operation == "*" || fault.operation == operation)
                && (fault.account.is_none() || fault.account.as_deref() == account)
                && fault.count > 0
        })?;
        fault.count -= 1;
        let kind = fault.kind;
        waiting.retain(|fault| fault.count > 0);
        Some(kind)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks a response in whose place the connection is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut;

/// Marks a response that was asked for by [`Faults::add`]: no headers are added to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Injected;

/// Axum middleware: lets the handlers behind it misbehave as was asked for.
pub(crate) async fn misbehave(State(faults): State<Arc<Faults>>, request: Request, next: Next) -> Response {
    let kind = request
        .extensions()
        .get::<Seen>()
        .and_then(|seen| faults.take(seen.operation.as_deref().unwrap_or_default(), seen.account.as_deref()));
    match kind {
        None => next.run(request).await,
        Some(Kind::Slow { delay_ms }) => {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            next.run(request).await
        }
        Some(Kind::Status { status, after_effect }) => {
            if after_effect {
                next.run(request).await;
            }
            failed(status)
        }
        Some(Kind::RateLimited { reset, retry_after }) => {
            let mut response = failed(429);
            let named = [("x-ratelimit-reset", reset), ("retry-after", retry_after)];
            for (name, seconds) in named.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))) {
                response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(seconds));
            }
            response
        }
        Some(Kind::CutBefore) => cut(),
        Some(Kind::CutAfter) => {
            next.run(request).await;
            cut()
        }
    }
}

/// Said in the shapes of both partners.
const MESSAGE: &str = "Asked for by the control API.";

fn failed(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response =
        (status, axum::Json(json!({"detail": MESSAGE, "errors": [{"code": "ASKED_FOR", "message": MESSAGE}]})))
            .into_response();
    response.extensions_mut().insert(Injected);
    response
}

fn cut() -> Response {
    let mut response = failed(500);
    response.extensions_mut().insert(Cut);
    response
}
