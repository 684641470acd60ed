//! Which calls belong to an order.

use serde_json::Value;
use url::form_urlencoded;

use super::super::order::Order;
use super::{Partner, in_order};
use crate::calls::Call;

/// What the calls that belong to an order name.
#[derive(Debug)]
pub(super) struct Related<'a> {
    order: &'a Order,
    /// The order's candidature, once the candidate is invited.
    candidature: Option<Candidature>,
}

/// Ids at TestGorilla.
#[derive(Debug)]
struct Candidature {
    id: String,
    test_taker: String,
}

impl<'a> Related<'a> {
    /// Finds the candidature in what TestGorilla has answered. It may be older than the order: one that the order shares or adopts.
    pub(super) fn to(order: &'a Order, testgorilla: &[Call]) -> Self {
        let about = testgorilla.iter().filter(|call| is_named_in_address(call, &order.package));
        let candidature = about.into_iter().find_map(|call| candidature(&call.response_body, &order.email));
        Self { order, candidature }
    }

    /// The related calls by time.
    pub(super) fn of(&self, smartrecruiters: Vec<Call>, testgorilla: Vec<Call>) -> Vec<(Partner, Call)> {
        let own = smartrecruiters.into_iter().filter(|call| self.is_own(call)).collect();
        in_order(own, testgorilla.into_iter().filter(|call| self.is_theirs(call)).collect())
    }

    /// A call of SmartRecruiters that names the order, or reads its candidate.
    fn is_own(&self, call: &Call) -> bool {
        names(call, &self.order.id)
            || call.operation.as_deref() == Some("getCandidate") && is_named_in_address(call, &self.order.candidate)
    }

    /// A call of TestGorilla that invites the candidate to the assessment, or names the candidature.
    fn is_theirs(&self, call: &Call) -> bool {
        let invited = call.request_body.get("email").and_then(Value::as_str);
        let invites = is_named_in_address(call, &self.order.package)
            && invited.is_some_and(|email| email.eq_ignore_ascii_case(&self.order.email));
        let concerns = |known: &Candidature| {
            names(call, &known.id)
                || is_named_in_address(call, &self.order.package) && is_named_in_address(call, &known.test_taker)
        };
        invites || self.candidature.as_ref().is_some_and(concerns)
    }
}

/// The candidature of the person with this address, in an answer of any depth.
fn candidature(answer: &Value, email: &str) -> Option<Candidature> {
    match answer {
        Value::Array(items) => items.iter().find_map(|item| candidature(item, email)),
        Value::Object(object) => {
            let is_theirs =
                object.get("email").and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(email));
            let id = |name: &str| object.get(name).and_then(Value::as_u64).map(|id| id.to_string());
            match (is_theirs, id("id"), id("testtaker_id")) {
                (true, Some(id), Some(test_taker)) => Some(Candidature { id, test_taker }),
                _ => object.values().find_map(|value| candidature(value, email)),
            }
        }
        _ => None,
    }
}

/// Whether a call names an id in its address or in a body.
fn names(call: &Call, id: &str) -> bool {
    is_named_in_address(call, id) || holds(&call.request_body, id) || holds(&call.response_body, id)
}

fn is_named_in_address(call: &Call, id: &str) -> bool {
    call.path.split('/').any(|segment| segment == id)
        || form_urlencoded::parse(call.query.as_bytes()).any(|(_, value)| value == id)
}

/// Whether a value is the id, or an address that contains it as a segment.
fn holds(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => text.split(['/', '?', '&', '=']).any(|part| part == id),
        Value::Number(number) => number.to_string() == id,
        Value::Array(items) => items.iter().any(|item| holds(item, id)),
        Value::Object(object) => object.values().any(|value| holds(value, id)),
        Value::Null | Value::Bool(_) => false,
    }
}
