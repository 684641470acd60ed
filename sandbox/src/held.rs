//! Calls that are held at this moment: whoever is to be killed in the midst of one is found by it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::serve::Peer;

/// A call that waits for its effect, or for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Waiting {
    number: u64,
    account: Option<String>,
    operation: String,
    /// The port from which the product's process has called.
    port: u16,
}

/// All calls that are held.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<Calls>);

#[derive(Debug, Default)]
struct Calls {
    waiting: Vec<Waiting>,
    last: u64,
}

/// Holds a call until it is dropped.
#[derive(Debug)]
pub(crate) struct Hold<'a> {
    held: &'a Held,
    number: u64,
}

impl Held {
    /// Notes that a call is held.
    pub(crate) fn add(&self, account: Option<String>, operation: &str, peer: Peer) -> Hold<'_> {
        let mut calls = self.calls();
        calls.last += 1;
        let number = calls.last;
        calls.waiting.push(Waiting { number, account, operation: operation.to_owned(), port: peer.0.port() });
        Hold { held: self, number }
    }

    /// The calls that are held now.
    pub(crate) fn list(&self) -> Vec<Waiting> {
        self.calls().waiting.clone()
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.held.calls().waiting.retain(|waiting| waiting.number != self.number);
    }
}
