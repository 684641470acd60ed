//! The log of every call, in both directions.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Older calls are dropped beyond this number.
const CAPACITY: usize = 50_000;

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// The product called the stand-in.
    In,
    /// The stand-in called the product.
    Out,
}

/// One call. Credentials are masked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    /// Number of the call, from 1.
    pub(crate) seq: u64,
    /// When it began (RFC 3339).
    pub(crate) time: String,
    /// Who called whom.
    pub(crate) direction: Direction,
    /// The contract's `operationId`; none for a path that no contract knows.
    pub(crate) operation: Option<String>,
    /// The HTTP method.
    pub(crate) method: String,
    /// The path.
    pub(crate) path: String,
    /// The query.
    pub(crate) query: String,
    /// The TestGorilla account or SmartRecruiters company that the credential belongs to.
    pub(crate) account: Option<String>,
    /// The answer's status; none when the connection was cut or no answer came.
    pub(crate) status: Option<u16>,
    /// Why there is no answer.
    pub(crate) error: Option<String>,
    /// The request's headers.
    pub(crate) request_headers: Map<String, Value>,
    /// The request's body.
    pub(crate) request_body: Value,
    /// The answer's headers.
    pub(crate) response_headers: Map<String, Value>,
    /// The answer's body.
    pub(crate) response_body: Value,
    /// How the product broke the contract: by its request, or, where it was called, by its answer.
    pub(crate) violations: Vec<String>,
    /// How the stand-in broke the contract: must always be empty.
    pub(crate) own_violations: Vec<String>,
}

/// Which calls are asked for. Absent properties ask for all.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Filter {
    /// Only this `operationId`.
    pub(crate) operation: Option<String>,
    /// Only this TestGorilla account or SmartRecruiters company.
    #[serde(alias = "company")]
    pub(crate) account: Option<String>,
    /// Only this direction.
    pub(crate) direction: Option<Direction>,
    /// Only calls with a greater number.
    pub(crate) since: Option<u64>,
}

impl Filter {
    fn fits(&self, call: &Call) -> bool {
        let is = |wanted: &Option<String>, given: &Option<String>| wanted.is_none() || wanted == given;
        is(&self.operation, &call.operation)
            && is(&self.account, &call.account)
            && self.direction.is_none_or(|direction| direction == call.direction)
            && self.since.is_none_or(|since| call.seq > since)
    }
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    calls: VecDeque<Call>,
    last: u64,
}

impl CallLog {
    /// Adds a call and numbers it.
    pub(crate) fn add(&self, mut call: Call) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.last += 1;
        call.seq = entries.last;
        entries.calls.push_back(call);
        if entries.calls.len() > CAPACITY {
            entries.calls.pop_front();
        }
    }

    /// The calls that fit, oldest first.
    pub(crate) fn list(&self, filter: &Filter) -> Vec<Call> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.calls.iter().filter(|call| filter.fits(call)).cloned().collect()
    }

    /// The calls that fit in which the product broke a contract.
    pub(crate) fn violations(&self, filter: &Filter) -> Vec<Call> {
        self.list(filter).into_iter().filter(|call| !call.violations.is_empty()).collect()
    }
}
