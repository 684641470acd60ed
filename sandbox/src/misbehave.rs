//! How the partners' stand-ins misbehave on request.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::faults::Faults;
use crate::observe::Seen;
use crate::serve::Peer;

/// How an answer goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The answer is right, but late.
    Slow {
        /// How late, in milliseconds.
        delay_ms: u64,
        /// Whether the call takes effect before the wait instead of after it.
        #[serde(default)]
        after_effect: bool,
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

/// Marks a response in whose place the connection is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut;

/// Marks a response that was asked for by [`Faults::add`]: no headers are added to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Injected;

/// Axum middleware: lets the handlers behind it misbehave as was asked for.
pub(crate) async fn misbehave(State(faults): State<Arc<Faults<Kind>>>, request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let (Some(seen), Some(peer)) = (extensions.get::<Seen>().cloned(), extensions.get::<Peer>().copied()) else {
        return next.run(request).await;
    };
    let operation = seen.operation.unwrap_or_default();
    match faults.take(&operation, seen.account.as_deref(), &seen.body) {
        None => next.run(request).await,
        Some(Kind::Slow { delay_ms, after_effect }) => {
            let late = async {
                let _hold = faults.held().add(seen.account, &operation, peer);
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            };
            if after_effect {
                let response = next.run(request).await;
                late.await;
                return response;
            }
            late.await;
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

/// What has the connection cut.
pub(crate) fn cut() -> Response {
    let mut response = failed(500);
    response.extensions_mut().insert(Cut);
    response
}
