//! What is noted for ops: that the reconciliation ran, and what was done on a candidate's request.

use crate::ids::CompanyId;
use crate::ports::StoreError;
use crate::record::Record;
use crate::timestamp::Timestamp;

/// A run of the reconciliation that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// When it ended.
    pub at: Timestamp,
    /// Things that were due and were seen to.
    pub done: u64,
    /// Things that failed and stay due.
    pub failed: u64,
    /// Time ran out before all was seen to.
    pub is_cut: bool,
}

/// The last run of the reconciliation.
pub trait Runs {
    /// Notes a run in place of the one before.
    async fn note_run(&self, run: &Run) -> Result<(), StoreError>;

    /// The run that was noted last.
    async fn last_run(&self) -> Result<Option<Run>, StoreError>;
}

/// Records of what was done on candidates' requests.
pub trait Records {
    /// Stores a record, in place of one with the same id and time.
    async fn put_record(&self, record: &Record) -> Result<(), StoreError>;

    /// All records of a company, the oldest first.
    async fn records(&self, company: &CompanyId) -> Result<Vec<Record>, StoreError>;
}
