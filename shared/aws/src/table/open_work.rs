use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::CompanyId;
use domain::ports::{OpenInvitations, OpenWork, StoreError};
use domain::timestamp::Timestamp;

use super::Table;
use super::query::text;
use crate::items::{INVITATION, Key, OPEN_STATES, attribute};

impl OpenWork for Table {
    /// One `Query` for each megabyte of the company's invitations, until there are more than `limit`: only what is asked for comes
    /// over the wire, but all of it is read.
    async fn open_invitations(
        &self,
        company: &CompanyId,
        now: Timestamp,
        limit: usize,
    ) -> Result<OpenInvitations, StoreError> {
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
        let mut keys = vec![];
        let mut start = None;
        loop {
            let page = self.page(query.clone(), start).await?;
            keys.extend(page.items.iter().filter_map(|item| Key::read(item)?.invitation_key()));
            start = page.next;
            if start.is_none() || keys.len() > limit {
                break;
            }
        }
        let has_more = keys.len() > limit;
        keys.truncate(limit);
        Ok(OpenInvitations { keys, has_more })
    }
}
