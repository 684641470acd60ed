//! A candidate asks to be erased: the data go, results stay, "once" stays true, and nothing brings the data back.

use domain::candidate::Candidate;
use domain::flows::erase::{Erasure, erase_candidate};
use domain::flows::hint::{Hint, act};
use domain::invitation::{Refusal, State};
use domain::ports::{Ledger, StoreError};
use domain::report::Status;
use testing::faults::{Fault, Op};
use testing::samples;

use crate::scene::{ASSESSMENT, EMAIL, MINUTE, Scene};

fn juno() -> Candidate {
    Candidate::parse(None, Some("Juno@Example.com"), None, None).unwrap()
}

async fn erase(scene: &Scene) -> Result<Erasure, StoreError> {
    erase_candidate(&scene.ports, &scene.company, &juno()).await
}

const ONE: Erasure = Erasure { erased: 1, busy: 0 };

#[tokio::test]
async fn who_has_finished_is_erased_and_the_result_stays() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    scene.fakes.testgorilla.complete(scene.invited().await, Scene::completion());
    scene.pass(30).await;
    let before = scene.seen(order).shown;
    assert_eq!(erase(&scene).await.unwrap(), ONE);
    scene.pass(24 * 60).await;
    assert_eq!(scene.invitation().candidate, None);
    assert_eq!(scene.seen(order).shown, before);
    assert_eq!(before.unwrap().status, Status::Completed);
}

#[tokio::test]
async fn who_was_invited_is_erased_and_the_result_still_comes() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    let candidature = scene.invited().await;
    assert_eq!(erase(&scene).await.unwrap(), ONE);
    scene.fakes.testgorilla.complete(candidature, Scene::completion());
    let late = Hint::Candidature { candidature, assessment: Some(ASSESSMENT) };
    assert_eq!(act(&scene.ports, &late).await.unwrap(), 1);
    scene.work_queues().await;
    assert_eq!(scene.seen(order).shown.unwrap().status, Status::Completed);
    scene.pass(30).await;
    assert_eq!(scene.invitation().candidate, None, "a late callback brings nothing back");
}

#[tokio::test]
async fn who_was_not_invited_yet_is_not_invited_any_more_and_smartrecruiters_is_told() {
    let scene = Scene::connected().await;
    let order = scene.order().await;
    assert_eq!(erase(&scene).await.unwrap(), ONE);
    scene.pass(60).await;
    let invitation = scene.invitation();
    assert_eq!((invitation.state, invitation.candidate), (State::Refused(Refusal::Erased), None));
    let shown = scene.seen(order).shown.unwrap();
    assert_eq!((shown.status, scene.mails()), (Status::Rejected, 0));
    assert!(shown.summary.unwrap().contains("erased"));
}

#[tokio::test]
async fn an_invitation_that_is_being_sent_is_left_until_it_is_sent() {
    let scene = Scene::connected().await;
    scene.order().await;
    let mut invitation = scene.invitation();
    invitation.claimed_until = Some(scene.now() + MINUTE);
    scene.ports.store.save_invitation(&mut invitation).await.unwrap();
    assert_eq!(erase(&scene).await.unwrap(), Erasure { erased: 0, busy: 1 });
    assert_eq!(scene.invitation(), invitation);
    scene.pass(20).await;
    assert_eq!((erase(&scene).await.unwrap(), scene.mails()), (ONE, 1));
}

#[tokio::test]
async fn a_new_order_after_erasure_invites_nobody_twice() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.testgorilla.complete(scene.invited().await, Scene::completion());
    scene.pass(30).await;
    erase(&scene).await.unwrap();
    let second = scene.order().await;
    scene.pass(30).await;
    assert_eq!((scene.mails(), scene.invitation().candidate), (1, None));
    assert_eq!(scene.seen(second).shown.unwrap().status, Status::Completed);
}

#[tokio::test]
async fn where_the_answer_to_the_invitation_was_lost_a_new_order_adopts_what_went_out() {
    let scene = Scene::connected().await;
    let first = scene.order().await;
    scene.fakes.faults.next(Op::Invite, Fault::After);
    scene.fakes.clock().advance(crate::scene::DELAY);
    scene.work_queues().await;
    assert_eq!((erase(&scene).await.unwrap(), scene.mails()), (ONE, 1));
    scene.pass(15).await;
    assert_eq!(scene.seen(first).shown.unwrap().status, Status::Rejected);
    let second = scene.order().await;
    scene.pass(30).await;
    assert_eq!(scene.mails(), 1);
    assert_eq!(scene.invitation().state.sent().map(|sent| sent.candidature), scene.candidature());
    assert_eq!(scene.seen(second).shown.unwrap().status, Status::Pending);
}

#[tokio::test]
async fn other_people_and_other_companies_keep_their_data() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    other.fakes.clock().advance(MINUTE);
    other.create(ASSESSMENT);
    other.refresh().await;
    scene.order().await;
    let mira = Candidate::parse(Some("mira-1"), Some("mira@example.com"), None, None).unwrap();
    scene.deliver(samples::order_id(), mira.clone()).await.unwrap();
    other.order().await;
    assert_eq!(erase(&scene).await.unwrap(), ONE);
    let left: Vec<_> = scene.fakes.store.invitations().into_iter().filter(|one| one.candidate.is_some()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.iter().any(|one| one.candidate.as_ref().unwrap().is_same_person(&mira)));
    assert!(left.iter().any(|one| one.key.company == other.company));
}

#[tokio::test]
async fn every_assessment_of_the_candidate_is_erased_and_asking_again_changes_nothing() {
    let scene = Scene::connected().await;
    scene.order().await;
    for number in 0..5 {
        let id = format!("juno-other-{number}");
        let candidate = Candidate::parse(Some(&id), Some(EMAIL), None, None).unwrap();
        scene.deliver(samples::order_id(), candidate).await.unwrap();
    }
    scene.fakes.faults.next(Op::SaveInvitation, Fault::After);
    assert!(erase(&scene).await.is_err(), "one answer was lost");
    assert_eq!(erase(&scene).await.unwrap(), Erasure { erased: 5, busy: 0 });
    assert_eq!(erase(&scene).await.unwrap(), Erasure::default());
    assert!(scene.fakes.store.invitations().iter().all(|one| one.candidate.is_none()));
}
