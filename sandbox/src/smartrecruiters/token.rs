//! `POST /identity/oauth/token`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::json;
use url::form_urlencoded;

use super::SmartRecruiters;
use super::gate::{Running, too_many};
use crate::contract::media_type;

pub(super) async fn issue(
    State(smartrecruiters): State<Arc<SmartRecruiters>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if media_type(&headers) != "application/x-www-form-urlencoded" {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request");
    }
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    match form.get("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        Some(_) => return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        None => return refuse(StatusCode::BAD_REQUEST, "invalid_request"),
    }
    let by_form = form.get("client_id").cloned().zip(form.get("client_secret").cloned());
    let Some((client_id, client_secret)) = basic(&headers).or(by_form) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request");
    };
    let (issued, lifetime) = {
        let mut state = smartrecruiters.state();
        (state.issue_token(&client_id, &client_secret), state.token_lifetime)
    };
    let Some((token, credential)) = issued else {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    };
    if Running::begin(&smartrecruiters, &credential).is_none() {
        return too_many();
    }
    Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": lifetime.as_secs()})).into_response()
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}

/// The credentials of HTTP Basic, form-encoded as RFC 6749 section 2.3.1 wants them.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((decode(id), decode(secret)))
}
