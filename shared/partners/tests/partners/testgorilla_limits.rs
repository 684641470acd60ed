//! TestGorilla's limits: what its headers say is kept to.

use std::time::Duration;

use domain::ids::AssessmentId;
use domain::ports::{TestGorilla, TestGorillaError};
use domain::sensitive::ApiKey;
use serde_json::json;
use testing::world::FixedClock;
use wiremock::ResponseTemplate;

use crate::support::{PATIENCE, answering, email, gorilla, gorilla_at, key, ok, requests};

fn wait(error: &TestGorillaError) -> Duration {
    match error {
        TestGorillaError::RateLimited(wait) => *wait,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refusal_says_how_long_to_wait() {
    // The clock stands at Mon, 05 Jan 2026 09:00:00 GMT.
    for (headers, seconds) in [
        (vec![("x-ratelimit-reset", "17"), ("x-ratelimit-remaining", "0")], 17),
        (vec![("retry-after", "5"), ("x-ratelimit-reset", "17")], 5),
        (vec![("retry-after", "Mon, 05 Jan 2026 09:00:30 GMT")], 30),
        (vec![("retry-after", "soon")], 60),
        (vec![("x-ratelimit-reset", "1767603600")], 3600),
        (vec![("x-ratelimit-reset", "-3")], 60),
        (vec![], 60),
    ] {
        let mut answer = ResponseTemplate::new(429);
        for (name, value) in &headers {
            answer = answer.insert_header(*name, *value);
        }
        let server = answering(answer).await;
        let client = gorilla(&server);
        let error = client.check_key(&key()).await.unwrap_err();
        assert_eq!(wait(&error), Duration::from_secs(seconds), "{headers:?}");
        let again = client.check_key(&key()).await.unwrap_err();
        assert_eq!(wait(&again), Duration::from_secs(seconds), "{headers:?}");
        assert_eq!(requests(&server).await.len(), 1, "{headers:?}");
    }
}

#[tokio::test]
async fn a_used_up_limit_holds_calls_back_until_its_window_ends() {
    let answer = ok(json!({"count": 0, "results": []}))
        .insert_header("x-ratelimit-remaining", "0")
        .insert_header("x-ratelimit-reset", "40");
    let server = answering(answer).await;
    let clock = FixedClock::default();
    let client = gorilla_at(&server.uri(), clock.clone(), PATIENCE);
    client.assessments(&key()).await.unwrap();
    clock.advance(Duration::from_secs(30));
    let held = client.assessment_details(&key(), AssessmentId(1)).await.unwrap_err();
    assert_eq!(wait(&held), Duration::from_secs(10));
    assert_eq!(requests(&server).await.len(), 1);

    // Other limits and other keys have windows of their own.
    client.find_candidature(&key(), AssessmentId(1), &email()).await.unwrap();
    client.check_key(&ApiKey::from_pasted("gorilla-key-2").unwrap()).await.unwrap();
    clock.advance(Duration::from_secs(10));
    client.check_key(&key()).await.unwrap();
    assert_eq!(requests(&server).await.len(), 4);
}
