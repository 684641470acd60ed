//! What TestGorilla says of a candidate's taking of an assessment.

use crate::ids::{AssessmentId, CandidatureId, TestTakerId};
use crate::report::Score;
use crate::sensitive::Personal;
use crate::timestamp::Timestamp;

/// How far a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Invited, not started; also any status that TestGorilla may add.
    Invited,
    /// Started.
    Started,
    /// Finished.
    Completed,
}

/// TestGorilla's record of one person's taking of one assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidature {
    /// Its id.
    pub id: CandidatureId,
    /// The person.
    pub test_taker: TestTakerId,
    /// The person's address.
    pub email: Personal<String>,
    /// How far they are.
    pub progress: Progress,
    /// When they were invited, if TestGorilla says.
    pub created_at: Option<Timestamp>,
    /// Where the candidate takes the assessment, if TestGorilla says.
    pub link: Option<Personal<String>>,
}

/// TestGorilla's anti-cheating flags of one attempt; `None` where TestGorilla does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags {
    /// "Webcam enabled?"
    pub webcam_enabled: Option<bool>,
    /// "Full-screen mode always active?"
    pub full_screen_always_active: Option<bool>,
    /// "Mouse always in assessment window?"
    pub mouse_always_in_window: Option<bool>,
    /// "Filled out only once from IP address?"
    pub only_once_from_ip: Option<bool>,
}

/// What the overall number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// An average of the tests' scores.
    Average,
    /// A percentile.
    Percentile,
}

/// One person's attempt at one assessment, without any of the tests' results.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Which candidature it is.
    pub candidature: CandidatureId,
    /// Which assessment.
    pub assessment: AssessmentId,
    /// Its name.
    pub assessment_name: Option<String>,
    /// How far the candidate is.
    pub progress: Progress,
    /// Overall number, unrounded.
    pub average: Option<f64>,
    /// What the overall number is, when the account says.
    pub metric: Option<Metric>,
    /// Last sign of the candidate: the nearest thing to when they finished.
    pub last_activity: Option<Timestamp>,
    /// Anti-cheating flags.
    pub flags: Flags,
}

/// Result of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// TestGorilla's id of the test.
    pub test: u64,
    /// Its name.
    pub name: String,
    /// Its score; `None` for personality and culture tests.
    pub score: Option<Score>,
    /// What TestGorilla shows for it, e.g. `INTJ`; `None` when empty.
    pub display: Option<String>,
    /// Whether the candidate completed it.
    pub is_completed: bool,
}
