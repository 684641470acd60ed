//! What candidates may ask for leaves a record that tells nobody who asked.

use domain::candidate::Candidate;
use domain::flows::erase::erase_on_request;
use domain::flows::export::export;
use domain::ports::Records;
use domain::record::{Found, Request};
use testing::faults::{Fault, Op};

use crate::scene::Scene;

fn juno() -> Candidate {
    Candidate::parse(None, Some("Juno@Example.com"), None, None).unwrap()
}

#[tokio::test]
async fn a_candidate_is_told_all_that_is_held_and_a_record_stays() {
    let scene = Scene::connected().await;
    let mira = Candidate::parse(Some("mira-1"), Some("mira@example.com"), None, None).unwrap();
    scene.deliver(testing::samples::order_id(), mira).await.unwrap();
    let order = scene.order().await;
    let (found, record) = export(&scene.ports, &scene.company, &juno()).await.unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].invitation.is_of(&juno()));
    assert_eq!(found[0].orders.iter().map(domain::order::Order::id).collect::<Vec<_>>(), [order]);
    assert_eq!((record.request, record.found), (Request::Export, Some(Found { done: 1, busy: 0 })));
    assert_eq!(scene.ports.store.records(&scene.company).await.unwrap(), [record]);
}

#[tokio::test]
async fn of_who_was_erased_nothing_is_told_and_both_records_stay() {
    let scene = Scene::connected().await;
    scene.order().await;
    let (erasure, _) = erase_on_request(&scene.ports, &scene.company, &juno()).await.unwrap();
    assert_eq!(erasure.erased, 1);
    let (found, _) = export(&scene.ports, &scene.company, &juno()).await.unwrap();
    assert!(found.is_empty());
    let records = scene.ports.store.records(&scene.company).await.unwrap();
    let mut seen: Vec<_> = records.iter().map(|record| (record.request.code(), record.found)).collect();
    seen.sort_by_key(|(request, _)| *request);
    let found = |done| Some(Found { done, busy: 0 });
    assert_eq!(seen, [("erasure", found(1)), ("export", found(0))]);
    assert!(!format!("{records:?}").to_lowercase().contains("juno"));
}

#[tokio::test]
async fn nobody_is_erased_without_a_record_and_what_was_cut_off_shows() {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.fakes.faults.next(Op::PutRecord, Fault::Before);
    assert!(erase_on_request(&scene.ports, &scene.company, &juno()).await.is_err());
    assert!(scene.invitation().candidate.is_some());
    scene.fakes.faults.next(Op::SaveInvitation, Fault::Before);
    assert!(erase_on_request(&scene.ports, &scene.company, &juno()).await.is_err());
    let records = scene.ports.store.records(&scene.company).await.unwrap();
    assert_eq!(records.iter().map(|record| record.found).collect::<Vec<_>>(), [None]);
    erase_on_request(&scene.ports, &scene.company, &juno()).await.unwrap();
    assert_eq!(scene.invitation().candidate, None);
}
