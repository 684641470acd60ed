use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::{Cursor, Part, StoreError, unreadable};

use super::Table;
use crate::failure::Failure;
use crate::items::{Entity, Item, Key, decode};

/// One page of a query.
pub(super) struct Page {
    pub(super) items: Vec<Item>,
    /// Where the next page begins; `None` after the last.
    pub(super) next: Option<Item>,
}

impl Table {
    /// Reads one page: one `Query`.
    pub(super) async fn page(&self, query: QueryFluentBuilder, start: Option<Item>) -> Result<Page, StoreError> {
        let request = query.table_name(&self.name).set_exclusive_start_key(start);
        let answer = request.send().await.map_err(|error| Failure::new("Query", &error))?;
        let next = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok(Page { items: answer.items.unwrap_or_default(), next })
    }

    /// Reads all pages: one `Query` for each megabyte.
    pub(super) async fn pages(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let mut page = self.page(query.clone(), None).await?;
        let mut items = std::mem::take(&mut page.items);
        while let Some(start) = page.next.take() {
            page = self.page(query.clone(), Some(start)).await?;
            items.append(&mut page.items);
        }
        Ok(items)
    }
}

/// A page's entities, and where the next one begins.
pub(super) fn part<E: Entity>(page: Page) -> Result<Part<E>, StoreError> {
    let items = page.items.into_iter().map(decode).collect::<Result<_, _>>()?;
    Ok(Part { items, next: page.next.map(|key| cursor(&key)).transpose()? })
}

/// The key that a page ends with.
pub(super) fn cursor(key: &Item) -> Result<Cursor, StoreError> {
    let key = Key::read(key).ok_or_else(|| unreadable("a page ends with something that has no key"))?;
    // No key has a line break in it.
    Ok(Cursor(format!("{}\n{}", key.pk, key.sk)))
}

/// The key that a page begins after.
pub(super) fn start(from: Option<&Cursor>) -> Result<Option<Item>, StoreError> {
    let Some(Cursor(cursor)) = from else { return Ok(None) };
    let (pk, sk) = cursor.split_once('\n').ok_or_else(|| unreadable("a cursor of another store"))?;
    Ok(Some(Key { pk: pk.to_owned(), sk: sk.to_owned() }.attributes()))
}

/// A text value of an expression.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}
