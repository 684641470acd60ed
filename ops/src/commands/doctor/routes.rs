//! Each route answers as it does to somebody without a credential: nothing is changed, and the function behind it has been there.

use std::time::Duration;

use bytes::Bytes;
use domain::ports::Clock;
use domain::timestamp::Timestamp;
use futures_util::future::join_all;
use http::{Method, StatusCode};
use runtime::transport::Limits;

use super::Line;
use crate::connect::App;
use crate::report::span;

/// A cold start of each function may be part of it.
const LIMITS: Limits = Limits { timeout: Duration::from_secs(20), max_body: 256 * 1024, repeatable: true };

/// A question to a route, and how it is answered.
struct Route {
    method: Method,
    path: &'static str,
    status: StatusCode,
    /// What the body holds.
    says: &'static str,
}

const fn route(method: Method, path: &'static str, status: StatusCode, says: &'static str) -> Route {
    Route { method, path, status, says }
}

/// Every route of the stack. `doctor` is neither a company nor a key.
const ROUTES: [Route; 10] = [
    route(Method::GET, "/integration", StatusCode::BAD_REQUEST, "<html"),
    route(Method::POST, "/integration", StatusCode::BAD_REQUEST, "<html"),
    route(Method::POST, "/oauth/token", StatusCode::BAD_REQUEST, "invalid_request"),
    route(Method::GET, "/packages", StatusCode::UNAUTHORIZED, "token_missing"),
    route(Method::GET, "/packages/0", StatusCode::UNAUTHORIZED, "token_missing"),
    route(Method::POST, "/packages/orders", StatusCode::UNAUTHORIZED, "token_missing"),
    route(Method::POST, "/packages/inline/orders", StatusCode::UNAUTHORIZED, "token_missing"),
    route(Method::POST, "/callbacks/testgorilla", StatusCode::BAD_REQUEST, "callback_headers_missing"),
    route(Method::DELETE, "/integrations/companies/doctor", StatusCode::UNAUTHORIZED, "token_missing"),
    route(Method::DELETE, "/integrations/doctor/companies/doctor", StatusCode::NOT_FOUND, "no_route"),
];

/// A clock that is wrong by more spoils signatures of callbacks and tokens.
const SKEW: Duration = Duration::from_secs(60);

pub(super) async fn check(app: &App) -> Vec<Line> {
    let answers = join_all(ROUTES.iter().map(|route| ask(app, route))).await;
    let wrong: Vec<String> = answers.iter().filter_map(|answer| answer.wrong.clone()).collect();
    let dates: Vec<Timestamp> = answers.iter().filter_map(|answer| answer.date).collect();
    let api = &app.stack.api_url;
    let routes = if wrong.is_empty() {
        Line::ok("routes", format!("all {} answer at {api}", ROUTES.len()))
    } else {
        let advice = "Look at the function's log and the API's access log; --api-url says where the API is when a domain name leads to it.";
        Line::failure(
            "routes",
            format!("{} of {} do not answer as they should at {api}: {}", wrong.len(), ROUTES.len(), wrong.join("; ")),
            advice,
        )
    };
    vec![routes, clock(app.ports.world.now(), dates.into_iter().max())]
}

struct Answer {
    wrong: Option<String>,
    date: Option<Timestamp>,
}

async fn ask(app: &App, route: &Route) -> Answer {
    let url = format!("{}{}", app.stack.api_url, route.path);
    let request = http::Request::builder().method(route.method.clone()).uri(url).body(Bytes::new());
    let named = format!("{} {}", route.method, route.path);
    let answer = match request {
        Err(_) => return Answer { wrong: Some(format!("{named} has no address")), date: None },
        Ok(request) => app.transport.send(request, LIMITS).await,
    };
    match answer {
        Err(error) => Answer { wrong: Some(format!("{named}: {error}")), date: None },
        Ok(answer) => {
            let is_right = answer.status() == route.status
                && String::from_utf8_lossy(answer.body()).to_ascii_lowercase().contains(route.says);
            let wrong = (!is_right).then(|| format!("{named}: status {}", answer.status().as_u16()));
            let date = answer.headers().get(http::header::DATE).and_then(|date| date.to_str().ok());
            Answer { wrong, date: date.and_then(read_date) }
        }
    }
}

/// An HTTP date (RFC 9110 section 5.6.7), as servers write it today.
fn read_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day: u8 = words.next()?.parse().ok()?;
    let month = words.next().and_then(|name| MONTHS.iter().position(|month| *month == name))? + 1;
    let year: u16 = words.next()?.parse().ok()?;
    let time = words.next()?;
    Timestamp::parse_rfc3339(&format!("{year:04}-{month:02}-{day:02}T{time}Z"))
}

fn clock(here: Timestamp, there: Option<Timestamp>) -> Line {
    const CHECK: &str = "clock";
    let Some(there) = there else {
        return Line::warning(CHECK, "no answer said the time", "Look at the routes first.");
    };
    let away = here.since(there).max(there.since(here));
    if away <= SKEW {
        return Line::ok(CHECK, "this machine and the API agree within a minute");
    }
    let seen = format!("this machine and the API differ by {}", span(away));
    Line::warning(CHECK, seen, "Set this machine's clock: AWS refuses requests that are five minutes off.")
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn an_http_date_is_read() {
        let expected = Timestamp::parse_rfc3339("1994-11-06T08:49:37Z");
        assert_eq!(read_date("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
        for bad in ["", "Sun, 06 Foo 1994 08:49:37 GMT", "1994-11-06", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(read_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_clock_may_be_a_minute_off_either_way() {
        let now = Timestamp::from_seconds(1_767_603_600);
        for (away, verdict) in [(0, Verdict::Ok), (60, Verdict::Ok), (61, Verdict::Warning)] {
            let away = Duration::from_secs(away);
            assert_eq!(clock(now, Some(now + away)).verdict, verdict);
            assert_eq!(clock(now + away, Some(now)).verdict, verdict);
        }
        assert_eq!(clock(now, None).verdict, Verdict::Warning);
    }
}
