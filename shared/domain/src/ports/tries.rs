//! Counts of what was tried.

use crate::ports::StoreError;
use crate::tries::{Tried, Window};

/// Counts tries.
pub trait TryCounts {
    /// Counts one more try in a window, and returns how many there were, this one included. Counts of different windows, and of
    /// different things tried, do not touch. Concurrent tries MUST each count; one whose answer was lost may count twice.
    async fn count_try(&self, tried: &Tried, window: Window) -> Result<u32, StoreError>;
}
