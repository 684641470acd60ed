//! What no public source settles about TestGorilla, each reading in one place.

use domain::assessment::AssessmentStatus;
use domain::invitation::Refusal;
use domain::outcome::Progress;
use domain::ports::KeyRefusal;

use super::limits::Class;

/// Items asked for in one page. A server maximum is unconfirmed; paging goes on when fewer come than are counted.
pub(super) const PAGE_SIZE: usize = 999;

/// The `detail` of a 401 for a key that was never valid.
const UNKNOWN_KEY: &str = "Invalid token.";
/// The `detail` of a 401 for the key of a user who was deactivated.
const REVOKED_KEY: &str = "User inactive or deleted.";

/// What a 401 says: a detail other than the documented one means that the key was known. That a refusal always has one is read from its
/// contract, which shows one for a bad key (`answers::accept`).
pub(super) fn unauthorized(detail: &str) -> KeyRefusal {
    if detail == UNKNOWN_KEY { KeyRefusal::Unknown } else { KeyRefusal::Revoked }
}

/// What a 403 says: the plan does not include the API, unless the detail is one of those of a bad key.
pub(super) fn forbidden(detail: &str) -> KeyRefusal {
    match detail {
        UNKNOWN_KEY => KeyRefusal::Unknown,
        REVOKED_KEY => KeyRefusal::Revoked,
        _ => KeyRefusal::NotPro,
    }
}

/// What the keys of a refused invitation (400) mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusedInvitation {
    /// Invited before.
    Before,
    /// Not now and not later.
    Refused(Refusal),
}

/// Reads the `error_key`s. Having been invited before outweighs all else: there is a candidature to follow.
pub(super) fn refused_invitation<'a>(keys: impl Iterator<Item = &'a str> + Clone) -> RefusedInvitation {
    let has = |wanted: &str| keys.clone().any(|key| key == wanted);
    if has("REPEATING_INVITATION") {
        RefusedInvitation::Before
    } else if has("BAD_EMAIL") {
        RefusedInvitation::Refused(Refusal::BadEmail)
    } else if has("BAD_EMAIL_IPSCORE") {
        RefusedInvitation::Refused(Refusal::SuspiciousEmail)
    } else {
        RefusedInvitation::Refused(Refusal::Other)
    }
}

/// A candidature's status; others than the three that are known count as invited.
pub(super) fn progress(status: Option<&str>) -> Progress {
    match status.map(str::to_ascii_lowercase).as_deref() {
        Some("completed") => Progress::Completed,
        Some("started") => Progress::Started,
        _ => Progress::Invited,
    }
}

/// An assessment's status; others than the three that are known count as in use.
pub(super) fn assessment_status(status: Option<&str>) -> AssessmentStatus {
    match status.map(str::to_ascii_lowercase).as_deref() {
        Some("new") => AssessmentStatus::New,
        Some("archived") => AssessmentStatus::Archived,
        _ => AssessmentStatus::Active,
    }
}

/// Which limit an operation counts against. Whether operations with equal figures share one window is unconfirmed: those that the
/// documentation names together do here, so that no call is made that may be refused.
pub(super) fn class(operation: &str) -> Class {
    match operation {
        "listAssessments" | "getAssessment" => Class::Assessments,
        "inviteCandidate" => Class::Invitations,
        "listResults" => Class::Results,
        "renderPdf" => Class::Reports,
        _ => Class::Candidates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_invitation_outweighs_other_keys() {
        let read = |keys: &[&'static str]| refused_invitation(keys.iter().copied());
        assert_eq!(read(&["BAD_EMAIL", "REPEATING_INVITATION"]), RefusedInvitation::Before);
        assert_eq!(read(&["BAD_EMAIL_IPSCORE"]), RefusedInvitation::Refused(Refusal::SuspiciousEmail));
        assert_eq!(read(&["BAD_EMAIL"]), RefusedInvitation::Refused(Refusal::BadEmail));
        assert_eq!(read(&[]), RefusedInvitation::Refused(Refusal::Other));
        assert_eq!(read(&["NEW_REASON"]), RefusedInvitation::Refused(Refusal::Other));
    }

    #[test]
    fn unknown_statuses_have_a_reading() {
        assert_eq!(progress(Some("STARTED")), Progress::Started);
        assert_eq!(progress(Some("disqualified")), Progress::Invited);
        assert_eq!(progress(None), Progress::Invited);
        assert_eq!(assessment_status(Some("draft")), AssessmentStatus::Active);
    }
}
