//! Use cases, one module each. A use case names the ports it needs in its `where` clause and no others; the function that runs it is
//! granted the rights of exactly those.

mod api_key;
pub mod authorise;
pub mod company;
pub mod compose;
pub mod consent;
pub mod end;
pub mod erase;
pub mod export;
pub mod follow;
pub mod hint;
pub mod inline;
pub mod invite;
pub mod listing;
mod look;
pub mod order;
mod publish;
pub mod reconcile;
pub mod record;
pub mod refresh;
pub mod register;
pub mod replay;
pub mod rotate;
pub mod rotate_stack;
pub mod stuck;
pub mod throttle;
pub mod token;
mod update;
pub mod why;

use crate::ports::{Due, StoreError};

/// What a use case is given: its ports by where they lead. A part that a use case does not need may be anything, `()` included.
#[derive(Debug, Clone)]
pub struct Ports<S = (), K = (), Q = (), T = (), R = (), W = ()> {
    /// The truth.
    pub store: S,
    /// Secrets.
    pub secrets: K,
    /// Queues.
    pub queues: Q,
    /// TestGorilla.
    pub testgorilla: T,
    /// SmartRecruiters.
    pub smartrecruiters: R,
    /// Time and chance.
    pub world: W,
}

/// Logs that something due could not be seen to: it stays due.
fn log_failed(thing: &Due, error: &StoreError) {
    tracing::error!(event = "reconcile.failed", ?thing, error = %error, cause = ?std::error::Error::source(error));
}
