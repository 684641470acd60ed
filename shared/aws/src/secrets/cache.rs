//! What a process remembers, for minutes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// How long a value is remembered.
const LIFETIME: Duration = Duration::from_secs(300);
/// For so long a value that was read again is not read once more: whoever sends bad signatures would have us call without end.
const REREAD: Duration = Duration::from_secs(10);
/// Most values remembered at once.
const CAPACITY: usize = 1_000;

/// Values by name. Clones are the same memory.
///
/// Ages are told by the system's clock: the monotonic one may stand still while Lambda freezes the process.
#[derive(Clone)]
pub(super) struct Cache<V>(Arc<Mutex<HashMap<String, Entry<V>>>>);

/// A value and when it was read.
struct Entry<V> {
    value: V,
    read_at: SystemTime,
    /// It was read because the one before was not enough.
    is_reread: bool,
}

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
        let values = self.values();
        let entry = values.get(name)?;
        is_within(LIFETIME, entry.read_at, now).then(|| entry.value.clone())
    }

    /// A value that was read again a moment before `now`.
    pub(super) fn get_reread(&self, name: &str, now: SystemTime) -> Option<V> {
        let values = self.values();
        let entry = values.get(name)?;
        (entry.is_reread && is_within(REREAD, entry.read_at, now)).then(|| entry.value.clone())
    }

    /// Remembers a value that was read at `now`.
    pub(super) fn put(&self, name: &str, value: V, now: SystemTime) {
        self.insert(name, Entry { value, read_at: now, is_reread: false });
    }

    /// Remembers a value that was read at `now` because the one before was not enough.
    pub(super) fn put_reread(&self, name: &str, value: V, now: SystemTime) {
        self.insert(name, Entry { value, read_at: now, is_reread: true });
    }

    /// When there are too many, the old are forgotten, else the oldest.
    fn insert(&self, name: &str, new: Entry<V>) {
        let mut values = self.values();
        if values.len() >= CAPACITY && !values.contains_key(name) {
            values.retain(|_, entry| is_within(LIFETIME, entry.read_at, new.read_at));
            let oldest = values.iter().min_by_key(|(_, entry)| entry.read_at).map(|(name, _)| name.clone());
            if let Some(oldest) = oldest.filter(|_| values.len() >= CAPACITY) {
                values.remove(&oldest);
            }
        }
        values.insert(name.to_owned(), new);
    }

    /// The value that is remembered, or else as it is read.
    pub(super) async fn get_or_read<E>(&self, name: &str, read: impl AsyncFnOnce() -> Result<V, E>) -> Result<V, E> {
        if let Some(value) = self.get(name, SystemTime::now()) {
            return Ok(value);
        }
        let value = read().await?;
        self.put(name, value.clone(), SystemTime::now());
        Ok(value)
    }

    /// The value as it is read, whatever is remembered, unless it was read again a moment ago.
    pub(super) async fn reread<E>(&self, name: &str, read: impl AsyncFnOnce() -> Result<V, E>) -> Result<V, E> {
        if let Some(value) = self.get_reread(name, SystemTime::now()) {
            return Ok(value);
        }
        let value = read().await?;
        self.put_reread(name, value.clone(), SystemTime::now());
        Ok(value)
    }

    /// Forgets a value.
    pub(super) fn forget(&self, name: &str) {
        self.values().remove(name);
    }

    fn values(&self) -> MutexGuard<'_, HashMap<String, Entry<V>>> {
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
    fn a_value_that_was_read_again_is_enough_for_ten_seconds() {
        let cache = Cache::new();
        cache.put("a", 1, NOW);
        assert_eq!(cache.get_reread("a", NOW), None);
        cache.put_reread("a", 2, NOW);
        assert_eq!(cache.get_reread("a", NOW + REREAD - Duration::from_millis(1)), Some(2));
        assert_eq!(cache.get_reread("a", NOW + REREAD), None);
        assert_eq!(cache.get("a", NOW + REREAD), Some(2));
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
