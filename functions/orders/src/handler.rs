//! `POST /packages/orders` and `POST /packages/inline/orders`.

use std::time::Duration;

use domain::flows::Ports;
use domain::flows::authorise::{Caller, authorise};
use domain::flows::inline::{self, InlineError};
use domain::flows::order::{self, OrderError};
use domain::hosts::AllowedHosts;
use domain::order::OrderKind;
use domain::ports::{Catalogue, Clock, CompanySecrets, Entropy, Integrations, InvitationQueue, Ledger, TestGorilla};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use runtime::http::{self, HttpError};
use serde_json::json;

use crate::wire;

/// What the function knows beyond its ports.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) hosts: AllowedHosts,
    pub(crate) invitation_delay: Duration,
}

const INVITATION_REFUSED: HttpError = HttpError::new(
    StatusCode::FORBIDDEN,
    "invitation_refused",
    "TestGorilla will not invite this candidate to this assessment.",
);

/// Answers a request.
pub(crate) async fn handle<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    request: &Request,
) -> Response<Body>
where
    S: Catalogue + Integrations + Ledger,
    K: CompanySecrets,
    Q: InvitationQueue,
    T: TestGorilla,
    W: Clock + Entropy,
{
    let segments = http::segments(request);
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (route, kind) = match (request.method(), path.as_slice()) {
        (&Method::POST, ["packages", "orders"]) => ("POST /packages/orders", OrderKind::Package),
        (&Method::POST, ["packages", "inline", "orders"]) => ("POST /packages/inline/orders", OrderKind::Inline),
        _ => return HttpError::NO_ROUTE.reply(),
    };
    let reply = take(ports, settings, request, kind).await.unwrap_or_else(HttpError::reply);
    http::log_answer(route, &reply);
    reply
}

async fn take<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    request: &Request,
    kind: OrderKind,
) -> Result<Response<Body>, HttpError>
where
    S: Catalogue + Integrations + Ledger,
    K: CompanySecrets,
    Q: InvitationQueue,
    T: TestGorilla,
    W: Clock + Entropy,
{
    let caller = authorise(ports, http::bearer(request)?).await.map_err(|denied| http::denied(&denied))?;
    let company = &caller.integration.company;
    let order = http::body(request).and_then(|body| wire::parse(body, kind, company, &settings.hosts));
    let order = order.map_err(|error| not_taken(&caller, error))?;
    match kind {
        OrderKind::Package => by_mail(ports, settings, &caller, &order).await,
        OrderKind::Inline => by_link(ports, &caller, &order).await,
    }
}

async fn by_mail<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    caller: &Caller,
    order: &order::OrderRequest,
) -> Result<Response<Body>, HttpError>
where
    S: Catalogue + Ledger,
    Q: InvitationQueue,
    W: Clock,
{
    let accepted = order::accept(ports, caller, order, settings.invitation_delay)
        .await
        .map_err(|error| order_error(caller, &error))?;
    tracing::info!(
        event = "order.accepted",
        company = %caller.integration.company,
        order = %order.result_url.order(),
        invitation = %accepted.invitation,
        how = ?accepted.how,
        woken = accepted.is_woken,
    );
    Ok(http::json(StatusCode::ACCEPTED, &json!({})))
}

async fn by_link<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    caller: &Caller,
    order: &order::OrderRequest,
) -> Result<Response<Body>, HttpError>
where
    S: Catalogue + Integrations + Ledger,
    K: CompanySecrets,
    Q: InvitationQueue,
    T: TestGorilla,
    W: Clock + Entropy,
{
    let accepted = inline::accept(ports, caller, order).await.map_err(|error| match &error {
        InlineError::Order(error) => order_error(caller, error),
        InlineError::Refused(refusal) => {
            tracing::info!(event = "inline_order.refused", order = %order.result_url.order(), ?refusal);
            INVITATION_REFUSED
        }
        InlineError::NotNow(code) => {
            tracing::warn!(event = "inline_order.deferred", order = %order.result_url.order(), code);
            HttpError::UNAVAILABLE
        }
    })?;
    tracing::info!(
        event = "order.accepted",
        company = %caller.integration.company,
        order = %order.result_url.order(),
        invitation = %accepted.invitation,
        how = ?accepted.how,
    );
    let link = accepted.link.reveal();
    Ok(http::json(StatusCode::OK, &json!({"url": link, "assessmentPackageURL": link})))
}

fn order_error(caller: &Caller, error: &OrderError) -> HttpError {
    let refusal = match error {
        OrderError::UnknownPackage => HttpError::PACKAGE_UNKNOWN,
        OrderError::KeyRefused => HttpError::KEY_REFUSED,
        OrderError::TooMany => HttpError::TOO_MANY_ORDERS,
        OrderError::Store(error) => return http::failed(error),
    };
    not_taken(caller, refusal)
}

/// An order of a connected company that is refused, and will be each time: the recruiter has none. The sentence names properties, and
/// repeats nothing that was sent.
fn not_taken(caller: &Caller, refusal: HttpError) -> HttpError {
    let company = &caller.integration.company;
    tracing::warn!(event = "order.refused", %company, code = refusal.code, why = %refusal.message);
    refusal
}
