//! Changes something in the store as it is now: read, change, save, and again when somebody else saved in between.

use crate::ids::{CompanyId, InvitationKey, OrderId};
use crate::integration::Integration;
use crate::invitation::Invitation;
use crate::order::Order;
use crate::ports::{Integrations, Ledger, SaveError, StoreError};

/// More conflicts in a row than this are no coincidence.
const TRIES: usize = 10;

/// Defines the loop for one kind of entity. The change says whether it changed anything; what it left alone is not saved.
macro_rules! update {
    ($(#[$doc:meta])* $name:ident, $port:ident, ($($argument:ident: $type:ty),+), $entity:ty, $load:ident, $save:ident) => {
        $(#[$doc])*
        pub(crate) async fn $name<S: $port>(
            store: &S,
            $($argument: $type,)+
            change: impl Fn(&mut $entity) -> bool,
        ) -> Result<Option<$entity>, StoreError> {
            for _ in 0..TRIES {
                let Some(mut entity) = store.$load($($argument),+).await? else { return Ok(None) };
                if !change(&mut entity) {
                    return Ok(Some(entity));
                }
                match store.$save(&mut entity).await {
                    Ok(()) => return Ok(Some(entity)),
                    Err(SaveError::Conflict) => {}
                    Err(SaveError::Store(error)) => return Err(error),
                }
            }
            Err(StoreError::Unavailable("too many writers at once".into()))
        }
    };
}

update!(
    /// Changes an integration; `None` when there is none.
    integration, Integrations, (company: &CompanyId), Integration, integration, save_integration
);
update!(
    /// Changes an invitation; `None` when there is none.
    invitation, Ledger, (key: &InvitationKey), Invitation, invitation, save_invitation
);
update!(
    /// Changes an order; `None` when there is none.
    order, Ledger, (company: &CompanyId, id: OrderId), Order, order, save_order
);
