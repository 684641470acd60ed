//! Row 3: consent, and what it stores.

use std::time::Duration;

use domain::flows::consent::{GrantError, Granted};
use domain::ids::AttemptId;
use domain::integration::Status;
use domain::ports::{KeyRefusal, SmartRecruitersError};
use testing::faults::{Fault, Op};
use testing::samples;

use crate::scene::{MINUTE, Scene};

/// Nothing is left of an attempt: no client, no secret, nothing noted.
pub fn assert_nothing_is_stored(scene: &Scene) {
    assert!(scene.fakes.store.clients().is_empty());
    assert!(scene.fakes.secrets.names().is_empty());
    let integration = scene.fakes.store.integration_of(&scene.company);
    assert!(integration.is_none_or(|integration| integration.attempt.is_none() && integration.connection().is_none()));
}

#[tokio::test]
async fn a_good_key_connects_the_company() {
    let scene = Scene::new();
    assert_eq!(scene.grant(1).await.unwrap(), Granted::Now);
    let caller = scene.caller().await;
    assert_eq!(caller.integration.company, scene.company);
    assert_eq!(caller.enabled_at, scene.now());
    assert_eq!(scene.fakes.secrets.names().len(), 1);
}

#[tokio::test]
async fn a_key_that_testgorilla_refuses_stores_nothing() {
    for refusal in [KeyRefusal::Unknown, KeyRefusal::Revoked, KeyRefusal::NotPro] {
        let scene = Scene::new();
        scene.fakes.testgorilla.refuse_key(&scene.key, Some(refusal));
        let error = scene.grant(1).await.unwrap_err();
        assert!(matches!(error, GrantError::Key(why) if why == refusal), "{error:?}");
        assert_nothing_is_stored(&scene);
    }
}

#[tokio::test]
async fn what_smartrecruiters_refuses_is_undone() {
    let scene = Scene::new();
    scene.fakes.smartrecruiters.disconnect(&scene.company);
    assert!(matches!(scene.grant(1).await, Err(GrantError::NotConsented)));
    assert_nothing_is_stored(&scene);

    let scene = Scene::new();
    scene.fakes.smartrecruiters.connect(&scene.company, samples_pair());
    assert!(matches!(scene.grant(1).await, Err(GrantError::AlreadyConnected)));
    assert_nothing_is_stored(&scene);

    let scene = Scene::new();
    scene.fakes.faults.next(Op::SetUpIntegration, Fault::Before);
    let error = scene.grant(1).await.unwrap_err();
    assert!(matches!(error, GrantError::SmartRecruiters(SmartRecruitersError::Unavailable(_))), "{error:?}");
    assert_nothing_is_stored(&scene);
    assert_eq!(scene.grant(1).await.unwrap(), Granted::Now);
}

fn samples_pair() -> domain::sensitive::ClientCredentials {
    samples::company_secret(&samples::api_key()).smartrecruiters.unwrap()
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_integration() {
    let scene = Scene::new();
    assert_eq!(scene.grant(1).await.unwrap(), Granted::Now);
    assert_eq!(scene.grant(1).await.unwrap(), Granted::Before);
    assert_eq!(scene.fakes.faults.count(Op::SetUpIntegration), 1);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_at_once_is_one_integration() {
    let scene = Scene::new();
    let (first, second) = tokio::join!(scene.grant(1), scene.grant(1));
    let mut both = [first.unwrap(), second.unwrap()];
    both.sort_by_key(|granted| *granted == Granted::Before);
    assert_eq!(both, [Granted::Now, Granted::Before]);
    assert_eq!(scene.fakes.faults.count(Op::SetUpIntegration), 1);
}

#[tokio::test]
async fn of_two_forms_at_once_one_connects_and_the_other_says_so() {
    let scene = Scene::new();
    let (first, second) = tokio::join!(scene.grant(1), scene.grant(2));
    let (connected, refused) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_eq!(connected.unwrap(), Granted::Now);
    assert!(matches!(refused, Err(GrantError::AlreadyConnected)), "{refused:?}");
    assert_eq!(scene.fakes.secrets.names().len(), 1);
}

/// Whoever has a key of their own may send forms for a company that is connected, again and again.
#[tokio::test]
async fn forms_that_smartrecruiters_refuses_leave_nothing_behind_and_put_nothing_off() {
    let scene = Scene::connected().await;
    let key = samples::api_key();
    scene.fakes.testgorilla.open_account(&key);
    let (now, company) = (scene.now(), scene.company.clone());
    scene.fakes.store.edit_integration(&company, |integration| integration.keys_retire_at = Some(now));
    scene.fakes.store.edit_integration(&company, |integration| integration.due_at = Some(now));
    for form in 2..=21 {
        let (store, company) = (scene.fakes.store.clone(), company.clone());
        scene.fakes.faults.before(Op::SetUpIntegration, move || {
            assert_eq!(store.integration_of(&company).unwrap().due_at, Some(now), "while it is under way");
        });
        let refused = scene.grant_with(form, &key).await.unwrap_err();
        assert!(matches!(refused, GrantError::AlreadyConnected | GrantError::NotConsented), "{refused:?}");
    }
    let integration = scene.fakes.store.integration_of(&company).unwrap();
    assert_eq!((integration.attempt, integration.replaced.len(), integration.due_at), (None, 0, Some(now)));
    assert_eq!(scene.fakes.secrets.names().len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_leaves_already_connected() {
    let scene = Scene::new();
    scene.fakes.faults.next(Op::SetUpIntegration, Fault::After);
    assert!(matches!(scene.grant(1).await, Err(GrantError::SmartRecruiters(_))));
    assert!(matches!(scene.grant(2).await, Err(GrantError::AlreadyConnected)));
    scene.fakes.smartrecruiters.disconnect(&scene.company);
    scene.fakes.smartrecruiters.consent(&scene.company);
    assert_eq!(scene.grant(3).await.unwrap(), Granted::Now);
}

#[tokio::test]
async fn a_crash_after_smartrecruiters_answered_is_finished_by_the_reconciler() {
    let scene = Scene::new();
    // The second write of the secret keeps SmartRecruiters' answer; the process ends right after.
    scene.fakes.faults.pass(Op::PutCompanySecret);
    scene.fakes.faults.next(Op::PutCompanySecret, Fault::CutAfter);
    scene.fakes.faults.run(scene.grant(1)).await.unwrap_err();
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().connection().is_none());
    scene.fakes.clock().advance(2 * MINUTE);
    scene.sweep().await;
    assert_eq!(scene.caller().await.integration.company, scene.company);
}

#[tokio::test]
async fn a_crash_before_smartrecruiters_answered_is_cleaned_up() {
    let scene = Scene::new();
    scene.fakes.faults.next(Op::SetUpIntegration, Fault::CutBefore);
    scene.fakes.faults.run(scene.grant(1)).await.unwrap_err();
    assert_eq!(scene.fakes.secrets.names().len(), 1);
    scene.fakes.clock().advance(2 * MINUTE);
    scene.sweep().await;
    assert_nothing_is_stored(&scene);
    assert_eq!(scene.grant(2).await.unwrap(), Granted::Now);
}

/// A first form whose process ended once SmartRecruiters' answer was stored, two minutes ago.
async fn cut_off() -> Scene {
    let scene = Scene::new();
    scene.fakes.faults.pass(Op::PutCompanySecret);
    scene.fakes.faults.next(Op::PutCompanySecret, Fault::CutAfter);
    scene.fakes.faults.run(scene.grant(1)).await.unwrap_err();
    scene.fakes.clock().advance(2 * MINUTE);
    scene
}

#[tokio::test]
async fn the_next_form_goes_on_with_an_attempt_that_was_cut_off() {
    let scene = cut_off().await;
    assert_eq!(scene.grant(2).await.unwrap(), Granted::Resumed);
    assert_eq!(scene.grant(2).await.unwrap(), Granted::Before, "the same form sent twice");
    let integration = scene.fakes.store.integration_of(&scene.company).unwrap();
    assert_eq!(integration.connection().unwrap().attempt, AttemptId::from_bytes([2; 16]));
    assert_eq!(scene.fakes.faults.count(Op::SetUpIntegration), 1);
}

#[tokio::test]
async fn a_form_with_a_key_that_smartrecruiters_did_not_agree_to_takes_over_no_attempt() {
    let scene = cut_off().await;
    let strangers = samples::api_key();
    scene.fakes.testgorilla.open_account(&strangers);
    assert!(matches!(scene.grant_with(2, &strangers).await, Err(GrantError::AlreadyConnected)));
    let integration = scene.fakes.store.integration_of(&scene.company).unwrap();
    let connection = integration.connection().unwrap();
    assert_eq!(connection.api_key, scene.key.hash());
    assert_eq!(scene.fakes.secrets.peek(&connection.secret).unwrap().api_key, scene.key);
}

#[tokio::test]
async fn reconnecting_with_the_same_key_keeps_the_first_date() {
    let scene = Scene::connected().await;
    let first = scene.caller().await.enabled_at;
    for (form, key, expected_first) in
        [(2, scene.key.clone(), true), (3, samples::api_key(), false), (4, scene.key.clone(), true)]
    {
        scene.fakes.testgorilla.add_key(scene.account, &key);
        scene.disconnect().await;
        scene.fakes.clock().advance(Duration::from_secs(3600));
        scene.work_queues().await;
        scene.fakes.smartrecruiters.consent(&scene.company);
        scene.grant_with(form, &key).await.unwrap();
        assert_eq!(scene.caller().await.enabled_at == first, expected_first, "form {form}");
    }
    assert_eq!(scene.fakes.secrets.names().len(), 1, "the keys of earlier connections are destroyed");
}

#[tokio::test]
async fn a_connection_that_smartrecruiters_replaced_is_replaced_here_too() {
    let scene = Scene::connected().await;
    let old = scene.caller().await.connection;
    // SmartRecruiters disconnected, and its call never came.
    scene.fakes.smartrecruiters.disconnect(&scene.company);
    scene.fakes.smartrecruiters.consent(&scene.company);
    assert_eq!(scene.grant(2).await.unwrap(), Granted::Now);
    scene.sweep().await;
    assert_ne!(scene.caller().await.connection.client, old.client);
    assert_eq!(scene.fakes.secrets.peek(&old.secret), None);
    assert_eq!(scene.fakes.store.clients().len(), 1);
    let integration = scene.fakes.store.integration_of(&scene.company).unwrap();
    assert!(matches!(integration.status, Status::Active { .. }) && integration.replaced.is_empty());
}
