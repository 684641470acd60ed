//! Lists for ops: what no function needs.

use crate::ids::{CompanyId, OrderId};
use crate::integration::Integration;
use crate::invitation::Invitation;
use crate::order::Order;
use crate::ports::{Cursor, Part, StoreError};

/// All that there is, a part at a time: the first, or the one that `from` names.
pub trait Survey {
    /// The integrations of all companies, ended ones among them; the list may be a moment behind.
    async fn integrations(&self, from: Option<&Cursor>) -> Result<Part<Integration>, StoreError>;

    /// The orders of a company.
    async fn orders(&self, company: &CompanyId, from: Option<&Cursor>) -> Result<Part<Order>, StoreError>;

    /// The invitations of a company.
    async fn invitations(&self, company: &CompanyId, from: Option<&Cursor>) -> Result<Part<Invitation>, StoreError>;

    /// The order with this id, whosever it is: at most one in all parts. Reads the whole store, a part a call.
    async fn orders_named(&self, id: OrderId, from: Option<&Cursor>) -> Result<Part<Order>, StoreError>;
}
