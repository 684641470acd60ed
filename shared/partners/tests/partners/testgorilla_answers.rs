//! What each status of TestGorilla means, and what each operation sends.

use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::ports::{KeyRefusal, TestGorilla, TestGorillaError};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::support::{answering, calls, email, gorilla, key, ok, requests};

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

#[tokio::test]
async fn each_operation_is_sent_as_the_contract_says() {
    let server = answering(ok(json!({"count": 0, "results": [], "assessments_detail": []}))).await;
    let client = gorilla(&server);
    let (assessment, person, candidature) = (AssessmentId(439_706), TestTakerId(1_804_403), CandidatureId(2_757_222));
    let candidate = Candidate::parse(Some("c1"), Some("juno@example.com"), Some("Juno"), Some("Example")).unwrap();
    let unnamed = Candidate::parse(None, Some("juno+a@example.com"), None, None).unwrap();
    client.check_key(&key()).await.unwrap();
    client.assessments(&key()).await.unwrap();
    client.assessment_details(&key(), assessment).await.unwrap();
    assert!(client.invite(&key(), assessment, &candidate, true).await.is_err());
    assert!(client.invite(&key(), assessment, &unnamed, false).await.is_err());
    client
        .find_candidature(&key(), assessment, &domain::sensitive::Personal::new("juno+a&b@example.com".into()))
        .await
        .unwrap();
    client.attempt(&key(), person, candidature).await.unwrap();
    client.test_results(&key(), assessment, person).await.unwrap();
    assert!(client.report(&key(), person, candidature).await.is_err());
    insta::assert_json_snapshot!(calls(&server).await);
}

#[tokio::test]
async fn calls_may_move_between_threads() {
    fn sendable(_: impl Send) {}
    let server = answering(status(500)).await;
    let client = gorilla(&server);
    let candidate = Candidate::parse(Some("c1"), None, None, None).unwrap();
    let (key, email) = (key(), email());
    sendable(client.check_key(&key));
    sendable(client.assessments(&key));
    sendable(client.assessment_details(&key, AssessmentId(1)));
    sendable(client.invite(&key, AssessmentId(1), &candidate, true));
    sendable(client.find_candidature(&key, AssessmentId(1), &email));
    sendable(client.attempt(&key, TestTakerId(1), CandidatureId(2)));
    sendable(client.test_results(&key, AssessmentId(1), TestTakerId(1)));
    sendable(client.report(&key, TestTakerId(1), CandidatureId(2)));
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn a_refused_key_says_why() {
    let detail = |code: u16, detail: &str| status(code).set_body_json(json!({ "detail": detail }));
    for (answer, refusal) in [
        (detail(401, "Invalid token."), KeyRefusal::Unknown),
        (detail(401, "User inactive or deleted."), KeyRefusal::Revoked),
        (detail(403, "You do not have permission to perform this action."), KeyRefusal::NotPro),
        (detail(403, "Invalid token."), KeyRefusal::Unknown),
    ] {
        let server = answering(answer).await;
        let error = gorilla(&server).check_key(&key()).await.unwrap_err();
        assert!(matches!(error, TestGorillaError::KeyRefused(said) if said == refusal), "{error:?} {refusal:?}");
    }
}

/// As a firewall's page, or another server's at a wrong address: believed, it would end integrations and orders.
#[tokio::test]
async fn a_refusal_without_its_detail_is_not_testgorillas() {
    for code in [401, 403, 404] {
        for body in ["", "<html>", "[]", "{}", r#"{"detail":""}"#, r#"{"message":"Not found."}"#] {
            let server = answering(status(code).set_body_string(body)).await;
            let error = gorilla(&server).check_key(&key()).await.unwrap_err();
            assert!(matches!(error, TestGorillaError::Unexpected(_)), "{code} {body}: {error:?}");
        }
    }
}

#[tokio::test]
async fn trouble_that_passes_is_told_from_an_answer_outside_the_contract() {
    for code in [408, 500, 502, 503, 504] {
        let server = answering(status(code)).await;
        let error = gorilla(&server).check_key(&key()).await.unwrap_err();
        assert!(matches!(error, TestGorillaError::Unavailable(_)), "{code}: {error:?}");
        assert_eq!(requests(&server).await.len(), 1);
    }
    for code in [300, 304, 400, 405, 409, 415, 418] {
        let error = gorilla(&answering(status(code)).await).check_key(&key()).await.unwrap_err();
        assert!(matches!(error, TestGorillaError::Unexpected(_)), "{code}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_and_an_attempt_that_is_gone_is_none() {
    let server = answering(status(404).set_body_json(json!({"detail": "Not found."}))).await;
    let client = gorilla(&server);
    let (assessment, person, candidature) = (AssessmentId(1), TestTakerId(2), CandidatureId(3));
    let candidate = Candidate::parse(None, Some("juno@example.com"), None, None).unwrap();
    let not_found = |error: &TestGorillaError| matches!(error, TestGorillaError::NotFound);
    assert!(not_found(&client.assessment_details(&key(), assessment).await.unwrap_err()));
    assert!(not_found(&client.invite(&key(), assessment, &candidate, true).await.unwrap_err()));
    assert!(not_found(&client.find_candidature(&key(), assessment, &email()).await.unwrap_err()));
    assert!(not_found(&client.test_results(&key(), assessment, person).await.unwrap_err()));
    assert!(not_found(&client.report(&key(), person, candidature).await.unwrap_err()));
    assert_eq!(client.attempt(&key(), person, candidature).await.unwrap(), None);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_outside_the_contract() {
    for body in ["", "[]", "null", "<html>", "{}", r#"{"count":1}"#, r#"{"results":{}}"#, r#"{"results":[],"#] {
        let server = answering(ResponseTemplate::new(200).set_body_string(body)).await;
        let client = gorilla(&server);
        let list = client.assessments(&key()).await.unwrap_err();
        assert!(matches!(list, TestGorillaError::Unexpected(_)), "{body}: {list:?}");
        let attempt = client.attempt(&key(), TestTakerId(1), CandidatureId(2)).await.unwrap_err();
        assert!(matches!(attempt, TestGorillaError::Unexpected(_)), "{body}: {attempt:?}");
    }
}
