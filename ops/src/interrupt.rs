//! Ctrl-C. What only reads ends at once; what changes something ends after the step that it is at, so that nothing is half done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::fail::Failure;

/// Whether somebody has pressed Ctrl-C, or the system wants the process to end. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_raised: AtomicBool,
    raised: Notify,
}

impl Interrupt {
    /// Begins to listen for both signals.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let interrupt = Self::default();
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            let (mut signals, raised) = (signal(kind)?, interrupt.clone());
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    raised.0.is_raised.store(true, Ordering::SeqCst);
                    raised.0.raised.notify_waiters();
                }
            });
        }
        Ok(interrupt)
    }

    /// Whether it was pressed.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.is_raised.load(Ordering::SeqCst)
    }

    /// Ends a command that has not changed anything so far.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.is_raised() { Err(Failure::interrupted()) } else { Ok(()) }
    }

    /// Waits, but no longer than until it is pressed.
    pub(crate) async fn pause(&self, duration: std::time::Duration) {
        let wait = async {
            tokio::time::sleep(duration).await;
            Ok(())
        };
        // Whoever waits looks next whether it was pressed.
        let _ = self.or(wait).await;
    }

    /// Does something that changes nothing, unless it is pressed before that is done.
    pub(crate) async fn or<O>(&self, work: impl Future<Output = Result<O, Failure>>) -> Result<O, Failure> {
        let raised = self.0.raised.notified();
        self.check()?;
        tokio::select! {
            done = work => done,
            () = raised => Err(Failure::interrupted()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fail::Exit;

    #[tokio::test]
    async fn what_only_reads_ends_at_once() {
        let interrupt = Interrupt::default();
        assert_eq!(interrupt.or(async { Ok(1) }).await.unwrap(), 1);
        let waiting = interrupt.or(std::future::pending::<Result<(), Failure>>());
        let pressed = async {
            tokio::task::yield_now().await;
            interrupt.0.is_raised.store(true, Ordering::SeqCst);
            interrupt.0.raised.notify_waiters();
        };
        let (ended, ()) = tokio::join!(waiting, pressed);
        assert_eq!(ended.unwrap_err().exit, Exit::Interrupted);
        assert_eq!(
            interrupt.or(async { Ok(1) }).await.unwrap_err().exit,
            Exit::Interrupted,
            "nothing is begun any more"
        );
    }
}
