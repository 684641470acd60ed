use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::json;

use super::*;

fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))])
}

fn mistakes(contract: &Contract, method: Method, path: &str, query: &str, body: &Value) -> Vec<String> {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let matched = contract.find(&method, path).unwrap();
    contract.check_request(&matched, Request { query, headers: &json_headers(), body: &body })
}

const ORDER: &str = "/assessment-api/v202010/orders/5b0e3a3c-4a5d-4c52-8f5e-3b8e4f8d4a11/results";

#[test]
fn every_operation_of_the_contracts_is_known() {
    let count = |contract: Contract| contract.operation_ids().count();
    assert_eq!(count(Contract::testgorilla().unwrap()), 8);
    assert_eq!(count(Contract::smartrecruiters_api().unwrap()), 7);
    assert_eq!(count(Contract::product().unwrap()), 7);
}

#[test]
fn a_literal_path_is_preferred_to_a_parameter() {
    let contract = Contract::testgorilla().unwrap();
    let id = |path| contract.find(&Method::GET, path).map(|found| found.operation.id.as_str());
    assert_eq!(id("/assessments/candidature/"), Some("listCandidatures"));
    assert_eq!(id("/assessments/42/"), Some("getAssessment"));
    assert_eq!(id("/assessments/42"), None, "the trailing slash is part of the path");
    assert_eq!(id("/assessments/candidates/7/send-pdf/"), None);
}

#[test]
fn parameters_are_checked() {
    let contract = Contract::testgorilla().unwrap();
    let check = |path, query| mistakes(&contract, Method::GET, path, query, &Value::Null);
    assert_eq!(check("/assessments/", "limit=999&status=active%2Cnew"), Vec::<String>::new());
    assert_eq!(check("/assessments/candidature/", ""), ["query parameter assessment is missing"]);
    assert_eq!(check("/assessments/", "page=2"), ["query parameter page is unknown to the contract"]);
    assert_eq!(check("/assessments/", "limit=all"), ["query parameter limit: $ is no integer"]);
    assert_eq!(check("/assessments/x1/", ""), ["path parameter assessmentId: $ is no integer"]);
}

#[test]
fn a_merge_patch_may_leave_out_and_remove() {
    let contract = Contract::smartrecruiters_api().unwrap();
    let check = |body: Value| mistakes(&contract, Method::PATCH, ORDER, "", &body);
    assert_eq!(check(json!({"score": {"raw": 12}, "summary": null})), Vec::<String>::new());
    assert_eq!(check(json!({"score": {"raw": 12.5}})), ["$.score.raw is no integer"]);
    assert_eq!(check(json!({"scorelabel": "x"})), ["$.scorelabel is unknown to the contract"]);
    assert_eq!(check(json!({"assessmentResults": [{"status": "DONE"}]})).len(), 2, "an array's items are whole");
    assert_eq!(check(json!({"submissionDate": "yesterday"})), ["$.submissionDate has not the format date-time"]);
}

#[test]
fn another_content_type_is_a_mistake() {
    let contract = Contract::smartrecruiters_api().unwrap();
    let headers =
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/merge-patch+json"))]);
    let matched = contract.find(&Method::PATCH, ORDER).unwrap();
    let found = contract.check_request(&matched, Request { query: "", headers: &headers, body: b"{}" });
    assert_eq!(found, [r#"content type "application/merge-patch+json" is none of the contract's"#]);
}

#[test]
fn credentials_may_come_by_form_or_by_basic() {
    let contract = Contract::smartrecruiters_api().unwrap();
    let matched = contract.find(&Method::POST, "/identity/oauth/token").unwrap();
    let mut headers =
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))]);
    let check =
        |headers: &HeaderMap, body: &[u8]| contract.check_request(&matched, Request { query: "", headers, body });
    assert_eq!(check(&headers, b"grant_type=client_credentials").len(), 2);
    assert!(check(&headers, b"grant_type=client_credentials&client_id=a&client_secret=b").is_empty());
    headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
    assert!(check(&headers, b"grant_type=client_credentials").is_empty());
    assert_eq!(check(&headers, b"grant_type=password").len(), 1);
}

#[test]
fn answers_are_checked_and_may_say_more_than_the_contract() {
    let contract = Contract::product().unwrap();
    let operation = contract.operation("listPackages").unwrap();
    let check = |status, body: Value| {
        let body = body.to_string();
        contract.check_response(operation, Response { status, headers: &json_headers(), body: body.as_bytes() })
    };
    let package =
        json!({"id": "1", "name": "Rust", "description": "", "type": "SKILL_TEST", "assessments": [], "new": 1});
    assert!(check(200, json!([package])).is_empty());
    assert_eq!(check(200, json!([{"id": 1}])).len(), 5);
    assert_eq!(check(201, json!([])), ["status 201 is not in the contract"]);
    assert_eq!(check(403, json!({"message": "no"})), ["answer: $.errors is missing"]);
    assert!(check(503, json!("anything")).is_empty());
}
