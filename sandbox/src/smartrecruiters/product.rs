//! SmartRecruiters calls the product, at the URLs that the product registered.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method, Request, header};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::SmartRecruiters;
use super::company::{self, not_registered};
use super::order::Delivery;
use super::state::Pair;
use crate::calls::{Call, Direction};
use crate::client::Answer;
use crate::contract::{self, Match};
use crate::control::ActionError;
use crate::{clock, redact};

/// What the product answered.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    /// The status; none when no answer came.
    pub(crate) status: Option<u16>,
    /// The body.
    pub(crate) body: Value,
    /// Why no answer came.
    pub(crate) error: Option<String>,
}

/// How the `requester` header of a listing is written: the contract does not settle it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequesterForm {
    /// `email,jane@example.com`
    #[default]
    List,
    /// `{"email":"jane@example.com"}`
    Json,
}

impl RequesterForm {
    /// The header's value.
    pub(crate) fn header(self, email: &str) -> String {
        match self {
            Self::List => format!("email,{email}"),
            Self::Json => serde_json::json!({"email": email}).to_string(),
        }
    }
}

/// A request to the product.
struct Outgoing<'a> {
    operation: &'a str,
    company: &'a str,
    method: Method,
    url: String,
    headers: HeaderMap,
    /// Parameters within the path.
    parameters: Vec<(&'a str, String)>,
    body: Bytes,
    /// Whether the request may break the contract, because somebody asked for it.
    irregular: bool,
}

/// Asks the product's token endpoint for a token. Returns it with the moment until when it may be used.
///
/// # Errors
/// In words, why there is none.
pub(crate) async fn fetch_token(
    app: &SmartRecruiters,
    company: &str,
    pair: &Pair,
) -> Result<(String, Instant), String> {
    let url = app.state().registered("oauthTokenUrl").ok_or("no oauthTokenUrl is registered")?;
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &pair.client_id)
        .append_pair("client_secret", &pair.client_secret)
        .finish();
    let answer = call(
        app,
        Outgoing {
            operation: "issueToken",
            company,
            method: Method::POST,
            url,
            headers: content_type("application/x-www-form-urlencoded"),
            parameters: Vec::new(),
            body: form.into(),
            irregular: false,
        },
    )
    .await?;
    let body = answer.value();
    let token = body.get("access_token").and_then(Value::as_str).filter(|_| answer.status == 200);
    let token = token.ok_or_else(|| format!("it answers {}", answer.status))?;
    let lifetime = Duration::from_secs(body.get("expires_in").and_then(Value::as_u64).unwrap_or(0));
    Ok((token.to_owned(), Instant::now() + lifetime))
}

/// A token of the product for the company: the one at hand until it expires, or a fresh one.
///
/// # Errors
/// The company is not connected, or the product gives no token.
pub(crate) async fn token(app: &SmartRecruiters, id: &str, fresh: bool) -> Result<String, ActionError> {
    let integration = company::find(&mut app.state(), id)?.integration.clone();
    let integration = integration.ok_or_else(|| ActionError::Refused(format!("company {id} is not connected")))?;
    if let (Some((token, until)), false) = (integration.partner_token, fresh)
        && until > Instant::now()
    {
        return Ok(token);
    }
    let fetched = fetch_token(app, id, &integration.at_partner).await;
    let fetched = fetched.map_err(|reason| ActionError::Refused(format!("the product gives no token: {reason}")))?;
    if let Some(integration) = &mut company::find(&mut app.state(), id)?.integration {
        integration.partner_token = Some(fetched.clone());
    }
    Ok(fetched.0)
}

/// Lists the packages that the company can order, for a recruiter where there is one.
///
/// # Errors
/// The company is not connected, or no URL is registered.
pub(crate) async fn list_packages(
    app: &SmartRecruiters,
    id: &str,
    requester: Option<&str>,
) -> Result<Outcome, ActionError> {
    let url = app.state().registered("assessmentPackageListUrl").ok_or_else(not_registered)?;
    let location = company::find(&mut app.state(), id)?.location.clone();
    let url = with_query(&url, &location)?;
    let mut headers = HeaderMap::new();
    if let Some(value) = requester.and_then(|requester| requester.parse().ok()) {
        headers.insert("requester", value);
    }
    let outcome = read(app, id, "listPackages", url, headers, Vec::new()).await?;
    company::find(&mut app.state(), id)?.package_names.extend(names(&outcome.body));
    Ok(outcome)
}

/// Ids and names of listed packages.
fn names(body: &Value) -> Vec<(String, String)> {
    let text = |package: &Value, name: &str| package.get(name).and_then(Value::as_str).map(str::to_owned);
    let packages = body.as_array().into_iter().flatten();
    packages.filter_map(|package| Some((text(package, "id")?, text(package, "name")?))).collect()
}

/// Gets one package.
///
/// # Errors
/// The company is not connected, or no URL is registered.
pub(crate) async fn get_package(app: &SmartRecruiters, id: &str, package: &str) -> Result<Outcome, ActionError> {
    let template = app.state().registered("singleAssessmentPackageUrl").ok_or_else(not_registered)?;
    let url = fill(&template, "assessmentPackageId", package);
    let parameters = vec![("assessmentPackageId", package.to_owned())];
    read(app, id, "getPackage", url, HeaderMap::new(), parameters).await
}

/// Delivers an order, the first time or again.
///
/// # Errors
/// There is no such order, its company is not connected, or no URL is registered.
pub(crate) async fn deliver(app: &SmartRecruiters, order_id: &str, irregular: bool) -> Result<Outcome, ActionError> {
    let order = app.state().orders.get(order_id).cloned();
    let order = order.ok_or_else(|| ActionError::NotFound(format!("order {order_id}")))?;
    let (operation, registered) = if order.inline {
        ("orderInlinePackage", "inlineAssessmentPackageOrderUrl")
    } else {
        ("orderPackage", "packageOrderUrl")
    };
    let url = app.state().registered(registered).ok_or_else(not_registered)?;
    let token = token(app, &order.company, false).await?;
    let sent_at = clock::now();
    let mut headers = content_type("application/json");
    authorise(&mut headers, &token);
    let outcome = outcome(
        call(
            app,
            Outgoing {
                operation,
                company: &order.company,
                method: Method::POST,
                url,
                headers,
                parameters: Vec::new(),
                body: order.request.to_string().into(),
                irregular,
            },
        )
        .await,
    );
    if let Some(order) = app.state().orders.get_mut(order_id) {
        order.deliveries.push(Delivery { sent_at, status: outcome.status, body: outcome.body.clone() });
    }
    Ok(outcome)
}

/// Tells the product that the company has disconnected. The contract declares no authentication for it; `with_token`
/// sends the company's token all the same.
///
/// # Errors
/// There is no such company, or no URL is registered.
pub(crate) async fn disconnect(app: &SmartRecruiters, id: &str, with_token: bool) -> Result<Outcome, ActionError> {
    let template = app.state().registered("integrationDisableUrl").ok_or_else(not_registered)?;
    let mut headers = HeaderMap::new();
    if with_token {
        authorise(&mut headers, &token(app, id, false).await?);
    }
    company::disconnect(&mut app.state(), id)?;
    let request = Outgoing {
        operation: "deleteIntegration",
        company: id,
        method: Method::DELETE,
        url: fill(&template, "companyId", id),
        headers,
        parameters: vec![("companyId", id.to_owned())],
        body: Bytes::new(),
        irregular: false,
    };
    Ok(outcome(call(app, request).await))
}

/// Reads with the company's token; once more with a fresh one when the one at hand is refused.
async fn read(
    app: &SmartRecruiters,
    company: &str,
    operation: &str,
    url: String,
    mut headers: HeaderMap,
    parameters: Vec<(&str, String)>,
) -> Result<Outcome, ActionError> {
    let mut fresh = false;
    loop {
        authorise(&mut headers, &token(app, company, fresh).await?);
        let request = Outgoing {
            operation,
            company,
            method: Method::GET,
            url: url.clone(),
            headers: headers.clone(),
            parameters: parameters.clone(),
            body: Bytes::new(),
            irregular: false,
        };
        let outcome = outcome(call(app, request).await);
        if fresh || outcome.status != Some(401) {
            return Ok(outcome);
        }
        fresh = true;
    }
}

/// Sends a request, logs it, and holds the answer against the product's contract.
async fn call(app: &SmartRecruiters, outgoing: Outgoing<'_>) -> Result<Answer, String> {
    let url = Url::parse(&outgoing.url).map_err(|error| format!("{}: {error}", outgoing.url))?;
    let mut request = Request::new(outgoing.body.clone());
    *request.method_mut() = outgoing.method.clone();
    *request.uri_mut() = url.as_str().parse().map_err(|error| format!("{url}: {error}"))?;
    *request.headers_mut() = outgoing.headers.clone();
    let operation = app.product_contract.operation(outgoing.operation);
    let mut call = Call {
        seq: 0,
        time: clock::rfc3339(clock::now()),
        direction: Direction::Out,
        operation: Some(outgoing.operation.to_owned()),
        method: outgoing.method.to_string(),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        account: Some(outgoing.company.to_owned()),
        status: None,
        error: None,
        request_headers: redact::headers(&outgoing.headers),
        request_body: redact::body(&outgoing.headers, &outgoing.body),
        response_headers: serde_json::Map::new(),
        response_body: Value::Null,
        violations: Vec::new(),
        own_violations: Vec::new(),
    };
    if let (Some(operation), false) = (operation, outgoing.irregular) {
        let matched = Match { operation, parameters: outgoing.parameters };
        let query = url.query().unwrap_or_default();
        let request = contract::Request { query, headers: &outgoing.headers, body: &outgoing.body };
        call.own_violations = app.product_contract.check_request(&matched, request);
    }
    let answer = app.client.send(request).await;
    match &answer {
        Ok(answer) => {
            call.status = Some(answer.status);
            call.response_headers = redact::headers(&answer.headers);
            call.response_body = redact::body(&answer.headers, &answer.body);
            let response = contract::Response { status: answer.status, headers: &answer.headers, body: &answer.body };
            call.violations =
                operation.map(|operation| app.product_contract.check_response(operation, response)).unwrap_or_default();
        }
        Err(error) => call.error = Some(error.to_string()),
    }
    app.shared.calls.add(call);
    answer.map_err(|error| error.to_string())
}

fn outcome(answer: Result<Answer, String>) -> Outcome {
    match answer {
        Ok(answer) => Outcome { status: Some(answer.status), body: answer.value(), error: None },
        Err(error) => Outcome { status: None, body: Value::Null, error: Some(error) },
    }
}

fn content_type(value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, axum::http::HeaderValue::from_static(value))])
}

fn authorise(headers: &mut HeaderMap, token: &str) {
    if let Ok(value) = format!("Bearer {token}").parse() {
        headers.insert(header::AUTHORIZATION, value);
    }
}

/// Puts a value in the place of `{name}`, or behind the URL where it has no such place.
fn fill(template: &str, name: &str, value: &str) -> String {
    let value = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let place = format!("{{{name}}}");
    if template.contains(&place) {
        template.replace(&place, &value)
    } else {
        format!("{}/{value}", template.trim_end_matches('/'))
    }
}

fn with_query(url: &str, query: &BTreeMap<String, String>) -> Result<String, ActionError> {
    let mut url = Url::parse(url).map_err(|error| ActionError::Invalid(format!("{url}: {error}")))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_url_has_a_place_for_the_value_or_takes_it_at_its_end() {
        assert_eq!(
            fill("http://x/packages/{assessmentPackageId}", "assessmentPackageId", "42"),
            "http://x/packages/42"
        );
        assert_eq!(fill("http://x/packages", "assessmentPackageId", "a/b"), "http://x/packages/a%2Fb");
        assert_eq!(fill("http://x/{companyId}/end", "companyId", "acme"), "http://x/acme/end");
    }
}
