//! Partners that are slow, break off, send too much, or point elsewhere.

use std::error::Error;
use std::time::{Duration, Instant};

use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::order::ResultUrl;
use domain::ports::{SmartRecruiters, SmartRecruitersError, TestGorilla, TestGorillaError};
use domain::sensitive::Personal;
use serde_json::json;
use testing::world::FixedClock;
use wiremock::ResponseTemplate;

use crate::smartrecruiters_answers::report;
use crate::support::{
    ORDER, PATIENCE, answering, breaking_off, calls, email, gorilla, gorilla_at, key, ok, pair, recruiters,
    recruiters_at, recruiters_trusting, requests, result_url, with_tokens,
};

/// A result URL as it may lie in the table, whoever wrote it.
fn stored(text: &str) -> ResultUrl {
    ResultUrl::stored(text.to_owned(), ORDER.parse().unwrap())
}

#[tokio::test]
async fn no_token_is_asked_for_or_sent_when_a_stored_result_url_is_not_smartrecruiters() {
    // Both partner and trap: it would take the token's call and the result's alike.
    let server = with_tokens(ok(json!({"url": "https://api.smartrecruiters.example/a"}))).await;
    let client = recruiters_trusting(&server, "smartrecruiters.com,*.smartrecruiters.com");
    let port = server.address().port();
    for place in [
        server.uri().as_str(),
        &format!("http://localhost:{port}"),
        "https://evil.example",
        "https://evil.example:8443",
        "https://smartrecruiters.com.evil.example",
        "http://api.smartrecruiters.com",
        "ftp://api.smartrecruiters.com",
        "https://api.smartrecruiters.com:8443",
        &format!("https://api.smartrecruiters.com:{port}"),
        "https://user:password@api.smartrecruiters.com",
        "https://api.smartrecruiters.com@evil.example",
        "//api.smartrecruiters.com",
        "",
    ] {
        let url = stored(&format!("{place}/assessment-api/v202010/orders/{ORDER}/results"));
        let outcomes = [
            client.publish(&pair(), &url, &report()).await,
            client.attach(&pair(), &url, b"%PDF".to_vec()).await.map(drop),
        ];
        for (outcome, operation) in outcomes.into_iter().zip(["patchResults", "addAttachment"]) {
            let error = outcome.unwrap_err();
            assert!(matches!(error, SmartRecruitersError::Unexpected(_)), "{place} {error:?}");
            let cause = error.source().unwrap();
            let said = cause.to_string();
            assert!(said.starts_with(&format!("{operation}: stored result URL: not a")), "{place} {said}");
            for secret in ["evil", "user", "password", "api.", "127.0.0.1", "localhost", ORDER] {
                assert!(!format!("{error} {error:?} {said} {cause:?}").contains(secret), "{place} {error:?} {said}");
            }
        }
    }
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn an_order_whose_host_is_listed_again_is_told() {
    let server = with_tokens(ok(json!({"url": "https://api.smartrecruiters.example/a"}))).await;
    let url = result_url(&server.uri());
    let narrowed = recruiters_trusting(&server, "*.smartrecruiters.com");
    assert!(narrowed.publish(&pair(), &url, &report()).await.is_err());
    let mended = recruiters_trusting(&server, "*.smartrecruiters.com,127.0.0.1");
    mended.publish(&pair(), &url, &report()).await.unwrap();
    mended.attach(&pair(), &url, b"%PDF".to_vec()).await.unwrap();
    assert_eq!(calls(&server).await.len(), 2);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = answering(ok(json!({"count": 0, "results": [], "assessments_detail": []}))).await;
        let away = ResponseTemplate::new(status).insert_header("location", elsewhere.uri());
        let candidate = Candidate::parse(None, Some("juno@example.com"), None, None).unwrap();

        let server = answering(away.clone()).await;
        let client = gorilla(&server);
        let outcomes = [
            client.check_key(&key()).await.map(drop),
            client.assessments(&key()).await.map(drop),
            client.invite(&key(), AssessmentId(1), &candidate, true).await.map(drop),
            client.find_candidature(&key(), AssessmentId(1), &email()).await.map(drop),
            client.attempt(&key(), TestTakerId(1), CandidatureId(2)).await.map(drop),
            client.report(&key(), TestTakerId(1), CandidatureId(2)).await.map(drop),
        ];
        for outcome in outcomes {
            assert!(matches!(outcome, Err(TestGorillaError::Unexpected(_))), "{outcome:?}");
        }

        let server = with_tokens(away.clone()).await;
        let (client, url) = (recruiters(&server), result_url(&server.uri()));
        let company = "acme-example".parse().unwrap();
        assert!(client.set_up_integration(&pair(), &company, &pair()).await.is_err());
        let outcomes = [
            client.publish(&pair(), &url, &report()).await.map(drop),
            client.attach(&pair(), &url, b"%PDF".to_vec()).await.map(drop),
            client.candidate(&pair(), &Personal::new("c1".into())).await.map(drop),
            recruiters(&answering(away).await).publish(&pair(), &url, &report()).await,
        ];
        for outcome in outcomes {
            assert!(matches!(outcome, Err(SmartRecruitersError::Unexpected(_))), "{outcome:?}");
        }
        assert!(requests(&elsewhere).await.is_empty());
    }
}

#[tokio::test]
async fn a_partner_that_does_not_answer_in_time_is_unavailable() {
    let slow = || ok(json!({"count": 0, "results": []})).set_delay(PATIENCE);
    let short = Duration::from_millis(200);
    let begin = Instant::now();
    let server = answering(slow()).await;
    let client = gorilla_at(&server.uri(), FixedClock::default(), short);
    let error = client.check_key(&key()).await.unwrap_err();
    assert!(matches!(error, TestGorillaError::Unavailable(_)), "{error:?}");
    let error = client.report(&key(), TestTakerId(1), CandidatureId(2)).await.unwrap_err();
    assert!(matches!(error, TestGorillaError::Unavailable(_)), "{error:?}");

    let server = answering(slow()).await;
    let client = recruiters_at(&server.uri(), FixedClock::default(), short);
    let error = client.publish(&pair(), &result_url(&server.uri()), &report()).await.unwrap_err();
    assert!(matches!(error, SmartRecruitersError::Unavailable(_)), "{error:?}");
    assert!(begin.elapsed() < PATIENCE, "whatever the transport's own limits are");
}

#[tokio::test]
async fn nobody_there_or_an_answer_that_breaks_off_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = format!("http://{free}");
    let silent = breaking_off("").await;
    let cut = breaking_off("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"count\": 0,").await;
    for base in [gone, silent, cut] {
        let client = gorilla_at(&base, FixedClock::default(), PATIENCE);
        let candidate = Candidate::parse(None, Some("juno@example.com"), None, None).unwrap();
        let read = client.check_key(&key()).await.unwrap_err();
        assert!(matches!(read, TestGorillaError::Unavailable(_)), "{base} {read:?}");
        let invited = client.invite(&key(), AssessmentId(1), &candidate, true).await.unwrap_err();
        assert!(matches!(invited, TestGorillaError::Unavailable(_)), "{base} {invited:?}");
        let client = recruiters_at(&base, FixedClock::default(), PATIENCE);
        let error = client.publish(&pair(), &result_url(&base), &report()).await.unwrap_err();
        assert!(matches!(error, SmartRecruitersError::Unavailable(_)), "{base} {error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_outside_the_contract() {
    let long = || ResponseTemplate::new(200).set_body_bytes(vec![b' '; 9 * 1024 * 1024]);
    let error = gorilla(&answering(long()).await).assessments(&key()).await.unwrap_err();
    assert!(matches!(error, TestGorillaError::Unexpected(_)), "{error:?}");
    let error =
        recruiters(&with_tokens(long()).await).candidate(&pair(), &Personal::new("c1".into())).await.unwrap_err();
    assert!(matches!(error, SmartRecruitersError::Unexpected(_)), "{error:?}");
}
