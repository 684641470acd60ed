//! Access tokens: kept, shared, renewed; and how many requests are on their way at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::ids::{CandidatureId, TestTakerId};
use domain::ports::{SmartRecruiters, SmartRecruitersError, TestGorilla, TestGorillaError};
use domain::sensitive::{ClientCredentials, Secret};
use partners::{TestGorillaClient, TestGorillaConfig};
use runtime::transport::Transport;
use serde_json::{Value, json};
use testing::world::FixedClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::smartrecruiters_answers::report;
use crate::support::{
    PATIENCE, calls, gorilla_at, key, ok, pair, recruiters, recruiters_at, requests, result_url, seen,
};

/// A server that gives `token-1`, `token-2` and so on, and takes the given tokens alone.
async fn taking(tokens: &[&str], expires_in: Option<u64>) -> MockServer {
    let server = MockServer::start().await;
    let given = AtomicUsize::new(0);
    let give = move |_: &wiremock::Request| {
        let number = given.fetch_add(1, Ordering::SeqCst) + 1;
        ok(json!({"access_token": format!("token-{number}"), "expires_in": expires_in}))
            .set_delay(Duration::from_millis(50))
    };
    Mock::given(path("/identity/oauth/token")).respond_with(give).mount(&server).await;
    for token in tokens {
        let bearer = format!("Bearer {token}");
        Mock::given(method("PATCH"))
            .and(header("authorization", bearer))
            .respond_with(ok(json!({})))
            .mount(&server)
            .await;
    }
    Mock::given(method("PATCH")).respond_with(ResponseTemplate::new(401)).with_priority(9).mount(&server).await;
    server
}

/// Which tokens were used, and how many were asked for.
async fn used(server: &MockServer) -> (Vec<Value>, usize) {
    let used: Vec<_> = calls(server).await.iter().map(|call| call["authorization"].clone()).collect();
    let asked = requests(server).await.len() - used.len();
    (used, asked)
}

#[tokio::test]
async fn a_token_serves_until_a_minute_before_its_end() {
    let server = taking(&["token-1", "token-2"], Some(600)).await;
    let clock = FixedClock::default();
    let client = recruiters_at(&server.uri(), clock.clone(), PATIENCE);
    let url = result_url(&server.uri());
    for seconds in [0, 539, 1, 0] {
        clock.advance(Duration::from_secs(seconds));
        client.publish(&pair(), &url, &report()).await.unwrap();
    }
    let bearers = ["Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-2"].map(Value::from).to_vec();
    assert_eq!(used(&server).await, (bearers, 2));
}

#[tokio::test]
async fn a_token_without_an_end_serves_for_minutes() {
    let server = taking(&["token-1"], None).await;
    let clock = FixedClock::default();
    let client = recruiters_at(&server.uri(), clock.clone(), PATIENCE);
    for _ in 0..2 {
        client.publish(&pair(), &result_url(&server.uri()), &report()).await.unwrap();
        clock.advance(Duration::from_secs(200));
    }
    assert_eq!(used(&server).await.1, 1);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = taking(&["token-2"], Some(600)).await;
    let client = recruiters(&server);
    client.publish(&pair(), &result_url(&server.uri()), &report()).await.unwrap();
    assert_eq!(used(&server).await, (vec!["Bearer token-1".into(), "Bearer token-2".into()], 2));

    let server = taking(&[], Some(600)).await;
    let error = recruiters(&server).publish(&pair(), &result_url(&server.uri()), &report()).await.unwrap_err();
    assert!(matches!(error, SmartRecruitersError::CredentialsRefused), "{error:?}");
    assert_eq!(used(&server).await.1, 2);
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_token() {
    let server = taking(&["token-1"], Some(600)).await;
    let (client, url) = (Arc::new(recruiters(&server)), result_url(&server.uri()));
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (client, url) = (client.clone(), url.clone());
        tasks.spawn(async move { client.publish(&pair(), &url, &report()).await });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap().unwrap();
    }
    let (used, asked) = used(&server).await;
    assert_eq!((used.len(), asked), (20, 1));
}

#[tokio::test]
async fn other_credentials_have_a_token_of_their_own() {
    let server = taking(&["token-1", "token-2"], Some(600)).await;
    let client = recruiters(&server);
    let other = ClientCredentials { client_id: "globex-client".into(), client_secret: Secret::new("other") };
    for credentials in [pair(), other, pair()] {
        client.publish(&credentials, &result_url(&server.uri()), &report()).await.unwrap();
    }
    let bearers = ["Bearer token-1", "Bearer token-2", "Bearer token-1"].map(Value::from).to_vec();
    assert_eq!(used(&server).await, (bearers, 2));
}

#[tokio::test]
async fn the_token_endpoint_may_refuse() {
    use SmartRecruitersError as Error;
    let outcome = |answer: ResponseTemplate| async move {
        let server = crate::support::answering(answer).await;
        let error = recruiters(&server).publish(&pair(), &result_url(&server.uri()), &report()).await.unwrap_err();
        let asked: Vec<_> = requests(&server).await.iter().map(|request| seen(request)["request"].clone()).collect();
        assert_eq!(asked, ["POST /identity/oauth/token"]);
        error
    };
    let error = |status, error: &str| ResponseTemplate::new(status).set_body_json(json!({ "error": error }));
    assert!(matches!(outcome(error(401, "invalid_client")).await, Error::CredentialsRefused));
    assert!(matches!(outcome(ResponseTemplate::new(401)).await, Error::CredentialsRefused));
    assert!(matches!(outcome(error(400, "invalid_client")).await, Error::CredentialsRefused));
    assert!(matches!(outcome(error(400, "invalid_request")).await, Error::Refused(400)));
    assert!(matches!(outcome(ResponseTemplate::new(403)).await, Error::Refused(403)));
    assert!(matches!(outcome(ResponseTemplate::new(404)).await, Error::Unexpected(_)));
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "3");
    assert!(matches!(outcome(busy).await, Error::RateLimited(wait) if wait == Duration::from_secs(3)));
    assert!(matches!(outcome(ResponseTemplate::new(503)).await, Error::Unavailable(_)));
    for body in [json!({}), json!({"access_token": 1}), json!({"access_token": "a\nb"})] {
        assert!(matches!(outcome(ok(body)).await, Error::Unexpected(_)));
    }
}

/// Answers requests when told to, and counts those that wait.
#[derive(Clone)]
struct Held {
    waiting: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    go: Arc<Semaphore>,
}

impl Held {
    async fn serve(self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while let Ok(byte) = stream.read_u8().await {
            head.push(byte);
            if !head.ends_with(b"\r\n\r\n") {
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut head)).unwrap().to_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            stream.read_exact(&mut body).await.unwrap();
            let answer = if text.starts_with("post /identity") {
                r#"{"access_token":"token-1","expires_in":600}"#
            } else {
                let waiting = self.waiting.fetch_add(1, Ordering::SeqCst) + 1;
                self.most.fetch_max(waiting, Ordering::SeqCst);
                self.go.acquire().await.unwrap().forget();
                self.waiting.fetch_sub(1, Ordering::SeqCst);
                "{}"
            };
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

/// A server that holds requests, and its address.
async fn holding() -> (Held, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let held = Held { waiting: Arc::default(), most: Arc::default(), go: Arc::new(Semaphore::new(0)) };
    let server = held.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(server.clone().serve(stream));
        }
    });
    (held, base)
}

/// Lets requests go one at a time once so many wait, so that one too many would be seen beside the others; says how many waited at most.
async fn most_at_once(held: &Held, expected: usize, mut tasks: JoinSet<()>) -> usize {
    while held.waiting.load(Ordering::SeqCst) < expected {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Whoever else would come has come by then.
    tokio::time::sleep(Duration::from_millis(50)).await;
    while !tasks.is_empty() {
        held.go.add_permits(1);
        tokio::time::sleep(Duration::from_millis(2)).await;
        while tasks.try_join_next().is_some_and(|ended| ended.is_ok()) {}
    }
    held.most.load(Ordering::SeqCst)
}

#[tokio::test]
async fn no_more_than_eight_requests_are_on_their_way_at_once() {
    let (held, base) = holding().await;
    let client = Arc::new(recruiters_at(&base, FixedClock::default(), PATIENCE));
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (client, url) = (client.clone(), result_url(&base));
        tasks.spawn(async move { client.publish(&pair(), &url, &report()).await.unwrap() });
    }
    assert_eq!(most_at_once(&held, 8, tasks).await, 8);
}

/// The score is told after it.
#[tokio::test]
async fn a_report_that_waits_for_another_one_for_too_long_is_left_for_later() {
    let (held, base) = holding().await;
    let (short, long) = (Duration::from_millis(50), Duration::from_secs(60));
    let config = TestGorillaConfig::new(base.parse().unwrap());
    let config = TestGorillaConfig { timeout: short, report_timeout: long, ..config };
    let client = Arc::new(TestGorillaClient::new(Transport::new(), config, FixedClock::default()));
    let first = client.clone();
    let first = tokio::spawn(async move { drop(first.report(&key(), TestTakerId(1), CandidatureId(1)).await) });
    while held.waiting.load(Ordering::SeqCst) < 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let second = client.report(&key(), TestTakerId(2), CandidatureId(2)).await;
    assert!(matches!(second, Err(TestGorillaError::Unavailable(_))), "{second:?}");
    assert_eq!(held.most.load(Ordering::SeqCst), 1, "it is not asked for");
    held.go.add_permits(1);
    first.await.unwrap();
}

#[tokio::test]
async fn reports_are_read_and_sent_one_at_a_time() {
    let (held, base) = holding().await;
    let client = Arc::new(recruiters_at(&base, FixedClock::default(), PATIENCE));
    let mut tasks = JoinSet::new();
    for _ in 0..5 {
        let (client, url) = (client.clone(), result_url(&base));
        tasks.spawn(async move { drop(client.attach(&pair(), &url, b"%PDF".to_vec()).await) });
    }
    assert_eq!(most_at_once(&held, 1, tasks).await, 1);

    let (held, base) = holding().await;
    let client = Arc::new(gorilla_at(&base, FixedClock::default(), PATIENCE));
    let mut tasks = JoinSet::new();
    for number in 0..5 {
        let client = client.clone();
        tasks.spawn(async move { drop(client.report(&key(), TestTakerId(number), CandidatureId(number)).await) });
    }
    assert_eq!(most_at_once(&held, 1, tasks).await, 1);
}
