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
    /// The account whose key alone is meant; absent: all keys.
    pub(crate) account: Option<String>,
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

/// What was set by the control API.
#[derive(Debug, Default)]
struct Changed {
    limits: BTreeMap<Class, u32>,
    window: Option<Duration>,
}

/// The limits and what is used up of them.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    for_all: Changed,
    for_key: BTreeMap<String, Changed>,
    used: BTreeMap<(String, Class), Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Instant,
    requests: u32,
}

/// The length of a window unless told.
const WINDOW: Duration = Duration::from_secs(60);

impl Limits {
    /// Sets limits, of one key where it is given, and begins its or all windows anew.
    pub(crate) fn change(&mut self, key: Option<&str>, change: LimitChange) {
        let changed = match key {
            None => &mut self.for_all,
            Some(key) => self.for_key.entry(key.to_owned()).or_default(),
        };
        changed.limits.extend(change.limits);
        changed.window = change.window_seconds.map(Duration::from_secs).or(changed.window);
        self.used.retain(|(used, _), _| key.is_some_and(|key| key != used));
    }

    /// Counts a request. `Err` when the window has no room for it.
    pub(crate) fn count(&mut self, key: &str, class: Class, now: Instant) -> Result<Standing, Standing> {
        let (limit, length) = (self.limit(key, class), self.window(key));
        let window = self.used.entry((key.to_owned(), class)).or_insert(Window { began: now, requests: 0 });
        if now.duration_since(window.began) >= length {
            *window = Window { began: now, requests: 0 };
        }
        let left = length.saturating_sub(now.duration_since(window.began));
        let reset = left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX);
        if window.requests >= limit {
            return Err(Standing { limit, remaining: 0, reset });
        }
        window.requests += 1;
        Ok(Standing { limit, remaining: limit - window.requests, reset })
    }

    /// What the headers say to a request that is not counted.
    pub(crate) fn untouched(&self, class: Class) -> Standing {
        let limit = self.limit("", class);
        Standing { limit, remaining: limit, reset: self.window("").as_secs() }
    }

    fn limit(&self, key: &str, class: Class) -> u32 {
        let own = self.for_key.get(key).and_then(|changed| changed.limits.get(&class));
        own.or_else(|| self.for_all.limits.get(&class)).copied().unwrap_or_else(|| class.default_limit())
    }

    fn window(&self, key: &str) -> Duration {
        self.for_key.get(key).and_then(|changed| changed.window).or(self.for_all.window).unwrap_or(WINDOW)
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
    fn a_change_for_one_key_leaves_the_others() {
        let mut limits = Limits::default();
        let start = Instant::now();
        limits.count("other", Class::Results, start).unwrap();
        let own = LimitChange { account: None, limits: BTreeMap::from([(Class::Results, 1)]), window_seconds: Some(5) };
        limits.change(Some("key"), own);
        assert_eq!(limits.count("key", Class::Results, start).unwrap().remaining, 0);
        assert_eq!(limits.count("key", Class::Results, start).unwrap_err().reset, 5);
        let other = limits.count("other", Class::Results, start).unwrap();
        assert_eq!((other.remaining, other.reset), (58, 60));
    }

    #[test]
    fn every_operation_of_the_contract_has_a_class() {
        let contract = crate::contract::Contract::testgorilla().unwrap();
        assert!(contract.operation_ids().all(|id| Class::of(id).is_some()));
    }
}
