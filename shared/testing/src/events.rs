//! The payloads under `events/`, which `sam local invoke` and the unit tests share. Their placeholders are listed in `events/README.md`.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn folder(function: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events").join(function)
}

/// The names of all payloads of a function, without their ending, sorted.
///
/// # Panics
/// When the function has no folder.
pub fn names(function: &str) -> Vec<String> {
    let folder = folder(function);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let json = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let mut names: Vec<String> =
        json.filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).collect();
    names.sort();
    names
}

/// A payload, to be filled in or changed before a function gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event(Value);

impl From<Value> for Event {
    fn from(payload: Value) -> Self {
        Self(payload)
    }
}

impl Event {
    /// The payload of `events/<function>/<name>.json`, as it is.
    ///
    /// # Panics
    /// When there is no such file, or it is not JSON.
    pub fn load(function: &str, name: &str) -> Self {
        let path = folder(function).join(format!("{name}.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// The payload as another type.
    ///
    /// # Panics
    /// When it does not fit the type.
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_value(self.0.clone()).expect("a payload of that type")
    }

    /// The payload as text.
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// The payload as JSON.
    pub const fn json(&self) -> &Value {
        &self.0
    }

    /// With `${name}` filled in, wherever it stands.
    #[must_use]
    pub fn fill(mut self, name: &str, value: impl ToString) -> Self {
        replace(&mut self.0, &format!("${{{name}}}"), &value.to_string());
        self
    }

    /// Signed with a key as it stands now: a callback (Standard Webhooks).
    #[must_use]
    pub fn sign(self, key: &[u8]) -> Self {
        let (id, timestamp) = (self.header_text("webhook-id"), self.header_text("webhook-timestamp"));
        let signed = format!("{id}.{timestamp}.{}", self.body_text());
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
        self.header("webhook-signature", &format!("v1,{}", STANDARD.encode(tag)))
    }

    /// A header's value, empty when there is none.
    pub fn header_text(&self, name: &str) -> &str {
        self.0["headers"][name].as_str().unwrap_or_default()
    }

    /// The body as text.
    pub fn body_text(&self) -> &str {
        self.0["body"].as_str().unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn body_json(&self) -> Value {
        serde_json::from_str(self.body_text()).expect("a body of JSON")
    }

    /// With another body.
    #[must_use]
    pub fn body(mut self, text: impl Into<String>) -> Self {
        self.0["body"] = Value::String(text.into());
        self
    }

    /// With its body of JSON changed.
    #[must_use]
    pub fn edit(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut body = self.body_json();
        change(&mut body);
        self.body(body.to_string())
    }

    /// With its body in Base64, as API Gateway hands over what it does not know for text, forms among it.
    #[must_use]
    pub fn in_base64(self) -> Self {
        let encoded = STANDARD.encode(self.body_text());
        let mut encoded = self.body(encoded);
        encoded.0["isBase64Encoded"] = json!(true);
        encoded
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = json!(value);
        self
    }

    /// Without a header.
    ///
    /// # Panics
    /// When the payload has no headers.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.0["headers"].as_object_mut().expect("headers").remove(name);
        self
    }

    /// With every header's name written in another way.
    ///
    /// # Panics
    /// When the payload has no headers.
    #[must_use]
    pub fn rename_headers(mut self, rename: impl Fn(&str) -> String) -> Self {
        let headers = self.0["headers"].as_object().expect("headers");
        let renamed = headers.iter().map(|(name, value)| (rename(name), value.clone())).collect();
        self.0["headers"] = Value::Object(renamed);
        self
    }

    /// With other messages: a batch of these bodies, numbered from 1 in their ids, otherwise like the last one.
    ///
    /// # Panics
    /// When the payload is no batch.
    #[must_use]
    pub fn batch(mut self, bodies: &[impl AsRef<str>]) -> Self {
        let record = self.0["Records"].as_array().and_then(|records| records.last()).expect("a batch").clone();
        let numbered = bodies.iter().enumerate().map(|(index, body)| {
            let mut record = record.clone();
            record["messageId"] = json!(format!("message-{}", index + 1));
            record["body"] = json!(body.as_ref());
            record
        });
        self.0["Records"] = numbered.collect();
        self
    }

    /// The body of the last message, as another type.
    ///
    /// # Panics
    /// When the payload is no batch, or the body does not fit the type.
    pub fn last_message<T: DeserializeOwned>(&self) -> T {
        let record = self.0["Records"].as_array().and_then(|records| records.last()).expect("a batch");
        serde_json::from_str(record["body"].as_str().expect("a body")).expect("a body of that type")
    }

    /// With another method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.0["requestContext"]["http"]["method"] = json!(method);
        self
    }

    /// From another address.
    #[must_use]
    pub fn from_address(mut self, address: &str) -> Self {
        self.0["requestContext"]["http"]["sourceIp"] = json!(address);
        self
    }

    /// With another path.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.0["rawPath"] = json!(path);
        self.0["requestContext"]["http"]["path"] = json!(path);
        self
    }

    /// With another query.
    #[must_use]
    pub fn query(mut self, query: &str) -> Self {
        self.0["rawQueryString"] = json!(query);
        self
    }
}

/// Replaces a text in every text of a value, names of properties excepted.
fn replace(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) => *text = text.replace(from, to),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, from, to)),
        Value::Object(object) => object.values_mut().for_each(|item| replace(item, from, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
