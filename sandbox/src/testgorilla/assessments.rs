//! `GET /assessments/` and `GET /assessments/{id}/`.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::TestGorilla;
use super::assessment::{Assessment, Test};
use super::candidature::Status;
use super::gate::{Caller, refuse};
use super::paging::{page, sort};
use super::state;
use crate::clock;

pub(super) async fn list(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    let state = testgorilla.state();
    let wanted: Option<Vec<&str>> = query.get("status").map(|statuses| statuses.split(',').map(str::trim).collect());
    let mut found: Vec<(&Assessment, Counts)> = state
        .assessments
        .values()
        .filter(|assessment| assessment.account == caller.account)
        .filter(|assessment| wanted.as_ref().is_none_or(|wanted| wanted.contains(&assessment.status(&state))))
        .map(|assessment| (assessment, Counts::of(&state, assessment)))
        .collect();
    sort(&mut found, &query, compare);
    page(found.into_iter().map(|(assessment, counts)| item(&state, assessment, counts)).collect(), &query)
}

pub(super) async fn get(
    State(testgorilla): State<Arc<TestGorilla>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let state = testgorilla.state();
    let known = id.parse().ok().and_then(|id: u64| state.assessments.get(&id));
    match known.filter(|assessment| assessment.account == caller.account) {
        Some(assessment) => Json(details(&state, assessment)).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "Not found."),
    }
}

/// How many candidates are how far.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    invited: usize,
    started: usize,
    finished: usize,
}

impl Counts {
    fn of(state: &state::State, assessment: &Assessment) -> Self {
        let mut counts = Self::default();
        for candidature in state.candidatures.values().filter(|known| known.assessment == assessment.id) {
            match candidature.status {
                Status::Invited => counts.invited += 1,
                Status::Started => counts.started += 1,
                Status::Completed => counts.finished += 1,
            }
        }
        counts
    }

    fn candidates(self) -> usize {
        self.invited + self.started + self.finished
    }

    /// Whole per cent; none while nobody is invited.
    fn finished_percentage(self) -> Option<usize> {
        (self.finished * 100).checked_div(self.candidates())
    }
}

fn compare(key: &str, (a, a_counts): &(&Assessment, Counts), (b, b_counts): &(&Assessment, Counts)) -> Ordering {
    match key {
        "modified" => a.modified.cmp(&b.modified),
        "name" => a.name.cmp(&b.name),
        "candidates" => a_counts.candidates().cmp(&b_counts.candidates()),
        "finished_percentage" => a_counts.finished_percentage().cmp(&b_counts.finished_percentage()),
        _ => Ordering::Equal,
    }
}

fn offset_of(state: &state::State, account: &str) -> i8 {
    state.accounts.get(account).map_or(0, |account| account.variety.utc_offset_hours)
}

fn item(state: &state::State, assessment: &Assessment, counts: Counts) -> Value {
    let offset = offset_of(state, &assessment.account);
    json!({
        "id": assessment.id,
        "name": assessment.name,
        "status": assessment.status(state),
        "created": clock::microseconds(assessment.created, offset),
        "modified": clock::microseconds(assessment.modified, offset),
        "language": "en",
        "candidates": counts.candidates(),
        "invited": counts.invited,
        "started": counts.started,
        "finished": counts.finished,
        "finished_percentage": counts.finished_percentage(),
        "pricing_state": "allowed",
        "is_empty": assessment.is_empty(),
        // Not in the contract: unknown properties occur everywhere.
        "is_favourite": false,
        "owner": {"id": 1, "full_name": "Olive Owner"},
    })
}

fn details(state: &state::State, assessment: &Assessment) -> Value {
    let offset = offset_of(state, &assessment.account);
    let is_custom = |test: &Test| test.algorithm == "custom_questions";
    let numbered = || assessment.tests.iter().enumerate();
    let library: Value = numbered().filter(|(_, test)| !is_custom(test)).map(library_test).collect();
    let custom: Value = numbered().filter(|(_, test)| is_custom(test)).map(custom_test).collect();
    json!({
        "id": assessment.id,
        "name": assessment.name,
        "status": assessment.status(state),
        "language": "en",
        "modified": clock::microseconds(assessment.modified, offset),
        "date_of_expiry": assessment.date_of_expiry.map(|date| clock::microseconds(date, offset)),
        "use_snapshots": true,
        "benchmark_name": "All candidates",
        "tests_detail": library,
        "custom_tests_detail": custom,
        "knockout_tests_detail": [],
        // Not in the contract.
        "is_public": false,
    })
}

fn library_test((order, test): (usize, &Test)) -> Value {
    let kind = if test.is_scored() {
        json!({"id": 2, "name": "Role-specific skills"})
    } else {
        json!({"id": 7, "name": "Personality & culture"})
    };
    json!({
        "id": test.id,
        "order": order,
        "weight": 1,
        "test": {"id": test.test_id, "name": test.name, "duration": test.duration, "algorithm": test.algorithm, "type": [kind]},
    })
}

fn custom_test((order, test): (usize, &Test)) -> Value {
    json!({"id": test.id, "order": order, "name": test.name, "duration": test.duration})
}
