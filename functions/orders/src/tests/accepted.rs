use insta::assert_snapshot;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use testing::faults::{Fault, Op};
use testing::http::shown;
use testing::scene::{DELAY, MINUTE, Scene};

use super::{call, order};

#[tokio::test]
async fn an_order_is_accepted_at_once_and_the_candidate_is_invited_after_the_delay() {
    let scene = Scene::connected().await;
    assert_snapshot!(shown(&order(&scene, "good").await));

    assert_eq!(scene.fakes.queues.waiting().iter().map(|message| message.delay).collect::<Vec<_>>(), [DELAY]);
    scene.fakes.clock().advance(DELAY - MINUTE);
    assert_eq!((scene.work_queues().await, scene.mails()), (0, 0), "not before the delay");
    scene.fakes.clock().advance(MINUTE);
    scene.work_queues().await;
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn an_order_takes_one_read_of_the_company_one_of_the_package_and_one_transaction() {
    let scene = Scene::connected().await;
    let event = scene.event("orders", "good").await;
    scene.fakes.faults.forget_calls();
    call(&scene, &event).await;
    assert_eq!(scene.fakes.faults.calls(), [Op::Integration, Op::Assessment, Op::Accept, Op::WakeInvite]);
}

#[tokio::test]
async fn the_same_order_delivered_again_changes_nothing() {
    let scene = Scene::connected().await;
    for _ in 0..3 {
        assert_eq!(order(&scene, "good").await.status(), StatusCode::ACCEPTED);
    }
    assert_eq!((scene.fakes.store.orders().len(), scene.fakes.queues.sent().len()), (1, 2));
    scene.invited().await;
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn a_second_order_for_the_same_candidate_and_assessment_is_accepted_and_shares_the_invitation() {
    let scene = Scene::connected().await;
    order(&scene, "good").await;
    let second = scene.event("orders", "good").await.edit(|body| {
        let url = "https://api.smartrecruiters.com/orders/7d444840-9dc0-11d1-b245-5ffdce74fad2/results";
        body["resultCallbackURL"] = json!(url);
    });
    assert_eq!(call(&scene, &second).await.status(), StatusCode::ACCEPTED);
    assert_eq!((scene.fakes.store.orders().len(), scene.fakes.store.invitations().len()), (2, 1));
    scene.invited().await;
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn the_message_names_no_person() {
    let scene = Scene::connected().await;
    order(&scene, "good").await;
    let bodies: String = scene.fakes.queues.sent().iter().map(testing::queues::Message::body).collect();
    for personal in ["juno", "Juno", "Example", "@", "3e4f5a6b"] {
        assert!(!bodies.contains(personal), "{bodies}");
    }
}

#[tokio::test]
async fn an_order_is_accepted_though_its_message_is_not_and_stays_due() {
    let scene = Scene::connected().await;
    scene.fakes.faults.always(Op::WakeInvite, Fault::Before);
    assert_eq!(order(&scene, "good").await.status(), StatusCode::ACCEPTED);
    scene.fakes.faults.heal();
    scene.pass(20).await;
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn an_order_may_come_in_base64_with_headers_in_any_case_on_any_spelling_of_its_path() {
    let event = Scene::connected().await.event("orders", "good").await;
    for variant in [
        event.clone().in_base64(),
        event.clone().rename_headers(str::to_uppercase),
        event.clone().rename_headers(str::to_lowercase),
        event.clone().path("/packages/orders/"),
        event.clone().path("/packages/%6Frders"),
        event.clone().header("content-type", "application/json; charset=utf-8"),
        event.without_header("content-type"),
    ] {
        let scene = Scene::connected().await;
        assert_eq!(call(&scene, &variant).await.status(), StatusCode::ACCEPTED, "{variant:?}");
        assert_eq!(scene.fakes.store.orders().len(), 1);
    }
}

#[tokio::test]
async fn what_the_product_does_not_use_may_be_absent_null_or_new() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 6] = [
        ("auto-triggered: nobody asked", |body| drop(body.as_object_mut().unwrap().remove("requester"))),
        ("a property of tomorrow", |body| body["shoeSize"] = json!({"eu": 43})),
        ("no job", |body| {
            body.as_object_mut().unwrap().retain(|name, _| name != "job" && name != "jobId");
        }),
        ("no names", |body| body["candidate"] = json!({"id": "c-1", "email": "juno@example.com"})),
        ("an id alone", |body| body["candidate"] = json!({"id": "c-1", "email": null, "firstName": null})),
        ("an address alone", |body| body["candidate"] = json!({"email": "juno@example.com"})),
    ];
    for (what, change) in changes {
        let scene = Scene::connected().await;
        let event = scene.event("orders", "good").await.edit(change);
        assert_eq!(call(&scene, &event).await.status(), StatusCode::ACCEPTED, "{what}");
    }
}
