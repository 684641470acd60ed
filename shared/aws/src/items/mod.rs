//! Entities as items of the table. Every item has a `schema` number: attributes may be added under the same number, and readers
//! ignore those they do not know; anything else takes a new number, which older readers refuse.

mod catalogue;
mod client;
pub(crate) mod codes;
mod integration;
mod invitation;
mod key;
mod notes;
mod order;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::StoreError;
use domain::timestamp::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use catalogue::CompanyAssessment;
pub(crate) use invitation::OPEN_STATES;
pub(crate) use key::{
    ASSESSMENT, CATALOGUE, INTEGRATION, INVITATION, Key, LISTED_INTEGRATION, ORDER, RECORD, SHARDS, attribute,
    lookup_api_key, lookup_candidature,
};

/// Attributes by name.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The only schema so far.
const SCHEMA: u32 = 1;

/// An item that does not hold what it should, or an entity that cannot be stored. What it holds is not told: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the item {0} cannot be read or written")]
pub(crate) struct Unreadable(String);

impl From<Unreadable> for StoreError {
    fn from(error: Unreadable) -> Self {
        Self::Broken(error.into())
    }
}

/// An entity that is stored as one item.
pub(crate) trait Entity: Sized {
    /// Its attributes, keys and counters left out.
    type Body: Serialize + DeserializeOwned;

    /// Where it lies.
    fn key(&self) -> Key;

    /// How often it was saved; `None` for what is only put and deleted.
    fn version(&self) -> Option<u64>;

    /// When work is due on it. The body holds it, too, under the same name.
    fn due_at(&self) -> Option<Timestamp> {
        None
    }

    /// What the index `lookup` finds it by.
    fn lookup(&self) -> Option<String> {
        None
    }

    /// What the index `listed` has it under.
    fn listed(&self) -> Option<&'static str> {
        None
    }

    /// Its attributes.
    fn body(&self) -> Self::Body;

    /// Reads it back; `None` when the attributes do not fit together.
    fn read(key: &Key, version: u64, body: Self::Body) -> Option<Self>;
}

/// The item of an entity, with a version of its own where it has one.
pub(crate) fn encode<E: Entity>(entity: &E, version: Option<u64>) -> Result<Item, Unreadable> {
    let key = entity.key();
    let shard = entity.due_at().map(|_| key.shard().to_string());
    let unreadable = || Unreadable(key.to_string());
    let mut item: Item = serde_dynamo::aws_sdk_dynamodb_1::to_item(entity.body()).map_err(|_| unreadable())?;
    item.extend(key.clone().attributes());
    let number = |value: u64| AttributeValue::N(value.to_string());
    let extra = [
        (attribute::SCHEMA, Some(number(SCHEMA.into()))),
        (attribute::VERSION, version.map(number)),
        (attribute::DUE_SHARD, shard.map(AttributeValue::S)),
        (attribute::LOOKUP, entity.lookup().map(AttributeValue::S)),
        (attribute::LISTED, entity.listed().map(|list| AttributeValue::S(list.to_owned()))),
    ];
    item.extend(extra.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Ok(item)
}

/// The entity of an item.
pub(crate) fn decode<E: Entity>(item: Item) -> Result<E, Unreadable> {
    let Some(key) = Key::read(&item) else { return Err(Unreadable("without a key".to_owned())) };
    let number = |name| item.get(name)?.as_n().ok()?.parse::<u64>().ok();
    let is_known = number(attribute::SCHEMA) == Some(SCHEMA.into());
    let version = number(attribute::VERSION).unwrap_or(0);
    let body = || serde_dynamo::aws_sdk_dynamodb_1::from_item(item).ok();
    let entity = if is_known { body().and_then(|body| E::read(&key, version, body)) } else { None };
    entity.ok_or_else(|| Unreadable(key.to_string()))
}

/// Counts that are 0 are mostly left out: it is what is read where there is none.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Bytes of a fixed length as base64 text (RFC 4648 section 4).
mod base64_bytes {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn encode<const N: usize>(bytes: &[u8; N]) -> String {
        STANDARD.encode(bytes)
    }

    pub(super) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
        STANDARD.decode(text).ok()?.try_into().ok()
    }

    pub(super) fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(from: D) -> Result<[u8; N], D::Error> {
        decode(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("not base64 of the right length"))
    }
}

#[cfg(test)]
pub(crate) mod json;
#[cfg(test)]
mod tests;
