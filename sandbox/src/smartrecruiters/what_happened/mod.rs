//! What happened to an order: the calls between SmartRecruiters, the product and TestGorilla on one time line.
//!
//! The source is the call logs of both stand-ins; TestGorilla's is read over its control API.

mod masking;
mod related;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use self::masking::{masked_body, masked_path};
use self::related::Related;
use super::SmartRecruiters;
use super::order::Order;
use crate::calls::{Call, Direction, Filter};
use crate::screens::{Frame, Link, StandIn, time_of_day};

/// The most calls that are shown without an order.
const LATEST: usize = 200;

/// The page.
pub(crate) fn router(smartrecruiters: Arc<SmartRecruiters>, testgorilla_url: Option<String>) -> Router {
    let sources = Sources { smartrecruiters, testgorilla_url };
    Router::new().route("/what-happened", get(show)).with_state(sources)
}

/// Where calls are read.
#[derive(Debug, Clone)]
struct Sources {
    smartrecruiters: Arc<SmartRecruiters>,
    /// TestGorilla's stand-in, without a slash at the end.
    testgorilla_url: Option<String>,
}

/// A partner, from whose log a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Partner {
    SmartRecruiters,
    TestGorilla,
}

/// A call as the page shows it.
struct Entry {
    id: String,
    time: String,
    from: &'static str,
    to: &'static str,
    operation: String,
    /// What a publication or a callback is about.
    subject: String,
    method: String,
    path: String,
    status: Option<u16>,
    error: Option<String>,
    request: Option<String>,
    response: Option<String>,
    violations: Vec<String>,
}

impl Entry {
    fn of(partner: Partner, call: &Call) -> Self {
        let (name, letter) = match partner {
            Partner::SmartRecruiters => ("SmartRecruiters", 's'),
            Partner::TestGorilla => ("TestGorilla", 't'),
        };
        let (from, to) = match call.direction {
            Direction::In => ("Product", name),
            Direction::Out => (name, "Product"),
        };
        let subject = ["status", "type"].iter().find_map(|name| call.request_body.get(*name)?.as_str());
        let time = OffsetDateTime::parse(&call.time, &Rfc3339);
        Self {
            id: format!("{letter}{}", call.seq),
            time: time.map_or_else(|_| call.time.clone(), |time| time_of_day(&time)),
            from,
            to,
            operation: call.operation.clone().unwrap_or_else(|| "unknown".to_owned()),
            subject: subject.unwrap_or_default().to_owned(),
            method: call.method.clone(),
            path: masked_path(&call.path, &call.query),
            status: call.status,
            error: call.error.clone(),
            request: masked_body(&call.request_headers, &call.request_body),
            response: masked_body(&call.response_headers, &call.response_body),
            violations: call.violations.iter().chain(&call.own_violations).cloned().collect(),
        }
    }

    fn is_good(&self) -> bool {
        self.status.is_some_and(|status| status < 400)
    }
}

/// An order as the list shows it. The candidate's name is nobody's business here.
struct Row {
    id: String,
    ordered: String,
    company: String,
    package: String,
    status: String,
}

impl Row {
    fn of(app: &SmartRecruiters, order: &Order) -> Self {
        let state = app.state();
        let names = state.companies.get(&order.company).map(|company| &company.package_names);
        let name = names.and_then(|names| names.get(&order.package));
        Self {
            id: order.id.clone(),
            ordered: time_of_day(&order.ordered_at),
            company: order.company.clone(),
            package: name.unwrap_or(&order.package).clone(),
            status: order.status.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "what_happened/orders.html")]
struct Orders {
    orders: Vec<Row>,
}

#[derive(Template)]
#[template(path = "what_happened/timeline.html")]
struct Timeline {
    /// None: the latest calls, whatever they are about.
    order: Option<Row>,
    entries: Vec<Entry>,
    /// Why TestGorilla's calls are missing.
    trouble: Option<String>,
}

/// The orders; with the query's `order` its time line, and with `order=all` the latest calls.
async fn show(
    State(sources): State<Sources>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let navigation = vec![Link::new("Orders", "/what-happened"), Link::new("Latest calls", "/what-happened?order=all")];
    let mut frame = Frame { navigation, refresh: Some(5), ..Frame::new(StandIn::SmartRecruiters, &headers) };
    let Some(wanted) = query.get("order").map(String::as_str).filter(|wanted| !wanted.is_empty()) else {
        "/what-happened".clone_into(&mut frame.here);
        return frame.page(StatusCode::OK, "What happened", &Orders { orders: rows(&sources.smartrecruiters) });
    };
    let is_all = wanted == "all";
    let order = sources.smartrecruiters.state().orders.get(wanted).cloned();
    if !is_all && order.is_none() {
        return frame.page(StatusCode::NOT_FOUND, "What happened", &Orders { orders: rows(&sources.smartrecruiters) });
    }
    let own = sources.smartrecruiters.shared.calls.list(&Filter::default());
    let (theirs, trouble) = match testgorilla_calls(&sources).await {
        Ok(calls) => (calls, None),
        Err(trouble) => (Vec::new(), Some(trouble)),
    };
    let calls = match &order {
        Some(order) => Related::to(order, &theirs).of(own, theirs),
        None => in_order(own, theirs),
    };
    let skipped = if is_all { calls.len().saturating_sub(LATEST) } else { 0 };
    let entries = calls.iter().skip(skipped).map(|(partner, call)| Entry::of(*partner, call)).collect();
    let order = order.map(|order| Row::of(&sources.smartrecruiters, &order));
    if order.is_none() {
        "/what-happened?order=all".clone_into(&mut frame.here);
    }
    frame.page(StatusCode::OK, "What happened", &Timeline { order, entries, trouble })
}

/// Every order, newest first.
fn rows(app: &SmartRecruiters) -> Vec<Row> {
    let mut orders: Vec<Order> = app.state().orders.values().cloned().collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.ordered_at));
    orders.iter().map(|order| Row::of(app, order)).collect()
}

/// The calls that TestGorilla's stand-in has logged; in words, why there are none.
async fn testgorilla_calls(sources: &Sources) -> Result<Vec<Call>, String> {
    let Some(url) = &sources.testgorilla_url else {
        return Err("TestGorilla's calls are missing: start this stand-in with --testgorilla-url.".to_owned());
    };
    let missing = |reason: String| format!("TestGorilla's calls are missing: {reason}.");
    let request = Request::get(format!("{url}/_control/calls")).body(Bytes::new());
    let request = request.map_err(|error| missing(error.to_string()))?;
    let answer = sources.smartrecruiters.client.send(request).await.map_err(|error| missing(error.to_string()))?;
    serde_json::from_slice(&answer.body).map_err(|error| missing(error.to_string()))
}

/// Both partners' calls by time.
fn in_order(own: Vec<Call>, theirs: Vec<Call>) -> Vec<(Partner, Call)> {
    let own = own.into_iter().map(|call| (Partner::SmartRecruiters, call));
    let mut calls: Vec<_> = own.chain(theirs.into_iter().map(|call| (Partner::TestGorilla, call))).collect();
    calls.sort_by_cached_key(|(_, call)| OffsetDateTime::parse(&call.time, &Rfc3339).ok());
    calls
}
