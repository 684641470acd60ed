//! Which rights each function has used, and how often.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::call::Right;

/// A right that was used. `function` is none where the key is no function's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Use {
    function: Option<String>,
    action: String,
    resource: String,
    count: u64,
}

/// Every call since the start, counted.
#[derive(Debug, Default)]
pub(crate) struct Record(Mutex<BTreeMap<(Option<String>, Right), u64>>);

impl Record {
    /// Notes a call.
    pub(crate) fn add(&self, function: Option<&str>, rights: &[Right]) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for right in rights {
            *uses.entry((function.map(str::to_owned), right.clone())).or_default() += 1;
        }
    }

    /// All rights that were used.
    pub(crate) fn list(&self) -> Vec<Use> {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used = |((function, right), count): (&(Option<String>, Right), &u64)| Use {
            function: function.clone(),
            action: right.action.clone(),
            resource: right.resource.clone(),
            count: *count,
        };
        uses.iter().map(used).collect()
    }
}
