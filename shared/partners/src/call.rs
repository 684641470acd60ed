//! One call to a partner, and its event in the log.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::timestamp::in_millis;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use runtime::trace::{self, TRACEPARENT};
use runtime::transport::{Limits, Transport, TransportError};
use serde::de::DeserializeOwned;
use url::Url;

use crate::fault::{Fault, FaultKind};

/// Largest JSON answer that is read.
pub(crate) const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;

/// A request before it has credentials: may be sent again with others.
#[derive(Clone)]
pub(crate) struct Ask {
    /// The operation's name in the partner's contract.
    pub operation: &'static str,
    pub method: Method,
    pub url: Url,
    /// Content type and body.
    pub body: Option<(HeaderValue, Bytes)>,
    /// Whether JSON is asked for.
    pub json: bool,
    pub limits: Limits,
}

/// A whole answer.
pub(crate) struct Reply {
    pub operation: &'static str,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Ask {
    /// A JSON body. `operation` must be a type that always serializes.
    pub(crate) fn with_json(mut self, body: &impl serde::Serialize) -> Self {
        let text = serde_json::to_vec(body).unwrap_or_default();
        self.body = Some((HeaderValue::from_static("application/json"), text.into()));
        self
    }

    fn into_request(self, authorization: Option<HeaderValue>) -> Result<http::Request<Bytes>, TransportError> {
        let mut request = http::Request::builder().method(self.method).uri(self.url.as_str());
        request = request.header(USER_AGENT, concat!("testgorilla-smartrecruiters/", env!("CARGO_PKG_VERSION")));
        if self.json {
            request = request.header(ACCEPT, "application/json");
        }
        if let Some(trace) = trace::current() {
            request = request.header(TRACEPARENT, trace.to_string());
        }
        if let Some(mut authorization) = authorization {
            authorization.set_sensitive(true);
            request = request.header(AUTHORIZATION, authorization);
        }
        let (content_type, body) = self.body.unzip();
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        request.body(body.unwrap_or_default()).map_err(|_| TransportError::Unsendable)
    }
}

impl Reply {
    /// Reads the body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|_| Fault::body(self.operation))
    }

    /// What the status says, for answers that have no reading of their own.
    pub(crate) const fn fault(&self) -> Fault {
        Fault::status(self.operation, self.status)
    }
}

/// The value of an `Authorization` header; `None` when the credential has characters that no header can carry.
pub(crate) fn authorization(scheme: &str, credential: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{scheme} {credential}")).ok()
}

/// Sends, and leaves a `partner.call` event: who was asked for what, with which outcome, in how much time.
pub(crate) async fn send(
    transport: &Transport,
    partner: &'static str,
    ask: Ask,
    authorization: Option<HeaderValue>,
) -> Result<Reply, Fault> {
    let Ask { operation, limits, .. } = ask;
    let started = Instant::now();
    let answer = match ask.into_request(authorization) {
        Ok(request) => transport.send(request, limits).await,
        Err(error) => Err(error),
    };
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = answer.as_ref().ok().map(|response| response.status().as_u16());
    let outcome = answer.as_ref().map_or_else(|error| code(*error), |response| kind(response.status()));
    tracing::debug!(event = "partner.call", partner, operation, status, outcome, duration_ms);
    match answer {
        Ok(response) => {
            let (parts, body) = response.into_parts();
            Ok(Reply { operation, status: parts.status, headers: parts.headers, body })
        }
        Err(error) => Err(Fault { operation, kind: FaultKind::Transport(error) }),
    }
}

const RATE_LIMITED: &str = "rate_limited";

/// Leaves a `partner.rate_limited` event: the call was answered by 429, and how long to wait.
pub(crate) fn log_wait(partner: &'static str, operation: &'static str, wait: Duration) {
    let wait_ms = in_millis(wait);
    tracing::debug!(event = "partner.rate_limited", partner, operation, outcome = RATE_LIMITED, wait_ms);
}

/// Stable name of what a status says, for the log.
fn kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..=299 => "ok",
        401 | 403 => "denied",
        404 => "not_found",
        429 => RATE_LIMITED,
        408 | 500.. => "failed",
        _ => "rejected",
    }
}

/// Stable name of a failure, for the log.
const fn code(error: TransportError) -> &'static str {
    match error {
        TransportError::Timeout => "timeout",
        TransportError::Connect(_) => "no_connection",
        TransportError::Closed => "closed",
        TransportError::TooLarge => "too_large",
        TransportError::Protocol => "not_http",
        TransportError::Unsendable => "unsendable",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn request() -> http::Request<Bytes> {
        let limits = Limits { timeout: Duration::from_secs(1), max_body: 1, repeatable: false };
        let url = "https://x.example/".parse().unwrap();
        let ask = Ask { operation: "getCandidate", method: Method::GET, url, body: None, json: true, limits };
        ask.into_request(authorization("Token", "s3cret")).unwrap()
    }

    #[test]
    fn a_request_that_is_printed_shows_no_credential() {
        let request = request();
        assert_eq!(request.headers()[AUTHORIZATION], "Token s3cret");
        assert!(!format!("{request:?}").contains("s3cret"));
    }

    #[tokio::test]
    async fn a_request_tells_the_partner_the_trace_that_it_belongs_to() {
        let trace = trace::Trace::of("req-1", None);
        let told = trace.within(async { request() }).await;
        assert_eq!(told.headers()[TRACEPARENT], trace.to_string());
        assert!(!request().headers().contains_key(TRACEPARENT), "outside any invocation there is none");
    }

    #[test]
    fn every_status_has_one_of_a_few_outcomes() {
        let of = |status| kind(StatusCode::from_u16(status).unwrap());
        let outcomes = [200, 201, 204, 302, 400, 401, 403, 404, 408, 409, 429, 500, 503, 599].map(of);
        let expected =
            ["ok", "ok", "ok", "rejected", "rejected", "denied", "denied", "not_found", "failed", "rejected"];
        assert_eq!(outcomes[..10], expected);
        assert_eq!(outcomes[10..], ["rate_limited", "failed", "failed", "failed"]);
    }
}
