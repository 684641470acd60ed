//! Addresses that somebody might try as a result URL or a way back. Only SmartRecruiters' own are followed.

// Tests may fail loudly.
#![allow(clippy::expect_used)]

use domain::hosts::AllowedHosts;
use domain::order::ResultUrl;

const ORDER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// What is tried, and with what.
const REFUSED: &[(&str, &str)] = &[
    // Other schemes.
    ("plain http", "http://api.smartrecruiters.com/{order}"),
    ("no scheme", "api.smartrecruiters.com/{order}"),
    ("scheme of the page", "//api.smartrecruiters.com/{order}"),
    ("a path alone", "/assessment-api/v202010/orders/{order}/results"),
    ("script", "javascript:alert(1)//api.smartrecruiters.com/{order}"),
    ("script behind a line break", "https://api.smartrecruiters.com/{order}\njavascript:alert(1)"),
    ("data", "data:text/html,https://api.smartrecruiters.com/{order}"),
    ("file", "file:///api.smartrecruiters.com/{order}"),
    ("file with a host", "file://api.smartrecruiters.com/{order}"),
    ("ftp", "ftp://api.smartrecruiters.com/{order}"),
    ("web socket", "wss://api.smartrecruiters.com/{order}"),
    ("blob", "blob:https://api.smartrecruiters.com/{order}"),
    ("view-source", "view-source:https://api.smartrecruiters.com/{order}"),
    ("one slash too few", "https:api.smartrecruiters.com.evil.example/{order}"),
    // User information.
    ("user", "https://smartrecruiters.com@evil.example/{order}"),
    ("user of the right host", "https://evil@api.smartrecruiters.com/{order}"),
    ("user and password", "https://api.smartrecruiters.com:443@evil.example/{order}"),
    ("empty user", "https://@api.smartrecruiters.com/{order}"),
    ("empty user and password", "https://:@api.smartrecruiters.com/{order}"),
    ("two at signs", "https://a@api.smartrecruiters.com@evil.example/{order}"),
    ("encoded at sign", "https://api.smartrecruiters.com%40evil.example/{order}"),
    ("user before a fragment", "https://evil.example#@api.smartrecruiters.com/{order}"),
    ("user before a query", "https://evil.example?@api.smartrecruiters.com/{order}"),
    ("user before a path", "https://evil.example/@api.smartrecruiters.com/{order}"),
    // Look-alikes.
    ("right host in front", "https://smartrecruiters.com.evil.example/{order}"),
    ("right subdomain in front", "https://api.smartrecruiters.com.evil.example/{order}"),
    ("glued in front", "https://evilsmartrecruiters.com/{order}"),
    ("glued with a hyphen", "https://evil-smartrecruiters.com/{order}"),
    ("another top level", "https://api.smartrecruiters.co/{order}"),
    ("longer top level", "https://api.smartrecruiters.community/{order}"),
    ("a letter less", "https://api.smartrecruiter.com/{order}"),
    ("l for I", "https://api.smartrecrulters.com/{order}"),
    ("right host as a path", "https://evil.example/api.smartrecruiters.com/{order}"),
    ("right host as a query", "https://evil.example/{order}?https://api.smartrecruiters.com"),
    ("right host as a fragment", "https://evil.example/{order}#api.smartrecruiters.com"),
    ("underscore", "https://api_smartrecruiters.com/{order}"),
    // International names.
    ("Cyrillic e", "https://api.smartr\u{435}cruiters.com/{order}"),
    ("punycode of it", "https://api.xn--smartrcruiters-1pb.com/{order}"),
    ("full-width letters", "https://api.\u{ff53}martrecruiters.com/{order}"),
    ("ideographic full stop", "https://api\u{3002}smartrecruiters\u{3002}com/{order}"),
    ("full-width slash", "https://evil.example\u{ff0f}api.smartrecruiters.com/{order}"),
    ("soft hyphen", "https://api.smart\u{ad}recruiters.com/{order}"),
    ("zero-width space", "https://api.smart\u{200b}recruiters.com/{order}"),
    ("right-to-left mark", "https://api.smartrecruiters.com\u{200f}/{order}"),
    // Dots.
    ("trailing dot", "https://smartrecruiters.com./{order}"),
    ("trailing dot of a subdomain", "https://api.smartrecruiters.com./{order}"),
    ("leading dot", "https://.smartrecruiters.com/{order}"),
    ("two dots", "https://api..smartrecruiters.com/{order}"),
    ("encoded dot", "https://api%2Esmartrecruiters.com.evil.example/{order}"),
    ("encoded dot twice", "https://evil.example%252Esmartrecruiters.com/{order}"),
    ("encoded slash in the host", "https://evil.example%2F.smartrecruiters.com/{order}"),
    ("encoded nul in the host", "https://evil.example%00.smartrecruiters.com/{order}"),
    ("encoded hash in the host", "https://evil.example%23.smartrecruiters.com/{order}"),
    ("encoded question mark in the host", "https://evil.example%3F.smartrecruiters.com/{order}"),
    // Addresses.
    ("IPv4", "https://192.0.2.1/{order}"),
    ("this machine", "https://127.0.0.1/{order}"),
    ("this machine by name", "https://localhost/{order}"),
    ("the link's metadata", "https://169.254.169.254/{order}"),
    ("decimal", "https://2130706433/{order}"),
    ("octal", "https://0177.0.0.1/{order}"),
    ("hexadecimal", "https://0x7f000001/{order}"),
    ("short", "https://127.1/{order}"),
    ("IPv6", "https://[2001:db8::1]/{order}"),
    ("this machine in IPv6", "https://[::1]/{order}"),
    ("IPv4 in IPv6", "https://[::ffff:127.0.0.1]/{order}"),
    ("a zone", "https://[fe80::1%25eth0]/{order}"),
    // Ports.
    ("another port", "https://api.smartrecruiters.com:8443/{order}"),
    ("port of http", "https://api.smartrecruiters.com:80/{order}"),
    ("port 0", "https://api.smartrecruiters.com:0/{order}"),
    ("port beyond", "https://api.smartrecruiters.com:65979/{order}"),
    ("no number", "https://api.smartrecruiters.com:x/{order}"),
    // Back slashes and white space.
    ("back slash before an at sign", "https://evil.example\\@api.smartrecruiters.com/{order}"),
    ("back slashes for slashes", "https:\\\\api.smartrecruiters.com\\{order}"),
    ("back slash behind the host", "https://api.smartrecruiters.com\\.evil.example/{order}"),
    ("three slashes and another host", "https:///evil.example/{order}"),
    ("tab in the scheme", "ht\ttps://api.smartrecruiters.com/{order}"),
    ("tab in the host", "https://api.smart\trecruiters.com/{order}"),
    ("line break in the host", "https://api.smartrecruiters.com\r\nHost: evil.example/{order}"),
    ("space in front", " https://api.smartrecruiters.com/{order}"),
    ("space behind", "https://api.smartrecruiters.com/{order} "),
    ("space in the host", "https://api.smartrecruiters.com evil.example/{order}"),
    ("nul", "https://api.smartrecruiters.com\0.evil.example/{order}"),
    // Nothing at all.
    ("nothing", ""),
    ("a word", "{order}"),
    ("a scheme alone", "https://"),
    ("a star", "https://*.smartrecruiters.com/{order}"),
];

/// What SmartRecruiters may well send.
const TAKEN: &[(&str, &str)] = &[
    ("the documented form", "https://api.smartrecruiters.com/assessment-api/v202010/orders/{order}/results"),
    ("the domain itself", "https://smartrecruiters.com/orders/{order}/results"),
    ("a deep subdomain", "https://a.b.smartrecruiters.com/{order}"),
    ("the port that https has", "https://api.smartrecruiters.com:443/{order}"),
    ("upper case", "HTTPS://API.SmartRecruiters.COM/{order}"),
    ("a query", "https://api.smartrecruiters.com/{order}?a=b&c=d"),
    ("a fragment", "https://api.smartrecruiters.com/{order}#top"),
    ("another host in the path", "https://api.smartrecruiters.com/https://evil.example/{order}"),
    ("dots in the path", "https://api.smartrecruiters.com/a/../{order}"),
    ("an at sign in the path", "https://api.smartrecruiters.com/@evil.example/{order}"),
];

fn hosts() -> AllowedHosts {
    "smartrecruiters.com,*.smartrecruiters.com".parse().expect("a list of hosts")
}

#[test]
fn whatever_is_tried_leads_nowhere_else() {
    assert!(REFUSED.len() >= 60);
    let hosts = hosts();
    let taken = |(_, url): &&(&str, &str)| {
        let url = url.replace("{order}", ORDER);
        hosts.check(&url).is_ok() || ResultUrl::parse(&url, &hosts).is_ok()
    };
    let wrong: Vec<_> = REFUSED.iter().filter(taken).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_smartrecruiters_sends_is_taken_and_kept_as_it_came() {
    let hosts = hosts();
    for (what, url) in TAKEN {
        let url = url.replace("{order}", ORDER);
        let read = ResultUrl::parse(&url, &hosts).map(|read| (read.as_str().to_owned(), read.order().to_string()));
        assert_eq!(read, Ok((url.clone(), ORDER.to_owned())), "{what}");
        let host = hosts.check(&url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        assert!(host == "smartrecruiters.com" || host.ends_with(".smartrecruiters.com"), "{what}: {host}");
    }
}
