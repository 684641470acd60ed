//! Answers over HTTP, as tests look at them.

use std::fmt::Write;

use http::Response;
use serde_json::Value;

/// Status, headers by name, and body; a body of JSON on lines of its own.
///
/// # Panics
/// When a header or the body is not a text.
pub fn shown(reply: &Response<impl AsRef<[u8]>>) -> String {
    let mut shown = format!("{}\n", reply.status());
    let mut headers: Vec<_> = reply.headers().iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        writeln!(shown, "{name}: {}", value.to_str().expect("a header of visible characters")).expect("memory");
    }
    let text = text(reply);
    match serde_json::from_str::<Value>(text) {
        Ok(value) => write!(shown, "\n{value:#}").expect("memory"),
        Err(_) => write!(shown, "\n{text}").expect("memory"),
    }
    shown
}

/// The body as text.
///
/// # Panics
/// When it is none.
pub fn text(reply: &Response<impl AsRef<[u8]>>) -> &str {
    std::str::from_utf8(reply.body().as_ref()).expect("a text")
}

/// The body as JSON.
///
/// # Panics
/// When it is none.
pub fn json(reply: &Response<impl AsRef<[u8]>>) -> Value {
    serde_json::from_str(text(reply)).expect("JSON")
}

/// The code of an error answer, which must have the shape of SmartRecruiters' contract (`ErrorResponse`) and more: one error, a
/// sentence, the same sentence for the whole, no more properties, and a JSON content type that no cache stores.
///
/// # Panics
/// When it has not.
pub fn error_code(reply: &Response<impl AsRef<[u8]>>) -> String {
    assert!(reply.status().is_client_error() || reply.status().is_server_error(), "{}", shown(reply));
    assert_eq!(reply.headers()["content-type"], "application/json");
    assert_eq!(reply.headers()["cache-control"], "no-store");
    let body = json(reply);
    let (code, message) = (body["errors"][0]["code"].as_str(), body["message"].as_str());
    let (code, message) = (code.expect("a code"), message.expect("a message"));
    assert!(!code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{code}");
    assert!(message.ends_with('.'), "{message}");
    assert_eq!(body, serde_json::json!({"errors": [{"code": code, "message": message}], "message": message}));
    code.to_owned()
}
