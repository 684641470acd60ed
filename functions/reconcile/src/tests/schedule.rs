use std::time::{Duration, SystemTime};

use domain::ports::Runs;
use domain::report::Status;
use domain::timestamp::Timestamp;
use insta::assert_json_snapshot;
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::scene::{DELAY, MINUTE, Scene};

use super::invoke;
use crate::handler::{InvocationError, handle, stop_at};

fn schedule() -> Event {
    Event::load("reconcile", "schedule")
}

#[tokio::test]
async fn the_schedule_sends_an_invitation_whose_message_was_lost() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.queues.lose_all();
    scene.fakes.clock().advance(DELAY + MINUTE);
    assert_json_snapshot!(invoke(&scene, &schedule()).await.unwrap());
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn the_schedule_finds_a_candidate_who_finished_without_any_callback() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.fakes.queues.lose_all();
    for _ in 0..300 {
        scene.fakes.clock().advance(5 * MINUTE);
        invoke(&scene, &schedule()).await.unwrap();
    }
    assert_eq!(scene.seen(order).history.last(), Some(&Status::Completed));
}

#[tokio::test]
async fn with_nothing_due_there_is_nothing_to_do() {
    assert_json_snapshot!(invoke(&Scene::new(), &schedule()).await.unwrap());
}

#[tokio::test]
async fn what_fails_is_counted_and_stays_due() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.clock().advance(DELAY + MINUTE);
    scene.fakes.faults.always(Op::Invitation, Fault::Before);
    let swept = invoke(&scene, &schedule()).await.unwrap();
    assert_eq!(swept["failed"], 1, "{swept}");
    scene.fakes.faults.heal();
    invoke(&scene, &schedule()).await.unwrap();
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn when_the_time_is_up_the_rest_is_left_to_the_next_run() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.clock().advance(DELAY + MINUTE);
    let reply = handle(&scene.ports, &Scene::follow_settings(), schedule().json(), scene.now()).await.unwrap();
    assert_json_snapshot!(reply);
    assert_eq!(scene.mails(), 0);
}

#[tokio::test]
async fn when_the_index_cannot_be_read_the_invocation_fails() {
    let scene = Scene::connected().await;
    scene.fakes.faults.always(Op::Due, Fault::Before);
    assert!(matches!(invoke(&scene, &schedule()).await, Err(InvocationError::Store(_))));
}

#[test]
fn work_stops_well_before_lambda_ends_the_process() {
    let deadline = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_603_600);
    assert_eq!(stop_at(deadline), Timestamp::from_seconds(1_767_603_600 - 75));
}

#[tokio::test]
async fn a_run_that_came_to_its_end_is_noted_for_ops() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.clock().advance(DELAY + MINUTE);
    invoke(&scene, &schedule()).await.unwrap();
    let run = scene.ports.store.last_run().await.unwrap().unwrap();
    assert_eq!((run.at, run.done, run.failed, run.is_cut), (scene.now(), 1, 0, false));
}

#[tokio::test]
async fn a_run_that_cannot_be_noted_has_done_its_work_all_the_same() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.clock().advance(DELAY + MINUTE);
    scene.fakes.faults.always(Op::NoteRun, Fault::Before);
    invoke(&scene, &schedule()).await.unwrap();
    assert_eq!(scene.mails(), 1);
}
