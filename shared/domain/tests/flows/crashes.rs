//! The whole journey with the process ended at every single port call, before and after its effect; with every answer lost; and with
//! random faults. The store remembers, the reconciler goes on, and the promises hold.

use domain::report::Status;
use testing::faults::{Fault, Faults};
use testing::samples;

use crate::scene::{DELAY, MINUTE, Scene};

/// One order from acceptance to its score, each step in a process that a fault may end. SmartRecruiters delivers the order until it
/// is accepted. Returns the number of calls up to the last step.
async fn journey(set_faults: impl FnOnce(&Faults)) -> usize {
    let scene = &Scene::connected().await;
    let faults = scene.fakes.faults.clone();
    let order = samples::order_id();
    let request = scene.request(order, samples::candidate());
    scene.fakes.smartrecruiters.create_order(&scene.company, &request.result_url);
    let caller = scene.caller().await;
    faults.forget_calls();
    set_faults(&faults);
    for _ in 0..20 {
        let taken = faults.run(domain::flows::order::accept(&scene.ports, &caller, &request, DELAY)).await;
        if matches!(taken, Ok(Ok(_))) {
            break;
        }
    }
    let mut calls_to_the_end = 0;
    for _ in 0..40 {
        if scene.seen(order).history.last() != Some(&Status::Completed) {
            calls_to_the_end = faults.calls().len();
        }
        scene.fakes.clock().advance(5 * MINUTE);
        if let Some(candidature) = scene.candidature()
            && scene.seen(order).shown.is_some()
            && scene.seen(order).history.last() == Some(&Status::Pending)
        {
            scene.fakes.testgorilla.complete(candidature, Scene::completion());
        }
        let _ = faults.run(scene.work_queues()).await;
        let deadline = scene.now() + 60 * MINUTE;
        let _ = faults.run(domain::flows::reconcile::sweep(&scene.ports, &Scene::follow_settings(), deadline)).await;
    }
    // The faults are over.
    faults.heal();
    scene.pass(24 * 60).await;
    if let Some(candidature) = scene.candidature()
        && scene.seen(order).history.last() != Some(&Status::Completed)
    {
        scene.fakes.testgorilla.complete(candidature, Scene::completion());
    }
    scene.pass(24 * 60).await;

    let seen = scene.seen(order);
    assert_eq!(scene.mails(), 1, "exactly one invitation");
    assert_eq!(seen.history.last(), Some(&Status::Completed), "{:?}", scene.invitation());
    assert!(seen.history.windows(2).all(|pair| pair[1].may_follow(pair[0])), "{:?}", seen.history);
    assert_eq!(seen.shown.unwrap().score.map(domain::report::Score::value), Some(83));
    calls_to_the_end
}

/// More than the calls of a journey without faults, so that none is left out.
const CALLS: usize = 60;

#[tokio::test]
async fn no_call_is_left_out() {
    let calls = journey(|_| ()).await;
    assert!((20..CALLS).contains(&calls), "{calls} calls");
}

#[tokio::test]
async fn the_process_may_end_at_any_call() {
    for number in 0..CALLS {
        journey(|faults| faults.at_call(number, Fault::CutBefore)).await;
        journey(|faults| faults.at_call(number, Fault::CutAfter)).await;
    }
}

#[tokio::test]
async fn any_answer_may_be_lost() {
    for number in 0..CALLS {
        journey(|faults| faults.at_call(number, Fault::After)).await;
    }
}

#[tokio::test]
async fn anything_may_fail_at_any_time() {
    for seed in 1..=300 {
        journey(|faults| faults.random(seed, 4)).await;
    }
}
