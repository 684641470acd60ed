//! Invitations, lists of candidatures, and their deletion.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use serde_json::{Value, json};

use super::TestGorilla;
use super::account::{AverageName, Variety};
use super::candidature::{self, Candidature, Invitee, Refusal, Status, invitation_link};
use super::gate::{Caller, refuse};
use super::paging::{page, sort};
use super::state;
use crate::clock;
use crate::contract::media_type;

pub(super) async fn invite(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if media_type(&headers) != "application/json" {
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type in request.");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "JSON parse error.");
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(email) = text("email") else { return field_error("email", "REQUIRED") };
    let who = Invitee {
        email,
        first_name: text("first_name").unwrap_or_default(),
        last_name: text("last_name").unwrap_or_default(),
        no_email: query.get("no_email").is_some_and(|value| value == "true"),
    };
    let Ok(id) = id.parse() else { return refuse(StatusCode::NOT_FOUND, "Not found.") };
    let mut state = testgorilla.state();
    match candidature::invite(&mut state, &caller.account, id, &who) {
        Ok(candidature) => {
            let variety = variety(&state, &caller.account);
            let mut answer = listed(&state, &candidature, &variety);
            if let (false, Some(answer)) = (variety.invitation_link, answer.as_object_mut()) {
                answer.remove("invitation_link");
            }
            let status = StatusCode::from_u16(variety.invite_status).unwrap_or(StatusCode::CREATED);
            (status, Json(answer)).into_response()
        }
        Err(Refusal::UnknownAssessment) => refuse(StatusCode::NOT_FOUND, "Not found."),
        Err(Refusal::Repeated) => field_error("email", "REPEATING_INVITATION"),
        Err(Refusal::BadEmail) => field_error("email", "BAD_EMAIL"),
        Err(Refusal::Closed) => field_error("assessment", "ASSESSMENT_NOT_AVAILABLE"),
    }
}

pub(super) async fn list(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(assessment) = query.get("assessment").and_then(|id| id.parse::<u64>().ok()) else {
        return field_error("assessment", "REQUIRED");
    };
    let state = testgorilla.state();
    let search = query.get("search").map(|text| text.to_lowercase());
    let mut found: Vec<&Candidature> = state
        .candidatures
        .values()
        .filter(|known| known.account == caller.account && known.assessment == assessment)
        .filter(|known| query.get("status").is_none_or(|status| status == known.status.name()))
        .filter(|known| search.as_ref().is_none_or(|text| mentions(known, text)))
        .collect();
    sort(&mut found, &query, compare);
    let variety = variety(&state, &caller.account);
    page(found.into_iter().map(|known| listed(&state, known, &variety)).collect(), &query).into_response()
}

pub(super) async fn delete(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let mut state = testgorilla.state();
    let known =
        id.parse().ok().filter(|id| state.candidatures.get(id).is_some_and(|known| known.account == caller.account));
    match known.and_then(|id: u64| state.candidatures.remove(&id)) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => refuse(StatusCode::NOT_FOUND, "Not found."),
    }
}

fn field_error(field: &str, key: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"errors": [{"field": field, "error_key": key}]}))).into_response()
}

fn variety(state: &state::State, account: &str) -> Variety {
    state.accounts.get(account).map(|account| account.variety.clone()).unwrap_or_default()
}

fn mentions(candidature: &Candidature, text: &str) -> bool {
    candidature.email.to_lowercase().contains(text) || candidature.full_name().to_lowercase().contains(text)
}

fn compare(key: &str, a: &&Candidature, b: &&Candidature) -> Ordering {
    match key {
        "created" => a.created.cmp(&b.created),
        "_full_name" => a.full_name().cmp(&b.full_name()),
        "avg_score" => a.average.partial_cmp(&b.average).unwrap_or(Ordering::Equal),
        _ => Ordering::Equal,
    }
}

fn listed(state: &state::State, candidature: &Candidature, variety: &Variety) -> Value {
    let average = match variety.average_name {
        AverageName::Average => "average",
        AverageName::AvgScore | AverageName::AverageScore => "avg_score",
    };
    json!({
        "id": candidature.id,
        "testtaker_id": candidature.testtaker_id,
        "assessment": candidature.assessment,
        "email": candidature.email,
        "full_name": candidature.full_name(),
        "status": candidature.status.name(),
        "stage": if candidature.status == Status::Completed { "EVA" } else { "NYE" },
        "created": clock::microseconds(candidature.created, variety.utc_offset_hours),
        average: candidature.average,
        "invitation_uuid": candidature.invitation_uuid,
        "invitation_link": invitation_link(state, candidature),
        // Not in the contract.
        "rating": null,
        "is_hired": false,
    })
}
