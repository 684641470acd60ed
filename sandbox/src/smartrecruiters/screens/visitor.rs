//! Who looks at a screen, and what surrounds it for them.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::control::ActionError;
use crate::screens::{Frame, Link, Notice, StandIn, see_other, sentence, signed_in};
use crate::smartrecruiters::SmartRecruiters;
use crate::smartrecruiters::people::Person;

/// Whose screens these are.
pub(super) const HERE: StandIn = StandIn::SmartRecruiters;

/// All of a path's segment but what RFC 3986 leaves as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value as a segment of a path, or of a query.
pub(super) fn segment(value: &str) -> String {
    utf8_percent_encode(value, SEGMENT).to_string()
}

/// Someone of the company that the path names.
#[derive(Debug)]
pub(super) struct Visitor {
    /// The company's id.
    pub(super) company: String,
    /// Who it is.
    pub(super) person: Person,
    headers: HeaderMap,
}

#[derive(Template)]
#[template(path = "smartrecruiters/problem.html")]
struct Problem {
    sentence: String,
}

impl Visitor {
    /// Where the company's apps are.
    pub(super) fn apps(&self) -> String {
        format!("/apps/{}", segment(&self.company))
    }

    /// Where its connection to TestGorilla is.
    pub(super) fn testgorilla(&self) -> String {
        format!("{}/testgorilla", self.apps())
    }

    /// Where everything else of the company is.
    pub(super) fn company_at(&self) -> String {
        format!("/companies/{}", segment(&self.company))
    }

    /// Where its job is.
    pub(super) fn job(&self) -> String {
        format!("{}/job", self.company_at())
    }

    /// Where one of its candidates is.
    pub(super) fn candidate(&self, id: &str) -> String {
        format!("{}/candidates/{}", self.company_at(), segment(id))
    }

    /// Where a candidate's Assessment tab is.
    pub(super) fn assessment(&self, candidate: &str) -> String {
        format!("{}/assessment", self.candidate(candidate))
    }

    /// The frame of a screen that belongs to one of the main screens.
    pub(super) fn frame(&self, here: &str) -> Frame {
        let mut frame = Frame::new(HERE, &self.headers);
        frame.navigation = vec![
            Link::new("Job", self.job()),
            Link::new("Apps & Integrations", self.apps()),
            Link::new("What happened", "/what-happened"),
        ];
        here.clone_into(&mut frame.here);
        frame.person = Some(format!("{}, {} at {}", self.person.name, self.person.role.name(), self.company));
        frame
    }

    /// A screen below the apps.
    pub(super) fn app_page(&self, title: &str, screen: &impl Template) -> Response {
        self.frame(&self.apps()).page(StatusCode::OK, title, screen)
    }

    /// A screen below the job.
    pub(super) fn job_page(&self, title: &str, screen: &impl Template) -> Response {
        self.frame(&self.job()).page(StatusCode::OK, title, screen)
    }

    /// The screen cannot be shown.
    pub(super) fn problem(&self, error: &ActionError) -> Response {
        problem(&self.frame(""), error)
    }

    /// On to another screen, which says what was done, or why it was not.
    pub(super) fn go(&self, to: &str, done: Result<String, ActionError>) -> Response {
        let notice = match done {
            Ok(done) => Notice::Done(done),
            Err(error) => Notice::Problem(sentence(&error.to_string())),
        };
        see_other(HERE, to, Some(&notice))
    }
}

fn problem(frame: &Frame, error: &ActionError) -> Response {
    let (status, title) = match error {
        ActionError::NotFound(_) => (StatusCode::NOT_FOUND, "Not found"),
        ActionError::Refused(_) => (StatusCode::FORBIDDEN, "Not possible"),
        ActionError::Invalid(_) => (StatusCode::BAD_REQUEST, "Not possible"),
    };
    frame.page(status, title, &Problem { sentence: sentence(&error.to_string()) })
}

impl FromRequestParts<Arc<SmartRecruiters>> for Visitor {
    type Rejection = Response;

    /// Whoever is not signed in as one of the company's people is asked to do so.
    async fn from_request_parts(parts: &mut Parts, app: &Arc<SmartRecruiters>) -> Result<Self, Response> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let mut path = path.map_err(IntoResponse::into_response)?;
        let company = path.remove("company").unwrap_or_default();
        let people = app.state().companies.get(&company).map(|company| company.people.clone());
        let Some(people) = people else {
            let unknown = ActionError::NotFound(format!("company {company}"));
            return Err(problem(&Frame::new(HERE, &parts.headers), &unknown));
        };
        let email = signed_in(&parts.headers, HERE);
        match people.into_iter().find(|person| Some(&person.email) == email.as_ref()) {
            Some(person) => Ok(Self { company, person, headers: parts.headers.clone() }),
            None => {
                let back = if parts.method == Method::GET { parts.uri.path() } else { "" };
                Err(see_other(HERE, &format!("/?next={}", segment(back)), None))
            }
        }
    }
}
