//! Requests a minute, for each key and class of operations.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Operations that share a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Class {
    /// Lists and details of assessments.
    Assessments,
    /// Invitations.
    Invitations,
    /// Results of tests.
    Results,
    /// Lists of candidatures.
    Candidatures,
    /// Single candidates.
    Candidates,
    /// Deletions of candidatures.
    Deletions,
    /// Reports. Their limit is not public; this is the one of candidates.
    Reports,
}

impl Class {
    /// The class of an operation.
    pub(crate) fn of(operation: &str) -> Option<Self> {
        Some(match operation {
            "listAssessments" | "getAssessment" => Self::Assessments,
            "inviteCandidate" => Self::Invitations,
            "listResults" => Self::Results,
            "listCandidatures" => Self::Candidatures,
            "getCandidate" => Self::Candidates,
            "deleteCandidature" => Self::Deletions,
            "renderPdf" => Self::Reports,
            _ => return None,
        })
    }

    fn default_limit(self) -> u32 {
        match self {
            Self::Assessments | Self::Deletions => 20,
            Self::Invitations | Self::Results => 60,
            Self::Candidatures | Self::Candidates | Self::Reports => 100,
        }
    }
}

/// What the control API may set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitChange {
    /// Requests a window, by class; a class that is absent keeps its limit.
    #[serde(default)]
    pub(crate) limits: BTreeMap<Class, u32>,
    /// Length of the window in seconds; absent: as it is.
    pub(crate) window_seconds: Option<u64>,
}

/// What the headers of an answer say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Requests a window.
    pub(crate) limit: u32,
    /// Requests left in this window.
    pub(crate) remaining: u32,
    /// Seconds until the window ends, rounded up.
    pub(crate) reset: u64,
}

/// The limits and what is used up of them.
#[derive(Debug)]
pub(crate) struct Limits {
    changed: BTreeMap<Class, u32>,
    window: Duration,
    used: BTreeMap<(String, Class), Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Instant,
    requests: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { changed: BTreeMap::new(), window: Duration::from_secs(60), used: BTreeMap::new() }
    }
}

impl Limits {
    /// Sets limits and begins all windows anew.
    pub(crate) fn change(&mut self, change: LimitChange) {
        self.changed.extend(change.limits);
        self.window = change.window_seconds.map_or(self.window, Duration::from_secs);
        self.used.clear();
    }

    /// Counts a request. `Err` when the window has no room for it.
    pub(crate) fn count(&mut self, key: &str, class: Class, now: Instant) -> Result<Standing, Standing> {
        let limit = self.limit(class);
        let window = self.used.entry((key.to_owned(), class)).or_insert(Window { began: now, requests: 0 });
        if now.duration_since(window.began) >= self.window {
            *window = Window { began: now, requests: 0 };
        }
        let left = self.window.saturating_sub(now.duration_since(window.began));
        let reset = left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX);
        if window.requests >= limit {
            return Err(Standing { limit, remaining: 0, reset });
        }
        window.requests += 1;
        Ok(Standing { limit, remaining: limit - window.requests, reset })
    }

    /// What the headers say to a request that is not counted.
    pub(crate) fn untouched(&self, class: Class) -> Standing {
        let limit = self.limit(class);
        Standing { limit, remaining: limit, reset: self.window.as_secs() }
    }

    fn limit(&self, class: Class) -> u32 {
        self.changed.get(&class).copied().unwrap_or_else(|| class.default_limit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_room_for_its_limit_and_no_more() {
        let mut limits = Limits::default();
        let start = Instant::now();
        for used in 1..=20 {
            let standing = limits.count("key", Class::Assessments, start).unwrap();
            assert_eq!(standing.remaining, 20 - used);
        }
        let later = start + Duration::from_millis(1500);
        let refused = limits.count("key", Class::Assessments, later).unwrap_err();
        assert_eq!(refused, Standing { limit: 20, remaining: 0, reset: 59 });
        assert!(limits.count("other", Class::Assessments, later).is_ok(), "each key has its own window");
        assert!(limits.count("key", Class::Results, later).is_ok(), "each class has its own window");
        assert!(limits.count("key", Class::Assessments, start + Duration::from_secs(60)).is_ok());
    }

    #[test]
    fn every_operation_of_the_contract_has_a_class() {
        let contract = crate::contract::Contract::testgorilla().unwrap();
        assert!(contract.operation_ids().all(|id| Class::of(id).is_some()));
    }
}
