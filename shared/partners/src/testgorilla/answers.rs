//! What TestGorilla's statuses mean.

use domain::ports::TestGorillaError;
use http::StatusCode;

use super::unconfirmed;
use super::wire::Detail;
use crate::call::Reply;
use crate::fault::Fault;

/// Lets good answers pass. A 429 has been dealt with before.
///
/// What ends integrations and orders is believed of TestGorilla alone: its refusals have a `detail`. A page of a firewall before it, or of
/// whatever else is at a wrong address, has none.
pub(super) fn accept(reply: Reply) -> Result<Reply, TestGorillaError> {
    if reply.status.is_success() {
        return Ok(reply);
    }
    let detail = reply.json::<Detail>().ok().and_then(|body| body.detail.text().map(str::to_owned));
    Err(match (reply.status, detail) {
        (StatusCode::UNAUTHORIZED, Some(detail)) => TestGorillaError::KeyRefused(unconfirmed::unauthorized(&detail)),
        (StatusCode::FORBIDDEN, Some(detail)) => TestGorillaError::KeyRefused(unconfirmed::forbidden(&detail)),
        (StatusCode::NOT_FOUND, Some(_)) => TestGorillaError::NotFound,
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
