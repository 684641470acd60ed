//! What went wrong in a call, told without anything that was sent or received.

use domain::hosts::ForbiddenUrl;
use runtime::transport::TransportError;

/// The cause inside a port's error: which operation, and what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {kind}")]
pub struct Fault {
    /// The operation's name in the partner's contract.
    pub operation: &'static str,
    /// What happened.
    pub kind: FaultKind,
}

/// What happened in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// An answer with a status that says so.
    #[error("status {0}")]
    Status(u16),
    /// No answer.
    #[error(transparent)]
    Transport(TransportError),
    /// The body is not what the contract says.
    #[error("unreadable body")]
    Body,
    /// It was not called: another one was on its way for too long.
    #[error("another one is on its way")]
    Busy,
    /// The list goes on beyond what is read.
    #[error("too many pages")]
    TooManyPages,
    /// The address that is stored may not be called, and was not.
    #[error("stored result URL: {0}")]
    ResultUrl(ForbiddenUrl),
}

impl Fault {
    pub(crate) const fn body(operation: &'static str) -> Self {
        Self { operation, kind: FaultKind::Body }
    }

    pub(crate) const fn status(operation: &'static str, status: http::StatusCode) -> Self {
        Self { operation, kind: FaultKind::Status(status.as_u16()) }
    }

    /// Whether the partner was out of reach or in trouble, so that the same may succeed later.
    pub(crate) const fn is_passing(self) -> bool {
        match self.kind {
            FaultKind::Transport(error) => {
                matches!(error, TransportError::Timeout | TransportError::Connect(_) | TransportError::Closed)
            }
            FaultKind::Status(status) => status == 408 || status >= 500,
            FaultKind::Busy => true,
            FaultKind::Body | FaultKind::TooManyPages | FaultKind::ResultUrl(_) => false,
        }
    }
}
