//! What no public source settles about SmartRecruiters, each reading in one place.

use std::time::Duration;

use http::StatusCode;
use url::Url;

/// How long an access token is used that comes without `expires_in`.
pub(super) const DEFAULT_TOKEN_LIFE: Duration = Duration::from_secs(300);

/// The wait after a 429 that does not say: the limit is per second.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(1);

/// Name of the part that carries an attachment.
pub(super) const ATTACHMENT_PART: &str = "file";

/// Whether the token endpoint's refusal is about the credentials. Our requests differ in nothing else, so that a 400 is too, unless
/// its error code (RFC 6749 section 5.2) says that the form is wrong.
pub(super) fn is_about_credentials(status: StatusCode, error: Option<&str>) -> bool {
    match status {
        StatusCode::UNAUTHORIZED => true,
        StatusCode::BAD_REQUEST => {
            !matches!(error, Some("invalid_request" | "unsupported_grant_type" | "invalid_scope"))
        }
        _ => false,
    }
}

/// Where the attachments of a result go, when its URL has the published form `…/orders/{orderId}/results`. A query is kept.
pub(super) fn attachment_url(result: &Url) -> Option<Url> {
    let path = result.path().trim_end_matches('/');
    if !path.ends_with("/results") {
        return None;
    }
    let path = format!("{path}/attachment");
    let mut url = result.clone();
    url.set_path(&path);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_go_below_the_result() {
        let place = |text: &str| attachment_url(&text.parse().unwrap()).map(String::from);
        for (result, attachment) in [
            ("https://x.example/orders/1/results", Some("https://x.example/orders/1/results/attachment")),
            ("https://x.example/orders/1/results/?a=b", Some("https://x.example/orders/1/results/attachment?a=b")),
            ("https://x.example/orders/1/myresults", None),
            ("https://x.example/orders/1", None),
        ] {
            assert_eq!(place(result).as_deref(), attachment, "{result}");
        }
    }

    #[test]
    fn a_malformed_form_is_not_the_credentials_fault() {
        assert!(is_about_credentials(StatusCode::UNAUTHORIZED, None));
        assert!(is_about_credentials(StatusCode::BAD_REQUEST, Some("invalid_client")));
        assert!(is_about_credentials(StatusCode::BAD_REQUEST, None));
        assert!(!is_about_credentials(StatusCode::BAD_REQUEST, Some("invalid_request")));
        assert!(!is_about_credentials(StatusCode::FORBIDDEN, Some("invalid_client")));
    }
}
