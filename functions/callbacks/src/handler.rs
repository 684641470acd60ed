//! `POST /callbacks/testgorilla`.

use domain::flows::Ports;
use domain::flows::hint::{Disbelieved, HintError, act, believe};
use domain::ports::{CallbackSecret, Clients, Clock, Integrations, Lookup, ResultQueue};
use domain::webhook::Headers;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use runtime::http::{self, HttpError};

use crate::wire;

const MALFORMED: HttpError =
    HttpError::new(StatusCode::BAD_REQUEST, "callback_malformed", "The body is not a callback of a documented type.");
const HEADERS_MISSING: HttpError = HttpError::new(
    StatusCode::BAD_REQUEST,
    "callback_headers_missing",
    "Send webhook-id, webhook-timestamp and webhook-signature, each once.",
);
const DISBELIEVED: HttpError = HttpError::new(
    StatusCode::UNAUTHORIZED,
    "callback_signature_invalid",
    "The signature does not fit, or the timestamp is more than five minutes away.",
);

/// Answers a request.
pub(crate) async fn handle<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, request: &Request) -> Response<Body>
where
    S: Lookup + Integrations + Clients,
    K: CallbackSecret,
    Q: ResultQueue,
    W: Clock,
{
    let segments = http::segments(request);
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    if request.method() != Method::POST || path != ["callbacks", "testgorilla"] {
        return HttpError::NO_ROUTE.reply();
    }
    let reply = take(ports, request).await.unwrap_or_else(HttpError::reply);
    http::log_answer("POST /callbacks/testgorilla", &reply);
    reply
}

async fn take<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, request: &Request) -> Result<Response<Body>, HttpError>
where
    S: Lookup + Integrations + Clients,
    K: CallbackSecret,
    Q: ResultQueue,
    W: Clock,
{
    let body = http::body(request)?;
    let headers = Headers {
        id: header(request, "webhook-id")?,
        timestamp: header(request, "webhook-timestamp")?,
        signature: header(request, "webhook-signature")?,
    };
    believe(ports, headers, body).await.map_err(|error| match &error {
        Disbelieved::Signature(reason) => {
            tracing::warn!(event = "callback.disbelieved", %reason);
            DISBELIEVED
        }
        Disbelieved::Store(error) => http::failed(error),
    })?;
    let Some(hint) = wire::parse(body).map_err(|wire::Malformed| MALFORMED)? else {
        tracing::info!(event = "callback.ignored");
        return Ok(http::empty(StatusCode::ACCEPTED));
    };
    let concerned = act(ports, &hint).await.map_err(|error| match &error {
        HintError::Store(error) => http::failed(error),
        HintError::Queue(error) => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(event = "queue.failed", error = %error, cause);
            HttpError::UNAVAILABLE
        }
    })?;
    tracing::info!(event = "callback.taken", ?hint, concerned);
    Ok(http::empty(StatusCode::ACCEPTED))
}

fn header<'a>(request: &'a Request, name: &str) -> Result<&'a str, HttpError> {
    let mut values = request.headers().get_all(name).iter();
    match (values.next().map(|value| value.to_str()), values.next()) {
        (Some(Ok(value)), None) => Ok(value),
        _ => Err(HEADERS_MISSING),
    }
}
