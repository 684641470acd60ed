//! Whether a request and its answer keep to the contract.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{Contract, Match, Mode, Operation};

/// A request as it was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The query without its question mark.
    pub(crate) query: &'a str,
    /// The headers.
    pub(crate) headers: &'a HeaderMap,
    /// The body.
    pub(crate) body: &'a [u8],
}

/// An answer as it was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Response<'a> {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: &'a HeaderMap,
    /// The body.
    pub(crate) body: &'a [u8],
}

impl Contract {
    /// How the request breaks the contract: nothing when it keeps to it.
    pub(crate) fn check_request(&self, matched: &Match<'_>, request: Request<'_>) -> Vec<String> {
        let mut mistakes = self.check_parameters(matched, request);
        mistakes.extend(self.check_body(matched.operation, request));
        mistakes
    }

    fn check_parameters(&self, matched: &Match<'_>, request: Request<'_>) -> Vec<String> {
        let query: Vec<(String, String)> = form_urlencoded::parse(request.query.as_bytes()).into_owned().collect();
        let mut known = Vec::new();
        let mut mistakes = Vec::new();
        for parameter in list(&matched.operation.value, "parameters").map(|value| self.schemas().resolve(value)) {
            let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
            let (name, place) = (text("name"), text("in"));
            let given: Vec<&str> = match place {
                "path" => values(matched.parameters.iter().map(|(name, value)| (*name, value.as_str())), name),
                "query" => values(query.iter().map(|(name, value)| (name.as_str(), value.as_str())), name),
                "header" => request.headers.get(name).and_then(|value| value.to_str().ok()).into_iter().collect(),
                _ => Vec::new(),
            };
            if place == "query" {
                known.push(name);
            }
            let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
            match given.as_slice() {
                [] if required => mistakes.push(format!("{place} parameter {name} is missing")),
                [] => {}
                [value] => {
                    let schema = parameter.get("schema").unwrap_or(&Value::Null);
                    let value = typed(self.schemas().resolve(schema), value);
                    let wrong = self.schemas().check(schema, &value, Mode::Request);
                    mistakes.extend(wrong.iter().map(|mistake| format!("{place} parameter {name}: {mistake}")));
                }
                _ => mistakes.push(format!("{place} parameter {name} is given more than once")),
            }
        }
        let unknown = query.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        mistakes.extend(unknown.map(|(name, _)| format!("query parameter {name} is unknown to the contract")));
        mistakes
    }

    fn check_body(&self, operation: &Operation, request: Request<'_>) -> Vec<String> {
        let Some(body) = operation.value.get("requestBody") else {
            let unexpected = !request.body.is_empty();
            return if unexpected { vec!["a body where the contract has none".to_owned()] } else { Vec::new() };
        };
        let media_type = media_type(request.headers);
        let Some(media) = body.get("content").and_then(|content| content.get(&media_type)) else {
            return vec![format!("content type {media_type:?} is none of the contract's")];
        };
        let Some(value) = decode(&media_type, request) else {
            return vec![format!("the body is no {media_type}")];
        };
        let schema = media.get("schema").unwrap_or(&Value::Null);
        // The one PATCH of the contracts is a merge patch.
        let mode = if operation.method == "PATCH" { Mode::Patch } else { Mode::Request };
        let mut mistakes = self.schemas().check(schema, &value, mode);
        if is_form(&media_type) && uses_basic(request.headers) {
            // RFC 6749 section 2.3.1: with HTTP Basic the credentials are in the header alone.
            mistakes.retain(|mistake| !mistake.starts_with("$.client_"));
        }
        mistakes
    }

    /// How the answer breaks the contract: nothing when it keeps to it.
    ///
    /// An error that the contract does not list may occur anywhere; a success that it does not list may not.
    pub(crate) fn check_response(&self, operation: &Operation, response: Response<'_>) -> Vec<String> {
        let responses = operation.value.get("responses");
        let exact = responses.and_then(|all| all.get(response.status.to_string()));
        let class = responses.and_then(|all| all.get(format!("{}XX", response.status / 100)));
        let Some(expected) = exact.or(class).map(|value| self.schemas().resolve(value)) else {
            let success = response.status < 400;
            return if success {
                vec![format!("status {} is not in the contract", response.status)]
            } else {
                Vec::new()
            };
        };
        let Some(content) = expected.get("content").and_then(Value::as_object) else { return Vec::new() };
        let media_type = media_type(response.headers);
        let Some(media) = content.get(&media_type) else {
            return vec![format!("content type {media_type:?} of the answer is none of the contract's")];
        };
        if media_type != "application/json" {
            return Vec::new();
        }
        let Ok(value) = serde_json::from_slice(response.body) else {
            return vec!["the answer is no JSON".to_owned()];
        };
        let wrong = self.schemas().check(media.get("schema").unwrap_or(&Value::Null), &value, Mode::Answer);
        wrong.into_iter().map(|mistake| format!("answer: {mistake}")).collect()
    }
}

/// The media type of the headers, without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_lowercase()
}

fn is_form(media_type: &str) -> bool {
    media_type == "application/x-www-form-urlencoded"
}

fn uses_basic(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.starts_with("Basic ")
}

/// The body as a value that a schema can be put to.
fn decode(media_type: &str, request: Request<'_>) -> Option<Value> {
    match media_type {
        "application/json" => serde_json::from_slice(request.body).ok(),
        "multipart/form-data" => Some(Value::Object(parts(request.body))),
        _ if is_form(media_type) => {
            let pairs = form_urlencoded::parse(request.body).into_owned();
            Some(Value::Object(pairs.map(|(name, value)| (name, Value::from(value))).collect()))
        }
        _ => None,
    }
}

/// The names of a multipart body's parts. Their contents are opaque to the contract.
fn parts(body: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(body);
    let dispositions = text.lines().filter(|line| line.to_lowercase().starts_with("content-disposition:"));
    let names = dispositions.filter_map(|line| line.split(';').find_map(|part| part.trim().strip_prefix("name=")));
    names.map(|name| (name.trim_matches('"').to_owned(), json!("…"))).collect()
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn values<'a>(all: impl Iterator<Item = (&'a str, &'a str)>, name: &str) -> Vec<&'a str> {
    all.filter(|(given, _)| *given == name).map(|(_, value)| value).collect()
}

/// A parameter's text as the type that its schema asks for; text that is not of that type stays text.
fn typed(schema: &Value, text: &str) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| text.into(), Value::from),
        _ => text.into(),
    }
}
