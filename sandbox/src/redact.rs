//! Takes secrets out of what is logged.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::contract::media_type;

/// What stands in a secret's place.
const MASK: &str = "***";
/// Properties and form fields that hold secrets.
const SECRET_NAMES: [&str; 6] = ["clientsecret", "accesstoken", "refreshtoken", "apikey", "password", "secret"];
/// Headers that hold credentials.
const SECRET_HEADERS: [&str; 4] = ["authorization", "cookie", "set-cookie", "proxy-authorization"];
/// Longer text is cut in the log.
const MAX_TEXT: usize = 16 * 1024;

/// The headers with credentials masked.
pub(crate) fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let shown = |name: &str, value: &axum::http::HeaderValue| {
        if SECRET_HEADERS.contains(&name) {
            MASK.to_owned()
        } else {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        }
    };
    headers.iter().map(|(name, value)| (name.to_string(), shown(name.as_str(), value).into())).collect()
}

/// The body for the log: JSON and forms by their parts, with secrets masked; other text as it is; bytes by their number.
pub(crate) fn body(headers: &HeaderMap, body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        return mask(value);
    }
    if headers.contains_key(header::CONTENT_TYPE) && media_type(headers) == "application/x-www-form-urlencoded" {
        let pairs = form_urlencoded::parse(body).into_owned();
        return mask(Value::Object(pairs.map(|(name, value)| (name, value.into())).collect()));
    }
    match std::str::from_utf8(body) {
        Ok(text) => text.chars().take(MAX_TEXT).collect::<String>().into(),
        Err(_) => json!({"bytes": body.len()}),
    }
}

fn mask(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let masked = |name: &str, value| if is_secret(name) { MASK.into() } else { mask(value) };
            Value::Object(object.into_iter().map(|(name, value)| (name.clone(), masked(&name, value))).collect())
        }
        Value::Array(items) => items.into_iter().map(mask).collect(),
        other => other,
    }
}

fn is_secret(name: &str) -> bool {
    SECRET_NAMES.contains(&name.replace(['_', '-'], "").to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn secrets_are_masked_in_headers_json_and_forms() {
        let json = body(&HeaderMap::new(), br#"{"clientId":"a","clientSecret":"s","more":[{"access_token":"t"}]}"#);
        assert_eq!(json, json!({"clientId": "a", "clientSecret": "***", "more": [{"access_token": "***"}]}));
        let all = HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
            (header::AUTHORIZATION, HeaderValue::from_static("Token abc")),
        ]);
        assert_eq!(body(&all, b"client_id=a&client_secret=s"), json!({"client_id": "a", "client_secret": "***"}));
        assert_eq!(headers(&all).get("authorization"), Some(&json!("***")));
        assert_eq!(body(&HeaderMap::new(), &[0xff, 0xfe]), json!({"bytes": 2}));
    }
}
