use domain::ids::{CompanyId, InvitationKey};
use domain::ports::{Held, PersonalData, StoreError, unreadable};

use super::Table;
use super::query::text;
use crate::items::{INVITATION, Key, attribute, decode};

impl PersonalData for Table {
    /// One `Query`: a megabyte of the company's invitations, of which those that hold personal data come over the wire.
    async fn with_personal_data(&self, company: &CompanyId, from: Option<&InvitationKey>) -> Result<Held, StoreError> {
        let query = self
            .client()
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :invitation)")
            .filter_expression("attribute_exists(#candidate)")
            .expression_attribute_names("#candidate", attribute::CANDIDATE)
            .expression_attribute_values(":pk", text(Key::partition(company)))
            .expression_attribute_values(":invitation", text(INVITATION))
            .consistent_read(true);
        let page = self.page(query, from.map(|key| Key::invitation(key).attributes())).await?;
        let next = page.next.map(|key| {
            let key = Key::read(&key).and_then(|key| key.invitation_key());
            key.ok_or_else(|| unreadable("a page of invitations ends with something else"))
        });
        let invitations = page.items.into_iter().map(decode).collect::<Result<_, _>>()?;
        Ok(Held { invitations, next: next.transpose()? })
    }
}
