//! TestGorilla's limits per key and kind of call, as far as its answers tell.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::ApiKeyHash;
use domain::timestamp::Timestamp;
use http::HeaderMap;

use crate::waits;

/// Operations that count against one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Lists and details of assessments: 20 a minute.
    Assessments,
    /// 60 a minute.
    Invitations,
    /// 60 a minute.
    Results,
    /// Candidatures and candidates: 100 a minute.
    Candidates,
    /// PDF reports: unconfirmed.
    Reports,
}

/// How long to wait when a limit is reached and the answer does not say: the length of a window.
const WINDOW: Duration = Duration::from_secs(60);

/// Until when not to call, by key and class. Kept in the process: another one learns it from its own first answer.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<HashMap<(ApiKeyHash, Class), Timestamp>>);

impl Gate {
    /// How long calls with the key are still to be held back; `None` when they may be made.
    pub(super) fn wait(&self, key: &ApiKeyHash, class: Class, now: Timestamp) -> Option<Duration> {
        let until = *self.entries().get(&(key.clone(), class))?;
        (until > now).then(|| until.since(now))
    }

    /// Takes note of an answer's limit headers. Returns the wait when the answer is a refusal (429).
    pub(super) fn observe(
        &self,
        key: &ApiKeyHash,
        class: Class,
        refused: bool,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Option<Duration> {
        if !refused && !waits::is_used_up(headers) {
            return None;
        }
        let asked = if refused { waits::retry_after(headers, now) } else { None };
        let wait = asked.or_else(|| waits::rate_limit_reset(headers)).unwrap_or(WINDOW);
        let mut entries = self.entries();
        entries.retain(|_, until| *until > now);
        entries.insert((key.clone(), class), now + wait);
        refused.then_some(wait)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<(ApiKeyHash, Class), Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_used_up_window_holds_back_its_key_and_class_alone() {
        let gate = Gate::default();
        let (key, other) = (ApiKeyHash::from_bytes([1; 32]), ApiKeyHash::from_bytes([2; 32]));
        let at = Timestamp::from_seconds;
        let headers = |remaining: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-remaining", remaining.parse().unwrap());
            headers.insert("x-ratelimit-reset", "30".parse().unwrap());
            headers
        };
        assert_eq!(gate.observe(&key, Class::Results, false, &headers("1"), at(0)), None);
        assert_eq!(gate.wait(&key, Class::Results, at(0)), None);
        assert_eq!(gate.observe(&key, Class::Results, false, &headers("0"), at(0)), None);
        assert_eq!(gate.wait(&key, Class::Results, at(10)), Some(Duration::from_secs(20)));
        assert_eq!(gate.wait(&key, Class::Results, at(30)), None);
        assert_eq!(gate.wait(&key, Class::Invitations, at(10)), None);
        assert_eq!(gate.wait(&other, Class::Results, at(10)), None);
    }
}
