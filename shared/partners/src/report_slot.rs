//! One PDF report at a time, in each direction.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::fault::{Fault, FaultKind};

/// A report is megabytes, and is held more than once while it is read or sent: one at a time keeps to a small function's memory.
#[derive(Debug)]
pub(crate) struct ReportSlot(Semaphore);

impl ReportSlot {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(1))
    }

    /// Waits until no other report is on its way, but not for long: scores are told after it, and a report may come later.
    pub(crate) async fn take(&self, operation: &'static str, patience: Duration) -> Result<SemaphorePermit<'_>, Fault> {
        let busy = Fault { operation, kind: FaultKind::Busy };
        // The semaphore is never closed.
        timeout(patience, self.0.acquire()).await.ok().and_then(Result::ok).ok_or(busy)
    }
}
