//! Time that passes only when it is told to, and waiting for it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::time::Duration;

use domain::ports::Clock;
use domain::timestamp::Timestamp;

/// Lets whatever runs beside this have its turn, on any executor.
pub fn yield_once() -> impl Future<Output = ()> {
    let mut has_yielded = false;
    poll_fn(move |context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

#[derive(Debug)]
struct Shared {
    now: AtomicI64,
    /// Who waits until when; `None` while sleeping moves the clock by itself.
    sleepers: Mutex<Option<Vec<(Timestamp, Waker)>>>,
}

/// A clock that stands still until it is moved; sleeping moves it, unless it is driven. Clones show the same time.
#[derive(Debug, Clone)]
pub struct FixedClock {
    shared: Arc<Shared>,
    /// Milliseconds by which this one is ahead.
    ahead: i64,
}

impl FixedClock {
    /// A clock that shows an RFC 3339 time.
    pub fn at(text: &str) -> Self {
        let time = Timestamp::parse_rfc3339(text).expect("an RFC 3339 time");
        let shared = Shared { now: AtomicI64::new(time.as_millis()), sleepers: Mutex::new(None) };
        Self { shared: Arc::new(shared), ahead: 0 }
    }

    /// The same clock, as a machine shows it whose time is wrong by so many milliseconds.
    #[must_use]
    pub fn ahead_by(&self, millis: i64) -> Self {
        Self { shared: self.shared.clone(), ahead: millis }
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now() + duration);
    }

    /// Moves the clock to a time, backwards as well.
    pub fn set(&self, time: Timestamp) {
        self.shared.now.store(time.as_millis() - self.ahead, Ordering::SeqCst);
    }

    /// From now on who sleeps waits until somebody else moves the clock and calls [`FixedClock::wake_sleepers`].
    pub fn drive(&self) {
        *self.sleepers() = Some(vec![]);
    }

    /// Wakes whoever has slept long enough.
    pub fn wake_sleepers(&self) {
        let now = self.true_time();
        if let Some(sleepers) = self.sleepers().as_mut() {
            sleepers.retain(|(until, waker)| {
                let is_over = *until <= now;
                if is_over {
                    waker.wake_by_ref();
                }
                !is_over
            });
        }
    }

    /// When the next one who sleeps is to be woken.
    pub fn next_waking(&self) -> Option<Timestamp> {
        self.sleepers().as_ref()?.iter().map(|(until, _)| *until).min()
    }

    fn true_time(&self) -> Timestamp {
        Timestamp::from_millis(self.shared.now.load(Ordering::SeqCst))
    }

    fn sleepers(&self) -> MutexGuard<'_, Option<Vec<(Timestamp, Waker)>>> {
        self.shared.sleepers.lock().expect("no test panics while it holds the clock")
    }
}

impl Default for FixedClock {
    /// A Monday morning.
    fn default() -> Self {
        Self::at("2026-01-05T09:00:00Z")
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.shared.now.load(Ordering::SeqCst) + self.ahead)
    }

    async fn sleep(&self, duration: Duration) {
        if self.sleepers().is_none() {
            self.advance(duration);
            yield_once().await;
            return;
        }
        let until = self.true_time() + duration;
        let mut is_known = false;
        poll_fn(|context| {
            if self.true_time() >= until {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut is_known, true)
                && let Some(sleepers) = self.sleepers().as_mut()
            {
                sleepers.push((until, context.waker().clone()));
            }
            Poll::Pending
        })
        .await;
    }

    /// Unless it is driven, no work takes any time.
    async fn within<F: Future>(&self, limit: Duration, work: F) -> Option<F::Output> {
        if self.sleepers().is_none() {
            return Some(work.await);
        }
        let (mut work, mut limit) = (pin!(work), pin!(self.sleep(limit)));
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => limit.as_mut().poll(context).map(|()| None),
        })
        .await
    }
}
