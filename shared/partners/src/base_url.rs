//! Where a partner's API is.

use std::str::FromStr;

use domain::hosts::is_loopback;
use url::Url;

/// The address below which a partner's endpoints lie: https, or plain http on a loopback host; no user information, query or
/// fragment. Keys and tokens are sent nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// A text that is no [`BaseUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an https URL (or http on a loopback host) without user information, query and fragment")]
pub struct InvalidBaseUrl;

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let url = Url::parse(text).map_err(|_| InvalidBaseUrl)?;
        let bare = url.username().is_empty() && url.password().is_none() && !text.contains(['@', '?', '#', '\\']);
        if is_protected(&url) && bare { Ok(Self(url)) } else { Err(InvalidBaseUrl) }
    }
}

impl BaseUrl {
    /// An endpoint below the base. Segments are percent-encoded; an empty last one gives a trailing slash.
    pub(crate) fn endpoint(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        // Only a URL without a host refuses segments, and a base has one.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

/// Whether what is sent to a URL is protected on its way: https, or a connection that does not leave this machine.
pub(crate) fn is_protected(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host_str().is_some(),
        "http" => url.host_str().is_some_and(is_loopback),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_protected_addresses_are_taken() {
        for good in
            ["https://app.testgorilla.com/api", "http://127.0.0.1:8081", "http://localhost/x/", "http://[::1]:1"]
        {
            assert!(good.parse::<BaseUrl>().is_ok(), "{good}");
        }
        for bad in [
            "http://app.testgorilla.com/api",
            "http://127.0.0.1.evil.example",
            "https://user:pass@app.testgorilla.com",
            "https://@app.testgorilla.com",
            "https://app.testgorilla.com/?a=b",
            "https://app.testgorilla.com/#x",
            "ftp://localhost/",
            "file:///etc",
            "localhost:8080",
            "",
        ] {
            assert_eq!(bad.parse::<BaseUrl>(), Err(InvalidBaseUrl), "{bad}");
        }
    }

    #[test]
    fn endpoints_lie_below_the_base_whatever_the_segments_say() {
        for base in ["https://x.example/api", "https://x.example/api/"] {
            let base: BaseUrl = base.parse().unwrap();
            assert_eq!(base.endpoint(&["a", "b", ""]).as_str(), "https://x.example/api/a/b/");
            assert_eq!(base.endpoint(&["a/../..?b#c"]).as_str(), "https://x.example/api/a%2F..%2F..%3Fb%23c");
        }
        let base: BaseUrl = "http://localhost:1".parse().unwrap();
        assert_eq!(base.endpoint(&["a"]).as_str(), "http://localhost:1/a");
    }
}
