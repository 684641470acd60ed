//! How an answer of AWS goes wrong, in the shapes that its services use.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use crate::ids;
use crate::misbehave::cut;

const MESSAGE: &str = "Asked for by the control API.";

/// How an answer goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The answer is right, but late. Meanwhile the call is listed as held.
    Slow {
        /// How late, in milliseconds.
        delay_ms: u64,
        /// Whether the call takes effect before the wait instead of after it.
        #[serde(default)]
        after_effect: bool,
    },
    /// A failure of the service with this status.
    Status {
        /// The HTTP status, 500 or 503 say.
        status: u16,
        /// Whether the call takes effect all the same.
        #[serde(default)]
        after_effect: bool,
    },
    /// The service's own refusal of too many requests, without effect.
    Throttled,
    /// Somebody else's transaction has one of the items at this moment; without effect. DynamoDB alone says so.
    Conflict,
    /// The connection is cut; the call has no effect.
    CutBefore,
    /// The call takes effect; then the connection is cut.
    CutAfter,
}

/// When something goes wrong: instead of the call, before it, or after its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Instead,
    Before,
    After,
}

impl Kind {
    pub(crate) fn place(self) -> Place {
        match self {
            Self::Slow { after_effect: false, .. } => Place::Before,
            Self::Slow { after_effect: true, .. } | Self::Status { after_effect: true, .. } | Self::CutAfter => {
                Place::After
            }
            Self::Status { after_effect: false, .. } | Self::Throttled | Self::Conflict | Self::CutBefore => {
                Place::Instead
            }
        }
    }

    /// Whether the answer is the right one in the end.
    pub(crate) fn is_late_only(self) -> bool {
        matches!(self, Self::Slow { .. })
    }

    /// Lets the time pass that the call is held for.
    pub(crate) async fn wait(self) {
        if let Self::Slow { delay_ms, .. } = self {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
    }

    /// What is answered instead of the right answer.
    pub(crate) fn answer(self, call: &Call) -> Response {
        let service = call.operation.split(':').next().unwrap_or_default();
        match self {
            Self::Slow { .. } | Self::CutBefore | Self::CutAfter => cut(),
            Self::Status { status, .. } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                failed(
                    service,
                    status,
                    if service == "secretsmanager" { "InternalServiceError" } else { "InternalServerError" },
                )
            }
            Self::Throttled if call.items > 0 => cancelled(call.items, "ThrottlingError"),
            Self::Throttled => failed(service, StatusCode::BAD_REQUEST, throttling(service)),
            Self::Conflict if call.items > 0 => cancelled(call.items, "TransactionConflict"),
            Self::Conflict => failed(service, StatusCode::BAD_REQUEST, "TransactionConflictException"),
        }
    }
}

/// What a service calls its refusal of too many requests.
fn throttling(service: &str) -> &'static str {
    match service {
        "dynamodb" => "ProvisionedThroughputExceededException",
        "sqs" => "RequestThrottled",
        _ => "ThrottlingException",
    }
}

fn failed(service: &str, status: StatusCode, code: &str) -> Response {
    let namespace = match service {
        "dynamodb" => "com.amazonaws.dynamodb.v20120810#",
        "sqs" => "com.amazonaws.sqs#",
        _ => "",
    };
    told(status, service, json!({"__type": format!("{namespace}{code}"), "message": MESSAGE}))
}

/// A transaction that came to nothing because of its first item.
fn cancelled(items: usize, code: &str) -> Response {
    let reasons: Vec<Value> = (0..items)
        .map(|item| if item == 0 { json!({"Code": code, "Message": MESSAGE}) } else { json!({"Code": "None"}) })
        .collect();
    let codes: Vec<&str> = (0..items).map(|item| if item == 0 { code } else { "None" }).collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    told(
        StatusCode::BAD_REQUEST,
        "dynamodb",
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": message,
            "CancellationReasons": reasons,
        }),
    )
}

fn told(status: StatusCode, service: &str, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    let version = if service == "secretsmanager" { "application/x-amz-json-1.1" } else { "application/x-amz-json-1.0" };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(version));
    if let Ok(id) = HeaderValue::from_str(&ids::uuid()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}
