//! `GET /packages` and `GET /packages/{assessmentPackageId}`.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::flows::Ports;
use domain::flows::authorise::{Caller, authorise};
use domain::flows::listing::{self, Listing, ListingError, Refresh};
use domain::ports::{Catalogue, Clock, Integrations, ResultQueue};
use domain::timestamp::in_millis;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use runtime::http::{self, HttpError};

use crate::wire::Package;

/// Answers a request. `max_age` is the age from which the stored copy is refreshed.
pub(crate) async fn handle<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    max_age: Duration,
    request: &Request,
) -> Response<Body>
where
    S: Catalogue + Integrations,
    Q: ResultQueue,
    W: Clock,
{
    let segments = http::segments(request);
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (route, reply) = match (request.method(), path.as_slice()) {
        (&Method::GET, ["packages"]) => ("GET /packages", list(ports, max_age, request).await),
        (&Method::GET, ["packages", id]) => ("GET /packages/{assessmentPackageId}", get(ports, request, id).await),
        _ => return HttpError::NO_ROUTE.reply(),
    };
    let reply = reply.unwrap_or_else(HttpError::reply);
    http::log_answer(route, &reply);
    reply
}

async fn caller<S: Integrations, K, Q, T, R, W: Clock>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &Request,
) -> Result<Caller, HttpError> {
    authorise(ports, http::bearer(request)?).await.map_err(|denied| http::denied(&denied))
}

async fn list<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    max_age: Duration,
    request: &Request,
) -> Result<Response<Body>, HttpError>
where
    S: Catalogue + Integrations,
    Q: ResultQueue,
    W: Clock,
{
    let caller = caller(ports, request).await?;
    let listing = listing::list(ports, &caller, max_age).await.map_err(|error| answer(&error))?;
    log(&caller, &listing);
    if listing.offered.is_empty() {
        return Ok(http::empty(StatusCode::NO_CONTENT));
    }
    let packages: Vec<Package> = listing.offered.iter().map(Package::from).collect();
    Ok(http::json(StatusCode::OK, &packages))
}

async fn get<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &Request,
    id: &str,
) -> Result<Response<Body>, HttpError>
where
    S: Catalogue + Integrations,
    W: Clock,
{
    let caller = caller(ports, request).await?;
    let id = id.parse().map_err(|_| HttpError::PACKAGE_UNKNOWN)?;
    let assessment = listing::get(ports, &caller, id).await.map_err(|error| {
        let reason = match &error {
            ListingError::NotFound(reason) => reason.map(|reason| reason.code()),
            // For one package the contract has no 403: it cannot be ordered, as one that is not there.
            ListingError::KeyRefused => Some("key_refused"),
            ListingError::Store(error) => return http::failed(error),
        };
        tracing::info!(event = "package.not_found", company = %caller.integration.company, assessment = %id, reason);
        HttpError::PACKAGE_UNKNOWN
    })?;
    Ok(http::json(StatusCode::OK, &Package::from(&assessment)))
}

/// Tells ops what was listed and what was not, and why (row 13 of the product's promises).
fn log(caller: &Caller, listing: &Listing) {
    let mut withheld: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, reason) in &listing.withheld {
        *withheld.entry(reason.code()).or_default() += 1;
    }
    tracing::info!(
        event = "packages.listed",
        company = %caller.integration.company,
        offered = listing.offered.len(),
        withheld = ?withheld,
        refreshed_at = listing.refreshed_at.map(|at| at.to_string()),
        age_ms = listing.age.map(in_millis),
        refresh = ?listing.refresh,
    );
    if listing.refresh == Refresh::NotAsked {
        tracing::warn!(event = "queue.failed", company = %caller.integration.company);
    }
}

fn answer(error: &ListingError) -> HttpError {
    match error {
        ListingError::KeyRefused => HttpError::KEY_REFUSED,
        ListingError::NotFound(_) => HttpError::PACKAGE_UNKNOWN,
        ListingError::Store(error) => http::failed(error),
    }
}
