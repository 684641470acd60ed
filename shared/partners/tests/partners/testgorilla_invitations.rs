//! Inviting, and finding who was invited before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::invitation::Refusal;
use domain::outcome::{Candidature, Progress};
use domain::ports::{Invited, TestGorilla, TestGorillaError};
use domain::sensitive::Personal;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use testing::world::FixedClock;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use wiremock::matchers::query_param;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{PATIENCE, answering, email, gorilla, gorilla_at, key, ok, requests};

const ASSESSMENT: AssessmentId = AssessmentId(439_706);

fn juno() -> Candidate {
    Candidate::parse(Some("c1"), Some("juno@example.com"), Some("Juno"), None).unwrap()
}

fn candidature(id: u64, email: &str) -> Value {
    json!({"id": id, "testtaker_id": 1_804_403, "assessment": 439_706, "email": email, "full_name": "Juno Example",
        "status": "invited", "stage": "NYE", "created": "2026-01-03T11:12:00.085062+02:00", "average": null, "avg_score": null,
        "invitation_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "invitation_link": "https://assessment.testgorilla.com/testtaker/takeinvitation/0f8fad5b", "rating": null})
}

#[tokio::test]
async fn a_new_invitation_is_read_from_any_good_status() {
    for status in [200, 201, 202] {
        let answer = ResponseTemplate::new(status).set_body_json(candidature(2_757_222, "juno@example.com"));
        let invited = gorilla(&answering(answer).await).invite(&key(), ASSESSMENT, &juno(), true).await.unwrap();
        let link = "https://assessment.testgorilla.com/testtaker/takeinvitation/0f8fad5b";
        let expected = Candidature {
            id: CandidatureId(2_757_222),
            test_taker: TestTakerId(1_804_403),
            email: Personal::new("juno@example.com".into()),
            progress: Progress::Invited,
            created_at: Timestamp::parse_rfc3339("2026-01-03T09:12:00.085Z"),
            link: Some(Personal::new(link.into())),
        };
        assert_eq!(invited, Invited::New(expected));
    }
}

#[tokio::test]
async fn an_answer_may_say_no_more_than_the_ids() {
    let server = answering(ResponseTemplate::new(201).set_body_json(json!({"id": "7", "testtaker_id": 8}))).await;
    let invited = gorilla(&server).invite(&key(), ASSESSMENT, &juno(), true).await.unwrap();
    let Invited::New(candidature) = invited else { panic!("{invited:?}") };
    assert_eq!((candidature.id, candidature.test_taker), (CandidatureId(7), TestTakerId(8)));
    assert_eq!(candidature.email.reveal(), "juno@example.com");
    assert_eq!((candidature.created_at, candidature.link), (None, None));
}

#[tokio::test]
async fn a_link_that_is_not_protected_is_left_out() {
    for (link, kept) in [
        ("https://assessment.testgorilla.com/x", true),
        ("http://127.0.0.1:8081/x", true),
        ("http://assessment.testgorilla.com/x", false),
        ("javascript:alert(1)", false),
        ("/x", false),
    ] {
        let body = json!({"id": 7, "testtaker_id": 8, "invitation_link": link});
        let invited = gorilla(&answering(ok(body)).await).invite(&key(), ASSESSMENT, &juno(), true).await.unwrap();
        assert!(matches!(&invited, Invited::New(new) if new.link.is_some() == kept), "{link} {invited:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_read_by_its_key() {
    let keys = |keys: &[&str]| {
        let errors: Vec<_> = keys.iter().map(|key| json!({"field": "email", "error_key": key, "more": {}})).collect();
        json!({ "errors": errors })
    };
    for (body, expected) in [
        (keys(&["REPEATING_INVITATION"]), Invited::Before),
        (keys(&["BAD_EMAIL", "REPEATING_INVITATION"]), Invited::Before),
        (keys(&["BAD_EMAIL"]), Invited::Refused(Refusal::BadEmail)),
        (keys(&["BAD_EMAIL_IPSCORE"]), Invited::Refused(Refusal::SuspiciousEmail)),
        (keys(&["SOMETHING_NEW"]), Invited::Refused(Refusal::Other)),
        (keys(&[]), Invited::Refused(Refusal::Other)),
        (json!({"detail": "no"}), Invited::Refused(Refusal::Other)),
        (json!({"errors": [{"field": "email"}]}), Invited::Refused(Refusal::Other)),
        (json!({"errors": [{"error_key": null}, {"error_key": "BAD_EMAIL"}]}), Invited::Refused(Refusal::BadEmail)),
        (json!({}), Invited::Refused(Refusal::Other)),
    ] {
        let server = answering(ResponseTemplate::new(400).set_body_json(&body)).await;
        let invited = gorilla(&server).invite(&key(), ASSESSMENT, &juno(), true).await.unwrap();
        assert_eq!(invited, expected, "{body}");
    }
}

#[tokio::test]
async fn nobody_is_invited_twice_or_refused_by_an_unclear_answer() {
    let answer = |status, body: &str| ResponseTemplate::new(status).set_body_string(body);
    for answer in [answer(503, ""), answer(200, "{"), answer(400, ""), answer(400, "<html>"), answer(400, "[]")] {
        let server = answering(answer).await;
        assert!(gorilla(&server).invite(&key(), ASSESSMENT, &juno(), true).await.is_err());
        assert_eq!(requests(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn an_invitation_is_not_sent_again_when_the_connection_closes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let received = Arc::new(AtomicUsize::new(0));
    let counted = received.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            // Read, and closed without an answer.
            if stream.read(&mut [0; 4096]).await.unwrap() > 0 {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let client = gorilla_at(&base, FixedClock::default(), PATIENCE);
    let error = client.invite(&key(), ASSESSMENT, &juno(), true).await.unwrap_err();
    assert!(matches!(error, TestGorillaError::Unavailable(_)), "{error:?}");
    assert_eq!(received.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_an_address_nobody_is_asked() {
    let server = answering(ok(json!({}))).await;
    let nameless = Candidate::parse(Some("c1"), None, None, None).unwrap();
    let invited = gorilla(&server).invite(&key(), ASSESSMENT, &nameless, true).await.unwrap();
    assert_eq!(invited, Invited::Refused(Refusal::NoEmail));
    assert!(requests(&server).await.is_empty());
}

async fn page(server: &MockServer, offset: Option<&str>, body: Value) {
    let mock = match offset {
        Some(offset) => Mock::given(query_param("offset", offset)),
        None => Mock::given(wiremock::matchers::query_param_is_missing("offset")),
    };
    mock.respond_with(ok(body)).mount(server).await;
}

#[tokio::test]
async fn a_candidature_is_found_by_its_whole_address_on_any_page() {
    let server = MockServer::start().await;
    let near = [candidature(1, "juno@example.com.example"), candidature(2, "uno@example.com"), json!({"id": 3})];
    page(&server, None, json!({"count": 6, "results": near})).await;
    let own = [
        candidature(6, "not-juno@example.com"),
        candidature(4, "JUNO@example.COM"),
        candidature(5, "juno@example.com"),
    ];
    page(&server, Some("3"), json!({"count": 6, "results": own})).await;
    let found = gorilla(&server).find_candidature(&key(), ASSESSMENT, &email()).await.unwrap();
    assert_eq!(found.map(|candidature| candidature.id), Some(CandidatureId(4)));
    assert_eq!(requests(&server).await.len(), 2);
}

#[tokio::test]
async fn without_a_count_a_full_page_is_not_taken_for_the_last() {
    let server = MockServer::start().await;
    let others: Vec<_> = (1..=999).map(|id| candidature(id, "other@example.com")).collect();
    page(&server, None, json!({ "results": others })).await;
    page(&server, Some("999"), json!({"results": [candidature(1_000, "juno@example.com")]})).await;
    let found = gorilla(&server).find_candidature(&key(), ASSESSMENT, &email()).await.unwrap();
    assert_eq!(found.map(|candidature| candidature.id), Some(CandidatureId(1_000)));
}

#[tokio::test]
async fn nobody_found_is_none_and_an_endless_list_is_an_error() {
    let server = answering(ok(json!({"count": 1, "results": [candidature(1, "other@example.com")]}))).await;
    assert_eq!(gorilla(&server).find_candidature(&key(), ASSESSMENT, &email()).await.unwrap(), None);

    let server = answering(ok(json!({"count": 999_999, "results": [candidature(1, "other@example.com")]}))).await;
    let error = gorilla(&server).find_candidature(&key(), ASSESSMENT, &email()).await.unwrap_err();
    assert!(matches!(error, TestGorillaError::Unexpected(_)), "{error:?}");
    assert!(requests(&server).await.len() < 100);
}
