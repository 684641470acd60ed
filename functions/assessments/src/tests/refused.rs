use domain::access_token::LIFETIME;
use domain::ports::KeyRefusal;
use insta::assert_snapshot;
use lambda_http::{Body, Response};
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::http::{error_code, shown};
use testing::scene::{MINUTE, Scene};

use super::{ask, call};

#[tokio::test]
async fn the_payloads_as_they_are_are_answered_with_401() {
    let scene = Scene::connected().await;
    for name in testing::events::names("assessments") {
        assert_eq!(call(&scene, &Event::load("assessments", &name)).await.status(), 401, "{name}");
    }
}

#[tokio::test]
async fn a_forged_token_of_the_company_lets_nobody_in() {
    let scene = Scene::connected().await;
    let reply = ask(&scene, "forged-token").await;
    assert_eq!(error_code(&reply), "token_invalid");
    assert_snapshot!(shown(&reply));
}

#[tokio::test]
async fn without_a_token_one_is_asked_for() {
    let scene = Scene::connected().await;
    let event = scene.event("assessments", "list").await;
    let answer = shown(&call(&scene, &event.clone().without_header("authorization")).await);
    for other in ["", "Basic YTpi", "Bearer"] {
        assert_eq!(shown(&call(&scene, &event.clone().header("authorization", other)).await), answer, "{other}");
    }
    assert_snapshot!(answer);
}

#[tokio::test]
async fn a_token_holds_for_half_an_hour() {
    let scene = Scene::connected().await;
    let event = scene.event("assessments", "list").await;
    scene.fakes.clock().advance(LIFETIME - MINUTE);
    assert_eq!(call(&scene, &event).await.status(), 200);
    scene.fakes.clock().advance(MINUTE);
    assert_eq!(error_code(&call(&scene, &event).await), "token_invalid");
}

#[tokio::test]
async fn the_tokens_of_a_former_connection_are_not_taken() {
    let scene = Scene::connected().await;
    let event = scene.event("assessments", "list").await;
    scene.disconnect().await;
    assert_eq!(error_code(&call(&scene, &event).await), "token_invalid");
    scene.work_queues().await;
    scene.fakes.smartrecruiters.consent(&scene.company);
    scene.grant(2).await.unwrap();
    assert_eq!(error_code(&call(&scene, &event).await), "token_invalid", "nor once connected again");
    assert_eq!(ask(&scene, "list").await.status(), 200);
}

async fn with_a_refused_key(name: &str) -> Response<Body> {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.refresh().await;
    ask(&scene, name).await
}

#[tokio::test]
async fn under_a_key_that_testgorilla_refuses_nothing_is_listed() {
    let reply = with_a_refused_key("list").await;
    assert_eq!(error_code(&reply), "testgorilla_key_refused");
    assert_snapshot!(shown(&reply));
}

/// The contract has no 403 there.
#[tokio::test]
async fn under_a_key_that_testgorilla_refuses_there_is_no_package() {
    let reply = with_a_refused_key("one").await;
    assert_eq!((reply.status().as_u16(), error_code(&reply).as_str()), (404, "package_unknown"));
}

#[tokio::test]
async fn trouble_of_ours_is_said_without_internals() {
    for (name, op) in [("list", Op::Integration), ("list", Op::Catalogue), ("one", Op::Assessment)] {
        for (fault, status, code) in [(Fault::Before, 503, "unavailable"), (Fault::Broken, 500, "internal")] {
            let scene = Scene::connected().await;
            let event = scene.event("assessments", name).await;
            scene.fakes.faults.always(op, fault);
            let reply = call(&scene, &event).await;
            assert_eq!((reply.status().as_u16(), error_code(&reply).as_str()), (status, code), "{op:?}");
        }
    }
}

#[tokio::test]
async fn there_is_nothing_at_other_paths_or_by_other_methods() {
    let scene = Scene::connected().await;
    let event = scene.event("assessments", "list").await;
    for other in [event.clone().method("POST"), event.clone().path("/"), event.path("/packages/439706/tests")] {
        assert_eq!(error_code(&call(&scene, &other).await), "no_route");
    }
}
