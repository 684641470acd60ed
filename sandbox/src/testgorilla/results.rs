//! `GET /assessments/results/`: one item per test.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::TestGorilla;
use super::assessment::Test;
use super::candidature::{Candidature, Status};
use super::gate::{Caller, refuse};

pub(super) async fn list(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
    let (Some(assessment), Some(test_taker)) = (number("candidature__assessment"), number("candidature__test_taker"))
    else {
        return refuse(StatusCode::BAD_REQUEST, "candidature__assessment and candidature__test_taker are required.");
    };
    let state = testgorilla.state();
    let theirs = |known: &&Candidature| {
        known.account == caller.account && known.assessment == assessment && known.testtaker_id == test_taker
    };
    let begun = state.candidatures.values().find(theirs).filter(|known| known.status != Status::Invited);
    let tests = state.assessments.get(&assessment).map(|assessment| assessment.tests.as_slice()).unwrap_or_default();
    let results: Vec<Value> =
        begun.map(|candidature| tests.iter().map(|test| result(test, candidature)).collect()).unwrap_or_default();
    Json(json!({"count": results.len(), "next": null, "previous": null, "results": results})).into_response()
}

fn result(test: &Test, candidature: &Candidature) -> Value {
    let outcome = candidature.outcomes.get(&test.id);
    json!({
        "id": test.id,
        "name": test.name,
        "test_id": test.test_id,
        "score": outcome.and_then(|outcome| outcome.score),
        "score_display": outcome.map(|outcome| outcome.display.as_str()).unwrap_or_default(),
        "status": "published",
        "completed": outcome.is_some(),
        "algorithm": test.algorithm,
        "is_code_test": false,
        // Not in the contract.
        "weight": 1,
        "percentile": null,
    })
}
