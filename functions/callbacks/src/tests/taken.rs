use domain::integration::{EndCause, Status};
use domain::ports::ResultWork;
use domain::report::Status as Shown;
use insta::assert_snapshot;
use serde_json::json;
use testing::faults::{Fault, Op};
use testing::http::{error_code, shown};
use testing::queues::Work;
use testing::scene::Scene;
use testing::secrets::CALLBACK_KEY;

use super::{call, invited, send};

/// The work that waits in the result queue.
fn work(scene: &Scene) -> Vec<ResultWork> {
    let works = scene.fakes.queues.waiting().into_iter().map(|message| match message.work {
        Work::Result(work) => work,
        Work::Invite(key) => panic!("invites {key}"),
    });
    works.collect()
}

#[tokio::test]
async fn a_start_and_a_completion_each_wake_the_look_at_the_candidature() {
    for name in ["started", "completed"] {
        let scene = invited().await;
        assert_snapshot!("taken", shown(&send(&scene, name).await));
        let invitation = scene.invitation().key;
        assert_eq!(work(&scene), [ResultWork::Follow { invitation, hinted: true, called_back: true }], "{name}");
    }
}

#[tokio::test]
async fn a_callback_is_only_a_hint_and_the_truth_is_read_from_testgorilla() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.start(candidature);
    send(&scene, "completed").await;
    scene.work_queues().await;
    assert_eq!(scene.seen(order).history, [Shown::Pending, Shown::InProgress], "it has not completed");
}

#[tokio::test]
async fn a_repeated_callback_is_taken_again_and_publishes_nothing_twice() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    for _ in 0..3 {
        assert_eq!(send(&scene, "completed").await.status(), 202);
        scene.work_queues().await;
    }
    assert_eq!(scene.seen(order).history, [Shown::Pending, Shown::Completed]);
    assert_eq!(scene.seen(order).reports.len(), 2);
}

#[tokio::test]
async fn disabling_the_integration_in_testgorilla_ends_it() {
    let scene = invited().await;
    assert_eq!(send(&scene, "disabled").await.status(), 202);
    let status = scene.fakes.store.integration_of(&scene.company).unwrap().status;
    assert!(matches!(status, Status::Ended { cause: EndCause::Disabled, .. }));
    assert_eq!(work(&scene), [ResultWork::WindDown { company: scene.company.clone() }]);
    assert_eq!(send(&scene, "disabled").await.status(), 202, "again");
}

#[tokio::test]
async fn what_is_not_ours_is_taken_and_changes_nothing() {
    let scene = invited().await;
    let completed = scene.event("callbacks", "completed").await;
    let disabled = scene.event("callbacks", "disabled").await;
    for event in [
        completed.clone().edit(|body| body["type"] = json!("assessment.created")),
        completed.clone().edit(|body| body["data"]["candidature_id"] = json!(1)),
        completed.edit(|body| body["data"]["assessment_id"] = json!(1)),
        disabled.edit(|body| body["data"]["api_key_sha256"] = json!("ab".repeat(32))),
    ] {
        assert_eq!(call(&scene, &event.sign(CALLBACK_KEY)).await.status(), 202);
    }
    assert!(work(&scene).is_empty());
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().connection().is_some());
}

#[tokio::test]
async fn a_callback_may_come_in_base64_with_headers_in_any_case_and_several_signatures() {
    let event = invited().await.event("callbacks", "completed").await;
    let (signature, foreign) = (event.header_text("webhook-signature").to_owned(), "v1,AAAA");
    for variant in [
        event.clone().in_base64(),
        event.clone().rename_headers(str::to_uppercase),
        event.clone().path("/callbacks/testgorilla/"),
        event.clone().path("/callbacks/%74estgorilla"),
        event.clone().header("webhook-signature", &format!("{foreign} v1a,xyz {signature}")),
        event.clone().edit(|body| body["tomorrow"] = json!([1])).sign(CALLBACK_KEY),
        event
            .clone()
            .edit(|body| drop(body["data"].as_object_mut().unwrap().remove("assessment_id")))
            .sign(CALLBACK_KEY),
    ] {
        let scene = invited().await;
        assert_eq!(call(&scene, &variant).await.status(), 202, "{variant:?}");
        assert_eq!(work(&scene).len(), 1);
    }
}

#[tokio::test]
async fn what_could_not_be_done_is_to_be_sent_again() {
    for (op, fault, status) in [
        (Op::WebhookKeys, Fault::Before, 503),
        (Op::WebhookKeys, Fault::Broken, 500),
        (Op::InvitationsOf, Fault::Before, 503),
        (Op::WakeResult, Fault::Before, 503),
    ] {
        let scene = invited().await;
        scene.fakes.faults.always(op, fault);
        let reply = send(&scene, "completed").await;
        error_code(&reply);
        assert_eq!(reply.status(), status, "{op:?}");
        scene.fakes.faults.heal();
        assert_eq!(send(&scene, "completed").await.status(), 202);
        assert_eq!(work(&scene).len(), 1);
    }
}
