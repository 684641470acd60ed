use std::fmt::Debug;

use domain::assessment::Assessment;
use domain::ids::RecordId;
use domain::integration::{Attempt, EndCause, Integration};
use domain::invitation::{Expiry, Invitation, State};
use domain::order::{Closed, Order, Published, Report};
use domain::ports::{CatalogueState, Client, Run};
use domain::record::{Found, Record, Request};
use domain::report::Status;
use proptest::prelude::*;
use testing::arbitrary;
use testing::samples::{self, NOW};

use super::catalogue::CompanyAssessment;
use super::json::shown;
use super::*;

fn round_trip<E: Entity + PartialEq + Debug>(entity: &E) {
    let item = encode(entity, entity.version()).unwrap();
    assert_eq!(decode::<E>(item.clone()).as_ref(), Ok(entity));

    let mut newer = item.clone();
    newer.insert("added_later".into(), AttributeValue::L(vec![AttributeValue::Null(true)]));
    assert_eq!(decode::<E>(newer).as_ref(), Ok(entity), "unknown attributes are ignored");

    let mut other = item;
    other.insert(attribute::SCHEMA.into(), AttributeValue::N("2".into()));
    assert_eq!(decode::<E>(other), Err(Unreadable(entity.key().to_string())), "another schema is refused");
}

proptest! {
    #[test]
    fn integrations_come_back_as_they_went(entity in arbitrary::integration()) {
        round_trip(&entity);
    }

    #[test]
    fn clients_come_back_as_they_went(entity in arbitrary::client()) {
        round_trip(&entity);
    }

    #[test]
    fn catalogue_states_come_back_as_they_went(entity in arbitrary::catalogue_state()) {
        round_trip(&entity);
    }

    #[test]
    fn assessments_come_back_as_they_went(company in arbitrary::company(), assessment in arbitrary::assessment()) {
        round_trip(&CompanyAssessment { company, assessment });
    }

    #[test]
    fn invitations_come_back_as_they_went(entity in arbitrary::invitation()) {
        round_trip(&entity);
    }

    #[test]
    fn orders_come_back_as_they_went(entity in arbitrary::order()) {
        round_trip(&entity);
    }

    #[test]
    fn records_come_back_as_they_went(
        company in arbitrary::company(),
        id: [u8; 16],
        at in 0_i64..9_999_999_999_999,
        found in prop::option::of((0_u64..1_000, 0_u64..1_000)),
        is_erasure: bool,
    ) {
        let found = found.map(|(done, busy)| Found { done, busy });
        let request = if is_erasure { Request::Erasure } else { Request::Export };
        round_trip(&Record { id: RecordId::from_bytes(id), company, at: Timestamp::from_millis(at), request, found });
    }

    #[test]
    fn runs_come_back_as_they_went(at in 0_i64..9_999_999_999_999, done: u32, failed: u32, is_cut: bool) {
        let (at, done, failed) = (Timestamp::from_millis(at), done.into(), failed.into());
        round_trip(&Run { at, done, failed, is_cut });
    }

    #[test]
    fn the_due_index_holds_what_is_due_and_no_more(entity in arbitrary::invitation()) {
        let item = encode(&entity, Some(1)).unwrap();
        prop_assert_eq!(item.contains_key(attribute::DUE_SHARD), entity.due_at.is_some());
        prop_assert_eq!(item.contains_key(attribute::DUE_AT), entity.due_at.is_some());
        prop_assert_eq!(item.contains_key(attribute::LOOKUP), entity.state.sent().is_some());
    }

    #[test]
    fn an_item_with_an_attribute_lost_is_unreadable_or_has_lost_nothing_needed(
        entity in arbitrary::invitation(),
        lost: prop::sample::Index,
    ) {
        let mut item = encode(&entity, Some(entity.version)).unwrap();
        let names: Vec<String> = item.keys().cloned().collect();
        item.remove(&names[lost.index(names.len())]);
        // Never a panic; what is read is still this invitation.
        if let Ok(read) = decode::<Invitation>(item) {
            prop_assert_eq!(read.key, entity.key);
        }
    }
}

#[test]
fn a_time_to_live_is_never_set_by_accident() {
    let mut assessment = samples::assessment(7);
    if let Some(details) = &mut assessment.details {
        details.expires_at = Some(NOW);
    }
    let entity = CompanyAssessment { company: samples::company(), assessment };
    assert!(!encode(&entity, None).unwrap().contains_key("expires_at"));
}

#[test]
fn what_cannot_be_read_is_named_without_what_it_holds() {
    let invitation = samples::invitation(&samples::invitation_key(&samples::company(), 7), samples::order_id());
    let mut item = encode(&invitation, Some(1)).unwrap();
    item.insert("mail".into(), AttributeValue::S("juno@example.com".into()));
    let error = StoreError::from(decode::<Invitation>(item).unwrap_err());
    let StoreError::Broken(cause) = &error else { panic!("{error:?}") };
    assert_eq!(cause.to_string(), format!("the item {} cannot be read or written", Key::invitation(&invitation.key)));
    assert!(!format!("{error:?}").contains("juno"));
}

fn snapshot<E: Entity>(name: &str, entity: &E) {
    insta::assert_json_snapshot!(name, shown(encode(entity, entity.version()).unwrap()));
}

fn connection(byte: u8) -> domain::integration::Connection {
    domain::integration::Connection {
        attempt: domain::ids::AttemptId::from_bytes([byte; 16]),
        client: domain::ids::ClientId::from_bytes([byte; 16]),
        secret: domain::integration::SecretName(format!("stack/companies/{byte}")),
        token_keys: vec![[byte; 32]],
        api_key: domain::ids::ApiKeyHash::from_bytes([byte; 32]),
    }
}

fn company() -> domain::ids::CompanyId {
    "acme-example".parse().unwrap()
}

fn order_id() -> domain::ids::OrderId {
    "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap()
}

#[test]
fn stored_integrations() {
    let mut integration = Integration::new(company(), [7; 16]);
    integration.attempt = Some(Attempt { connection: connection(1), started_at: NOW, claimed_until: NOW });
    snapshot("integration_new", &integration);
    integration.activate(connection(1), NOW);
    integration.activate(connection(2), NOW);
    snapshot("integration_active", &integration);
    assert!(integration.end(EndCause::Disconnected, NOW));
    snapshot("integration_ended", &integration);
}

#[test]
fn stored_clients() {
    let client =
        Client { id: connection(1).client, secret_hash: [2; 32], company: company(), secret: connection(1).secret };
    snapshot("client", &client);
}

#[test]
fn stored_catalogues() {
    let state = CatalogueState {
        checked_at: Some(NOW),
        refreshed_at: Some(NOW),
        listed_at: Some(NOW),
        last_error: Some("testgorilla_unavailable".into()),
        failures: 2,
        due_at: Some(NOW),
        ..CatalogueState::new(company())
    };
    snapshot("catalogue", &state);
    let mut assessment: Assessment = samples::assessment(439_706);
    if let Some(details) = &mut assessment.details {
        details.expires_at = Some(NOW);
    }
    snapshot("assessment", &CompanyAssessment { company: company(), assessment });
}

#[test]
fn stored_invitations() {
    let sent = samples::sent(domain::ids::CandidatureId(2_757_222));
    let mut invitation = samples::invitation(&samples::invitation_key(&company(), 439_706), order_id());
    snapshot("invitation_scheduled", &invitation);
    invitation.state = State::Expired(sent, Expiry::AssessmentEnded);
    invitation.failed("testgorilla_unavailable", NOW, NOW);
    invitation.claimed_until = Some(NOW);
    snapshot("invitation_expired", &invitation);
    invitation.state = State::Completed(sent);
    invitation.succeeded();
    invitation.candidate = None;
    invitation.due_at = None;
    snapshot("invitation_erased", &invitation);
}

#[test]
fn stored_orders() {
    let mut order: Order = samples::order(&samples::invitation_key(&company(), 439_706), order_id());
    snapshot("order_accepted", &order);
    order.published = Some(Published { status: Status::Completed, scored: true, digest: [3; 32], at: NOW });
    order.report = Report::Attached("https://api.smartrecruiters.com/attachments/1".parse().unwrap());
    order.closed = Some(Closed::IntegrationEnded);
    order.claimed_until = Some(NOW);
    snapshot("order_closed", &order);
}
