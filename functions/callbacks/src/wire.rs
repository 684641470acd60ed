//! TestGorilla's callbacks: a type and its data; unknown properties are ignored.

use domain::flows::hint::Hint;
use domain::ids::{ApiKeyHash, AssessmentId, CandidatureId};
use serde::Deserialize;
use serde_json::Value;

/// A body that is no callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

#[derive(Deserialize)]
struct Callback {
    r#type: String,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Candidature {
    candidature_id: CandidatureId,
    assessment_id: Option<AssessmentId>,
}

#[derive(Deserialize)]
struct Disabled {
    api_key_sha256: ApiKeyHash,
}

/// Reads a callback; `None` for a type that is not ours.
pub(crate) fn parse(body: &[u8]) -> Result<Option<Hint>, Malformed> {
    let callback: Callback = serde_json::from_slice(body).map_err(|_| Malformed)?;
    match callback.r#type.as_str() {
        "candidature.started" | "candidature.completed" => {
            let data: Candidature = serde_json::from_value(callback.data).map_err(|_| Malformed)?;
            Ok(Some(Hint::Candidature { candidature: data.candidature_id, assessment: data.assessment_id }))
        }
        "integration.disabled" => {
            let data: Disabled = serde_json::from_value(callback.data).map_err(|_| Malformed)?;
            Ok(Some(Hint::IntegrationDisabled { api_key: data.api_key_sha256 }))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_callbacks_are_read() {
        let started = br#"{"type": "candidature.started", "timestamp": "2026-01-03T09:12:00Z", "new": 1,
            "data": {"candidature_id": 2757222, "assessment_id": 439706, "testtaker_id": 1804403}}"#;
        let hint = Hint::Candidature { candidature: CandidatureId(2_757_222), assessment: Some(AssessmentId(439_706)) };
        assert_eq!(parse(started), Ok(Some(hint)));
        let disabled =
            format!(r#"{{"type":"integration.disabled","data":{{"api_key_sha256":"{}"}}}}"#, "ab".repeat(32));
        let hint = Hint::IntegrationDisabled { api_key: "ab".repeat(32).parse().unwrap() };
        assert_eq!(parse(disabled.as_bytes()), Ok(Some(hint)));
        assert_eq!(parse(br#"{"type":"assessment.created","data":{}}"#), Ok(None));
    }

    #[test]
    fn anything_else_is_malformed() {
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"candidature.started"}"#,
            r#"{"type":"candidature.started","data":{"candidature_id":"x"}}"#,
            r#"{"type":"candidature.completed","data":{"candidature_id":-1}}"#,
            r#"{"type":"integration.disabled","data":{"api_key_sha256":"short"}}"#,
        ] {
            assert_eq!(parse(bad.as_bytes()), Err(Malformed), "{bad}");
        }
    }
}
