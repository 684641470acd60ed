//! Access tokens, kept until a minute before they expire. Whoever needs one while it is being fetched waits for that one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::crypto::hmac_sha256;
use domain::sensitive::{ClientCredentials, Secret};
use domain::timestamp::Timestamp;
use tokio::sync::Mutex as AsyncMutex;

/// How long before its end a token is no longer used; half its life when that is less than two minutes.
const MARGIN: Duration = Duration::from_secs(60);
/// Most credentials whose tokens are kept.
const MAX_ENTRIES: usize = 1_000;

/// An access token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) value: Arc<Secret>,
    /// Not used from then on.
    until: Timestamp,
    /// Tells it from the one before.
    serial: u64,
}

/// What the token endpoint gave.
pub(super) struct Fresh {
    pub(super) value: Secret,
    pub(super) life: Duration,
}

/// Tokens by credentials. `E` is why there is none: cheap to copy, since all who waited get the same.
#[derive(Debug)]
pub(super) struct Tokens<E>(Mutex<HashMap<[u8; 32], Arc<Entry<E>>>>);

#[derive(Debug)]
struct Entry<E> {
    /// Counts finished fetches.
    fetches: AtomicU64,
    last: AsyncMutex<Option<Result<Token, E>>>,
}

impl<E: Copy> Tokens<E> {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// A token for the credentials, other than `refused`: the one at hand while it is good, else what `fetch` brings. Of callers at
    /// the same time one fetches, and the others share what comes of it.
    pub(super) async fn get<F: Future<Output = Result<Fresh, E>>>(
        &self,
        credentials: &ClientCredentials,
        refused: Option<&Token>,
        now: Timestamp,
        fetch: impl FnOnce() -> F,
    ) -> Result<Token, E> {
        let entry = self.entry(credentials);
        let before = entry.fetches.load(Ordering::SeqCst);
        let mut last = entry.last.lock().await;
        let fetched_meanwhile = entry.fetches.load(Ordering::SeqCst) != before;
        match last.as_ref() {
            Some(Ok(token)) if token.until > now && refused.is_none_or(|refused| refused.serial != token.serial) => {
                return Ok(token.clone());
            }
            Some(Err(error)) if fetched_meanwhile => return Err(*error),
            _ => {}
        }
        // Nothing is at hand should this caller give up.
        *last = None;
        let fetched = fetch().await;
        let serial = entry.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        let outcome = fetched.map(|fresh| {
            let margin = MARGIN.min(fresh.life / 2);
            Token { value: Arc::new(fresh.value), until: now + (fresh.life - margin), serial }
        });
        *last = Some(outcome.clone());
        outcome
    }

    fn entry(&self, credentials: &ClientCredentials) -> Arc<Entry<E>> {
        let parts = [credentials.client_id.as_bytes(), credentials.client_secret.expose().as_bytes()];
        let key = hmac_sha256(b"token", &parts);
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(&key) {
            // Those in use stay.
            entries.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        let new = || Arc::new(Entry { fetches: AtomicU64::new(0), last: AsyncMutex::new(None) });
        entries.entry(key).or_insert_with(new).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(secret: &str) -> ClientCredentials {
        ClientCredentials { client_id: "acme-example".into(), client_secret: Secret::new(secret) }
    }

    fn fresh(value: &str, life: u64) -> Result<Fresh, ()> {
        Ok(Fresh { value: Secret::new(value), life: Duration::from_secs(life) })
    }

    #[tokio::test]
    async fn a_token_is_used_until_a_minute_before_its_end() {
        let at = Timestamp::from_seconds;
        for (life, last_use) in [(600, 539), (40, 19)] {
            let tokens = Tokens::<()>::new();
            tokens.get(&pair("a"), None, at(0), || async move { fresh("first", life) }).await.unwrap();
            let kept = tokens.get(&pair("a"), None, at(last_use), || async { fresh("second", 600) }).await.unwrap();
            assert_eq!(kept.value.expose(), "first");
            let renewed = tokens.get(&pair("a"), None, at(last_use + 1), || async { fresh("second", 600) }).await;
            assert_eq!(renewed.unwrap().value.expose(), "second");
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once_and_other_credentials_have_their_own() {
        let tokens = Tokens::<()>::new();
        let now = Timestamp::from_seconds(0);
        let first = tokens.get(&pair("a"), None, now, || async { fresh("1", 600) }).await.unwrap();
        let second = tokens.get(&pair("a"), Some(&first), now, || async { fresh("2", 600) }).await.unwrap();
        assert_eq!(second.value.expose(), "2");
        let shared = tokens.get(&pair("a"), Some(&first), now, || async { fresh("3", 600) }).await.unwrap();
        assert_eq!(shared.value.expose(), "2");
        let other = tokens.get(&pair("b"), None, now, || async { fresh("4", 600) }).await.unwrap();
        assert_eq!(other.value.expose(), "4");
    }

    #[tokio::test]
    async fn those_who_waited_share_a_failure_and_later_ones_try_again() {
        let tokens = Tokens::<u16>::new();
        let pair = pair("a");
        let now = Timestamp::from_seconds(0);
        let slow = tokens.get(&pair, None, now, || async {
            tokio::task::yield_now().await;
            Err(503)
        });
        let waiting = tokens.get(&pair, None, now, || async { fresh("unused", 600).map_err(|()| 0) });
        let (slow, waiting) = tokio::join!(slow, waiting);
        assert_eq!((slow.unwrap_err(), waiting.unwrap_err()), (503, 503));
        let later = tokens.get(&pair, None, now, || async { fresh("later", 600).map_err(|()| 0) }).await;
        assert_eq!(later.unwrap().value.expose(), "later");
    }

    #[tokio::test]
    async fn what_is_kept_has_a_bound() {
        let tokens = Tokens::<()>::new();
        for number in 0..MAX_ENTRIES + 10 {
            tokens.entry(&pair(&number.to_string()));
        }
        assert!(tokens.0.lock().unwrap().len() <= MAX_ENTRIES);
    }
}
