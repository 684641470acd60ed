//! What the HTTP functions share: reading requests, and answers in the shape of SmartRecruiters' contract.

use std::borrow::Cow;
use std::time::Duration;

use domain::flows::authorise::Denied;
use domain::flows::throttle::Throttled;
use domain::ports::StoreError;
use domain::tries::Origin;
use futures_util::FutureExt;
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::{Adapter, Body, Error, LambdaEvent, Request, RequestExt, Response, Service, service_fn};
use serde::Serialize;

use crate::{gateway, telemetry};

/// Largest body of a request, in bytes.
pub const MAX_BODY: usize = 256 * 1024;

/// An answer with an error: status, stable code and a sentence for the caller. Codes are listed in docs/errors.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpError {
    /// Status.
    pub status: StatusCode,
    /// Stable, never reused for something else.
    pub code: &'static str,
    /// What happened and what to do, without internals.
    pub message: Cow<'static, str>,
    /// After how many seconds the same may succeed (`Retry-After`), where waiting helps.
    pub retry_after: Option<u64>,
}

impl HttpError {
    /// An error answer.
    pub const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), retry_after: None }
    }

    /// The same error with another sentence.
    #[must_use]
    pub fn because(self, message: String) -> Self {
        Self { message: Cow::Owned(message), ..self }
    }

    /// The same error with a time after which the same may succeed.
    #[must_use]
    pub const fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The body is too large.
    pub const BODY_TOO_LARGE: Self =
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The request body is larger than 256 KiB.");
    /// No bearer token came.
    pub const TOKEN_MISSING: Self =
        Self::new(StatusCode::UNAUTHORIZED, "token_missing", "Send an access token as a Bearer token.");
    /// A bearer token came that is not taken, for whatever reason.
    pub const TOKEN_INVALID: Self = Self::new(
        StatusCode::UNAUTHORIZED,
        "token_invalid",
        "The access token is not valid, has expired, or its company is not connected. Get a new one.",
    );
    /// The body or the path names another company than the token.
    pub const COMPANY_FOREIGN: Self =
        Self::new(StatusCode::FORBIDDEN, "company_foreign", "The access token belongs to another company.");
    /// The company has no such package.
    pub const PACKAGE_UNKNOWN: Self = Self::new(
        StatusCode::NOT_FOUND,
        "package_unknown",
        "There is no such package for this company. List the packages again.",
    );
    /// The candidate was ordered the package too often.
    pub const TOO_MANY_ORDERS: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "too_many_orders",
        "The candidate was ordered this package a hundred times. Its result shows on each of those orders.",
    );
    /// TestGorilla refuses the company's key.
    pub const KEY_REFUSED: Self = Self::new(
        StatusCode::FORBIDDEN,
        "testgorilla_key_refused",
        "TestGorilla refuses the company's API key. Disconnect and connect again with a valid key.",
    );
    /// Something of ours is down.
    pub const UNAVAILABLE: Self = Self::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "The service is not available. Try again in a moment.",
    )
    .after(5);
    /// Too much was tried in vain.
    const TOO_MANY_TRIES: Self = Self::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_tries",
        "Too many wrong tries. Wait as long as Retry-After says.",
    );
    /// Something of ours is broken.
    pub const INTERNAL: Self =
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.");
    /// No such route.
    pub const NO_ROUTE: Self = Self::new(StatusCode::NOT_FOUND, "no_route", "There is nothing here.");

    /// The error as an answer.
    pub fn reply(self) -> Response<Body> {
        #[derive(Serialize)]
        struct Item<'a> {
            code: &'static str,
            message: &'a str,
        }
        #[derive(Serialize)]
        struct Errors<'a> {
            errors: [Item<'a>; 1],
            message: &'a str,
        }
        let body = Errors { errors: [Item { code: self.code, message: &self.message }], message: &self.message };
        let mut reply = json(self.status, &body);
        // RFC 6750 section 3; callbacks carry no bearer token, and there is no scheme to challenge them by.
        let challenge = match self.code {
            code if code == Self::TOKEN_MISSING.code => Some("Bearer"),
            code if code == Self::TOKEN_INVALID.code => Some("Bearer error=\"invalid_token\""),
            _ => None,
        };
        if let Some(challenge) = challenge {
            reply.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = self.retry_after {
            reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        reply
    }
}

/// The answer to a failure of the store, which is logged here, once.
pub fn failed(error: &StoreError) -> HttpError {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(event = "store.failed", error = %error, cause);
    match error {
        StoreError::Unavailable(_) => HttpError::UNAVAILABLE,
        StoreError::Broken(_) => HttpError::INTERNAL,
    }
}

/// The answer to a caller who is not let in; why is logged here and not told.
pub fn denied(denied: &Denied) -> HttpError {
    match denied {
        Denied::Token(_) | Denied::NotActive => {
            tracing::info!(event = "caller.denied", reason = %denied);
            HttpError::TOKEN_INVALID
        }
        Denied::Store(error) => failed(error),
    }
}

/// The answer to a caller who has tried too often.
pub fn throttled(throttled: &Throttled) -> HttpError {
    match throttled {
        Throttled::TooMany(wait) => HttpError::TOO_MANY_TRIES.after(seconds(*wait)),
        Throttled::Store(error) => failed(error),
    }
}

/// Whole seconds, of which the last one counts.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(1)
}

/// Where a request comes from, as the gateway saw it: nothing that the caller sends can change it.
pub fn origin(request: &Request) -> Option<Origin> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => Origin::of(context.http.source_ip.as_deref()?.parse().ok()?),
        _ => None,
    }
}

/// An answer with a JSON body. Nothing that this product answers may be stored by a cache.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    let body = serde_json::to_string(body).unwrap_or_default();
    let mut reply = with_body(status, body);
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

/// An answer without a body.
pub fn empty(status: StatusCode) -> Response<Body> {
    with_body(status, Body::Empty)
}

fn with_body(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// The bearer token of a request (RFC 6750 section 2.1).
///
/// # Errors
/// [`HttpError::TOKEN_MISSING`] when there is none, or more than one.
pub fn bearer(request: &Request) -> Result<&str, HttpError> {
    let mut values = request.headers().get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(HttpError::TOKEN_MISSING) };
    let value = value.to_str().map_err(|_| HttpError::TOKEN_MISSING)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim_matches(' ')),
        _ => Err(HttpError::TOKEN_MISSING),
    }
}

/// The body of a request.
///
/// # Errors
/// [`HttpError::BODY_TOO_LARGE`].
pub fn body(request: &Request) -> Result<&[u8], HttpError> {
    let body: &[u8] = request.body().as_ref();
    if body.len() > MAX_BODY { Err(HttpError::BODY_TOO_LARGE) } else { Ok(body) }
}

/// The segments of a request's path, percent-decoded; one that is not UTF-8 once decoded becomes empty.
pub fn segments(request: &Request) -> Vec<String> {
    // The URI has dots resolved: `/packages/.` would be the list there.
    let path = match request.raw_http_path() {
        "" => request.uri().path(),
        path => path,
    };
    let decode =
        |segment: &str| percent_encoding::percent_decode_str(segment).decode_utf8().unwrap_or_default().into_owned();
    path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
}

/// Answers requests with `handler` until the process ends, each within the span of its invocation.
///
/// # Errors
/// When Lambda's runtime interface fails.
pub async fn serve<F>(handler: impl Fn(Request) -> F) -> Result<(), Error>
where
    F: Future<Output = Response<Body>> + Send,
{
    let mut adapter = Adapter::from(service_fn(|request: Request| {
        let context = request.lambda_context();
        telemetry::invocation(&context, handler(request)).map(Ok::<_, Error>)
    }));
    lambda_runtime::run(service_fn(|event: LambdaEvent<LambdaRequest>| {
        adapter.call(LambdaEvent { payload: gateway::with_plain_uri(event.payload), ..event })
    }))
    .await
}

/// Logs how a request was answered, once. Neither the path nor the query is logged: they may hold keys and ids.
pub fn log_answer(route: &'static str, reply: &Response<Body>) {
    tracing::info!(event = "http.answered", route, status = reply.status().as_u16());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_header(value: &str) -> Request {
        let mut request = Request::new(Body::Empty);
        request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        request
    }

    #[test]
    fn the_token_is_read_whatever_the_case_of_the_scheme() {
        for good in ["Bearer abc", "bearer abc", "BEARER  abc"] {
            assert_eq!(bearer(&with_header(good)), Ok("abc"));
        }
        for bad in ["abc", "Basic abc", "Bearer"] {
            assert_eq!(bearer(&with_header(bad)), Err(HttpError::TOKEN_MISSING));
        }
        assert_eq!(bearer(&Request::new(Body::Empty)), Err(HttpError::TOKEN_MISSING));
        let mut twice = with_header("Bearer abc");
        twice.headers_mut().append(header::AUTHORIZATION, HeaderValue::from_static("Bearer def"));
        assert_eq!(bearer(&twice), Err(HttpError::TOKEN_MISSING));
    }

    #[test]
    fn an_error_has_smartrecruiters_shape() {
        let reply = HttpError::TOKEN_INVALID.reply();
        let text = std::str::from_utf8(reply.body().as_ref()).unwrap().to_owned();
        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body["errors"][0]["code"], "token_invalid");
        assert_eq!(body["message"], body["errors"][0]["message"]);
        assert_eq!(reply.headers()[header::WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"");
        assert_eq!(reply.headers()[header::CACHE_CONTROL], "no-store");
    }

    #[test]
    fn a_body_is_256_kib_at_most() {
        assert!(body(&Request::new(Body::Binary(vec![0; MAX_BODY]))).is_ok());
        assert_eq!(body(&Request::new(Body::Binary(vec![0; MAX_BODY + 1]))), Err(HttpError::BODY_TOO_LARGE));
    }
}
