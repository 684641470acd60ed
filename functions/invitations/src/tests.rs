//! The function over the in-memory ports, with the payloads of `events/invitations`.

use domain::ids::InvitationKey;
use insta::assert_json_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::scene::{DELAY, MINUTE, Scene};

use crate::handler::handle;

/// What Amazon SQS is told.
async fn work(scene: &Scene, event: &Event) -> Value {
    serde_json::to_value(handle(&scene.ports, &Scene::follow_settings(), event.read(), MINUTE).await).unwrap()
}

/// No message is to be delivered again.
fn all_done() -> Value {
    json!({"batchItemFailures": []})
}

/// A connected company with an order behind the message of a payload, the delay being over.
async fn ordered(name: &str) -> (Scene, Event) {
    let (scene, event) = (Scene::connected().await, Event::load("invitations", name));
    scene.order_as(&event.last_message()).await;
    scene.fakes.clock().advance(DELAY);
    (scene, event)
}

#[tokio::test]
async fn a_message_whose_time_has_come_sends_the_invitation() {
    let (scene, event) = ordered("good").await;
    assert_json_snapshot!("all_done", work(&scene, &event).await);
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn a_message_that_is_delivered_again_invites_nobody_twice() {
    let (scene, event) = ordered("good").await;
    for _ in 0..3 {
        assert_eq!(work(&scene, &event).await, all_done());
    }
    let key: InvitationKey = event.last_message();
    let twice = event.batch(&vec![serde_json::to_string(&key).unwrap(); 10]);
    assert_eq!(work(&scene, &twice).await, all_done());
    assert_eq!((scene.mails(), scene.fakes.testgorilla.candidatures()), (1, 1));
}

#[tokio::test]
async fn of_a_batch_only_the_message_that_cannot_be_read_is_delivered_again() {
    let (scene, event) = ordered("malformed").await;
    assert_json_snapshot!("one_of_two_failed", work(&scene, &event).await);
    assert_eq!(scene.mails(), 1, "the other one was worked on");
}

#[tokio::test]
async fn a_message_before_its_time_is_left_to_the_schedule() {
    let (scene, event) = (Scene::connected().await, Event::load("invitations", "good"));
    scene.order_as(&event.last_message()).await;
    assert_eq!((work(&scene, &event).await, scene.mails()), (all_done(), 0), "never before the delay");
    scene.pass(15).await;
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn a_message_about_what_is_not_there_is_taken() {
    let scene = Scene::connected().await;
    assert_eq!(work(&scene, &Event::load("invitations", "good")).await, all_done());
    assert_eq!(scene.fakes.testgorilla.candidatures(), 0);
    assert_eq!(work(&Scene::new(), &Event::load("invitations", "good")).await, all_done(), "nor the company");
}

#[tokio::test]
async fn after_the_integration_has_ended_nobody_is_invited() {
    let (scene, event) = ordered("good").await;
    scene.disconnect().await;
    assert_eq!(work(&scene, &event).await, all_done());
    assert_eq!(scene.fakes.testgorilla.candidatures(), 0);
}

#[tokio::test]
async fn while_testgorilla_asks_to_wait_the_invitation_stays_due_without_using_up_deliveries() {
    for fault in [Fault::Before, Fault::After, Fault::RateLimited(MINUTE), Fault::Broken] {
        let (scene, event) = ordered("good").await;
        scene.fakes.faults.next(Op::Invite, fault);
        assert_eq!(work(&scene, &event).await, all_done(), "{fault:?}");
        scene.pass(60).await;
        assert_eq!(scene.mails(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn while_the_store_is_away_the_message_is_delivered_again() {
    for (op, fault) in
        [(Op::Invitation, Fault::Before), (Op::SaveInvitation, Fault::Before), (Op::Integration, Fault::Broken)]
    {
        let (scene, event) = ordered("good").await;
        scene.fakes.faults.always(op, fault);
        let answer = work(&scene, &event).await;
        assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1, "{op:?}");
        assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], event.json()["Records"][0]["messageId"]);
        scene.fakes.faults.heal();
        assert_eq!(work(&scene, &event).await, all_done());
        scene.pass(15).await;
        assert_eq!(scene.mails(), 1, "{op:?}");
    }
}

#[tokio::test]
async fn what_is_no_key_of_an_invitation_fails_by_itself() {
    let (scene, event) = ordered("good").await;
    let good = event.json()["Records"][0]["body"].as_str().unwrap().to_owned();
    let bodies = [
        "",
        "null",
        "[]",
        "{}",
        "\"juno@example.com\"",
        r#"{"company":"acme-example","assessment":439706}"#,
        r#"{"company":"acme/example","assessment":439706,"candidate":"5f1d7c3a9e2b4f608a7c6d5e4f3b2a19"}"#,
        r#"{"company":"acme-example","assessment":"439706","candidate":"5f1d7c3a9e2b4f608a7c6d5e4f3b2a19"}"#,
        r#"{"company":"acme-example","assessment":439706,"candidate":"Juno"}"#,
        good.as_str(),
    ];
    let answer = work(&scene, &event.batch(&bodies)).await;
    let failed: Vec<_> = answer["batchItemFailures"].as_array().unwrap().iter().collect();
    assert_eq!((failed.len(), scene.mails()), (9, 1));
}

proptest! {
    /// Whatever a message says, the others of its batch are worked on.
    #[test]
    fn any_other_message_fails_alone(body in "\\PC*") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (scene, event) = ordered("good").await;
            let good = event.json()["Records"][0]["body"].as_str().unwrap().to_owned();
            let answer = work(&scene, &event.batch(&[body, good])).await;
            assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "message-1"}]}));
            assert_eq!(scene.mails(), 1);
        });
    }
}
