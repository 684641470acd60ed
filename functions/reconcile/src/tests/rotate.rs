use domain::flows::authorise::authorise;
use domain::flows::rotate::RotateError;
use domain::sensitive::ApiKey;
use insta::assert_snapshot;
use serde_json::json;
use testing::events::Event;
use testing::scene::{MINUTE, Scene};

use super::invoke;
use crate::handler::InvocationError;

#[tokio::test]
async fn the_signing_key_is_replaced_and_tokens_of_before_are_taken_until_they_expire() {
    let scene = Scene::connected().await;
    let before = scene.token().await;
    let answer = invoke(&scene, &Event::load("reconcile", "rotate-signing-key")).await.unwrap();
    assert_eq!(answer, json!({"rotated": "signing_key"}));
    scene.fakes.secrets.another_process();
    let after = scene.token().await;
    for token in [&before, &after] {
        authorise(&scene.ports, token).await.unwrap();
    }
    scene.fakes.clock().advance(40 * MINUTE);
    invoke(&scene, &Event::load("reconcile", "schedule")).await.unwrap();
    assert_eq!(scene.caller().await.connection.token_keys.len(), 1, "the old key verifies no more");
}

#[tokio::test]
async fn the_api_key_is_replaced_by_one_that_testgorilla_takes() {
    let scene = Scene::connected().await;
    let event = Event::load("reconcile", "rotate-api-key");
    let refused = invoke(&scene, &event).await.unwrap_err();
    assert!(matches!(refused, InvocationError::Rotate(RotateError::Key(_))));
    let new = ApiKey::from_pasted("tg-another-key-of-acme-example").unwrap();
    scene.fakes.testgorilla.add_key(scene.account, &new);
    assert_eq!(invoke(&scene, &event).await.unwrap(), json!({"rotated": "api_key"}));
    let connection = scene.caller().await.connection;
    assert_eq!(connection.api_key, new.hash());
    assert_eq!(scene.fakes.secrets.peek(&connection.secret).unwrap().api_key, new);
}

#[tokio::test]
async fn an_api_key_of_another_account_is_refused_in_words() {
    let scene = Scene::connected().await;
    let new = ApiKey::from_pasted("tg-another-key-of-acme-example").unwrap();
    scene.fakes.testgorilla.open_account(&new);
    let error = invoke(&scene, &Event::load("reconcile", "rotate-api-key")).await.unwrap_err();
    let sentence = "the new API key is of another TestGorilla account: it has none of the company's assessments";
    assert_eq!(error.to_string(), sentence);
}

#[tokio::test]
async fn a_company_that_is_not_connected_has_no_keys() {
    let scene = Scene::new();
    for name in ["rotate-signing-key", "rotate-api-key"] {
        let error = invoke(&scene, &Event::load("reconcile", name)).await.unwrap_err();
        assert_eq!(error.to_string(), "the company is not connected");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_answered_with_how_to_ask_and_repeats_no_key() {
    let scene = Scene::connected().await;
    let error = invoke(&scene, &Event::load("reconcile", "rotate-signing-key-malformed")).await.unwrap_err();
    assert_snapshot!(error.to_string(), @r#"ask {"rotate_signing_key": {"company": "<id>"}}"#);
    let error = invoke(&scene, &Event::load("reconcile", "rotate-api-key-malformed")).await.unwrap_err();
    assert_snapshot!(error.to_string(), @r#"ask {"rotate_api_key": {"company": "<id>", "api_key": "<key>"}}"#);
    for request in [
        json!({"rotate_signing_key": "acme-example"}),
        json!({"rotate_signing_key": {"company": "acme-example", "key": "s3cret"}}),
        json!({"rotate_api_key": {"company": "acme-example", "api_key": "s3cret key"}}),
        json!({"rotate_api_key": {"company": "acme/example", "api_key": "s3cret"}}),
        json!({"rotate_api_key": {"company": "acme-example", "key": "s3cret"}}),
    ] {
        let error = invoke(&scene, &Event::from(request)).await.unwrap_err();
        assert!(matches!(error, InvocationError::Malformed(_)));
        assert!(!format!("{error:?} {error}").contains("s3cret"));
    }
}
