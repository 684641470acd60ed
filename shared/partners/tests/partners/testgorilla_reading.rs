//! Reading what TestGorilla says, in the shapes in which it is seen.

use domain::assessment::{AssessmentStatus, Test};
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::outcome::{Attempt, Flags, Metric, Progress, TestResult};
use domain::ports::{MAX_REPORT_BYTES, TestGorilla, TestGorillaError};
use domain::report::Score;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use wiremock::matchers::{query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{answering, gorilla, key, ok, requests};

fn assessment(id: u64) -> Value {
    json!({"id": id, "name": "Rust engineer", "status": "active", "created": "2022-12-12T15:01:28.085062+02:00",
        "modified": "2022-12-13T00:00:00Z", "language": "en", "candidates": 3, "invited": 1, "started": 1, "finished": null,
        "finished_percentage": null, "pricing_state": "allowed", "is_empty": false, "owner": {"id": 4}})
}

#[tokio::test]
async fn the_list_is_read_page_by_page_each_assessment_once() {
    let server = MockServer::start().await;
    let first = json!({"count": 4, "next": "x", "results": [assessment(1), assessment(2)]});
    Mock::given(query_param_is_missing("offset")).respond_with(ok(first)).mount(&server).await;
    let second = json!({"count": 4, "results": [assessment(2), assessment(3)]});
    Mock::given(query_param("offset", "2")).respond_with(ok(second)).mount(&server).await;
    let list = gorilla(&server).assessments(&key()).await.unwrap();
    assert_eq!(list.iter().map(|one| one.id.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(list[0].created_at, Timestamp::parse_rfc3339("2022-12-12T13:01:28.085Z").unwrap());
    assert_eq!(list[0].modified_at, Timestamp::parse_rfc3339("2022-12-13T00:00:00Z").unwrap());
}

#[tokio::test]
async fn an_unreadable_assessment_does_not_spoil_the_others() {
    let vary = |change: Value| {
        let mut item = assessment(9);
        item.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        item
    };
    let items = [
        vary(json!({"id": 1, "status": "new", "is_empty": "true", "modified": null})),
        vary(json!({"id": 2, "status": "ARCHIVED"})),
        vary(json!({"id": 3, "status": null, "is_empty": null})),
        vary(json!({"id": null})),
        vary(json!({"name": " "})),
        vary(json!({"created": "yesterday"})),
        json!(null),
        json!("x"),
        json!([1]),
    ];
    let server = answering(ok(json!({"count": items.len(), "results": items}))).await;
    let list = gorilla(&server).assessments(&key()).await.unwrap();
    let read: Vec<_> = list.iter().map(|one| (one.id.0, one.status, one.is_empty)).collect();
    assert_eq!(
        read,
        [
            (1, AssessmentStatus::New, true),
            (2, AssessmentStatus::Archived, false),
            (3, AssessmentStatus::Active, false)
        ]
    );
    assert_eq!(list[0].modified_at, list[0].created_at);
}

#[tokio::test]
async fn details_hold_every_test_in_order_custom_ones_last() {
    let body = json!({
        "id": 1, "name": "Rust engineer", "status": "active", "date_of_expiry": "2026-02-01T00:00:00+01:00", "use_snapshots": true,
        "tests_detail": [
            {"id": 91, "order": 2, "test": {"id": 12, "name": "Culture add", "duration": 0, "algorithm": "culture_fit", "type": []}},
            {"id": 90, "order": 1, "test": {"id": 11, "name": "Rust", "duration": 600, "algorithm": "basic",
                "type": [{"id": 1, "name": "Programming"}]}},
            {"id": 92, "order": 3, "test": {"id": null, "name": "Unreadable"}},
            "unreadable",
        ],
        "custom_tests_detail": [{"id": 77, "name": "Our own questions", "duration": 300}, {"name": "no id"}, {"id": 5}],
        "knockout_tests_detail": [{"id": 6, "name": "Visa"}],
    });
    let details = gorilla(&answering(ok(body)).await).assessment_details(&key(), AssessmentId(1)).await.unwrap();
    let test = |id, name: &str, duration_seconds| Test { id, name: name.into(), duration_seconds };
    assert_eq!(
        details.tests,
        [test(11, "Rust", Some(600)), test(12, "Culture add", None), test(77, "Our own questions", Some(300))]
    );
    assert_eq!(details.expires_at, Timestamp::parse_rfc3339("2026-01-31T23:00:00Z"));
    assert!(!details.is_archived);
}

#[tokio::test]
async fn details_may_be_bare() {
    for (body, archived) in [
        (json!({}), false),
        (
            json!({"status": "archived", "date_of_expiry": null, "tests_detail": null, "custom_tests_detail": null}),
            true,
        ),
    ] {
        let details = gorilla(&answering(ok(body)).await).assessment_details(&key(), AssessmentId(1)).await.unwrap();
        assert_eq!((details.tests.len(), details.expires_at, details.is_archived), (0, None, archived));
    }
}

fn attempt(change: Value) -> Value {
    let mut attempt = json!({
        "id": 2_757_222, "assessment_id": 439_706, "assessment_name": "Rust engineer", "status": "completed",
        "last_activity": "2026-01-03T12:00:00.5-03:00", "average": 66.5, "is_camera_enabled": true, "is_exited_full_screen": false,
        "is_left_screen": true, "repeated_ip": false, "geoip": {"city": "Utrecht", "country_code": "NL"},
        "user_agent": {"description": "A browser"}, "ip": "192.0.2.1", "test_taker_photos": [{"url": "x"}],
    });
    attempt.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    attempt
}

async fn read_attempts(attempts: Value) -> Result<Option<Attempt>, TestGorillaError> {
    let body = json!({"full_name": "Juno Example", "email": "juno@example.com", "assessments_detail": attempts});
    gorilla(&answering(ok(body)).await).attempt(&key(), TestTakerId(1_804_403), CandidatureId(2_757_222)).await
}

#[tokio::test]
async fn an_attempt_is_the_one_that_was_asked_for() {
    let others = json!([attempt(json!({"id": 1, "average": 1})), attempt(json!({})), attempt(json!({"id": 3}))]);
    let expected = Attempt {
        candidature: CandidatureId(2_757_222),
        assessment: AssessmentId(439_706),
        assessment_name: Some("Rust engineer".into()),
        progress: Progress::Completed,
        average: Some(66.5),
        metric: Some(Metric::Average),
        last_activity: Timestamp::parse_rfc3339("2026-01-03T15:00:00.5Z"),
        flags: Flags {
            webcam_enabled: Some(true),
            full_screen_always_active: Some(true),
            mouse_always_in_window: Some(false),
            only_once_from_ip: Some(true),
        },
    };
    assert_eq!(read_attempts(others).await.unwrap(), Some(expected));
    assert_eq!(read_attempts(json!([attempt(json!({"id": 1}))])).await.unwrap(), None);
    assert_eq!(read_attempts(json!([])).await.unwrap(), None);
}

#[tokio::test]
async fn that_an_attempt_is_gone_is_never_guessed() {
    for attempts in [
        json!(null),
        json!([{"assessment_id": 1}]),
        json!(["unreadable"]),
        json!([attempt(json!({"assessment_id": null}))]),
    ] {
        let read = read_attempts(attempts.clone()).await;
        assert!(matches!(read, Err(TestGorillaError::Unexpected(_))), "{attempts} {read:?}");
    }
}

#[tokio::test]
async fn flags_come_as_booleans_or_texts_and_may_be_missing() {
    let texts = json!({"is_camera_enabled": "false", "is_exited_full_screen": "true", "is_left_screen": "perhaps", "repeated_ip": null});
    let flags = read_attempts(json!([attempt(texts)])).await.unwrap().unwrap().flags;
    let expected = Flags { webcam_enabled: Some(false), full_screen_always_active: Some(false), ..Flags::default() };
    assert_eq!(flags, expected);
    let bare = json!([{"id": 2_757_222, "assessment_id": 439_706}]);
    let bare = read_attempts(bare).await.unwrap().unwrap();
    assert_eq!(bare.flags, Flags::default());
    assert_eq!((bare.progress, bare.average, bare.metric, bare.last_activity), (Progress::Invited, None, None, None));
}

#[tokio::test]
async fn the_overall_number_has_several_names_and_is_a_percentile_only_without_an_average() {
    let percentile = "display_normalized_weighted_percentile_score";
    for (change, average, metric) in [
        (json!({"average": 1}), Some(1.0), Some(Metric::Average)),
        (json!({"average": null, "avg_score": 2.5}), Some(2.5), Some(Metric::Average)),
        (json!({"average": null, "average_score": "3.50"}), Some(3.5), Some(Metric::Average)),
        (json!({"average": null, "average_score": 3, percentile: 99}), Some(3.0), Some(Metric::Average)),
        (json!({"average": null, percentile: 87.2}), Some(87.2), Some(Metric::Percentile)),
        (json!({"average": null, percentile: null}), None, None),
        (json!({"average": {"value": 1}}), None, None),
    ] {
        let read = read_attempts(json!([attempt(change.clone())])).await.unwrap().unwrap();
        assert_eq!((read.average, read.metric), (average, metric), "{change}");
    }
}

#[tokio::test]
async fn each_kind_of_test_has_its_result() {
    let body = json!({"count": 6, "results": [
        {"id": 1, "name": "Rust", "test_id": 11, "score": 66.5, "score_display": "", "status": "published", "completed": true,
            "algorithm": "basic", "is_code_test": false},
        {"id": 2, "name": "16 types", "test_id": 12, "score": null, "score_display": "INTJ", "completed": true, "algorithm": "16_types"},
        {"id": 3, "name": "Code", "test_id": 13, "score": "80", "completed": "false", "is_code_test": true},
        {"id": 4, "name": "Out of range", "test_id": 14, "score": 130, "score_display": null},
        {"id": 5, "name": null, "test_id": 15},
        {"id": 6, "name": "No test"},
    ]});
    let results = gorilla(&answering(ok(body)).await);
    let results = results.test_results(&key(), AssessmentId(1), TestTakerId(2)).await.unwrap();
    let result = |test, name: &str, score, display: Option<&str>, is_completed| TestResult {
        test,
        name: name.into(),
        score: Score::from_average(score),
        display: display.map(Into::into),
        is_completed,
    };
    assert_eq!(
        results,
        [
            result(11, "Rust", 67.0, None, true),
            result(12, "16 types", f64::NAN, Some("INTJ"), true),
            result(13, "Code", 80.0, None, false),
            result(14, "Out of range", f64::NAN, None, false),
        ]
    );
}

#[tokio::test]
async fn results_beyond_the_first_page_are_asked_for() {
    let server = MockServer::start().await;
    let result = |test: u64| json!({"name": "Rust", "test_id": test, "score": 50, "completed": true});
    let first = json!({"count": 3, "results": [result(1), result(2)]});
    Mock::given(query_param_is_missing("offset")).respond_with(ok(first)).mount(&server).await;
    let second = json!({"count": 3, "results": [result(3)]});
    let rest = Mock::given(query_param("offset", "2")).and(query_param("limit", "999"));
    rest.respond_with(ok(second)).mount(&server).await;
    let results = gorilla(&server).test_results(&key(), AssessmentId(1), TestTakerId(2)).await.unwrap();
    assert_eq!(results.iter().map(|result| result.test).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test]
async fn a_report_comes_as_bytes_or_as_text() {
    let pdf = b"%PDF-1.7 \xff\x00";
    for answer in [
        ResponseTemplate::new(200).set_body_raw(pdf.to_vec(), "application/pdf"),
        ResponseTemplate::new(200).set_body_raw("JVBERi0xLjcg/wA=", "text/plain"),
        ResponseTemplate::new(200).set_body_json("JVBERi0xLjcg/wA="),
    ] {
        let server = answering(answer).await;
        let report = gorilla(&server).report(&key(), TestTakerId(1), CandidatureId(2)).await.unwrap();
        assert_eq!(report, pdf);
    }
    let mut large = b"%PDF".to_vec();
    large.resize(MAX_REPORT_BYTES * 2, b' ');
    for answer in [b"<html>".to_vec(), Vec::new(), large] {
        let server = answering(ResponseTemplate::new(200).set_body_raw(answer, "application/pdf")).await;
        let error = gorilla(&server).report(&key(), TestTakerId(1), CandidatureId(2)).await.unwrap_err();
        assert!(matches!(error, TestGorillaError::Unexpected(_)), "{error:?}");
        assert_eq!(requests(&server).await.len(), 1);
    }
}
