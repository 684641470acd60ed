//! [`DueWork`]: the index of what is due. It may be a moment behind, and others may write to it meanwhile.

use std::time::Duration;

use domain::ids::CompanyId;
use domain::ports::{Catalogue, CatalogueState, Due, DueWork, Integrations, Ledger};
use domain::timestamp::Timestamp;

use super::eventually;
use crate::samples::{self, NOW};

/// Tests of an implementation of [`DueWork`].
#[macro_export]
macro_rules! due_contract {
    ($store:ident) => {
        $crate::each_case! { due, $store:
            everything_due_is_found_once
            nothing_is_found_before_its_time
            what_is_no_longer_due_disappears
            what_is_put_off_is_found_at_its_new_time
            the_longest_overdue_comes_first
            the_limit_is_kept
        }
    };
}

/// More than any test leaves behind.
const PLENTY: usize = 1_000;

fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

fn company_of(due: &Due) -> &CompanyId {
    match due {
        Due::Invitation(key) => &key.company,
        Due::Integration(company) | Due::Catalogue(company) => company,
    }
}

/// What is due of one company, shard by shard.
async fn due_of<S: DueWork>(store: &S, company: &CompanyId, now: Timestamp) -> Vec<(Timestamp, Due)> {
    let mut found = vec![];
    for shard in 0..S::SHARDS {
        found.extend(store.due(shard, now, PLENTY).await.unwrap());
    }
    found.retain(|(_, due)| company_of(due) == company);
    found
}

async fn save_invitation<S: Ledger>(store: &S, company: &CompanyId, number: u64, due_at: Timestamp) -> Due {
    let key = samples::invitation_key(company, number);
    let mut invitation = samples::invitation(&key, samples::order_id());
    invitation.due_at = Some(due_at);
    store.save_invitation(&mut invitation).await.unwrap();
    Due::Invitation(key)
}

/// Invitations, integrations and catalogues, each in one shard.
pub async fn everything_due_is_found_once<S: DueWork + Ledger + Integrations + Catalogue>(store: &S) {
    let company = samples::company();
    let mut expected = vec![];
    for number in 1..=20 {
        expected.push((NOW, save_invitation(store, &company, number, NOW).await));
    }
    let mut integration = samples::active_integration(&company, &samples::api_key());
    integration.due_at = Some(NOW);
    store.save_integration(&mut integration).await.unwrap();
    expected.push((NOW, Due::Integration(company.clone())));
    let mut catalogue = CatalogueState { due_at: Some(NOW), ..CatalogueState::new(company.clone()) };
    store.save_catalogue_state(&mut catalogue).await.unwrap();
    expected.push((NOW, Due::Catalogue(company.clone())));

    let found = eventually(|| due_of(store, &company, NOW), |found| found.len() >= expected.len()).await;
    assert_eq!(found.len(), expected.len());
    assert!(expected.iter().all(|due| found.contains(due)), "{found:?}");
}

/// Due at `now` counts as due.
pub async fn nothing_is_found_before_its_time<S: DueWork + Ledger>(store: &S) {
    let company = samples::company();
    let due = save_invitation(store, &company, 1, later(60)).await;
    let found = eventually(|| due_of(store, &company, later(60)), |found| !found.is_empty()).await;
    assert_eq!(found, vec![(later(60), due)]);
    assert_eq!(due_of(store, &company, later(60) - Duration::from_millis(1)).await, vec![]);
}

/// The index is sparse.
pub async fn what_is_no_longer_due_disappears<S: DueWork + Integrations>(store: &S) {
    let company = samples::company();
    let mut integration = samples::active_integration(&company, &samples::api_key());
    integration.due_at = Some(NOW);
    store.save_integration(&mut integration).await.unwrap();
    assert_eq!(eventually(|| due_of(store, &company, NOW), |found| !found.is_empty()).await.len(), 1);
    integration.due_at = None;
    store.save_integration(&mut integration).await.unwrap();
    assert_eq!(eventually(|| due_of(store, &company, NOW), Vec::is_empty).await, vec![]);
}

/// And not at its old one.
pub async fn what_is_put_off_is_found_at_its_new_time<S: DueWork + Catalogue>(store: &S) {
    let company = samples::company();
    let mut state = CatalogueState { due_at: Some(NOW), ..CatalogueState::new(company.clone()) };
    store.save_catalogue_state(&mut state).await.unwrap();
    assert_eq!(eventually(|| due_of(store, &company, NOW), |found| !found.is_empty()).await.len(), 1);
    state.due_at = Some(later(60));
    store.save_catalogue_state(&mut state).await.unwrap();
    assert_eq!(eventually(|| due_of(store, &company, NOW), Vec::is_empty).await, vec![]);
    let expected = vec![(later(60), Due::Catalogue(company.clone()))];
    assert_eq!(due_of(store, &company, later(60)).await, expected);
}

/// Within each shard, times before 1970 included.
pub async fn the_longest_overdue_comes_first<S: DueWork + Ledger>(store: &S) {
    let company = samples::company();
    let times: Vec<Timestamp> = (0..30).map(|step| Timestamp::from_seconds((step * 7 % 30 - 5) * 1_000)).collect();
    for (number, at) in (1..).zip(&times) {
        save_invitation(store, &company, number, *at).await;
    }
    let found = eventually(|| due_of(store, &company, NOW), |found| found.len() >= times.len()).await;
    assert_eq!(found.len(), times.len());
    for shard in 0..S::SHARDS {
        let found = store.due(shard, NOW, PLENTY).await.unwrap();
        assert!(found.is_sorted_by_key(|(at, _)| *at), "{found:?}");
    }
}

/// With the longest overdue kept.
pub async fn the_limit_is_kept<S: DueWork + Ledger>(store: &S) {
    let company = samples::company();
    for number in 1..=30 {
        save_invitation(store, &company, number, NOW).await;
    }
    let found = eventually(|| due_of(store, &company, NOW), |found| found.len() >= 30).await;
    assert_eq!(found.len(), 30);
    let mut limited = 0;
    for shard in 0..S::SHARDS {
        let all = store.due(shard, NOW, PLENTY).await.unwrap();
        let some = store.due(shard, NOW, 2).await.unwrap();
        assert!(some.len() <= 2);
        assert!(some.len() == 2 || all.len() < 2);
        limited += usize::from(all.len() > some.len());
    }
    assert!(limited > 0, "30 things lie in so many shards that no limit was met");
}
