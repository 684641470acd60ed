//! Records of what was done on candidates' requests: that and when something was done, and never for whom.

use crate::ids::{CompanyId, RecordId};
use crate::timestamp::Timestamp;

/// What a candidate may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// To be erased (GDPR article 17).
    Erasure,
    /// What is held about them (GDPR article 15).
    Export,
}

impl Request {
    /// Stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Erasure => "erasure",
            Self::Export => "export",
        }
    }
}

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Invitations that were erased, or exported.
    pub done: u64,
    /// Invitations that could not be erased at that moment, because they were being sent.
    pub busy: u64,
}

/// A request of a candidate, and what it came to. It holds nothing that tells who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Made up for it.
    pub id: RecordId,
    /// The company whose candidate asked.
    pub company: CompanyId,
    /// When the work on it began.
    pub at: Timestamp,
    /// What was asked for.
    pub request: Request,
    /// What it came to; `None` while it is worked on, and after a crash: it is to be made again then.
    pub found: Option<Found>,
}
