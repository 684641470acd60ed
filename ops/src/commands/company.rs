//! `ops company`.

use std::collections::BTreeMap;

use domain::flows::company::{Overview, overview};
use domain::flows::end::end;
use domain::integration::{EndCause, Integration, Status};
use domain::ports::{Integrations, Records};
use domain::record::Record;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};

use super::{integrations, unknown_company};
use crate::cli::{CompanyDisconnect, CompanyList, CompanyShow};
use crate::connect::App;
use crate::console::Consent;
use crate::fail::{Exit, Failure};
use crate::report::{Report, Table, count, json_time, time, time_or_dash};

pub(super) async fn list(app: &App, which: &CompanyList) -> Result<Report, Failure> {
    let mut found = integrations(app).await?;
    found.retain(|integration| !which.active || integration.connection().is_some());
    let mut table = Table::new(["company", "state", "since", "enabled", "key"]);
    for integration in &found {
        let standing = Standing::of(integration);
        table.row([
            integration.company.to_string(),
            standing.state.to_owned(),
            time_or_dash(standing.since),
            time_or_dash(integration.enabled_at()),
            fingerprint(integration).unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    let companies: Vec<Value> = found.iter().map(answer).collect();
    let counted = count(found.len(), "company", "companies");
    let text = if found.is_empty() { "No companies.".to_owned() } else { format!("{table}\n{counted}.") };
    Ok(Report::new(text, json!({"companies": companies, "count": found.len()})))
}

/// How an integration stands, in a word.
struct Standing {
    state: &'static str,
    since: Option<Timestamp>,
}

impl Standing {
    fn of(integration: &Integration) -> Self {
        let (state, since) = match &integration.status {
            Status::New => (if integration.attempt.is_some() { "connecting" } else { "new" }, None),
            Status::Active { key_refused_since: Some(since), .. } => ("key refused", Some(*since)),
            Status::Active { since, .. } => ("active", Some(*since)),
            Status::Ended { remains: Some(_), at, .. } => ("ending", Some(*at)),
            Status::Ended { at, .. } => ("ended", Some(*at)),
        };
        Self { state, since }
    }
}

/// Tells the API key from others: the beginning of its hash.
fn fingerprint(integration: &Integration) -> Option<String> {
    Some(integration.connection()?.api_key.as_str().chars().take(8).collect())
}

fn end_cause(integration: &Integration) -> Option<&'static str> {
    match &integration.status {
        Status::Ended { cause, .. } => Some(cause.code()),
        _ => None,
    }
}

fn answer(integration: &Integration) -> Value {
    let standing = Standing::of(integration);
    json!({
        "company": integration.company.as_str(),
        "state": standing.state,
        "since": json_time(standing.since),
        "enabled_at": json_time(integration.enabled_at()),
        "key": fingerprint(integration),
        "client": integration.connection().map(|connection| connection.client.as_str()),
        "signing_keys": integration.connection().map(|connection| connection.token_keys.len()),
        "end_cause": end_cause(integration),
    })
}

pub(super) async fn show(app: &App, which: &CompanyShow) -> Result<Report, Failure> {
    let seen = overview(&app.ports, &which.company).await?.ok_or_else(|| unknown_company(&which.company))?;
    let records = app.ports.store.records(&which.company).await?;
    let mut json = answer(&seen.integration);
    let catalogue = seen.catalogue.as_ref();
    if let Value::Object(properties) = &mut json {
        properties.insert("offered".into(), seen.offered.into());
        properties.insert("listed_at".into(), json_time(catalogue.and_then(|state| state.listed_at)));
        properties.insert("refreshed_at".into(), json_time(catalogue.and_then(|state| state.refreshed_at)));
        properties.insert("list_error".into(), catalogue.and_then(|state| state.last_error.clone()).into());
        properties.insert("orders".into(), json!(seen.orders));
        properties.insert("stuck".into(), seen.stuck.into());
        properties.insert("requests".into(), records.iter().map(request).collect());
    }
    Ok(Report::new(text(&seen, &records), json))
}

fn text(seen: &Overview, records: &[Record]) -> String {
    let integration = &seen.integration;
    let standing = Standing::of(integration);
    let catalogue = seen.catalogue.as_ref();
    let dash = || "-".to_owned();
    let mut table = Table::of_pairs();
    table.pair("company", integration.company.to_string());
    let cause = end_cause(integration).map(|cause| format!(" ({cause})")).unwrap_or_default();
    table.pair("integration", format!("{}{cause}", standing.state));
    table.pair("since", time_or_dash(standing.since));
    table.pair("enabled", time_or_dash(integration.enabled_at()));
    table.pair("API key", fingerprint(integration).map_or_else(dash, |key| format!("fingerprint {key}")));
    let client = integration.connection().map(|connection| connection.client.to_string());
    table.pair("client", client.unwrap_or_else(dash));
    let keys = integration.connection().map_or(0, |connection| connection.token_keys.len());
    let retire = integration.keys_retire_at.map(|at| format!(", one until {}", time(at))).unwrap_or_default();
    table.pair("signing keys", format!("{keys}{retire}"));
    table.pair("assessments offered", seen.offered.to_string());
    table.pair("last listing", time_or_dash(catalogue.and_then(|state| state.listed_at)));
    table.pair("list refreshed", time_or_dash(catalogue.and_then(|state| state.refreshed_at)));
    table.pair("list's last error", catalogue.and_then(|state| state.last_error.clone()).unwrap_or_else(dash));
    table.pair("orders", orders(&seen.orders));
    table.pair("stuck orders", seen.stuck.to_string());
    for record in records {
        table.pair("candidate's request", format!("{} {}", time(record.at), came_to(record)));
    }
    table.to_string()
}

fn orders(by_state: &BTreeMap<&'static str, usize>) -> String {
    let each: Vec<String> = by_state.iter().map(|(state, number)| format!("{number} {state}")).collect();
    if each.is_empty() { "none".to_owned() } else { each.join(", ") }
}

fn came_to(record: &Record) -> String {
    let found = record.found.map(|found| format!("{} done, {} busy", found.done, found.busy));
    format!(
        "{}: {} (record {})",
        record.request.code(),
        found.unwrap_or_else(|| "cut off, to be made again".into()),
        record.id
    )
}

/// A record for programs.
pub(super) fn request(record: &Record) -> Value {
    json!({
        "record": record.id.as_str(),
        "company": record.company.as_str(),
        "at": record.at.to_string(),
        "request": record.request.code(),
        "done": record.found.map(|found| found.done),
        "busy": record.found.map(|found| found.busy),
    })
}

pub(super) async fn disconnect(app: &App, which: &CompanyDisconnect) -> Result<Report, Failure> {
    let company = &which.company;
    let stored = app.ports.store.integration(company).await?.ok_or_else(|| unknown_company(company))?;
    let is_going = stored.connection().is_some() || stored.attempt.is_some();
    let is_ending = matches!(stored.status, Status::Ended { remains: Some(_), .. });
    if !is_going && !is_ending {
        return Ok(Report::new(
            "The integration has ended already.",
            json!({"company": company.as_str(), "changed": false}),
        ));
    }
    let what = format!(
        "The integration of {company} ends: nothing is listed, ordered or invited any more, open orders are closed, the keys are destroyed."
    );
    if app.console.ask(&which.asking, &what).await? == Consent::DryRun {
        return Ok(Report::new(
            "Not disconnected (--dry-run).",
            json!({"company": company.as_str(), "changed": false}),
        ));
    }
    end(&app.ports, company, EndCause::Disconnected).await?;
    let stored = app.ports.store.integration(company).await?;
    if stored.is_some_and(|integration| integration.connection().is_some()) {
        return Err(Failure::new(
            Exit::NotNow,
            "Somebody has connected the company anew at this moment. Look, and do it again.",
        ));
    }
    let text = "The integration has ended. Its open orders are closed and its keys destroyed within an hour; its admin presses Disconnect in SmartRecruiters.";
    Ok(Report::new(text, json!({"company": company.as_str(), "changed": true})))
}
