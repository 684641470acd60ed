//! Who is signed in, and the message for the next page: both in cookies. A stand-in asks for no password.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Notice, StandIn};

/// The address of who is signed in.
pub(crate) fn signed_in(headers: &HeaderMap, stand_in: StandIn) -> Option<String> {
    cookie(headers, stand_in.session_cookie()).filter(|person| !person.is_empty())
}

/// Goes on to another page of the stand-in with a message for it.
pub(crate) fn see_other(stand_in: StandIn, to: &str, notice: Option<&Notice>) -> Response {
    let Ok(location) = HeaderValue::from_str(to) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(notice) = notice {
        let sign = if notice.is_problem() { '!' } else { '+' };
        let value = set(stand_in.notice_cookie(), &format!("{sign}{}", notice.text()), "; Max-Age=60");
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Signs a person in and goes on to a page.
pub(crate) fn sign_in(stand_in: StandIn, person: &str, to: &str) -> Response {
    let mut response = see_other(stand_in, to, None);
    response.headers_mut().append(header::SET_COOKIE, set(stand_in.session_cookie(), person, ""));
    response
}

/// Signs out and goes on to a page.
pub(crate) fn sign_out(stand_in: StandIn, to: &str) -> Response {
    let mut response = see_other(stand_in, to, None);
    response.headers_mut().append(header::SET_COOKIE, set(stand_in.session_cookie(), "", "; Max-Age=0"));
    response
}

/// The address, when it is a path of this stand-in; else its first page. What a query names is not trusted.
pub(crate) fn local_path(to: &str) -> &str {
    let is_local = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n', '\t']);
    if is_local { to } else { "/" }
}

/// The message of the page before.
pub(super) fn notice(headers: &HeaderMap, stand_in: StandIn) -> Option<Notice> {
    let text = cookie(headers, stand_in.notice_cookie())?;
    match text.strip_prefix('!') {
        Some(problem) => Some(Notice::Problem(problem.to_owned())),
        None => text.strip_prefix('+').map(|done| Notice::Done(done.to_owned())),
    }
}

/// The message was shown.
pub(super) fn without_notice(stand_in: StandIn) -> HeaderValue {
    set(stand_in.notice_cookie(), "", "; Max-Age=0")
}

fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let sent = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == wanted)?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

fn set(name: &str, value: &str, more: &str) -> HeaderValue {
    let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{more}");
    // Names and encoded values are ASCII without control characters.
    HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(response: &Response) -> HeaderMap {
        let pairs = response.headers().get_all(header::SET_COOKIE).into_iter();
        let pairs = pairs.map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned());
        let sent = pairs.collect::<Vec<_>>().join("; ");
        HeaderMap::from_iter([(header::COOKIE, sent.parse().unwrap())])
    }

    #[test]
    fn a_session_and_a_message_come_back_as_they_were_and_are_the_stand_ins_own() {
        let signed = browser(&sign_in(StandIn::TestGorilla, "olga@acme.example", "/"));
        assert_eq!(signed_in(&signed, StandIn::TestGorilla).as_deref(), Some("olga@acme.example"));
        assert_eq!(signed_in(&signed, StandIn::SmartRecruiters), None);
        let problem = Notice::Problem("5 % of »all«; no more".to_owned());
        let told = browser(&see_other(StandIn::SmartRecruiters, "/", Some(&problem)));
        assert_eq!(notice(&told, StandIn::SmartRecruiters), Some(problem));
        assert_eq!(notice(&told, StandIn::TestGorilla), None);
    }

    #[test]
    fn nobody_is_led_to_another_site() {
        for foreign in
            ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", ""]
        {
            assert_eq!(local_path(foreign), "/", "{foreign:?}");
        }
        assert_eq!(local_path("/customer/acme?x=1"), "/customer/acme?x=1");
    }
}
