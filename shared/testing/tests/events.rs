//! The payloads under `events/` are what their README says.

// Tests may fail loudly.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use testing::events::{Event, names};

const FUNCTIONS: [&str; 8] =
    ["assessments", "callbacks", "consent", "invitations", "orders", "reconcile", "results", "token"];

/// Every `${NAME}` in a text.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_placeholder_is_explained_and_no_other() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let rows: String = readme.lines().filter(|line| line.starts_with("| `${")).collect();
    let used =
        FUNCTIONS.iter().flat_map(|function| names(function).into_iter().map(|name| Event::load(function, &name)));
    let used: BTreeSet<String> = used.flat_map(|event| placeholders(&event.text())).collect();
    assert_eq!(used, placeholders(&rows));
}

#[test]
fn every_http_payload_agrees_with_itself() {
    for function in ["assessments", "callbacks", "consent", "orders", "token"] {
        for name in names(function) {
            let event = Event::load(function, &name);
            let json = event.json();
            let context = &json["requestContext"];
            assert_eq!(json["version"], "2.0");
            assert_eq!(
                (&json["rawPath"], &json["routeKey"]),
                (&context["http"]["path"], &context["routeKey"]),
                "{name}"
            );
            let route = json["routeKey"].as_str().unwrap();
            assert!(route.starts_with(context["http"]["method"].as_str().unwrap()), "{name}");
        }
    }
}
