//! Which hosts count as SmartRecruiters': the only ones that results, tokens and browsers are sent to.

use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

/// A pattern of the `SmartRecruitersHosts` parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// This host alone.
    Exact(String),
    /// Any host below this domain, not the domain itself.
    Subdomains(String),
    /// A loopback host, taken on any port and by plain http: a stand-in on the developer's own machine.
    Loopback(String),
}

/// The hosts of the `SmartRecruitersHosts` parameter, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHosts(Vec<Pattern>);

/// A text that is no list of hosts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a host name or `*.` before a domain")]
pub struct InvalidHosts(String);

/// Why a URL from outside is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForbiddenUrl {
    /// It is not an absolute URL, or is longer than 2,048 characters.
    #[error("not a URL")]
    Malformed,
    /// Its scheme, host or port is not allowed, or it carries user information.
    #[error("not an address of SmartRecruiters")]
    Foreign,
}

impl FromStr for AllowedHosts {
    type Err = InvalidHosts;

    fn from_str(text: &str) -> Result<Self, InvalidHosts> {
        let patterns: Result<Vec<_>, _> =
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(pattern).collect();
        match patterns {
            Ok(patterns) if patterns.is_empty() => Err(InvalidHosts(text.to_owned())),
            patterns => patterns.map(Self),
        }
    }
}

fn pattern(part: &str) -> Result<Pattern, InvalidHosts> {
    let part = part.to_ascii_lowercase();
    let invalid = || InvalidHosts(part.clone());
    if is_loopback(&part) {
        return Ok(Pattern::Loopback(part));
    }
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let domain =
        |name: &str| name.contains('.') && !name.starts_with('.') && !name.ends_with('.') && name.chars().all(label);
    match part.strip_prefix("*.") {
        Some(parent) if domain(parent) => Ok(Pattern::Subdomains(parent.to_owned())),
        None if domain(&part) => Ok(Pattern::Exact(part)),
        _ => Err(invalid()),
    }
}

/// Whether a host, as it stands in a URL, is this machine: `localhost`, 127.0.0.0/8 or ::1.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl AllowedHosts {
    /// Reads a URL that came from outside and checks that it may be followed: https on port 443 of an allowed host (or a listed
    /// loopback host), with no user information. The URL is judged as a browser would read it (WHATWG URL), so that look-alikes
    /// such as `https://smartrecruiters.com@evil.example` or back slashes cannot slip through.
    ///
    /// # Errors
    /// See [`ForbiddenUrl`].
    pub fn check(&self, text: &str) -> Result<Url, ForbiddenUrl> {
        let plain = text.len() <= 2048 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let url = Url::parse(text).ok().filter(|_| plain).ok_or(ForbiddenUrl::Malformed)?;
        let has_user = !url.username().is_empty() || url.password().is_some() || authority_has_at(text);
        if has_user || !self.allows(&url) {
            return Err(ForbiddenUrl::Foreign);
        }
        Ok(url)
    }

    fn allows(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let secure = url.scheme() == "https" && url.port_or_known_default() == Some(443);
        let named = matches!(url.host(), Some(Host::Domain(_)));
        self.0.iter().any(|pattern| match pattern {
            Pattern::Exact(name) => secure && named && host == name,
            Pattern::Subdomains(parent) => {
                let below = host.strip_suffix(parent.as_str()).and_then(|rest| rest.strip_suffix('.'));
                secure && named && below.is_some_and(|labels| labels.split('.').all(is_label))
            }
            Pattern::Loopback(name) => matches!(url.scheme(), "http" | "https") && host == name,
        })
    }

    /// The hosts as sources of a content security policy, for `frame-ancestors` (CSP level 3).
    pub fn as_csp_sources(&self) -> String {
        let sources: Vec<String> = self
            .0
            .iter()
            .map(|pattern| match pattern {
                Pattern::Exact(name) => format!("https://{name}"),
                Pattern::Subdomains(parent) => format!("https://*.{parent}"),
                Pattern::Loopback(name) => format!("http://{name}:* https://{name}:*"),
            })
            .collect();
        sources.join(" ")
    }
}

/// Whether a name could be a host's (RFC 1123 section 2.1).
fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// An empty user (`https://@host`) leaves no trace in the parsed URL, yet nobody honest writes it.
fn authority_has_at(text: &str) -> bool {
    let authority = text.split_once("//").map_or(text, |(_, rest)| rest);
    authority.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> AllowedHosts {
        "smartrecruiters.com,*.smartrecruiters.com".parse().unwrap()
    }

    #[test]
    fn smartrecruiters_is_allowed_by_https_alone() {
        for good in [
            "https://smartrecruiters.com/x",
            "https://api.smartrecruiters.com/a/b?c=d",
            "https://a.b.smartrecruiters.com:443/",
            "HTTPS://API.SmartRecruiters.com/",
        ] {
            assert!(hosts().check(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn look_alikes_are_foreign() {
        for bad in [
            "http://api.smartrecruiters.com/",
            "https://api.smartrecruiters.com:8443/",
            "https://smartrecruiters.com@evil.example/",
            "https://@api.smartrecruiters.com/",
            "https://u:p@api.smartrecruiters.com/",
            "https://smartrecruiters.com.evil.example/",
            "https://evilsmartrecruiters.com/",
            "https://evil.example/smartrecruiters.com",
            "https://evil.example#@smartrecruiters.com",
            "https://evil.example\\@smartrecruiters.com",
            "https://smartrecruiters.com./",
            "https://.smartrecruiters.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "javascript:alert(1)",
            "ftp://smartrecruiters.com/",
            "//smartrecruiters.com/",
            "smartrecruiters.com",
            "",
            "https://smartrecruiters.com /",
            "https://smartr\u{435}cruiters.com/",
        ] {
            assert!(hosts().check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_listed_loopback_host_is_taken_on_any_port() {
        let local: AllowedHosts = "127.0.0.1,localhost".parse().unwrap();
        assert!(local.check("http://127.0.0.1:8081/x").is_ok());
        assert!(local.check("http://localhost:1/x").is_ok());
        assert!(local.check("http://127.0.0.2:8081/x").is_err());
        assert!(hosts().check("http://127.0.0.1:8081/x").is_err());
    }

    #[test]
    fn a_list_that_allows_too_much_is_refused() {
        for bad in ["", "*", "*.", "com", "*.com", "https://x.example", "a b.example"] {
            assert!(bad.parse::<AllowedHosts>().is_err(), "{bad}");
        }
    }
}
