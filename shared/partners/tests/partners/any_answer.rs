//! Whatever a partner answers is read or refused: nothing panics, and no error repeats it.

use std::error::Error;
use std::sync::{Arc, Mutex};

use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::ports::{SmartRecruiters, TestGorilla};
use domain::sensitive::Personal;
use proptest::prelude::*;
use serde_json::{Value, json};
use testing::arbitrary;
use tokio::runtime::Runtime;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::discretion::told;
use crate::smartrecruiters_answers::report;
use crate::support::{email, gorilla, key, pair, recruiters, result_url};

/// Begins every text of an answer that is made up here.
const MARK: &str = "leak-me-";

/// A server whose answer to everything can be changed.
#[derive(Clone, Default)]
struct Changing(Arc<Mutex<Option<ResponseTemplate>>>);

impl Respond for Changing {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.0.lock().unwrap().clone().unwrap()
    }
}

impl Changing {
    async fn serve(&self) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(self.clone()).mount(&server).await;
        server
    }
}

/// Answers in the contracts' shapes, and such as hold nothing.
fn good() -> Vec<Value> {
    let created = "2022-12-12T15:01:28.085062+02:00";
    let assessment = json!({"id": 1, "name": "Rust", "status": "active", "created": created, "modified": created, "is_empty": false});
    let test = json!({"id": 90, "order": 1, "test": {"id": 11, "name": "Rust", "duration": 600, "algorithm": "basic"}});
    let candidature =
        json!({"id": 2, "testtaker_id": 3, "email": "juno@example.com", "status": "started", "created": created});
    let attempt = json!({"id": 2, "assessment_id": 1, "status": "completed", "average": 66.5, "last_activity": created,
        "is_camera_enabled": true, "repeated_ip": false});
    let result = json!({"test_id": 11, "name": "Rust", "score": 10, "score_display": "10%", "completed": true, "status": "completed"});
    vec![
        json!({"count": 1, "next": null, "results": [assessment]}),
        json!({"id": 1, "status": "active", "tests_detail": [test], "custom_tests_detail": [{"id": 77, "name": "Own", "duration": 300}]}),
        json!({"count": 1, "results": [candidature]}),
        json!({"email": "juno@example.com", "assessments_detail": [attempt]}),
        json!({"results": [result], "count": 1}),
        json!([result]),
        json!({"id": 2, "testtaker_id": 3, "assessment": 1, "invitation_link": "https://app.testgorilla.example/x", "created": created}),
        json!({"errors": [{"error_key": "BAD_EMAIL", "message": "x"}]}),
        json!({"detail": "Invalid token."}),
        json!({"access_token": "token-1", "token_type": "Bearer", "expires_in": 1799}),
        json!({"clientId": "a", "clientSecret": "b", "client_id": "a", "client_secret": "b"}),
        json!({"id": "c1", "email": "juno@example.com", "firstName": "Juno", "lastName": "Example"}),
        json!({"attachments": [{"url": "https://api.smartrecruiters.example/a"}], "url": "https://api.smartrecruiters.example/a"}),
        json!({"errors": [{"code": "X", "message": "y"}], "message": "z"}),
        json!({}),
        json!([]),
    ]
}

/// Every place in a document.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut inside = |name: &str, value: &Value| {
        found.extend(places(value).into_iter().map(|place| format!("/{name}{place}")));
    };
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(number, item)| inside(&number.to_string(), item)),
        Value::Object(members) => members.iter().for_each(|(name, member)| inside(name, member)),
        _ => {}
    }
    found
}

/// A good answer with something else in one place.
fn nearly_good() -> impl Strategy<Value = Vec<u8>> {
    (prop::sample::select(good()), any::<prop::sample::Index>(), arbitrary::json()).prop_map(
        |(mut body, index, other)| {
            let places = places(&body);
            let place: &String = index.get(&places);
            *body.pointer_mut(place).unwrap() = marked(other);
            body.to_string().into_bytes()
        },
    )
}

fn marked(value: Value) -> Value {
    match value {
        Value::String(text) => format!("{MARK}{text}").into(),
        Value::Array(items) => items.into_iter().map(marked).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, marked(member))).collect(),
        other => other,
    }
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => nearly_good(),
        1 => arbitrary::json().prop_map(|body| marked(body).to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| [MARK.as_bytes(), &bytes].concat()),
    ]
}

/// Success more often than not: what is refused is hardly read.
fn any_status() -> impl Strategy<Value = u16> {
    prop_oneof![3 => 200_u16..207, 1 => 400_u16..600]
}

fn check<T, E: Error>(outcome: Result<T, E>, status: u16, may_succeed: bool) {
    match outcome {
        Ok(_) => assert!(status < 300 || may_succeed, "{status} was taken for a success"),
        Err(error) => assert!(!told(&error).contains(MARK), "{}", told(&error)),
    }
}

/// Runs every case against one server.
fn each(check: impl AsyncFn(&MockServer, u16)) {
    let answers = Changing::default();
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(answers.serve());
    proptest!(|(status in any_status(), body in any_body())| {
        *answers.0.lock().unwrap() = Some(ResponseTemplate::new(status).set_body_raw(body, "application/json"));
        runtime.block_on(check(&server, status));
    });
}

#[test]
fn any_answer_of_testgorilla_is_read_or_refused() {
    each(async |server, status| {
        let (client, key) = (gorilla(server), key());
        let (assessment, person, candidature) = (AssessmentId(1), TestTakerId(3), CandidatureId(2));
        let candidate = Candidate::parse(None, Some("juno@example.com"), None, None).unwrap();
        check(client.check_key(&key).await, status, false);
        check(client.assessments(&key).await, status, false);
        check(client.assessment_details(&key, assessment).await, status, false);
        // A refusal is an answer.
        check(client.invite(&key, assessment, &candidate, true).await, status, status == 400);
        check(client.find_candidature(&key, assessment, &email()).await, status, false);
        check(client.attempt(&key, person, candidature).await, status, status == 404);
        check(client.test_results(&key, assessment, person).await, status, false);
        check(client.report(&key, person, candidature).await, status, false);
    });
}

#[test]
fn any_answer_of_smartrecruiters_is_read_or_refused() {
    each(async |server, status| {
        let (client, url, pair) = (recruiters(server), result_url(&server.uri()), pair());
        check(client.set_up_integration(&pair, &"acme-example".parse().unwrap(), &pair).await, status, false);
        check(client.publish(&pair, &url, &report()).await, status, false);
        check(client.attach(&pair, &url, b"%PDF".to_vec()).await, status, false);
        check(client.candidate(&pair, &Personal::new("c1".into())).await, status, false);
    });
}
