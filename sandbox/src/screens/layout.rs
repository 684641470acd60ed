//! The page around every screen.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::StandIn;
use super::session;

/// A message that the next page shows once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// It worked.
    Done(String),
    /// It did not, and why.
    Problem(String),
}

impl Notice {
    /// The sentence.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Done(text) | Self::Problem(text) => text,
        }
    }

    /// Whether it is about something that did not work.
    pub(crate) fn is_problem(&self) -> bool {
        matches!(self, Self::Problem(_))
    }
}

/// A link of the navigation.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// Its text.
    pub(crate) label: String,
    /// Where it leads.
    pub(crate) href: String,
}

impl Link {
    /// A link.
    pub(crate) fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// What surrounds a screen.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Whose screen it is.
    pub(crate) stand_in: StandIn,
    /// Links to the main screens.
    pub(crate) navigation: Vec<Link>,
    /// Address of the navigation's link that this screen belongs to.
    pub(crate) here: String,
    /// Who is signed in, in words; with it comes a Sign out button, which posts to `/sign-out`.
    pub(crate) person: Option<String>,
    /// The message to show once.
    pub(crate) notice: Option<Notice>,
    /// Every how many seconds a browser without scripts loads the page again. With scripts, elements with `data-live` refresh by themselves.
    pub(crate) refresh: Option<u32>,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    frame: &'a Frame,
    title: &'a str,
    main: String,
}

impl Frame {
    /// A frame without navigation, with the message that the request's cookie holds.
    pub(crate) fn new(stand_in: StandIn, headers: &HeaderMap) -> Self {
        let notice = session::notice(headers, stand_in);
        Self { stand_in, navigation: Vec::new(), here: String::new(), person: None, notice, refresh: None }
    }

    /// The page with this title around the screen's template, which begins with its own `<h1>`.
    pub(crate) fn page(&self, status: StatusCode, title: &str, screen: &impl Template) -> Response {
        let rendered = screen.render().and_then(|main| Layout { frame: self, title, main }.render());
        let Ok(html) = rendered else {
            return (StatusCode::INTERNAL_SERVER_ERROR, "The page cannot be rendered.").into_response();
        };
        let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, POLICY)];
        let mut response = (status, headers, Html(html)).into_response();
        if self.notice.is_some() {
            response.headers_mut().append(header::SET_COOKIE, session::without_notice(self.stand_in));
        }
        response
    }
}

/// Everything comes from the stand-in itself; frames may be anybody's, since the product's pages are shown in them.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; frame-src http: https:; object-src 'none'; base-uri 'none'";
