//! The token endpoint's request and answers (RFC 6749 sections 2.3.1, 4.4 and 5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::sensitive::{ClientCredentials, Secret};
use lambda_http::http::{HeaderMap, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

/// Longest client id or secret looked at.
const MAX_CREDENTIAL: usize = 256;

/// An error of RFC 6749 section 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenRequestError {
    /// A parameter is missing, given twice or malformed, or the client authenticates in two ways.
    InvalidRequest(&'static str),
    /// The client is unknown or its secret wrong; `basic` says that it came by HTTP Basic.
    InvalidClient {
        /// Answered with 401 and a challenge then.
        basic: bool,
    },
    /// Another grant than client credentials.
    UnsupportedGrantType,
}

/// A readable request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TokenRequest {
    pub(crate) credentials: ClientCredentials,
    /// The credentials came by HTTP Basic.
    pub(crate) basic: bool,
}

/// Reads a request: a form, with the credentials in it or in HTTP Basic, but not in both.
pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<TokenRequest, TokenRequestError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(TokenRequestError::InvalidRequest("Send a form (application/x-www-form-urlencoded)."));
    }
    let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let grant_type = field(&form, "grant_type")?;
    let in_form = (field(&form, "client_id")?, field(&form, "client_secret")?);
    let grant_type = grant_type.ok_or(TokenRequestError::InvalidRequest("grant_type is missing."))?;
    let (client_id, client_secret, basic) = match (basic(headers)?, in_form) {
        // Some clients repeat their id in the form; the secret belongs in one place.
        (Some((id, secret)), (form_id, None)) if form_id.is_none_or(|form_id| form_id == id) => (id, secret, true),
        (Some(_), _) => {
            return Err(TokenRequestError::InvalidRequest("Authenticate by HTTP Basic or by the form, not by both."));
        }
        (None, (Some(id), Some(secret))) => (id.to_owned(), secret.to_owned(), false),
        (None, (None, _)) => return Err(TokenRequestError::InvalidRequest("client_id is missing.")),
        (None, (_, None)) => return Err(TokenRequestError::InvalidRequest("client_secret is missing.")),
    };
    if grant_type != "client_credentials" {
        return Err(TokenRequestError::UnsupportedGrantType);
    }
    if client_id.len() > MAX_CREDENTIAL || client_secret.len() > MAX_CREDENTIAL {
        return Err(TokenRequestError::InvalidClient { basic });
    }
    Ok(TokenRequest { credentials: ClientCredentials { client_id, client_secret: Secret::new(client_secret) }, basic })
}

/// A parameter; empty counts as absent, twice is an error (RFC 6749 section 3.2).
fn field<'a>(form: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, TokenRequestError> {
    let mut values =
        form.iter().filter(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str());
    let value = values.next();
    match values.next() {
        None => Ok(value),
        Some(_) => Err(TokenRequestError::InvalidRequest("A parameter is given twice.")),
    }
}

/// Credentials of HTTP Basic, each form-encoded (RFC 6749 section 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, TokenRequestError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let malformed = TokenRequestError::InvalidClient { basic: true };
    let (scheme, encoded) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed);
    }
    let pair = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(malformed)?;
    let (id, secret) = pair.split_once(':').ok_or(malformed)?;
    let decode = |text: &str| form_urlencoded::parse(text.as_bytes()).next().map(|(key, _)| key.into_owned());
    Ok(Some((decode(id).unwrap_or_default(), decode(secret).unwrap_or_default())))
}

#[derive(Serialize)]
struct TokenReply<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
}

#[derive(Serialize)]
struct ErrorReply {
    error: &'static str,
    error_description: &'static str,
}

/// The answer with a token.
pub(crate) fn token(token: &Secret, expires_in: u64) -> Response<Body> {
    let body = TokenReply { access_token: token.expose(), token_type: "Bearer", expires_in };
    with_pragma(runtime::http::json(StatusCode::OK, &body))
}

impl TokenRequestError {
    /// The error as an answer.
    pub(crate) fn reply(self) -> Response<Body> {
        let (status, error, error_description) = match self {
            Self::InvalidRequest(description) => (StatusCode::BAD_REQUEST, "invalid_request", description),
            Self::InvalidClient { basic: false } => {
                (StatusCode::BAD_REQUEST, "invalid_client", "Unknown client or wrong secret.")
            }
            Self::InvalidClient { basic: true } => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "Unknown client or wrong secret.")
            }
            Self::UnsupportedGrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "The grant type is client_credentials.")
            }
        };
        let mut reply = with_pragma(runtime::http::json(status, &ErrorReply { error, error_description }));
        if status == StatusCode::UNAUTHORIZED {
            reply.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
        reply
    }
}

/// RFC 6749 section 5.1 asks for both headers.
fn with_pragma(mut reply: Response<Body>) -> Response<Body> {
    reply.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn headers(authorization: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn read(body: &str, authorization: Option<&str>) -> Result<(String, String, bool), TokenRequestError> {
        let request = parse(&headers(authorization), body.as_bytes())?;
        let ClientCredentials { client_id, client_secret } = request.credentials;
        Ok((client_id, client_secret.expose().to_owned(), request.basic))
    }

    #[test]
    fn credentials_come_by_form_or_by_basic() {
        let by_form = read("grant_type=client_credentials&client_id=a%2Bb&client_secret=c", None);
        assert_eq!(by_form, Ok(("a+b".into(), "c".into(), false)));
        let basic = format!("Basic {}", STANDARD.encode("a%2Bb:c:d"));
        assert_eq!(read("grant_type=client_credentials", Some(&basic)), Ok(("a+b".into(), "c:d".into(), true)));
        assert_eq!(read("grant_type=client_credentials&client_id=a%2Bb", Some(&basic)).map(|read| read.2), Ok(true));
    }

    #[test]
    fn what_is_no_token_request_is_said_so() {
        let invalid =
            |body, authorization| matches!(read(body, authorization), Err(TokenRequestError::InvalidRequest(_)));
        assert!(invalid("", None));
        assert!(invalid("client_id=a&client_secret=b", None));
        assert!(invalid("grant_type=client_credentials&client_secret=b", None));
        assert!(invalid("grant_type=client_credentials&client_id=a", None));
        assert!(invalid("grant_type=client_credentials&grant_type=x&client_id=a&client_secret=b", None));
        let basic = format!("Basic {}", STANDARD.encode("a:b"));
        assert!(invalid("grant_type=client_credentials&client_id=a&client_secret=b", Some(&basic)));
        assert_eq!(
            read("grant_type=password&client_id=a&client_secret=b", None),
            Err(TokenRequestError::UnsupportedGrantType)
        );
        let long = format!("grant_type=client_credentials&client_id=a&client_secret={}", "b".repeat(257));
        assert_eq!(read(&long, None), Err(TokenRequestError::InvalidClient { basic: false }));
        for garbage in ["Basic", "Basic !", "Bearer abc", "Basic YWJj"] {
            let refused = read("grant_type=client_credentials", Some(garbage));
            assert_eq!(refused, Err(TokenRequestError::InvalidClient { basic: true }), "{garbage}");
        }
        assert!(matches!(parse(&HeaderMap::new(), b"grant_type=x"), Err(TokenRequestError::InvalidRequest(_))));
    }
}
