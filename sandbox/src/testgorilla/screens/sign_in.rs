//! Sign in and out. Nobody has a password here.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::HERE;
use super::member::{open_frame, to_sign_in};
use crate::screens::{self, Fields, local_path};
use crate::testgorilla::TestGorilla;
use crate::testgorilla::account::Account;

#[derive(Template)]
#[template(path = "testgorilla/sign_in.html")]
struct SignIn<'a> {
    accounts: Vec<Account>,
    next: &'a str,
}

pub(super) async fn show(
    State(app): State<Arc<TestGorilla>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let accounts = app.state().accounts.values().cloned().collect();
    let next = local_path(query.get("next").map_or("/", String::as_str));
    open_frame(&headers).page(StatusCode::OK, "Sign in", &SignIn { accounts, next })
}

pub(super) async fn sign_in(fields: Fields) -> Response {
    let next = local_path(fields.text("next"));
    if crate::contract::is_email(fields.text("email")) {
        screens::sign_in(HERE, fields.text("email"), next)
    } else {
        to_sign_in(next)
    }
}

pub(super) async fn sign_out() -> Response {
    screens::sign_out(HERE, "/sign-in")
}
