//! [`Integrations`]: versions and conflicts.

use domain::integration::{Attempt, EndCause, Integration};
use domain::ports::{Integrations, SaveError};

use crate::samples::{self, NOW};

/// Tests of an implementation of [`Integrations`].
#[macro_export]
macro_rules! integrations_contract {
    ($store:ident) => {
        $crate::each_case! { integrations, $store:
            a_company_that_was_never_saved_has_no_integration
            an_integration_is_read_back_whole
            an_ended_integration_is_read_back_whole
            each_save_counts_the_version
            saving_an_old_version_conflicts_and_changes_nothing
            saving_as_new_what_exists_conflicts
            saving_a_version_of_what_does_not_exist_conflicts
        }
    };
}

async fn stored(store: &impl Integrations, integration: &Integration) -> Option<Integration> {
    store.integration(&integration.company).await.unwrap()
}

/// Nothing is stored, nothing is read.
pub async fn a_company_that_was_never_saved_has_no_integration(store: &impl Integrations) {
    assert_eq!(store.integration(&samples::company()).await.unwrap(), None);
}

/// Status, attempt, replaced connections, dates of keys.
pub async fn an_integration_is_read_back_whole(store: &impl Integrations) {
    let key = samples::api_key();
    let mut integration = samples::active_integration(&samples::company(), &key);
    integration.activate(samples::connection(&samples::api_key()), NOW);
    integration.attempt = Some(Attempt { connection: samples::connection(&key), started_at: NOW, claimed_until: NOW });
    store.save_integration(&mut integration).await.unwrap();
    assert_eq!(stored(store, &integration).await, Some(integration));
}

/// With what remains of it.
pub async fn an_ended_integration_is_read_back_whole(store: &impl Integrations) {
    let mut integration = samples::active_integration(&samples::company(), &samples::api_key());
    assert!(integration.end(EndCause::Disabled, NOW));
    store.save_integration(&mut integration).await.unwrap();
    assert_eq!(stored(store, &integration).await, Some(integration));
}

/// From 0 to 1 to 2, in the entity and in the store.
pub async fn each_save_counts_the_version(store: &impl Integrations) {
    let mut integration = Integration::new(samples::company(), [0; 16]);
    for version in 1..=3 {
        store.save_integration(&mut integration).await.unwrap();
        assert_eq!(integration.version, version);
        assert_eq!(stored(store, &integration).await.unwrap().version, version);
    }
}

/// Somebody saved in between.
pub async fn saving_an_old_version_conflicts_and_changes_nothing(store: &impl Integrations) {
    let mut first = Integration::new(samples::company(), [0; 16]);
    store.save_integration(&mut first).await.unwrap();
    let mut second = first.clone();
    store.save_integration(&mut first).await.unwrap();
    second.activate(samples::connection(&samples::api_key()), NOW);
    assert!(matches!(store.save_integration(&mut second).await, Err(SaveError::Conflict)));
    assert_eq!(second.version, 1);
    assert_eq!(stored(store, &first).await, Some(first));
}

/// Two companies of one name do not exist.
pub async fn saving_as_new_what_exists_conflicts(store: &impl Integrations) {
    let company = samples::company();
    let mut first = Integration::new(company.clone(), [1; 16]);
    store.save_integration(&mut first).await.unwrap();
    let mut second = Integration::new(company, [2; 16]);
    assert!(matches!(store.save_integration(&mut second).await, Err(SaveError::Conflict)));
    assert_eq!(stored(store, &first).await, Some(first));
}

/// What was read was deleted, or never was.
pub async fn saving_a_version_of_what_does_not_exist_conflicts(store: &impl Integrations) {
    let mut integration = Integration { version: 3, ..Integration::new(samples::company(), [0; 16]) };
    assert!(matches!(store.save_integration(&mut integration).await, Err(SaveError::Conflict)));
    assert_eq!(stored(store, &integration).await, None);
}
