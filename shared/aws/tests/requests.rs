//! What each port method sends, call by call: a method that takes one call more, or forgets to read consistently, shows here.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests may fail at once, too"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::{CallbackSecretStore, CompanySecretStore, InvitationSqs, PartnerSecretStore, ResultSqs, Sdk, Table};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use domain::ids::{AssessmentId, CandidatureId, CompanyId, OrderId};
use domain::integration::SecretName;
use domain::ports::{
    AcceptError, CallbackSecret, Catalogue, CatalogueState, Clients, CompanySecrets, DueWork, Integrations,
    InvitationQueue, Ledger, Lookup, OpenWork, PartnerSecret, ResultQueue, ResultWork, SaveError, StoreError,
    TryCounts, Turns,
};
use domain::sensitive::ApiKey;
use domain::tries::{Tried, Window};
use serde_json::{Value, json};
use testing::contract::run;
use testing::samples::{self, NOW};

/// Notes every request, and answers as told; an empty object when there is nothing left to tell.
#[derive(Debug, Clone, Default)]
struct Recorder {
    requests: Arc<Mutex<Vec<Value>>>,
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
}

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
        if let Some(token) = body.get_mut("ClientRequestToken") {
            assert_eq!(token.as_str().map(str::len), Some(36), "repetitions of one call carry one token");
            *token = json!("[a token of this call's own]");
        }
        self.requests.lock().unwrap().push(json!({ operation: body }));
        let (status, answer) = self.answers.lock().unwrap().pop_front().unwrap_or((200, json!({})));
        let answer = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(answer.to_string()));
        HttpConnectorFuture::ready(Ok(answer))
    }
}

impl Recorder {
    fn sdk(&self) -> Sdk {
        let connector = SharedHttpConnector::new(self.clone());
        let http: SharedHttpClient = http_client_fn(move |_, _| connector.clone());
        let variable = |name: &str| match name {
            "AWS_REGION" => Some("us-east-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
            _ => None,
        };
        Sdk::from_variables(variable, http).unwrap()
    }

    fn table(&self) -> Table {
        Table::new(&self.sdk(), "table")
    }

    fn answer(&self, status: u16, body: Value) {
        self.answers.lock().unwrap().push_back((status, body));
    }

    /// The requests so far, and forgets them.
    fn sent(&self) -> Vec<Value> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }

    fn operations(&self) -> Vec<String> {
        let sent = self.sent();
        sent.iter().flat_map(|request| request.as_object().unwrap().keys().cloned()).collect()
    }
}

macro_rules! assert_sent {
    ($name:literal, $recorder:expr) => {
        insta::with_settings!({ sort_maps => true }, { insta::assert_json_snapshot!($name, $recorder.sent()) });
    };
}

fn company() -> CompanyId {
    "acme-example".parse().unwrap()
}

fn order_id() -> OrderId {
    "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap()
}

#[test]
fn everything_but_the_catalogue_is_read_consistently() {
    run(async {
        let recorder = Recorder::default();
        let table = recorder.table();
        let client = domain::ids::ClientId::from_bytes([1; 16]);
        table.integration(&company()).await.unwrap();
        table.client(&client).await.unwrap();
        table.order(&company(), order_id()).await.unwrap();
        table.invitation(&samples::invitation_key(&company(), 7)).await.unwrap();
        table.assessment(&company(), AssessmentId(7)).await.unwrap();
        table.catalogue(&company()).await.unwrap();
        table.open_invitations(&company(), NOW, None).await.unwrap();
        assert_sent!("reads", recorder);
    });
}

#[test]
fn the_indexes_are_asked_once() {
    run(async {
        let recorder = Recorder::default();
        let table = recorder.table();
        table.due(3, NOW, 25).await.unwrap();
        table.invitations_of(CandidatureId(2_757_222)).await.unwrap();
        table.companies_with(&domain::ids::ApiKeyHash::from_bytes([1; 32])).await.unwrap();
        assert_sent!("index_reads", recorder);
    });
}

#[test]
fn a_try_is_counted_by_one_write_that_no_other_can_undo() {
    run(async {
        let recorder = Recorder::default();
        recorder.answer(200, json!({ "Attributes": { "tries": { "N": "7" } } }));
        let window = Window::at(NOW);
        assert_eq!(recorder.table().count_try(&Tried::KeyForCompany(company(), None), window).await.unwrap(), 7);
        assert_sent!("count_try", recorder);
        let origin = domain::tries::Origin::of([192, 0, 2, 10].into()).unwrap();
        let without_a_count = recorder.table().count_try(&Tried::KeyFrom(origin), window).await;
        assert!(matches!(without_a_count, Err(StoreError::Broken(_))), "{without_a_count:?}");
    });
}

#[test]
fn a_turn_is_one_write_and_a_second_where_somebody_waits() {
    run(async {
        let recorder = Recorder::default();
        let (key, pace) = (domain::ids::ApiKeyHash::from_bytes([1; 32]), domain::pace::Pace::DOCUMENTED);
        recorder.answer(200, json!({}));
        assert_eq!(recorder.table().take_turn(&key, pace, NOW).await.unwrap(), NOW);
        let refused = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" });
        recorder.answer(400, refused);
        let (began, next) = (NOW.as_millis(), (NOW + pace.step() * 31).as_millis());
        let line = json!({ "began_at": { "N": began.to_string() }, "next_turn": { "N": next.to_string() } });
        recorder.answer(200, json!({ "Attributes": line }));
        assert_eq!(recorder.table().take_turn(&key, pace, NOW).await.unwrap(), NOW + pace.step() * 30);
        assert_sent!("take_turn", recorder);
    });
}

#[test]
fn saving_is_one_write_on_condition_of_the_version() {
    run(async {
        let recorder = Recorder::default();
        let table = recorder.table();
        let mut state = CatalogueState::new(company());
        table.save_catalogue_state(&mut state).await.unwrap();
        table.save_catalogue_state(&mut state).await.unwrap();
        assert_eq!(state.version, 2);
        assert_sent!("saves", recorder);
    });
}

#[test]
fn accepting_is_one_transaction() {
    run(async {
        let recorder = Recorder::default();
        let key = samples::invitation_key(&company(), 439_706);
        let (order, mut invitation) = (samples::order(&key, order_id()), samples::invitation(&key, order_id()));
        recorder.table().accept(&order, &invitation).await.unwrap();
        assert_sent!("accept_first", recorder);
        invitation.version = 4;
        recorder.table().accept(&order, &invitation).await.unwrap();
        let condition = &recorder.sent()[0]["TransactWriteItems"]["TransactItems"][1]["Put"];
        assert_eq!(condition["ConditionExpression"], "#version = :version");
        assert_eq!(condition["ExpressionAttributeValues"], json!({ ":version": { "N": "4" } }));
        assert_eq!(condition["Item"]["version"], json!({ "N": "5" }));
    });
}

#[test]
fn clients_are_put_and_deleted_without_condition() {
    run(async {
        let recorder = Recorder::default();
        let client = samples::client(&company());
        recorder.table().put_client(&client).await.unwrap();
        recorder.table().delete_client(&client.id).await.unwrap();
        let sent = recorder.sent();
        assert_eq!(sent[0]["PutItem"].get("ConditionExpression"), None);
        assert_eq!(sent[1]["DeleteItem"]["Key"]["pk"], json!({ "S": format!("CLIENT#{}", client.id) }));
    });
}

#[test]
fn what_a_batch_leaves_over_is_sent_again() {
    run(async {
        let recorder = Recorder::default();
        let assessments: Vec<_> = (1..=26).map(samples::assessment).collect();
        let table = recorder.table();
        table.put_assessments(&company(), &assessments[..1]).await.unwrap();
        let written = recorder.sent()[0]["BatchWriteItem"]["RequestItems"].clone();

        recorder.answer(200, json!({ "UnprocessedItems": written }));
        table.put_assessments(&company(), &assessments).await.unwrap();
        let sent = recorder.sent();
        let counts: Vec<usize> =
            sent.iter().map(|one| one["BatchWriteItem"]["RequestItems"]["table"].as_array().unwrap().len()).collect();
        assert_eq!(counts, [25, 1, 1], "a full batch, what it left over, the rest");
        assert_eq!(sent[1]["BatchWriteItem"]["RequestItems"], written);

        (0..5).for_each(|_| recorder.answer(200, json!({ "UnprocessedItems": written })));
        let error = table.put_assessments(&company(), &assessments[..1]).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    });
}

#[test]
fn a_part_of_what_is_open_ends_where_its_page_does() {
    run(async {
        let recorder = Recorder::default();
        let keys = |number: u64| {
            let key = samples::invitation_key(&company(), number);
            json!({ "pk": { "S": "COMPANY#acme-example" }, "sk": { "S": format!("INVITATION#{number}#{}", key.candidate) } })
        };
        // A page on which nothing is open is not the last.
        recorder.answer(200, json!({ "Items": [], "LastEvaluatedKey": keys(1) }));
        recorder.answer(200, json!({ "Items": [keys(2)] }));
        let table = recorder.table();
        let first = table.open_invitations(&company(), NOW, None).await.unwrap();
        assert_eq!(first.items, []);
        let second = table.open_invitations(&company(), NOW, first.next.as_ref()).await.unwrap();
        assert_eq!((second.items, second.next), (vec![samples::invitation_key(&company(), 2)], None));
        assert_eq!(recorder.sent()[1]["Query"]["ExclusiveStartKey"], keys(1));
    });
}

#[test]
fn assessments_come_by_id_whatever_the_order_of_their_keys() {
    run(async {
        let recorder = Recorder::default();
        let table = recorder.table();
        let assessments = [samples::assessment(10), samples::assessment(9)];
        table.put_assessments(&company(), &assessments).await.unwrap();
        let sent = recorder.sent();
        let puts = sent[0]["BatchWriteItem"]["RequestItems"]["table"].as_array().unwrap();
        let items: Vec<_> = puts.iter().map(|put| put["PutRequest"]["Item"].clone()).collect();
        recorder.answer(200, json!({ "Items": items }));
        let (_, found) = table.catalogue(&company()).await.unwrap();
        let ids: Vec<_> = found.iter().map(domain::assessment::Assessment::id).collect();
        assert_eq!(ids, [AssessmentId(9), AssessmentId(10)]);
    });
}

#[test]
fn an_unreadable_entry_does_not_hold_up_what_is_due() {
    run(async {
        let recorder = Recorder::default();
        let entry =
            |sk: &str| json!({ "pk": { "S": "COMPANY#acme-example" }, "sk": { "S": sk }, "due_at": { "N": "5" } });
        recorder.answer(200, json!({ "Items": [entry("NEWER#1"), entry("CATALOGUE")] }));
        let found = recorder.table().due(0, NOW, 10).await.unwrap();
        let at = domain::timestamp::Timestamp::from_millis(5);
        assert_eq!(found, [(at, domain::ports::Due::Catalogue(company()))]);
    });
}

#[test]
fn a_transaction_on_the_same_item_is_somebody_elses_change() {
    run(async {
        let recorder = Recorder::default();
        recorder.answer(400, json!({ "__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException" }));
        let saved = recorder.table().save_catalogue_state(&mut CatalogueState::new(company())).await;
        assert!(matches!(saved, Err(SaveError::Conflict)), "{saved:?}");

        let cancelled = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        let reasons = json!([{ "Code": "None" }, { "Code": "TransactionConflict" }]);
        recorder.answer(400, json!({ "__type": cancelled, "CancellationReasons": reasons }));
        let key = samples::invitation_key(&company(), 7);
        let accepted =
            recorder.table().accept(&samples::order(&key, order_id()), &samples::invitation(&key, order_id())).await;
        assert!(matches!(accepted, Err(AcceptError::InvitationConflict)), "{accepted:?}");
    });
}

#[test]
fn an_order_that_finds_the_table_short_of_capacity_is_sent_again() {
    run(async {
        let recorder = Recorder::default();
        let cancelled = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        let throttled = json!({
            "__type": cancelled, "CancellationReasons": [{ "Code": "None" }, { "Code": "ThrottlingError" }]
        });
        let key = samples::invitation_key(&company(), 7);
        let (order, invitation) = (samples::order(&key, order_id()), samples::invitation(&key, order_id()));
        recorder.answer(400, throttled.clone());
        recorder.answer(400, throttled.clone());
        recorder.table().accept(&order, &invitation).await.unwrap();
        let sent = recorder.sent();
        assert_eq!((sent.len(), &sent[0], &sent[1]), (3, &sent[1], &sent[2]));

        for _ in 0..5 {
            recorder.answer(400, throttled.clone());
        }
        let accepted = recorder.table().accept(&order, &invitation).await;
        assert!(matches!(accepted, Err(AcceptError::Store(StoreError::Unavailable(_)))), "{accepted:?}");
        assert_eq!(recorder.sent().len(), 5);
    });
}

#[test]
fn a_passing_failure_is_tried_three_times() {
    run(async {
        let recorder = Recorder::default();
        for _ in 0..3 {
            recorder.answer(500, json!({ "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError" }));
        }
        let error = recorder.table().integration(&company()).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert_eq!(recorder.sent().len(), 3);
    });
}

#[test]
fn messages_carry_delay_and_company() {
    run(async {
        let recorder = Recorder::default();
        // The SDK checks the MD5 of a body only where the answer has one.
        let invitations = InvitationSqs::new(&recorder.sdk(), "https://sqs.us-east-1.amazonaws.com/1/invitations");
        let results = ResultSqs::new(&recorder.sdk(), "https://sqs.us-east-1.amazonaws.com/1/results");
        let key = samples::invitation_key(&company(), 439_706);
        invitations.wake_invite(&key, Duration::from_millis(599_001)).await.unwrap();
        invitations.wake_invite(&key, Duration::from_secs(86_400)).await.unwrap();
        results.wake_result(&ResultWork::Refresh { company: company() }, Duration::ZERO).await.unwrap();
        assert_sent!("messages", recorder);
    });
}

#[test]
fn a_message_goes_along_with_the_trace_it_was_sent_in() {
    run(async {
        let recorder = Recorder::default();
        let queue = InvitationSqs::new(&recorder.sdk(), "https://sqs.example/queue");
        let trace = runtime::trace::Trace::of("req-1", None);
        let key = samples::invitation_key(&company(), 7);
        recorder.answer(200, json!({"MessageId": "1"}));
        trace.within(queue.wake_invite(&key, Duration::ZERO)).await.unwrap();
        let sent = &recorder.sent()[0]["SendMessage"];
        let attribute = json!({"DataType": "String", "StringValue": trace.to_string()});
        assert_eq!(sent["MessageAttributes"], json!({"traceparent": attribute}));
        assert_eq!(sent["MessageBody"], serde_json::to_string(&key).unwrap(), "an earlier version reads it as before");
    });
}

#[test]
fn a_company_secret_is_read_once_in_minutes() {
    run(async {
        let recorder = Recorder::default();
        let store = CompanySecretStore::new(&recorder.sdk(), "stack/companies/");
        let name = SecretName("stack/companies/1".into());
        let secret = samples::company_secret(&ApiKey::from_pasted("tg-key").unwrap());
        let not_found = json!({ "__type": "ResourceNotFoundException" });
        recorder.answer(400, not_found.clone());
        store.put_company_secret(&name, &secret).await.unwrap();
        assert_eq!(recorder.operations(), ["PutSecretValue", "CreateSecret"]);
        store.put_company_secret(&name, &secret).await.unwrap();
        assert_eq!(recorder.operations(), ["PutSecretValue"]);
        for _ in 0..3 {
            assert_eq!(store.company_secret(&name).await.unwrap().as_ref(), Some(&secret));
        }
        assert!(recorder.operations().is_empty());
        store.destroy_company_secret(&name).await.unwrap();
        assert_sent!("destroy_secret", recorder);
        recorder.answer(400, not_found);
        assert_eq!(store.company_secret(&name).await.unwrap(), None);
    });
}

#[test]
fn a_failed_write_leaves_nothing_remembered() {
    run(async {
        let recorder = Recorder::default();
        let store = CompanySecretStore::new(&recorder.sdk(), "stack/companies/");
        let name = SecretName("stack/companies/1".into());
        let secret = samples::company_secret(&ApiKey::from_pasted("tg-key").unwrap());
        store.put_company_secret(&name, &secret).await.unwrap();
        recorder.answer(400, json!({ "__type": "AccessDeniedException" }));
        let refused = store.put_company_secret(&name, &secret).await;
        assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
        recorder.sent();
        recorder.answer(400, json!({ "__type": "ResourceNotFoundException" }));
        assert_eq!(store.company_secret(&name).await.unwrap(), None);
        assert_eq!(recorder.operations(), ["GetSecretValue"]);
    });
}

#[test]
fn a_secret_that_is_being_deleted_is_not_there() {
    run(async {
        let recorder = Recorder::default();
        recorder.answer(400, json!({ "__type": "InvalidRequestException" }));
        let store = CompanySecretStore::new(&recorder.sdk(), "stack/companies/");
        assert_eq!(store.company_secret(&SecretName("stack/companies/1".into())).await.unwrap(), None);
    });
}

#[test]
fn the_stacks_own_secrets_are_read_once_in_minutes() {
    run(async {
        let recorder = Recorder::default();
        let partner = PartnerSecretStore::new(&recorder.sdk(), "arn:partner");
        recorder.answer(200, json!({ "SecretString": r#"{"disconnectKey":"k"}"# }));
        partner.partner_keys().await.unwrap();
        partner.partner_keys().await.unwrap();
        assert_eq!(recorder.operations(), ["GetSecretValue"]);
        let callback = CallbackSecretStore::new(&recorder.sdk(), "arn:callback");
        recorder.answer(200, json!({ "SecretString": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }));
        callback.webhook_keys().await.unwrap();
        callback.webhook_keys().await.unwrap();
        assert_eq!(recorder.operations(), ["GetSecretValue"]);
    });
}

#[test]
fn calls_can_move_between_threads() {
    fn is_send(_: impl Send) {}
    let recorder = Recorder::default();
    let (table, key) = (recorder.table(), samples::invitation_key(&company(), 7));
    is_send(table.accept(&samples::order(&key, order_id()), &samples::invitation(&key, order_id())));
    is_send(table.catalogue(&company()));
    is_send(table.put_assessments(&company(), &[]));
    is_send(InvitationSqs::new(&recorder.sdk(), "url").wake_invite(&key, Duration::ZERO));
    is_send(CompanySecretStore::new(&recorder.sdk(), "prefix/").company_secret(&SecretName("name".into())));
    assert!(recorder.sent().is_empty(), "nothing is called before it is awaited");
}
