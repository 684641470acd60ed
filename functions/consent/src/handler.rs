//! `GET` and `POST /integration`, and the two forms of the disconnect call.

use domain::flows::Ports;
use domain::flows::consent::{Grant, GrantError, Granted, grant};
use domain::flows::throttle::{Throttled, admit};
use domain::form_token::{self, InvalidForm};
use domain::hosts::AllowedHosts;
use domain::ids::{AttemptId, CompanyId};
use domain::ports::{
    Catalogue, Clients, Clock, CompanySecrets, Entropy, Integrations, NoEntropy, PartnerSecret, ResultQueue,
    SmartRecruiters, StoreError, TestGorilla, TryCounts,
};
use domain::sensitive::ApiKey;
use domain::tries::{Origin, Tried};
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
    S: Integrations + Clients + Catalogue + TryCounts,
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

/// Shows the form, or, behind a link that we signed a moment ago, that the company is connected.
async fn show<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    request: &Request,
) -> Response<Body>
where
    K: PartnerSecret,
    W: Clock + Entropy,
{
    let link = match wire::link(request.uri().query().unwrap_or_default(), hosts) {
        Ok(link) => link,
        Err(problem) => return dead_end(ports, hosts, &problem),
    };
    if let Some(token) = &link.connected
        && let Ok(Ok(_)) = verify(ports, &done(&link.target), token).await
    {
        return pages::connected(&nonce(ports), hosts);
    }
    form(ports, hosts, &link.target, None).await
}

/// Takes the form.
async fn submit<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    request: &Request,
) -> Response<Body>
where
    S: Integrations + Clients + Catalogue + TryCounts,
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
    let connected = match consent(ports, &sent, http::origin(request)).await {
        Ok(()) => granted(ports, &sent.target).await,
        Err(problem) => Err(problem),
    };
    match connected {
        Ok(reply) => reply,
        Err(problem) => {
            tracing::info!(event = "consent.refused", company = %sent.target.company, code = problem.code);
            form(ports, hosts, &sent.target, Some(&problem)).await
        }
    }
}

async fn consent<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    sent: &Form,
    origin: Option<Origin>,
) -> Result<(), Problem>
where
    S: Integrations + Clients + Catalogue + TryCounts,
    K: CompanySecrets + PartnerSecret,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Target { company, redirect } = &sent.target;
    let form = form_token::Form { company, redirect: redirect.as_deref() };
    let attempt = verify(ports, &form, &sent.token).await.map_err(|error| unavailable(&error))??;
    let api_key = ApiKey::from_pasted(sent.api_key.expose()).map_err(|_| Problem::KEY_MALFORMED)?;
    count(ports, company, origin).await?;
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

/// Counts a key before it is tried, so that however many forms are sent at once, no more keys than the limit reach TestGorilla.
async fn count<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    origin: Option<Origin>,
) -> Result<(), Problem>
where
    S: TryCounts,
    W: Clock,
{
    let company = Tried::KeyForCompany(company.clone(), origin);
    let tried: Vec<Tried> = origin.map(Tried::KeyFrom).into_iter().chain([company]).collect();
    admit(ports, &tried).await.map_err(|throttled| {
        if let Throttled::Store(error) = &throttled {
            http::failed(error);
        }
        Problem::from(&throttled)
    })
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

/// Back to SmartRecruiters where it said how, else on to the last page: the browser gets it by itself, so that reloading does not
/// send the form again.
async fn granted<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, target: &Target) -> Result<Response<Body>, Problem>
where
    K: PartnerSecret,
    W: Clock + Entropy,
{
    let location = match &target.redirect {
        Some(redirect) => redirect.clone(),
        None => wire::connected(&target.company, &token(ports, &done(target)).await?),
    };
    let location = HeaderValue::from_str(&location).map_err(|_| Problem::UNAVAILABLE)?;
    let mut reply = http::empty(StatusCode::SEE_OTHER);
    reply.headers_mut().insert(header::LOCATION, location);
    Ok(reply)
}

/// What the last page's link is signed for; no form has this way back.
fn done(target: &Target) -> form_token::Form<'_> {
    form_token::Form { company: &target.company, redirect: Some("connected") }
}

/// A token for a form, or for the last page's link.
async fn token<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    form: &form_token::Form<'_>,
) -> Result<String, Problem>
where
    K: PartnerSecret,
    W: Clock + Entropy,
{
    let secrets = ports.secrets.partner_keys().await.map_err(|error| unavailable(&error))?.disconnect_keys;
    let nonce = ports.world.bytes16().map_err(|NoEntropy| Problem::UNAVAILABLE)?;
    let secret = secrets.first().ok_or(Problem::UNAVAILABLE)?;
    Ok(form.issue(secret, &AttemptId::from_bytes(nonce), ports.world.now()))
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
    let redirect = target.redirect.as_deref();
    let token = match token(ports, &form_token::Form { company: &target.company, redirect }).await {
        Ok(token) => token,
        Err(problem) => return dead_end(ports, hosts, &problem),
    };
    let view = FormView { company: &target.company, redirect, token: &token, problem };
    pages::form(&view, &nonce(ports), hosts)
}

fn dead_end<S, K, Q, T, R, W: Entropy>(
    ports: &Ports<S, K, Q, T, R, W>,
    hosts: &AllowedHosts,
    problem: &Problem,
) -> Response<Body> {
    tracing::info!(event = "consent.refused", code = problem.code);
    pages::dead_end(problem, &nonce(ports), hosts)
}

/// Checks a token. The disconnect keys make the forms: both end when ops rotate them. One that fits none of the remembered keys may
/// have been made with a newer one.
async fn verify<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    form: &form_token::Form<'_>,
    token: &str,
) -> Result<Result<AttemptId, InvalidForm>, StoreError>
where
    K: PartnerSecret,
    W: Clock,
{
    let keys = ports.secrets.partner_keys().await?.disconnect_keys;
    match form.verify(token, &keys, ports.world.now()) {
        Err(InvalidForm::Forged) => {
            let keys = ports.secrets.partner_keys_now().await?.disconnect_keys;
            Ok(form.verify(token, &keys, ports.world.now()))
        }
        verified => Ok(verified),
    }
}

fn unavailable(error: &StoreError) -> Problem {
    http::failed(error);
    Problem::UNAVAILABLE
}

/// Fresh for each page (content security policy level 3).
fn nonce<S, K, Q, T, R, W: Entropy>(ports: &Ports<S, K, Q, T, R, W>) -> String {
    AttemptId::from_bytes(ports.world.bytes16().unwrap_or_default()).to_string()
}
