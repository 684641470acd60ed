//! Who opens a page of an account, and what they may do there.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, OriginalUri, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::HERE;
use crate::control::ActionError;
use crate::screens::{Frame, Link, Notice, see_other, sentence, signed_in};
use crate::testgorilla::TestGorilla;
use crate::testgorilla::account::{Account, Role};

/// A user of the account that the path names.
#[derive(Debug)]
pub(super) struct Member {
    /// Their address.
    pub(super) email: String,
    /// What they may do.
    pub(super) role: Role,
    /// The account, as it was when they opened the page.
    pub(super) account: Account,
    headers: HeaderMap,
}

impl Member {
    /// A person in the account named, or else in the first that they are a user of; none for who is no user of any.
    pub(super) fn of(
        testgorilla: &TestGorilla,
        headers: &HeaderMap,
        email: &str,
        account: Option<&str>,
    ) -> Option<Self> {
        let state = testgorilla.state();
        let wanted = state.accounts.values().filter(|known| account.is_none_or(|id| id == known.id));
        let mut theirs = wanted.filter_map(|known| Some((known.role_of(email)?, known.clone())));
        let (role, account) = theirs.next()?;
        Some(Self { email: email.to_owned(), role, account, headers: headers.clone() })
    }

    /// Address of a page of the account.
    pub(super) fn path(&self, page: &str) -> String {
        account_path(&self.account.id, page)
    }

    /// The frame of a page of the account.
    pub(super) fn frame(&self, here: &str) -> Frame {
        let mut frame = open_frame(&self.headers);
        let mut navigation = vec![Link::new("Assessments", self.path("assessments"))];
        if self.role.manages_integrations() {
            navigation.push(Link::new("Integrations", self.path("integrations")));
        }
        navigation.push(Link::new("Account", self.path("account")));
        navigation.append(&mut frame.navigation);
        frame.person = Some(format!("{} ({}, {})", self.email, self.role.name(), self.account.id));
        Frame { navigation, here: here.to_owned(), ..frame }
    }

    /// A page that this member's role does not see.
    pub(super) fn refused(&self, sentence: &str) -> Response {
        let screen = Words { title: "You do not have access", sentence };
        self.frame("").page(StatusCode::FORBIDDEN, screen.title, &screen)
    }

    /// Back to a page of the account, with a message about what was done or why it was not.
    pub(super) fn back<T>(&self, page: &str, done: Result<T, ActionError>, said: &str) -> Response {
        let notice = match done {
            Ok(_) => Notice::Done(said.to_owned()),
            Err(error) => Notice::Problem(sentence(&error.to_string())),
        };
        see_other(HERE, &self.path(page), Some(&notice))
    }
}

impl FromRequestParts<Arc<TestGorilla>> for Member {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, testgorilla: &Arc<TestGorilla>) -> Result<Self, Response> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, testgorilla).await;
        let id = path.ok().and_then(|Path(mut names)| names.remove("account")).unwrap_or_default();
        let email = signed_in(&parts.headers, HERE).ok_or_else(|| sign_in_first(parts))?;
        let headers = &parts.headers;
        match Self::of(testgorilla, headers, &email, Some(&id)) {
            Some(member) => Ok(member),
            // Whether the account exists is nobody else's business.
            None => {
                let screen =
                    Words { title: "You do not have access", sentence: "Only users of the account see this page." };
                Err(person_frame(testgorilla, headers, &email).page(StatusCode::FORBIDDEN, screen.title, &screen))
            }
        }
    }
}

/// Address of a page of an account.
pub(super) fn account_path(account: &str, page: &str) -> String {
    format!("/customer/{}/{page}", utf8_percent_encode(account, NON_ALPHANUMERIC))
}

/// To the sign-in page, and afterwards back to the page that was asked for.
fn sign_in_first(parts: &Parts) -> Response {
    let asked = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    let asked = asked.path_and_query().map_or("/", |asked| asked.as_str());
    // A form that was posted cannot be opened again.
    let next = if parts.method == axum::http::Method::GET { asked } else { "/" };
    to_sign_in(next)
}

/// To the sign-in page, and afterwards to `next`.
pub(super) fn to_sign_in(next: &str) -> Response {
    let notice = Notice::Problem("Sign in first.".to_owned());
    see_other(HERE, &format!("/sign-in?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC)), Some(&notice))
}

/// The frame of a page that belongs to no account of the person's: with the navigation of their own, when they have one.
pub(super) fn person_frame(testgorilla: &TestGorilla, headers: &HeaderMap, email: &str) -> Frame {
    match Member::of(testgorilla, headers, email, None) {
        Some(member) => member.frame(""),
        None => Frame { person: Some(email.to_owned()), ..open_frame(headers) },
    }
}

/// The frame of a page for everyone.
pub(super) fn open_frame(headers: &HeaderMap) -> Frame {
    Frame { navigation: vec![Link::new("Mailbox", "/mailbox")], ..Frame::new(HERE, headers) }
}

/// A page that only tells something.
#[derive(Debug, Template)]
#[template(path = "testgorilla/words.html")]
pub(super) struct Words<'a> {
    /// The heading.
    pub(super) title: &'a str,
    /// What is to be said.
    pub(super) sentence: &'a str,
}
