//! What went wrong, as a sentence that says what to do, and the exit code that a script can tell it by.

use std::error::Error;

use aws::Failure as AwsFailure;
use domain::flows::record::RequestError;
use domain::flows::register::RegisterError;
use domain::flows::rotate::RotateError;
use domain::flows::rotate_stack::RotateStackError;
use domain::flows::stuck::PushError;
use domain::ports::{QueueError, SmartRecruitersError, StoreError, TestGorillaError};

/// Exit codes. ops/README.md lists them; a code is never used for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is done, or all is well.
    Fine = 0,
    /// The work was done and found something wrong.
    Wrong = 1,
    /// The command line makes no sense (clap's own code, too).
    Usage = 2,
    /// There are no AWS credentials, or they may not do this.
    Credentials = 3,
    /// There is no such stack, or it is another product's.
    NoStack = 4,
    /// The stack lacks a part.
    HalfDeployed = 5,
    /// A partner is down, or does not take our credentials.
    Partner = 6,
    /// There is no such company, order or candidate.
    NotFound = 7,
    /// AWS does not answer as it should.
    Aws = 8,
    /// It was not confirmed.
    Declined = 9,
    /// A rule forbids it, at least now.
    NotNow = 10,
    /// Ctrl-C.
    Interrupted = 130,
}

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What happened, and what to do.
    pub(crate) sentence: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, sentence: impl Into<String>) -> Self {
        Self { exit, sentence: sentence.into() }
    }

    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self::new(Exit::Usage, sentence)
    }

    pub(crate) fn not_found(sentence: impl Into<String>) -> Self {
        Self::new(Exit::NotFound, sentence)
    }

    pub(crate) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "Interrupted before anything was changed.")
    }

    /// A call to AWS failed. `what` is AWS's own code and message.
    pub(crate) fn aws(operation: &str, what: &str) -> Self {
        const KEYS: [&str; 8] = [
            "AccessDenied",
            "AuthFailure",
            "ExpiredToken",
            "IncompleteSignature",
            "InvalidClientTokenId",
            "InvalidSignature",
            "SignatureDoesNotMatch",
            "UnrecognizedClient",
        ];
        if KEYS.iter().any(|code| what.contains(code)) || what.contains("not authorized") {
            let advice = "Sign in again, or use credentials that may do this (ops/README.md lists the rights).";
            return Self::new(Exit::Credentials, format!("AWS does not allow {operation}: {what}. {advice}"));
        }
        let advice =
            "Nothing is lost: try again, and look at the region, the endpoint and AWS's status when it stays so.";
        Self::new(Exit::Aws, format!("AWS did not answer {operation} as it should: {what}. {advice}"))
    }

    /// The same, with what it is about.
    pub(crate) fn of(self, name: impl std::fmt::Display) -> Self {
        Self { sentence: format!("{name}: {}", self.sentence), ..self }
    }

    /// The same, with what was done before it.
    pub(crate) fn after(self, done: &str) -> Self {
        Self { sentence: format!("{done} Then this happened: {}", self.sentence), ..self }
    }

    /// What is stored is not as this version writes it: trying again changes nothing.
    fn unreadable(cause: &(dyn Error + 'static)) -> Self {
        let advice = "A newer version wrote it, or it is a defect of ours: take the stack's own version of this command, else tell its makers.";
        Self::new(Exit::Wrong, format!("Something that is stored cannot be read: {cause}. {advice}"))
    }

    fn caused(cause: &(dyn Error + 'static)) -> Self {
        match cause.downcast_ref::<AwsFailure>() {
            Some(failure) => failure.clone().into(),
            None => Self::aws("a call", &cause.to_string()),
        }
    }
}

impl From<AwsFailure> for Failure {
    fn from(failure: AwsFailure) -> Self {
        Self::aws(failure.operation, &failure.what)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Broken(cause) if !cause.is::<AwsFailure>() => Self::unreadable(cause.as_ref()),
            StoreError::Unavailable(cause) | StoreError::Broken(cause) => Self::caused(cause.as_ref()),
        }
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::caused(error.0.as_ref())
    }
}

impl From<PushError> for Failure {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Store(error) => error.into(),
            PushError::Queue(error) => error.into(),
        }
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Store(error) => error.into(),
            RequestError::Entropy(error) => Self::new(Exit::Aws, format!("{error}: try on another machine.")),
        }
    }
}

impl From<SmartRecruitersError> for Failure {
    fn from(error: SmartRecruitersError) -> Self {
        let advice = match &error {
            SmartRecruitersError::CredentialsRefused => {
                "Put the master pair that SmartRecruiters takes: ops rotate master."
            }
            SmartRecruitersError::Refused(401 | 403) => {
                "The master pair lacks the scope partner_configuration_manage: ask SmartRecruiters' partner support."
            }
            SmartRecruitersError::Refused(_) | SmartRecruitersError::NotFound => {
                "It does not take what was sent: ask SmartRecruiters' partner support."
            }
            SmartRecruitersError::RateLimited(_) => "Try again in a minute.",
            SmartRecruitersError::Unavailable(_) | SmartRecruitersError::Unexpected(_) => {
                "Nothing was changed here: try again later, and look at SmartRecruiters' status page."
            }
        };
        Self::new(Exit::Partner, format!("{error}{}. {advice}", because(&error)))
    }
}

impl From<TestGorillaError> for Failure {
    fn from(error: TestGorillaError) -> Self {
        let advice = "Try again later, and look at TestGorilla's status page.";
        Self::new(Exit::Partner, format!("{error}{}. {advice}", because(&error)))
    }
}

/// What is behind an error, in parentheses.
fn because(error: &dyn Error) -> String {
    error.source().map(|cause| format!(" ({cause})")).unwrap_or_default()
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::NoMaster => Self::new(
                Exit::HalfDeployed,
                "The master credentials are not filled in. Do so: ops rotate master --client-id ID --yes < FILE.",
            ),
            RegisterError::NoDisconnectKey => {
                let advice = "Make one: ops rotate disconnect-key.";
                Self::new(Exit::HalfDeployed, format!("The partner secret has no disconnect key. {advice}"))
            }
            RegisterError::SmartRecruiters(error) => error.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<RotateError> for Failure {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::NotConnected => {
                Self::new(Exit::NotFound, "The company is not connected. Look: ops company list.")
            }
            RotateError::Key(refusal) => {
                let advice = "Nothing was changed: ask the account's owner for a key that works.";
                Self::new(Exit::NotNow, format!("TestGorilla refuses the new API key: {refusal}. {advice}"))
            }
            RotateError::OtherAccount => {
                let what =
                    "The new API key is of another TestGorilla account: it has none of the company's assessments";
                let advice = "Nothing was changed: ask for a key of the same account, or disconnect the company and connect anew.";
                Self::new(Exit::NotNow, format!("{what}. {advice}"))
            }
            RotateError::TestGorilla(error) => error.into(),
            RotateError::Entropy(error) => Self::new(Exit::Aws, format!("{error}: try on another machine.")),
            RotateError::Store(error) => error.into(),
        }
    }
}

impl From<RotateStackError> for Failure {
    fn from(error: RotateStackError) -> Self {
        match error {
            RotateStackError::TooEarly(until) => {
                let why = "Consent forms that the old key has signed may still be open";
                Self::new(Exit::NotNow, format!("{why} until {until}. Nothing was changed: finish after that."))
            }
            RotateStackError::PairRefused => {
                let advice = "Nothing was changed: look whether it is complete and for this environment.";
                Self::new(Exit::Partner, format!("SmartRecruiters refuses the new master pair. {advice}"))
            }
            RotateStackError::SmartRecruiters(error) => error.into(),
            RotateStackError::Entropy(error) => Self::new(Exit::Aws, format!("{error}: try on another machine.")),
            RotateStackError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_credentials_may_not_do_is_told_from_what_does_not_answer() {
        for what in
            ["status 400, AccessDeniedException: no", "User x is not authorized to perform y", "ExpiredToken: z"]
        {
            assert_eq!(Failure::aws("GetItem", what).exit, Exit::Credentials, "{what}");
        }
        assert_eq!(Failure::aws("GetItem", "no connection").exit, Exit::Aws);
    }

    #[test]
    fn what_is_stored_and_cannot_be_read_is_not_told_as_aws_that_does_not_answer() {
        let broken: Failure = StoreError::Broken("the item x cannot be read or written".into()).into();
        assert!(broken.exit == Exit::Wrong && !broken.sentence.contains("AWS"), "{broken}");
        let refused =
            AwsFailure { operation: "GetItem", what: "status 400, ValidationException".into(), is_transient: false };
        let refused: Failure = StoreError::from(refused).into();
        assert!(refused.exit == Exit::Aws && refused.sentence.contains("GetItem"), "{refused}");
    }

    #[test]
    fn what_was_done_before_a_failure_is_told_first() {
        let failure = Failure::aws("PutItem", "no answer in time").after("3 signing keys replaced.");
        assert!(failure.exit == Exit::Aws && failure.sentence.starts_with("3 signing keys replaced. "), "{failure}");
        assert!(failure.sentence.contains("AWS did not answer PutItem"), "{failure}");
    }

    #[test]
    fn every_sentence_says_what_to_do() {
        let failures: [Failure; 8] = [
            RegisterError::NoMaster.into(),
            RotateStackError::PairRefused.into(),
            RotateError::NotConnected.into(),
            RotateError::OtherAccount.into(),
            StoreError::Broken("the item x".into()).into(),
            SmartRecruitersError::CredentialsRefused.into(),
            StoreError::Unavailable("no connection".into()).into(),
            TestGorillaError::NotFound.into(),
        ];
        for failure in failures {
            assert!(failure.sentence.ends_with('.'), "{failure}");
            assert!(failure.sentence.matches(['.', ':']).count() >= 2, "what happened, and what to do: {failure}");
        }
    }
}
