//! The HTTP stack against real servers on this machine.

// A test that cannot go on says so by panicking, helpers included.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod support;

use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use runtime::transport::{Limits, Transport, TransportError};
use support::{ANSWER, Step, Wire, answer, answer_then_close, answer_then_wait, tls_server};

const LIMITS: Limits = Limits { timeout: Duration::from_secs(20), max_body: 64, repeatable: false };

fn get(url: &str) -> http::Request<Bytes> {
    http::Request::get(url).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn an_answer_is_read_whatever_its_status() {
    let server = Wire::start([vec![answer(ANSWER), answer("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n")]]);
    let transport = Transport::new();
    let ok = transport.send(get(&server.url()), LIMITS).await.unwrap();
    assert_eq!((ok.status().as_u16(), ok.body().as_ref()), (200, b"{}".as_ref()));
    assert_eq!(transport.send(get(&server.url()), LIMITS).await.unwrap().status(), 503);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn the_sdk_and_the_partners_share_connections() {
    let server = Wire::start([vec![answer(ANSWER), answer(ANSWER), answer(ANSWER)]]);
    let transport = Transport::new();
    transport.send(get(&server.url()), LIMITS).await.unwrap();
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .region(aws_sdk_sqs::config::Region::new("us-east-1"))
        .credentials_provider(aws_credential_types::Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(server.url())
        .http_client(transport.sdk_client())
        .build();
    let queue = format!("{}queue", server.url());
    aws_sdk_sqs::Client::from_conf(config).purge_queue().queue_url(queue).send().await.unwrap();
    transport.send(get(&server.url()), LIMITS).await.unwrap();
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let server = Wire::start([vec![answer("HTTP/1.1 302 Found\r\nlocation: /else\r\ncontent-length: 0\r\n\r\n")]]);
    let response = Transport::new().send(get(&server.url()), LIMITS).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn time_runs_out_also_in_the_middle_of_an_answer() {
    for silent in [vec![Step::Wait], vec![answer_then_wait("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")]] {
        let server = Wire::start([silent]);
        let limits = Limits { timeout: Duration::from_millis(200), ..LIMITS };
        assert_eq!(Transport::new().send(get(&server.url()), limits).await.unwrap_err(), TransportError::Timeout);
    }
}

#[tokio::test]
async fn nobody_listening_is_told_apart_from_a_cut() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = Transport::new().send(get(&format!("http://{closed}/")), LIMITS).await;
    assert_eq!(refused.unwrap_err(), TransportError::Connect(std::io::ErrorKind::ConnectionRefused));

    for cut in [vec![Step::Close], vec![answer_then_close("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")]] {
        let server = Wire::start([cut]);
        let error = Transport::new().send(get(&server.url()), LIMITS).await.unwrap_err();
        assert_eq!(error, TransportError::Closed);
    }
    let server = Wire::start([vec![answer("this is not HTTP\r\n\r\n")]]);
    assert_eq!(Transport::new().send(get(&server.url()), LIMITS).await.unwrap_err(), TransportError::Protocol);
}

#[tokio::test]
async fn a_connection_that_closes_as_it_is_used_again_costs_one_repetition_where_allowed() {
    let script = || [vec![answer(ANSWER), Step::Close], vec![answer(ANSWER)]];
    for (repeatable, expected) in [(true, Ok(200)), (false, Err(TransportError::Closed))] {
        let server = Wire::start(script());
        let transport = Transport::new();
        transport.send(get(&server.url()), LIMITS).await.unwrap();
        let again = transport.send(get(&server.url()), Limits { repeatable, ..LIMITS }).await;
        assert_eq!(again.map(|response| response.status().as_u16()), expected);
    }
    let server = Wire::start([vec![Step::Close], vec![Step::Close], vec![answer(ANSWER)]]);
    let limits = Limits { repeatable: true, ..LIMITS };
    assert_eq!(Transport::new().send(get(&server.url()), limits).await.unwrap_err(), TransportError::Closed);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let fits = format!("HTTP/1.1 200 OK\r\ncontent-length: 64\r\n\r\n{}", "x".repeat(64));
    let over = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(65));
    let server = Wire::start([vec![answer(&fits)], vec![answer_then_close(&over)]]);
    assert_eq!(Transport::new().send(get(&server.url()), LIMITS).await.unwrap().body().len(), 64);
    assert_eq!(Transport::new().send(get(&server.url()), LIMITS).await.unwrap_err(), TransportError::TooLarge);
}

#[test]
fn no_error_names_an_address() {
    let kinds = [
        TransportError::Timeout,
        TransportError::Connect(std::io::ErrorKind::ConnectionRefused),
        TransportError::Closed,
        TransportError::TooLarge,
        TransportError::Protocol,
        TransportError::Unsendable,
    ];
    let texts: Vec<_> = kinds.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "no answer in time",
            "no connection (connection refused)",
            "the connection closed early",
            "the answer is too long",
            "the answer is not HTTP",
            "the request cannot be sent"
        ]
    );
}

/// The environment is a process's own, so the client runs in a process of its own: this test again, told where to call.
#[tokio::test]
async fn the_trusted_roots_are_those_of_ssl_cert_file() {
    if let Ok(url) = std::env::var("TRANSPORT_TEST_URL") {
        let answer = Transport::new().send(get(&url), LIMITS).await;
        println!("outcome: {:?}", answer.map(|response| response.status().as_u16()));
        return;
    }
    let server = tls_server().await;
    let call = |roots: String| {
        let url = server.url.clone();
        async move {
            let output = tokio::task::spawn_blocking(move || {
                Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "--nocapture", "the_trusted_roots_are_those_of_ssl_cert_file"])
                    .env("TRANSPORT_TEST_URL", url)
                    .env("SSL_CERT_FILE", roots)
                    .output()
                    .unwrap()
            });
            String::from_utf8(output.await.unwrap().stdout).unwrap()
        }
    };
    let trusted = call(server.ca_file()).await;
    assert!(trusted.contains("outcome: Ok(200)"), "{trusted}");
    let foreign = call(tls_server().await.ca_file()).await;
    assert!(foreign.contains("outcome: Err(Connect("), "{foreign}");
}
