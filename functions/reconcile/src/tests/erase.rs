use insta::assert_snapshot;
use serde_json::json;
use testing::events::Event;
use testing::scene::Scene;

use super::invoke;
use crate::handler::InvocationError;

#[tokio::test]
async fn a_candidate_is_erased_and_ops_hear_how_much_that_was() {
    let scene = Scene::connected().await;
    scene.order().await;
    let by_address = json!({"erase": {"company": scene.company, "candidate": {"email": "juno@example.com"}}});
    let answer = invoke(&scene, &Event::from(by_address)).await.unwrap();
    assert_eq!((answer, scene.invitation().candidate), (json!({"erased": 1, "busy": 0}), None));
}

#[tokio::test]
async fn who_is_not_known_is_no_error() {
    let scene = Scene::connected().await;
    let answer = invoke(&scene, &Event::load("reconcile", "erase")).await.unwrap();
    assert_eq!(answer, json!({"erased": 0, "busy": 0}));
}

#[tokio::test]
async fn a_request_that_cannot_be_read_erases_nothing_and_is_answered_with_how_to_ask() {
    let scene = Scene::connected().await;
    scene.order().await;
    let error = invoke(&scene, &Event::load("reconcile", "erase-malformed")).await.unwrap_err();
    assert_snapshot!(
        error.to_string(),
        @r#"ask {"erase": {"company": "<id>", "candidate": {"id": "<id>", "email": "<address>"}}}; one of id and email will do"#
    );
    for request in [
        json!(null),
        json!({}),
        json!({"company": scene.company}),
        json!({"company": scene.company, "candidate": null}),
        json!({"company": scene.company, "candidate": {"id": ""}}),
        json!({"company": scene.company, "candidate": {"id": 1}}),
        json!({"company": scene.company, "candidate": {"email": "juno"}}),
        json!({"company": scene.company, "candidate": {"mail": "juno@example.com"}}),
        json!({"company": "acme/example", "candidate": {"email": "juno@example.com"}}),
    ] {
        let event = Event::from(json!({"erase": request}));
        let error = invoke(&scene, &event).await.unwrap_err();
        assert!(matches!(error, InvocationError::Malformed(_)), "{event:?}");
        assert!(!format!("{error:?} {error}").contains("juno"));
    }
    assert!(scene.invitation().candidate.is_some());
}
