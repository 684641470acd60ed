//! `GET /packages`.

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Body, Error, Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::caller::authorise;
use crate::{App, json, now, refused};

#[derive(Deserialize)]
struct State {
    checked_at: Option<i64>,
}

#[derive(Deserialize)]
struct Assessment {
    sk: String,
    name: String,
    state: String,
    created_at: i64,
    is_empty: bool,
    is_gone: bool,
    details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    tests: Vec<Test>,
    ends_at: Option<i64>,
}

#[derive(Deserialize)]
struct Test {
    id: u64,
    name: String,
    duration_seconds: Option<u64>,
}

#[derive(Serialize)]
struct Package {
    id: String,
    name: String,
    description: String,
    r#type: &'static str,
    assessments: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    id: String,
    name: String,
    description: String,
    r#type: &'static str,
}

/// Answers a request.
///
/// # Errors
/// When DynamoDB or SQS fails.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    let Some(caller) = authorise(app, &request).await? else { return refused(401, "token_invalid") };
    if caller.is_key_refused {
        return refused(403, "testgorilla_key_refused");
    }
    let mut pages = app
        .dynamodb
        .query()
        .table_name(&app.table)
        .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
        .expression_attribute_values(":pk", AttributeValue::S(format!("COMPANY#{}", caller.company)))
        .expression_attribute_values(":first", AttributeValue::S("ASSESSMENT#".to_owned()))
        .expression_attribute_values(":last", AttributeValue::S("CATALOGUE".to_owned()))
        .into_paginator()
        .items()
        .send();
    let (mut checked_at, mut assessments) = (None, vec![]);
    while let Some(item) = pages.next().await {
        let item = item?;
        if item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == "CATALOGUE") {
            checked_at = serde_dynamo::from_item::<_, State>(item)?.checked_at;
        } else {
            assessments.push(serde_dynamo::from_item::<_, Assessment>(item)?);
        }
    }
    refresh_if_old(app, &caller.company, checked_at).await?;
    assessments.sort_by_key(id);
    let offered: Vec<Package> =
        assessments.iter().filter(|assessment| is_offered(assessment, caller.enabled_at)).map(package).collect();
    tracing::info!(company = %caller.company, offered = offered.len(), "packages listed");
    json(200, &offered)
}

async fn refresh_if_old(app: &App, company: &str, checked_at: Option<i64>) -> Result<(), Error> {
    let max_age: i64 = std::env::var("CATALOGUE_MAX_AGE_SECONDS")?.parse()?;
    if checked_at.is_some_and(|at| now() - at <= max_age * 1000) {
        return Ok(());
    }
    let message = app.sqs.send_message().queue_url(std::env::var("RESULT_QUEUE_URL")?);
    message
        .message_body(json!({"work": "refresh", "company": company}).to_string())
        .message_group_id(company)
        .send()
        .await?;
    Ok(())
}

fn id(assessment: &Assessment) -> u64 {
    assessment.sk.trim_start_matches("ASSESSMENT#").parse().unwrap_or_default()
}

fn is_offered(assessment: &Assessment, enabled_at: i64) -> bool {
    let ends_at = assessment.details.as_ref().and_then(|details| details.ends_at);
    !assessment.is_gone
        && assessment.created_at >= enabled_at
        && assessment.state != "archived"
        && !assessment.is_empty
        && ends_at.is_none_or(|end| end > now())
}

fn package(assessment: &Assessment) -> Package {
    let tests = assessment.details.as_ref().map(|details| details.tests.as_slice()).unwrap_or_default();
    Package {
        id: id(assessment).to_string(),
        name: assessment.name.clone(),
        description: describe(tests),
        r#type: "SKILL_TEST",
        assessments: tests.iter().map(item).collect(),
    }
}

fn item(test: &Test) -> Item {
    let time = test.duration_seconds.and_then(minutes).map(|minutes| format!(" ({minutes})"));
    Item {
        id: test.id.to_string(),
        name: test.name.clone(),
        description: format!("{}{}", test.name, time.unwrap_or_default()),
        r#type: "SKILL_TEST",
    }
}

fn describe(tests: &[Test]) -> String {
    let count = match tests.len() {
        0 => return "TestGorilla assessment".to_owned(),
        1 => "1 test".to_owned(),
        count => format!("{count} tests"),
    };
    let known: Option<u64> = tests.iter().map(|test| test.duration_seconds).sum();
    let time = known.and_then(minutes).map(|minutes| format!(", {minutes}"));
    format!("TestGorilla assessment: {count}{}", time.unwrap_or_default())
}

fn minutes(seconds: u64) -> Option<String> {
    match seconds.div_ceil(60) {
        0 => None,
        1 => Some("1 minute".to_owned()),
        minutes => Some(format!("{minutes} minutes")),
    }
}
