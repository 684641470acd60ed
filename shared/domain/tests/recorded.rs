//! What is in the hands of others while a deployment moves from one version to another or back: access tokens, for half an hour, and
//! forms of the consent page, for an hour. `tests/recorded` has one of each, as every version made them: a line each, after the version.
//!
//! `RECORD=1 cargo test -p domain --test recorded` adds those of the present version.

// Tests may fail loudly.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use domain::access_token::{Presented, issue, verifying_key};
use domain::form_token::Form;
use domain::ids::{AttemptId, ClientId, CompanyId};
use domain::ports::TokenKeySeed;
use domain::sensitive::Secret;
use domain::timestamp::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_767_603_600);

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(name)
}

/// What every version made, the present one included, which makes it now as it did.
fn recorded(name: &str, now: &str) -> Vec<String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = fs::read_to_string(file(name)).unwrap_or_default();
    if std::env::var_os("RECORD").is_some() {
        text = text.lines().filter(|line| !line.starts_with(version)).map(|line| format!("{line}\n")).collect();
        text.push_str(&format!("{version} {now}\n"));
        fs::write(file(name), &text).unwrap();
    }
    let made = |line: &str| line.split_once(' ').map(|(version, made)| (version.to_owned(), made.to_owned())).unwrap();
    let lines: Vec<(String, String)> = text.lines().map(made).collect();
    assert_eq!(lines.last(), Some(&(version.to_owned(), now.to_owned())), "{name}: RECORD=1");
    lines.into_iter().map(|(_, made)| made).collect()
}

fn company() -> CompanyId {
    "acme-example".parse().unwrap()
}

#[test]
fn the_access_tokens_of_every_version_are_taken() {
    let (seed, client) = (TokenKeySeed([3; 32]), ClientId::from_bytes([5; 16]));
    let now = issue(&seed, &company(), &client, NOW).unwrap();
    let keys = [verifying_key(&seed).unwrap()];
    for token in recorded("access_tokens.txt", now.expose()) {
        let presented = Presented::parse(&token).unwrap();
        assert_eq!(presented.company(), &company());
        assert_eq!(presented.verify(&keys, &client, NOW), Ok(()), "{token}");
    }
}

#[test]
fn the_forms_of_every_version_are_taken() {
    let company = company();
    let (key, nonce) = (Secret::new("disconnect-key"), AttemptId::from_bytes([7; 16]));
    let form = Form { company: &company, redirect: Some("https://www.smartrecruiters.com/app") };
    for token in recorded("form_tokens.txt", &form.issue(&key, &nonce, NOW)) {
        assert_eq!(form.verify(&token, std::slice::from_ref(&key), NOW), Ok(nonce.clone()), "{token}");
    }
}
