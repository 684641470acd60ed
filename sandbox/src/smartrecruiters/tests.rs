use std::collections::HashMap;

use axum::http::{HeaderMap, Method};
use axum::routing::{delete, get, post};
use axum::{Form, Json};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::*;
use crate::client::Answer;
use crate::testing::Server;

const JSON: (&str, &str) = ("content-type", "application/json");

/// The stand-in with a product that takes the pair `ours`/`works` and every order, but answers an order of package 404 with 404.
pub(super) struct Partner {
    pub(super) server: Server,
    pub(super) product: Server,
}

/// A product as the contract wants it.
fn product(_: String) -> Router {
    async fn token(Form(form): Form<HashMap<String, String>>) -> (StatusCode, Json<Value>) {
        if form.get("client_secret").is_some_and(|secret| secret == "works") {
            (StatusCode::OK, Json(json!({"access_token": "ticket", "expires_in": 300, "token_type": "Bearer"})))
        } else {
            (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_client"})))
        }
    }
    async fn packages(headers: HeaderMap) -> (StatusCode, Json<Value>) {
        if headers.get("authorization").is_some_and(|value| value == "Bearer ticket") {
            let assessment = json!({"id": "7", "description": "", "type": "SKILL_TEST"});
            let package = json!({"id": "42", "name": "Rust", "description": "", "type": "SKILL_TEST", "assessments": [assessment]});
            (StatusCode::OK, Json(json!([package])))
        } else {
            (StatusCode::UNAUTHORIZED, Json(json!({"errors": [{"code": "unauthorised"}]})))
        }
    }
    async fn order(Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
        let refused =
            body["assessmentPackageId"].as_str().and_then(|id| id.parse().ok()).filter(|status| *status >= 400);
        match refused.and_then(|status| StatusCode::from_u16(status).ok()) {
            Some(status) => (status, Json(json!({"errors": [{"code": "REFUSED", "message": "No."}]}))),
            None => (StatusCode::ACCEPTED, Json(json!({}))),
        }
    }
    Router::new()
        .route("/oauth/token", post(token))
        .route("/packages", get(packages))
        .route("/packages/{id}", get(|| async { Json(json!({"id": "42"})) }))
        .route("/packages/orders", post(order))
        .route("/packages/inline/orders", post(|| async { StatusCode::NOT_FOUND }))
        .route("/integrations/key/companies/{id}", delete(|| async { StatusCode::NO_CONTENT }))
}

impl Partner {
    pub(super) async fn new() -> Self {
        let master = Pair { client_id: "partner".to_owned(), client_secret: "secret".to_owned() };
        let server = Server::start(|url| router(SmartRecruiters::new(url, master).unwrap())).await;
        server.control(Method::PUT, "companies/acme", json!({})).await;
        // The tests ask faster than a product may; the limits have a test of their own.
        server.control(Method::PUT, "limits", json!({"requests": 1000})).await;
        Self { server, product: Server::start(product).await }
    }

    /// The company is connected; the customer's pair is returned.
    pub(super) async fn connected() -> (Self, String) {
        let partner = Self::new().await;
        partner.register().await;
        let token = partner.connect("acme").await;
        (partner, token)
    }

    /// Connects a company and returns a token for it.
    pub(super) async fn connect(&self, company: &str) -> String {
        self.server.control(Method::PUT, &format!("companies/{company}"), json!({})).await;
        self.server.control(Method::POST, &format!("companies/{company}/consent"), json!({})).await;
        let pair = self.integrate(company, "works").await;
        assert_eq!(pair.status, 200, "{}", pair.text());
        let pair = pair.value();
        self.token(pair["clientId"].as_str().unwrap(), pair["clientSecret"].as_str().unwrap()).await
    }

    async fn master(&self) -> String {
        self.token("partner", "secret").await
    }

    async fn token(&self, id: &str, secret: &str) -> String {
        let answer =
            self.ask_token(&format!("grant_type=client_credentials&client_id={id}&client_secret={secret}"), None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.value()["access_token"].as_str().unwrap().to_owned()
    }

    async fn ask_token(&self, form: &str, basic: Option<&str>) -> Answer {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(basic.map(|basic| ("authorization", basic)));
        self.server.send(Method::POST, "/identity/oauth/token", &headers, form).await.unwrap()
    }

    async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), JSON];
        let (headers, body) =
            if body.is_null() { (&headers[..1], String::new()) } else { (&headers[..], body.to_string()) };
        self.server.send(method, path, headers, &body).await.unwrap()
    }

    pub(super) async fn configure(&self, configuration: Value) -> Answer {
        self.call(&self.master().await, Method::PUT, "/assessment-api/v202010/partner/configuration", configuration)
            .await
    }

    pub(super) async fn register(&self) {
        assert_eq!(self.configure(self.configuration()).await.status, 200);
    }

    pub(super) fn configuration(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.product.url);
        json!({
            "consentUrl": at("/integration"),
            "consentDisplayMode": "REDIRECT",
            "assessmentPackageListUrl": at("/packages"),
            "singleAssessmentPackageUrl": at("/packages/{assessmentPackageId}"),
            "packageOrderUrl": at("/packages/orders"),
            "inlineAssessmentPackageOrderUrl": at("/packages/inline/orders"),
            "oauthTokenUrl": at("/oauth/token"),
            "integrationDisableUrl": at("/integrations/key/companies/{companyId}"),
            "supportedAssessmentTypes": ["SKILL_TEST", "INLINE_ASSESSMENT"],
        })
    }

    pub(super) async fn integrate(&self, company: &str, secret: &str) -> Answer {
        let path = format!("/assessment-api/v202010/integration/company/{company}");
        let pair = json!({"clientId": "ours", "clientSecret": secret});
        self.call(&self.master().await, Method::POST, &path, pair).await
    }

    async fn order(&self, company: &str, more: Value) -> Value {
        let mut order = order(company);
        merge(&mut order, &more);
        self.server.control(Method::POST, "orders", order).await
    }

    pub(super) async fn patch(&self, token: &str, order: &str, patch: Value) -> Answer {
        self.call(token, Method::PATCH, &format!("/assessment-api/v202010/orders/{order}/results"), patch).await
    }

    async fn shown(&self, order: &str) -> Value {
        self.server.control(Method::GET, &format!("orders/{order}"), Value::Null).await
    }

    async fn violations(&self) -> Value {
        self.server.control(Method::GET, "violations", Value::Null).await
    }
}

fn order(company: &str) -> Value {
    let candidate = json!({"email": "juno@example.com", "first_name": "Juno", "last_name": "Example"});
    json!({"company": company, "package": "42", "candidate": candidate})
}

fn id(made: &Value) -> &str {
    made["order"].as_str().unwrap()
}

#[tokio::test]
async fn tokens_are_issued_by_form_or_basic_for_right_credentials() {
    let partner = Partner::new().await;
    let grant = "grant_type=client_credentials";
    let basic = partner.ask_token(grant, Some("Basic cGFydG5lcjpzZWNyZXQ=")).await;
    assert_eq!((basic.status, &basic.value()["token_type"]), (200, &json!("Bearer")));
    let wrong = partner.ask_token(&format!("{grant}&client_id=partner&client_secret=x"), None).await;
    assert_eq!((wrong.status, &wrong.value()["error"]), (401, &json!("invalid_client")));
    assert_eq!(partner.ask_token(grant, None).await.status, 400);
    assert_eq!(partner.ask_token("grant_type=password&client_id=a&client_secret=b", None).await.status, 400);
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn tokens_expire() {
    let partner = Partner::new().await;
    let token = partner.master().await;
    let path = "/assessment-api/v202010/partner/configuration";
    let get = |token: String| {
        let partner = &partner;
        async move { partner.call(&token, Method::GET, path, Value::Null).await.status }
    };
    assert_eq!(get(token.clone()).await, 404, "a good token; there is no configuration");
    partner.server.control(Method::DELETE, "tokens", Value::Null).await;
    assert_eq!(get(token).await, 401);
    partner.server.control(Method::PATCH, "master", json!({"token_lifetime_seconds": 0})).await;
    assert_eq!(get(partner.master().await).await, 401);
}

#[tokio::test]
async fn the_configuration_is_checked_and_needs_the_partners_token() {
    let (partner, customer) = Partner::connected().await;
    let mut bad = partner.configuration();
    bad["consentDisplayMode"] = json!("WINDOW");
    bad["oauthTokenUrl"] = Value::Null;
    let refused = partner.configure(bad).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("consentDisplayMode") && refused.text().contains("oauthTokenUrl"));
    let path = "/assessment-api/v202010/partner/configuration";
    assert_eq!(partner.call(&customer, Method::GET, path, Value::Null).await.status, 403);
    let read = partner.call(&partner.master().await, Method::GET, path, Value::Null).await;
    assert_eq!(read.value(), partner.configuration());
    partner.server.control(Method::PATCH, "master", json!({"scopes": []})).await;
    assert_eq!(partner.configure(partner.configuration()).await.status, 403, "the scope is missing");
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn a_company_is_connected_once_after_its_consent_and_with_a_pair_that_works() {
    let partner = Partner::new().await;
    assert_eq!(partner.integrate("acme", "works").await.status, 403, "not consented");
    assert_eq!(partner.server.try_control(Method::POST, "companies/acme/consent", json!({})).await.status, 409);
    partner.register().await;
    let consent = partner.server.control(Method::POST, "companies/acme/consent", json!({})).await;
    let expected = format!("{}/integration?companyId=acme&redirect=", partner.product.url);
    assert!(consent["consent_url"].as_str().unwrap().starts_with(&expected));
    partner.server.control(Method::PATCH, "master", json!({"forget_configuration": true})).await;
    assert_eq!(partner.integrate("acme", "works").await.status, 404, "no configuration");
    partner.register().await;
    let refused = partner.integrate("acme", "wrong").await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("do not work at the partner's token endpoint"));
    assert_eq!(partner.integrate("acme", "works").await.status, 200);
    assert_eq!(partner.integrate("acme", "works").await.status, 409);
    let calls = partner.server.control(Method::GET, "calls", Value::Null).await.to_string();
    assert!(!calls.contains("works"), "secrets are masked");
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn disconnecting_ends_the_credentials_and_connecting_again_works() {
    let (partner, token) = Partner::connected().await;
    let told = partner.server.control(Method::POST, "companies/acme/disconnect", json!({})).await;
    assert_eq!(told["status"], 204);
    assert_eq!(partner.call(&token, Method::GET, "/candidates/x", Value::Null).await.status, 401);
    assert_eq!(partner.integrate("acme", "works").await.status, 403, "consent ended too");
    let former = partner.server.control(Method::POST, "companies/acme/former-token", Value::Null).await;
    assert_eq!(former["works"], true, "this product never forgets");
    partner.connect("acme").await;
    let calls = partner.server.control(Method::GET, "calls?operation=deleteIntegration", Value::Null).await;
    assert_eq!(calls[0]["path"], "/integrations/key/companies/acme");
    assert_eq!(calls[0]["request_headers"].get("authorization"), None, "none is declared");
}

#[tokio::test]
async fn orders_keep_to_the_contract_and_are_not_offered_twice() {
    let (partner, token) = Partner::connected().await;
    let made = partner.order("acme", json!({"requester": {"userId": "u1", "email": "rita@acme.example"}})).await;
    assert_eq!(made["status"], 202);
    let shown = partner.shown(id(&made)).await;
    assert_eq!((&shown["status"], &shown["request"]["requester"]["userId"]), (&json!("PENDING"), &json!("u1")));
    let url = format!("{}/assessment-api/v202010/orders/{}/results", partner.server.url, id(&made));
    assert_eq!(shown["request"]["resultCallbackURL"], url);
    assert_eq!(partner.server.try_control(Method::POST, "orders", order("acme")).await.status, 409);
    let again = partner.order("acme", json!({"again": true})).await;
    assert_eq!(partner.shown(id(&again)).await["request"].get("requester"), None, "as if auto-triggered");
    partner.server.control(Method::POST, &format!("orders/{}/deliveries", id(&made)), Value::Null).await;
    assert_eq!(partner.shown(id(&made)).await["deliveries"].as_array().unwrap().len(), 2);
    let candidate = shown["candidate"].as_str().unwrap();
    let read = partner.call(&token, Method::GET, &format!("/candidates/{candidate}"), Value::Null).await;
    assert_eq!((read.status, &read.value()["email"]), (200, &json!("juno@example.com")));
    let tokens = partner.server.control(Method::GET, "calls?operation=issueToken", Value::Null).await;
    assert_eq!(tokens.as_array().unwrap().len(), 1, "the token is used until it expires");
    assert_eq!(partner.violations().await["count"], 0);
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn an_auto_triggered_step_orders_for_everyone_who_enters_it() {
    let (partner, _) = Partner::connected().await;
    let steps = json!({"steps": {"skills": {"package": "42", "auto_triggered": true}, "talk": {"package": "42", "auto_triggered": false}}});
    partner.server.control(Method::PUT, "companies/acme", steps).await;
    let people: Vec<Value> = (0..20)
        .map(|number| json!({"email": format!("c{number}@example.com"), "first_name": "C", "last_name": "Example"}))
        .collect();
    let enter = |step: &str, people: &[Value]| {
        let (path, body) = (format!("companies/acme/steps/{step}/candidates"), json!({"candidates": people}));
        let server = &partner.server;
        async move { server.control(Method::POST, &path, body).await }
    };
    assert_eq!(enter("talk", &people).await, json!([]));
    let made = enter("skills", &people).await;
    assert!(made.as_array().unwrap().iter().all(|made| made["status"] == 202));
    assert!(enter("skills", &people[..1]).await[0]["error"].as_str().unwrap().contains("before"));
    let orders = partner.server.control(Method::GET, "orders?company=acme&package=42", Value::Null).await;
    assert_eq!(orders.as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn what_the_product_answers_is_held_against_its_contract() {
    let (partner, _) = Partner::connected().await;
    let path = "companies/acme/packages?requester=rita@acme.example&requester_form=json";
    let listed = partner.server.control(Method::GET, path, Value::Null).await;
    assert_eq!(listed["body"][0]["name"], "Rust");
    let calls = partner.server.control(Method::GET, "calls?operation=listPackages", Value::Null).await;
    assert_eq!(calls[0]["request_headers"]["requester"], r#"{"email":"rita@acme.example"}"#);
    assert_eq!(partner.violations().await["count"], 0);
    partner.server.control(Method::GET, "companies/acme/packages/42", Value::Null).await;
    partner.order("acme", json!({"inline": true})).await;
    let found = partner.violations().await;
    assert_eq!(found["count"], 2, "half a package; an error without the shape of one");
    assert_eq!(found["violations"][0]["operation"], "getPackage");
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn results_are_merged_and_the_whole_result_is_answered() {
    let (partner, token) = Partner::connected().await;
    let made = partner.order("acme", json!({})).await;
    let tests = json!([{"assessmentId": "1", "score": {"raw": 5, "min": 0, "max": 100}}]);
    let first = json!({"status": "IN_PROGRESS", "summary": "Begun", "assessmentResults": tests});
    assert_eq!(partner.patch(&token, id(&made), first.clone()).await.value(), first);
    let second = json!({"status": "COMPLETED", "summary": null, "score": {"raw": 76, "min": 0, "max": 100}, "assessmentResults": []});
    let whole = partner.patch(&token, id(&made), second).await;
    let expected = json!({"status": "COMPLETED", "score": {"raw": 76, "min": 0, "max": 100}, "assessmentResults": []});
    assert_eq!((whole.status, whole.value()), (200, expected.clone()));
    assert_eq!(partner.patch(&token, id(&made), json!({"score": {"raw": 77}})).await.value()["score"]["max"], 100);
    let shown = partner.shown(id(&made)).await;
    assert_eq!((&shown["patches"], &shown["regressions"]), (&json!(3), &json!(0)));
    let steps: Vec<&Value> = shown["changes"].as_array().unwrap().iter().map(|change| &change["to"]).collect();
    assert_eq!(steps, ["IN_PROGRESS", "COMPLETED"]);
    assert_eq!(partner.violations().await["count"], 0);
    partner.patch(&token, id(&made), json!({"status": "PENDING"})).await;
    let shown = partner.shown(id(&made)).await;
    assert_eq!((&shown["regressions"], &shown["changes"][2]["regression"]), (&json!(1), &json!(true)));
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn results_that_are_wrong_change_nothing() {
    let (partner, token) = Partner::connected().await;
    let made = partner.order("acme", json!({})).await;
    for wrong in [
        json!({"score": {"raw": 101, "min": 0, "max": 100}}),
        json!({"score": {"raw": 75.5, "min": 0, "max": 100}}),
        json!({"score": {"raw": 75}}),
        json!({"status": "DONE"}),
        json!({"submissionDate": "2026-01-03 09:12"}),
        json!({"attachments": [{"type": "PDF_URL", "url": "report.pdf"}]}),
        json!({"attachments": [{"type": "PDF", "url": "https://x.example/report.pdf"}]}),
        json!({"assessmentResults": [{"name": "no id"}]}),
        json!({"assessmentResults": [{"assessmentId": "1", "score": {"raw": -1, "min": 0, "max": 100}}]}),
        json!([]),
    ] {
        assert_eq!(partner.patch(&token, id(&made), wrong.clone()).await.status, 400, "{wrong}");
    }
    assert_eq!(partner.shown(id(&made)).await["patches"], 0);
    let path = format!("/assessment-api/v202010/orders/{}/results", id(&made));
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/merge-patch+json")];
    assert_eq!(partner.server.send(Method::PATCH, &path, &headers, "{}").await.unwrap().status, 415);
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn results_need_the_token_of_the_orders_own_company() {
    let (partner, token) = Partner::connected().await;
    let made = partner.order("acme", json!({})).await;
    let other = partner.connect("globex").await;
    let patch = json!({"status": "IN_PROGRESS"});
    assert_eq!(partner.patch(&other, id(&made), patch.clone()).await.status, 403);
    assert_eq!(partner.patch(&partner.master().await, id(&made), patch.clone()).await.status, 403);
    assert_eq!(partner.patch("forged", id(&made), patch.clone()).await.status, 401);
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(partner.patch(&token, unknown, patch.clone()).await.status, 404);
    assert_eq!(partner.shown(id(&made)).await["patches"], 0);
    partner.server.control(Method::PUT, "companies/initech", json!({"scopes": ["candidates_read"]})).await;
    let narrow = partner.connect("initech").await;
    assert_eq!(partner.patch(&narrow, id(&made), patch).await.status, 403, "the scope is missing");
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn a_file_is_attached_to_an_order_that_is_not_inline() {
    let (partner, token) = Partner::connected().await;
    let made = partner.order("acme", json!({})).await;
    let inline = partner.order("acme", json!({"inline": true, "again": true})).await;
    let attach = async |order: &str, part: &str| {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), ("content-type", "multipart/form-data; boundary=b")];
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"report.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--b--\r\n"
        );
        let path = format!("/assessment-api/v202010/orders/{order}/results/attachment");
        partner.server.send(Method::POST, &path, &headers, &body).await.unwrap()
    };
    let stored = attach(id(&made), "file").await;
    assert_eq!(stored.status, 201);
    let url = stored.value()["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(&partner.server.url).unwrap();
    let file = partner.server.send(Method::GET, path, &[], "").await.unwrap();
    assert_eq!((file.text().as_str(), file.header("content-type")), ("%PDF-1.4", Some("application/pdf")));
    assert_eq!(partner.shown(id(&made)).await["attachments"][0]["name"], "report.pdf");
    assert_eq!(attach(id(&inline), "file").await.status, 403);
    let before = partner.violations().await["count"].as_u64().unwrap();
    assert_eq!(attach(id(&made), "pdf").await.status, 400);
    assert_eq!(partner.violations().await["count"], before + 1, "the part is called file");
}

#[tokio::test]
async fn beyond_ten_a_second_or_eight_at_once_requests_are_refused() {
    let (partner, token) = Partner::connected().await;
    partner.server.control(Method::PUT, "limits", json!({"requests": 10, "window_ms": 3_600_000})).await;
    let ask = || partner.call(&token, Method::GET, "/candidates/x", Value::Null);
    let limited = |answers: &[Answer]| answers.iter().filter(|answer| answer.status == 429).count();
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(ask().await);
    }
    // The token itself was one of the ten.
    assert_eq!(limited(&answers), 3);
    partner.server.control(Method::PUT, "limits", json!({"requests": 1000})).await;
    partner.server.fault("getCandidate", json!({"kind": "slow", "delay_ms": 3000, "count": 9})).await;
    assert_eq!(limited(&join_all((0..9).map(|_| ask())).await), 1, "the ninth at once");
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn a_lost_answer_has_taken_effect() {
    let (partner, token) = Partner::connected().await;
    let made = partner.order("acme", json!({})).await;
    partner.server.fault("patchResults", json!({"kind": "cut_after", "company": "acme"})).await;
    let path = format!("/assessment-api/v202010/orders/{}/results", id(&made));
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), JSON];
    let cut = partner.server.send(Method::PATCH, &path, &headers, r#"{"status": "IN_PROGRESS"}"#).await;
    assert!(cut.is_err());
    assert_eq!(partner.shown(id(&made)).await["status"], "IN_PROGRESS");
}

#[tokio::test]
async fn an_order_may_be_bent_on_request() {
    let (partner, _) = Partner::connected().await;
    let mut bent = order("acme");
    bent["overrides"] = json!({"resultCallbackURL": "https://evil.example/x", "jobId": null});
    let made = partner.server.control(Method::POST, "orders", bent).await;
    let request = &partner.shown(id(&made)).await["request"];
    assert_eq!((&request["resultCallbackURL"], request.get("jobId")), (&json!("https://evil.example/x"), None));
    partner.server.assert_keeps_its_contract().await;
}
