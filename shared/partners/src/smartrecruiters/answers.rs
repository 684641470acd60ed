//! What SmartRecruiters' statuses mean.

use domain::ports::SmartRecruitersError;
use domain::timestamp::Timestamp;
use http::StatusCode;

use super::PARTNER;
use super::unconfirmed::DEFAULT_WAIT;
use crate::call::{Reply, log_wait};
use crate::fault::Fault;
use crate::waits;

/// Lets good answers pass.
pub(super) fn accept(reply: Reply, now: Timestamp) -> Result<Reply, SmartRecruitersError> {
    if reply.status.is_success() {
        return Ok(reply);
    }
    Err(match reply.status {
        StatusCode::UNAUTHORIZED => SmartRecruitersError::CredentialsRefused,
        StatusCode::NOT_FOUND => SmartRecruitersError::NotFound,
        StatusCode::TOO_MANY_REQUESTS => {
            let wait = waits::retry_after(&reply.headers, now).unwrap_or(DEFAULT_WAIT);
            log_wait(PARTNER, reply.operation, wait);
            SmartRecruitersError::RateLimited(wait)
        }
        status if status.is_client_error() && !reply.fault().is_passing() => {
            SmartRecruitersError::Refused(status.as_u16())
        }
        _ => broken(reply.fault()),
    })
}

/// The port's error for a call that went wrong.
pub(super) fn broken(fault: Fault) -> SmartRecruitersError {
    if fault.is_passing() {
        SmartRecruitersError::Unavailable(fault.into())
    } else {
        SmartRecruitersError::Unexpected(fault.into())
    }
}
