//! Who calls.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use lambda_http::{Error, Request};
use serde::Deserialize;

use crate::App;

/// The integration's item, as far as it is needed.
#[derive(Deserialize)]
pub struct Integration {
    state: String,
    connection: Option<Connection>,
    key_refused_since: Option<i64>,
    #[serde(default)]
    enabled: Vec<Enabled>,
    salt: String,
}

#[derive(Deserialize)]
struct Connection {
    client: String,
    token_keys: Vec<String>,
    api_key: String,
}

#[derive(Deserialize)]
struct Enabled {
    api_key: String,
    at: i64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    client_id: String,
}

/// A company that was let in.
pub struct Caller {
    /// The company.
    pub company: String,
    /// When it enabled the integration.
    pub enabled_at: i64,
    /// Its salt.
    pub salt: Vec<u8>,
    /// TestGorilla refuses its key.
    pub is_key_refused: bool,
}

/// The primary key of an item.
pub fn key(pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(pk.to_owned())),
        ("sk".to_owned(), AttributeValue::S(sk.to_owned())),
    ])
}

/// Lets a bearer token in; `None` when it is not taken.
///
/// # Errors
/// When the table cannot be read.
pub async fn authorise(app: &App, request: &Request) -> Result<Option<Caller>, Error> {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(|value| value.strip_prefix("Bearer ")) else { return Ok(None) };
    let Some(claims) = unverified(token) else { return Ok(None) };
    let pk = format!("COMPANY#{}", claims.sub);
    let read =
        app.dynamodb.get_item().table_name(&app.table).set_key(Some(key(&pk, "INTEGRATION"))).consistent_read(true);
    let Some(item) = read.send().await?.item else { return Ok(None) };
    let integration: Integration = serde_dynamo::from_item(item)?;
    let Some(connection) = integration.connection.filter(|_| integration.state == "active") else { return Ok(None) };
    let enabled = integration.enabled.iter().find(|enabled| enabled.api_key == connection.api_key);
    let Some(enabled_at) = enabled.map(|enabled| enabled.at) else { return Ok(None) };
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.leeway = 0;
    let is_verified = connection
        .token_keys
        .iter()
        .filter_map(|key| STANDARD.decode(key).ok())
        .any(|key| jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_ed_der(&key), &validation).is_ok());
    if !is_verified || claims.client_id != connection.client {
        return Ok(None);
    }
    Ok(Some(Caller {
        company: claims.sub,
        enabled_at,
        salt: STANDARD.decode(&integration.salt)?,
        is_key_refused: integration.key_refused_since.is_some(),
    }))
}

fn unverified(token: &str) -> Option<Claims> {
    let claims = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
