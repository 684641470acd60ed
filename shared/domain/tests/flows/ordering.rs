//! Rows 7 and 9: orders are taken at once, and each assessment is sent to a candidate once.

use domain::candidate::Candidate;
use domain::flows::inline;
use domain::flows::order::{How, MAX_ORDERS, OrderError, OrderRequest, accept};
use domain::ids::AssessmentId;
use domain::invitation::Refusal;
use domain::order::OrderKind;
use domain::ports::KeyRefusal;
use domain::report::Status;
use testing::faults::{Fault, Op};
use testing::samples;

use crate::scene::{ASSESSMENT, DELAY, EMAIL, MINUTE, Scene};

#[tokio::test]
async fn an_order_is_taken_with_one_read_one_transaction_and_one_message() {
    let scene = Scene::connected().await;
    let caller = scene.caller().await;
    let request = scene.request(samples::order_id(), samples::candidate());
    scene.fakes.faults.forget_calls();
    let accepted = accept(&scene.ports, &caller, &request, DELAY).await.unwrap();
    assert_eq!((accepted.how, accepted.is_woken), (How::First, true));
    assert_eq!(scene.fakes.faults.calls(), [Op::Assessment, Op::Accept, Op::WakeInvite]);
    assert_eq!(scene.fakes.queues.sent().last().unwrap().delay, DELAY);
}

#[tokio::test]
async fn an_unknown_package_is_refused_and_so_is_one_from_before() {
    let scene = Scene::connected().await;
    let caller = scene.caller().await;
    let order = |assessment| OrderRequest { assessment, ..scene.request(samples::order_id(), samples::candidate()) };
    let refused = accept(&scene.ports, &caller, &order(AssessmentId(7)), DELAY).await;
    assert!(matches!(refused, Err(OrderError::UnknownPackage)));
    let mut earlier = samples::assessment(8);
    earlier.summary.created_at = caller.enabled_at - MINUTE;
    scene.fakes.store.insert_assessment(&scene.company, earlier);
    let refused = accept(&scene.ports, &caller, &order(AssessmentId(8)), DELAY).await;
    assert!(matches!(refused, Err(OrderError::UnknownPackage)));
    assert!(scene.fakes.store.orders().is_empty());
}

#[tokio::test]
async fn the_same_order_again_changes_nothing() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let before = scene.invitation();
    let repeated = scene.deliver(order, samples::candidate()).await.unwrap();
    assert_eq!(repeated.how, How::Repeated);
    assert_eq!(scene.invitation(), before);
    assert_eq!(scene.fakes.store.orders().len(), 1);
}

#[tokio::test]
async fn a_second_order_shares_the_first_ones_invitation_and_result() {
    let scene = Scene::connected().await;
    let first = scene.order().await;
    let candidature = scene.invited().await;
    scene.fakes.clock().advance(24 * 60 * MINUTE);
    let second = scene.order().await;
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    scene.pass(60).await;
    assert_eq!(scene.mails(), 1);
    for order in [first, second] {
        let shown = scene.seen(order).shown.unwrap();
        assert_eq!((shown.status, shown.score.unwrap().value()), (Status::Completed, 83));
    }
    assert!(scene.seen(second).shown.unwrap().summary.unwrap().contains("sent to the candidate once, on 2026-01-05"));
    assert!(!scene.seen(first).shown.unwrap().summary.unwrap().contains("once, on"));
}

#[tokio::test]
async fn two_orders_at_once_share_one_invitation() {
    let scene = Scene::connected().await;
    let (first, second) = (samples::order_id(), samples::order_id());
    let (a, b) = tokio::join!(scene.deliver(first, samples::candidate()), scene.deliver(second, samples::candidate()));
    assert_eq!((a.unwrap().how, b.unwrap().how), (How::First, How::Joined));
    scene.invited().await;
    assert_eq!(scene.mails(), 1);
    assert_eq!(scene.invitation().orders, [first, second]);
}

#[tokio::test]
async fn an_order_after_a_refusal_tries_again_with_its_own_address() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_email("typo@example.com", Refusal::BadEmail);
    let typo = Candidate::parse(Some("juno-1"), Some("typo@example.com"), None, None).unwrap();
    let first = samples::order_id();
    scene.deliver(first, typo).await.unwrap();
    scene.pass(15).await;
    assert_eq!(scene.seen(first).history, [Status::Rejected]);
    let second = scene.order().await;
    scene.invited().await;
    assert_eq!((scene.mails(), scene.seen(second).history), (1, vec![Status::Pending]));
    assert_eq!(scene.seen(first).history, [Status::Rejected], "what ended stays ended");
}

#[tokio::test]
async fn an_order_whose_message_is_lost_is_sent_by_the_reconciler() {
    let scene = Scene::connected().await;
    scene.fakes.faults.always(Op::WakeInvite, Fault::Before);
    let order = samples::order_id();
    assert!(!scene.deliver(order, samples::candidate()).await.unwrap().is_woken);
    scene.pass(20).await;
    assert_eq!(scene.mails(), 1);
    assert_eq!(scene.seen(order).history, [Status::Pending]);
}

#[tokio::test]
async fn no_order_is_taken_while_testgorilla_refuses_the_key() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.refresh().await;
    let refused = scene.deliver(samples::order_id(), samples::candidate()).await;
    assert!(matches!(refused, Err(OrderError::KeyRefused)));
}

#[tokio::test]
async fn an_order_that_was_taken_stays_taken_when_its_answer_was_lost_and_the_key_is_refused_since() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.refresh().await;
    let again = scene.deliver(order, samples::candidate()).await.unwrap();
    assert_eq!((again.how, again.invitation), (How::Repeated, scene.invitation().key));
    assert!(!again.is_woken);
}

#[tokio::test]
async fn an_inline_order_that_is_delivered_again_with_other_words_is_the_same_order() {
    let scene = Scene::connected().await;
    let caller = scene.caller().await;
    let named = |email| Candidate::parse(None, Some(email), None, None).unwrap();
    let first = OrderRequest { kind: OrderKind::Inline, ..scene.request(samples::order_id(), named(EMAIL)) };
    let other = OrderRequest { candidate: named("another@example.com"), ..first.clone() };
    let first = inline::accept(&scene.ports, &caller, &first).await.unwrap();
    let again = inline::accept(&scene.ports, &caller, &other).await.unwrap();
    assert_eq!((&again.link, &again.invitation), (&first.link, &first.invitation));
    assert_eq!(scene.fakes.testgorilla.candidatures(), 1);
}

#[tokio::test]
async fn an_inline_order_whose_candidate_is_erased_gives_nobody_elses_link() {
    let scene = Scene::connected().await;
    let caller = scene.caller().await;
    let named = |email| Candidate::parse(None, Some(email), None, None).unwrap();
    let request = |email| OrderRequest { kind: OrderKind::Inline, ..scene.request(samples::order_id(), named(email)) };
    let (first, other) = (request(EMAIL), request("another@example.com"));
    let taken = inline::accept(&scene.ports, &caller, &first).await.unwrap();
    inline::accept(&scene.ports, &caller, &other).await.unwrap();
    scene.fakes.store.edit_invitation(&taken.invitation, |invitation| invitation.candidate = None);
    let again = OrderRequest { candidate: other.candidate, ..first };
    assert!(inline::accept(&scene.ports, &caller, &again).await.is_err());
}

#[tokio::test]
async fn an_inline_order_invites_at_once_without_mail() {
    let scene = Scene::connected().await;
    let candidate = Candidate::parse(None, Some(EMAIL), Some("Juno"), Some("Example")).unwrap();
    let request = OrderRequest { kind: OrderKind::Inline, ..scene.request(samples::order_id(), candidate) };
    scene.fakes.smartrecruiters.create_order(&scene.company, &request.result_url);
    let caller = scene.caller().await;
    let first = inline::accept(&scene.ports, &caller, &request).await.unwrap();
    let again = inline::accept(&scene.ports, &caller, &request).await.unwrap();
    assert_eq!((first.how, again.how), (How::First, How::Repeated));
    assert_eq!(first.link, again.link);
    assert_eq!((scene.mails(), scene.fakes.testgorilla.candidatures()), (0, 1));

    scene.fakes.testgorilla.complete(scene.candidature().unwrap(), Scene::completion());
    scene.pass(15).await;
    let seen = scene.seen(request.result_url.order());
    assert_eq!(seen.shown.unwrap().status, Status::Completed);
    assert!(seen.pdfs.is_empty(), "inline orders take no attachment");
    assert_eq!(scene.fakes.store.invitations()[0].key.assessment, ASSESSMENT);
}

#[tokio::test]
async fn orders_that_share_an_invitation_are_bounded_and_a_repeated_one_is_still_the_same() {
    let scene = Scene::connected().await;
    let first = scene.order().await;
    for _ in 1..MAX_ORDERS {
        scene.order().await;
    }
    let one_more = scene.deliver(samples::order_id(), samples::candidate()).await;
    assert!(matches!(one_more, Err(OrderError::TooMany)));
    assert_eq!(scene.deliver(first, samples::candidate()).await.unwrap().how, How::Repeated);
    scene.invited().await;
    scene.pass(15).await;
    assert_eq!((scene.mails(), scene.seen(first).shown.unwrap().status), (1, Status::Pending));
}
