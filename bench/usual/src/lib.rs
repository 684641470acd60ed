//! The order and listing handlers written the way most people would: the SDK with its default features, its default chain of
//! credentials, tokio's default runtime. Same table, same items, same answers as the product's `orders` and `assessments`.

pub mod caller;
pub mod listing;
pub mod orders;

use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use lambda_http::{Body, Error, Response};
use serde::Serialize;

/// What both handlers need.
pub struct App {
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// The table.
    pub table: String,
}

impl App {
    /// From the environment.
    ///
    /// # Errors
    /// When the table is not named.
    pub async fn new() -> Result<Self, Error> {
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        Ok(Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            table: std::env::var("TABLE_NAME")?,
        })
    }
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// An answer with JSON.
///
/// # Errors
/// When it cannot be written.
pub fn json(status: u16, body: &impl Serialize) -> Result<Response<Body>, Error> {
    Ok(Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("cache-control", "no-store")
        .body(serde_json::to_string(body)?.into())?)
}

/// An answer with an error, in the shape of SmartRecruiters' contract.
///
/// # Errors
/// When it cannot be written.
pub fn refused(status: u16, code: &str) -> Result<Response<Body>, Error> {
    json(status, &serde_json::json!({"errors": [{"code": code, "message": code}], "message": code}))
}
