//! [`OpenWork`]: what is still to be closed when an integration ends.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::ids::{CompanyId, InvitationKey};
use domain::invitation::{Expiry, Refusal, State};
use domain::ports::{Integrations, Ledger, OpenWork, gather};
use domain::timestamp::Timestamp;

use crate::samples::{self, NOW};

/// Tests of an implementation of [`OpenWork`].
#[macro_export]
macro_rules! open_work_contract {
    ($store:ident) => {
        $crate::each_case! { open_work, $store:
            a_company_without_invitations_has_nothing_open
            what_is_not_final_is_open
            what_is_final_is_open_only_while_work_is_due_on_it
            another_companys_invitations_are_left_out
        }
    };
}

async fn save(store: &impl Ledger, key: &InvitationKey, state: State, due_at: Option<Timestamp>) {
    let mut invitation = samples::invitation(key, samples::order_id());
    invitation.state = state;
    invitation.due_at = due_at;
    store.save_invitation(&mut invitation).await.unwrap();
}

async fn open<S: OpenWork>(store: &S, company: &CompanyId) -> BTreeSet<InvitationKey> {
    let found = gather(async |from| store.open_invitations(company, NOW, from).await, |_| true).await.unwrap();
    let number = found.len();
    let keys = BTreeSet::from_iter(found);
    assert_eq!(keys.len(), number, "each once");
    keys
}

/// No keys, no more.
pub async fn a_company_without_invitations_has_nothing_open<S: OpenWork + Integrations>(store: &S) {
    let company = samples::company();
    store.save_integration(&mut samples::active_integration(&company, &samples::api_key())).await.unwrap();
    assert_eq!(open(store, &company).await, BTreeSet::new());
}

/// Whether or not work is due on it.
pub async fn what_is_not_final_is_open<S: OpenWork + Ledger>(store: &S) {
    let company = samples::company();
    let sent = samples::sent(samples::candidature());
    let mut expected = BTreeSet::new();
    for (number, state) in (1..).zip([State::Scheduled, State::Sent(sent), State::Started(sent)]) {
        for (number, due_at) in [(number, None), (number + 10, Some(NOW + Duration::from_secs(60)))] {
            let key = samples::invitation_key(&company, number);
            save(store, &key, state, due_at).await;
            expected.insert(key);
        }
    }
    assert_eq!(open(store, &company).await, expected);
}

/// Due now or before.
pub async fn what_is_final_is_open_only_while_work_is_due_on_it<S: OpenWork + Ledger>(store: &S) {
    let company = samples::company();
    let sent = samples::sent(samples::candidature());
    let finals = [
        State::Completed(sent),
        State::Refused(Refusal::BadEmail),
        State::Expired(sent, Expiry::AssessmentEnded),
        State::Withdrawn,
    ];
    let mut expected = BTreeSet::new();
    for (number, state) in (1..).zip(finals) {
        save(store, &samples::invitation_key(&company, number), state, None).await;
        let later = Some(NOW + Duration::from_millis(1));
        save(store, &samples::invitation_key(&company, number + 10), state, later).await;
        let due = samples::invitation_key(&company, number + 20);
        save(store, &due, state, Some(NOW)).await;
        expected.insert(due);
    }
    assert_eq!(open(store, &company).await, expected);
}

/// Tenants do not see each other.
pub async fn another_companys_invitations_are_left_out<S: OpenWork + Ledger>(store: &S) {
    let (own, other) = (samples::company(), samples::company());
    let key = samples::invitation_key(&own, 7);
    save(store, &key, State::Scheduled, None).await;
    save(store, &samples::invitation_key(&other, 7), State::Scheduled, None).await;
    assert_eq!(open(store, &own).await, BTreeSet::from([key]));
}
