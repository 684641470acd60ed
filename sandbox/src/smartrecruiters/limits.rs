//! Requests a second and requests at once, for each credential.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use serde::Deserialize;

/// What the control API may set; what is absent stays as it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitChange {
    /// The credential whose requests a second are set: `master`, or `company <id>`; absent: all.
    credential: Option<String>,
    requests: Option<usize>,
    window_ms: Option<u64>,
    at_once: Option<usize>,
}

/// The limits and what is used up of them.
#[derive(Debug)]
pub(crate) struct Limits {
    requests: usize,
    window: Duration,
    at_once: usize,
    /// Requests in a window, by credential.
    own: BTreeMap<String, usize>,
    used: BTreeMap<String, Used>,
}

#[derive(Debug, Default)]
struct Used {
    recent: VecDeque<Instant>,
    running: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: 10, window: Duration::from_secs(1), at_once: 8, own: BTreeMap::new(), used: BTreeMap::new() }
    }
}

impl Limits {
    /// Sets limits.
    pub(crate) fn change(&mut self, change: &LimitChange) {
        match (&change.credential, change.requests) {
            (Some(credential), Some(requests)) => drop(self.own.insert(credential.clone(), requests)),
            (None, Some(requests)) => self.requests = requests,
            (_, None) => {}
        }
        self.window = change.window_ms.map_or(self.window, Duration::from_millis);
        self.at_once = change.at_once.unwrap_or(self.at_once);
    }

    /// Whether a request may begin. One that does must [`end`](Self::end).
    pub(crate) fn begin(&mut self, credential: &str, now: Instant) -> bool {
        let requests = self.own.get(credential).copied().unwrap_or(self.requests);
        let used = self.used.entry(credential.to_owned()).or_default();
        while used.recent.front().is_some_and(|at| now.duration_since(*at) >= self.window) {
            used.recent.pop_front();
        }
        if used.recent.len() >= requests || used.running >= self.at_once {
            return false;
        }
        used.recent.push_back(now);
        used.running += 1;
        true
    }

    /// A request has ended.
    pub(crate) fn end(&mut self, credential: &str) {
        if let Some(used) = self.used.get_mut(credential) {
            used.running = used.running.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_a_second_and_eight_at_once() {
        let mut limits = Limits::default();
        let start = Instant::now();
        assert!((0..8).all(|_| limits.begin("a", start)));
        assert!(!limits.begin("a", start), "eight are running");
        assert!(limits.begin("b", start), "another credential has its own limits");
        (0..8).for_each(|_| limits.end("a"));
        assert!(limits.begin("a", start) && limits.begin("a", start));
        (0..2).for_each(|_| limits.end("a"));
        assert!(!limits.begin("a", start + Duration::from_millis(999)), "ten in this second");
        assert!(limits.begin("a", start + Duration::from_secs(1)));
    }
}
