//! Plain entities to start from. Names are fictional.

use std::time::Duration;

use domain::assessment::{Assessment, AssessmentDetails, AssessmentStatus, AssessmentSummary, Test};
use domain::candidate::Candidate;
use domain::hosts::AllowedHosts;
use domain::ids::{AssessmentId, AttemptId, CandidatureId, ClientId, CompanyId, InvitationKey, OrderId, TestTakerId};
use domain::integration::{Connection, Integration, SecretName};
use domain::invitation::{Invitation, Sent};
use domain::order::{Order, OrderKind, ResultUrl};
use domain::ports::{Client, CompanySecret, TokenKeySeed};
use domain::sensitive::{ApiKey, ClientCredentials, Secret};
use domain::timestamp::Timestamp;
use uuid::Uuid;

/// When the samples take place.
pub const NOW: Timestamp = Timestamp::from_seconds(1_767_603_600);

/// A company that no other test uses.
pub fn company() -> CompanyId {
    format!("acme-example-{}", Uuid::new_v4().simple()).parse().expect("a company id")
}

/// An order that no other test uses.
pub fn order_id() -> OrderId {
    OrderId(Uuid::new_v4())
}

/// The assessment with this number.
pub fn assessment(id: u64) -> Assessment {
    Assessment {
        summary: AssessmentSummary {
            id: AssessmentId(id),
            name: format!("Assessment {id}"),
            status: AssessmentStatus::Active,
            created_at: NOW,
            modified_at: NOW,
            is_empty: false,
        },
        details: Some(AssessmentDetails {
            tests: vec![Test { id: 11, name: "Rust (entry level)".into(), duration_seconds: Some(600) }],
            expires_at: None,
            is_archived: false,
        }),
        is_gone: false,
    }
}

/// Juno Example, by SmartRecruiters' id and with an e-mail address.
pub fn candidate() -> Candidate {
    let parsed = Candidate::parse(Some("juno-1"), Some("juno@example.com"), Some("Juno"), Some("Example"));
    parsed.expect("a candidate")
}

/// The key of [`candidate`] in a company's assessment, under a salt of zeros.
pub fn invitation_key(company: &CompanyId, assessment: u64) -> InvitationKey {
    InvitationKey {
        company: company.clone(),
        assessment: AssessmentId(assessment),
        candidate: candidate().key(&[0; 16]),
    }
}

/// The invitation of an order that was accepted now, to be sent in ten minutes.
pub fn invitation(key: &InvitationKey, order: OrderId) -> Invitation {
    let delay = Duration::from_secs(600);
    Invitation::new(key.clone(), candidate(), order, OrderKind::Package, NOW, delay)
}

/// The result URL of an order.
pub fn result_url(order: OrderId) -> ResultUrl {
    let hosts: AllowedHosts = "*.smartrecruiters.com".parse().expect("hosts");
    let url = format!("https://api.smartrecruiters.com/assessment-api/v202010/orders/{order}/results");
    ResultUrl::parse(&url, &hosts).expect("a result URL")
}

/// An order that was accepted now.
pub fn order(key: &InvitationKey, id: OrderId) -> Order {
    Order::new(result_url(id), key.clone(), OrderKind::Package, NOW)
}

/// TestGorilla's record of an invitation that went out now.
pub fn sent(candidature: CandidatureId) -> Sent {
    Sent { candidature, test_taker: TestTakerId(1_804_403), at: NOW }
}

/// A candidature that no other test uses.
pub fn candidature() -> CandidatureId {
    // TestGorilla's numbers fit a JSON number: 53 bits.
    CandidatureId(Uuid::new_v4().as_u64_pair().0 >> 11)
}

/// An API key that no other test uses.
pub fn api_key() -> ApiKey {
    ApiKey::from_pasted(&format!("tg-{}", Uuid::new_v4().simple())).expect("an API key")
}

/// A client id that no other test uses.
pub fn client_id() -> ClientId {
    ClientId::from_bytes(Uuid::new_v4().into_bytes())
}

/// A connection with an API key.
pub fn connection(key: &ApiKey) -> Connection {
    let client = client_id();
    Connection {
        attempt: AttemptId::from_bytes(Uuid::new_v4().into_bytes()),
        secret: SecretName(format!("{}{client}", crate::secrets::PREFIX)),
        client,
        token_keys: vec![[1; 32]],
        api_key: key.hash(),
    }
}

/// An integration that is active with an API key.
pub fn active_integration(company: &CompanyId, key: &ApiKey) -> Integration {
    let mut integration = Integration::new(company.clone(), [0; 16]);
    integration.activate(connection(key), NOW);
    integration
}

/// A client of a company.
pub fn client(company: &CompanyId) -> Client {
    let id = client_id();
    let secret = SecretName(format!("{}{id}", crate::secrets::PREFIX));
    Client { id, secret_hash: [2; 32], company: company.clone(), secret }
}

/// The keys of a connection.
pub fn company_secret(key: &ApiKey) -> CompanySecret {
    CompanySecret {
        api_key: key.clone(),
        token_key: TokenKeySeed([3; 32]),
        smartrecruiters: Some(ClientCredentials {
            client_id: "smartrecruiters-1".into(),
            client_secret: Secret::new("smartrecruiters-secret-1"),
        }),
    }
}
