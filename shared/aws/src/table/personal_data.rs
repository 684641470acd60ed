use domain::ids::CompanyId;
use domain::invitation::Invitation;
use domain::ports::{Cursor, Part, PersonalData, StoreError};

use super::Table;
use super::query::{part, start, text};
use crate::items::{INVITATION, Key, attribute};

impl PersonalData for Table {
    /// One `Query`: a megabyte of the company's invitations, of which those that hold personal data come over the wire.
    async fn with_personal_data(
        &self,
        company: &CompanyId,
        from: Option<&Cursor>,
    ) -> Result<Part<Invitation>, StoreError> {
        let query = self
            .client()
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :invitation)")
            .filter_expression("attribute_exists(#candidate)")
            .expression_attribute_names("#candidate", attribute::CANDIDATE)
            .expression_attribute_values(":pk", text(Key::partition(company)))
            .expression_attribute_values(":invitation", text(INVITATION))
            .consistent_read(true);
        part(self.page(query, start(from)?).await?)
    }
}
