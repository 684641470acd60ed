//! How often TestGorilla is looked at: often where no callback comes, rarely where they tell.

use std::time::Duration;

use domain::flows::hint::{Hint, act};
use domain::flows::stuck::stuck;
use domain::report::Status;
use testing::faults::{Fault, Op};

use crate::scene::{ASSESSMENT, EMAIL, MINUTE, Scene};

const DAY_IN_MINUTES: u32 = 24 * 60;

async fn looks_in_a_day(scene: &Scene) -> usize {
    let before = scene.fakes.faults.count(Op::Attempt);
    scene.pass(DAY_IN_MINUTES).await;
    scene.fakes.faults.count(Op::Attempt) - before
}

/// Juno has started, and TestGorilla has called back.
async fn started_with_a_callback(scene: &Scene) -> domain::ids::CandidatureId {
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.start(candidature);
    let hint = Hint::Candidature { candidature, assessment: Some(ASSESSMENT) };
    assert_eq!(act(&scene.ports, &hint).await.unwrap(), 1);
    scene.work_queues().await;
    candidature
}

/// Nothing ends the invitation of a candidate who never starts.
#[tokio::test]
async fn who_does_nothing_for_a_month_is_looked_at_ever_more_rarely_and_erased_in_time() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.invited().await;
    let sent_at = scene.invitation().changed_at;
    scene.fakes.clock().advance(40 * DAY_IN_MINUTES * MINUTE);
    scene.sweep().await;
    assert!(looks_in_a_day(&scene).await <= 1);
    let (order, invitation) = (scene.fakes.store.orders().remove(0), scene.invitation());
    assert_eq!(stuck(&order, Some(&invitation), scene.now()), None, "it is getting on");
    scene.fakes.clock().advance(44 * DAY_IN_MINUTES * MINUTE);
    scene.sweep().await;
    let erase_at = sent_at + 90 * DAY_IN_MINUTES * MINUTE;
    assert!(scene.invitation().due_at.unwrap() <= erase_at, "no look is so far away that personal data stays longer");
}

#[tokio::test]
async fn where_callbacks_come_a_candidate_is_looked_at_a_few_times_a_day() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.invited().await;
    assert!(looks_in_a_day(&scene).await > 30, "nobody has called back");

    let scene = Scene::connected().await;
    scene.order().await;
    started_with_a_callback(&scene).await;
    let looks = looks_in_a_day(&scene).await;
    assert!((2..=5).contains(&looks), "{looks}");
}

#[tokio::test]
async fn a_lost_callback_is_made_good_and_looks_come_often_again() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = started_with_a_callback(&scene).await;
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().hears_callbacks(scene.now()));
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(4 * 60).await;
    assert_eq!(scene.seen(order).history.last(), Some(&Status::Completed), "found within three hours");
    assert!(!scene.fakes.store.integration_of(&scene.company).unwrap().hears_callbacks(scene.now()));
    assert_eq!(scene.fakes.testgorilla.mails_to(EMAIL), 1);
}

#[tokio::test]
async fn a_callback_that_meets_trouble_has_come_all_the_same() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.fakes.faults.next(Op::Attempt, Fault::RateLimited(MINUTE));
    act(&scene.ports, &Hint::Candidature { candidature, assessment: Some(ASSESSMENT) }).await.unwrap();
    scene.work_queues().await;
    scene.pass(5).await;
    assert_eq!(scene.seen(order).history.last(), Some(&Status::Completed));
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().hears_callbacks(scene.now()));
}

#[tokio::test]
async fn a_callback_is_noted_once_a_day() {
    let scene = Scene::connected().await;
    scene.order().await;
    let candidature = started_with_a_callback(&scene).await;
    let writes = scene.fakes.faults.count(Op::SaveIntegration);
    let hint = Hint::Candidature { candidature, assessment: None };
    act(&scene.ports, &hint).await.unwrap();
    scene.work_queues().await;
    assert_eq!(scene.fakes.faults.count(Op::SaveIntegration), writes);
    scene.fakes.clock().advance(Duration::from_secs(25 * 3600));
    act(&scene.ports, &hint).await.unwrap();
    scene.fakes.clock().advance(MINUTE);
    scene.work_queues().await;
    assert_eq!(scene.fakes.faults.count(Op::SaveIntegration), writes + 1);
}
