//! Row 10: what the recruiter sees, and that it never goes backwards.

use domain::assessment::AssessmentStatus;
use domain::flows::follow::follow;
use domain::flows::hint::{Hint, act};
use domain::invitation::{Expiry, State};
use domain::order::Closed;
use domain::outcome::Flags;
use domain::ports::KeyRefusal;
use domain::report::{Attachment, Status};
use testing::faults::{Fault, Op};
use testing::testgorilla::Completion;

use crate::scene::{ASSESSMENT, EMAIL, MINUTE, Scene};

async fn callback(scene: &Scene, candidature: domain::ids::CandidatureId) {
    let hint = Hint::Candidature { candidature, assessment: Some(ASSESSMENT) };
    assert_eq!(act(&scene.ports, &hint).await.unwrap(), 1);
    scene.work_queues().await;
}

#[tokio::test]
async fn started_is_in_progress_and_completed_shows_score_link_flags_and_tests() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.start(candidature);
    callback(&scene, candidature).await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    callback(&scene, candidature).await;

    let seen = scene.seen(order);
    assert_eq!(seen.history, [Status::Pending, Status::InProgress, Status::Completed]);
    let shown = seen.shown.clone().unwrap();
    assert_eq!(shown.score.unwrap().value(), 83);
    assert_eq!(shown.name.as_deref(), Some("Rust engineer"));
    let summary = shown.summary.clone().unwrap();
    assert!(summary.contains("average: 83 of 100"), "{summary}");
    assert!(summary.contains(
        "Webcam enabled? Yes. Full-screen mode always active? No. Filled out only once from IP address? Yes."
    ));
    let sent = scene.invitation().state.sent().unwrap();
    let page = format!("https://app.testgorilla.example/{ASSESSMENT}/{}/{}", sent.test_taker, sent.candidature);
    assert_eq!(seen.candidate_page(), Some(page.as_str()));
    assert!(shown.attachments.iter().any(|attachment| matches!(attachment, Attachment::Pdf(_))));
    assert_eq!(seen.pdfs.len(), 1);
    let tests: Vec<_> = shown
        .tests
        .iter()
        .map(|test| (test.name.as_str(), test.score.map(domain::report::Score::value), test.label.as_deref()))
        .collect();
    assert_eq!(tests, [("Rust", Some(83), None), ("16 types", None, Some("INTJ"))]);
}

#[tokio::test]
async fn a_candidate_is_found_without_any_callback() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.start(candidature);
    scene.pass(10).await;
    assert_eq!(scene.seen(order).history.last(), Some(&Status::InProgress));
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(15).await;
    assert_eq!(scene.seen(order).history.last(), Some(&Status::Completed));
}

#[tokio::test]
async fn an_unchanged_result_costs_no_call() {
    let scene = Scene::connected().await;
    scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    callback(&scene, candidature).await;
    scene.fakes.faults.forget_calls();
    callback(&scene, candidature).await;
    scene.pass(24 * 60).await;
    let calls = [Op::Publish, Op::Attach, Op::Report].map(|op| scene.fakes.faults.count(op));
    assert_eq!(calls, [0, 0, 0]);
}

#[tokio::test]
async fn a_corrected_score_is_published_and_a_withdrawn_one_removed() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    for (average, expected) in [(Some(82.5), Some(83)), (Some(70.0), Some(70)), (None, None)] {
        scene.fakes.clock().advance(MINUTE);
        scene.fakes.testgorilla.complete(candidature, Completion { average, ..Scene::completion() });
        callback(&scene, candidature).await;
        assert_eq!(scene.seen(order).shown.unwrap().score.map(domain::report::Score::value), expected);
    }
    assert!(scene.seen(order).shown.unwrap().summary.unwrap().contains("No overall score"));
}

#[tokio::test]
async fn no_flags_are_invented() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    let completion = Completion { flags: Flags::default(), metric: None, ..Scene::completion() };
    scene.fakes.testgorilla.complete(candidature, completion);
    callback(&scene, candidature).await;
    assert_eq!(scene.seen(order).shown.unwrap().summary, None);
}

#[tokio::test]
async fn a_late_reading_never_replaces_a_newer_one() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.start(candidature);
    let key = scene.invitation().key;
    // While the first reader is about to publish "in progress", the candidate finishes and a second reader publishes that.
    let (fakes, ports, inner) = (scene.fakes.clone(), scene.ports.clone(), key.clone());
    scene.fakes.faults.before(Op::Assessment, move || {
        fakes.clock().advance(MINUTE);
        fakes.testgorilla.complete(candidature, Scene::completion());
        let settings = Scene::follow_settings();
        run_now(follow(&ports, &settings, &inner, true)).unwrap();
    });
    follow(&scene.ports, &Scene::follow_settings(), &key, false).await.unwrap();
    scene.pass(30).await;
    let seen = scene.seen(order);
    assert_eq!(seen.history.last(), Some(&Status::Completed));
    assert!(seen.history.windows(2).all(|pair| pair[1].may_follow(pair[0])), "{:?}", seen.history);
}

/// Runs a future to its end while all others stand still.
pub fn run_now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

#[tokio::test]
async fn a_pdf_that_fails_never_holds_up_the_score() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.faults.always(Op::Report, Fault::Before);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    callback(&scene, candidature).await;
    assert_eq!(scene.seen(order).shown.unwrap().status, Status::Completed);
    assert!(scene.seen(order).pdfs.is_empty());
    scene.fakes.faults.heal();
    scene.pass(30).await;
    assert_eq!(scene.seen(order).pdfs.len(), 1);
    assert!(
        scene.seen(order).shown.unwrap().attachments.iter().any(|attachment| matches!(attachment, Attachment::Pdf(_)))
    );
}

#[tokio::test]
async fn a_pdf_is_tried_for_three_days_and_one_that_does_not_exist_a_few_times() {
    for (fault, tries) in [(Fault::Before, 70..200), (Fault::NotFound, 5..6)] {
        let scene = Scene::connected().await;
        let order = scene.order().await;
        let candidature = scene.invited().await;
        scene.fakes.faults.always(Op::Report, fault);
        scene.fakes.testgorilla.complete(candidature, Scene::completion());
        callback(&scene, candidature).await;
        scene.pass(3 * 24 * 60).await;
        assert!(tries.contains(&scene.fakes.faults.count(Op::Report)), "{}", scene.fakes.faults.count(Op::Report));
        scene.fakes.faults.heal();
        scene.pass(70).await;
        assert_eq!(scene.seen(order).pdfs.len(), usize::from(fault == Fault::Before));
    }
}

#[tokio::test]
async fn smartrecruiters_down_for_three_days_delays_and_loses_nothing() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.faults.always(Op::Publish, Fault::Before);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(3 * 24 * 60).await;
    assert_eq!(scene.seen(order).history, [Status::Pending]);
    scene.fakes.faults.heal();
    scene.pass(70).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
}

#[tokio::test]
async fn an_assessment_archived_before_the_candidate_finished_expires_the_order() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.start(candidature);
    scene.pass(10).await;
    scene.fakes.testgorilla.archive(scene.account, ASSESSMENT);
    scene.pass(120).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::InProgress, Status::Expired]);
    assert!(matches!(scene.invitation().state, State::Expired(_, Expiry::AssessmentEnded)));
}

#[tokio::test]
async fn one_who_finished_before_it_was_archived_is_completed() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.fakes.testgorilla.archive(scene.account, ASSESSMENT);
    scene.pass(120).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
}

#[tokio::test]
async fn a_candidate_removed_in_testgorilla_expires_the_order() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.delete_candidature(candidature);
    scene.pass(60).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Expired]);
}

/// What SmartRecruiters said while it had trouble of another kind is not counted with it.
#[tokio::test]
async fn an_old_order_that_smartrecruiters_misses_for_a_moment_is_told_all_the_same() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.clock().advance(25 * 60 * MINUTE);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    for _ in 0..6 {
        scene.fakes.faults.next(Op::Publish, Fault::Before);
    }
    scene.fakes.faults.next(Op::Publish, Fault::NotFound);
    scene.pass(240).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
}

#[tokio::test]
async fn an_old_order_that_smartrecruiters_goes_on_missing_is_closed() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.clock().advance(25 * 60 * MINUTE);
    scene.fakes.smartrecruiters.delete_order(order);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(10).await;
    assert_eq!(scene.fakes.store.orders()[0].closed, None);
    scene.pass(240).await;
    assert_eq!(scene.fakes.store.orders()[0].closed, Some(Closed::UnknownOrder));
}

/// The first reading may come a moment after the invitation, from where it is not known yet.
#[tokio::test]
async fn an_attempt_that_is_missing_for_a_moment_ends_nothing() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    for _ in 0..4 {
        scene.fakes.faults.next(Op::Attempt, Fault::NotFound);
    }
    callback(&scene, candidature).await;
    assert_eq!(scene.invitation().last_error.as_deref(), Some("attempt_missing"));
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(60).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
}

/// However many ask at once, they ask about one moment.
#[tokio::test]
async fn an_attempt_that_is_missing_to_many_at_once_ends_nothing() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    for _ in 0..9 {
        scene.fakes.faults.next(Op::Attempt, Fault::NotFound);
        callback(&scene, candidature).await;
    }
    assert_eq!(scene.invitation().failures, 9);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(60).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
}

/// Nor does trouble of another kind before it make it more believable.
#[tokio::test]
async fn an_attempt_that_is_missing_once_after_hours_of_trouble_ends_nothing() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.faults.always(Op::Attempt, Fault::Before);
    callback(&scene, candidature).await;
    scene.pass(3 * 60).await;
    scene.fakes.faults.heal();
    for _ in 0..3 {
        scene.fakes.faults.next(Op::Attempt, Fault::NotFound);
        callback(&scene, candidature).await;
    }
    assert_eq!(scene.invitation().last_error.as_deref(), Some("attempt_missing"));
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(60).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
}

/// TestGorilla answers 403 for the plan and for one thing alike.
#[tokio::test]
async fn one_candidate_who_is_out_of_reach_takes_no_assessment_away() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.faults.next(Op::Attempt, Fault::KeyRefused(KeyRefusal::NotPro));
    callback(&scene, candidature).await;
    assert_eq!(scene.invitation().last_error.as_deref(), Some("testgorilla_forbidden"));
    assert_eq!(scene.listed().await, [ASSESSMENT]);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(60).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
}

#[tokio::test]
async fn who_never_starts_is_erased_too_and_may_still_finish() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.clock().advance(90 * 24 * 60 * MINUTE);
    scene.sweep().await;
    assert_eq!(scene.invitation().candidate, None);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    callback(&scene, candidature).await;
    assert_eq!(scene.seen(order).shown.unwrap().status, Status::Completed);
}

#[tokio::test]
async fn personal_data_is_erased_and_once_stays_true() {
    let scene = Scene::connected().await;
    scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(30).await;
    scene.fakes.clock().advance(90 * 24 * 60 * MINUTE);
    scene.sweep().await;
    assert_eq!((scene.invitation().candidate, scene.invitation().due_at), (None, None));
    let second = scene.order().await;
    scene.pass(30).await;
    assert_eq!((scene.mails(), scene.seen(second).shown.unwrap().status), (1, Status::Completed));
    assert_eq!(scene.invitation().candidate, None, "a later order brings nothing back");
    assert_eq!(scene.fakes.testgorilla.mails_to(EMAIL), 1);
}

#[tokio::test]
async fn an_old_copy_that_says_archived_ends_nothing() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.invited().await;
    let mut copy = scene.fakes.store.assessments_of(&scene.company).remove(0);
    copy.summary.status = AssessmentStatus::Archived;
    scene.fakes.store.insert_assessment(&scene.company, copy);
    follow(&scene.ports, &Scene::follow_settings(), &scene.invitation().key, true).await.unwrap();
    assert!(matches!(scene.invitation().state, State::Sent(_)));
}

#[tokio::test]
async fn a_key_that_is_refused_while_following_is_noted() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.invited().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    follow(&scene.ports, &Scene::follow_settings(), &scene.invitation().key, true).await.unwrap();
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().is_key_refused());
}
