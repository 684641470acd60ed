//! The pages an admin sees, rendered on the server. They work without scripts, set no cookie and load nothing from elsewhere.

use askama::Template;
use domain::hosts::AllowedHosts;
use domain::ids::CompanyId;
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};

use crate::problem::Problem;

/// The page with the form.
#[derive(Template)]
#[template(path = "form.html")]
struct FormPage<'a> {
    nonce: &'a str,
    company: &'a CompanyId,
    redirect: Option<&'a str>,
    token: &'a str,
    problem: Option<&'a Problem>,
}

impl FormPage<'_> {
    fn is_key_wrong(&self) -> bool {
        self.problem.is_some_and(|problem| problem.is_about_key)
    }
}

/// A page that only tells something.
#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    nonce: &'a str,
    title: &'a str,
    sentence: &'a str,
    is_good: bool,
}

/// What the form is made of.
pub(crate) struct FormView<'a> {
    pub(crate) company: &'a CompanyId,
    pub(crate) redirect: Option<&'a str>,
    pub(crate) token: &'a str,
    pub(crate) problem: Option<&'a Problem>,
}

/// The page with the form; with a problem, its status. What was typed is never shown again.
pub(crate) fn form(view: &FormView<'_>, nonce: &str, hosts: &AllowedHosts) -> Response<Body> {
    let status = view.problem.map_or(StatusCode::OK, |problem| problem.status);
    let FormView { company, redirect, token, problem } = *view;
    page(status, &FormPage { nonce, company, redirect, token, problem }, nonce, hosts)
}

/// A problem that no form can mend.
pub(crate) fn dead_end(problem: &Problem, nonce: &str, hosts: &AllowedHosts) -> Response<Body> {
    let notice = NoticePage { nonce, title: problem.title, sentence: problem.sentence, is_good: false };
    page(problem.status, &notice, nonce, hosts)
}

/// The company is connected, and SmartRecruiters gave no way back.
pub(crate) fn connected(nonce: &str, hosts: &AllowedHosts) -> Response<Body> {
    let sentence = "TestGorilla is connected to SmartRecruiters. You may close this window. \
                    Assessments that you create in TestGorilla from now on are offered to recruiters.";
    page(StatusCode::OK, &NoticePage { nonce, title: "Connected", sentence, is_good: true }, nonce, hosts)
}

fn page(status: StatusCode, template: &impl Template, nonce: &str, hosts: &AllowedHosts) -> Response<Body> {
    // Rendering writes texts into a text: it cannot fail.
    let mut reply = Response::new(Body::Text(template.render().unwrap_or_default()));
    *reply.status_mut() = status;
    // Whatever is not named is forbidden; the frame is SmartRecruiters' alone.
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self' {frames}; frame-ancestors {frames}; base-uri 'none'",
        frames = hosts.as_csp_sources(),
    );
    let headers: [(HeaderName, &str); 6] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, &policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}
