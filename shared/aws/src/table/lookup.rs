use domain::ids::{ApiKeyHash, CandidatureId, CompanyId, InvitationKey};
use domain::ports::{Lookup, StoreError};

use super::Table;
use super::query::text;
use crate::items::{Key, attribute, lookup_api_key, lookup_candidature};

const INDEX: &str = "lookup";

impl Lookup for Table {
    async fn invitations_of(&self, candidature: CandidatureId) -> Result<Vec<InvitationKey>, StoreError> {
        let keys = self.looked_up(lookup_candidature(candidature)).await?;
        Ok(keys.iter().filter_map(Key::invitation_key).collect())
    }

    async fn companies_with(&self, api_key: &ApiKeyHash) -> Result<Vec<CompanyId>, StoreError> {
        let keys = self.looked_up(lookup_api_key(api_key)).await?;
        Ok(keys.iter().filter_map(Key::company).collect())
    }
}

impl Table {
    /// One `Query` of the index.
    async fn looked_up(&self, value: String) -> Result<Vec<Key>, StoreError> {
        let query = self
            .client()
            .query()
            .index_name(INDEX)
            .key_condition_expression("#lookup = :lookup")
            .expression_attribute_names("#lookup", attribute::LOOKUP)
            .expression_attribute_values(":lookup", text(value));
        Ok(self.pages(query).await?.iter().filter_map(Key::read).collect())
    }
}
