//! Assessments of a TestGorilla account, and which of them are offered to recruiters.

use crate::ids::AssessmentId;
use crate::timestamp::Timestamp;

/// Where an assessment is in its life, as TestGorilla names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssessmentStatus {
    /// Nobody was invited yet.
    New,
    /// In use.
    Active,
    /// Put away: nobody can be invited, and nobody can finish.
    Archived,
}

/// One test of an assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// TestGorilla's id of the test, the same in results (`test_id`).
    pub id: u64,
    /// Its name.
    pub name: String,
    /// How long it takes, in seconds, when TestGorilla says.
    pub duration_seconds: Option<u64>,
}

/// What TestGorilla's list says of an assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentSummary {
    /// Its id.
    pub id: AssessmentId,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: AssessmentStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Whether it has no test.
    pub is_empty: bool,
}

/// What TestGorilla's page of one assessment says beyond the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssessmentDetails {
    /// Its tests, in their order, custom ones included.
    pub tests: Vec<Test>,
    /// After this nobody can finish it.
    pub expires_at: Option<Timestamp>,
    /// Whether it is archived.
    pub is_archived: bool,
}

/// An assessment in the stored catalogue of a company: created after the integration was enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// From the list.
    pub summary: AssessmentSummary,
    /// From its own page; `None` until that was read, and again after a change until it was read anew.
    pub details: Option<AssessmentDetails>,
    /// TestGorilla's list no longer names it.
    pub is_gone: bool,
}

/// Why an assessment is not offered (row 13 of the product's promises).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOffered {
    /// It was created before the integration was enabled.
    CreatedBeforeEnabling,
    /// It is archived.
    Archived,
    /// It has no test.
    Empty,
    /// It is past its date.
    Expired,
    /// TestGorilla no longer has it.
    Gone,
}

impl NotOffered {
    /// Stable name, for logs and look-ups.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CreatedBeforeEnabling => "created_before_enabling",
            Self::Archived => "archived",
            Self::Empty => "empty",
            Self::Expired => "expired",
            Self::Gone => "gone",
        }
    }
}

impl AssessmentSummary {
    /// Whether the integration recognises it: created at or after the moment the integration was enabled.
    pub fn is_recognised(&self, enabled_at: Timestamp) -> bool {
        self.created_at >= enabled_at
    }
}

impl Assessment {
    /// The assessment's id.
    pub const fn id(&self) -> AssessmentId {
        self.summary.id
    }

    /// Whether recruiters may order it now.
    ///
    /// # Errors
    /// Why not.
    pub fn offered(&self, enabled_at: Timestamp, now: Timestamp) -> Result<(), NotOffered> {
        if self.is_gone {
            return Err(NotOffered::Gone);
        }
        if !self.summary.is_recognised(enabled_at) {
            return Err(NotOffered::CreatedBeforeEnabling);
        }
        if self.summary.status == AssessmentStatus::Archived {
            return Err(NotOffered::Archived);
        }
        if self.summary.is_empty {
            return Err(NotOffered::Empty);
        }
        if self.is_past(now) {
            return Err(NotOffered::Expired);
        }
        Ok(())
    }

    fn is_past(&self, now: Timestamp) -> bool {
        self.details.as_ref().and_then(|details| details.expires_at).is_some_and(|end| end <= now)
    }

    /// Whether candidates who have not finished can no longer finish, by this copy.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        // Neither the date of enabling nor its tests play a part: who was invited was invited.
        self.is_gone || self.summary.status == AssessmentStatus::Archived || self.is_past(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assessment() -> Assessment {
        Assessment {
            summary: AssessmentSummary {
                id: AssessmentId(1),
                name: "Rust engineer".into(),
                status: AssessmentStatus::New,
                created_at: Timestamp::from_seconds(100),
                modified_at: Timestamp::from_seconds(100),
                is_empty: false,
            },
            details: Some(AssessmentDetails {
                expires_at: Some(Timestamp::from_seconds(900)),
                ..AssessmentDetails::default()
            }),
            is_gone: false,
        }
    }

    #[test]
    fn only_what_was_created_after_enabling_is_recognised() {
        let at = |seconds| assessment().offered(Timestamp::from_seconds(seconds), Timestamp::from_seconds(200));
        assert_eq!(at(100), Ok(()));
        assert_eq!(at(101), Err(NotOffered::CreatedBeforeEnabling));
    }

    #[test]
    fn archived_empty_expired_and_gone_are_not_offered() {
        let offered = |change: fn(&mut Assessment), now| {
            let mut assessment = assessment();
            change(&mut assessment);
            assessment.offered(Timestamp::from_seconds(0), Timestamp::from_seconds(now))
        };
        assert_eq!(offered(|a| a.summary.status = AssessmentStatus::Archived, 200), Err(NotOffered::Archived));
        assert_eq!(offered(|a| a.summary.is_empty = true, 200), Err(NotOffered::Empty));
        assert_eq!(offered(|a| a.is_gone = true, 200), Err(NotOffered::Gone));
        assert_eq!(offered(|_| (), 900), Err(NotOffered::Expired));
        assert_eq!(offered(|a| a.details = None, 900), Ok(()));
    }
}
