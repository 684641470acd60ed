//! What ops do: register, replace the stack's keys, see who is stuck and set them going, read results back.

use std::time::Duration;

use domain::flows::company::{entries, overview};
use domain::flows::follow::Outcome;
use domain::flows::register::{RegisterError, Wish, plan};
use domain::flows::replay::{replay, was_out};
use domain::flows::rotate_stack::{
    RotateStackError, Stage, begin_callback_key, begin_disconnect_key, finish_callback_key, finish_disconnect_key,
    master,
};
use domain::flows::stuck::{LATE, Pushed, Stuck, push, stuck};
use domain::ids::OrderId;
use domain::ports::{PartnerConfiguration, PartnerKeys, PartnerSecret, PartnerSecretWriter, SmartRecruitersError};
use domain::registration::{Display, Field};
use domain::report::Status;
use domain::sensitive::{ClientCredentials, Secret};
use testing::faults::{Fault, Op};
use testing::testgorilla::Completion;

use crate::scene::{DELAY, MINUTE, Scene};

const API: &str = "https://api.example";

fn pair(id: &str, secret: &str) -> ClientCredentials {
    ClientCredentials { client_id: id.into(), client_secret: Secret::new(secret) }
}

async fn register(scene: &Scene, wish: &Wish) -> Vec<&'static str> {
    let plan = plan(&scene.ports, API, wish).await.unwrap();
    plan.put(&scene.ports).await.unwrap();
    plan.differences.into_iter().map(|difference| difference.property).collect()
}

#[tokio::test]
async fn the_first_registration_puts_all_and_the_next_has_nothing_to_change() {
    let scene = Scene::new();
    assert_eq!(register(&scene, &Wish::default()).await.len(), 10);
    assert!(register(&scene, &Wish::default()).await.is_empty());
}

#[tokio::test]
async fn planning_changes_nothing() {
    let scene = Scene::new();
    plan(&scene.ports, API, &Wish::default()).await.unwrap();
    assert_eq!(scene.fakes.smartrecruiters.registration(&pair("master", "master-secret")).await.unwrap(), None);
    assert_eq!(scene.fakes.faults.count(Op::Register), 0);
}

#[tokio::test]
async fn fields_and_the_way_of_showing_the_page_stay_as_they_are_unless_something_else_is_wished() {
    let scene = Scene::new();
    let field = Field { id: "level".into(), name: "Level".into(), description: "Of the job".into() };
    register(&scene, &Wish { display: Some(Display::Redirect), fields: Some(vec![field]) }).await;
    assert!(register(&scene, &Wish::default()).await.is_empty());
    let changed = register(&scene, &Wish { display: Some(Display::Popup), fields: Some(vec![]) }).await;
    assert_eq!(changed, ["consentDisplayMode", "fields"]);
}

#[tokio::test]
async fn what_differs_beside_the_disconnect_url_is_told_from_it() {
    let scene = Scene::new();
    register(&scene, &Wish::default()).await;
    let moved = plan(&scene.ports, "https://else.example", &Wish::default()).await.unwrap();
    assert!(moved.differs_in_disconnect_url() && moved.differs_elsewhere());
    let redirected = Wish { display: Some(Display::Redirect), fields: None };
    let redirected = plan(&scene.ports, API, &redirected).await.unwrap();
    assert!(!redirected.differs_in_disconnect_url() && redirected.differs_elsewhere());
}

#[tokio::test]
async fn without_a_master_pair_nobody_is_asked() {
    let scene = Scene::new();
    scene.fakes.secrets.set_partner_keys(PartnerKeys { master: None, disconnect_keys: vec![Secret::new("k")] });
    assert!(matches!(plan(&scene.ports, API, &Wish::default()).await, Err(RegisterError::NoMaster)));
    assert_eq!(scene.fakes.faults.count(Op::Registration), 0);
}

#[tokio::test]
async fn a_callback_key_is_replaced_in_two_steps_that_may_be_repeated() {
    let scene = Scene::new();
    assert_eq!(finish_callback_key(&scene.ports).await.unwrap(), Stage::Single);
    assert_eq!(begin_callback_key(&scene.ports).await.unwrap(), Stage::Begun);
    assert_eq!(begin_callback_key(&scene.ports).await.unwrap(), Stage::UnderWay);
    let both = webhook_keys(&scene).await;
    assert_eq!(both.len(), 2);
    assert_eq!(both[1], testing::secrets::CALLBACK_KEY, "the old one goes on");
    assert_eq!(finish_callback_key(&scene.ports).await.unwrap(), Stage::Finished);
    assert_eq!(webhook_keys(&scene).await, both[..1]);
    assert_eq!(finish_callback_key(&scene.ports).await.unwrap(), Stage::Single);
}

async fn webhook_keys(scene: &Scene) -> Vec<Vec<u8>> {
    use domain::ports::CallbackSecret;
    scene.fakes.secrets.webhook_keys_now().await.unwrap().into_iter().map(|key| key.0).collect()
}

#[tokio::test]
async fn wherever_it_is_cut_off_a_callback_key_that_was_valid_stays_valid_until_the_end() {
    for fault in [Fault::Before, Fault::After, Fault::CutBefore, Fault::CutAfter] {
        let scene = Scene::new();
        scene.fakes.faults.next(Op::PutWebhookKeys, fault);
        let _ = scene.fakes.faults.run(begin_callback_key(&scene.ports)).await;
        assert!(webhook_keys(&scene).await.contains(&testing::secrets::CALLBACK_KEY.to_vec()), "{fault:?}");
        begin_callback_key(&scene.ports).await.unwrap();
        assert_eq!(webhook_keys(&scene).await.len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn the_old_disconnect_key_goes_once_no_form_can_be_open_any_more() {
    let scene = Scene::new();
    register(&scene, &Wish::default()).await;
    assert_eq!(begin_disconnect_key(&scene.ports).await.unwrap(), Stage::Begun);
    assert_eq!(begin_disconnect_key(&scene.ports).await.unwrap(), Stage::UnderWay);
    let both = scene.ports.secrets.partner_keys_now().await.unwrap();
    assert_eq!(both.disconnect_keys.len(), 2);
    assert_eq!(both.disconnect_keys[1], Secret::new(testing::secrets::DISCONNECT_KEY));
    let planned = plan(&scene.ports, API, &Wish::default()).await.unwrap();
    assert!(planned.differs_in_disconnect_url() && !planned.differs_elsewhere(), "{planned:?}");
    assert_eq!(register(&scene, &Wish::default()).await, ["integrationDisableUrl"], "the new address is to be told");
    let early = finish_disconnect_key(&scene.ports).await;
    assert!(matches!(early, Err(RotateStackError::TooEarly(until)) if until == scene.now() + 65 * MINUTE), "{early:?}");
    scene.fakes.clock().advance(65 * MINUTE);
    assert_eq!(finish_disconnect_key(&scene.ports).await.unwrap(), Stage::Finished);
    let one = scene.ports.secrets.stored_partner_keys().await.unwrap().value;
    assert_eq!(one.disconnect_keys, both.disconnect_keys[..1]);
    assert_eq!(one.master, both.master);
    assert_eq!(finish_disconnect_key(&scene.ports).await.unwrap(), Stage::Single);
}

#[tokio::test]
async fn a_master_pair_is_put_when_smartrecruiters_takes_it_and_not_otherwise() {
    let scene = Scene::new();
    let stored = async || scene.ports.secrets.stored_partner_keys().await.unwrap().value;
    let before = stored().await;
    let wrong = master(&scene.ports, &pair("master", "wrong")).await;
    assert!(matches!(wrong, Err(RotateStackError::PairRefused)), "{wrong:?}");
    scene.fakes.faults.next(Op::Registration, Fault::Before);
    let down = master(&scene.ports, &pair("new", "new-secret")).await;
    assert!(matches!(down, Err(RotateStackError::SmartRecruiters(SmartRecruitersError::Unavailable(_)))), "{down:?}");
    assert_eq!(stored().await, before);
    scene.fakes.smartrecruiters.set_master(pair("new", "new-secret"));
    master(&scene.ports, &pair("new", "new-secret")).await.unwrap();
    assert_eq!(stored().await, PartnerKeys { master: Some(pair("new", "new-secret")), ..before });
    scene.grant(1).await.unwrap();
}

/// Why the only order is not getting on.
async fn state(scene: &Scene) -> (Option<Stuck>, Option<domain::ids::InvitationKey>) {
    let entries = entries(&scene.ports, &scene.company).await.unwrap();
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    let key = entry.invitation.as_ref().map(|invitation| invitation.key.clone());
    (stuck(&entry.order, entry.invitation.as_ref(), scene.now()), key)
}

#[tokio::test]
async fn an_order_that_is_seen_to_is_never_stuck() {
    let scene = Scene::connected().await;
    scene.order().await;
    assert_eq!(state(&scene).await.0, None);
    let candidature = scene.invited().await;
    for _ in 0..48 {
        scene.pass(60).await;
        assert_eq!(state(&scene).await.0, None);
    }
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(24 * 60).await;
    assert_eq!(state(&scene).await.0, None, "at its end");
}

#[tokio::test]
async fn an_order_that_nobody_sees_to_is_overdue_and_is_set_going_once() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.queues.lose_all();
    scene.fakes.clock().advance(DELAY + MINUTE + LATE + MINUTE);
    let (why, key) = state(&scene).await;
    assert_eq!(why, Some(Stuck::Overdue(LATE + MINUTE)));
    assert_eq!(push(&scene.ports, &key.unwrap(), &[]).await.unwrap(), Pushed::Going);
    scene.work_queues().await;
    assert_eq!((scene.mails(), state(&scene).await.0), (1, None));
}

#[tokio::test]
async fn an_order_with_nothing_due_is_stranded_and_is_set_going_whatever_its_state() {
    for is_sent in [false, true] {
        let scene = Scene::connected().await;
        let order = scene.order().await;
        if is_sent {
            let candidature = scene.invited().await;
            scene.fakes.testgorilla.complete(candidature, Scene::completion());
        }
        let key = scene.invitation().key;
        scene.fakes.queues.lose_all();
        // As in a table that somebody has mended by hand.
        scene.fakes.store.edit_invitation(&key, |invitation| invitation.due_at = None);
        scene.fakes.clock().advance(DELAY);
        assert_eq!(state(&scene).await.0, Some(Stuck::Stranded));
        assert_eq!(push(&scene.ports, &key, &[]).await.unwrap(), Pushed::Going);
        scene.pass(10).await;
        assert_eq!(scene.mails(), 1);
        let expected = if is_sent { Status::Completed } else { Status::Pending };
        assert_eq!(scene.seen(order).history.last(), Some(&expected));
        assert_eq!(state(&scene).await.0, None);
    }
}

#[tokio::test]
async fn an_order_whose_work_fails_again_and_again_shows() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.faults.always(Op::Invite, Fault::Before);
    scene.fakes.faults.always(Op::FindCandidature, Fault::Before);
    scene.pass(60).await;
    assert!(matches!(state(&scene).await.0, Some(Stuck::Failing(5..))), "{:?}", state(&scene).await);
    scene.fakes.faults.heal();
    push(&scene.ports, &scene.invitation().key, &[]).await.unwrap();
    scene.pass(5).await;
    assert_eq!((scene.mails(), state(&scene).await.0), (1, None));
}

#[tokio::test]
async fn what_somebody_is_at_is_left_to_them() {
    let scene = Scene::connected().await;
    scene.order().await;
    let key = scene.invitation().key;
    let claimed_until = Some(scene.now() + MINUTE);
    scene.fakes.store.edit_invitation(&key, |invitation| invitation.claimed_until = claimed_until);
    let before = scene.invitation();
    assert_eq!(push(&scene.ports, &key, &[]).await.unwrap(), Pushed::Busy);
    assert_eq!(scene.invitation(), before);
}

#[tokio::test]
async fn an_order_whose_invitation_is_lost_is_stranded_and_cannot_be_set_going() {
    let scene = Scene::connected().await;
    let key = testing::samples::invitation_key(&scene.company, 439_706);
    scene.fakes.store.insert_order(testing::samples::order(&key, testing::samples::order_id()));
    assert_eq!(state(&scene).await, (Some(Stuck::Stranded), None));
    assert_eq!(push(&scene.ports, &key, &[]).await.unwrap(), Pushed::Lost);
    assert!(scene.fakes.queues.waiting().is_empty());
}

/// As after a restore: the invitation is older than the order, or was made anew.
#[tokio::test]
async fn an_order_that_its_invitation_does_not_name_is_stranded_and_joins_it() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    let key = scene.invitation().key;
    scene.fakes.store.edit_invitation(&key, |invitation| invitation.orders.clear());
    assert_eq!(state(&scene).await.0, Some(Stuck::Stranded), "though a look is due");
    scene.pass(60).await;
    assert_eq!(scene.seen(order).history, [Status::Pending], "nobody tells it");
    assert_eq!(state(&scene).await.0, Some(Stuck::Stranded));
    assert_eq!(push(&scene.ports, &key, &[order]).await.unwrap(), Pushed::Going);
    scene.pass(10).await;
    assert_eq!(scene.seen(order).history, [Status::Pending, Status::Completed]);
    assert_eq!(state(&scene).await.0, None);
}

#[tokio::test]
async fn an_order_that_waits_for_its_time_or_its_turn_is_set_going_then_and_is_never_overdue() {
    for has_turn in [false, true] {
        let scene = Scene::connected().await;
        scene.order().await;
        scene.fakes.queues.lose_all();
        let key = scene.invitation().key;
        let ready = scene.now() + if has_turn { DELAY + 30 * MINUTE } else { DELAY };
        scene.fakes.store.edit_invitation(&key, |invitation| {
            invitation.due_at = None;
            invitation.turn_at = has_turn.then_some(ready);
        });
        assert_eq!(push(&scene.ports, &key, &[]).await.unwrap(), Pushed::Going);
        assert_eq!(scene.invitation().due_at, Some(ready));
        while scene.now() < ready {
            assert_eq!((scene.mails(), state(&scene).await.0), (0, None), "{has_turn}");
            scene.fakes.clock().advance(MINUTE);
            scene.work_queues().await;
            scene.sweep().await;
        }
        scene.pass(5).await;
        assert_eq!((scene.mails(), state(&scene).await.0), (1, None), "{has_turn}");
    }
}

#[tokio::test]
async fn a_company_is_shown_with_its_orders_by_state() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    scene.order().await;
    let mira = domain::candidate::Candidate::parse(Some("mira-1"), Some("mira@example.com"), None, None).unwrap();
    scene.deliver(testing::samples::order_id(), mira).await.unwrap();
    scene.fakes.testgorilla.complete(scene.invited().await, Scene::completion());
    scene.pass(30).await;
    let seen = overview(&scene.ports, &scene.company).await.unwrap().unwrap();
    assert_eq!(seen.orders.into_iter().collect::<Vec<_>>(), [("completed", 1), ("sent", 1)]);
    assert_eq!((seen.offered, seen.stuck), (1, 0));
    let empty = overview(&scene.ports, &other.company).await.unwrap().unwrap();
    assert!(empty.orders.is_empty());
    assert_eq!(overview(&scene.ports, &testing::samples::company()).await.unwrap(), None);
}

/// A completed order whose result TestGorilla has corrected since, without any callback.
async fn corrected() -> (Scene, OrderId) {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(30).await;
    let correction = Completion { average: Some(12.0), ..Scene::completion() };
    scene.fakes.testgorilla.complete(candidature, correction);
    (scene, order)
}

#[tokio::test]
async fn a_result_that_was_corrected_is_read_back_and_published_once() {
    let (scene, order) = corrected().await;
    let score = |scene: &Scene| scene.seen(order).shown.unwrap().score.unwrap().value();
    assert_eq!(score(&scene), 83);
    for published in [1, 0] {
        let outcome = replay(&scene.ports, &Scene::follow_settings(), &scene.invitation()).await.unwrap();
        assert_eq!(outcome, Outcome::Followed { state: "completed", published });
        assert_eq!(score(&scene), 12);
    }
}

#[tokio::test]
async fn a_result_that_cannot_be_read_back_now_is_left_to_the_reconciliation() {
    let (scene, order) = corrected().await;
    scene.fakes.faults.next(Op::Attempt, Fault::RateLimited(MINUTE));
    let outcome = replay(&scene.ports, &Scene::follow_settings(), &scene.invitation()).await.unwrap();
    assert!(matches!(outcome, Outcome::Deferred { .. }), "{outcome:?}");
    scene.pass(10).await;
    assert_eq!(scene.seen(order).shown.unwrap().score.unwrap().value(), 12);
}

#[tokio::test]
async fn between_two_moments_was_out_what_was_sent_before_the_later_and_had_not_ended_before_the_earlier() {
    let scene = Scene::connected().await;
    scene.order().await;
    let always = (scene.now() - Duration::from_secs(1), scene.now() + 99 * MINUTE);
    assert!(!was_out(&scene.invitation(), always.0, always.1), "not sent");
    let candidature = scene.invited().await;
    let sent = scene.invitation();
    assert!(was_out(&sent, always.0, always.1));
    assert!(!was_out(&sent, always.0, scene.now() - MINUTE));
    assert!(was_out(&sent, scene.now() + MINUTE, scene.now() + 2 * MINUTE), "and still is");
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(30).await;
    let ended = scene.invitation();
    assert!(was_out(&ended, ended.changed_at, ended.changed_at));
    assert!(!was_out(&ended, ended.changed_at + MINUTE, ended.changed_at + 2 * MINUTE));
}
