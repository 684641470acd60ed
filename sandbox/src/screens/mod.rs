//! What the screens of both stand-ins share: one look, one layout, sessions, and messages that are shown once.
//!
//! A screen is an action of the partner's people (a plain function on the stand-in's state) and a template. Pages are rendered here on
//! the server; a form is posted and answered by 303; scripts only add comfort.

mod fields;
mod layout;
mod session;
mod words;

use axum::Router;
use axum::http::header;
use axum::routing::get;

pub(crate) use fields::Fields;
pub(crate) use layout::{Frame, Link, Notice};
pub(crate) use session::{local_path, see_other, sign_in, sign_out, signed_in};
pub(crate) use words::{moment, sentence, time_of_day};

/// Whose screens these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StandIn {
    /// The stand-in of TestGorilla.
    TestGorilla,
    /// The stand-in of SmartRecruiters.
    SmartRecruiters,
}

impl StandIn {
    /// The partner's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TestGorilla => "TestGorilla",
            Self::SmartRecruiters => "SmartRecruiters",
        }
    }

    /// For style sheets.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::TestGorilla => "testgorilla",
            Self::SmartRecruiters => "smartrecruiters",
        }
    }

    /// The cookie that names who is signed in. A browser sends cookies to every port of a host: each stand-in has its own name.
    fn session_cookie(self) -> &'static str {
        match self {
            Self::TestGorilla => "signed_in_as",
            Self::SmartRecruiters => "smartrecruiters_signed_in_as",
        }
    }

    /// The cookie with the message to show next.
    fn notice_cookie(self) -> &'static str {
        match self {
            Self::TestGorilla => "testgorilla_notice",
            Self::SmartRecruiters => "smartrecruiters_notice",
        }
    }
}

/// The style sheet and the script, for the router of either stand-in.
pub(crate) fn assets() -> Router {
    let style =
        || async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../templates/style.css")) };
    let script = || async {
        ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../../templates/comfort.js"))
    };
    Router::new().route("/screens/style.css", get(style)).route("/screens/comfort.js", get(script))
}
