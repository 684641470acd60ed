//! What a fault looks like to who called the port.

use domain::ports::{
    AcceptError, NoEntropy, QueueError, SaveError, SetUpError, SmartRecruitersError, StoreError, TestGorillaError,
};

use super::Fault;

fn unfit(fault: Fault, port: &str) -> ! {
    panic!("the fault {fault:?} does not happen at {port}")
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Before | Fault::After => Self::Unavailable(fault.into()),
            Fault::Broken => Self::Broken(fault.into()),
            other => unfit(other, "a store"),
        }
    }
}

impl From<Fault> for SaveError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Conflict | Fault::ConflictAfter => Self::Conflict,
            other => Self::Store(other.into()),
        }
    }
}

impl From<Fault> for AcceptError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Conflict => Self::InvitationConflict,
            Fault::ConflictAfter => Self::OrderExists,
            other => Self::Store(other.into()),
        }
    }
}

impl From<Fault> for QueueError {
    fn from(fault: Fault) -> Self {
        Self(fault.into())
    }
}

impl From<Fault> for NoEntropy {
    fn from(_: Fault) -> Self {
        Self
    }
}

impl From<Fault> for TestGorillaError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Before | Fault::After => Self::Unavailable(fault.into()),
            Fault::Broken => Self::Unexpected(fault.into()),
            Fault::RateLimited(wait) => Self::RateLimited(wait),
            Fault::KeyRefused(refusal) => Self::KeyRefused(refusal),
            Fault::NotFound => Self::NotFound,
            other => unfit(other, "TestGorilla"),
        }
    }
}

impl From<Fault> for SmartRecruitersError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Before | Fault::After => Self::Unavailable(fault.into()),
            Fault::Broken => Self::Unexpected(fault.into()),
            Fault::RateLimited(wait) => Self::RateLimited(wait),
            Fault::KeyRefused(_) => Self::CredentialsRefused,
            Fault::NotFound => Self::NotFound,
            Fault::Refused(status) => Self::Refused(status),
            other => unfit(other, "SmartRecruiters"),
        }
    }
}

impl From<Fault> for SetUpError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotFound => Self::NotRegistered,
            Fault::Conflict => Self::AlreadyIntegrated,
            other => Self::SmartRecruiters(other.into()),
        }
    }
}
