use domain::ids::{CompanyId, InvitationKey, OrderId};
use domain::invitation::Invitation;
use domain::order::Order;
use domain::ports::{AcceptError, Ledger, SaveError, StoreError};

use super::{MemoryStore, Tables};
use crate::faults::Op;

impl Tables {
    fn save_invitation(&mut self, invitation: &Invitation) -> Result<(), SaveError> {
        let stored = self.invitations.get(&invitation.key).map_or(0, |stored| stored.version);
        if stored != invitation.version {
            return Err(SaveError::Conflict);
        }
        let saved = Invitation { version: invitation.version + 1, ..invitation.clone() };
        self.put_invitation(saved);
        Ok(())
    }

    fn accept(&mut self, order: &Order, invitation: &Invitation) -> Result<(), AcceptError> {
        let place = (order.invitation.company.clone(), order.id());
        if self.orders.contains_key(&place) {
            return Err(AcceptError::OrderExists);
        }
        self.save_invitation(invitation).map_err(|_| AcceptError::InvitationConflict)?;
        self.put_order(Order { version: 1, ..order.clone() });
        Ok(())
    }
}

impl Ledger for MemoryStore {
    async fn accept(&self, order: &Order, invitation: &Invitation) -> Result<(), AcceptError> {
        let exit = self.faults.enter(Op::Accept).await?;
        self.tables().accept(order, invitation)?;
        Ok(exit.leave().await?)
    }

    async fn order(&self, company: &CompanyId, id: OrderId) -> Result<Option<Order>, StoreError> {
        let exit = self.faults.enter(Op::Order).await?;
        let found = self.tables().orders.get(&(company.clone(), id)).cloned();
        exit.leave().await?;
        Ok(found)
    }

    async fn save_order(&self, order: &mut Order) -> Result<(), SaveError> {
        let exit = self.faults.enter(Op::SaveOrder).await?;
        let next = order.version + 1;
        {
            let mut tables = self.tables();
            let place = (order.invitation.company.clone(), order.id());
            if tables.orders.get(&place).map_or(0, |stored| stored.version) != order.version {
                return Err(SaveError::Conflict);
            }
            tables.put_order(Order { version: next, ..order.clone() });
        }
        exit.leave().await?;
        order.version = next;
        Ok(())
    }

    async fn invitation(&self, key: &InvitationKey) -> Result<Option<Invitation>, StoreError> {
        let exit = self.faults.enter(Op::Invitation).await?;
        let found = self.invitation_of(key);
        exit.leave().await?;
        Ok(found)
    }

    async fn save_invitation(&self, invitation: &mut Invitation) -> Result<(), SaveError> {
        let exit = self.faults.enter(Op::SaveInvitation).await?;
        self.tables().save_invitation(invitation)?;
        exit.leave().await?;
        invitation.version += 1;
        Ok(())
    }
}
