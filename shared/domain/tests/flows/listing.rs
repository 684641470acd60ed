//! Rows 4 and 13: what is listed, what is not, and why.

use domain::assessment::{AssessmentDetails, AssessmentStatus, AssessmentSummary, NotOffered};
use domain::flows::listing::{ListingError, list};
use domain::flows::refresh::Outcome;
use domain::flows::why::{Reason, why};
use domain::ids::AssessmentId;
use domain::ports::KeyRefusal;
use domain::sensitive::ApiKey;
use testing::faults::{Fault, Op};

use crate::scene::{ASSESSMENT, MINUTE, Scene};

#[tokio::test]
async fn only_assessments_created_after_enabling_are_listed_and_no_archived_or_empty_ones() {
    let scene = Scene::connected().await;
    let enabled_at = scene.caller().await.enabled_at;
    scene.create_as(AssessmentId(1), |summary| summary.created_at = enabled_at - MINUTE);
    scene.create_as(AssessmentId(2), |summary| summary.status = AssessmentStatus::Archived);
    scene.create_as(AssessmentId(3), |summary| summary.is_empty = true);
    scene.create_as(AssessmentId(4), |summary| summary.created_at = enabled_at);
    scene.refresh().await;
    assert_eq!(scene.listed().await, [AssessmentId(4), ASSESSMENT]);
}

#[tokio::test]
async fn an_old_copy_is_served_at_once_and_refreshed_by_message() {
    let scene = Scene::connected().await;
    scene.create(AssessmentId(2));
    scene.fakes.clock().advance(2 * MINUTE);
    scene.fakes.faults.forget_calls();
    assert_eq!(scene.listed().await, [ASSESSMENT]);
    assert_eq!(scene.fakes.faults.count(Op::Assessments), 0, "listing does not wait on TestGorilla");
    assert_eq!(scene.work_queues().await, 1);
    assert_eq!(scene.listed().await, [AssessmentId(2), ASSESSMENT]);
    assert!(scene.fakes.queues.waiting().is_empty(), "a fresh copy is not refreshed");
}

#[tokio::test]
async fn the_copy_is_served_while_testgorilla_is_down() {
    let scene = Scene::connected().await;
    scene.fakes.faults.always(Op::Assessments, Fault::Before);
    assert_eq!(scene.refresh().await, Outcome::Failed { code: "testgorilla_unavailable", failures: Some(1) });
    scene.fakes.clock().advance(60 * MINUTE);
    assert_eq!(scene.listed().await, [ASSESSMENT]);
}

#[tokio::test]
async fn pages_are_read_within_the_budget_and_the_rest_next_time() {
    let scene = Scene::connected().await;
    (1..=40).for_each(|id| scene.create(AssessmentId(id)));
    scene.fakes.faults.forget_calls();
    assert_eq!(scene.refresh().await, Outcome::Refreshed { recognised: 41, changed: 40, pending: 25 });
    assert_eq!(scene.fakes.faults.count(Op::AssessmentDetails), 15);
    assert_eq!(scene.listed().await.len(), 41, "offered before their tests are known");
    assert_eq!(scene.refresh().await, Outcome::Refreshed { recognised: 41, changed: 0, pending: 10 });
    assert_eq!(scene.refresh().await, Outcome::Refreshed { recognised: 41, changed: 0, pending: 0 });
    scene.fakes.faults.forget_calls();
    scene.refresh().await;
    assert_eq!(scene.fakes.faults.count(Op::AssessmentDetails), 0, "nothing changed, nothing is read");
}

#[tokio::test]
async fn an_assessment_that_vanishes_is_not_listed() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.delete_assessment(scene.account, ASSESSMENT);
    scene.refresh().await;
    assert!(scene.listed().await.is_empty());
}

#[tokio::test]
async fn nothing_is_listed_while_testgorilla_refuses_the_key() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.refresh().await;
    let refused = list(&scene.ports, &scene.caller().await, MINUTE).await;
    assert!(matches!(refused, Err(ListingError::KeyRefused)));
    scene.fakes.testgorilla.refuse_key(&scene.key, None);
    scene.refresh().await;
    assert_eq!(scene.listed().await, [ASSESSMENT]);
}

#[tokio::test]
async fn why_is_my_assessment_not_showing_up() {
    let scene = Scene::new();
    let ask = async |id| why(&scene.ports, &scene.company, id).await.unwrap().reason;
    assert_eq!(ask(ASSESSMENT).await, Reason::NotConnected);
    scene.grant(1).await.unwrap();
    let enabled_at = scene.now();
    scene.create(ASSESSMENT);
    scene.create_as(AssessmentId(1), |summary| summary.created_at = enabled_at - MINUTE);
    scene.create_as(AssessmentId(2), |summary| summary.status = AssessmentStatus::Archived);
    scene.create_as(AssessmentId(3), |summary| summary.is_empty = true);
    assert_eq!(ask(ASSESSMENT).await, Reason::NotRefreshedYet);
    scene.refresh().await;
    assert_eq!(ask(ASSESSMENT).await, Reason::Offered);
    assert_eq!(ask(AssessmentId(1)).await, Reason::NotOffered(NotOffered::CreatedBeforeEnabling));
    assert_eq!(ask(AssessmentId(2)).await, Reason::NotOffered(NotOffered::Archived));
    assert_eq!(ask(AssessmentId(3)).await, Reason::NotOffered(NotOffered::Empty));
    assert_eq!(ask(AssessmentId(9)).await, Reason::Unknown);
    scene.fakes.faults.next(Op::Assessments, Fault::Before);
    assert_eq!(ask(AssessmentId(9)).await, Reason::TestGorillaUnreachable("testgorilla_unavailable"));
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    assert_eq!(ask(ASSESSMENT).await, Reason::KeyRefused);
    scene.disconnect().await;
    assert!(matches!(ask(ASSESSMENT).await, Reason::Ended(_)));
}

#[tokio::test]
async fn what_testgorilla_says_now_goes_before_what_the_copy_says_of_why_it_is_not_listed() {
    let scene = Scene::connected().await;
    let ask = async |id| why(&scene.ports, &scene.company, id).await.unwrap().reason;
    let archived = |summary: &mut AssessmentSummary| summary.status = AssessmentStatus::Archived;
    scene.create_as(AssessmentId(2), archived);
    scene.refresh().await;
    assert_eq!(ask(AssessmentId(2)).await, Reason::NotOffered(NotOffered::Archived));
    scene.fakes.clock().advance(MINUTE);
    scene.create(AssessmentId(2));
    assert_eq!(ask(AssessmentId(2)).await, Reason::NotRefreshedYet);
    scene.create_as(AssessmentId(2), |summary| summary.is_empty = true);
    assert_eq!(ask(AssessmentId(2)).await, Reason::NotOffered(NotOffered::Empty));
    scene.fakes.faults.next(Op::Assessments, Fault::Before);
    assert_eq!(ask(AssessmentId(2)).await, Reason::NotOffered(NotOffered::Archived), "the copy is all there is");
}

#[tokio::test]
async fn an_assessment_past_its_date_is_not_told_as_new() {
    let scene = Scene::connected().await;
    let (summary, details) = scene.fakes.testgorilla.assessment_of(scene.account, ASSESSMENT).unwrap();
    scene.fakes.clock().advance(MINUTE);
    let summary = AssessmentSummary { modified_at: scene.now(), ..summary };
    let details = AssessmentDetails { expires_at: Some(scene.now() + MINUTE), ..details };
    scene.fakes.testgorilla.put_assessment(scene.account, summary, details);
    scene.fakes.clock().advance(MINUTE);
    scene.refresh().await;
    let reason = why(&scene.ports, &scene.company, ASSESSMENT).await.unwrap().reason;
    assert_eq!(reason, Reason::NotOffered(NotOffered::Expired));
}

#[tokio::test]
async fn what_was_listed_under_a_former_key_was_created_before_enabling_and_is_not_gone() {
    let scene = Scene::connected().await;
    scene.disconnect().await;
    scene.fakes.smartrecruiters.consent(&scene.company);
    let key = ApiKey::from_pasted("tg-key-after-enabling-again").unwrap();
    scene.fakes.testgorilla.add_key(scene.account, &key);
    scene.fakes.clock().advance(MINUTE);
    scene.grant_with(2, &key).await.unwrap();
    scene.refresh().await;
    let reason = why(&scene.ports, &scene.company, ASSESSMENT).await.unwrap().reason;
    assert_eq!(reason, Reason::NotOffered(NotOffered::CreatedBeforeEnabling));
}
