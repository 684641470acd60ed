//! What TestGorilla's statuses mean.

use domain::ports::{KeyRefusal, TestGorillaError};
use http::StatusCode;

use super::unconfirmed;
use super::wire::Detail;
use crate::call::Reply;
use crate::fault::Fault;

/// Lets good answers pass. A 429 has been dealt with before.
pub(super) fn accept(reply: Reply) -> Result<Reply, TestGorillaError> {
    if reply.status.is_success() {
        return Ok(reply);
    }
    let detail = || reply.json::<Detail>().ok().and_then(|body| body.detail.text().map(str::to_owned));
    let refused = |refusal: fn(Option<&str>) -> KeyRefusal| TestGorillaError::KeyRefused(refusal(detail().as_deref()));
    Err(match reply.status {
        StatusCode::UNAUTHORIZED => refused(unconfirmed::unauthorized),
        StatusCode::FORBIDDEN => refused(unconfirmed::forbidden),
        StatusCode::NOT_FOUND => TestGorillaError::NotFound,
        _ => broken(reply.fault()),
    })
}

/// The port's error for a call that went wrong.
pub(super) fn broken(fault: Fault) -> TestGorillaError {
    if fault.is_passing() {
        TestGorillaError::Unavailable(fault.into())
    } else {
        TestGorillaError::Unexpected(fault.into())
    }
}
