use domain::assessment::Assessment;
use domain::candidate::Candidate;
use domain::ids::{ApiKeyHash, AttemptId, CandidatureId, ClientId, CompanyId, InvitationKey, OrderId, RecordId};
use domain::integration::{Attempt, Connection, Integration, SecretName};
use domain::invitation::{Invitation, State};
use domain::order::{Closed, Order, OrderKind, Published, Report};
use domain::ports::{CatalogueState, Client, CompanySecret, ResultWork, Run, TokenKeySeed};
use domain::record::{Found, Record};
use domain::report::Status;
use domain::sensitive::{ApiKey, ClientCredentials, Secret};
use serde_json::{Value, json};
use testing::samples::{self, NOW};

use super::Files;
use crate::items::{CompanyAssessment, Entity, codes, encode, json::shown};
use crate::secrets::write_company_secret;

/// Everything that the present version writes, each kind of item in each of its states, with every attribute that it may have.
pub(super) fn written() -> Files {
    let mut files = Files::new();
    integrations(&mut files);
    catalogues(&mut files);
    invitations(&mut files);
    orders(&mut files);
    notes(&mut files);
    messages(&mut files);
    secrets(&mut files);
    files
}

fn company() -> CompanyId {
    "acme-example".parse().unwrap()
}

fn order_id() -> OrderId {
    "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap()
}

fn key() -> InvitationKey {
    samples::invitation_key(&company(), 439_706)
}

fn connection(byte: u8) -> Connection {
    Connection {
        attempt: AttemptId::from_bytes([byte; 16]),
        client: ClientId::from_bytes([byte; 16]),
        secret: SecretName(format!("stack/companies/{byte}")),
        token_keys: vec![[byte; 32], [9; 32]],
        api_key: ApiKeyHash::from_bytes([byte; 32]),
    }
}

fn put<E: Entity>(files: &mut Files, name: impl Into<String>, entity: &E) {
    files.insert(name.into(), shown(encode(entity, entity.version()).unwrap()));
}

/// A word for the name of a file.
fn word(text: &str) -> String {
    text.replace('_', "-")
}

fn integrations(files: &mut Files) {
    let mut integration = Integration::new(company(), [7; 16]);
    put(files, "integration-new", &integration);
    integration.attempt = Some(Attempt { connection: connection(1), started_at: NOW, claimed_until: NOW });
    integration.due_at = Some(NOW);
    put(files, "integration-attempted", &integration);
    integration.activate(connection(1), NOW);
    integration.activate(connection(2), NOW);
    integration.keys_retire_at = Some(NOW);
    put(files, "integration-active", &integration);
    put(files, "integration-called-back", &Integration { called_back_at: Some(NOW), ..integration.clone() });
    let mut refused = integration.clone();
    if let domain::integration::Status::Active { key_refused_since, .. } = &mut refused.status {
        *key_refused_since = Some(NOW);
    }
    put(files, "integration-key-refused", &refused);
    for cause in codes::end_cause::all() {
        let mut ended = integration.clone();
        assert!(ended.end(cause, NOW));
        put(files, format!("integration-ended-{}", word(&codes::end_cause::word(cause))), &ended);
    }
    let secret = connection(1).secret;
    put(files, "client", &Client { id: connection(1).client, secret_hash: [2; 32], company: company(), secret });
}

fn catalogues(files: &mut Files) {
    put(files, "catalogue-new", &CatalogueState::new(company()));
    let state = CatalogueState {
        checked_at: Some(NOW),
        refreshed_at: Some(NOW),
        listed_at: Some(NOW),
        last_error: Some("testgorilla_unavailable".into()),
        failures: 2,
        due_at: Some(NOW),
        ..CatalogueState::new(company())
    };
    put(files, "catalogue", &state);
    let mut assessment: Assessment = samples::assessment(439_706);
    let mut put_assessment = |name: String, assessment: &Assessment| {
        put(files, name, &CompanyAssessment { company: company(), assessment: assessment.clone() });
    };
    for status in codes::assessment_status::all() {
        assessment.summary.status = status;
        put_assessment(format!("assessment-{}", codes::assessment_status::word(status)), &assessment);
    }
    if let Some(details) = &mut assessment.details {
        details.expires_at = Some(NOW);
    }
    put_assessment("assessment-ending".into(), &assessment);
    assessment.details = None;
    put_assessment("assessment-without-details".into(), &assessment);
}

fn invitations(files: &mut Files) {
    let sent = samples::sent(CandidatureId(2_757_222));
    let scheduled = samples::invitation(&key(), order_id());
    let mut put_state = |name: String, state: State| put(files, name, &Invitation { state, ..scheduled.clone() });
    put_state("invitation-scheduled".into(), State::Scheduled);
    put_state("invitation-sent".into(), State::Sent(sent));
    put_state("invitation-started".into(), State::Started(sent));
    put_state("invitation-completed".into(), State::Completed(sent));
    put_state("invitation-withdrawn".into(), State::Withdrawn);
    for refusal in codes::refusal::all() {
        put_state(format!("invitation-refused-{}", word(&codes::refusal::word(refusal))), State::Refused(refusal));
    }
    for expiry in codes::expiry::all() {
        put_state(format!("invitation-expired-{}", word(&codes::expiry::word(expiry))), State::Expired(sent, expiry));
    }
    let mut queued = scheduled.clone();
    queued.queued(NOW);
    put(files, "invitation-queued", &queued);
    let mut failed = scheduled.clone();
    failed.failed("testgorilla_unavailable", NOW, NOW);
    failed.claimed_until = Some(NOW);
    put(files, "invitation-failed", &failed);
    let nameless = Candidate::parse(None, Some("juno@example.com"), None, None).unwrap();
    put(files, "invitation-nameless", &Invitation { candidate: Some(nameless), ..scheduled.clone() });
    put(files, "invitation-erased", &Invitation { candidate: None, due_at: None, ..scheduled });
}

fn orders(files: &mut Files) {
    for kind in codes::order_kind::all() {
        let order = Order::new(samples::result_url(order_id()), key(), kind, NOW);
        put(files, format!("order-{}-accepted", codes::order_kind::word(kind)), &order);
    }
    let order = Order::new(samples::result_url(order_id()), key(), OrderKind::Package, NOW);
    let published = |status: Status| Some(Published { status, scored: true, digest: [3; 32], at: NOW });
    for status in codes::order_status::all() {
        let name = format!("order-{}", word(&codes::order_status::word(status)));
        put(files, name, &Order { published: published(status), claimed_until: Some(NOW), ..order.clone() });
    }
    for closed in codes::closed::all() {
        let name = format!("order-closed-{}", word(&codes::closed::word(closed)));
        put(files, name, &Order { closed: Some::<Closed>(closed), ..order.clone() });
    }
    let report = Report::Attached("https://api.smartrecruiters.com/attachments/1".parse().unwrap());
    put(files, "order-report-attached", &Order { report, ..order.clone() });
    put(files, "order-report-missing", &Order { report: Report::Missing { failures: 3 }, ..order.clone() });
    put(files, "order-report-without", &Order { report: Report::Without, ..order.clone() });
    put(files, "order-unknown", &Order { unknown_answers: 2, ..order });
}

fn notes(files: &mut Files) {
    put(files, "run", &Run { at: NOW, done: 3, failed: 1, is_cut: true });
    for request in codes::request::all() {
        let mut record =
            Record { id: RecordId::from_bytes([4; 16]), company: company(), at: NOW, request, found: None };
        let name = format!("record-{}", codes::request::word(request));
        put(files, format!("{name}-begun"), &record);
        record.found = Some(Found { done: 2, busy: 1 });
        put(files, name, &record);
    }
}

fn messages(files: &mut Files) {
    let mut put = |name: &str, message: Value| files.insert(name.to_owned(), message);
    put("invite", json!(key()));
    let follow = |called_back| ResultWork::Follow { invitation: key(), hinted: true, called_back };
    put("result-follow", json!(follow(false)));
    put("result-follow-called-back", json!(follow(true)));
    put("result-refresh", json!(ResultWork::Refresh { company: company() }));
    put("result-wind-down", json!(ResultWork::WindDown { company: company() }));
}

fn secrets(files: &mut Files) {
    let mut put = |name: &str, secret: &CompanySecret| {
        let text = write_company_secret(secret).unwrap();
        files.insert(name.to_owned(), serde_json::from_str(text.expose()).unwrap());
    };
    let secret = CompanySecret {
        api_key: ApiKey::from_pasted("tg-key").unwrap(),
        token_key: TokenKeySeed([3; 32]),
        smartrecruiters: Some(ClientCredentials { client_id: "id".into(), client_secret: Secret::new("s3cret") }),
    };
    put("secret", &secret);
    put("secret-unfinished", &CompanySecret { smartrecruiters: None, ..secret });
}
