//! Pages of lists: `limit` and `offset`.

use std::collections::HashMap;

use axum::Json;
use serde_json::{Value, json};

/// A page without a `limit` has this many items.
const DEFAULT_LIMIT: usize = 10;

/// The page of a sorted list that the query asks for.
pub(super) fn page(all: Vec<Value>, query: &HashMap<String, String>) -> Json<Value> {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(DEFAULT_LIMIT);
    let offset = number("offset").unwrap_or(0);
    let count = all.len();
    let link = |offset: usize| format!("?limit={limit}&offset={offset}");
    let next = (offset + limit < count).then(|| link(offset + limit));
    let previous = (offset > 0).then(|| link(offset.saturating_sub(limit)));
    let results: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
    Json(json!({"count": count, "next": next, "previous": previous, "results": results}))
}

/// Sorts by the key that `ordering` names; a leading `-` reverses. A key that is not known changes nothing.
pub(super) fn sort<T>(
    items: &mut [T],
    query: &HashMap<String, String>,
    compare: impl Fn(&str, &T, &T) -> std::cmp::Ordering,
) {
    let Some(ordering) = query.get("ordering") else { return };
    match ordering.strip_prefix('-') {
        Some(key) => items.sort_by(|a, b| compare(key, b, a)),
        None => items.sort_by(|a, b| compare(ordering, a, b)),
    }
}
