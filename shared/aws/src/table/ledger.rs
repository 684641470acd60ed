use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Put, TransactWriteItem};
use domain::ids::{CompanyId, InvitationKey, OrderId};
use domain::invitation::Invitation;
use domain::order::Order;
use domain::ports::{AcceptError, Ledger, SaveError, StoreError};

use super::{Condition, Table, pause};
use crate::failure::Failure;
use crate::items::{Entity, Key, encode};

const TRANSACTION: &str = "TransactWriteItems";
/// How often a transaction is sent that DynamoDB cancels for lack of capacity, about a second in all: the SDK repeats a throttled call,
/// and does not look into a cancelled one.
const TRIES: u32 = 5;

impl Ledger for Table {
    async fn accept(&self, order: &Order, invitation: &Invitation) -> Result<(), AcceptError> {
        // The SDK gives each call a client token of its own: its repetitions of one call count once, and a second call with the
        // same order finds it. A token made from the order would hide that for ten minutes.
        let request = self
            .client()
            .transact_write_items()
            .transact_items(self.put_unchanged(order, 0)?)
            .transact_items(self.put_unchanged(invitation, invitation.version)?);
        for attempt in 1..TRIES {
            match request.clone().send().await.map_err(|error| refused(&error)) {
                Err(Refused::Throttled(_)) => pause(attempt).await,
                answer => return answer.map(drop).map_err(AcceptError::from),
            }
        }
        request.send().await.map(drop).map_err(|error| refused(&error).into())
    }

    async fn order(&self, company: &CompanyId, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.get(Key::order(company, id), true).await
    }

    async fn save_order(&self, order: &mut Order) -> Result<(), SaveError> {
        order.version = self.save(order).await?;
        Ok(())
    }

    async fn invitation(&self, key: &InvitationKey) -> Result<Option<Invitation>, StoreError> {
        self.get(Key::invitation(key), true).await
    }

    async fn save_invitation(&self, invitation: &mut Invitation) -> Result<(), SaveError> {
        invitation.version = self.save(invitation).await?;
        Ok(())
    }
}

impl Table {
    fn put_unchanged<E: Entity>(&self, entity: &E, version: u64) -> Result<TransactWriteItem, StoreError> {
        let condition = Condition::unchanged(version);
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(encode(entity, Some(condition.next))?))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .build()
            .map_err(|error| Failure::of(TRANSACTION, error.to_string(), false))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// Why a transaction was not made.
enum Refused {
    /// DynamoDB was short of capacity for an item: nothing was written.
    Throttled(Failure),
    /// Anything else.
    Other(AcceptError),
}

impl From<Refused> for AcceptError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Throttled(failure) => Self::Store(failure.into()),
            Refused::Other(error) => error,
        }
    }
}

fn refused(error: &SdkError<TransactWriteItemsError>) -> Refused {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            judge(cancelled.cancellation_reasons.as_deref().unwrap_or_default())
        }
        _ => Refused::Other(AcceptError::Store(Failure::new(TRANSACTION, error).into())),
    }
}

/// What the reasons mean, in the order of the writes: order, invitation.
fn judge(reasons: &[CancellationReason]) -> Refused {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
    let any = |code| codes.contains(&code);
    if codes.first() == Some(&"ConditionalCheckFailed") {
        return Refused::Other(AcceptError::OrderExists);
    }
    // Another transaction at this moment is somebody else's change: of the invitation, or the same order delivered twice at
    // once. Whoever reads again sees which.
    if any("ConditionalCheckFailed") || any("TransactionConflict") {
        return Refused::Other(AcceptError::InvitationConflict);
    }
    let is_throttled = any("ThrottlingError") || any("ProvisionedThroughputExceeded");
    let failure = Failure::of(TRANSACTION, format!("cancelled: {}", codes.join(", ")), is_throttled);
    if is_throttled { Refused::Throttled(failure) } else { Refused::Other(AcceptError::Store(failure.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(codes: [&str; 2]) -> AcceptError {
        judge(&codes.map(|code| CancellationReason::builder().code(code).build())).into()
    }

    #[test]
    fn that_the_order_exists_wins() {
        for other in ["None", "ConditionalCheckFailed", "TransactionConflict"] {
            assert!(matches!(judged(["ConditionalCheckFailed", other]), AcceptError::OrderExists));
        }
    }

    #[test]
    fn any_other_change_is_a_conflict() {
        for codes in [
            ["None", "ConditionalCheckFailed"],
            ["None", "TransactionConflict"],
            ["TransactionConflict", "None"],
            ["TransactionConflict", "ConditionalCheckFailed"],
        ] {
            assert!(matches!(judged(codes), AcceptError::InvitationConflict), "{codes:?}");
        }
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for codes in [["ThrottlingError", "None"], ["None", "ProvisionedThroughputExceeded"]] {
            assert!(matches!(judged(codes), AcceptError::Store(StoreError::Unavailable(_))), "{codes:?}");
        }
        for codes in [["None", "ValidationError"], ["ItemCollectionSizeLimitExceeded", "None"], ["None", "None"]] {
            assert!(matches!(judged(codes), AcceptError::Store(StoreError::Broken(_))), "{codes:?}");
        }
    }
}
