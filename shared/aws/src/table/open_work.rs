use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{CompanyId, InvitationKey};
use domain::ports::{Cursor, OpenWork, Part, StoreError};
use domain::timestamp::Timestamp;

use super::Table;
use super::query::{cursor, start, text};
use crate::items::{INVITATION, Key, OPEN_STATES, attribute};

impl OpenWork for Table {
    /// One `Query`: a megabyte of the company's invitations, of which only what is asked for comes over the wire.
    async fn open_invitations(
        &self,
        company: &CompanyId,
        now: Timestamp,
        from: Option<&Cursor>,
    ) -> Result<Part<InvitationKey>, StoreError> {
        let mut query = self
            .client()
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :invitation)")
            .filter_expression("#state IN (:state0, :state1, :state2) OR #due_at <= :now")
            .projection_expression("pk, sk")
            .expression_attribute_names("#state", attribute::STATE)
            .expression_attribute_names("#due_at", attribute::DUE_AT)
            .expression_attribute_values(":pk", text(Key::partition(company)))
            .expression_attribute_values(":invitation", text(INVITATION))
            .expression_attribute_values(":now", AttributeValue::N(now.as_millis().to_string()))
            .consistent_read(true);
        for (number, state) in OPEN_STATES.into_iter().enumerate() {
            query = query.expression_attribute_values(format!(":state{number}"), text(state));
        }
        let page = self.page(query, start(from)?).await?;
        let items = page.items.iter().filter_map(|item| Key::read(item)?.invitation_key()).collect();
        Ok(Part { items, next: page.next.map(|key| cursor(&key)).transpose()? })
    }
}
