//! Partners that are slow, break off, send too much, or point elsewhere.

use std::time::Duration;

use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::ports::{SmartRecruiters, SmartRecruitersError, TestGorilla, TestGorillaError};
use domain::sensitive::Personal;
use serde_json::json;
use testing::world::FixedClock;
use wiremock::ResponseTemplate;

use crate::smartrecruiters_answers::report;
use crate::support::{
    PATIENCE, answering, breaking_off, email, gorilla, gorilla_at, key, ok, pair, recruiters, recruiters_at, requests,
    result_url, with_tokens,
};

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
