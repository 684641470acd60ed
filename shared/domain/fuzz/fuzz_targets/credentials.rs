//! Access tokens, form tokens, API keys, signatures of callbacks and ids: nothing that was made up is believed.
#![no_main]

use domain::access_token::{self, Presented};
use domain::form_token::Form;
use domain::ids::{ApiKeyHash, AssessmentId, AttemptId, ClientId, CompanyId, InvitationKey, OrderId};
use domain::ports::{ResultWork, TokenKeySeed, WebhookKey};
use domain::sensitive::{ApiKey, Secret};
use domain::timestamp::Timestamp;
use domain::webhook::{Headers, verify};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fuzz_target!(|text: &str| {
    if let Ok(presented) = Presented::parse(text)
        && let Ok(key) = access_token::verifying_key(&TokenKeySeed([7; 32]))
    {
        assert!(presented.verify(&[key], &ClientId::from_bytes([1; 16]), NOW).is_err());
    }
    if let Ok(company) = "acme-example".parse::<CompanyId>() {
        let form = Form { company: &company, redirect: None };
        assert!(form.verify(text, &[Secret::new("a secret nobody knows")], NOW).is_err());
    }
    if let Ok(key) = ApiKey::from_pasted(text) {
        assert!(!key.expose().is_empty() && key.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let headers = Headers { id: "msg_1", timestamp: "1800000000", signature: text };
    assert!(verify(headers, b"{}", &[WebhookKey(vec![7; 32])], NOW).is_err());
    let stamped = Headers { id: text, timestamp: text, signature: "v1,AAAA" };
    assert!(verify(stamped, text.as_bytes(), &[WebhookKey(vec![7; 32])], NOW).is_err());
    let _ = (text.parse::<AssessmentId>(), text.parse::<AttemptId>(), text.parse::<ApiKeyHash>());
    let _ = (text.parse::<ClientId>(), text.parse::<OrderId>(), Timestamp::parse_rfc3339(text));
    if let Ok(company) = text.parse::<CompanyId>() {
        assert_eq!(company.to_string(), text);
        assert!(!text.contains(['/', '#', '<', '"', ' ']));
    }
    // Messages of both queues.
    let _ = (serde_json::from_str::<InvitationKey>(text), serde_json::from_str::<ResultWork>(text));
});
