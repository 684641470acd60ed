//! Row 12: Disconnect and Disable end the integration, and connecting again works.

use domain::candidate::Candidate;
use domain::flows::authorise::{Denied, authorise};
use domain::flows::end::end;
use domain::flows::hint::{Hint, act};
use domain::flows::token::{TokenError, issue};
use domain::integration::{EndCause, Status as IntegrationStatus};
use domain::invitation::State;
use domain::order::Closed;
use domain::ports::KeyRefusal;
use domain::report::Status;
use testing::faults::{Fault, Op};
use testing::samples;

use crate::scene::{ASSESSMENT, DELAY, MINUTE, Scene};

#[tokio::test]
async fn after_disconnecting_nothing_is_let_in_and_the_keys_are_destroyed() {
    let scene = Scene::connected().await;
    let pair = scene.fakes.smartrecruiters.our_pair(&scene.company).unwrap();
    let token = issue(&scene.ports, &pair).await.unwrap().token;
    scene.disconnect().await;
    assert!(matches!(authorise(&scene.ports, token.expose()).await, Err(Denied::NotActive)));
    assert!(matches!(issue(&scene.ports, &pair).await, Err(TokenError::InvalidClient(None))));
    scene.work_queues().await;
    assert!(scene.fakes.secrets.names().is_empty());
    assert!(scene.fakes.store.clients().is_empty());
    assert!(!end(&scene.ports, &scene.company, EndCause::Disconnected).await.unwrap(), "once is enough");
}

#[tokio::test]
async fn a_scheduled_invitation_is_withdrawn() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.disconnect().await;
    scene.pass(60).await;
    assert_eq!(scene.mails(), 0);
    assert_eq!(scene.invitation().state, State::Withdrawn);
    let order = &scene.fakes.store.orders()[0];
    assert_eq!(order.closed, Some(Closed::IntegrationEnded), "SmartRecruiters takes nothing any more");
}

#[tokio::test]
async fn disabling_in_testgorilla_tells_smartrecruiters_of_open_orders_before_the_keys_go() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    let hint = Hint::IntegrationDisabled { api_key: scene.key.hash() };
    assert_eq!(act(&scene.ports, &hint).await.unwrap(), 1);
    scene.pass(10).await;
    assert_eq!(scene.seen(order).history, [Status::Rejected]);
    assert!(scene.seen(order).shown.unwrap().summary.unwrap().contains("integration ended"));
    assert!(scene.fakes.secrets.names().is_empty());
    assert_eq!(act(&scene.ports, &hint).await.unwrap(), 0, "the key is known no more");
}

#[tokio::test]
async fn a_candidate_who_was_invited_expires_with_the_integration() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.invited().await;
    end(&scene.ports, &scene.company, EndCause::Disabled).await.unwrap();
    scene.pass(10).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Expired]);
}

#[tokio::test]
async fn results_that_were_delivered_stay() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(30).await;
    end(&scene.ports, &scene.company, EndCause::Disabled).await.unwrap();
    scene.pass(120).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
    assert!(scene.fakes.secrets.names().is_empty());
}

#[tokio::test]
async fn connecting_again_lists_and_sends_again_and_once_stays_true() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.invited().await;
    scene.disconnect().await;
    scene.pass(30).await;
    scene.fakes.smartrecruiters.consent(&scene.company);
    scene.grant(2).await.unwrap();
    scene.pass(10).await;
    assert_eq!(scene.listed().await, [ASSESSMENT]);
    scene.order().await;
    scene.pass(30).await;
    assert_eq!(scene.mails(), 1, "sent before, never again");
}

#[tokio::test]
async fn a_key_refused_for_a_day_ends_the_integration() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.pass(20 * 60).await;
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().is_key_refused());
    scene.pass(6 * 60).await;
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().connection().is_none());
    assert!(scene.fakes.secrets.names().is_empty());
}

#[tokio::test]
async fn a_key_that_is_taken_again_goes_on() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.refresh().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, None);
    scene.fakes.clock().advance(20 * MINUTE);
    scene.sweep().await;
    assert_eq!(scene.listed().await, [ASSESSMENT]);
}

#[tokio::test]
async fn keys_go_within_two_hours_even_if_smartrecruiters_cannot_be_told() {
    use testing::faults::{Fault, Op};
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.faults.always(Op::Publish, Fault::Before);
    end(&scene.ports, &scene.company, EndCause::Disabled).await.unwrap();
    scene.pass(30).await;
    assert_eq!(scene.fakes.secrets.names().len(), 1, "still trying");
    scene.pass(90).await;
    assert!(scene.fakes.secrets.names().is_empty());
}

#[tokio::test]
async fn hundreds_of_open_orders_are_told_before_the_keys_go() {
    let scene = Scene::connected().await;
    let mut orders = vec![];
    for number in 0..300 {
        let candidate = Candidate::parse(None, Some(&format!("c{number}@example.com")), None, None).unwrap();
        let id = samples::order_id();
        scene.deliver(id, candidate).await.unwrap();
        orders.push(id);
    }
    end(&scene.ports, &scene.company, EndCause::Disabled).await.unwrap();
    scene.pass(2).await;
    let told = orders.iter().filter(|id| scene.seen(**id).history == [Status::Rejected]).count();
    assert_eq!((told, scene.fakes.secrets.names().len()), (300, 0));
}

#[tokio::test]
async fn what_is_only_to_be_erased_soon_does_not_keep_the_keys() {
    let scene = Scene::connected().await;
    scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(30).await;
    assert!(matches!(scene.invitation().state, State::Completed(_)));
    scene.fakes.clock().advance(90 * 24 * 60 * MINUTE - 60 * MINUTE);
    end(&scene.ports, &scene.company, EndCause::Disabled).await.unwrap();
    scene.pass(2).await;
    assert!(scene.fakes.secrets.names().is_empty());
}

#[tokio::test]
async fn a_late_word_of_the_former_key_does_not_end_the_connection_with_the_next() {
    let scene = Scene::connected().await;
    let hint = Hint::IntegrationDisabled { api_key: scene.key.hash() };
    let (store, company) = (scene.fakes.store.clone(), scene.company.clone());
    // The index still has the former key when the next one is in its place.
    scene.fakes.faults.before(Op::Integration, move || {
        store.edit_integration(&company, |integration| {
            let IntegrationStatus::Active { connection, .. } = &mut integration.status else { panic!("not active") };
            connection.api_key = samples::api_key().hash();
        });
    });
    act(&scene.ports, &hint).await.unwrap();
    assert!(scene.fakes.store.integration_of(&scene.company).unwrap().connection().is_some());
}

#[tokio::test]
async fn who_may_have_been_invited_when_the_integration_ended_is_told_so() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.faults.next(Op::Invite, Fault::After);
    scene.fakes.clock().advance(DELAY);
    scene.work_queues().await;
    end(&scene.ports, &scene.company, EndCause::Disabled).await.unwrap();
    scene.work_queues().await;
    assert_eq!(scene.seen(order).history.last(), Some(&Status::Rejected));
    let summary = scene.seen(order).shown.unwrap().summary.unwrap();
    assert!(summary.contains("may have been invited"), "{summary}");
}
