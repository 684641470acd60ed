//! Changes something in the store as it is now: read, change, save, and again when somebody else saved in between. What was just read
//! (`known`) is not read a second time unless somebody else saved.

use crate::ids::{CompanyId, InvitationKey, OrderId};
use crate::integration::Integration;
use crate::invitation::Invitation;
use crate::order::Order;
use crate::ports::{Integrations, Ledger, StoreError, is_saved};
use crate::timestamp::Timestamp;

/// More conflicts in a row than this are no coincidence.
const TRIES: usize = 10;

/// Defines the loop for one kind of entity. The change says whether it changed anything; what it left alone is not saved.
macro_rules! update {
    ($(#[$doc:meta])* $name:ident, $known_name:ident, $port:ident, ($($argument:ident: $type:ty),+), $entity:ty, $load:ident,
     $save:ident) => {
        $(#[$doc])*
        pub(crate) async fn $name<S: $port>(
            store: &S,
            $($argument: $type,)+
            change: impl Fn(&mut $entity) -> bool,
        ) -> Result<Option<$entity>, StoreError> {
            $known_name(store, $($argument,)+ None, change).await
        }

        async fn $known_name<S: $port>(
            store: &S,
            $($argument: $type,)+
            mut known: Option<$entity>,
            change: impl Fn(&mut $entity) -> bool,
        ) -> Result<Option<$entity>, StoreError> {
            for _ in 0..TRIES {
                let mut entity = match known.take() {
                    Some(known) => known,
                    None => match store.$load($($argument),+).await? {
                        Some(entity) => entity,
                        None => return Ok(None),
                    },
                };
                if !change(&mut entity) {
                    return Ok(Some(entity));
                }
                if is_saved(store.$save(&mut entity).await)? {
                    return Ok(Some(entity));
                }
            }
            Err(StoreError::Unavailable("too many writers at once".into()))
        }
    };
}

update!(
    /// Changes an integration; `None` when there is none.
    integration, integration_from, Integrations, (company: &CompanyId), Integration, integration, save_integration
);
update!(
    /// Changes an invitation; `None` when there is none.
    invitation, invitation_from, Ledger, (key: &InvitationKey), Invitation, invitation, save_invitation
);
update!(
    /// Changes an order; `None` when there is none.
    order, order_from, Ledger, (company: &CompanyId, id: OrderId), Order, order, save_order
);

/// Changes an invitation that was just read; `None` when there is none any more.
pub(crate) async fn known_invitation<S: Ledger>(
    store: &S,
    known: Invitation,
    change: impl Fn(&mut Invitation) -> bool,
) -> Result<Option<Invitation>, StoreError> {
    let key = known.key.clone();
    invitation_from(store, &key, Some(known), change).await
}

/// Changes an order that was just read; `None` when there is none any more.
pub(crate) async fn known_order<S: Ledger>(
    store: &S,
    known: Order,
    change: impl Fn(&mut Order) -> bool,
) -> Result<Option<Order>, StoreError> {
    let (company, id) = (known.invitation.company.clone(), known.id());
    order_from(store, &company, id, Some(known), change).await
}

/// Has work due on an integration at `at`, or for whoever noted something else meanwhile ([`Integration::be_due`]).
pub(crate) async fn due<S: Integrations>(
    store: &S,
    company: &CompanyId,
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    integration(store, company, |integration| {
        let before = integration.due_at;
        integration.be_due(at);
        integration.due_at != before
    })
    .await
    .map(|_| ())
}
