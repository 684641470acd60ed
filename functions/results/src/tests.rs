//! The function over the in-memory ports, with the payloads of `events/results`.

use domain::flows::end::end;
use domain::flows::invite::invite;
use domain::ids::{AssessmentId, CandidatureId, InvitationKey, OrderId};
use domain::integration::EndCause;
use domain::ports::ResultWork;
use domain::report::Status;
use insta::assert_json_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::scene::{ASSESSMENT, DELAY, MINUTE, Scene};

use crate::handler::{Settings, handle};

/// What Amazon SQS is told.
async fn work(scene: &Scene, event: &Event) -> Value {
    let settings = Settings { follow: Scene::follow_settings(), catalogue_max_age: MINUTE };
    serde_json::to_value(handle(&scene.ports, &settings, event.read(), MINUTE).await).unwrap()
}

/// No message is to be delivered again.
fn all_done() -> Value {
    json!({"batchItemFailures": []})
}

/// A connected company whose candidate was invited by the order behind `follow`; no message waits.
async fn invited() -> (Scene, Event, OrderId, CandidatureId) {
    let (scene, event) = (Scene::connected().await, Event::load("results", "follow"));
    let ResultWork::Follow { invitation, .. } = event.last_message() else { panic!("follow is about an invitation") };
    let order = scene.order_as(&invitation).await;
    scene.fakes.clock().advance(DELAY);
    let key: InvitationKey = invitation;
    invite(&scene.ports, &key).await.unwrap();
    scene.fakes.queues.lose_all();
    let candidature = scene.candidature().unwrap();
    (scene, event, order, candidature)
}

#[tokio::test]
async fn a_start_is_read_back_and_shown_in_progress() {
    let (scene, event, order, candidature) = invited().await;
    scene.fakes.testgorilla.start(candidature);
    assert_json_snapshot!("all_done", work(&scene, &event).await);
    assert_eq!(scene.seen(order).history.last(), Some(&Status::InProgress));
}

#[tokio::test]
async fn a_completion_is_read_back_and_shown_with_score_link_and_report_once() {
    let (scene, event, order, candidature) = invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    for _ in 0..3 {
        assert_eq!(work(&scene, &event).await, all_done());
    }
    let seen = scene.seen(order);
    assert_eq!(seen.history, [Status::Completed]);
    assert_eq!(seen.shown.as_ref().unwrap().tests.len(), 2);
    assert!(seen.candidate_page().is_some());
    assert_eq!((seen.reports.len(), seen.pdfs.len()), (1, 1), "an unchanged result costs no call");
}

#[tokio::test]
async fn a_refresh_lists_what_was_created_since() {
    let scene = Scene::connected().await;
    scene.create(AssessmentId(440_001));
    scene.fakes.clock().advance(2 * MINUTE);
    assert_eq!(work(&scene, &Event::load("results", "refresh")).await, all_done());
    assert_eq!(scene.listed().await, [ASSESSMENT, AssessmentId(440_001)]);
}

#[tokio::test]
async fn a_fresh_catalogue_is_not_read_again() {
    let scene = Scene::connected().await;
    scene.fakes.faults.forget_calls();
    assert_eq!(work(&scene, &Event::load("results", "refresh")).await, all_done());
    assert_eq!(scene.fakes.faults.count(Op::Assessments), 0);
}

#[tokio::test]
async fn after_a_disconnect_the_keys_are_destroyed() {
    let scene = Scene::connected().await;
    scene.disconnect().await;
    for _ in 0..2 {
        assert_eq!(work(&scene, &Event::load("results", "wind-down")).await, all_done());
        assert!(scene.fakes.secrets.names().is_empty() && scene.fakes.store.clients().is_empty());
    }
}

#[tokio::test]
async fn the_keys_are_kept_for_an_hour_while_open_orders_cannot_be_closed() {
    let (scene, _, order, _) = invited().await;
    scene.fakes.faults.always(Op::Publish, Fault::Before);
    assert!(end(&scene.ports, &scene.company, EndCause::Disabled).await.unwrap());
    assert_eq!(work(&scene, &Event::load("results", "wind-down")).await, all_done());
    assert_eq!(scene.fakes.secrets.names().len(), 1);
    scene.fakes.faults.heal();
    scene.pass(30).await;
    assert_eq!(scene.seen(order).history, [Status::Expired]);
    assert!(scene.fakes.secrets.names().is_empty());
}

#[tokio::test]
async fn winding_down_what_is_connected_changes_nothing() {
    let scene = Scene::connected().await;
    assert_eq!(work(&scene, &Event::load("results", "wind-down")).await, all_done());
    assert_eq!((scene.fakes.secrets.names().len(), scene.fakes.store.clients().len()), (1, 1));
    assert_eq!(scene.listed().await, [ASSESSMENT]);
}

#[tokio::test]
async fn of_a_batch_only_the_message_that_cannot_be_read_is_delivered_again() {
    let scene = Scene::connected().await;
    scene.create(AssessmentId(440_001));
    scene.fakes.clock().advance(2 * MINUTE);
    assert_json_snapshot!("one_of_two_failed", work(&scene, &Event::load("results", "malformed")).await);
    assert_eq!(scene.listed().await.len(), 2, "the other one was worked on");
}

#[tokio::test]
async fn messages_about_what_is_not_there_are_taken() {
    for scene in [Scene::connected().await, Scene::new()] {
        for name in ["follow", "refresh", "wind-down"] {
            assert_eq!(work(&scene, &Event::load("results", name)).await, all_done(), "{name}");
        }
    }
}

#[tokio::test]
async fn while_a_partner_is_away_the_result_stays_due_without_using_up_deliveries() {
    for (op, fault) in [
        (Op::Attempt, Fault::Before),
        (Op::Attempt, Fault::RateLimited(MINUTE)),
        (Op::TestResults, Fault::Before),
        (Op::Publish, Fault::Before),
        (Op::Publish, Fault::After),
        (Op::Publish, Fault::RateLimited(MINUTE)),
        (Op::Report, Fault::Before),
        (Op::Attach, Fault::Before),
    ] {
        let (scene, event, order, candidature) = invited().await;
        scene.fakes.testgorilla.complete(candidature, Scene::completion());
        scene.fakes.faults.next(op, fault);
        assert_eq!(work(&scene, &event).await, all_done(), "{op:?}");
        scene.pass(180).await;
        assert_eq!(scene.seen(order).history, [Status::Completed], "{op:?}");
        assert_eq!(scene.seen(order).pdfs.len(), 1, "{op:?}");
    }
}

#[tokio::test]
async fn while_the_store_is_away_the_message_is_delivered_again() {
    for op in [Op::Invitation, Op::Integration, Op::Order] {
        let (scene, event, order, candidature) = invited().await;
        scene.fakes.testgorilla.complete(candidature, Scene::completion());
        scene.fakes.faults.always(op, Fault::Before);
        let answer = work(&scene, &event).await;
        assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], event.json()["Records"][0]["messageId"], "{op:?}");
        scene.fakes.faults.heal();
        assert_eq!(work(&scene, &event).await, all_done());
        assert_eq!(scene.seen(order).history, [Status::Completed]);
    }
}

proptest! {
    /// Whatever a message says, the others of its batch are worked on.
    #[test]
    fn any_other_message_fails_alone(body in prop_oneof!["\\PC*", r#"\{"work":"(follow|refresh|wind_down|x)","company":("\PC{0,9}/"|1|null)\}"#]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (scene, event, order, candidature) = invited().await;
            scene.fakes.testgorilla.complete(candidature, Scene::completion());
            let good = event.json()["Records"][0]["body"].as_str().unwrap().to_owned();
            let answer = work(&scene, &event.batch(&[body, good])).await;
            assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "message-1"}]}));
            assert_eq!(scene.seen(order).history, [Status::Completed]);
        });
    }
}
