//! [`Lookup`]: from TestGorilla's identifiers to ours. It may be a moment behind.

use std::collections::BTreeSet;

use domain::ids::{ApiKeyHash, CandidatureId, CompanyId, InvitationKey};
use domain::integration::{Attempt, EndCause, Integration};
use domain::invitation::{Expiry, State};
use domain::ports::{Integrations, Ledger, Lookup};

use super::eventually;
use crate::samples::{self, NOW};

/// Tests of an implementation of [`Lookup`].
#[macro_export]
macro_rules! lookup_contract {
    ($store:ident) => {
        $crate::each_case! { lookup, $store:
            an_unknown_candidature_or_key_finds_nothing
            an_invitation_is_found_by_its_candidature_in_every_state_after_sending
            an_invitation_without_candidature_is_not_found
            companies_that_share_an_account_are_all_found
            companies_are_found_by_the_key_in_use
            a_key_that_is_not_in_use_finds_nothing
        }
    };
}

async fn found<S: Lookup>(store: &S, candidature: CandidatureId, count: usize) -> BTreeSet<InvitationKey> {
    let read = || async { store.invitations_of(candidature).await.unwrap() };
    eventually(read, |found| found.len() == count).await.into_iter().collect()
}

async fn companies<S: Lookup>(store: &S, key: &ApiKeyHash, count: usize) -> BTreeSet<CompanyId> {
    let read = || async { store.companies_with(key).await.unwrap() };
    eventually(read, |found| found.len() == count).await.into_iter().collect()
}

/// Neither fails.
pub async fn an_unknown_candidature_or_key_finds_nothing<S: Lookup>(store: &S) {
    assert_eq!(store.invitations_of(samples::candidature()).await.unwrap(), vec![]);
    assert_eq!(store.companies_with(&samples::api_key().hash()).await.unwrap(), vec![]);
}

/// A late callback finds its invitation, too.
pub async fn an_invitation_is_found_by_its_candidature_in_every_state_after_sending<S: Lookup + Ledger>(store: &S) {
    let candidature = samples::candidature();
    let sent = samples::sent(candidature);
    let mut invitation = samples::invitation(&samples::invitation_key(&samples::company(), 7), samples::order_id());
    let states = [
        State::Sent(sent),
        State::Started(sent),
        State::Completed(sent),
        State::Expired(sent, Expiry::AssessmentEnded),
    ];
    for state in states {
        invitation.state = state;
        store.save_invitation(&mut invitation).await.unwrap();
        assert_eq!(found(store, candidature, 1).await, BTreeSet::from([invitation.key.clone()]));
    }
}

/// Scheduled again, it is found no more.
pub async fn an_invitation_without_candidature_is_not_found<S: Lookup + Ledger>(store: &S) {
    let candidature = samples::candidature();
    let mut invitation = samples::invitation(&samples::invitation_key(&samples::company(), 7), samples::order_id());
    invitation.state = State::Sent(samples::sent(candidature));
    store.save_invitation(&mut invitation).await.unwrap();
    assert_eq!(found(store, candidature, 1).await.len(), 1);
    invitation.state = State::Withdrawn;
    store.save_invitation(&mut invitation).await.unwrap();
    assert_eq!(found(store, candidature, 0).await, BTreeSet::new());
}

/// TestGorilla's numbers are the same for both.
pub async fn companies_that_share_an_account_are_all_found<S: Lookup + Ledger>(store: &S) {
    let candidature = samples::candidature();
    let mut expected = BTreeSet::new();
    for _ in 0..2 {
        let key = samples::invitation_key(&samples::company(), 7);
        let mut invitation = samples::invitation(&key, samples::order_id());
        invitation.state = State::Started(samples::sent(candidature));
        store.save_invitation(&mut invitation).await.unwrap();
        expected.insert(key);
    }
    assert_eq!(found(store, candidature, 2).await, expected);
}

/// Several may use one account's key.
pub async fn companies_are_found_by_the_key_in_use<S: Lookup + Integrations>(store: &S) {
    let key = samples::api_key();
    let mut expected = BTreeSet::new();
    for _ in 0..2 {
        let company = samples::company();
        store.save_integration(&mut samples::active_integration(&company, &key)).await.unwrap();
        expected.insert(company);
    }
    assert_eq!(companies(store, &key.hash(), 2).await, expected);
}

/// Neither one that is only being tried, nor one that was replaced, nor one of an ended integration.
pub async fn a_key_that_is_not_in_use_finds_nothing<S: Lookup + Integrations>(store: &S) {
    let [tried, first, second] = [(); 3].map(|()| samples::api_key());
    let mut integration = Integration::new(samples::company(), [0; 16]);
    integration.attempt =
        Some(Attempt { connection: samples::connection(&tried), started_at: NOW, claimed_until: NOW });
    store.save_integration(&mut integration).await.unwrap();
    integration.activate(samples::connection(&first), NOW);
    store.save_integration(&mut integration).await.unwrap();
    assert_eq!(companies(store, &first.hash(), 1).await.len(), 1);
    integration.activate(samples::connection(&second), NOW);
    store.save_integration(&mut integration).await.unwrap();
    assert_eq!(companies(store, &second.hash(), 1).await.len(), 1);
    assert_eq!(companies(store, &first.hash(), 0).await, BTreeSet::new());
    assert_eq!(companies(store, &tried.hash(), 0).await, BTreeSet::new());
    assert!(integration.end(EndCause::Disabled, NOW));
    store.save_integration(&mut integration).await.unwrap();
    assert_eq!(companies(store, &second.hash(), 0).await, BTreeSet::new());
}
