//! The page that See Results leads to: for users of the candidate's own account, and for nobody else.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::TestGorilla;
use super::candidature::Candidature;
use super::state;

/// The cookie that names who is signed in.
const SIGNED_IN: &str = "signed_in_as";

/// What a person sees who opens the page.
#[derive(Debug, Clone)]
pub(crate) enum Page {
    /// There is no such candidature.
    Unknown,
    /// Only the account's users see it; this is its owner's address, to ask for access.
    AskForAccess(Option<String>),
    /// The candidature.
    Shown(Box<Candidature>),
}

/// What `user` sees of an attempt.
pub(crate) fn open(
    state: &state::State,
    user: Option<&str>,
    assessment: u64,
    test_taker: u64,
    candidature: u64,
) -> Page {
    let known = state.candidatures.get(&candidature);
    let known = known.filter(|known| known.assessment == assessment && known.testtaker_id == test_taker);
    let Some((known, account)) = known.and_then(|known| Some((known, state.accounts.get(&known.account)?))) else {
        return Page::Unknown;
    };
    if account.users.iter().any(|with_access| Some(with_access.email.as_str()) == user) {
        Page::Shown(Box::new(known.clone()))
    } else {
        Page::AskForAccess(account.owner().map(str::to_owned))
    }
}

pub(super) async fn get(
    State(testgorilla): State<Arc<TestGorilla>>,
    Path((assessment, test_taker)): Path<(u64, u64)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let candidature = query.get("candidature").and_then(|id| id.parse().ok()).unwrap_or_default();
    let user = signed_in(&headers);
    match open(&testgorilla.state(), user, assessment, test_taker, candidature) {
        Page::Unknown => (StatusCode::NOT_FOUND, Html(page("Not found", ""))).into_response(),
        Page::AskForAccess(owner) => {
            let owner = owner.map(|owner| format!(" ({})", escape(&owner))).unwrap_or_default();
            let text =
                format!("Only users of the account see this candidate. Request access from the account owner{owner}.");
            (StatusCode::FORBIDDEN, Html(page("You do not have access", &text))).into_response()
        }
        Page::Shown(known) => {
            let score =
                known.average.map_or_else(|| "no score yet".to_owned(), |average| format!("{average:.0} of 100"));
            let text = format!("{}: {score}", known.status.name());
            Html(page(&escape(&known.full_name()), &text)).into_response()
        }
    }
}

fn signed_in(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?.split(';');
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == SIGNED_IN).then_some(value))
}

fn page(title: &str, text: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
