use insta::assert_snapshot;
use testing::faults::Op;
use testing::http::{error_code, json, shown};
use testing::scene::{ASSESSMENT, MINUTE, Scene};

use super::{ask, call};

#[tokio::test]
async fn one_package_is_answered_as_it_is_listed() {
    let scene = Scene::connected().await;
    let reply = ask(&scene, "one").await;
    assert_eq!(json(&reply), json(&ask(&scene, "list").await)[0]);
    assert_snapshot!(shown(&reply));
}

#[tokio::test]
async fn one_package_takes_two_reads() {
    let scene = Scene::connected().await;
    let event = scene.event("assessments", "one").await;
    scene.fakes.faults.forget_calls();
    call(&scene, &event).await;
    assert_eq!(scene.fakes.faults.calls(), [Op::Integration, Op::Assessment]);
}

#[tokio::test]
async fn an_unknown_package_is_not_found() {
    let scene = Scene::connected().await;
    let reply = ask(&scene, "unknown").await;
    let event = scene.event("assessments", "one").await;
    for other in ["0439706", "-1", "99999999999999999999", "%00", "%FF", "%2e%2e%2f1", "439706%20", "'%20or%201=1"] {
        let path = format!("/packages/{other}");
        assert_eq!(shown(&call(&scene, &event.clone().path(&path)).await), shown(&reply), "{other}");
    }
    assert_snapshot!(shown(&reply));
}

#[tokio::test]
async fn an_archived_package_is_not_found() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.archive(scene.account, ASSESSMENT);
    scene.fakes.clock().advance(MINUTE);
    scene.refresh().await;
    assert_eq!(error_code(&ask(&scene, "one").await), "package_unknown");
}

#[tokio::test]
async fn another_companys_package_is_not_found() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    assert_eq!(error_code(&ask(&other, "one").await), "package_unknown");
}

#[tokio::test]
async fn the_id_may_be_percent_encoded_and_end_with_a_slash() {
    let scene = Scene::connected().await;
    let event = scene.event("assessments", "one").await;
    for path in ["/packages/%34%33%39706", "/packages/439706/", "/%70ackages/439706"] {
        assert_eq!(call(&scene, &event.clone().path(path)).await.status(), 200, "{path}");
    }
}
