use axum::http::Method;
use serde_json::{Map, Value, json};

use super::*;
use crate::smartrecruiters::{Pair, SmartRecruiters};
use crate::testgorilla::{self, CallbackSettings, TestGorilla};
use crate::testing::Server;

fn json_type() -> Map<String, Value> {
    Map::from_iter([("content-type".to_owned(), json!("application/json; charset=utf-8"))])
}

#[test]
fn people_are_masked_and_assessments_are_not() {
    let body = json!({"name": "Backend engineer", "full_name": "Juno Example", "email": "juno@example.com", "id": 7,
        "geoip": {"city": "Utrecht"}, "invitation_link": "https://x.example/1", "rating": null,
        "tests": [{"name": "Rust", "score": 86.0}], "note": "ask juno@example.com about it"});
    let shown: Value = serde_json::from_str(&masked_body(&json_type(), &body).unwrap()).unwrap();
    let expected = json!({"name": "***", "full_name": "***", "email": "***", "id": 7, "geoip": "***",
        "invitation_link": "***", "rating": null, "tests": [{"name": "Rust", "score": 86.0}], "note": "ask *** about it"});
    assert_eq!(shown, expected);
    assert_eq!(masked_body(&json_type(), &Value::Null), None);
}

#[test]
fn files_are_named_and_keys_in_addresses_are_masked() {
    let pdf = Map::from_iter([("content-type".to_owned(), json!("application/pdf"))]);
    assert_eq!(masked_body(&pdf, &json!("%PDF Juno")).unwrap(), "(application/pdf, not shown)");
    let key = "A3kd93kdEk39dkE93kdke93kdke";
    let order = "a4334448-71eb-451c-9306-be2715e81cfd";
    assert_eq!(masked_path(&format!("/integrations/{key}/companies/acme"), ""), "/integrations/***/companies/acme");
    assert_eq!(
        masked_path(&format!("/orders/{order}"), "search=juno%40example.com&page=2"),
        format!("/orders/{order}?search=***&page=2")
    );
    let url =
        json!({"integrationDisableUrl": format!("http://127.0.0.1:1/integrations/{key}/companies/{{companyId}}")});
    assert!(!masked_body(&json_type(), &url).unwrap().contains(key));
}

/// A product that takes every order, and a TestGorilla with an account.
struct World {
    smartrecruiters: Server,
    testgorilla: Server,
    key: String,
    assessment: u64,
}

impl World {
    async fn new() -> Self {
        let testgorilla = |url| testgorilla::router(TestGorilla::new(url, CallbackSettings::default()).unwrap());
        let testgorilla = Server::start(testgorilla).await;
        testgorilla.control(Method::PUT, "accounts/acme", json!({})).await;
        let by = json!({"user": "owner@acme.example"});
        let enabled = testgorilla.control(Method::POST, "accounts/acme/integration", by).await;
        let new = json!({"account": "acme", "name": "Engineer", "tests": [{"name": "Rust"}]});
        let assessment = testgorilla.control(Method::POST, "assessments", new).await["id"].as_u64().unwrap();
        let url = testgorilla.url.clone();
        let smartrecruiters = Server::start(|own| {
            let master = Pair { client_id: "partner".to_owned(), client_secret: "secret".to_owned() };
            let app = SmartRecruiters::new(own, master).unwrap();
            super::super::router(Arc::clone(&app)).merge(router(app, Some(url)))
        })
        .await;
        let key = enabled["api_key"].as_str().unwrap().to_owned();
        Self { smartrecruiters, testgorilla, key, assessment }
    }

    /// The product invites.
    async fn invite(&self, email: &str) -> u64 {
        let body = json!({"email": email, "first_name": "Juno", "last_name": "Example"}).to_string();
        let path = format!("/api/assessments/{}/invite_candidate/", self.assessment);
        let authorization = format!("Token {}", self.key);
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let answer = self.testgorilla.send(Method::POST, &path, &headers, &body).await.unwrap();
        answer.value()["testtaker_id"].as_u64().unwrap()
    }

    /// The product reads a candidate.
    async fn read(&self, test_taker: u64) {
        let authorization = format!("Token {}", self.key);
        let path = format!("/api/assessments/candidates/{test_taker}/");
        let answer = self.testgorilla.send(Method::GET, &path, &[("authorization", &authorization)], "").await.unwrap();
        assert_eq!(answer.status, 200);
    }

    async fn page(&self, query: &str) -> (u16, String) {
        let answer = self.smartrecruiters.send(Method::GET, &format!("/what-happened{query}"), &[], "").await.unwrap();
        (answer.status, answer.text())
    }
}

fn call(seq: u64, operation: &str, path: &str, request_body: Value) -> Call {
    serde_json::from_value(json!({"seq": seq, "time": "2026-01-03T09:12:00Z", "direction": "in", "operation": operation,
        "method": "POST", "path": path, "query": "", "account": null, "status": 200, "error": null, "request_headers": {},
        "request_body": request_body, "response_headers": {}, "response_body": null, "violations": [], "own_violations": []}))
    .unwrap()
}

#[tokio::test]
async fn a_time_line_has_the_calls_of_its_order_and_no_person() {
    let world = World::new().await;
    let (juno, kim) = (world.invite("juno@example.com").await, world.invite("kim@example.com").await);
    world.read(juno).await;
    world.read(kim).await;
    let calls = world.testgorilla.control(Method::GET, "calls", Value::Null).await;
    let calls: Vec<Call> = serde_json::from_value(calls).unwrap();
    let order = Order {
        id: "order-1".to_owned(),
        company: "acme".to_owned(),
        package: world.assessment.to_string(),
        candidate: "candidate-1".to_owned(),
        email: "Juno@example.com".to_owned(),
        inline: false,
        ordered_at: OffsetDateTime::UNIX_EPOCH,
        request: Value::Null,
        deliveries: Vec::new(),
        status: "PENDING".to_owned(),
        result: Value::Null,
        patches: 0,
        changes: Vec::new(),
        regressions: 0,
        attachments: Vec::new(),
    };
    let own = vec![
        call(1, "patchResults", "/assessment-api/v202010/orders/order-1/results", json!({"status": "IN_PROGRESS"})),
        call(2, "patchResults", "/assessment-api/v202010/orders/order-2/results", json!({"status": "COMPLETED"})),
        call(3, "getCandidate", "/candidates/candidate-1", Value::Null),
    ];
    let found = Related::to(&order, &calls).of(own, calls.clone());
    let found: Vec<_> = found.iter().map(|(_, call)| (call.operation.as_deref().unwrap(), call.path.clone())).collect();
    let expected = [
        ("patchResults", "/assessment-api/v202010/orders/order-1/results".to_owned()),
        ("getCandidate", "/candidates/candidate-1".to_owned()),
        ("inviteCandidate", format!("/api/assessments/{}/invite_candidate/", world.assessment)),
        ("getCandidate", format!("/api/assessments/candidates/{juno}/")),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_page_shows_both_logs_masked_and_says_what_is_missing() {
    let world = World::new().await;
    world.invite("juno@example.com").await;
    let (status, page) = world.page("?order=all").await;
    assert_eq!(status, 200);
    assert!(page.contains("inviteCandidate") && page.contains(&world.assessment.to_string()));
    assert!(!page.contains("juno") && !page.contains("Juno") && !page.contains(&world.key));
    assert_eq!(world.page("").await.0, 200);
    assert_eq!(world.page("?order=unknown").await.0, 404);
    let alone = Server::start(|own| {
        let master = Pair { client_id: "partner".to_owned(), client_secret: "secret".to_owned() };
        router(SmartRecruiters::new(own, master).unwrap(), None)
    })
    .await;
    let answer = alone.send(Method::GET, "/what-happened?order=all", &[], "").await.unwrap();
    assert!(answer.status == 200 && answer.text().contains("start this stand-in with --testgorilla-url"));
}
