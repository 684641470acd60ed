//! The callbacks that TestGorilla sends to the product.

use std::time::Duration;

use axum::http::{Request, header};
use bytes::Bytes;
use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::TestGorilla;
use super::candidature::Candidature;
use crate::calls::{Call, Direction};
use crate::control::ActionError;
use crate::webhook::{self, Secret, Sending};
use crate::{clock, ids, redact};

/// How often a callback is sent that is answered by 5xx or not at all.
const ATTEMPTS: u32 = 4;
/// The pause before the second attempt; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// How callbacks are sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallbackSettings {
    /// Where to.
    pub(crate) url: Option<String>,
    /// What they are signed with.
    pub(crate) secret: Option<Secret>,
    /// Rightly, wrongly or not at all.
    pub(crate) sending: Sending,
}

/// What the control API may set; what is absent stays as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallbackChange {
    url: Option<String>,
    secret: Option<String>,
    sending: Option<Sending>,
}

/// The answer to one attempt.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    /// `webhook-id`.
    pub(crate) id: String,
    /// The status of the answer; none when none came.
    pub(crate) status: Option<u16>,
}

/// Sets how callbacks are sent.
///
/// # Errors
/// The secret is none.
pub(crate) fn configure(settings: &mut CallbackSettings, change: CallbackChange) -> Result<(), ActionError> {
    let parsed = change.secret.map(|secret| secret.parse::<Secret>()).transpose();
    let secret = parsed.map_err(|error| ActionError::Invalid(error.to_string()))?;
    settings.url = change.url.or(settings.url.take());
    settings.secret = secret.or(settings.secret.take());
    settings.sending = change.sending.unwrap_or(settings.sending);
    Ok(())
}

/// The body that tells of a candidature.
pub(crate) fn candidature_event(kind: &str, candidature: &Candidature) -> Value {
    let data = json!({
        "candidature_id": candidature.id,
        "assessment_id": candidature.assessment,
        "testtaker_id": candidature.testtaker_id,
    });
    json!({"type": kind, "timestamp": clock::rfc3339(clock::now()), "data": data})
}

/// The body that tells of an integration that was disabled: it names the key by its hash.
pub(crate) fn disabled_event(api_key: &str) -> Value {
    let hash = digest::digest(&digest::SHA256, api_key.as_bytes());
    let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"type": "integration.disabled", "timestamp": clock::rfc3339(clock::now()), "data": {"api_key_sha256": hex}})
}

/// Sends a callback as the settings say, or as `sending` says instead. Returns every attempt and its answer.
///
/// # Errors
/// Callbacks are to be sent, but where to and with which secret is not known.
pub(crate) async fn send(
    testgorilla: &TestGorilla,
    body: &[u8],
    sending: Option<Sending>,
) -> Result<Vec<Delivery>, ActionError> {
    let settings = testgorilla.state().callbacks.clone();
    let sending = sending.unwrap_or(settings.sending);
    if sending == Sending::None {
        return Ok(Vec::new());
    }
    let (Some(url), Some(secret)) = (settings.url, settings.secret) else {
        return Err(ActionError::Invalid("set url and secret of the callbacks first, or sending none".to_owned()));
    };
    let id = format!("msg_{}", ids::uuid());
    let mut deliveries = Vec::new();
    for _ in 0..if sending == Sending::Repeated { 2 } else { 1 } {
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=ATTEMPTS {
            let now = clock::now().unix_timestamp();
            let delivery =
                deliver(testgorilla, &url, &webhook::headers(sending, &secret, &id, now, body), body).await?;
            let taken = delivery.status.is_some_and(|status| status < 500);
            deliveries.push(delivery);
            if taken || attempt == ATTEMPTS {
                break;
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
    Ok(deliveries)
}

async fn deliver(
    testgorilla: &TestGorilla,
    url: &str,
    headers: &webhook::Headers,
    body: &[u8],
) -> Result<Delivery, ActionError> {
    let request = Request::post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", &headers.id)
        .header("webhook-timestamp", headers.timestamp)
        .header("webhook-signature", &headers.signature)
        .body(Bytes::copy_from_slice(body))
        .map_err(|error| ActionError::Invalid(format!("{url}: {error}")))?;
    let mut call = Call {
        seq: 0,
        time: clock::rfc3339(clock::now()),
        direction: Direction::Out,
        operation: Some("callback".to_owned()),
        method: "POST".to_owned(),
        path: request.uri().path().to_owned(),
        query: String::new(),
        account: None,
        status: None,
        error: None,
        request_headers: redact::headers(request.headers()),
        request_body: redact::body(request.headers(), body),
        response_headers: serde_json::Map::new(),
        response_body: Value::Null,
        violations: Vec::new(),
        own_violations: Vec::new(),
    };
    match testgorilla.client.send(request).await {
        Ok(answer) => {
            call.status = Some(answer.status);
            call.response_headers = redact::headers(&answer.headers);
            call.response_body = redact::body(&answer.headers, &answer.body);
        }
        Err(error) => call.error = Some(error.to_string()),
    }
    let delivery = Delivery { id: headers.id.clone(), status: call.status };
    testgorilla.shared.calls.add(call);
    Ok(delivery)
}
