//! Every error code is documented with its status, and every documented one exists.

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

use lambda_http::http::StatusCode;
use sources::{root, sources};

type Codes = BTreeMap<String, BTreeSet<u16>>;

/// The status that a constant stands for, e.g. `BAD_REQUEST`.
fn status(constant: &str) -> u16 {
    let is_it = |status: &StatusCode| {
        let reason = status.canonical_reason().unwrap_or_default();
        reason.to_uppercase().replace([' ', '-'], "_") == constant
    };
    let all = (100..600).filter_map(|number| StatusCode::from_u16(number).ok());
    all.into_iter().find(is_it).unwrap_or_else(|| panic!("StatusCode::{constant}")).as_u16()
}

/// A text literal that begins here.
fn literal(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix('"')?.split('"').next()
}

/// Status and code at the beginning of arguments such as `StatusCode::BAD_REQUEST, "request_malformed"`.
fn status_and_code(arguments: &str) -> Option<(u16, &str)> {
    let (constant, rest) = arguments.trim_start().strip_prefix("StatusCode::")?.split_once(',')?;
    Some((status(constant), literal(rest)?))
}

/// Codes are written out beside their status wherever an error is made; a code that is put together otherwise is not allowed.
fn written() -> Codes {
    let mut codes = Codes::new();
    let mut add = |(status, code): (u16, &str)| codes.entry(code.to_owned()).or_default().insert(status);
    let folders = std::fs::read_dir(root().join("functions")).unwrap().map(|entry| entry.unwrap().path().join("src"));
    for source in folders.chain([root().join("shared/runtime/src")]).flat_map(|folder| sources(&folder)) {
        for (at, _) in source.match_indices("StatusCode::") {
            // Elsewhere, as in `StatusCode::OK, &body`, nothing is named.
            let constant = source[at..].split([',', ')', ' ', ';']).next().unwrap();
            if source[at + constant.len()..].starts_with(',') {
                status_and_code(&source[at..]).map(&mut add);
            }
        }
        for made in source.split("HttpError::new(").skip(1) {
            assert!(
                status_and_code(made).is_some(),
                "an error without a code of its own: {}",
                &made[..made.len().min(80)]
            );
        }
        for made in source.split("Self::of_key(").skip(1) {
            add((422, literal(made).expect("a code")));
        }
    }
    codes
}

fn documented() -> Codes {
    let text = std::fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let mut codes = Codes::new();
    for row in text.lines().filter_map(|line| line.strip_prefix("| `")) {
        let cells: Vec<&str> = row.trim_end_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 4, "{row}");
        assert!(cells.iter().all(|cell| !cell.trim().is_empty()), "{row}");
        let statuses = cells[1].split(", ").map(|status| status.parse::<u16>().expect("a status"));
        codes.entry(cells[0].trim_end_matches('`').to_owned()).or_default().extend(statuses);
    }
    codes
}

#[test]
fn the_table_of_errors_is_complete_and_has_no_other() {
    let (written, documented) = (written(), documented());
    assert!(written.len() > 30, "codes are found: {written:?}");
    assert_eq!(written, documented);
}
