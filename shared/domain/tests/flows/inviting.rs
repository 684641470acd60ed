//! Row 8: an invitation goes out in its time and once, whatever partners and queues do.

use std::time::Duration;

use domain::candidate::Candidate;
use domain::flows::invite::{Outcome, invite};
use domain::integration::EndCause;
use domain::invitation::{Refusal, State};
use domain::ports::{InvitationQueue, KeyRefusal};
use domain::report::Status;
use testing::faults::{Fault, Op};
use testing::samples;

use crate::scene::{ASSESSMENT, DELAY, EMAIL, MINUTE, Scene};

#[tokio::test]
async fn never_before_the_delay_whatever_wakes_it() {
    let scene = Scene::connected().await;
    scene.order().await;
    let key = scene.invitation().key;
    scene.fakes.clock().advance(DELAY - Duration::from_millis(1));
    assert_eq!(invite(&scene.ports, &key).await.unwrap(), Outcome::Early);
    scene.sweep().await;
    assert_eq!(scene.mails(), 0);
    scene.fakes.clock().advance(Duration::from_millis(1));
    assert!(matches!(invite(&scene.ports, &key).await.unwrap(), Outcome::Sent { .. }));
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn a_message_that_is_delivered_twice_sends_once() {
    let scene = Scene::connected().await;
    scene.order().await;
    let key = scene.invitation().key;
    scene.fakes.clock().advance(DELAY);
    let (a, b) = tokio::join!(invite(&scene.ports, &key), invite(&scene.ports, &key));
    let c = invite(&scene.ports, &key).await;
    let (a, b) = (a.unwrap(), b.unwrap());
    let (sent, left) = if matches!(a, Outcome::Sent { .. }) { (a, b) } else { (b, a) };
    assert!(matches!(
        (sent, left, c.unwrap()),
        (Outcome::Sent { .. }, Outcome::Busy | Outcome::Handled, Outcome::Handled)
    ));
    assert_eq!((scene.mails(), scene.fakes.faults.count(Op::Invite)), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_is_made_good_by_adopting() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.faults.next(Op::Invite, Fault::After);
    scene.pass(20).await;
    assert_eq!(scene.mails(), 1);
    assert!(matches!(scene.invitation().state, State::Sent(_)));
    assert_eq!(scene.seen(order).history, [Status::Pending]);
}

#[tokio::test]
async fn a_candidate_invited_by_hand_is_adopted() {
    let scene = Scene::connected().await;
    let by_hand = scene.fakes.testgorilla.invite_elsewhere(scene.account, ASSESSMENT, "Juno@Example.com");
    scene.order().await;
    assert_eq!(scene.invited().await, by_hand);
    assert_eq!(scene.invitation().state.sent().unwrap().candidature, by_hand);
    assert_eq!(scene.fakes.testgorilla.candidatures(), 1);
}

#[tokio::test]
async fn hundreds_of_things_that_fail_again_and_again_hold_up_nothing_behind_them() {
    const FAILING: usize = 600;
    let scene = Scene::connected().await;
    for _ in 0..FAILING {
        let mut integration = samples::active_integration(&samples::company(), &samples::api_key());
        integration.end(EndCause::Disabled, scene.now() - 120 * MINUTE);
        scene.fakes.store.insert_integration(integration);
    }
    scene.fakes.faults.always(Op::DestroyCompanySecret, Fault::Before);
    scene.order().await;
    scene.fakes.queues.lose_all();
    scene.fakes.clock().advance(DELAY + MINUTE);
    let swept = scene.sweep().await;
    assert_eq!((swept.done, swept.failed, scene.mails()), (1, FAILING, 1));
}

#[tokio::test]
async fn when_the_time_is_up_nothing_more_is_taken_up() {
    let scene = Scene::connected().await;
    order_for(&scene, 0..50).await;
    scene.fakes.queues.lose_all();
    scene.fakes.clock().advance(DELAY + MINUTE);
    let clock = scene.fakes.clock().clone();
    scene.fakes.faults.before(Op::Invite, move || clock.advance(61 * MINUTE));
    let swept = scene.sweep().await;
    assert!(swept.is_cut && swept.done + swept.failed <= 8, "{swept:?}");
}

#[tokio::test]
async fn a_defect_that_one_invitation_meets_keeps_no_other_waiting() {
    let scene = Scene::connected().await;
    let mira = Candidate::parse(Some("mira-1"), Some("mira@example.com"), None, None).unwrap();
    scene.deliver(samples::order_id(), mira).await.unwrap();
    scene.fakes.clock().advance(MINUTE);
    scene.order().await;
    scene.fakes.queues.lose_all();
    scene.fakes.clock().advance(DELAY + MINUTE);
    scene.fakes.faults.before(Op::Invite, || panic!("a defect"));
    let swept = scene.sweep().await;
    assert_eq!((swept.done, swept.failed), (1, 1));
    let mails = scene.mails() + scene.fakes.testgorilla.mails_to("mira@example.com");
    assert_eq!(mails, 1, "the other one went out");
    scene.pass(15).await;
    assert_eq!((scene.mails(), scene.fakes.testgorilla.mails_to("mira@example.com")), (1, 1));
}

#[tokio::test]
async fn waiting_for_the_rate_limit_uses_up_no_attempt() {
    let scene = Scene::connected().await;
    scene.order().await;
    for _ in 0..20 {
        scene.fakes.faults.next(Op::Invite, Fault::RateLimited(Duration::from_secs(40)));
    }
    scene.fakes.clock().advance(DELAY);
    for _ in 0..20 {
        scene.work_queues().await;
        assert_eq!((scene.mails(), scene.invitation().failures), (0, 0));
        scene.fakes.clock().advance(MINUTE);
    }
    scene.work_queues().await;
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn a_refusal_for_good_ends_the_order_with_its_reason() {
    for (refusal, words) in [(Refusal::BadEmail, "cannot deliver"), (Refusal::Other, "refused the invitation")] {
        let scene = Scene::connected().await;
        scene.fakes.testgorilla.refuse_email(EMAIL, refusal);
        let order = scene.order().await;
        scene.pass(15).await;
        let shown = scene.seen(order).shown.unwrap();
        assert_eq!((shown.status, scene.mails()), (Status::Rejected, 0));
        assert!(shown.summary.unwrap().contains(words));
    }
}

#[tokio::test]
async fn an_assessment_that_was_archived_meanwhile_ends_the_order_and_says_so() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.testgorilla.archive(scene.account, ASSESSMENT);
    scene.pass(15).await;
    let shown = scene.seen(order).shown.unwrap();
    assert_eq!((shown.status, scene.mails()), (Status::Rejected, 0));
    assert!(shown.summary.unwrap().contains("archived"));
}

#[tokio::test]
async fn a_refusal_whose_reason_cannot_be_read_ends_the_order_all_the_same() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.testgorilla.archive(scene.account, ASSESSMENT);
    scene.fakes.faults.always(Op::AssessmentDetails, Fault::Before);
    scene.pass(15).await;
    assert_eq!(scene.seen(order).shown.unwrap().status, Status::Rejected);
}

#[tokio::test]
async fn a_404_about_an_assessment_that_is_there_ends_nothing() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.faults.next(Op::Invite, Fault::NotFound);
    scene.pass(30).await;
    assert_eq!((scene.mails(), scene.seen(order).history), (1, vec![Status::Pending]));
}

#[tokio::test]
async fn a_404_that_goes_on_about_an_open_assessment_ends_the_order() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.faults.always(Op::Invite, Fault::NotFound);
    scene.pass(15).await;
    assert!(scene.seen(order).history.is_empty(), "not at once");
    scene.pass(120).await;
    assert_eq!((scene.mails(), scene.seen(order).history), (0, vec![Status::Rejected]));
}

#[tokio::test]
async fn an_assessment_that_is_gone_ends_the_order() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.testgorilla.delete_assessment(scene.account, ASSESSMENT);
    scene.pass(15).await;
    assert_eq!(scene.seen(order).shown.unwrap().status, Status::Rejected);
}

#[tokio::test]
async fn testgorilla_down_for_three_days_delays_and_loses_nothing() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.faults.always(Op::Invite, Fault::Before);
    scene.pass(3 * 24 * 60).await;
    let calls = scene.fakes.faults.count(Op::Invite);
    assert!((60..250).contains(&calls), "{calls} tries in three days");
    assert_eq!(scene.invitation().last_error.as_deref(), Some("testgorilla_unavailable"));
    scene.fakes.faults.heal();
    scene.pass(70).await;
    assert_eq!((scene.mails(), scene.seen(order).history), (1, vec![Status::Pending]));
}

#[tokio::test]
async fn a_remembered_key_that_was_replaced_is_read_again() {
    let scene = Scene::connected().await;
    scene.order().await;
    let new_key = samples::api_key();
    scene.fakes.testgorilla.add_key(scene.account, &new_key);
    let connection = scene.caller().await.connection;
    let mut secret = scene.fakes.secrets.peek(&connection.secret).unwrap();
    secret.api_key = new_key;
    scene.fakes.secrets.another_process();
    scene.fakes.secrets.insert(&connection.secret, secret);
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.invited().await;
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn an_address_that_the_order_lacks_is_read_from_smartrecruiters() {
    let scene = Scene::connected().await;
    let nameless = Candidate::parse(Some("juno-1"), None, None, None).unwrap();
    let order = samples::order_id();
    scene.fakes.smartrecruiters.put_candidate(&scene.company, "juno-1", samples::candidate());
    scene.deliver(order, nameless).await.unwrap();
    scene.invited().await;
    assert_eq!(scene.mails(), 1);
}

#[tokio::test]
async fn a_candidate_without_any_address_ends_the_order() {
    let scene = Scene::connected().await;
    let order = samples::order_id();
    scene.deliver(order, Candidate::parse(Some("nobody"), None, None, None).unwrap()).await.unwrap();
    scene.fakes.clock().advance(DELAY);
    scene.work_queues().await;
    assert!(scene.seen(order).shown.is_none(), "SmartRecruiters may not know a candidate for a moment");
    scene.pass(90).await;
    assert_eq!(scene.seen(order).shown.unwrap().status, Status::Rejected);
}

#[tokio::test]
async fn a_message_about_one_that_has_ended_without_an_address_asks_nobody() {
    let scene = Scene::connected().await;
    let order = samples::order_id();
    scene.deliver(order, Candidate::parse(Some("nobody"), None, None, None).unwrap()).await.unwrap();
    scene.pass(90).await;
    assert_eq!(scene.invitation().state, State::Refused(Refusal::NoEmail));
    let asked = scene.fakes.faults.count(Op::Candidate);
    scene.ports.queues.wake_invite(&scene.invitation().key, Duration::ZERO).await.unwrap();
    scene.pass(60).await;
    assert_eq!(scene.fakes.faults.count(Op::Candidate), asked);
    assert!(scene.fakes.queues.waiting().is_empty(), "it wakes nobody again");
}

#[tokio::test]
async fn a_hundred_at_once_are_sent_at_the_pace_that_testgorilla_allows() {
    let scene = Scene::connected().await;
    order_for(&scene, 0..100).await;
    scene.fakes.clock().advance(DELAY);
    let mut sent_by_minute = vec![];
    for _ in 0..2 {
        let before = scene.fakes.testgorilla.candidatures();
        for _ in 0..60 {
            scene.work_queues().await;
            scene.fakes.clock().advance(Duration::from_secs(1));
        }
        sent_by_minute.push(scene.fakes.testgorilla.candidatures() - before);
    }
    assert!(sent_by_minute[0] <= 60 && sent_by_minute[0] >= 57, "{sent_by_minute:?}");
    assert_eq!(sent_by_minute.iter().sum::<usize>(), 100, "{sent_by_minute:?}");
    assert_eq!(scene.fakes.faults.count(Op::Invite), 100);
}

/// A message is delayed for a quarter of an hour at most, and is sent on until the turn has come.
#[tokio::test]
async fn a_line_that_is_longer_than_half_an_hour_is_worked_off_at_the_same_pace() {
    const PEOPLE: usize = 2_100;
    let scene = Scene::connected().await;
    for hundred in 0..PEOPLE / 100 {
        order_for(&scene, hundred * 100..(hundred + 1) * 100).await;
        scene.fakes.clock().advance(Duration::from_secs(1));
    }
    scene.fakes.clock().advance(DELAY - MINUTE);
    for _ in 0..38 * 12 {
        scene.work_queues().await;
        scene.fakes.clock().advance(Duration::from_secs(5));
    }
    assert_eq!(scene.fakes.testgorilla.candidatures(), PEOPLE);
    assert_eq!(scene.fakes.faults.count(Op::TakeTurn), PEOPLE, "nobody's turn is missed");
}

#[tokio::test]
async fn one_company_in_a_hurry_keeps_no_other_waiting() {
    let scene = Scene::connected().await;
    order_for(&scene, 0..50).await;
    let other = scene.another().await;
    other.fakes.clock().advance(MINUTE);
    other.create(ASSESSMENT);
    other.refresh().await;
    other.order().await;
    scene.fakes.clock().advance(DELAY);
    scene.work_queues().await;
    let invitations = scene.fakes.store.invitations();
    let (own, others): (Vec<_>, Vec<_>) = invitations.iter().partition(|one| one.key.company == scene.company);
    assert!(matches!(others[..], [one] if matches!(one.state, State::Sent(_))), "{others:?}");
    assert_eq!(own.iter().filter(|one| one.state == State::Scheduled).count(), 30);
}

#[tokio::test]
async fn who_missed_a_turn_takes_another() {
    let scene = Scene::connected().await;
    let key = crowd(&scene).await;
    scene.fakes.queues.lose_all();
    scene.fakes.clock().advance(10 * MINUTE);
    assert!(matches!(invite(&scene.ports, &key).await.unwrap(), Outcome::Sent { .. }));
    assert_eq!(scene.fakes.faults.count(Op::TakeTurn), 22);
}

#[tokio::test]
async fn whoever_waits_is_not_sent_before_the_turn() {
    let scene = Scene::connected().await;
    let key = crowd(&scene).await;
    scene.fakes.clock().advance(Duration::from_secs(5));
    assert_eq!(invite(&scene.ports, &key).await.unwrap(), Outcome::Early);
    scene.fakes.clock().advance(Duration::from_secs(16));
    assert!(matches!(invite(&scene.ports, &key).await.unwrap(), Outcome::Sent { .. }));
    assert_eq!(scene.fakes.faults.count(Op::TakeTurn), 21, "a turn is taken once");
}

#[test]
fn a_turn_that_comes_later_than_promised_is_told() {
    let ordered_at = samples::NOW;
    let turn_after = |minutes: u32| Outcome::Queued { until: ordered_at + minutes * MINUTE };
    assert_eq!(turn_after(30).too_late(ordered_at), None);
    assert_eq!(turn_after(31).too_late(ordered_at), Some(31 * MINUTE));
    assert_eq!(Outcome::Early.too_late(ordered_at), None);
}

/// These people are ordered the assessment at once.
async fn order_for(scene: &Scene, people: std::ops::Range<usize>) {
    for number in people {
        let candidate = Candidate::parse(None, Some(&format!("c{number}@example.com")), None, None).unwrap();
        scene.deliver(samples::order_id(), candidate).await.unwrap();
    }
}

/// Twenty-one orders whose time has come, of which the last has to wait for its turn.
async fn crowd(scene: &Scene) -> domain::ids::InvitationKey {
    order_for(scene, 0..21).await;
    scene.fakes.clock().advance(DELAY);
    let keys: Vec<_> = scene.fakes.store.invitations().into_iter().map(|one| one.key).collect();
    let mut waiting = vec![];
    for key in keys {
        if matches!(invite(&scene.ports, &key).await.unwrap(), Outcome::Queued { .. }) {
            waiting.push(key);
        }
    }
    assert_eq!(waiting.len(), 1);
    waiting.remove(0)
}
