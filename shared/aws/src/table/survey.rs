use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{CompanyId, OrderId};
use domain::integration::Integration;
use domain::invitation::Invitation;
use domain::order::Order;
use domain::ports::{Cursor, Part, StoreError, Survey};

use super::Table;
use super::batch::{BATCH, Extent};
use super::query::{Page, part, start, text};
use crate::items::{Entity, INVITATION, Item, Key, LISTED_INTEGRATION, ORDER, attribute, decode};

const INDEX: &str = "listed";

/// Integrations that are read at once: as many as fit into one `BatchGetItem`.
const PART: i32 = BATCH as i32;

impl Survey for Table {
    /// One `Query` of the index, which is a moment behind, and one `BatchGetItem`.
    async fn integrations(&self, from: Option<&Cursor>) -> Result<Part<Integration>, StoreError> {
        let listed = AttributeValue::S(LISTED_INTEGRATION.to_owned());
        let query = self
            .client()
            .query()
            .index_name(INDEX)
            .key_condition_expression("#listed = :listed")
            .expression_attribute_names("#listed", attribute::LISTED)
            .expression_attribute_values(":listed", listed.clone())
            .limit(PART);
        let start = start(from)?.map(|mut key| {
            key.insert(attribute::LISTED.to_owned(), listed);
            key
        });
        let page = self.page(query, start).await?;
        let keys: Vec<Key> = page.items.iter().filter_map(Key::read).collect();
        part(Page { items: self.batch(&keys, Extent::Whole).await?, next: page.next })
    }

    /// One `Query`: a megabyte of the company's orders.
    async fn orders(&self, company: &CompanyId, from: Option<&Cursor>) -> Result<Part<Order>, StoreError> {
        part(self.of_company(company, ORDER, start(from)?).await?)
    }

    /// One `Query`: a megabyte of the company's invitations.
    async fn invitations(&self, company: &CompanyId, from: Option<&Cursor>) -> Result<Part<Invitation>, StoreError> {
        part(self.of_company(company, INVITATION, start(from)?).await?)
    }

    /// One `Scan` for each segment, all at once: some megabytes of the table.
    async fn orders_named(&self, id: OrderId, from: Option<&Cursor>) -> Result<Part<Order>, StoreError> {
        self.named(&format!("{ORDER}{id}"), from).await
    }
}

impl Table {
    /// The items with this sort key, whosever they are.
    async fn named<E: Entity>(&self, sk: &str, from: Option<&Cursor>) -> Result<Part<E>, StoreError> {
        let scan = self.client().scan().filter_expression("sk = :sk").expression_attribute_values(":sk", text(sk));
        let scanned = self.scanned(scan, from).await?;
        let items = scanned.items.into_iter().map(decode).collect::<Result<_, _>>()?;
        Ok(Part { items, next: scanned.next })
    }

    async fn of_company(&self, company: &CompanyId, kind: &str, start: Option<Item>) -> Result<Page, StoreError> {
        let query = self
            .client()
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :kind)")
            .expression_attribute_values(":pk", text(Key::partition(company)))
            .expression_attribute_values(":kind", text(kind))
            .consistent_read(true);
        self.page(query, start).await
    }
}
