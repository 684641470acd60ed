//! The address of a candidate's page in TestGorilla (See Results). It is not public, so it is a configured template; it never
//! carries a token or a result, and TestGorilla itself decides who may see the page.

use std::str::FromStr;

use url::Url;

use crate::hosts::is_loopback;
use crate::ids::AssessmentId;
use crate::invitation::Sent;

/// The `CandidatePageUrl` parameter: an https URL with `{assessment}`, `{candidature}` and `{testtaker}` to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidatePage(String);

/// A text that is no such template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an https URL with {{assessment}}, {{candidature}} or {{testtaker}} to fill in")]
pub struct InvalidTemplate;

impl FromStr for CandidatePage {
    type Err = InvalidTemplate;

    fn from_str(text: &str) -> Result<Self, InvalidTemplate> {
        let filled = fill(text, "1", "1", "1");
        let url = Url::parse(&filled).map_err(|_| InvalidTemplate)?;
        let is_local = url.scheme() == "http" && url.host_str().is_some_and(is_loopback);
        if filled == text || filled.contains(['{', '}']) || !(url.scheme() == "https" || is_local) {
            return Err(InvalidTemplate);
        }
        Ok(Self(text.to_owned()))
    }
}

impl CandidatePage {
    /// The page of one candidate's taking of an assessment.
    pub fn of(&self, assessment: AssessmentId, sent: Sent) -> String {
        fill(&self.0, &assessment.to_string(), &sent.candidature.to_string(), &sent.test_taker.to_string())
    }
}

fn fill(template: &str, assessment: &str, candidature: &str, test_taker: &str) -> String {
    template
        .replace("{assessment}", assessment)
        .replace("{candidature}", candidature)
        .replace("{testtaker}", test_taker)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CandidatureId, TestTakerId};
    use crate::timestamp::Timestamp;

    #[test]
    fn the_template_is_filled_with_ids_alone() {
        let template = "https://app.testgorilla.example/a/{assessment}/c/{testtaker}?candidature={candidature}";
        let page: CandidatePage = template.parse().unwrap();
        let sent = Sent { candidature: CandidatureId(2), test_taker: TestTakerId(3), at: Timestamp::from_seconds(0) };
        assert_eq!(page.of(AssessmentId(1), sent), "https://app.testgorilla.example/a/1/c/3?candidature=2");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for bad in [
            "",
            "https://x.example/",
            "http://x.example/{assessment}",
            "/{assessment}",
            "https://x.example/{assessment}/{token}",
        ] {
            assert_eq!(bad.parse::<CandidatePage>(), Err(InvalidTemplate), "{bad}");
        }
        assert!("http://127.0.0.1:8080/{candidature}".parse::<CandidatePage>().is_ok());
    }
}
