use domain::assessment::{Assessment, AssessmentStatus, Test};
use domain::ids::AssessmentId;
use domain::ports::{Clock, ResultWork};
use insta::assert_snapshot;
use testing::faults::{Fault, Op};
use testing::http::{json, shown};
use testing::queues::Work;
use testing::samples;
use testing::scene::{MINUTE, Scene};

use super::{ask, call};

/// Stores an assessment that differs from the usual.
fn put(scene: &Scene, id: u64, change: impl FnOnce(&mut Assessment)) {
    let mut assessment = samples::assessment(id);
    assessment.summary.created_at = scene.now();
    change(&mut assessment);
    scene.fakes.store.insert_assessment(&scene.company, assessment);
}

fn test(id: u64, name: &str, duration_seconds: Option<u64>) -> Test {
    Test { id, name: name.into(), duration_seconds }
}

/// The ids of the packages that are listed.
async fn listed(scene: &Scene) -> Vec<String> {
    let packages = json(&ask(scene, "list").await);
    packages.as_array().unwrap().iter().map(|package| package["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_accounts_assessments_are_listed_as_packages_with_their_tests() {
    let scene = Scene::connected().await;
    let tests = vec![test(21, "Communication", Some(600)), test(22, "16 types", None), test(23, "Rust", Some(61))];
    put(&scene, 440_001, |assessment| assessment.details.as_mut().unwrap().tests = tests);
    put(&scene, 440_002, |assessment| assessment.details.as_mut().unwrap().tests = vec![test(24, "Focus", Some(60))]);
    put(&scene, 440_003, |assessment| assessment.details = None);
    put(&scene, 440_004, |assessment| assessment.summary.name = "Söme \"quoted\" <name>".into());
    assert_snapshot!(shown(&ask(&scene, "list").await));
}

#[tokio::test]
async fn where_there_is_nothing_to_offer_the_answer_has_no_content() {
    let scene = Scene::new();
    scene.grant(1).await.unwrap();
    assert_snapshot!(shown(&ask(&scene, "list").await));
}

#[tokio::test]
async fn what_is_old_archived_empty_expired_or_gone_is_not_offered() {
    let scene = Scene::connected().await;
    let now = scene.now();
    put(&scene, 1, |assessment| assessment.summary.created_at = now - 60 * MINUTE);
    put(&scene, 2, |assessment| assessment.summary.status = AssessmentStatus::Archived);
    put(&scene, 3, |assessment| assessment.summary.is_empty = true);
    put(&scene, 4, |assessment| assessment.details.as_mut().unwrap().expires_at = Some(now));
    put(&scene, 5, |assessment| assessment.is_gone = true);
    assert_eq!(listed(&scene).await, ["439706"]);
}

#[tokio::test]
async fn every_package_has_what_the_contract_requires() {
    let scene = Scene::connected().await;
    put(&scene, 440_003, |assessment| assessment.details = None);
    for package in json(&ask(&scene, "list").await).as_array().unwrap() {
        for part in package["assessments"].as_array().unwrap().iter().chain([package]) {
            for name in ["id", "name", "description"] {
                assert!(part[name].as_str().is_some_and(|text| !text.is_empty()), "{name} of {part}");
            }
            assert_eq!(part["type"], "SKILL_TEST");
        }
    }
}

#[tokio::test]
async fn a_listing_takes_two_reads_and_asks_for_a_refresh_only_when_the_copy_is_old() {
    let scene = Scene::connected().await;
    let event = scene.event("assessments", "list").await;
    scene.fakes.faults.forget_calls();
    call(&scene, &event).await;
    assert_eq!(scene.fakes.faults.calls(), [Op::Integration, Op::Catalogue]);

    scene.fakes.clock().advance(2 * MINUTE);
    assert_eq!(call(&scene, &event).await.status(), 200);
    let sent = scene.fakes.queues.waiting();
    assert_eq!(sent[0].work, Work::Result(ResultWork::Refresh { company: scene.company.clone() }));
    assert_eq!(sent[0].visible_at, scene.ports.world.now());
}

#[tokio::test]
async fn a_listing_never_waits_on_testgorilla_nor_on_the_queue() {
    let scene = Scene::connected().await;
    for op in [Op::Assessments, Op::AssessmentDetails, Op::WakeResult] {
        scene.fakes.faults.always(op, Fault::Before);
    }
    scene.fakes.clock().advance(2 * MINUTE);
    assert_eq!(ask(&scene, "list").await.status(), 200);
}

#[tokio::test]
async fn each_company_sees_its_own_packages_alone() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    other.fakes.clock().advance(MINUTE);
    other.create(AssessmentId(77));
    other.refresh().await;
    assert_eq!(listed(&scene).await, ["439706"]);
    assert_eq!(listed(&other).await, ["77"]);
}

#[tokio::test]
async fn location_requester_and_fields_change_nothing() {
    let scene = Scene::connected().await;
    let event = scene.event("assessments", "list").await;
    let answer = shown(&call(&scene, &event).await);
    for variant in [
        event.clone().query(""),
        event.clone().query("remote=perhaps&remote=&=&&x"),
        event.clone().query("fields=%FF&city=%"),
        event.clone().header("requester", r#"{"email":"recruiter@acme.example"}"#),
        event.clone().without_header("requester"),
        event.clone().rename_headers(str::to_uppercase),
        event.path("/packages/"),
    ] {
        assert_eq!(shown(&call(&scene, &variant).await), answer);
    }
}
