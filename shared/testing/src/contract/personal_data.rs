//! [`PersonalData`]: where a candidate's data is.

use std::collections::BTreeSet;

use domain::ids::{CompanyId, InvitationKey};
use domain::invitation::{Refusal, State};
use domain::ports::{Ledger, PersonalData, gather};

use crate::samples;

/// Tests of an implementation of [`PersonalData`].
#[macro_export]
macro_rules! personal_data_contract {
    ($store:ident) => {
        $crate::each_case! { personal_data, $store:
            a_company_without_invitations_holds_nothing
            every_invitation_with_a_candidate_is_found_once
            another_companys_invitations_are_not_found
        }
    };
}

async fn save(store: &impl Ledger, key: &InvitationKey, state: State, is_erased: bool) {
    let mut invitation = samples::invitation(key, samples::order_id());
    invitation.state = state;
    if is_erased {
        invitation.candidate = None;
    }
    store.save_invitation(&mut invitation).await.unwrap();
}

/// All parts, one after the other.
async fn held<S: PersonalData>(store: &S, company: &CompanyId) -> Vec<InvitationKey> {
    let found = gather(async |from| store.with_personal_data(company, from).await, |_| true).await.unwrap();
    assert!(found.iter().all(|invitation| invitation.candidate.is_some()));
    found.into_iter().map(|invitation| invitation.key).collect()
}

/// No invitation, one part.
pub async fn a_company_without_invitations_holds_nothing<S: PersonalData>(store: &S) {
    assert_eq!(held(store, &samples::company()).await, []);
}

/// Whatever its state; none whose data is erased.
pub async fn every_invitation_with_a_candidate_is_found_once<S: PersonalData + Ledger>(store: &S) {
    let company = samples::company();
    let sent = samples::sent(samples::candidature());
    let states = [
        State::Scheduled,
        State::Sent(sent),
        State::Completed(sent),
        State::Refused(Refusal::Erased),
        State::Withdrawn,
    ];
    let mut expected = BTreeSet::new();
    for (number, state) in (1..).zip(states) {
        let key = samples::invitation_key(&company, number);
        save(store, &key, state, false).await;
        expected.insert(key);
        save(store, &samples::invitation_key(&company, number + 10), state, true).await;
    }
    let found = held(store, &company).await;
    assert_eq!(found.len(), expected.len());
    assert_eq!(BTreeSet::from_iter(found), expected);
}

/// Tenants do not see each other.
pub async fn another_companys_invitations_are_not_found<S: PersonalData + Ledger>(store: &S) {
    let (own, other) = (samples::company(), samples::company());
    let key = samples::invitation_key(&own, 7);
    save(store, &key, State::Scheduled, false).await;
    save(store, &samples::invitation_key(&other, 7), State::Scheduled, false).await;
    assert_eq!(held(store, &own).await, [key]);
}
