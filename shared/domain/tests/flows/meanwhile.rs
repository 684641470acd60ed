//! What happens while something else is in its midst: the moments that planted faults have shown to matter.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::flows::end::{end, wind_down};
use domain::flows::follow::follow;
use domain::flows::invite::{Outcome, invite};
use domain::flows::reconcile::sweep;
use domain::flows::rotate::{self, RotateError};
use domain::ids::{ApiKeyHash, AssessmentId, ClientId};
use domain::integration::{Connection, EndCause, SecretName, Status as IntegrationStatus};
use domain::invitation::{Refusal, Sent, State};
use domain::ports::{Clock, KeyRefusal};
use domain::report::Status;
use testing::faults::{Fault, Op};
use testing::samples;
use testing::testgorilla::Completion;

use crate::connecting::assert_nothing_is_stored;
use crate::publishing::run_now;
use crate::scene::{ASSESSMENT, DELAY, EMAIL, MINUTE, Scene};

#[tokio::test]
async fn what_has_moved_further_is_not_moved_back() {
    let scene = Scene::connected().await;
    scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.start(candidature);
    let key = scene.invitation().key;
    let (fakes, ports, inner) = (scene.fakes.clone(), scene.ports.clone(), key.clone());
    // The follower has read the invitation and TestGorilla, and is about to move it on.
    scene.fakes.faults.before(Op::SaveInvitation, move || {
        fakes.testgorilla.complete(candidature, Scene::completion());
        run_now(follow(&ports, &Scene::follow_settings(), &inner, true)).unwrap();
    });
    follow(&scene.ports, &Scene::follow_settings(), &key, false).await.unwrap();
    assert!(matches!(scene.invitation().state, State::Completed(_)));
}

#[tokio::test]
async fn disconnecting_drops_an_attempt_that_was_cut_off() {
    let scene = Scene::new();
    scene.fakes.faults.pass(Op::PutCompanySecret);
    scene.fakes.faults.next(Op::PutCompanySecret, Fault::CutAfter);
    scene.fakes.faults.run(scene.grant(1)).await.unwrap_err();
    // For SmartRecruiters the company is connected, and its admin presses Disconnect.
    scene.fakes.smartrecruiters.disconnect(&scene.company);
    end(&scene.ports, &scene.company, EndCause::Disconnected).await.unwrap();
    scene.fakes.clock().advance(2 * MINUTE);
    scene.sweep().await;
    assert_nothing_is_stored(&scene);
}

#[tokio::test]
async fn what_a_dropped_attempt_still_makes_is_destroyed() {
    let scene = Scene::new();
    let (fakes, ports, company) = (scene.fakes.clone(), scene.ports.clone(), scene.company.clone());
    // Disconnect and a run of the reconciler come before the worker keeps SmartRecruiters' answer; then the worker ends.
    scene.fakes.faults.before(Op::PutCompanySecret, || ());
    scene.fakes.faults.before(Op::PutCompanySecret, move || {
        fakes.smartrecruiters.disconnect(&company);
        run_now(end(&ports, &company, EndCause::Disconnected)).unwrap();
        run_now(sweep(&ports, &Scene::follow_settings(), fakes.clock().now() + MINUTE)).unwrap();
    });
    scene.fakes.faults.pass(Op::PutCompanySecret);
    scene.fakes.faults.next(Op::PutCompanySecret, Fault::CutAfter);
    scene.fakes.faults.run(scene.grant(1)).await.unwrap_err();
    scene.fakes.clock().advance(2 * MINUTE);
    scene.sweep().await;
    assert_nothing_is_stored(&scene);
}

#[tokio::test]
async fn a_company_that_disconnects_while_a_key_of_its_is_replaced_leaves_no_secret() {
    let scene = Scene::connected().await;
    let (fakes, ports, company) = (scene.fakes.clone(), scene.ports.clone(), scene.company.clone());
    scene.fakes.faults.before(Op::PutCompanySecret, move || {
        fakes.smartrecruiters.disconnect(&company);
        run_now(end(&ports, &company, EndCause::Disconnected)).unwrap();
        run_now(sweep(&ports, &Scene::follow_settings(), fakes.clock().now() + MINUTE)).unwrap();
    });
    let replaced = rotate::signing_key(&scene.ports, &scene.company).await;
    assert!(matches!(replaced, Err(RotateError::NotConnected)), "{replaced:?}");
    assert_nothing_is_stored(&scene);
}

#[tokio::test]
async fn that_a_key_is_refused_is_nothing_about_the_one_that_took_its_place() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    let (store, company) = (scene.fakes.store.clone(), scene.company.clone());
    scene.fakes.faults.before(Op::SaveIntegration, move || {
        store.edit_integration(&company, |integration| {
            let IntegrationStatus::Active { connection, .. } = &mut integration.status else { return };
            connection.api_key = ApiKeyHash::from_bytes([9; 32]);
        });
    });
    scene.refresh().await;
    let integration = scene.fakes.store.integration_of(&scene.company).unwrap();
    assert_eq!(integration.connection().unwrap().api_key, ApiKeyHash::from_bytes([9; 32]), "it was replaced meanwhile");
    assert!(!integration.is_key_refused());
}

#[tokio::test]
async fn the_answer_of_smartrecruiters_is_kept_though_the_store_fails_for_a_moment() {
    let scene = Scene::new();
    scene.fakes.faults.pass(Op::PutCompanySecret);
    scene.fakes.faults.next(Op::PutCompanySecret, Fault::Before);
    scene.fakes.faults.next(Op::PutCompanySecret, Fault::Before);
    scene.grant(1).await.unwrap();
    assert_eq!(scene.caller().await.integration.company, scene.company);
}

#[tokio::test]
async fn the_first_listing_is_prepared_though_its_message_is_lost() {
    let scene = Scene::new();
    scene.grant(1).await.unwrap();
    scene.fakes.queues.lose_all();
    scene.create(ASSESSMENT);
    scene.sweep().await;
    assert_eq!(scene.listed().await, [ASSESSMENT]);
}

#[tokio::test]
async fn an_attempt_is_not_undone_while_its_worker_is_at_it() {
    let scene = Scene::new();
    let (fakes, ports, company) = (scene.fakes.clone(), scene.ports.clone(), scene.company.clone());
    // Something else is due on the integration just then.
    scene.fakes.faults.before(Op::SetUpIntegration, move || {
        let now = fakes.clock().now();
        fakes.store.edit_integration(&company, |integration| integration.due_at = Some(now));
        run_now(sweep(&ports, &Scene::follow_settings(), now + MINUTE)).unwrap();
    });
    scene.grant(1).await.unwrap();
    assert_eq!(scene.caller().await.integration.company, scene.company);
}

#[tokio::test]
async fn what_is_replaced_while_others_are_destroyed_is_not_forgotten() {
    let scene = Scene::connected().await;
    let in_use = scene.caller().await.connection;
    let other = |number: u8| Connection {
        client: ClientId::from_bytes([number; 16]),
        secret: SecretName(format!("secret-{number}")),
        ..in_use.clone()
    };
    let (first, second, now) = (other(1), other(2), scene.now());
    scene.fakes.store.edit_integration(&scene.company, |integration| {
        integration.replaced.push(first);
        integration.due_at = Some(now);
    });
    let (fakes, company, added) = (scene.fakes.clone(), scene.company.clone(), second.clone());
    scene.fakes.faults.before(Op::DestroyCompanySecret, move || {
        fakes.store.edit_integration(&company, |integration| integration.replaced.push(added));
    });
    scene.sweep().await;
    assert_eq!(scene.fakes.store.integration_of(&scene.company).unwrap().replaced, [second]);
}

#[tokio::test]
async fn what_was_not_sent_when_the_integration_ends_is_rejected_at_once() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    end(&scene.ports, &scene.company, EndCause::Disabled).await.unwrap();
    scene.work_queues().await;
    assert_eq!(scene.seen(order).history, [Status::Rejected]);
}

/// A result with an average.
fn averaging(average: f64) -> Completion {
    Completion { average: Some(average), ..Scene::completion() }
}

fn shown_score(scene: &Scene, order: domain::ids::OrderId) -> Option<u8> {
    scene.seen(order).shown.unwrap().score.map(|score| score.value())
}

#[tokio::test]
async fn a_publisher_that_was_overtaken_looks_once_more() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, averaging(50.0));
    let key = scene.invitation().key;
    // The first publisher takes so long that its claim runs out; a second one publishes the corrected result meanwhile.
    let (fakes, ports, inner) = (scene.fakes.clone(), scene.ports.clone(), key.clone());
    scene.fakes.faults.before(Op::Publish, move || {
        fakes.clock().advance(2 * MINUTE);
        fakes.testgorilla.complete(candidature, averaging(90.0));
        run_now(follow(&ports, &Scene::follow_settings(), &inner, true)).unwrap();
    });
    follow(&scene.ports, &Scene::follow_settings(), &key, false).await.unwrap();
    assert_eq!(shown_score(&scene, order), Some(50), "the older report came last");
    scene.pass(30).await;
    assert_eq!(shown_score(&scene, order), Some(90));
}

#[tokio::test]
async fn a_result_is_dated_before_it_is_read() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, averaging(50.0));
    let key = scene.invitation().key;
    // The result is corrected, and published by somebody else, while it is being read.
    let (fakes, ports, inner) = (scene.fakes.clone(), scene.ports.clone(), key.clone());
    scene.fakes.faults.before(Op::TestResults, move || {
        fakes.clock().advance(Duration::from_secs(1));
        fakes.testgorilla.complete(candidature, averaging(90.0));
        run_now(follow(&ports, &Scene::follow_settings(), &inner, true)).unwrap();
        fakes.clock().advance(Duration::from_secs(1));
    });
    follow(&scene.ports, &Scene::follow_settings(), &key, true).await.unwrap();
    assert_eq!(shown_score(&scene, order), Some(90));
}

#[tokio::test]
async fn an_order_that_joins_while_the_others_are_told_is_told_too() {
    let scene = Arc::new(Scene::connected().await);
    scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    let key = scene.invitation().key;
    let (joining, joined) = (scene.clone(), Arc::new(OnceLock::new()));
    let noted = joined.clone();
    // The follower has moved it on, and is about to put it to rest.
    scene.fakes.faults.before(Op::SaveInvitation, || ());
    scene.fakes.faults.before(Op::SaveInvitation, move || {
        let id = samples::order_id();
        run_now(joining.deliver(id, samples::candidate())).unwrap();
        noted.set(id).unwrap();
        joining.fakes.queues.lose_all();
    });
    follow(&scene.ports, &Scene::follow_settings(), &key, true).await.unwrap();
    scene.pass(60).await;
    assert_eq!(scene.seen(*joined.get().unwrap()).history.last(), Some(&Status::Completed));
}

#[tokio::test]
async fn an_attempt_at_another_assessment_is_not_taken_for_the_candidates() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.invited().await;
    let other = AssessmentId(439_707);
    scene.create(other);
    let candidature = scene.fakes.testgorilla.invite_elsewhere(scene.account, other, EMAIL);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    let test_taker = scene.fakes.testgorilla.record(candidature).unwrap().test_taker;
    let key = scene.invitation().key;
    let sent = Sent { candidature, test_taker, at: scene.now() };
    scene.fakes.store.edit_invitation(&key, |invitation| invitation.state = State::Sent(sent));
    follow(&scene.ports, &Scene::follow_settings(), &key, true).await.unwrap();
    scene.pass(60).await;
    assert!(matches!(scene.invitation().state, State::Expired(..)));
}

#[tokio::test]
async fn who_comes_while_it_is_being_sent_leaves_it_alone() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.clock().advance(DELAY);
    let key = scene.invitation().key;
    let (ports, inner) = (scene.ports.clone(), key.clone());
    scene.fakes.faults.before(Op::Invite, move || {
        assert_eq!(run_now(invite(&ports, &inner)).unwrap(), Outcome::Busy);
    });
    assert!(matches!(invite(&scene.ports, &key).await.unwrap(), Outcome::Sent { .. }));
    assert_eq!(scene.fakes.faults.count(Op::Invite), 1);
}

#[tokio::test]
async fn who_was_invited_is_adopted_though_testgorilla_refuses_when_it_is_asked_again() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.faults.next(Op::Invite, Fault::After);
    scene.fakes.clock().advance(DELAY);
    scene.work_queues().await;
    scene.fakes.testgorilla.archive(scene.account, ASSESSMENT);
    scene.pass(10).await;
    assert_eq!(scene.invitation().state.sent().map(|sent| sent.candidature), scene.candidature());
    assert!(scene.candidature().is_some());
}

#[tokio::test]
async fn who_was_invited_before_and_is_not_listed_is_asked_for_again() {
    let scene = Scene::connected().await;
    scene.order().await;
    let by_hand = scene.fakes.testgorilla.invite_elsewhere(scene.account, ASSESSMENT, EMAIL);
    let testgorilla = scene.fakes.testgorilla.clone();
    scene.fakes.faults.before(Op::FindCandidature, move || testgorilla.delete_candidature(by_hand));
    scene.pass(30).await;
    assert!(matches!(scene.invitation().state, State::Sent(sent) if sent.candidature != by_hand));
}

#[tokio::test]
async fn what_is_being_sent_when_the_integration_ends_is_left_to_its_sender() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.clock().advance(DELAY);
    let (ports, company) = (scene.ports.clone(), scene.company.clone());
    scene.fakes.faults.before(Op::Invite, move || {
        run_now(end(&ports, &company, EndCause::Disabled)).unwrap();
        run_now(wind_down(&ports, &Scene::follow_settings(), &company)).unwrap();
    });
    invite(&scene.ports, &scene.invitation().key).await.unwrap();
    assert!(matches!(scene.invitation().state, State::Sent(_)));
}

#[tokio::test]
async fn a_key_that_was_replaced_a_moment_ago_costs_no_refusal() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.clock().advance(DELAY);
    // Now it is remembered.
    scene.refresh().await;
    let connection = scene.caller().await.connection;
    let mut secret = scene.fakes.secrets.peek(&connection.secret).unwrap();
    secret.api_key = samples::api_key();
    scene.fakes.testgorilla.add_key(scene.account, &secret.api_key);
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.fakes.secrets.insert(&connection.secret, secret);
    assert!(matches!(invite(&scene.ports, &scene.invitation().key).await.unwrap(), Outcome::Sent { .. }));
}

#[tokio::test]
async fn a_pair_that_was_replaced_a_moment_ago_costs_no_refusal() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.clock().advance(DELAY);
    let key = scene.invitation().key;
    invite(&scene.ports, &key).await.unwrap();
    let connection = scene.caller().await.connection;
    let mut secret = scene.fakes.secrets.peek(&connection.secret).unwrap();
    secret.smartrecruiters = scene.fakes.smartrecruiters.rotate(&scene.company);
    scene.fakes.secrets.insert(&connection.secret, secret);
    follow(&scene.ports, &Scene::follow_settings(), &key, true).await.unwrap();
    assert_eq!(scene.seen(order).history, [Status::Pending]);
}

#[tokio::test]
async fn what_smartrecruiters_refuses_for_a_moment_closes_no_order() {
    for fault in [Fault::NotFound, Fault::Refused(403)] {
        let scene = Scene::connected().await;
        let order = scene.order().await;
        scene.fakes.faults.next(Op::Publish, fault);
        scene.pass(120).await;
        assert_eq!(scene.seen(order).history, [Status::Pending], "{fault:?}");
    }
}

#[tokio::test]
async fn an_end_that_an_order_is_still_to_be_told_is_not_undone_by_the_next_order() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.testgorilla.refuse_email(EMAIL, Refusal::BadEmail);
    scene.fakes.faults.always(Op::Publish, Fault::Before);
    scene.pass(20).await;
    let next = scene.order().await;
    assert!(matches!(scene.invitation().state, State::Refused(_)));
    scene.fakes.faults.heal();
    scene.pass(120).await;
    assert_eq!(scene.seen(order).history.last(), Some(&Status::Rejected));
    assert_eq!(scene.seen(next).history.last(), Some(&Status::Rejected));
}

#[tokio::test]
async fn an_order_that_was_told_something_is_told_its_end() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    let key = scene.invitation().key;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.fakes.faults.next(Op::Publish, Fault::Before);
    follow(&scene.ports, &Scene::follow_settings(), &key, true).await.unwrap();
    assert_eq!(scene.seen(order).history, [Status::Pending]);
    // A message without a hint, as after any other failure.
    follow(&scene.ports, &Scene::follow_settings(), &key, false).await.unwrap();
    assert_eq!(scene.seen(order).history.last(), Some(&Status::Completed));
}

#[tokio::test]
async fn a_copy_from_before_enabling_is_not_listed() {
    let scene = Scene::connected().await;
    let mut copy = samples::assessment(8);
    copy.summary.created_at = scene.now();
    scene.fakes.store.insert_assessment(&scene.company, copy.clone());
    assert!(scene.listed().await.contains(&copy.id()));
    copy.summary.created_at = scene.caller().await.enabled_at - MINUTE;
    scene.fakes.store.insert_assessment(&scene.company, copy.clone());
    assert!(!scene.listed().await.contains(&copy.id()));
}
