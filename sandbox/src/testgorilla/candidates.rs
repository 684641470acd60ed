//! `GET /assessments/candidates/{id}/` and the report of an attempt.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::TestGorilla;
use super::account::{Account, AverageName, FlagForm, PdfForm};
use super::candidature::Candidature;
use super::gate::{Caller, refuse};
use super::pdf;
use super::state;
use crate::clock;

pub(super) async fn get(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let state = testgorilla.state();
    let attempts = attempts_of(&state, &caller.account, &id);
    let (Some(newest), Some(account)) = (attempts.last(), state.accounts.get(&caller.account)) else {
        return refuse(StatusCode::NOT_FOUND, "Not found.");
    };
    let asked = query.get("candidature").and_then(|id| id.parse::<u64>().ok());
    Json(json!({
        "id": newest.testtaker_id,
        "full_name": newest.full_name(),
        "email": newest.email,
        "assessments_detail":
            attempts.iter().map(|attempt| shown(&state, account, attempt, asked == Some(attempt.id))).collect::<Value>(),
        // Not in the contract, and none of anybody else's business.
        "ip": "203.0.113.7",
        "test_taker_photos": [format!("{}/photos/{}.jpg", state.base, newest.testtaker_id)],
        "accessibility_accommodations": {"extra_time": true, "concentration": "ADHD"},
    }))
    .into_response()
}

pub(super) async fn report(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let state = testgorilla.state();
    let asked = query.get("candidature").and_then(|id| id.parse::<u64>().ok());
    let attempts = attempts_of(&state, &caller.account, &id);
    let attempt = attempts.into_iter().find(|attempt| asked == Some(attempt.id));
    let (Some(attempt), Some(account)) = (attempt, state.accounts.get(&caller.account)) else {
        return refuse(StatusCode::NOT_FOUND, "Not found.");
    };
    let file = pdf::one_page(&format!("Results of candidature {} ({})", attempt.id, attempt.status.name()));
    let body = match account.variety.pdf {
        PdfForm::Bytes => file,
        PdfForm::Base64 => STANDARD.encode(file).into_bytes(),
    };
    ([(header::CONTENT_TYPE, "application/pdf")], body).into_response()
}

fn attempts_of<'a>(state: &'a state::State, account: &str, test_taker: &str) -> Vec<&'a Candidature> {
    let theirs = |known: &&Candidature| known.account == account && known.testtaker_id.to_string() == test_taker;
    state.candidatures.values().filter(theirs).collect()
}

fn shown(state: &state::State, account: &Account, attempt: &Candidature, with_flags: bool) -> Value {
    let variety = &account.variety;
    let average = match variety.average_name {
        AverageName::Average => "average",
        AverageName::AvgScore | AverageName::AverageScore => "average_score",
    };
    let mut shown = json!({
        "id": attempt.id,
        "assessment_id": attempt.assessment,
        "assessment_name": state.assessments.get(&attempt.assessment).map(|assessment| assessment.name.as_str()),
        "status": attempt.status.name(),
        "last_activity": attempt.last_activity.map(|at| clock::microseconds(at, variety.utc_offset_hours)),
        average: attempt.average,
        "display_normalized_weighted_percentile_score": attempt.percentile,
        "geoip": {"city": "Utrecht", "country_code": "NL"},
        "user_agent": {"description": "Chrome on Linux"},
        // Not in the contract.
        "comment_count": 0,
    });
    if let (true, Some(object)) = (with_flags, shown.as_object_mut()) {
        let flags = attempt.flags;
        for (name, flag) in [
            ("is_camera_enabled", flags.is_camera_enabled),
            ("is_exited_full_screen", flags.is_exited_full_screen),
            ("is_left_screen", flags.is_left_screen),
            ("repeated_ip", flags.repeated_ip),
        ] {
            object.insert(name.to_owned(), flag_value(flag, variety.flags));
        }
    }
    shown
}

fn flag_value(flag: Option<bool>, form: FlagForm) -> Value {
    match (flag, form) {
        (None, _) => Value::Null,
        (Some(flag), FlagForm::Bool) => flag.into(),
        (Some(flag), FlagForm::String) => flag.to_string().into(),
    }
}
