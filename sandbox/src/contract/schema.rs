//! A validator for the part of JSON Schema that the contracts use.

use serde_json::{Map, Value};

use super::formats;

/// How strictly a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A whole document that the receiver understands: a property that the schema does not name is a mistake.
    Request,
    /// A merge patch (RFC 7396): outside of arrays nothing is required and `null` removes.
    Patch,
    /// An answer: unknown properties are to be ignored.
    Answer,
}

/// The schemas of one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schemas<'a> {
    document: &'a Value,
}

impl<'a> Schemas<'a> {
    /// The schemas of this OpenAPI document.
    pub(super) fn new(document: &'a Value) -> Self {
        Self { document }
    }

    /// Follows a `$ref` within the document; anything else is its own target.
    pub(super) fn resolve(self, value: &'a Value) -> &'a Value {
        let target = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        target.and_then(|pointer| self.document.pointer(pointer)).map_or(value, |found| self.resolve(found))
    }

    /// What is wrong with the value by the schema `name` of the components.
    pub(crate) fn check_named(self, name: &str, value: &Value, mode: Mode) -> Vec<String> {
        let Some(schema) = self.document.pointer(&format!("/components/schemas/{name}")) else {
            return vec![format!("the contract has no schema {name}")];
        };
        self.check(schema, value, mode)
    }

    /// What is wrong with the value, one sentence a mistake, each with the place.
    pub(crate) fn check(self, schema: &'a Value, value: &Value, mode: Mode) -> Vec<String> {
        let mut mistakes = Vec::new();
        self.walk(schema, value, mode, "$", &mut mistakes);
        mistakes
    }

    fn walk(self, schema: &'a Value, value: &Value, mode: Mode, at: &str, mistakes: &mut Vec<String>) {
        let schema = self.resolve(schema);
        if value.is_null() {
            let nullable = schema.get("nullable").and_then(Value::as_bool).unwrap_or(false);
            if !nullable && mode != Mode::Patch && schema.get("type").is_some() {
                mistakes.push(format!("{at} is null"));
            }
            return;
        }
        if let Some(kind) = schema.get("type").and_then(Value::as_str)
            && !has_type(kind, value)
        {
            mistakes.push(format!("{at} is no {kind}"));
            return;
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            mistakes.push(format!("{at} is none of {}", Value::from(allowed.clone())));
        }
        match value {
            Value::String(text) => check_format(schema, text, at, mistakes),
            Value::Array(items) => self.walk_items(schema, items, mode, at, mistakes),
            Value::Object(object) => self.walk_object(schema, object, mode, at, mistakes),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn walk_items(self, schema: &'a Value, items: &[Value], mode: Mode, at: &str, mistakes: &mut Vec<String>) {
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
        if bound("minItems").is_some_and(|least| items.len() < least) {
            mistakes.push(format!("{at} has too few items"));
        }
        if bound("maxItems").is_some_and(|most| items.len() > most) {
            mistakes.push(format!("{at} has too many items"));
        }
        let Some(item_schema) = schema.get("items") else { return };
        // A merge patch replaces an array whole: its items are no patches.
        let mode = if mode == Mode::Patch { Mode::Request } else { mode };
        for (index, item) in items.iter().enumerate() {
            self.walk(item_schema, item, mode, &format!("{at}[{index}]"), mistakes);
        }
    }

    fn walk_object(self, schema: &'a Value, object: &Map<String, Value>, mode: Mode, at: &str, out: &mut Vec<String>) {
        if mode != Mode::Patch {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            for name in required.filter_map(Value::as_str).filter(|name| !object.contains_key(*name)) {
                out.push(format!("{at}.{name} is missing"));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, value) in object {
            let known = properties.and_then(|properties| properties.get(name));
            match known.or_else(|| schema.get("additionalProperties").filter(|schema| schema.is_object())) {
                Some(schema) => self.walk(schema, value, mode, &format!("{at}.{name}"), out),
                None if mode != Mode::Answer && properties.is_some() => {
                    out.push(format!("{at}.{name} is unknown to the contract"));
                }
                None => {}
            }
        }
    }
}

fn check_format(schema: &Value, text: &str, at: &str, mistakes: &mut Vec<String>) {
    if let Some(format) = schema.get("format").and_then(Value::as_str)
        && !formats::fits(format, text)
    {
        mistakes.push(format!("{at} has not the format {format}"));
    }
}

fn has_type(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => true,
    }
}
