//! `POST /oauth/token`.

use domain::flows::Ports;
use domain::flows::token::{TokenError, issue};
use domain::ports::{Clients, Clock, CompanySecrets};
use lambda_http::http::Method;
use lambda_http::{Body, Request, Response};
use runtime::http::{self, HttpError};

use crate::wire::{self, TokenRequestError};

/// Answers a request.
pub(crate) async fn handle<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, request: &Request) -> Response<Body>
where
    S: Clients,
    K: CompanySecrets,
    W: Clock,
{
    let segments = http::segments(request);
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    if request.method() != Method::POST || path != ["oauth", "token"] {
        return HttpError::NO_ROUTE.reply();
    }
    let reply = answer(ports, request).await;
    http::log_answer("POST /oauth/token", &reply);
    reply
}

async fn answer<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, request: &Request) -> Response<Body>
where
    S: Clients,
    K: CompanySecrets,
    W: Clock,
{
    let body = match http::body(request) {
        Ok(body) => body,
        Err(error) => return error.reply(),
    };
    let request = match wire::parse(request.headers(), body) {
        Ok(request) => request,
        Err(error) => return error.reply(),
    };
    match issue(ports, &request.credentials).await {
        Ok(issued) => {
            tracing::info!(event = "token.issued", company = %issued.company);
            wire::token(&issued.token, issued.expires_in)
        }
        Err(TokenError::InvalidClient) => {
            tracing::info!(event = "token.refused");
            TokenRequestError::InvalidClient { basic: request.basic }.reply()
        }
        Err(TokenError::SigningKey) => {
            tracing::error!(event = "token.signing_key_unusable");
            HttpError::INTERNAL.reply()
        }
        Err(TokenError::Store(error)) => http::failed(&error).reply(),
    }
}
