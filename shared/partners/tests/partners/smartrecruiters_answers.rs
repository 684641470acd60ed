//! What SmartRecruiters' statuses and bodies mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::ports::{SetUpError, SmartRecruiters, SmartRecruitersError};
use domain::report::{OrderReport, Status};
use domain::sensitive::{ClientCredentials, Personal};
use serde_json::{Value, json};
use testing::world::FixedClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::ResponseTemplate;

use crate::support::{PATIENCE, calls, ok, pair, recruiters, recruiters_at, result_url, with_tokens};

pub(crate) fn report() -> OrderReport {
    OrderReport {
        status: Status::Pending,
        score: None,
        remove_score: false,
        summary: None,
        name: None,
        sent_at: None,
        submitted_at: None,
        attachments: Vec::new(),
        tests: Vec::new(),
    }
}

async fn published(answer: ResponseTemplate) -> Result<(), SmartRecruitersError> {
    let server = with_tokens(answer).await;
    let outcome = recruiters(&server).publish(&pair(), &result_url(&server.uri()), &report()).await;
    assert_eq!(calls(&server).await.len(), 1);
    outcome
}

#[tokio::test]
async fn each_status_has_its_meaning() {
    for status in [200, 201, 204] {
        published(ResponseTemplate::new(status)).await.unwrap();
    }
    for status in [400, 403, 405, 409, 415, 422] {
        let error = published(ResponseTemplate::new(status)).await.unwrap_err();
        assert!(matches!(error, SmartRecruitersError::Refused(code) if code == status), "{status} {error:?}");
    }
    for status in [408, 500, 502, 503, 504] {
        let error = published(ResponseTemplate::new(status)).await.unwrap_err();
        assert!(matches!(error, SmartRecruitersError::Unavailable(_)), "{status} {error:?}");
    }
    for status in [300, 304] {
        let error = published(ResponseTemplate::new(status)).await.unwrap_err();
        assert!(matches!(error, SmartRecruitersError::Unexpected(_)), "{status} {error:?}");
    }
    let error = published(ResponseTemplate::new(404)).await.unwrap_err();
    assert!(matches!(error, SmartRecruitersError::NotFound), "{error:?}");
}

#[tokio::test]
async fn too_many_calls_say_how_long_to_wait() {
    for (header, seconds) in [(Some("7"), 7), (Some("Mon, 05 Jan 2026 09:01:00 GMT"), 60), (None, 1), (Some("?"), 1)] {
        let mut answer = ResponseTemplate::new(429);
        if let Some(value) = header {
            answer = answer.insert_header("retry-after", value);
        }
        let error = published(answer).await.unwrap_err();
        let expected = Duration::from_secs(seconds);
        assert!(matches!(error, SmartRecruitersError::RateLimited(wait) if wait == expected), "{header:?} {error:?}");
    }
}

async fn set_up(answer: ResponseTemplate) -> Result<ClientCredentials, SetUpError> {
    let server = with_tokens(answer).await;
    let company = "acme-example".parse().unwrap();
    let outcome = recruiters(&server).set_up_integration(&pair(), &company, &pair()).await;
    assert_eq!(calls(&server).await.len(), 1);
    outcome
}

#[tokio::test]
async fn setting_up_has_refusals_of_its_own_and_is_never_repeated() {
    use SmartRecruitersError as Error;
    let refused = |status| set_up(ResponseTemplate::new(status));
    assert!(matches!(refused(403).await, Err(SetUpError::NotConsented)));
    assert!(matches!(refused(404).await, Err(SetUpError::NotRegistered)));
    assert!(matches!(refused(409).await, Err(SetUpError::AlreadyIntegrated)));
    assert!(matches!(refused(400).await, Err(SetUpError::SmartRecruiters(Error::Refused(400)))));
    assert!(matches!(refused(429).await, Err(SetUpError::SmartRecruiters(Error::RateLimited(_)))));
    assert!(matches!(refused(503).await, Err(SetUpError::SmartRecruiters(Error::Unavailable(_)))));
    for body in [json!({}), json!({"clientId": "x"}), json!({"clientId": "x", "clientSecret": ""}), json!([])] {
        let outcome = set_up(ok(body)).await;
        assert!(matches!(outcome, Err(SetUpError::SmartRecruiters(Error::Unexpected(_)))), "{outcome:?}");
    }
}

#[tokio::test]
async fn setting_up_is_not_repeated_when_the_connection_closes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let received = Arc::new(AtomicUsize::new(0));
    let counted = received.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            if request.starts_with(b"POST /identity") {
                let token = r#"{"access_token":"token-1","expires_in":600}"#;
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length:";
                stream.write_all(format!("{head} {}\r\n\r\n{token}", token.len()).as_bytes()).await.unwrap();
            } else if length > 0 {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let client = recruiters_at(&base, FixedClock::default(), PATIENCE);
    let outcome = client.set_up_integration(&pair(), &"acme-example".parse().unwrap(), &pair()).await;
    assert!(matches!(outcome, Err(SetUpError::SmartRecruiters(SmartRecruitersError::Unavailable(_)))), "{outcome:?}");
    assert_eq!(received.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_attachment_has_an_address_that_may_be_shown() {
    for (body, taken) in [
        (json!({"url": "https://api.smartrecruiters.com/attachments/1", "id": 1}), true),
        (json!({"url": "javascript:alert(1)"}), false),
        (json!({"url": "/attachments/1"}), false),
        (json!({"url": null}), false),
        (json!({}), false),
    ] {
        let server = with_tokens(ResponseTemplate::new(201).set_body_json(&body)).await;
        let outcome = recruiters(&server).attach(&pair(), &result_url(&server.uri()), b"%PDF".to_vec()).await;
        match outcome {
            Ok(_) => assert!(taken, "{body}"),
            Err(error) => assert!(!taken && matches!(error, SmartRecruitersError::Unexpected(_)), "{body} {error:?}"),
        }
        assert_eq!(calls(&server).await.len(), 1);
    }
}

async fn candidate(body: Value) -> Result<[Option<String>; 4], SmartRecruitersError> {
    let server = with_tokens(ok(body)).await;
    let read = recruiters(&server).candidate(&pair(), &Personal::new("c1".into())).await?;
    Ok([read.id, read.email, read.first_name, read.last_name].map(|value| value.map(|value| value.reveal().clone())))
}

#[tokio::test]
async fn a_candidate_is_read_as_far_as_it_is_known() {
    let some = |text: &str| Some(text.to_owned());
    let full =
        json!({"id": "c1", "firstName": "Juno", "lastName": "Example", "email": "juno@example.com", "phone": "1"});
    let expected = [some("c1"), some("juno@example.com"), some("Juno"), some("Example")];
    assert_eq!(candidate(full).await.unwrap(), expected);
    assert_eq!(candidate(json!({})).await.unwrap(), [some("c1"), None, None, None]);
    let bad_email = json!({"id": "c1", "email": "not an address", "firstName": "Juno"});
    assert_eq!(candidate(bad_email).await.unwrap(), [some("c1"), None, some("Juno"), None]);
    let long_name = json!({"id": "c1", "email": "juno@example.com", "firstName": "J".repeat(500)});
    assert_eq!(candidate(long_name).await.unwrap(), [some("c1"), some("juno@example.com"), None, None]);
    for unreadable in [json!(null), json!({"id": 1}), json!("x")] {
        assert!(matches!(candidate(unreadable).await, Err(SmartRecruitersError::Unexpected(_))));
    }
}

#[tokio::test]
async fn an_id_that_is_no_segment_of_a_path_asks_nothing() {
    let server = with_tokens(ok(json!({}))).await;
    for id in ["", ".", ".."] {
        let read = recruiters(&server).candidate(&pair(), &Personal::new(id.into())).await;
        assert!(matches!(read, Err(SmartRecruitersError::NotFound)), "{id}");
    }
    assert!(calls(&server).await.is_empty());
}
