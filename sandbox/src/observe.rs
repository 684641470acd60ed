//! Axum middleware around a partner's API: logs every call and holds it against the contract.

use std::fmt;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::calls::{Call, CallLog, Direction};
use crate::contract::{self, Contract};
use crate::misbehave::{Cut, Injected};
use crate::{clock, redact};

/// No call of the contracts needs a larger body.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// Finds out whose credential a request carries: a TestGorilla account or a SmartRecruiters company.
type WhoseCredential = dyn Fn(&HeaderMap) -> Option<String> + Send + Sync;

/// What the middleware needs of a stand-in.
#[derive(Clone)]
pub(crate) struct Observer {
    /// The contract of the API behind the middleware.
    pub(crate) contract: Arc<Contract>,
    /// The log.
    pub(crate) calls: Arc<CallLog>,
    /// Whose credential a request carries.
    pub(crate) account_of: Arc<WhoseCredential>,
    /// The path that the API lies below, `/api` or empty.
    pub(crate) prefix: &'static str,
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Observer").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// What the middleware found out about a request, for the layers behind it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The contract's `operationId`.
    pub(crate) operation: Option<String>,
    /// Whose credential it carries; for the partner's own, the company in the path.
    pub(crate) account: Option<String>,
    /// Its body.
    pub(crate) body: Bytes,
}

/// The middleware.
pub(crate) async fn observe(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let time = clock::rfc3339(clock::now());
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let matched = path.strip_prefix(observer.prefix).and_then(|path| observer.contract.find(&parts.method, path));
    let violations = match &matched {
        None => vec![format!("{} {path} is not in the contract", parts.method)],
        Some(matched) => {
            let request = contract::Request { query: &query, headers: &parts.headers, body: &body };
            observer.contract.check_request(matched, request)
        }
    };
    let company = matched.as_ref().and_then(|matched| matched.parameter("companyId").map(str::to_owned));
    let operation = matched.map(|matched| matched.operation);
    // What a person's browser asks for besides, an icon say, is no call of the product.
    let is_browsing =
        operation.is_none() && parts.method == Method::GET && !parts.headers.contains_key(header::AUTHORIZATION);
    let seen = Seen {
        operation: operation.map(|operation| operation.id.clone()),
        account: (observer.account_of)(&parts.headers).or(company),
        body: body.clone(),
    };
    parts.extensions.insert(seen.clone());
    let mut call = Call {
        seq: 0,
        time,
        direction: Direction::In,
        operation: seen.operation,
        method: parts.method.to_string(),
        path,
        query,
        account: seen.account,
        status: None,
        error: None,
        request_headers: redact::headers(&parts.headers),
        request_body: redact::body(&parts.headers, &body),
        response_headers: serde_json::Map::new(),
        response_body: serde_json::Value::Null,
        violations,
        own_violations: Vec::new(),
    };

    let response = next.run(Request::from_parts(parts, Body::from(body))).await;

    let cut = response.extensions().get::<Cut>().is_some();
    let injected = response.extensions().get::<Injected>().is_some();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_else(|_| Bytes::new());
    if cut {
        call.error = Some("the connection was cut".to_owned());
    } else {
        call.status = Some(parts.status.as_u16());
        call.response_headers = redact::headers(&parts.headers);
        call.response_body = redact::body(&parts.headers, &body);
    }
    if let (Some(operation), false) = (operation, injected) {
        let response = contract::Response { status: parts.status.as_u16(), headers: &parts.headers, body: &body };
        call.own_violations = observer.contract.check_response(operation, response);
    }
    if !is_browsing {
        observer.calls.add(call);
    }
    Response::from_parts(parts, Body::from(body))
}
