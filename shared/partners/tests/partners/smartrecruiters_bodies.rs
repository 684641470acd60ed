//! Every body that SmartRecruiters gets.

use domain::ports::SmartRecruiters;
use domain::report::{Attachment, OrderReport, Score, Status, TestReport};
use domain::sensitive::{ClientCredentials, Personal, Secret};
use domain::timestamp::Timestamp;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::support::{ORDER, calls, ok, pair, recruiters, requests, result_url, seen, with_tokens};

fn report(status: Status) -> OrderReport {
    OrderReport {
        status,
        score: None,
        remove_score: false,
        summary: None,
        name: Some("Rust engineer".into()),
        sent_at: None,
        submitted_at: None,
        attachments: Vec::new(),
        tests: Vec::new(),
    }
}

fn sent(status: Status) -> OrderReport {
    OrderReport { sent_at: Timestamp::parse_rfc3339("2026-01-03T09:12:00Z"), ..report(status) }
}

fn completed() -> OrderReport {
    let test = |test, name: &str, score, label: Option<&str>| TestReport {
        test,
        name: name.into(),
        status: Status::Completed,
        score: Score::from_average(score),
        label: label.map(Into::into),
    };
    OrderReport {
        score: Score::from_average(66.5),
        summary: Some("Webcam enabled: yes.".into()),
        submitted_at: Timestamp::parse_rfc3339("2026-01-03T10:00:00.25+01:00"),
        attachments: vec![
            Attachment::CandidatePage(
                "https://app.testgorilla.com/customer/assessments/439706/candidates/1804403".into(),
            ),
            Attachment::Pdf("https://api.smartrecruiters.com/attachments/1".into()),
        ],
        tests: vec![test(11, "Rust", 80.0, None), test(12, "16 types", f64::NAN, Some("INTJ"))],
        ..sent(Status::Completed)
    }
}

/// The patch that a report becomes.
async fn patch(report: OrderReport) -> serde_json::Value {
    let server = with_tokens(ok(json!({"status": "PENDING"}))).await;
    recruiters(&server).publish(&pair(), &result_url(&server.uri()), &report).await.unwrap();
    calls(&server).await.remove(0)
}

#[tokio::test]
async fn a_pending_order() {
    insta::assert_json_snapshot!(patch(sent(Status::Pending)).await);
}

#[tokio::test]
async fn an_order_in_progress() {
    insta::assert_json_snapshot!(patch(sent(Status::InProgress)).await);
}

#[tokio::test]
async fn a_completed_order_with_score_flags_tests_and_report() {
    insta::assert_json_snapshot!(patch(completed()).await);
}

#[tokio::test]
async fn a_rejected_order() {
    let summary = Some("TestGorilla cannot deliver to the candidate's e-mail address.".into());
    insta::assert_json_snapshot!(patch(OrderReport { summary, ..report(Status::Rejected) }).await);
}

#[tokio::test]
async fn an_expired_order() {
    let summary = Some("The assessment was archived before the candidate finished.".into());
    insta::assert_json_snapshot!(patch(OrderReport { summary, ..sent(Status::Expired) }).await);
}

#[tokio::test]
async fn a_completed_order_whose_score_is_gone() {
    let gone = OrderReport { remove_score: true, ..sent(Status::Completed) };
    insta::assert_json_snapshot!(patch(gone).await);
    // A score that is there is not removed.
    let kept = OrderReport { remove_score: true, ..completed() };
    assert_eq!(patch(kept).await["body"]["score"], json!({"raw": 67, "min": 0, "max": 100}));
}

#[tokio::test]
async fn the_least_that_can_be_said() {
    insta::assert_json_snapshot!(patch(OrderReport { name: None, ..report(Status::Pending) }).await);
}

#[tokio::test]
async fn a_token_is_asked_for_by_form() {
    let server = with_tokens(ok(json!({"id": "c1"}))).await;
    recruiters(&server).candidate(&pair(), &Personal::new("c1".into())).await.unwrap();
    insta::assert_json_snapshot!(seen(&requests(&server).await[0]));
}

#[tokio::test]
async fn a_candidate_is_asked_for_by_id() {
    let server = with_tokens(ok(json!({"id": "c1"}))).await;
    recruiters(&server).candidate(&pair(), &Personal::new("a b/../c?d".into())).await.unwrap();
    insta::assert_json_snapshot!(calls(&server).await);
}

#[tokio::test]
async fn a_company_is_set_up_with_our_pair() {
    let server = with_tokens(ok(json!({"clientId": "customer", "clientSecret": "theirs", "more": 1}))).await;
    let master = ClientCredentials { client_id: "master".into(), client_secret: Secret::new("master-secret") };
    let ours = ClientCredentials { client_id: "0123abcd".into(), client_secret: Secret::new("ours") };
    let company = "acme-example".parse().unwrap();
    let theirs = recruiters(&server).set_up_integration(&master, &company, &ours).await.unwrap();
    assert_eq!((theirs.client_id.as_str(), theirs.client_secret.expose()), ("customer", "theirs"));
    insta::assert_json_snapshot!(calls(&server).await);
}

#[tokio::test]
async fn a_report_is_attached_below_the_result() {
    let stored = json!({"url": "https://api.smartrecruiters.com/attachments/1"});
    let server = with_tokens(ResponseTemplate::new(201).set_body_json(stored)).await;
    let url =
        recruiters(&server).attach(&pair(), &result_url(&server.uri()), b"%PDF-1.7 report".to_vec()).await.unwrap();
    assert_eq!(url.as_str(), "https://api.smartrecruiters.com/attachments/1");
    insta::assert_json_snapshot!(calls(&server).await);
}

#[tokio::test]
async fn a_result_url_of_another_form_is_patched_as_it_is_and_takes_attachments_at_the_published_place() {
    let stored = json!({"url": "https://api.smartrecruiters.com/attachments/1"});
    let server = with_tokens(ResponseTemplate::new(201).set_body_json(stored)).await;
    let hosts = "127.0.0.1".parse().unwrap();
    let other = format!("{}/callbacks/{ORDER}?a=b%20c#part", server.uri());
    let other = domain::order::ResultUrl::parse(&other, &hosts).unwrap();
    let client = recruiters(&server);
    client.publish(&pair(), &other, &report(Status::Pending)).await.unwrap();
    client.attach(&pair(), &other, b"%PDF".to_vec()).await.unwrap();
    let lines: Vec<_> = calls(&server).await.iter().map(|call| call["request"].clone()).collect();
    assert_eq!(
        lines,
        [
            json!(format!("PATCH /callbacks/{ORDER}?a=b%20c")),
            json!(format!("POST /assessment-api/v202010/orders/{ORDER}/results/attachment"))
        ]
    );
}
