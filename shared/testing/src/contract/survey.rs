//! [`Survey`]: what there is, for ops.

use std::collections::BTreeSet;

use domain::ids::{CompanyId, OrderId};
use domain::ports::{Integrations, Ledger, Survey, gather};

use crate::samples;

/// Tests of an implementation of [`Survey`].
#[macro_export]
macro_rules! survey_contract {
    ($store:ident) => {
        $crate::each_case! { survey, $store:
            every_company_is_found_once_whatever_else_is_stored
            a_companys_orders_and_invitations_are_its_own
            an_order_is_found_whosever_it_is
        }
    };
}

/// All parts of a list, one after the other.
macro_rules! all_of {
    ($store:ident.$list:ident($($argument:expr),*)) => {
        gather(async |from| $store.$list($($argument,)* from).await, |_| true).await.unwrap()
    };
}

/// Stores an order with an invitation of its own.
async fn order(store: &impl Ledger, company: &CompanyId, assessment: u64) -> OrderId {
    let (key, id) = (samples::invitation_key(company, assessment), samples::order_id());
    store.accept(&samples::order(&key, id), &samples::invitation(&key, id)).await.unwrap();
    id
}

/// Orders and invitations lie between them.
pub async fn every_company_is_found_once_whatever_else_is_stored<S: Survey + Integrations + Ledger>(store: &S) {
    let companies: BTreeSet<CompanyId> = (0..5).map(|_| samples::company()).collect();
    for company in &companies {
        store.save_integration(&mut samples::active_integration(company, &samples::api_key())).await.unwrap();
        order(store, company, 7).await;
    }
    let found = all_of!(store.integrations());
    let own: Vec<CompanyId> =
        found.into_iter().map(|one| one.company).filter(|company| companies.contains(company)).collect();
    assert_eq!(own.len(), companies.len());
    assert_eq!(BTreeSet::from_iter(own), companies);
}

/// Tenants do not see each other.
pub async fn a_companys_orders_and_invitations_are_its_own<S: Survey + Ledger>(store: &S) {
    let (own, other) = (samples::company(), samples::company());
    let mut ids = BTreeSet::new();
    for assessment in 1..6 {
        ids.insert(order(store, &own, assessment).await);
        order(store, &other, assessment).await;
    }
    let orders = all_of!(store.orders(&own));
    assert_eq!((orders.len(), orders.iter().map(|order| order.id()).collect()), (ids.len(), ids));
    let invitations = all_of!(store.invitations(&own));
    assert_eq!(invitations.len(), 5);
    assert!(invitations.iter().all(|invitation| invitation.key.company == own));
}

/// Its id says nothing of its company.
pub async fn an_order_is_found_whosever_it_is<S: Survey + Ledger>(store: &S) {
    let company = samples::company();
    order(store, &samples::company(), 7).await;
    let id = order(store, &company, 7).await;
    order(store, &samples::company(), 7).await;
    let found = all_of!(store.orders_named(id));
    assert_eq!(found.iter().map(|order| (&order.invitation.company, order.id())).collect::<Vec<_>>(), [(&company, id)]);
    assert!(all_of!(store.orders_named(samples::order_id())).is_empty());
}
