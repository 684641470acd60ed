//! The invitations that candidates were mailed. Nobody signs in for it: it stands for the mailboxes of all candidates.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::HERE;
use super::member::{open_frame, person_frame};
use crate::screens::{Frame, moment, signed_in};
use crate::testgorilla::TestGorilla;
use crate::testgorilla::state::Mail;

/// A mail, and the name of the assessment that it invites to.
struct Shown {
    mail: Mail,
    assessment: String,
}

#[derive(Template)]
#[template(path = "testgorilla/mailbox.html")]
struct Mailbox<'a> {
    email: &'a str,
    mails: Vec<Shown>,
}

/// Newest first; of one address where the query names it.
pub(super) async fn show(
    State(app): State<Arc<TestGorilla>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let email = query.get("email").map_or("", |email| email.trim());
    let mails = {
        let state = app.state();
        let wanted = state.mailbox.iter().rev().filter(|mail| email.is_empty() || mail.to.eq_ignore_ascii_case(email));
        let named = |mail: &Mail| state.assessments.get(&mail.assessment).map(|known| known.name.clone());
        wanted.map(|mail| Shown { mail: mail.clone(), assessment: named(mail).unwrap_or_default() }).collect()
    };
    let frame = match signed_in(&headers, HERE) {
        Some(email) => person_frame(&app, &headers, &email),
        None => open_frame(&headers),
    };
    let frame = Frame { here: "/mailbox".to_owned(), refresh: Some(5), ..frame };
    frame.page(StatusCode::OK, "Mailbox", &Mailbox { email, mails })
}
