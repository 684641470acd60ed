//! `POST /oauth/token`.

use domain::flows::token::{TokenError, issue};
use domain::flows::{Ports, throttle};
use domain::ids::ClientId;
use domain::ports::{Clients, Clock, CompanySecrets, TryCounts};
use domain::tries::{Origin, Tried};
use lambda_http::http::Method;
use lambda_http::{Body, Request, Response};
use runtime::http::{self, HttpError};

use crate::wire::{self, TokenRequestError};

/// Answers a request.
pub(crate) async fn handle<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, request: &Request) -> Response<Body>
where
    S: Clients + TryCounts,
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
    S: Clients + TryCounts,
    K: CompanySecrets,
    W: Clock,
{
    let origin = http::origin(request);
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
        Err(TokenError::InvalidClient(client)) => {
            tracing::info!(event = "token.refused");
            match count(ports, client, origin).await {
                Ok(()) => TokenRequestError::InvalidClient { basic: request.basic }.reply(),
                Err(throttled) => http::throttled(&throttled).reply(),
            }
        }
        Err(TokenError::SigningKey) => {
            tracing::error!(event = "token.signing_key_unusable");
            HttpError::INTERNAL.reply()
        }
        Err(TokenError::Store(error)) => http::failed(&error).reply(),
    }
}

/// Counts a wrong pair. A right one is never counted and always taken: SmartRecruiters calls for all companies from few addresses,
/// and whoever guesses wrongly there must not lock out the others. Nobody guesses 256 random bits.
async fn count<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    client: Option<ClientId>,
    origin: Option<Origin>,
) -> Result<(), throttle::Throttled>
where
    S: TryCounts,
    W: Clock,
{
    let tried = [client.map(Tried::TokenOfClient), origin.map(Tried::TokenFrom)];
    throttle::admit(ports, &tried.into_iter().flatten().collect::<Vec<_>>()).await
}
