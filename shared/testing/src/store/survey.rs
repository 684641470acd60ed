use domain::ids::{CompanyId, OrderId};
use domain::integration::Integration;
use domain::invitation::Invitation;
use domain::order::Order;
use domain::ports::{Cursor, Part, StoreError, Survey};

use super::MemoryStore;
use crate::faults::Op;

/// Things in one part: few, so that there is more than one part.
const PART: usize = 2;

/// The part of a list that begins where a cursor says: of all things, those that are wanted.
fn part<'a, T: Clone + 'a>(
    all: impl Iterator<Item = &'a T>,
    from: Option<&Cursor>,
    is_wanted: impl Fn(&T) -> bool,
) -> Part<T> {
    let begin = from.map_or(0, |cursor| cursor.0.parse().expect("a cursor of this store"));
    let rest: Vec<&T> = all.skip(begin).collect();
    let next = (rest.len() > PART).then(|| Cursor((begin + PART).to_string()));
    Part { items: rest.into_iter().take(PART).filter(|one| is_wanted(one)).cloned().collect(), next }
}

impl Survey for MemoryStore {
    async fn integrations(&self, from: Option<&Cursor>) -> Result<Part<Integration>, StoreError> {
        let exit = self.faults.enter(Op::Integrations).await?;
        let found = part(self.tables().integrations.values(), from, |_| true);
        exit.leave().await?;
        Ok(found)
    }

    async fn orders(&self, company: &CompanyId, from: Option<&Cursor>) -> Result<Part<Order>, StoreError> {
        let exit = self.faults.enter(Op::Orders).await?;
        let found = part(self.tables().orders.values(), from, |order| order.invitation.company == *company);
        exit.leave().await?;
        Ok(found)
    }

    async fn invitations(&self, company: &CompanyId, from: Option<&Cursor>) -> Result<Part<Invitation>, StoreError> {
        let exit = self.faults.enter(Op::Invitations).await?;
        let found = part(self.tables().invitations.values(), from, |invitation| invitation.key.company == *company);
        exit.leave().await?;
        Ok(found)
    }

    async fn orders_named(&self, id: OrderId, from: Option<&Cursor>) -> Result<Part<Order>, StoreError> {
        let exit = self.faults.enter(Op::OrdersNamed).await?;
        let found = part(self.tables().orders.values(), from, |order| order.id() == id);
        exit.leave().await?;
        Ok(found)
    }
}
