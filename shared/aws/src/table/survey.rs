use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use domain::ids::{CompanyId, OrderId};
use domain::integration::Integration;
use domain::invitation::Invitation;
use domain::order::Order;
use domain::ports::{Cursor, Part, StoreError, Survey};

use super::Table;
use super::query::{Page, part, start, text};
use crate::failure::Failure;
use crate::items::{INTEGRATION, INVITATION, Item, Key, ORDER};

impl Survey for Table {
    /// One `Scan`: a megabyte of the table, of which integrations come over the wire.
    async fn integrations(&self, from: Option<&Cursor>) -> Result<Part<Integration>, StoreError> {
        part(self.scanned(self.named(INTEGRATION), start(from)?).await?)
    }

    /// One `Query`: a megabyte of the company's orders.
    async fn orders(&self, company: &CompanyId, from: Option<&Cursor>) -> Result<Part<Order>, StoreError> {
        part(self.of_company(company, ORDER, start(from)?).await?)
    }

    /// One `Query`: a megabyte of the company's invitations.
    async fn invitations(&self, company: &CompanyId, from: Option<&Cursor>) -> Result<Part<Invitation>, StoreError> {
        part(self.of_company(company, INVITATION, start(from)?).await?)
    }

    /// One `Scan`: a megabyte of the table.
    async fn orders_named(&self, id: OrderId, from: Option<&Cursor>) -> Result<Part<Order>, StoreError> {
        part(self.scanned(self.named(&format!("{ORDER}{id}")), start(from)?).await?)
    }
}

impl Table {
    /// A scan for the items with this sort key.
    fn named(&self, sk: &str) -> ScanFluentBuilder {
        self.client()
            .scan()
            .consistent_read(true)
            .filter_expression("sk = :sk")
            .expression_attribute_values(":sk", text(sk))
    }

    async fn scanned(&self, scan: ScanFluentBuilder, start: Option<Item>) -> Result<Page, StoreError> {
        let request = scan.table_name(&self.name).set_exclusive_start_key(start);
        let answer = request.send().await.map_err(|error| Failure::new("Scan", &error))?;
        let next = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok(Page { items: answer.items.unwrap_or_default(), next })
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
