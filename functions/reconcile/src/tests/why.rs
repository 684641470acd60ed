use domain::assessment::AssessmentStatus;
use domain::ids::AssessmentId;
use domain::ports::KeyRefusal;
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::scene::{ASSESSMENT, MINUTE, Scene};

use super::invoke;
use crate::handler::InvocationError;

async fn why(scene: &Scene) -> Value {
    invoke(scene, &Event::load("reconcile", "why")).await.unwrap()
}

/// A connected company, and a moment later.
async fn connected() -> Scene {
    let scene = Scene::new();
    scene.grant(1).await.unwrap();
    scene.fakes.clock().advance(MINUTE);
    scene
}

#[tokio::test]
async fn a_listed_assessment_is_offered() {
    assert_json_snapshot!(why(&Scene::connected().await).await);
}

#[tokio::test]
async fn a_company_that_never_connected_is_told_so() {
    assert_json_snapshot!(why(&Scene::new()).await);
}

#[tokio::test]
async fn each_reason_has_its_code_and_its_sentence() {
    let mut answers = vec![];

    let scene = Scene::new();
    scene.create(ASSESSMENT);
    scene.fakes.clock().advance(MINUTE);
    scene.grant(1).await.unwrap();
    answers.push(why(&scene).await);

    let scene = Scene::connected().await;
    scene.fakes.testgorilla.archive(scene.account, ASSESSMENT);
    scene.fakes.clock().advance(MINUTE);
    scene.refresh().await;
    answers.push(why(&scene).await);

    let scene = connected().await;
    scene.create_as(ASSESSMENT, |summary| summary.is_empty = true);
    answers.push(why(&scene).await);

    let scene = Scene::connected().await;
    scene.fakes.testgorilla.delete_assessment(scene.account, ASSESSMENT);
    scene.fakes.clock().advance(MINUTE);
    scene.refresh().await;
    answers.push(why(&scene).await);

    let scene = connected().await;
    scene.create(ASSESSMENT);
    answers.push(why(&scene).await);

    let scene = connected().await;
    scene.create(AssessmentId(1));
    answers.push(why(&scene).await);

    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    answers.push(why(&scene).await);

    let scene = connected().await;
    scene.fakes.faults.always(Op::Assessments, Fault::Before);
    answers.push(why(&scene).await);

    let scene = Scene::connected().await;
    scene.disconnect().await;
    answers.push(why(&scene).await);

    let codes: Vec<_> = answers.iter().map(|answer| answer["reason"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "created_before_enabling",
            "archived",
            "empty",
            "gone",
            "not_refreshed_yet",
            "unknown",
            "key_refused",
            "testgorilla_unreachable",
            "integration_ended"
        ]
    );
    assert_json_snapshot!(answers);
}

#[tokio::test]
async fn asking_changes_nothing() {
    let scene = Scene::connected().await;
    scene.create_as(AssessmentId(1), |summary| summary.status = AssessmentStatus::New);
    let before = (scene.fakes.store.assessments_of(&scene.company), scene.fakes.queues.waiting());
    assert_eq!(why(&scene).await, why(&scene).await);
    assert_eq!((scene.fakes.store.assessments_of(&scene.company), scene.fakes.queues.waiting()), before);
}

#[tokio::test]
async fn a_question_that_cannot_be_read_is_answered_with_how_to_ask() {
    let scene = Scene::connected().await;
    let error = invoke(&scene, &Event::load("reconcile", "why-malformed")).await.unwrap_err();
    assert_snapshot!(error.to_string(), @r#"ask {"why": {"company": "<id>", "assessment": <number>}}"#);
    for question in [
        json!(null),
        json!("acme-example"),
        json!([]),
        json!({}),
        json!({"company": "acme-example"}),
        json!({"company": "acme/example", "assessment": 1}),
        json!({"company": "acme-example", "assessment": -1}),
    ] {
        let event = Event::from(json!({"why": question}));
        assert!(matches!(invoke(&scene, &event).await, Err(InvocationError::Malformed(_))), "{event:?}");
    }
}

#[tokio::test]
async fn when_the_store_is_away_there_is_no_answer() {
    let scene = Scene::connected().await;
    scene.fakes.faults.always(Op::Catalogue, Fault::Before);
    assert!(matches!(invoke(&scene, &Event::load("reconcile", "why")).await, Err(InvocationError::Store(_))));
}
