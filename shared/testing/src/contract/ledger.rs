//! [`Ledger`]: orders and invitations, both or neither.

use domain::ids::InvitationKey;
use domain::invitation::{Expiry, Invitation, Refusal, State};
use domain::order::{Closed, Order, Published, Report};
use domain::ports::{AcceptError, Ledger, SaveError};
use domain::report::Status;
use url::Url;

use crate::samples::{self, NOW};

/// Tests of an implementation of [`Ledger`].
#[macro_export]
macro_rules! ledger_contract {
    ($store:ident) => {
        $crate::each_case! { ledger, $store:
            what_was_never_stored_is_not_found
            a_first_order_is_stored_with_its_invitation
            a_further_order_is_stored_with_the_invitation_it_joins
            the_same_order_again_exists_and_changes_nothing
            an_order_that_moved_on_still_exists
            that_the_order_exists_wins_over_a_conflict
            an_invitation_where_none_was_expected_keeps_the_order_out
            an_invitation_of_another_version_keeps_the_order_out
            of_two_first_orders_at_once_one_conflicts
            an_order_is_read_back_whole
            another_companys_order_is_not_found
            each_save_of_an_order_counts_the_version
            saving_an_old_order_conflicts_and_changes_nothing
            an_invitation_is_read_back_in_every_state
            an_erased_invitation_keeps_key_and_state
            each_save_of_an_invitation_counts_the_version
            saving_an_old_invitation_conflicts_and_changes_nothing
            saving_as_new_an_invitation_that_exists_conflicts
        }
    };
}

fn first() -> (Order, Invitation) {
    let key = samples::invitation_key(&samples::company(), 7);
    let id = samples::order_id();
    (samples::order(&key, id), samples::invitation(&key, id))
}

async fn accepted(store: &impl Ledger) -> (Order, Invitation) {
    let (order, invitation) = first();
    store.accept(&order, &invitation).await.unwrap();
    (stored_order(store, &order).await.unwrap(), stored(store, &invitation.key).await.unwrap())
}

async fn stored(store: &impl Ledger, key: &InvitationKey) -> Option<Invitation> {
    store.invitation(key).await.unwrap()
}

async fn stored_order(store: &impl Ledger, order: &Order) -> Option<Order> {
    store.order(&order.invitation.company, order.id()).await.unwrap()
}

/// Neither order nor invitation.
pub async fn what_was_never_stored_is_not_found(store: &impl Ledger) {
    let (order, invitation) = first();
    assert_eq!(stored_order(store, &order).await, None);
    assert_eq!(stored(store, &invitation.key).await, None);
}

/// Both at version 1.
pub async fn a_first_order_is_stored_with_its_invitation(store: &impl Ledger) {
    let (order, invitation) = first();
    store.accept(&order, &invitation).await.unwrap();
    assert_eq!(stored_order(store, &order).await, Some(Order { version: 1, ..order }));
    assert_eq!(stored(store, &invitation.key).await, Some(Invitation { version: 1, ..invitation }));
}

/// The order at version 1, the invitation one further.
pub async fn a_further_order_is_stored_with_the_invitation_it_joins(store: &impl Ledger) {
    let (_, mut invitation) = accepted(store).await;
    let second = samples::order(&invitation.key, samples::order_id());
    invitation.orders.push(second.id());
    store.accept(&second, &invitation).await.unwrap();
    assert_eq!(stored_order(store, &second).await, Some(Order { version: 1, ..second }));
    assert_eq!(stored(store, &invitation.key).await, Some(Invitation { version: 2, ..invitation }));
}

/// Also when it is the same to the letter, a moment later.
pub async fn the_same_order_again_exists_and_changes_nothing(store: &impl Ledger) {
    let (order, invitation) = first();
    store.accept(&order, &invitation).await.unwrap();
    assert!(matches!(store.accept(&order, &invitation).await, Err(AcceptError::OrderExists)));
    assert_eq!(stored(store, &invitation.key).await, Some(Invitation { version: 1, ..invitation }));
}

/// An order that was saved since is not overwritten.
pub async fn an_order_that_moved_on_still_exists(store: &impl Ledger) {
    let (mut order, invitation) = accepted(store).await;
    store.save_order(&mut order).await.unwrap();
    let again = Order { version: 0, ..order.clone() };
    assert!(matches!(store.accept(&again, &invitation).await, Err(AcceptError::OrderExists)));
    assert_eq!(stored_order(store, &order).await, Some(order));
    assert_eq!(stored(store, &invitation.key).await, Some(invitation));
}

/// Both conditions fail.
pub async fn that_the_order_exists_wins_over_a_conflict(store: &impl Ledger) {
    let (order, invitation) = accepted(store).await;
    let stale = Invitation { version: 0, ..invitation };
    assert!(matches!(store.accept(&order, &stale).await, Err(AcceptError::OrderExists)));
}

/// Another order came first: neither is stored.
pub async fn an_invitation_where_none_was_expected_keeps_the_order_out(store: &impl Ledger) {
    let (_, invitation) = accepted(store).await;
    let id = samples::order_id();
    let (second, unaware) = (samples::order(&invitation.key, id), samples::invitation(&invitation.key, id));
    assert!(matches!(store.accept(&second, &unaware).await, Err(AcceptError::InvitationConflict)));
    assert_eq!(stored_order(store, &second).await, None);
    assert_eq!(stored(store, &invitation.key).await, Some(invitation));
}

/// The invitation was saved since, or was never stored: neither is stored.
pub async fn an_invitation_of_another_version_keeps_the_order_out(store: &impl Ledger) {
    let (_, mut invitation) = accepted(store).await;
    let stale = invitation.clone();
    store.save_invitation(&mut invitation).await.unwrap();
    let second = samples::order(&invitation.key, samples::order_id());
    assert!(matches!(store.accept(&second, &stale).await, Err(AcceptError::InvitationConflict)));
    assert_eq!(stored_order(store, &second).await, None);
    assert_eq!(stored(store, &invitation.key).await, Some(invitation));
    let (order, missing) = first();
    let missing = Invitation { version: 4, ..missing };
    assert!(matches!(store.accept(&order, &missing).await, Err(AcceptError::InvitationConflict)));
    assert_eq!(stored_order(store, &order).await, None);
}

/// One is accepted, the other reads again.
pub async fn of_two_first_orders_at_once_one_conflicts(store: &impl Ledger) {
    let (one, for_one) = first();
    let id = samples::order_id();
    let (two, for_two) = (samples::order(&for_one.key, id), samples::invitation(&for_one.key, id));
    let answers = tokio::join!(store.accept(&one, &for_one), store.accept(&two, &for_two));
    let (winner, loser) = match answers {
        (Ok(()), Err(AcceptError::InvitationConflict)) => (one, two),
        (Err(AcceptError::InvitationConflict), Ok(())) => (two, one),
        other => panic!("{other:?}"),
    };
    assert_eq!(stored(store, &for_one.key).await.unwrap().orders, vec![winner.id()]);
    assert!(stored_order(store, &winner).await.is_some());
    assert_eq!(stored_order(store, &loser).await, None);
}

/// With what was published, its report, and why it was closed.
pub async fn an_order_is_read_back_whole(store: &impl Ledger) {
    let (mut order, _) = accepted(store).await;
    order.published = Some(Published { status: Status::Completed, scored: true, digest: [9; 32], at: NOW });
    order.closed = Some(Closed::IntegrationEnded);
    order.claimed_until = Some(NOW);
    let attached = Url::parse("https://api.smartrecruiters.com/attachments/1").unwrap();
    for report in [Report::Attached(attached), Report::Missing { failures: 3 }, Report::Without] {
        order.report = report;
        store.save_order(&mut order).await.unwrap();
        assert_eq!(stored_order(store, &order).await.as_ref(), Some(&order));
    }
}

/// Its id is not enough.
pub async fn another_companys_order_is_not_found(store: &impl Ledger) {
    let (order, _) = accepted(store).await;
    assert_eq!(store.order(&samples::company(), order.id()).await.unwrap(), None);
}

/// From 1 to 2 to 3.
pub async fn each_save_of_an_order_counts_the_version(store: &impl Ledger) {
    let (mut order, _) = accepted(store).await;
    for version in 2..=3 {
        store.save_order(&mut order).await.unwrap();
        assert_eq!(order.version, version);
        assert_eq!(stored_order(store, &order).await.as_ref(), Some(&order));
    }
}

/// Somebody saved in between.
pub async fn saving_an_old_order_conflicts_and_changes_nothing(store: &impl Ledger) {
    let (mut order, _) = accepted(store).await;
    let mut stale = Order { closed: Some(Closed::UnknownOrder), ..order.clone() };
    store.save_order(&mut order).await.unwrap();
    assert!(matches!(store.save_order(&mut stale).await, Err(SaveError::Conflict)));
    assert_eq!(stale.version, 1);
    assert_eq!(stored_order(store, &order).await, Some(order));
}

/// With candidature, reason and failures.
pub async fn an_invitation_is_read_back_in_every_state(store: &impl Ledger) {
    let (_, mut invitation) = accepted(store).await;
    let sent = samples::sent(samples::candidature());
    let states = [
        State::Sent(sent),
        State::Started(sent),
        State::Completed(sent),
        State::Refused(Refusal::SuspiciousEmail),
        State::Expired(sent, Expiry::CandidatureDeleted),
        State::Withdrawn,
        State::Scheduled,
    ];
    for state in states {
        invitation.enter(state, NOW);
        invitation.failed("testgorilla_unavailable", NOW, NOW);
        invitation.claimed_until = Some(NOW);
        store.save_invitation(&mut invitation).await.unwrap();
        assert_eq!(stored(store, &invitation.key).await.as_ref(), Some(&invitation));
    }
}

/// "Once" outlives the candidate's data.
pub async fn an_erased_invitation_keeps_key_and_state(store: &impl Ledger) {
    let (_, mut invitation) = accepted(store).await;
    invitation.state = State::Completed(samples::sent(samples::candidature()));
    invitation.candidate = None;
    invitation.due_at = None;
    store.save_invitation(&mut invitation).await.unwrap();
    let found = stored(store, &invitation.key).await.unwrap();
    assert_eq!(found.candidate, None);
    assert_eq!(found, invitation);
}

/// From 1 to 2 to 3.
pub async fn each_save_of_an_invitation_counts_the_version(store: &impl Ledger) {
    let (_, mut invitation) = accepted(store).await;
    for version in 2..=3 {
        store.save_invitation(&mut invitation).await.unwrap();
        assert_eq!(invitation.version, version);
        assert_eq!(stored(store, &invitation.key).await.as_ref(), Some(&invitation));
    }
}

/// Somebody saved in between.
pub async fn saving_an_old_invitation_conflicts_and_changes_nothing(store: &impl Ledger) {
    let (_, mut invitation) = accepted(store).await;
    let mut stale = Invitation { state: State::Withdrawn, ..invitation.clone() };
    store.save_invitation(&mut invitation).await.unwrap();
    assert!(matches!(store.save_invitation(&mut stale).await, Err(SaveError::Conflict)));
    assert_eq!(stale.version, 1);
    assert_eq!(stored(store, &invitation.key).await, Some(invitation));
}

/// At most one invitation.
pub async fn saving_as_new_an_invitation_that_exists_conflicts(store: &impl Ledger) {
    let (_, invitation) = accepted(store).await;
    let mut second = samples::invitation(&invitation.key, samples::order_id());
    assert!(matches!(store.save_invitation(&mut second).await, Err(SaveError::Conflict)));
    assert_eq!(second.version, 0);
    assert_eq!(stored(store, &invitation.key).await, Some(invitation));
}
