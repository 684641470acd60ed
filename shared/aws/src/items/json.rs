//! Items as DynamoDB's JSON, for tests.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::Item;

/// An item as JSON, with sorted names.
pub(crate) fn shown(item: Item) -> Value {
    let sorted: BTreeMap<String, Value> = item.into_iter().map(|(name, value)| (name, shown_value(value))).collect();
    json!(sorted)
}

fn shown_value(attribute: AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::Bool(is) => json!({"BOOL": is}),
        AttributeValue::L(list) => json!({"L": list.into_iter().map(shown_value).collect::<Vec<_>>()}),
        AttributeValue::M(map) => json!({"M": shown(map)}),
        other => panic!("{other:?} is not stored"),
    }
}

/// The item that is shown so.
pub(crate) fn item(json: &Value) -> Item {
    let attributes = json.as_object().unwrap_or_else(|| panic!("{json} is no item"));
    attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn attribute(json: &Value) -> AttributeValue {
    let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(text) = text("S") {
        return AttributeValue::S(text);
    }
    if let Some(number) = text("N") {
        return AttributeValue::N(number);
    }
    if let Some(is) = json.get("BOOL").and_then(Value::as_bool) {
        return AttributeValue::Bool(is);
    }
    if let Some(list) = json.get("L").and_then(Value::as_array) {
        return AttributeValue::L(list.iter().map(attribute).collect());
    }
    AttributeValue::M(item(&json["M"]))
}
