//! What a process remembers, for minutes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// How long a value is remembered.
const LIFETIME: Duration = Duration::from_secs(300);
/// A value of this age is as good as a new one.
const FRESH: Duration = Duration::from_secs(10);
/// Most values remembered at once.
const CAPACITY: usize = 1_000;

/// Values by name. Clones are the same memory.
///
/// Ages are told by the system's clock: the monotonic one may stand still while Lambda freezes the process.
#[derive(Clone)]
pub(super) struct Cache<V>(Arc<Mutex<HashMap<String, (SystemTime, V)>>>);

impl<V> std::fmt::Debug for Cache<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cache([REDACTED])")
    }
}

impl<V: Clone> Cache<V> {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// A value that is young enough at `now`.
    pub(super) fn get(&self, name: &str, now: SystemTime) -> Option<V> {
        self.get_within(LIFETIME, name, now)
    }

    /// A value that was read a moment before `now`.
    pub(super) fn get_fresh(&self, name: &str, now: SystemTime) -> Option<V> {
        self.get_within(FRESH, name, now)
    }

    fn get_within(&self, age: Duration, name: &str, now: SystemTime) -> Option<V> {
        let values = self.values();
        let (read_at, value) = values.get(name)?;
        is_within(age, *read_at, now).then(|| value.clone())
    }

    /// Remembers a value that was read at `now`. When there are too many, the old are forgotten, else the oldest.
    pub(super) fn put(&self, name: &str, value: V, now: SystemTime) {
        let mut values = self.values();
        if values.len() >= CAPACITY && !values.contains_key(name) {
            values.retain(|_, (read_at, _)| is_within(LIFETIME, *read_at, now));
            let oldest = values.iter().min_by_key(|(_, (read_at, _))| *read_at).map(|(name, _)| name.clone());
            if let Some(oldest) = oldest.filter(|_| values.len() >= CAPACITY) {
                values.remove(&oldest);
            }
        }
        values.insert(name.to_owned(), (now, value));
    }

    /// Forgets a value.
    pub(super) fn forget(&self, name: &str) {
        self.values().remove(name);
    }

    fn values(&self) -> MutexGuard<'_, HashMap<String, (SystemTime, V)>> {
        // Nothing is half done when a holder panics: each value is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that went backwards makes everything old.
fn is_within(limit: Duration, read_at: SystemTime, now: SystemTime) -> bool {
    now.duration_since(read_at).is_ok_and(|age| age < limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn a_value_is_remembered_for_five_minutes() {
        let cache = Cache::new();
        cache.put("a", 1, NOW);
        assert_eq!(cache.get("a", NOW), Some(1));
        assert_eq!(cache.get("a", NOW + LIFETIME - Duration::from_millis(1)), Some(1));
        assert_eq!(cache.get("a", NOW + LIFETIME), None);
        assert_eq!(cache.get("b", NOW), None);
    }

    #[test]
    fn a_value_is_fresh_for_ten_seconds() {
        let cache = Cache::new();
        cache.put("a", 1, NOW);
        assert_eq!(cache.get_fresh("a", NOW + FRESH - Duration::from_millis(1)), Some(1));
        assert_eq!(cache.get_fresh("a", NOW + FRESH), None);
    }

    #[test]
    fn a_value_from_the_future_is_old() {
        let cache = Cache::new();
        cache.put("a", 1, NOW + Duration::from_secs(1));
        assert_eq!(cache.get("a", NOW), None);
    }

    #[test]
    fn a_value_is_replaced_and_forgotten() {
        let cache = Cache::new();
        cache.put("a", 1, NOW);
        cache.put("a", 2, NOW);
        assert_eq!(cache.get("a", NOW), Some(2));
        cache.forget("a");
        assert_eq!(cache.get("a", NOW), None);
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let cache = Cache::new();
        let at = |second: usize| NOW + Duration::from_millis(second as u64);
        for number in 0..CAPACITY + 10 {
            cache.put(&number.to_string(), number, at(number));
        }
        assert_eq!(cache.values().len(), CAPACITY);
        assert_eq!(cache.get("9", at(CAPACITY)), None);
        assert_eq!(cache.get("10", at(CAPACITY)), Some(10));
    }

    #[test]
    fn what_is_old_makes_room_first() {
        let cache = Cache::new();
        for number in 0..CAPACITY {
            cache.put(&number.to_string(), number, NOW);
        }
        cache.put("new", 0, NOW + LIFETIME);
        assert_eq!(cache.values().len(), 1);
    }

    #[test]
    fn values_cannot_be_printed() {
        let cache = Cache::new();
        cache.put("a", "s3cret", NOW);
        assert!(!format!("{cache:?}").contains("s3cret"));
    }
}
