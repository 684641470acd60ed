//! Lets nobody try by the thousand: counts a try before (or, where the right ones are to cost nothing, after) it is made.

use std::time::Duration;

use crate::flows::Ports;
use crate::ports::{Clock, StoreError, TryCounts};
use crate::tries::{Tried, Window};

/// Why a try is not made, or not answered as usual.
#[derive(Debug, thiserror::Error)]
pub enum Throttled {
    /// Too many of them: not before this much time has passed.
    #[error("too many tries; wait {0:?}")]
    TooMany(Duration),
    /// They cannot be counted.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Counts a try for each that it is to be counted for. One write each.
///
/// # Errors
/// See [`Throttled`].
pub async fn admit<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, tried: &[Tried]) -> Result<(), Throttled>
where
    S: TryCounts,
    W: Clock,
{
    let now = ports.world.now();
    let window = Window::at(now);
    let mut has_room = true;
    for one in tried {
        let count = ports.store.count_try(one, window).await?;
        if count > one.limit() {
            // Once, when the limit is passed: the tries that follow say nothing new.
            if count == one.limit() + 1 {
                tracing::warn!(event = "tries.limit_passed", tried = %one);
            }
            has_room = false;
        }
    }
    if has_room { Ok(()) } else { Err(Throttled::TooMany(window.ends().since(now))) }
}
