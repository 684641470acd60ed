//! Takes personal data, and secrets in addresses, out of what the page shows. Secrets in bodies are not even logged.

use serde_json::{Map, Value};
use url::form_urlencoded;
use uuid::Uuid;

/// What stands in its place.
const MASK: &str = "***";

/// Properties about a person, or that let somebody act as one. In small letters, without separators.
const PERSONAL: [&str; 16] = [
    "email",
    "firstname",
    "lastname",
    "fullname",
    "middlename",
    "phone",
    "phonenumber",
    "ip",
    "ipaddress",
    "geoip",
    "useragent",
    "testtakerphotos",
    "accessibilityaccommodations",
    "invitationuuid",
    "invitationlink",
    "assessmenturl",
];

/// An object with one of these is about a person.
const OF_PERSONS_ALONE: [&str; 4] = ["email", "firstname", "lastname", "fullname"];

/// Segments of an address this long are keys, unless they are UUIDs.
const KEY_LENGTH: usize = 20;

/// The path and query without addresses of people and keys.
pub(super) fn masked_path(path: &str, query: &str) -> String {
    let segment = |segment: &str| {
        if is_key(segment) { MASK.to_owned() } else { masked_text(segment) }
    };
    let path = path.split('/').map(segment).collect::<Vec<_>>().join("/");
    let pairs = form_urlencoded::parse(query.as_bytes());
    let pairs = pairs.map(|(name, value)| {
        let value = if is_personal(&name) || is_key(&value) { MASK.to_owned() } else { masked_text(&value) };
        format!("{name}={value}")
    });
    let query = pairs.collect::<Vec<_>>().join("&");
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The body in lines, without personal data; none when there is no body. A file is only named.
pub(super) fn masked_body(headers: &Map<String, Value>, body: &Value) -> Option<String> {
    let media_type = headers.get("content-type").and_then(Value::as_str).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default();
    match body {
        Value::Null => None,
        Value::String(_) if media_type == "application/pdf" || media_type.starts_with("multipart/") => {
            Some(format!("({media_type}, not shown)"))
        }
        Value::String(text) => Some(masked_text(text)),
        body => serde_json::to_string_pretty(&masked(body)).ok(),
    }
}

/// A `name` is masked beside other properties of a person only: assessments and tests have names too.
fn masked(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let is_person = object.keys().any(|name| is_one_of(&OF_PERSONS_ALONE, name));
            let shown = |name: &str, value: &Value| match value {
                Value::Null => Value::Null,
                _ if is_personal(name) || is_person && name == "name" => MASK.into(),
                value => masked(value),
            };
            object.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect()
        }
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::String(text) => masked_text(text).into(),
        other => other.clone(),
    }
}

/// The text with every mail address masked, and every key within an address.
fn masked_text(text: &str) -> String {
    let word = |word: &str| {
        if word.contains('@') {
            MASK.to_owned()
        } else if word.contains("://") {
            word.split('/').map(|segment| if is_key(segment) { MASK } else { segment }).collect::<Vec<_>>().join("/")
        } else {
            word.to_owned()
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn is_personal(name: &str) -> bool {
    is_one_of(&PERSONAL, name)
}

fn is_one_of(known: &[&str], name: &str) -> bool {
    known.contains(&name.replace(['_', '-'], "").to_lowercase().as_str())
}

/// Whether a segment of an address is made of letters and digits that nobody could remember. Ids of SmartRecruiters are UUIDs.
fn is_key(segment: &str) -> bool {
    let is_opaque = segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let has_digit = segment.chars().any(|c| c.is_ascii_digit());
    segment.len() >= KEY_LENGTH && is_opaque && has_digit && Uuid::parse_str(segment).is_err()
}
