use axum::http::{HeaderMap, Method};
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::Mutex;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::*;
use crate::client::Answer;
use crate::testing::Server;

/// An account with its integration enabled, and an assessment in it.
struct Account {
    server: Server,
    key: String,
    assessment: u64,
}

impl Account {
    async fn new() -> Self {
        let server = Server::start(|url| router(TestGorilla::new(url, CallbackSettings::default()).unwrap())).await;
        server.control(Method::PUT, "callbacks", json!({"sending": "none"})).await;
        server.control(Method::PUT, "accounts/acme", json!({})).await;
        let by = json!({"user": "owner@acme.example"});
        let enabled = server.control(Method::POST, "accounts/acme/integration", by).await;
        let key = enabled["api_key"].as_str().unwrap().to_owned();
        let tests = json!([{"name": "Rust"}, {"name": "Types", "algorithm": "16_types"}, {"name": "Own", "algorithm": "custom_questions"}]);
        let new = json!({"account": "acme", "name": "Engineer", "tests": tests});
        let assessment = server.control(Method::POST, "assessments", new).await["id"].as_u64().unwrap();
        Self { server, key, assessment }
    }

    async fn with_key(&self, key: &str, method: Method, path: &str, body: &str) -> Answer {
        let authorization = format!("Token {key}");
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let headers = if body.is_empty() { &headers[..1] } else { &headers[..] };
        self.server.send(method, &format!("/api{path}"), headers, body).await.unwrap()
    }

    async fn get(&self, path: &str) -> Answer {
        self.with_key(&self.key, Method::GET, path, "").await
    }

    async fn invite(&self, email: &str) -> Answer {
        let body = json!({"email": email, "first_name": "Juno", "last_name": "Example"}).to_string();
        let path = format!("/assessments/{}/invite_candidate/", self.assessment);
        self.with_key(&self.key, Method::POST, &path, &body).await
    }

    async fn set(&self, change: Value) {
        self.server.control(Method::PUT, "accounts/acme", change).await;
    }

    async fn mails(&self, email: &str) -> usize {
        let mails = self.server.control(Method::GET, &format!("mailbox?email={email}"), Value::Null).await;
        mails.as_array().unwrap().len()
    }
}

fn detail(answer: &Answer) -> (u16, String) {
    (answer.status, answer.value()["detail"].as_str().unwrap_or_default().to_owned())
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, answer.value()["errors"][0]["error_key"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_key_must_be_known_in_force_and_of_a_pro_account() {
    let account = Account::new().await;
    assert_eq!(account.get("/assessments/").await.status, 200);
    let bad = account.with_key("0000", Method::GET, "/assessments/", "").await;
    assert_eq!(detail(&bad), (401, "Invalid token.".to_owned()));
    assert!(bad.header("x-ratelimit-limit").is_some(), "all answers have the headers");
    account.set(json!({"plan": "starter"})).await;
    let (status, detail_text) = detail(&account.get("/assessments/").await);
    assert!(status == 403 && !detail_text.is_empty());
    account.set(json!({"plan": "pro"})).await;
    let by = json!({"user": "owner@acme.example"});
    account.server.control(Method::DELETE, "accounts/acme/integration", by.clone()).await;
    assert_eq!(detail(&account.get("/assessments/").await), (401, "User inactive or deleted.".to_owned()));
    let again = account.server.control(Method::POST, "accounts/acme/integration", by).await;
    assert_ne!(again["api_key"], json!(account.key), "a new key each time");
    account.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn only_owner_and_admins_of_a_pro_account_enable_the_integration() {
    let account = Account::new().await;
    let users =
        json!([{"email": "ada@beta.example", "role": "admin"}, {"email": "rex@beta.example", "role": "recruiter"}]);
    account.server.control(Method::PUT, "accounts/beta", json!({"users": users, "plan": "free"})).await;
    let enable = |user: &'static str| {
        account.server.try_control(Method::POST, "accounts/beta/integration", json!({"user": user}))
    };
    assert_eq!(enable("rex@beta.example").await.status, 409);
    assert_eq!(enable("nobody@beta.example").await.status, 409);
    assert!(enable("ada@beta.example").await.text().contains("Pro plan"));
    account.server.control(Method::PUT, "accounts/beta", json!({"plan": "pro"})).await;
    let first = enable("ada@beta.example").await.value();
    assert_eq!(first["api_key"], enable("ada@beta.example").await.value()["api_key"], "the page shows the same key");
}

#[tokio::test]
async fn accounts_do_not_see_each_others_assessments() {
    let account = Account::new().await;
    account.server.control(Method::PUT, "accounts/beta", json!({})).await;
    let by = json!({"user": "owner@beta.example"});
    let other = account.server.control(Method::POST, "accounts/beta/integration", by).await;
    let other = other["api_key"].as_str().unwrap();
    let path = format!("/assessments/{}/", account.assessment);
    assert_eq!(account.get(&path).await.status, 200);
    assert_eq!(account.with_key(other, Method::GET, &path, "").await.status, 404);
    assert_eq!(account.with_key(other, Method::GET, "/assessments/", "").await.value()["count"], 0);
    assert_eq!(account.get("/assessments/1/").await.status, 404);
    account.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn lists_come_in_pages_filtered_and_sorted() {
    let account = Account::new().await;
    for number in 0..11 {
        let new = json!({"account": "acme", "name": format!("A{number:02}"), "tests": [], "archived": number == 3});
        account.server.control(Method::POST, "assessments", new).await;
    }
    let first = account.get("/assessments/?ordering=name").await.value();
    assert_eq!((first["count"].as_u64(), first["results"].as_array().unwrap().len()), (Some(12), 10));
    assert_eq!(first["results"][0]["name"], "A00");
    assert_eq!(first["results"][0]["is_empty"], true);
    let last = account.get("/assessments/?ordering=-name&limit=1&offset=11").await.value();
    assert_eq!(last["results"], json!([first["results"][0]]));
    let archived = account.get("/assessments/?status=archived").await.value();
    assert_eq!((archived["count"].as_u64(), &archived["results"][0]["name"]), (Some(1), &json!("A03")));
    assert_eq!(account.get("/assessments/?status=new,active").await.value()["count"], 11);
    let created = first["results"][0]["created"].as_str().unwrap();
    assert!(created.ends_with("+02:00") && OffsetDateTime::parse(created, &Rfc3339).is_ok());
    account.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn beyond_the_limit_a_key_waits_for_the_window_to_end() {
    let account = Account::new().await;
    for used in 1..=20 {
        let answer = account.get("/assessments/").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("20"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some((20 - used).to_string().as_str()));
    }
    let refused = account.get(&format!("/assessments/{}/", account.assessment)).await;
    assert_eq!(refused.status, 429, "lists and details share a limit");
    let reset: u64 = refused.header("x-ratelimit-reset").unwrap().parse().unwrap();
    assert!((1..=60).contains(&reset), "in seconds");
    assert_eq!(account.get("/assessments/candidature/?assessment=1").await.status, 200);
    account.server.control(Method::PUT, "limits", json!({"limits": {"assessments": 1}, "window_seconds": 3600})).await;
    assert_eq!(account.get("/assessments/").await.status, 200);
    let refused = account.get("/assessments/").await;
    assert_eq!((refused.status, refused.header("x-ratelimit-limit")), (429, Some("1")));
}

#[tokio::test]
async fn a_person_is_invited_to_an_assessment_once() {
    let account = Account::new().await;
    let first = account.invite("juno@example.com").await;
    assert_eq!((first.status, first.value()["status"].as_str()), (201, Some("invited")));
    assert_eq!(refusal(&account.invite("Juno@Example.com").await), (400, "REPEATING_INVITATION".to_owned()));
    assert_eq!(account.mails("juno@example.com").await, 1);
    let path = format!("/assessments/candidature/{}/", first.value()["id"]);
    assert_eq!(account.with_key(&account.key, Method::DELETE, &path, "").await.status, 204);
    assert_eq!(account.with_key(&account.key, Method::DELETE, &path, "").await.status, 404);
    account.set(json!({"variety": {"invite_status": 200, "invitation_link": false}})).await;
    let again = account.invite("juno@example.com").await;
    assert_eq!((again.status, again.value().get("invitation_link")), (200, None));
    assert_eq!(again.value()["testtaker_id"], first.value()["testtaker_id"]);
    account.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn without_mail_the_mailbox_stays_empty() {
    let account = Account::new().await;
    let path = format!("/assessments/{}/invite_candidate/?no_email=true", account.assessment);
    let body = r#"{"email": "juno@example.com"}"#;
    let answer = account.with_key(&account.key, Method::POST, &path, body).await;
    assert!(answer.value()["invitation_link"].as_str().unwrap().starts_with(&account.server.url));
    assert_eq!(account.mails("juno@example.com").await, 0);
}

#[tokio::test]
async fn what_cannot_be_invited_is_refused() {
    let account = Account::new().await;
    account.set(json!({"undeliverable": ["gone@example.com"]})).await;
    for email in ["gone@example.com", "not an address", "juno@host.invalid"] {
        assert_eq!(refusal(&account.invite(email).await), (400, "BAD_EMAIL".to_owned()), "{email}");
    }
    let path = format!("assessments/{}", account.assessment);
    for change in [json!({"archived": true}), json!({"archived": false, "tests": []})] {
        account.server.control(Method::PATCH, &path, change).await;
        assert_eq!(refusal(&account.invite("juno@example.com").await), (400, "ASSESSMENT_NOT_AVAILABLE".to_owned()));
    }
    let closed = json!({"tests": [{"name": "Rust"}], "date_of_expiry": "2020-01-01T00:00:00Z"});
    account.server.control(Method::PATCH, &path, closed).await;
    assert_eq!(account.invite("juno@example.com").await.status, 400);
    let unknown = account
        .with_key(&account.key, Method::POST, "/assessments/1/invite_candidate/", r#"{"email": "a@b.example"}"#)
        .await;
    assert_eq!(unknown.status, 404);
    assert_eq!(account.server.control(Method::GET, "mailbox", Value::Null).await, json!([]));
    account.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn a_candidate_starts_answers_and_completes() {
    let account = Account::new().await;
    let invited = account.invite("juno@example.com").await.value();
    let (candidature, test_taker) = (&invited["id"], &invited["testtaker_id"]);
    let deed = |what: &str| format!("candidatures/{candidature}/{what}");
    assert_eq!(account.server.try_control(Method::POST, &deed("complete"), json!({})).await.status, 409);
    account.server.control(Method::POST, &deed("start"), json!({})).await;
    let results = format!(
        "/assessments/results/?candidature__assessment={}&candidature__test_taker={test_taker}",
        account.assessment
    );
    let half = account.get(&results).await.value();
    assert_eq!((&half["count"], &half["results"][0]["completed"]), (&json!(3), &json!(false)));
    let answers = json!({
        "scores": {"Rust": 80, "Own": 71}, "displays": {"Types": "INTJ"}, "percentile": 91.2,
        "flags": {"is_camera_enabled": false, "is_left_screen": true},
    });
    account.server.control(Method::POST, &deed("complete"), answers).await;
    let done = account.get(&results).await.value();
    assert_eq!((&done["results"][0]["score"], &done["results"][1]["score"]), (&json!(80.0), &Value::Null));
    assert_eq!(done["results"][1]["score_display"], "INTJ");
    let path = format!("/assessments/candidates/{test_taker}/?candidature={candidature}");
    let attempt = account.get(&path).await.value()["assessments_detail"][0].clone();
    assert_eq!((&attempt["average"], &attempt["status"]), (&json!(75.5), &json!("completed")));
    assert_eq!((&attempt["is_camera_enabled"], &attempt["is_left_screen"]), (&json!(false), &json!(true)));
    account.set(json!({"variety": {"average_name": "average_score", "flags": "string"}})).await;
    let attempt = account.get(&path).await.value()["assessments_detail"][0].clone();
    assert_eq!((&attempt["average_score"], &attempt["is_left_screen"]), (&json!(75.5), &json!("true")));
    let listed = format!("/assessments/candidature/?assessment={}&status=completed&search=JUNO", account.assessment);
    assert_eq!(account.get(&listed).await.value()["results"][0]["avg_score"], 75.5);
    account.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn the_report_comes_as_bytes_or_as_base64() {
    let account = Account::new().await;
    let invited = account.invite("juno@example.com").await.value();
    let path = format!("/assessments/candidates/{}/render_pdf/?candidature={}", invited["testtaker_id"], invited["id"]);
    assert!(account.get(&path).await.body.starts_with(b"%PDF-1.4"));
    account.set(json!({"variety": {"pdf": "base64"}})).await;
    assert!(account.get(&path).await.body.starts_with(b"JVBERi0xLjQ"));
    account.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn every_call_is_logged_without_its_key_and_breaches_of_the_contract_are_counted() {
    let account = Account::new().await;
    account.invite("juno@example.com").await;
    let calls = account.server.control(Method::GET, "calls?operation=inviteCandidate&account=acme", Value::Null).await;
    assert_eq!(calls[0]["request_headers"]["authorization"], "***");
    assert_eq!(calls[0]["request_body"]["email"], "juno@example.com");
    assert_eq!((&calls[0]["status"], &calls[0]["response_body"]["status"]), (&json!(201), &json!("invited")));
    let violations = || account.server.control(Method::GET, "violations", Value::Null);
    assert_eq!(violations().await["count"], 0);
    account.get("/assessments/?page=2").await;
    account.get("/assessments/candidates/1/send-pdf/").await;
    account.get("/assessments/results/?candidature_assessment=1").await;
    let found = violations().await;
    assert_eq!(found["count"], 3);
    assert_eq!(found["violations"][0]["violations"], json!(["query parameter page is unknown to the contract"]));
    let since = found["violations"][2]["seq"].as_u64().unwrap();
    let later = account.server.control(Method::GET, &format!("violations?since={since}"), Value::Null).await;
    assert_eq!(later["count"], 0);
}

#[tokio::test]
async fn it_misbehaves_as_often_as_it_is_told_to() {
    let account = Account::new().await;
    account.server.fault("getAssessment", json!({"kind": "status", "status": 503, "count": 2})).await;
    let path = format!("/assessments/{}/", account.assessment);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(account.get(&path).await.status);
    }
    assert_eq!(statuses, [503, 503, 200]);
    account.server.fault("*", json!({"kind": "rate_limited", "reset": 7})).await;
    let limited = account.get(&path).await;
    assert_eq!(
        (limited.status, limited.header("x-ratelimit-reset"), limited.header("retry-after")),
        (429, Some("7"), None)
    );
    account.server.fault("*", json!({"kind": "rate_limited", "retry_after": 3})).await;
    let limited = account.get(&path).await;
    assert_eq!((limited.header("x-ratelimit-reset"), limited.header("retry-after")), (None, Some("3")));
    account.server.fault("getAssessment", json!({"kind": "slow", "delay_ms": 1, "account": "other"})).await;
    assert_eq!(account.get(&path).await.status, 200);
    assert_eq!(account.server.control(Method::GET, "faults", Value::Null).await.as_array().unwrap().len(), 1);
    let unknown = json!({"operation": "getEverything", "kind": "cut_before"});
    assert_eq!(account.server.try_control(Method::POST, "faults", unknown).await.status, 400);
}

#[tokio::test]
async fn a_connection_is_cut_before_the_effect_or_after_it() {
    let account = Account::new().await;
    let path = format!("/api/assessments/{}/invite_candidate/", account.assessment);
    let authorization = format!("Token {}", account.key);
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    for (kind, mails) in [("cut_before", 0), ("cut_after", 1)] {
        account.server.fault("inviteCandidate", json!({"kind": kind})).await;
        let body = r#"{"email": "juno@example.com"}"#;
        assert!(account.server.send(Method::POST, &path, &headers, body).await.is_err(), "{kind}: no answer comes");
        assert_eq!(account.mails("juno@example.com").await, mails, "{kind}");
    }
    assert_eq!(refusal(&account.invite("juno@example.com").await), (400, "REPEATING_INVITATION".to_owned()));
    let calls = account.server.control(Method::GET, "calls?operation=inviteCandidate", Value::Null).await;
    assert_eq!((&calls[1]["status"], &calls[1]["error"]), (&Value::Null, &json!("the connection was cut")));
}

#[tokio::test]
async fn see_results_is_for_users_of_the_account() {
    let account = Account::new().await;
    let invited = account.invite("juno@example.com").await.value();
    let (test_taker, candidature) = (&invited["testtaker_id"], &invited["id"]);
    let path =
        format!("/customer/assessments/{}/candidates/{test_taker}?candidature={candidature}", account.assessment);
    let open = async |cookie: &str| account.server.send(Method::GET, &path, &[("cookie", cookie)], "").await.unwrap();
    let own = open("a=b; signed_in_as=owner@acme.example").await;
    assert!(own.status == 200 && own.text().contains("Juno Example"));
    let other = open("signed_in_as=rex@beta.example").await;
    assert!(other.status == 403 && other.text().contains("Request access from the account owner (owner@acme.example)"));
    assert!(!other.text().contains("Juno"));
    account.server.send(Method::GET, "/favicon.ico", &[], "").await.unwrap();
    assert_eq!(account.server.control(Method::GET, "violations", Value::Null).await["count"], 0, "browsing is no call");
}

/// Keeps the callbacks that arrive.
type Inbox = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

#[tokio::test]
async fn callbacks_are_signed_and_sent_again_until_they_are_taken() {
    let account = Account::new().await;
    let inbox = Inbox::default();
    let (keep, failures) = (Arc::clone(&inbox), Arc::new(Mutex::new(1)));
    let product = Server::start(|_| {
        Router::new().route(
            "/callbacks/testgorilla",
            post(move |headers: HeaderMap, body: axum::Json<Value>| {
                keep.lock().unwrap().push((headers, body.0));
                let fails = std::mem::take(&mut *failures.lock().unwrap()) > 0;
                async move { if fails { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::ACCEPTED } }
            }),
        )
    })
    .await;
    let settings = json!({
        "url": format!("{}/callbacks/testgorilla", product.url),
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "sending": "signed",
    });
    account.server.control(Method::PUT, "callbacks", settings).await;
    let candidature = account.invite("juno@example.com").await.value()["id"].clone();
    let started = account.server.control(Method::POST, &format!("candidatures/{candidature}/start"), json!({})).await;
    let statuses: Vec<&Value> = started["callbacks"].as_array().unwrap().iter().map(|sent| &sent["status"]).collect();
    assert_eq!(statuses, [503, 202]);
    let complete = format!("candidatures/{candidature}/complete");
    account.server.control(Method::POST, &complete, json!({"callback": "repeated"})).await;
    let by = json!({"user": "owner@acme.example", "callback": "none"});
    account.server.control(Method::DELETE, "accounts/acme/integration", by).await;
    let received = inbox.lock().unwrap();
    let kinds: Vec<&Value> = received.iter().map(|(_, body)| &body["type"]).collect();
    assert_eq!(kinds, ["candidature.started", "candidature.started", "candidature.completed", "candidature.completed"]);
    let (headers, body) = &received[2];
    assert_eq!(headers["webhook-id"], received[3].0["webhook-id"], "repeated with the same id");
    assert!(headers["webhook-signature"].to_str().unwrap().starts_with("v1,"));
    assert_eq!(body["data"]["candidature_id"], candidature);
    assert_eq!(body["data"]["assessment_id"], account.assessment);
}

#[test]
fn a_disabled_integration_is_named_by_the_hash_of_its_key() {
    let event = events::disabled_event("abc");
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(event["data"], json!({"api_key_sha256": expected}));
}
