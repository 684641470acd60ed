//! What a recruiter is told about an order: status, score, summary, link and each test's score.

use serde::Serialize;

use crate::timestamp::Timestamp;

/// SmartRecruiters' status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Sent, or about to be.
    Pending,
    /// The candidate has started.
    InProgress,
    /// The candidate has finished.
    Completed,
    /// Nothing was or will be sent.
    Rejected,
    /// Sent, and can no longer be finished.
    Expired,
}

impl Status {
    /// Whether no other status follows.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Rejected | Self::Expired)
    }

    /// Whether this may be published after `earlier`: statuses only move forward, and a final one is only replaced by itself.
    pub fn may_follow(self, earlier: Self) -> bool {
        let rank = |status: Self| match status {
            Self::Pending => 0,
            Self::InProgress => 1,
            Self::Completed | Self::Rejected | Self::Expired => 2,
        };
        self == earlier || rank(self) > rank(earlier)
    }
}

/// A score on SmartRecruiters' scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Score(u8);

impl Score {
    /// Lowest score.
    pub const MIN: u8 = 0;
    /// Highest score.
    pub const MAX: u8 = 100;

    /// TestGorilla's average or test score, rounded half up to an integer; `None` when it is not within 0 to 100.
    pub fn from_average(average: f64) -> Option<Self> {
        // Shortest decimal digits keep a stored 66.5 a half; adding 0.5 and flooring rounds halves up.
        let rounded = (average + 0.5).floor();
        if !(0.0..=100.0).contains(&average) {
            return None;
        }
        (0..=Self::MAX).find(|whole| f64::from(*whole) == rounded).map(Self)
    }

    /// The score, 0 to 100.
    pub const fn value(self) -> u8 {
        self.0
    }
}

/// One test's part of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// TestGorilla's id of the test, the same as in the package.
    pub test: u64,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: Status,
    /// Its score; personality and culture tests have none.
    pub score: Option<Score>,
    /// What TestGorilla shows instead of a score, e.g. `INTJ`.
    pub label: Option<String>,
}

/// An address shown with a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Attachment {
    /// The candidate's page in TestGorilla.
    CandidatePage(String),
    /// The PDF report, stored at SmartRecruiters.
    Pdf(String),
}

/// All that SmartRecruiters is told about an order: a merge patch (RFC 7396), in which what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderReport {
    /// Where the order stands.
    pub status: Status,
    /// Overall score.
    pub score: Option<Score>,
    /// There is a result and it has no score: remove one that was told before. Not part of what the report says.
    #[serde(skip)]
    pub remove_score: bool,
    /// What else the recruiter should know, in sentences.
    pub summary: Option<String>,
    /// The assessment's name.
    pub name: Option<String>,
    /// When the invitation was sent.
    pub sent_at: Option<Timestamp>,
    /// When the candidate finished, as near as TestGorilla says.
    pub submitted_at: Option<Timestamp>,
    /// Candidate page and PDF; replaced whole when not empty.
    pub attachments: Vec<Attachment>,
    /// Each test; replaced whole when not empty.
    pub tests: Vec<TestReport>,
}

impl OrderReport {
    /// SHA-256 of the content, by which an unchanged report is recognised.
    pub fn digest(&self) -> [u8; 32] {
        // A struct of texts and numbers always serializes.
        crate::crypto::sha256(&serde_json::to_vec(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_round_half_up_and_stay_within_the_scale() {
        let rounded = |average| Score::from_average(average).map(Score::value);
        assert_eq!(rounded(66.5), Some(67));
        assert_eq!(rounded(66.49), Some(66));
        assert_eq!(rounded(0.0), Some(0));
        assert_eq!(rounded(100.0), Some(100));
        assert_eq!(rounded(99.5), Some(100));
        for outside in [-0.1, 100.1, f64::NAN, f64::INFINITY] {
            assert_eq!(rounded(outside), None);
        }
    }

    #[test]
    fn statuses_only_move_forward() {
        assert!(Status::InProgress.may_follow(Status::Pending));
        assert!(Status::Completed.may_follow(Status::Pending));
        assert!(Status::Completed.may_follow(Status::Completed));
        assert!(!Status::Pending.may_follow(Status::InProgress));
        assert!(!Status::InProgress.may_follow(Status::Completed));
        assert!(!Status::Completed.may_follow(Status::Expired));
        assert!(!Status::Expired.may_follow(Status::Rejected));
    }
}
