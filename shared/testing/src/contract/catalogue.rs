//! [`Catalogue`]: the copy of a company's assessments. Its reads may be a moment old.

use domain::assessment::Assessment;
use domain::ids::{AssessmentId, CompanyId};
use domain::ports::{Catalogue, CatalogueState, Integrations, Ledger, SaveError};

use super::eventually;
use crate::samples::{self, NOW};

/// Tests of an implementation of [`Catalogue`].
#[macro_export]
macro_rules! catalogue_contract {
    ($store:ident) => {
        $crate::each_case! { catalogue, $store:
            a_catalogue_that_was_never_read_is_empty
            assessments_are_listed_by_number_with_their_state
            an_assessment_is_read_back_whole
            an_assessment_is_replaced_whole
            many_assessments_are_stored_at_once
            storing_no_assessment_succeeds
            another_companys_assessment_is_not_found
            nothing_else_of_the_company_is_listed
            each_save_of_the_state_counts_the_version
            saving_an_old_state_conflicts_and_changes_nothing
            saving_as_new_a_state_that_exists_conflicts
        }
    };
}

async fn listed(
    store: &impl Catalogue,
    company: &CompanyId,
    count: usize,
) -> (Option<CatalogueState>, Vec<Assessment>) {
    let read = || async { store.catalogue(company).await.unwrap() };
    eventually(read, |(_, assessments)| assessments.len() == count).await
}

async fn state(store: &impl Catalogue, company: &CompanyId, version: u64) -> Option<CatalogueState> {
    let read = || async { store.catalogue(company).await.unwrap().0 };
    eventually(read, |state| state.as_ref().is_some_and(|state| state.version == version)).await
}

/// Neither state nor assessments.
pub async fn a_catalogue_that_was_never_read_is_empty(store: &impl Catalogue) {
    assert_eq!(store.catalogue(&samples::company()).await.unwrap(), (None, vec![]));
}

/// 9 comes before 10 and 100.
pub async fn assessments_are_listed_by_number_with_their_state(store: &impl Catalogue) {
    let company = samples::company();
    store.put_assessments(&company, &[100, 9, 10].map(samples::assessment)).await.unwrap();
    let mut saved = CatalogueState { refreshed_at: Some(NOW), ..CatalogueState::new(company.clone()) };
    store.save_catalogue_state(&mut saved).await.unwrap();
    assert_eq!(state(store, &company, 1).await.as_ref(), Some(&saved));
    let found = listed(store, &company, 3).await;
    assert_eq!(found, (Some(saved), vec![samples::assessment(9), samples::assessment(10), samples::assessment(100)]));
}

/// With its tests and date.
pub async fn an_assessment_is_read_back_whole(store: &impl Catalogue) {
    let company = samples::company();
    let mut assessment = samples::assessment(7);
    assessment.is_gone = true;
    if let Some(details) = &mut assessment.details {
        details.expires_at = Some(NOW);
    }
    store.put_assessments(&company, std::slice::from_ref(&assessment)).await.unwrap();
    let read = || async { store.assessment(&company, AssessmentId(7)).await.unwrap() };
    assert_eq!(eventually(read, Option::is_some).await, Some(assessment));
}

/// What the new copy does not have is gone.
pub async fn an_assessment_is_replaced_whole(store: &impl Catalogue) {
    let company = samples::company();
    store.put_assessments(&company, &[samples::assessment(7)]).await.unwrap();
    let changed = Assessment { details: None, ..samples::assessment(7) };
    store.put_assessments(&company, std::slice::from_ref(&changed)).await.unwrap();
    let read = || async { store.assessment(&company, AssessmentId(7)).await.unwrap() };
    let found = eventually(read, |found| found.as_ref() == Some(&changed)).await;
    assert_eq!(found, Some(changed));
}

/// More than any batch of a store takes.
pub async fn many_assessments_are_stored_at_once(store: &impl Catalogue) {
    let company = samples::company();
    let many: Vec<Assessment> = (1..=130).map(samples::assessment).collect();
    store.put_assessments(&company, &many).await.unwrap();
    assert_eq!(listed(store, &company, many.len()).await, (None, many));
}

/// A refresh may find nothing new.
pub async fn storing_no_assessment_succeeds(store: &impl Catalogue) {
    let company = samples::company();
    store.put_assessments(&company, &[]).await.unwrap();
    assert_eq!(store.catalogue(&company).await.unwrap(), (None, vec![]));
}

/// Nor listed.
pub async fn another_companys_assessment_is_not_found(store: &impl Catalogue) {
    let (own, other) = (samples::company(), samples::company());
    store.put_assessments(&own, &[samples::assessment(7)]).await.unwrap();
    assert_eq!(listed(store, &own, 1).await.1.len(), 1);
    assert_eq!(store.assessment(&other, AssessmentId(7)).await.unwrap(), None);
    assert_eq!(store.catalogue(&other).await.unwrap(), (None, vec![]));
    assert_eq!(store.assessment(&own, AssessmentId(8)).await.unwrap(), None);
}

/// Orders, invitations and the integration lie elsewhere.
pub async fn nothing_else_of_the_company_is_listed<S: Catalogue + Integrations + Ledger>(store: &S) {
    let company = samples::company();
    let (key, order) = (samples::invitation_key(&company, 7), samples::order_id());
    store.save_integration(&mut samples::active_integration(&company, &samples::api_key())).await.unwrap();
    store.accept(&samples::order(&key, order), &samples::invitation(&key, order)).await.unwrap();
    store.put_assessments(&company, &[samples::assessment(7)]).await.unwrap();
    assert_eq!(listed(store, &company, 1).await, (None, vec![samples::assessment(7)]));
}

/// From 0 to 1 to 2.
pub async fn each_save_of_the_state_counts_the_version(store: &impl Catalogue) {
    let mut saved = CatalogueState::new(samples::company());
    for version in 1..=2 {
        store.save_catalogue_state(&mut saved).await.unwrap();
        assert_eq!(saved.version, version);
        assert_eq!(state(store, &saved.company, version).await.as_ref(), Some(&saved));
    }
}

/// Somebody saved in between.
pub async fn saving_an_old_state_conflicts_and_changes_nothing(store: &impl Catalogue) {
    let mut first = CatalogueState::new(samples::company());
    store.save_catalogue_state(&mut first).await.unwrap();
    let mut second = CatalogueState { last_error: Some("testgorilla_unavailable".into()), ..first.clone() };
    store.save_catalogue_state(&mut first).await.unwrap();
    assert!(matches!(store.save_catalogue_state(&mut second).await, Err(SaveError::Conflict)));
    assert_eq!(second.version, 1);
    assert_eq!(state(store, &first.company, 2).await, Some(first));
}

/// Two refreshes of a new company meet.
pub async fn saving_as_new_a_state_that_exists_conflicts(store: &impl Catalogue) {
    let mut first = CatalogueState::new(samples::company());
    let mut second = first.clone();
    store.save_catalogue_state(&mut first).await.unwrap();
    assert!(matches!(store.save_catalogue_state(&mut second).await, Err(SaveError::Conflict)));
    assert_eq!(second.version, 0);
}
