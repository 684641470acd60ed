//! `PATCH /assessment-api/v202010/orders/{orderId}/results`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use serde_json::Value;

use super::gate::{Caller, refuse};
use super::order::Order;
use super::state::{SCOPE_RESULTS, State as Memory};
use super::{SmartRecruiters, merge};
use crate::contract::{Contract, Mode, media_type};

pub(super) async fn patch(
    State(smartrecruiters): State<Arc<SmartRecruiters>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let company = match caller.require_customer(SCOPE_RESULTS) {
        Ok(company) => company,
        Err(refusal) => return *refusal,
    };
    if media_type(&headers) != "application/json" {
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "Use application/json.");
    }
    let mut state = smartrecruiters.state();
    let order = match order_of(&mut state, &id, company) {
        Ok(order) => order,
        Err(refusal) => return *refusal,
    };
    let patch = serde_json::from_slice::<Value>(&body).ok().filter(Value::is_object);
    let Some(patch) = patch else {
        return refuse(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "The body is no JSON object.");
    };
    let mut result = order.result.clone();
    merge::merge(&mut result, &patch);
    let mistakes = mistakes(&smartrecruiters.shared.contract, &result);
    if !mistakes.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "INVALID_RESULT", &mistakes.join("; "));
    }
    order.publish(result.clone());
    Json(result).into_response()
}

/// The order, when it is the company's.
///
/// # Errors
/// The refusal to be sent.
pub(super) fn order_of<'a>(state: &'a mut Memory, id: &str, company: &str) -> Result<&'a mut Order, Box<Response>> {
    match state.orders.get_mut(&id.to_lowercase()) {
        Some(order) if order.company == company => Ok(order),
        Some(_) => Err(Box::new(refuse(StatusCode::FORBIDDEN, "ACCESS_DENIED", "The order is another company's."))),
        None => Err(Box::new(refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such order."))),
    }
}

/// What is wrong with a whole result.
fn mistakes(contract: &Contract, result: &Value) -> Vec<String> {
    let mut mistakes = contract.schemas().check_named("PackageResult", result, Mode::Answer);
    let results = result.get("assessmentResults").and_then(Value::as_array).into_iter().flatten();
    for score in std::iter::once(result).chain(results).filter_map(|result| result.get("score")) {
        let number = |name: &str| score.get(name).and_then(Value::as_i64);
        if let (Some(raw), Some(min), Some(max)) = (number("raw"), number("min"), number("max"))
            && !(min..=max).contains(&raw)
        {
            mistakes.push(format!("the score {raw} is not within {min} to {max}"));
        }
    }
    mistakes
}
