//! Clients, requests as a partner sees them, and servers that break off.

use std::time::Duration;

use domain::hosts::AllowedHosts;
use domain::order::ResultUrl;
use domain::sensitive::{ApiKey, ClientCredentials, Personal, Secret};
use partners::{SmartRecruitersClient, SmartRecruitersConfig, TestGorillaClient, TestGorillaConfig};
use runtime::transport::Transport;
use serde_json::{Value, json};
use testing::world::FixedClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const ORDER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
/// Long enough for a loaded machine, and never waited for where an answer comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn key() -> ApiKey {
    ApiKey::from_pasted("gorilla-key-1").unwrap()
}

pub(crate) fn email() -> Personal<String> {
    Personal::new("Juno@Example.com".to_owned())
}

pub(crate) fn pair() -> ClientCredentials {
    ClientCredentials { client_id: "acme-client".into(), client_secret: Secret::new("acme secret/+") }
}

pub(crate) fn gorilla_at(base: &str, clock: FixedClock, timeout: Duration) -> TestGorillaClient<FixedClock> {
    let base = format!("{base}/api").parse().unwrap();
    TestGorillaClient::new(
        Transport::new(),
        TestGorillaConfig { timeout, report_timeout: timeout, ..TestGorillaConfig::new(base) },
        clock,
    )
}

pub(crate) fn gorilla(server: &MockServer) -> TestGorillaClient<FixedClock> {
    gorilla_at(&server.uri(), FixedClock::default(), PATIENCE)
}

pub(crate) fn recruiters_at(base: &str, clock: FixedClock, timeout: Duration) -> SmartRecruitersClient<FixedClock> {
    let base = base.parse().unwrap();
    let config = SmartRecruitersConfig { base, hosts: here(), timeout, upload_timeout: timeout };
    SmartRecruitersClient::new(Transport::new(), config, clock)
}

pub(crate) fn recruiters(server: &MockServer) -> SmartRecruitersClient<FixedClock> {
    recruiters_at(&server.uri(), FixedClock::default(), PATIENCE)
}

/// A client whose results may go to these hosts alone.
pub(crate) fn recruiters_trusting(server: &MockServer, hosts: &str) -> SmartRecruitersClient<FixedClock> {
    let config = SmartRecruitersConfig::new(server.uri().parse().unwrap(), hosts.parse().unwrap());
    SmartRecruitersClient::new(Transport::new(), config, FixedClock::default())
}

/// The hosts of this machine's servers.
fn here() -> AllowedHosts {
    "127.0.0.1,localhost".parse().unwrap()
}

/// The result URL of an order at a server on this machine.
pub(crate) fn result_url(base: &str) -> ResultUrl {
    ResultUrl::parse(&format!("{base}/assessment-api/v202010/orders/{ORDER}/results"), &here()).unwrap()
}

/// A server that answers everything alike.
pub(crate) async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
    server
}

pub(crate) fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// A server that gives tokens, and answers all else alike.
pub(crate) async fn with_tokens(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let token = json!({"access_token": "token-1", "token_type": "Bearer", "expires_in": 1799});
    Mock::given(method("POST")).and(path("/identity/oauth/token")).respond_with(ok(token)).mount(&server).await;
    Mock::given(wiremock::matchers::any()).respond_with(answer).with_priority(9).mount(&server).await;
    server
}

pub(crate) async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

/// A request as the partner sees it, without what depends on the machine.
pub(crate) fn seen(request: &Request) -> Value {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let body = match serde_json::from_slice::<Value>(&request.body) {
        Ok(json) => json,
        Err(_) => String::from_utf8_lossy(&request.body).into(),
    };
    json!({
        "request": format!("{} {}{query}", request.method, request.url.path()),
        "authorization": header("authorization"),
        "accept": header("accept"),
        "content-type": header("content-type"),
        "body": body,
    })
}

/// All requests but those for tokens.
pub(crate) async fn calls(server: &MockServer) -> Vec<Value> {
    let all = requests(server).await;
    all.iter().filter(|request| request.url.path() != "/identity/oauth/token").map(seen).collect()
}

/// A server that reads a request, sends these bytes, and closes the connection.
pub(crate) async fn breaking_off(bytes: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let _ = stream.write_all(bytes.as_bytes()).await;
        }
    });
    base
}
