use domain::webhook::TOLERANCE;
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;
use testing::events::Event;
use testing::http::{error_code, shown};
use testing::scene::{MINUTE, Scene};
use testing::secrets::CALLBACK_KEY;

use super::{call, invited, send};

fn assert_nothing_happened(scene: &Scene) {
    assert!(scene.fakes.queues.waiting().is_empty());
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().connection().is_some());
}

#[tokio::test]
async fn each_bad_payload_is_answered_with_what_is_wrong() {
    let scene = invited().await;
    scene.fakes.clock().advance(60 * MINUTE);
    let mut answers = String::new();
    for name in ["forged", "stale", "malformed"] {
        let reply = send(&scene, name).await;
        error_code(&reply);
        answers += &format!("--- {name}\n{}\n\n", shown(&reply));
    }
    assert_nothing_happened(&scene);
    assert_snapshot!(answers);
}

#[tokio::test]
async fn the_payloads_as_they_are_are_not_believed() {
    let scene = invited().await;
    for name in testing::events::names("callbacks") {
        let reply = call(&scene, &Event::load("callbacks", &name)).await;
        assert_eq!(error_code(&reply), "callback_signature_invalid", "{name}");
    }
}

#[tokio::test]
async fn each_of_the_three_headers_is_needed() {
    let scene = invited().await;
    let event = scene.event("callbacks", "completed").await;
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let reply = call(&scene, &event.clone().without_header(name)).await;
        assert_eq!(error_code(&reply), "callback_headers_missing", "{name}");
        assert_snapshot!("headers_missing", shown(&reply));
    }
    assert_nothing_happened(&scene);
}

#[tokio::test]
async fn what_was_signed_cannot_be_changed() {
    let scene = invited().await;
    let event = scene.event("callbacks", "disabled").await;
    let later = (scene.now() + MINUTE).as_seconds().to_string();
    for forged in [
        event.clone().edit(|body| body["data"]["more"] = json!(1)),
        event.clone().header("webhook-id", "msg_other"),
        event.clone().header("webhook-timestamp", &later),
        event.clone().sign(b"another key"),
        event.clone().header("webhook-signature", ""),
        event.clone().header("webhook-signature", &event.header_text("webhook-signature").replace("v1,", "v2,")),
    ] {
        assert_eq!(error_code(&call(&scene, &forged).await), "callback_signature_invalid", "{forged:?}");
    }
    assert_nothing_happened(&scene);
}

#[tokio::test]
async fn a_callback_holds_for_five_minutes_in_either_direction() {
    let scene = invited().await;
    let event = scene.event("callbacks", "completed").await;
    let now = scene.now();
    for (at, status) in [
        (now + TOLERANCE, 202),
        (now + TOLERANCE + MINUTE, 401),
        (now - TOLERANCE, 202),
        (now - TOLERANCE - MINUTE, 401),
    ] {
        scene.fakes.clock().set(at);
        assert_eq!(call(&scene, &event).await.status(), status);
    }
    scene.fakes.clock().set(now);
    for time in ["", "soon", "1e9", "99999999999999999999", "-1"] {
        let odd = event.clone().header("webhook-timestamp", time).sign(CALLBACK_KEY);
        assert_eq!(call(&scene, &odd).await.status(), 401, "{time}");
    }
}

#[tokio::test]
async fn a_body_over_256_kib_is_too_large() {
    let scene = invited().await;
    let event = scene.event("callbacks", "completed").await;
    let large = event.edit(|body| body["padding"] = json!("x".repeat(256 * 1024))).sign(CALLBACK_KEY);
    assert_eq!(error_code(&call(&scene, &large).await), "body_too_large");
    assert_nothing_happened(&scene);
}

#[tokio::test]
async fn there_is_nothing_at_other_paths_or_by_other_methods() {
    let scene = invited().await;
    let event = scene.event("callbacks", "completed").await;
    for other in [event.clone().method("GET"), event.clone().path("/callbacks"), event.path("/callbacks/other")] {
        assert_eq!(error_code(&call(&scene, &other).await), "no_route");
    }
    assert_nothing_happened(&scene);
}

proptest! {
    /// Whatever a signed body is, it is taken without effect or answered with an error in the contract's shape.
    #[test]
    fn any_other_body_changes_nothing(body in prop_oneof!["\\PC*", r#"\{"type":("candidature.started"|"x"|1|null),"data":("\PC{0,9}"|1|\{\}|\[\])\}"#]) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let scene = invited().await;
            let event = scene.event("callbacks", "completed").await.body(body).sign(CALLBACK_KEY);
            let reply = call(&scene, &event).await;
            if reply.status() != 202 {
                assert_eq!(error_code(&reply), "callback_malformed");
            }
            assert_nothing_happened(&scene);
        });
    }
}
