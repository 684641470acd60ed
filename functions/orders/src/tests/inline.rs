use domain::invitation::Refusal;
use domain::ports::KeyRefusal;
use insta::assert_snapshot;
use lambda_http::http::StatusCode;
use serde_json::json;
use testing::faults::{Fault, Op};
use testing::http::{error_code, json, shown};
use testing::scene::{EMAIL, Scene};

use super::{assert_nothing_is_ordered, call, order};

#[tokio::test]
async fn an_inline_order_is_answered_with_the_candidates_link_and_no_mail_goes_out() {
    let scene = Scene::connected().await;
    assert_snapshot!(shown(&order(&scene, "inline").await));
    assert_eq!((scene.fakes.testgorilla.candidatures(), scene.mails()), (1, 0));
}

#[tokio::test]
async fn the_same_inline_order_again_gets_the_same_link() {
    let scene = Scene::connected().await;
    let first = json(&order(&scene, "inline").await);
    assert_eq!(json(&order(&scene, "inline").await), first);
    assert_eq!(scene.fakes.testgorilla.candidatures(), 1);
}

#[tokio::test]
async fn a_candidate_whom_testgorilla_will_not_invite_gets_no_link() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_email(EMAIL, Refusal::BadEmail);
    let reply = order(&scene, "inline").await;
    assert_snapshot!(shown(&reply));
    assert_eq!(error_code(&order(&scene, "inline").await), "invitation_refused", "again the same");
}

#[tokio::test]
async fn while_testgorilla_is_away_there_is_no_link_and_asking_again_gets_it() {
    let scene = Scene::connected().await;
    scene.fakes.faults.always(Op::Invite, Fault::Before);
    let reply = order(&scene, "inline").await;
    assert_eq!((error_code(&reply), reply.status()), ("unavailable".into(), StatusCode::SERVICE_UNAVAILABLE));
    scene.fakes.faults.heal();
    assert_eq!(order(&scene, "inline").await.status(), StatusCode::OK);
    assert_eq!(scene.fakes.testgorilla.candidatures(), 1);
}

#[tokio::test]
async fn a_key_that_is_refused_meanwhile_gives_no_link() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    assert_eq!(error_code(&order(&scene, "inline").await), "unavailable");
    assert_eq!(error_code(&order(&scene, "inline").await), "testgorilla_key_refused", "it is known now");
}

#[tokio::test]
async fn an_inline_order_needs_an_address_and_a_page_to_end_on() {
    let scene = Scene::connected().await;
    for (name, value) in [("completedAssessmentCallbackUrl", json!(null)), ("candidate", json!({"id": "c-1"}))] {
        let event = scene.event("orders", "inline").await.edit(|body| body[name] = value);
        assert_eq!(error_code(&call(&scene, &event).await), "request_malformed", "{name}");
    }
    assert_nothing_is_ordered(&scene);
}
