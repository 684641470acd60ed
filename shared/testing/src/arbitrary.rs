//! Entities of every shape, for property tests.

use domain::assessment::{Assessment, AssessmentDetails, AssessmentStatus, AssessmentSummary, Test};
use domain::candidate::Candidate;
use domain::hosts::AllowedHosts;
use domain::ids::{
    ApiKeyHash, AssessmentId, AttemptId, CandidateKey, CandidatureId, ClientId, CompanyId, InvitationKey, OrderId,
    TestTakerId,
};
use domain::integration::{Attempt, Connection, Enabled, EndCause, Integration, SecretName, Status};
use domain::invitation::{Expiry, Invitation, Refusal, Sent, State};
use domain::order::{Closed, Order, OrderKind, Published, Report, ResultUrl};
use domain::ports::{CatalogueState, Client, CompanySecret, TokenKeySeed};
use domain::report;
use domain::sensitive::{ApiKey, ClientCredentials, Personal, Secret};
use domain::timestamp::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

/// Any JSON, of a few levels.
pub fn json() -> impl Strategy<Value = Value> {
    json_naming(&[])
}

/// Any JSON, of a few levels, with these names among those of its properties.
pub fn json_naming(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let any_name = || "\\PC{0,8}".boxed();
    let name = if names.is_empty() {
        any_name()
    } else {
        prop_oneof![3 => select(names).prop_map(str::to_owned), 1 => any_name()].boxed()
    };
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((name.clone(), inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any time, the impossible ones included.
pub fn timestamp() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_millis)
}

/// Any company id.
pub fn company() -> impl Strategy<Value = CompanyId> {
    "[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}".prop_map(|text| text.parse().expect("a company id"))
}

/// Any invitation key.
pub fn invitation_key() -> impl Strategy<Value = InvitationKey> {
    (company(), any::<u64>(), any::<[u8; 16]>()).prop_map(|(company, assessment, candidate)| InvitationKey {
        company,
        assessment: AssessmentId(assessment),
        candidate: CandidateKey::from_bytes(candidate),
    })
}

fn connection() -> impl Strategy<Value = Connection> {
    let token_keys = vec(any::<[u8; 32]>(), 0..3);
    (any::<[u8; 16]>(), any::<[u8; 16]>(), ".{1,40}", token_keys, any::<[u8; 32]>()).prop_map(
        |(attempt, client, secret, token_keys, api_key)| Connection {
            attempt: AttemptId::from_bytes(attempt),
            client: ClientId::from_bytes(client),
            secret: SecretName(secret),
            token_keys,
            api_key: ApiKeyHash::from_bytes(api_key),
        },
    )
}

fn integration_status() -> impl Strategy<Value = Status> {
    let active = (connection(), timestamp(), option::of(timestamp()));
    let causes = select(vec![EndCause::Disconnected, EndCause::Disabled, EndCause::KeyRefused]);
    let ended = (causes, timestamp(), option::of(connection()));
    prop_oneof![
        Just(Status::New),
        active.prop_map(|(connection, since, key_refused_since)| Status::Active {
            connection,
            since,
            key_refused_since
        }),
        ended.prop_map(|(cause, at, remains)| Status::Ended { cause, at, remains }),
    ]
}

/// Any integration.
pub fn integration() -> impl Strategy<Value = Integration> {
    let attempt = (connection(), timestamp(), timestamp())
        .prop_map(|(connection, started_at, claimed_until)| Attempt { connection, started_at, claimed_until });
    let enabled = (any::<[u8; 32]>(), timestamp())
        .prop_map(|(api_key, at)| Enabled { api_key: ApiKeyHash::from_bytes(api_key), at });
    let parts = (
        company(),
        integration_status(),
        option::of(attempt),
        vec(connection(), 0..3),
        option::of(timestamp()),
        vec(enabled, 0..4),
        any::<[u8; 16]>(),
        (option::of(timestamp()), option::of(timestamp())),
        any::<u64>(),
    );
    parts.prop_map(|(company, status, attempt, replaced, keys_retire_at, enabled, salt, times, version)| Integration {
        company,
        status,
        attempt,
        replaced,
        keys_retire_at,
        enabled,
        salt,
        called_back_at: times.0,
        due_at: times.1,
        version,
    })
}

/// Any client.
pub fn client() -> impl Strategy<Value = Client> {
    (any::<[u8; 16]>(), any::<[u8; 32]>(), company(), ".{1,40}").prop_map(|(id, secret_hash, company, secret)| Client {
        id: ClientId::from_bytes(id),
        secret_hash,
        company,
        secret: SecretName(secret),
    })
}

/// Any state of a catalogue.
pub fn catalogue_state() -> impl Strategy<Value = CatalogueState> {
    let time = || option::of(timestamp());
    (company(), time(), time(), time(), option::of(".{0,20}"), any::<u32>(), time(), any::<u64>()).prop_map(
        |(company, checked_at, refreshed_at, listed_at, last_error, failures, due_at, version)| CatalogueState {
            company,
            checked_at,
            refreshed_at,
            listed_at,
            last_error,
            failures,
            due_at,
            version,
        },
    )
}

/// Any assessment.
pub fn assessment() -> impl Strategy<Value = Assessment> {
    let statuses = select(vec![AssessmentStatus::New, AssessmentStatus::Active, AssessmentStatus::Archived]);
    let summary = (any::<u64>(), ".{0,40}", statuses, timestamp(), timestamp(), any::<bool>()).prop_map(
        |(id, name, status, created_at, modified_at, is_empty)| AssessmentSummary {
            id: AssessmentId(id),
            name,
            status,
            created_at,
            modified_at,
            is_empty,
        },
    );
    let test = (any::<u64>(), ".{0,40}", option::of(any::<u64>())).prop_map(|(id, name, duration_seconds)| Test {
        id,
        name,
        duration_seconds,
    });
    let details = (vec(test, 0..4), option::of(timestamp()), any::<bool>())
        .prop_map(|(tests, expires_at, is_archived)| AssessmentDetails { tests, expires_at, is_archived });
    (summary, option::of(details), any::<bool>()).prop_map(|(summary, details, is_gone)| Assessment {
        summary,
        details,
        is_gone,
    })
}

fn invitation_state() -> impl Strategy<Value = State> {
    let sent = || {
        (any::<u64>(), any::<u64>(), timestamp()).prop_map(|(candidature, test_taker, at)| Sent {
            candidature: CandidatureId(candidature),
            test_taker: TestTakerId(test_taker),
            at,
        })
    };
    let refusals = vec![
        Refusal::BadEmail,
        Refusal::SuspiciousEmail,
        Refusal::NoEmail,
        Refusal::AssessmentGone,
        Refusal::AssessmentClosed,
        Refusal::Erased,
        Refusal::Other,
    ];
    let expiries = vec![Expiry::AssessmentEnded, Expiry::CandidatureDeleted, Expiry::IntegrationEnded];
    prop_oneof![
        Just(State::Scheduled),
        sent().prop_map(State::Sent),
        sent().prop_map(State::Started),
        sent().prop_map(State::Completed),
        select(refusals).prop_map(State::Refused),
        (sent(), select(expiries)).prop_map(|(sent, expiry)| State::Expired(sent, expiry)),
        Just(State::Withdrawn),
    ]
}

/// Any candidate.
pub fn candidate() -> impl Strategy<Value = Candidate> {
    let text = || option::of(".{1,20}".prop_map(Personal::new));
    (text(), text(), text(), text()).prop_map(|(id, email, first_name, last_name)| Candidate {
        id,
        email,
        first_name,
        last_name,
    })
}

fn order_id() -> impl Strategy<Value = OrderId> {
    any::<u128>().prop_map(|number| OrderId(Uuid::from_u128(number)))
}

/// Any invitation.
pub fn invitation() -> impl Strategy<Value = Invitation> {
    let head = (invitation_key(), invitation_state(), option::of(candidate()), vec(order_id(), 0..4), any::<bool>());
    let maybe = || option::of(timestamp());
    let times = (timestamp(), maybe(), timestamp(), timestamp(), maybe(), maybe());
    let tail = (any::<u32>(), option::of(".{0,20}"), option::of(timestamp()), any::<u64>());
    (head, times, tail).prop_map(
        |(
            (key, state, candidate, orders, mail),
            (invite_at, turn_at, created_at, changed_at, due_at, claimed_until),
            (failures, last_error, failing_since, version),
        )| Invitation {
            key,
            state,
            candidate,
            orders,
            mail,
            invite_at,
            turn_at,
            created_at,
            changed_at,
            due_at,
            claimed_until,
            failures,
            last_error,
            failing_since,
            version,
        },
    )
}

fn result_url() -> impl Strategy<Value = ResultUrl> {
    let hosts: AllowedHosts = "smartrecruiters.com,*.smartrecruiters.com,localhost".parse().expect("hosts");
    let starts =
        vec!["https://api.smartrecruiters.com", "HTTPS://smartrecruiters.com:443", "http://localhost:8080/a%20b"];
    (select(starts), order_id(), "[a-z]{0,10}", any::<bool>()).prop_map(move |(start, order, query, is_upper)| {
        let order = if is_upper { order.to_string().to_uppercase() } else { order.to_string() };
        ResultUrl::parse(&format!("{start}/orders/{order}/results?{query}"), &hosts).expect("a result URL")
    })
}

/// Any order.
pub fn order() -> impl Strategy<Value = Order> {
    let statuses = vec![
        report::Status::Pending,
        report::Status::InProgress,
        report::Status::Completed,
        report::Status::Rejected,
        report::Status::Expired,
    ];
    let published = (select(statuses), any::<bool>(), any::<[u8; 32]>(), timestamp())
        .prop_map(|(status, scored, digest, at)| Published { status, scored, digest, at });
    let reports = prop_oneof![
        any::<u32>().prop_map(|failures| Report::Missing { failures }),
        "[a-z]{1,10}".prop_map(|name| Report::Attached(
            Url::parse(&format!("https://api.smartrecruiters.com/{name}")).expect("an address")
        )),
        Just(Report::Without),
    ];
    let closed = option::of(select(vec![Closed::UnknownOrder, Closed::IntegrationEnded]));
    let kinds = select(vec![OrderKind::Package, OrderKind::Inline]);
    let head = (result_url(), invitation_key(), kinds, timestamp(), option::of(published));
    (head, reports, any::<u32>(), closed, option::of(timestamp()), any::<u64>()).prop_map(
        |(
            (result_url, invitation, kind, accepted_at, published),
            report,
            unknown_answers,
            closed,
            claimed_until,
            version,
        )| Order {
            result_url,
            invitation,
            kind,
            accepted_at,
            published,
            report,
            unknown_answers,
            closed,
            claimed_until,
            version,
        },
    )
}

/// The keys of any connection.
pub fn company_secret() -> impl Strategy<Value = CompanySecret> {
    let pair = (".{0,40}", ".{0,40}").prop_map(|(client_id, client_secret)| ClientCredentials {
        client_id,
        client_secret: Secret::new(client_secret),
    });
    ("[!-~]{1,64}", any::<[u8; 32]>(), option::of(pair)).prop_map(|(api_key, token_key, smartrecruiters)| {
        CompanySecret {
            api_key: ApiKey::from_pasted(&api_key).expect("an API key"),
            token_key: TokenKeySeed(token_key),
            smartrecruiters,
        }
    })
}
