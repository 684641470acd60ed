//! Requests as Amazon API Gateway hands them over.

use lambda_http::http::header::{HOST, HeaderName};
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What stands in no URI's path (RFC 3986 section 3.3). The gateway hands paths over decoded: what an id holds must neither end the
/// path nor be decoded once more.
const NOT_IN_PATHS: &AsciiSet =
    &NOT_IN_QUERIES.add(b'?').add(b'%').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// What stands in no URI's query (RFC 3986 section 3.4); browsers and tools send it all the same.
const NOT_IN_QUERIES: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// The request with a path and a query that a URI can have, and without the names of hosts, which this product does not look at.
///
/// `lambda_http` builds a URI of all these as they came, and panics where that is none.
pub(crate) fn with_plain_uri(mut request: LambdaRequest) -> LambdaRequest {
    if let LambdaRequest::ApiGatewayV2(request) = &mut request {
        request.raw_path = request.raw_path.take().map(|path| {
            let slash = if path.starts_with('/') { "" } else { "/" };
            format!("{slash}{}", utf8_percent_encode(&path, NOT_IN_PATHS))
        });
        request.raw_query_string =
            request.raw_query_string.take().map(|query| utf8_percent_encode(&query, NOT_IN_QUERIES).to_string());
        request.request_context.domain_name = None;
        for name in [HOST, HeaderName::from_static("x-forwarded-proto")] {
            request.headers.remove(name);
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use lambda_http::Request;
    use proptest::prelude::*;
    use testing::events::Event;

    use super::*;

    fn uri(event: &Event) -> String {
        let request: LambdaRequest = serde_json::from_str(&event.text()).unwrap();
        Request::from(with_plain_uri(request)).uri().to_string()
    }

    #[test]
    fn whatever_a_client_sends_becomes_a_request() {
        let event = Event::load("consent", "page").query("companyId=acme-example&x=%3C1%3E");
        assert_eq!(uri(&event), "/integration?companyId=acme-example&x=%3C1%3E");
        for (query, read) in [
            ("", ""),
            ("companyId=<b>", "?companyId=%3Cb%3E"),
            ("companyId=\"a b\"", "?companyId=%22a%20b%22"),
            ("companyId=a#b", "?companyId=a%23b"),
            ("companyId=é\n", "?companyId=%C3%A9%0A"),
            ("^`{|}[]\\%", "?^`{|}[]\\%"),
        ] {
            assert_eq!(uri(&event.clone().query(query)), format!("/integration{read}"));
        }
        let event = event.query("");
        for (path, read) in [
            ("/packages/a b<é>\"", "/packages/a%20b%3C%C3%A9%3E%22"),
            ("//x", "//x"),
            ("", "/"),
            ("x", "/x"),
            ("/packages/?", "/packages/%3F"),
            ("/packages/#x", "/packages/%23x"),
            ("/packages/%41", "/packages/%2541"),
            ("/packages/\0", "/packages/%00"),
            ("/packages/ ", "/packages/%20"),
        ] {
            assert_eq!(uri(&event.clone().path(path)), read);
        }
        for (name, value) in [("host", "a b"), ("x-forwarded-proto", "a b"), ("host", ""), ("host", "[::1")] {
            assert_eq!(uri(&event.clone().header(name, value)), "/integration");
        }
    }

    #[test]
    fn segments_are_what_the_client_wrote() {
        let event = Event::load("assessments", "one");
        for id in ["?", "#", "..", ".", "%41", "\0", " ", "é", "a b"] {
            let event = event.clone().path(&format!("/packages/{id}"));
            let request: LambdaRequest = serde_json::from_str(&event.text()).unwrap();
            assert_eq!(crate::http::segments(&Request::from(with_plain_uri(request))), ["packages", id]);
        }
    }

    proptest! {
        #[test]
        fn any_request_of_the_gateway_becomes_a_request(path in ".{0,60}", query in ".{0,60}", host in "[ -~]{0,30}") {
            let event = Event::load("consent", "page").path(&path).query(&query).header("host", &host);
            let request: LambdaRequest = serde_json::from_str(&event.text()).unwrap();
            let request = Request::from(with_plain_uri(request));
            prop_assert!(request.uri().path().starts_with('/'));
            crate::http::segments(&request);
        }
    }
}
