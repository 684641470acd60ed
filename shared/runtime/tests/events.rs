//! Every event of the log is documented with its levels, and every documented one exists; so is every metric, with the events it is made of.

// Tests may fail loudly.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    unreachable_pub
)]

#[path = "support/sources.rs"]
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use sources::{root, sources};

/// What belongs to a name: to an event its levels, to a metric its events.
type Named = BTreeMap<String, BTreeSet<String>>;

/// The sources of what is deployed.
fn product() -> Vec<String> {
    let functions = std::fs::read_dir(root().join("functions")).unwrap().map(|entry| entry.unwrap().path());
    let shared = ["aws", "domain", "partners", "runtime"].map(|name| root().join("shared").join(name));
    functions.chain(shared).flat_map(|package| sources(&package.join("src"))).collect()
}

/// Events are named in the macro that logs them, and the macro's name is the level.
fn logged() -> Named {
    let mut events = Named::new();
    for source in product() {
        for call in source.split("tracing::").skip(1) {
            let (level, rest) = call.split_once("!(").unwrap_or_default();
            if ["error", "warn", "info", "debug", "trace"].contains(&level) {
                let named = rest.trim_start().strip_prefix("event = \"").and_then(|rest| rest.split('"').next());
                let event = named.unwrap_or_else(|| panic!("an event without a name: {}", &rest[..rest.len().min(80)]));
                events.entry(event.to_owned()).or_default().insert(level.to_owned());
            }
        }
    }
    events
}

/// The metrics' table: each begins with its name and its event.
fn measured() -> Named {
    let source = std::fs::read_to_string(root().join("shared/runtime/src/telemetry/metrics.rs")).unwrap();
    let table = source.split_once("static METRICS").unwrap().1;
    let mut metrics = Named::new();
    for metric in table.split("metric(").skip(1) {
        let texts: Vec<&str> = metric.split('"').collect();
        metrics.entry(texts[1].to_owned()).or_default().insert(texts[3].to_owned());
    }
    metrics
}

/// The rows of the table below a heading of docs/operations.md: the name in the first column, and the words of another one.
fn documented(heading: &str, column: usize) -> Named {
    let text = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let section = text.split_once(&format!("{heading}\n")).expect("the heading").1;
    let section = section.split("\n#").next().unwrap();
    let mut rows = Named::new();
    for row in section.lines().filter_map(|line| line.strip_prefix("| `")) {
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
        let words = cells[column].split(", ").map(|word| word.trim_matches('`').to_owned()).collect();
        let name = cells[0].trim_end_matches('`').to_owned();
        assert!(rows.insert(name, words).is_none(), "twice: {row}");
    }
    rows
}

#[test]
fn the_list_of_events_is_complete_and_has_no_other() {
    let (logged, documented) = (logged(), documented("### Events", 1));
    assert!(logged.len() > 50, "events are found: {logged:?}");
    assert_eq!(logged, documented);
}

#[test]
fn the_list_of_metrics_is_complete_and_has_no_other() {
    let (measured, documented) = (measured(), documented("## Metrics", 3));
    assert!(measured.len() > 10, "metrics are found: {measured:?}");
    assert_eq!(measured, documented);
}

#[test]
fn every_metric_is_made_of_events_that_there_are() {
    let logged = logged();
    let unheard: Vec<_> = measured().into_values().flatten().filter(|event| !logged.contains_key(event)).collect();
    assert!(unheard.is_empty(), "{unheard:?}");
}
