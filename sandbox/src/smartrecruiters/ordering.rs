//! An order is made and delivered in one go, as SEND does it.

use serde::Serialize;
use serde_json::Value;

use super::order::{self, NewOrder};
use super::{SmartRecruiters, product};
use crate::control::ActionError;

/// An order, and what the product answered to it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Made {
    /// The order's id.
    pub(crate) order: String,
    /// The status; none when no answer came.
    pub(crate) status: Option<u16>,
    /// The body.
    pub(crate) body: Value,
    /// Why no answer came.
    pub(crate) error: Option<String>,
}

/// Makes an order and delivers it.
///
/// # Errors
/// The order cannot be made, or not be sent at all.
pub(crate) async fn order(app: &SmartRecruiters, new: NewOrder) -> Result<Made, ActionError> {
    let irregular = new.overrides.is_some();
    let id = order::create(&mut app.state(), new)?;
    let outcome = product::deliver(app, &id, irregular).await?;
    Ok(Made { order: id, status: outcome.status, body: outcome.body, error: outcome.error })
}
