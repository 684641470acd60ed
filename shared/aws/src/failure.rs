//! What became of a call, from the SDK's error, without anything that was sent or received.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::ports::StoreError;

/// Codes with which AWS asks to be spared, whatever the HTTP status.
const THROTTLED: [&str; 12] = [
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// A call to AWS that failed. The SDK's own error is not kept: its `Debug` prints whole answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {what}")]
pub struct Failure {
    /// The operation's name, e.g. `GetItem`.
    pub operation: &'static str,
    /// AWS's code and message, or why there is no answer.
    pub what: String,
    /// The same call may succeed later.
    pub is_transient: bool,
}

impl Failure {
    /// What the SDK's error says.
    pub fn new<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (what, is_transient) = match error {
            SdkError::ConstructionFailure(_) => ("the request cannot be built".to_owned(), false),
            SdkError::TimeoutError(_) => ("no answer in time".to_owned(), true),
            SdkError::DispatchFailure(failure) => {
                let cause = failure.as_connector_error().map(|cause| chain(cause));
                (cause.unwrap_or_else(|| "no connection".to_owned()), !failure.is_user())
            }
            SdkError::ResponseError(answer) => {
                (format!("an answer that cannot be read, status {}", answer.raw().status().as_u16()), true)
            }
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                let metadata = answer.err().meta();
                let code = metadata.code().unwrap_or("no code");
                let message = metadata.message().unwrap_or("no message");
                let is_transient = status >= 500 || status == 429 || status == 408 || THROTTLED.contains(&code);
                (format!("status {status}, {code}: {message}"), is_transient)
            }
            _ => ("an unknown failure".to_owned(), true),
        };
        Self { operation, what, is_transient }
    }

    /// A failure that the service reports in an answer of success, or that is ours.
    pub(crate) fn of(operation: &'static str, what: impl Into<String>, is_transient: bool) -> Self {
        Self { operation, what: what.into(), is_transient }
    }
}

/// An error and what is behind it, in their own words; no `Debug`, which nobody reads.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        if failure.is_transient { Self::Unavailable(failure.into()) } else { Self::Broken(failure.into()) }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::get_item::GetItemError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn answered(status: u16, code: &str) -> Failure {
        let metadata = ErrorMetadata::builder().code(code).message("a message").build();
        let answer = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from("juno@example.com"));
        Failure::new("GetItem", &SdkError::service_error(GetItemError::generic(metadata), answer))
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for (status, code) in [
            (500, "InternalServerError"),
            (503, "ServiceUnavailable"),
            (429, "anything"),
            (400, "ThrottlingException"),
            (400, "ProvisionedThroughputExceededException"),
            (400, "TransactionInProgressException"),
        ] {
            assert!(matches!(answered(status, code).into(), StoreError::Unavailable(_)), "{code}");
        }
        for (status, code) in [(400, "ValidationException"), (400, "AccessDeniedException"), (403, "ExpiredToken")] {
            assert!(matches!(answered(status, code).into(), StoreError::Broken(_)), "{code}");
        }
    }

    #[test]
    fn without_an_answer_the_same_may_succeed_later() {
        let late: SdkError<GetItemError, HttpResponse> = SdkError::timeout_error("3 s");
        assert!(Failure::new("GetItem", &late).is_transient);
        let cut: SdkError<GetItemError, HttpResponse> =
            SdkError::dispatch_failure(ConnectorError::io("connection refused".into()));
        let failure = Failure::new("GetItem", &cut);
        assert!(failure.is_transient);
        assert_eq!(failure.to_string(), "GetItem: io error: connection refused", "in words, without Rust's names");
        let ours: SdkError<GetItemError, HttpResponse> = SdkError::construction_failure("no table");
        assert!(!Failure::new("GetItem", &ours).is_transient);
    }

    #[test]
    fn neither_answer_nor_request_is_printed() {
        let failure = answered(400, "ValidationException");
        assert_eq!(failure.to_string(), "GetItem: status 400, ValidationException: a message");
        assert!(!format!("{failure:?}").contains("juno"));
    }
}
