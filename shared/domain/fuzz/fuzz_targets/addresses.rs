//! Result URLs, ways back, lists of hosts and templates of addresses.
#![no_main]

use domain::candidate_page::CandidatePage;
use domain::hosts::AllowedHosts;
use domain::order::ResultUrl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(hosts) = "smartrecruiters.com,*.smartrecruiters.com".parse::<AllowedHosts>() else { return };
    if let Ok(url) = hosts.check(text) {
        let host = url.host_str().unwrap_or_default();
        assert!(host == "smartrecruiters.com" || host.ends_with(".smartrecruiters.com"), "{host}");
        assert_eq!((url.scheme(), url.port_or_known_default()), ("https", Some(443)));
        assert!(url.username().is_empty() && url.password().is_none());
    }
    if let Ok(url) = ResultUrl::parse(text, &hosts) {
        assert_eq!(url.as_str(), text, "kept as it came");
        assert!(text.to_lowercase().contains(&url.order().to_string()[..8]));
    }
    if let Ok(hosts) = text.parse::<AllowedHosts>() {
        assert!(hosts.check("https://evil.example/").is_err() || text.to_lowercase().contains("evil.example"));
        assert!(!hosts.as_csp_sources().is_empty());
    }
    let _ = text.parse::<CandidatePage>();
});
