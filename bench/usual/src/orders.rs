//! `POST /packages/orders`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use hmac::{Hmac, Mac};
use lambda_http::{Body, Error, Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use url::Url;
use uuid::Uuid;

use crate::caller::{authorise, key};
use crate::{App, json, now, refused};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    company_id: String,
    assessment_package_id: String,
    candidate: Candidate,
    #[serde(rename = "resultCallbackURL")]
    result_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    id: String,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

#[derive(Deserialize)]
struct Assessment {
    created_at: i64,
}

#[derive(Serialize)]
struct StoredOrder<'a> {
    pk: String,
    sk: String,
    schema: u32,
    version: u32,
    result_url: &'a str,
    assessment: u64,
    candidate: &'a str,
    kind: &'a str,
    accepted_at: i64,
    report: &'a str,
    report_failures: u32,
}

#[derive(Serialize)]
struct StoredInvitation<'a> {
    pk: String,
    sk: String,
    schema: u32,
    version: u32,
    state: &'a str,
    candidate: StoredCandidate<'a>,
    orders: [String; 1],
    mail: bool,
    invite_at: i64,
    created_at: i64,
    changed_at: i64,
    due_at: i64,
    due_shard: String,
    failures: u32,
}

#[derive(Serialize)]
struct StoredCandidate<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
}

/// Answers a request.
///
/// # Errors
/// When DynamoDB or SQS fails.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    let Some(caller) = authorise(app, &request).await? else { return refused(401, "token_invalid") };
    let Ok(order) = serde_json::from_slice::<Order>(request.body().as_ref()) else {
        return refused(400, "request_malformed");
    };
    if order.company_id != caller.company {
        return refused(403, "company_foreign");
    }
    if caller.is_key_refused {
        return refused(403, "testgorilla_key_refused");
    }
    let Some(order_id) = order_id(&order.result_url) else { return refused(400, "result_url_forbidden") };
    let Ok(assessment) = order.assessment_package_id.parse::<u64>() else { return refused(404, "package_unknown") };
    let pk = format!("COMPANY#{}", caller.company);
    let stored = key(&pk, &format!("ASSESSMENT#{assessment}"));
    let stored = app.dynamodb.get_item().table_name(&app.table).set_key(Some(stored)).send().await?.item;
    let stored: Option<Assessment> = stored.map(serde_dynamo::from_item).transpose()?;
    if stored.is_none_or(|stored| stored.created_at < caller.enabled_at) {
        return refused(404, "package_unknown");
    }
    let candidate = candidate_key(&caller.salt, &order.candidate.id)?;
    let delay: i32 = std::env::var("INVITATION_DELAY_SECONDS")?.parse()?;
    store(app, &pk, &order, &order_id, assessment, &candidate, delay).await?;
    let message = json!({"company": caller.company, "assessment": assessment, "candidate": candidate});
    app.sqs
        .send_message()
        .queue_url(std::env::var("INVITATION_QUEUE_URL")?)
        .message_body(message.to_string())
        .delay_seconds(delay)
        .message_group_id(&caller.company)
        .send()
        .await?;
    tracing::info!(company = %caller.company, order = %order_id, "order accepted");
    json(202, &json!({}))
}

async fn store(
    app: &App,
    pk: &str,
    order: &Order,
    order_id: &str,
    assessment: u64,
    candidate: &str,
    delay: i32,
) -> Result<(), Error> {
    let now = now();
    let invite_at = now + i64::from(delay) * 1000;
    let stored_order = StoredOrder {
        pk: pk.to_owned(),
        sk: format!("ORDER#{order_id}"),
        schema: 1,
        version: 1,
        result_url: &order.result_url,
        assessment,
        candidate,
        kind: "package",
        accepted_at: now,
        report: "missing",
        report_failures: 0,
    };
    let sk = format!("INVITATION#{assessment}#{candidate}");
    let invitation = StoredInvitation {
        due_shard: shard(pk, &sk),
        pk: pk.to_owned(),
        sk,
        schema: 1,
        version: 1,
        state: "scheduled",
        candidate: StoredCandidate {
            id: &order.candidate.id,
            email: order.candidate.email.as_deref(),
            first_name: order.candidate.first_name.as_deref(),
            last_name: order.candidate.last_name.as_deref(),
        },
        orders: [order_id.to_owned()],
        mail: true,
        invite_at,
        created_at: now,
        changed_at: now,
        due_at: invite_at + 60_000,
        failures: 0,
    };
    app.dynamodb
        .transact_write_items()
        .transact_items(put(app, serde_dynamo::to_item(stored_order)?)?)
        .transact_items(put(app, serde_dynamo::to_item(invitation)?)?)
        .send()
        .await?;
    Ok(())
}

fn put(app: &App, item: HashMap<String, AttributeValue>) -> Result<TransactWriteItem, Error> {
    let put =
        Put::builder().table_name(&app.table).set_item(Some(item)).condition_expression("attribute_not_exists(pk)");
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

/// The order's id in a URL of SmartRecruiters.
fn order_id(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let hosts = std::env::var("SMARTRECRUITERS_HOSTS").ok()?;
    if url.scheme() != "https" || !hosts.split(',').any(|host| Some(host) == url.host_str()) {
        return None;
    }
    url.path_segments()?.rev().find_map(|segment| segment.parse::<Uuid>().ok()).map(|id| id.to_string())
}

fn candidate_key(salt: &[u8], id: &str) -> Result<String, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt)?;
    for part in ["id", id] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    let mut hash = hex::encode(mac.finalize().into_bytes());
    hash.truncate(32);
    Ok(hash)
}

fn shard(pk: &str, sk: &str) -> String {
    let fnv = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    (pk.bytes().chain(sk.bytes()).fold(0x811c_9dc5, fnv) % 8).to_string()
}
