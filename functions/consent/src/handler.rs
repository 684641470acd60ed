//! `GET` and `POST /integration`, and the two forms of the disconnect call.

use domain::flows::Ports;
use domain::flows::consent::{Grant, GrantError, Granted, grant};
use domain::form_token;
use domain::hosts::AllowedHosts;
use domain::ids::AttemptId;
use domain::ports::{
    Catalogue, Clients, Clock, CompanySecrets, Entropy, Integrations, NoEntropy, PartnerSecret, ResultQueue,
    SmartRecruiters, StoreError, TestGorilla,
};
use domain::sensitive::{ApiKey, Secret};
use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, Response};
use runtime::http::{self, HttpError};

use crate::pages::{self, FormView};
use crate::problem::Problem;
use crate::wire::{self, Target};
use crate::{disconnect, wire::Form};

/// Answers a request.
pub(crate) async fn handle<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    request: &Request,
) -> Response<Body>
where
    S: Integrations + Clients + Catalogue,
    K: CompanySecrets + PartnerSecret,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let segments = http::segments(request);
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (route, reply) = match (request.method(), path.as_slice()) {
        (&Method::GET, ["integration"]) => ("GET /integration", show(ports, hosts, request).await),
        (&Method::POST, ["integration"]) => ("POST /integration", submit(ports, hosts, request).await),
        (&Method::DELETE, ["integrations", "companies", company]) => (
            "DELETE /integrations/companies/{companyId}",
            disconnect::by_token(ports, request, company).await.unwrap_or_else(HttpError::reply),
        ),
        (&Method::DELETE, ["integrations", key, "companies", company]) => (
            "DELETE /integrations/{disconnectKey}/companies/{companyId}",
            disconnect::by_key(ports, key, company).await.unwrap_or_else(HttpError::reply),
        ),
        _ => return HttpError::NO_ROUTE.reply(),
    };
    http::log_answer(route, &reply);
    reply
}

/// Shows the form.
async fn show<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    request: &Request,
) -> Response<Body>
where
    K: PartnerSecret,
    W: Clock + Entropy,
{
    match wire::target(request.uri().query().unwrap_or_default(), hosts) {
        Ok(target) => form(ports, hosts, &target, None).await,
        Err(problem) => dead_end(ports, hosts, &problem),
    }
}

/// Takes the form.
async fn submit<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    request: &Request,
) -> Response<Body>
where
    S: Integrations + Clients + Catalogue,
    K: CompanySecrets + PartnerSecret,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let read = http::body(request).map_err(|_| Problem::FORM_MALFORMED).and_then(|body| wire::form(body, hosts));
    let sent = match read {
        Ok(sent) => sent,
        Err(problem) => return dead_end(ports, hosts, &problem),
    };
    match consent(ports, &sent).await {
        Ok(()) => granted(ports, hosts, &sent.target),
        Err(problem) => {
            tracing::info!(event = "consent.refused", company = %sent.target.company, code = problem.code);
            form(ports, hosts, &sent.target, Some(&problem)).await
        }
    }
}

async fn consent<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, sent: &Form) -> Result<(), Problem>
where
    S: Integrations + Clients + Catalogue,
    K: CompanySecrets + PartnerSecret,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Target { company, redirect } = &sent.target;
    let form = form_token::Form { company, redirect: redirect.as_deref() };
    let secrets = form_secrets(ports).await.map_err(|error| unavailable(&error))?;
    let attempt = form.verify(&sent.token, &secrets, ports.world.now())?;
    let api_key = ApiKey::from_pasted(sent.api_key.expose()).map_err(|_| Problem::KEY_MALFORMED)?;
    let request = Grant { company: company.clone(), attempt, api_key };
    let how = grant(ports, &request).await.map_err(|error| {
        log_failure(&error);
        Problem::from(&error)
    })?;
    if how != Granted::Before {
        tracing::info!(event = "integration.activated", %company, ?how);
    }
    Ok(())
}

/// What ops should look at; what the admin can mend is not among it.
fn log_failure(error: &GrantError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    match error {
        GrantError::NotRegistered
        | GrantError::NotConfigured
        | GrantError::TestGorilla(_)
        | GrantError::SmartRecruiters(_)
        | GrantError::Entropy(_)
        | GrantError::Store(_) => tracing::error!(event = "consent.failed", error = %error, cause),
        GrantError::Key(_) | GrantError::NotConsented | GrantError::AlreadyConnected | GrantError::Busy => {}
    }
}

/// Back to SmartRecruiters where it said how, else the last page.
fn granted<S, K, Q, T, R, W: Entropy>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    target: &Target,
) -> Response<Body> {
    let location = target.redirect.as_deref().and_then(|redirect| HeaderValue::from_str(redirect).ok());
    match (location, nonce(ports)) {
        (Some(location), _) => {
            let mut reply = http::empty(StatusCode::SEE_OTHER);
            reply.headers_mut().insert(header::LOCATION, location);
            reply
        }
        (None, nonce) => pages::connected(&nonce, hosts),
    }
}

/// The form, made anew.
async fn form<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    target: &Target,
    problem: Option<&Problem>,
) -> Response<Body>
where
    K: PartnerSecret,
    W: Clock + Entropy,
{
    let made = form_secrets(ports).await.map_err(|error| unavailable(&error));
    let made = made.and_then(|secrets| Ok((secrets, ports.world.bytes16().map_err(|NoEntropy| Problem::UNAVAILABLE)?)));
    let (secrets, attempt) = match made {
        Ok(made) => made,
        Err(problem) => return dead_end(ports, hosts, &problem),
    };
    let Some(secret) = secrets.first() else { return dead_end(ports, hosts, &Problem::UNAVAILABLE) };
    let form = form_token::Form { company: &target.company, redirect: target.redirect.as_deref() };
    let token = form.issue(secret, &AttemptId::from_bytes(attempt), ports.world.now());
    let view = FormView { company: &target.company, redirect: form.redirect, token: &token, problem };
    pages::form(&view, &nonce(ports), hosts)
}

fn dead_end<S, K, Q, T, R, W: Entropy>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    problem: &Problem,
) -> Response<Body> {
    pages::dead_end(problem, &nonce(ports), hosts)
}

/// The disconnect keys also make the forms: both end when ops rotate them.
async fn form_secrets<S, K: PartnerSecret, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
) -> Result<Vec<Secret>, StoreError> {
    Ok(ports.secrets.partner_keys().await?.disconnect_keys)
}

fn unavailable(error: &StoreError) -> Problem {
    http::failed(error);
    Problem::UNAVAILABLE
}

/// Fresh for each page (content security policy level 3).
fn nonce<S, K, Q, T, R, W: Entropy>(ports: &Ports<S, K, Q, T, R, W>) -> String {
    AttemptId::from_bytes(ports.world.bytes16().unwrap_or_default()).to_string()
}
