//! What is not said: nothing that a partner sent or got becomes part of an error or of the log.

use std::error::Error;
use std::io::Write;
use std::sync::{Arc, Mutex};

use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::ports::{SmartRecruiters, TestGorilla};
use domain::sensitive::Personal;
use serde_json::json;
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use wiremock::ResponseTemplate;

use crate::smartrecruiters_answers::report;
use crate::support::{answering, email, gorilla, key, ok, pair, recruiters, result_url, with_tokens};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// An error with all its causes, in both forms in which it can be printed.
pub(crate) fn told(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(|cause| format!("{cause} {cause:?}\n")).collect()
}

#[tokio::test]
async fn errors_and_logs_hold_codes_statuses_and_names_of_operations_alone() {
    let log = Log::default();
    let ours = Targets::new().with_target("partners", Level::TRACE).with_target("runtime", Level::TRACE);
    let layer = tracing_subscriber::fmt::layer().json().with_writer(log.clone()).with_filter(ours);
    let subscriber = tracing_subscriber::registry().with(layer);
    let _guard = tracing::subscriber::set_default(subscriber);

    let private = json!({"count": 1, "results": [{"id": "leaked-id", "email": "leaked@example.com", "name": "Leaked Name"}],
        "assessments_detail": [{"ip": "192.0.2.77"}], "detail": "leaked-detail", "access_token": "leaked-token"});
    let candidate =
        Candidate::parse(Some("leaked-id"), Some("leaked@example.com"), Some("Leaked"), Some("Name")).unwrap();
    let mut errors = String::new();
    for status in [200, 302, 400, 401, 403, 404, 418, 429, 500] {
        let server = answering(ResponseTemplate::new(status).set_body_json(&private)).await;
        let client = gorilla(&server);
        let assessment = AssessmentId(1);
        let outcomes = [
            client.check_key(&key()).await.map(drop),
            client.assessments(&key()).await.map(drop),
            client.invite(&key(), assessment, &candidate, true).await.map(drop),
            client.find_candidature(&key(), assessment, &email()).await.map(drop),
            client.attempt(&key(), TestTakerId(1), CandidatureId(2)).await.map(drop),
            client.report(&key(), TestTakerId(1), CandidatureId(2)).await.map(drop),
        ];
        errors.extend(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(|error| told(error)));
        for server in [&server, &with_tokens(ResponseTemplate::new(status).set_body_json(&private)).await] {
            let client = recruiters(server);
            let company = "acme-example".parse().unwrap();
            let outcomes = [
                client.publish(&pair(), &result_url(&server.uri()), &report()).await.map(drop),
                client.candidate(&pair(), &Personal::new("leaked-id".into())).await.map(drop),
                client.attach(&pair(), &result_url(&server.uri()), b"%PDF-leaked".to_vec()).await.map(drop),
            ];
            errors.extend(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(|error| told(error)));
            let set_up = client.set_up_integration(&pair(), &company, &pair()).await;
            errors.extend(set_up.err().map(|error| told(&error)));
        }
    }
    let printed =
        format!("{:?} {:?}", gorilla(&answering(ok(json!({}))).await), recruiters(&with_tokens(ok(json!({}))).await));
    let text = log.text();
    assert!(text.contains(r#""event":"partner.call""#) && text.contains(r#""operation":"inviteCandidate""#), "{text}");
    assert!(errors.contains("inviteCandidate: status 418"), "{errors}");
    for said in [text, errors, printed] {
        for secret in [
            "leaked",
            "Leaked",
            "192.0.2.77",
            "juno",
            "Juno",
            "gorilla-key",
            "token-1",
            "acme secret",
            "acme-client",
            "127.0.0.1/",
        ] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
        assert!(!said.to_lowercase().contains("bearer "), "{said}");
    }
}
