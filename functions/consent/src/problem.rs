//! What can go wrong with a consent, each with its status and its words. One place, so that no two outcomes read alike.

use domain::flows::consent::GrantError;
use domain::flows::throttle::Throttled;
use domain::form_token::InvalidForm;
use domain::ports::{KeyRefusal, SmartRecruitersError};
use lambda_http::http::StatusCode;

/// An outcome other than success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// Stable, for the log.
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) sentence: &'static str,
    /// The form's field is where to mend it.
    pub(crate) is_about_key: bool,
}

impl Problem {
    const fn new(status: StatusCode, code: &'static str, title: &'static str, sentence: &'static str) -> Self {
        Self { status, code, title, sentence, is_about_key: false }
    }

    const fn of_key(code: &'static str, title: &'static str, sentence: &'static str) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, code, title, sentence, is_about_key: true }
    }

    pub(crate) const COMPANY_MISSING: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "company_missing",
        "This link is not complete.",
        "It does not say which company to connect. Go back to SmartRecruiters and press Connect again.",
    );
    pub(crate) const REDIRECT_FORBIDDEN: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "redirect_forbidden",
        "This link does not lead back to SmartRecruiters.",
        "Go back to SmartRecruiters and press Connect again.",
    );
    pub(crate) const FORM_MALFORMED: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "form_malformed",
        "This form cannot be read.",
        "Go back to SmartRecruiters and press Connect again.",
    );
    pub(crate) const KEY_MALFORMED: Self = Self::of_key(
        "key_malformed",
        "This is not an API key.",
        "Copy the whole key from TestGorilla's Integrations page and paste it without changes.",
    );
    const FORM_FORGED: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "form_forged",
        "This form belongs to another link.",
        "Nothing was connected. Paste the key again and press Grant consent.",
    );
    const FORM_EXPIRED: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "form_expired",
        "This form was open for more than an hour.",
        "Nothing was connected. Paste the key again and press Grant consent.",
    );
    const KEY_UNKNOWN: Self = Self::of_key(
        "key_unknown",
        "TestGorilla does not know this API key.",
        "Copy the whole key from TestGorilla's Integrations page and try again.",
    );
    const KEY_REVOKED: Self = Self::of_key(
        "key_revoked",
        "This API key was revoked.",
        "Enable the integration in TestGorilla again, copy the new key and try again.",
    );
    const KEY_NOT_PRO: Self = Self::of_key(
        "key_not_pro",
        "This TestGorilla account is not on the Pro plan.",
        "The integration is part of the Pro plan. Upgrade the account in TestGorilla and try again.",
    );
    const TESTGORILLA_UNAVAILABLE: Self = Self::new(
        StatusCode::BAD_GATEWAY,
        "testgorilla_unavailable",
        "TestGorilla cannot be reached.",
        "The key could not be checked and nothing was connected. Try again in a few minutes.",
    );
    const NOT_CONSENTED: Self = Self::new(
        StatusCode::FORBIDDEN,
        "company_not_consented",
        "The company has not agreed in SmartRecruiters.",
        "Go back to SmartRecruiters, press Connect, and then Allow and continue.",
    );
    const NOT_REGISTERED: Self = Self::new(
        StatusCode::BAD_GATEWAY,
        "partner_not_registered",
        "TestGorilla is not set up at SmartRecruiters.",
        "This is not something you can mend. Please contact TestGorilla's support.",
    );
    const ALREADY_CONNECTED: Self = Self::new(
        StatusCode::CONFLICT,
        "company_already_connected",
        "The company is connected already.",
        "To connect it with another key, press Disconnect in SmartRecruiters first, then connect again.",
    );
    const SMARTRECRUITERS_UNAVAILABLE: Self = Self::new(
        StatusCode::BAD_GATEWAY,
        "smartrecruiters_unavailable",
        "SmartRecruiters cannot be reached.",
        "Try again in a few minutes. If you are then told that the company is connected already, disconnect it in SmartRecruiters first.",
    );
    const TOO_MANY_TRIES: Self = Self::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_tries",
        "Too many keys were tried.",
        "Nothing was connected. Wait a quarter of an hour, then try again with the right key.",
    );
    const BUSY: Self = Self::new(
        StatusCode::CONFLICT,
        "company_being_connected",
        "The company is being connected from another window.",
        "Wait a minute, then look in SmartRecruiters whether TestGorilla is connected.",
    );
    pub(crate) const UNAVAILABLE: Self = Self::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "The service is not available.",
        "Try again in a few minutes.",
    );
}

impl From<&GrantError> for Problem {
    fn from(error: &GrantError) -> Self {
        match error {
            GrantError::Key(KeyRefusal::Unknown) => Self::KEY_UNKNOWN,
            GrantError::Key(KeyRefusal::Revoked) => Self::KEY_REVOKED,
            GrantError::Key(KeyRefusal::NotPro) => Self::KEY_NOT_PRO,
            GrantError::TestGorilla(_) => Self::TESTGORILLA_UNAVAILABLE,
            GrantError::NotConsented => Self::NOT_CONSENTED,
            // Master credentials that are refused are as good as none: nothing an admin could try again.
            GrantError::NotRegistered
            | GrantError::NotConfigured
            | GrantError::SmartRecruiters(SmartRecruitersError::CredentialsRefused) => Self::NOT_REGISTERED,
            GrantError::AlreadyConnected => Self::ALREADY_CONNECTED,
            GrantError::SmartRecruiters(_) => Self::SMARTRECRUITERS_UNAVAILABLE,
            GrantError::Busy => Self::BUSY,
            GrantError::Entropy(_) | GrantError::Store(_) => Self::UNAVAILABLE,
        }
    }
}

impl From<&Throttled> for Problem {
    fn from(error: &Throttled) -> Self {
        match error {
            Throttled::TooMany(_) => Self::TOO_MANY_TRIES,
            Throttled::Store(_) => Self::UNAVAILABLE,
        }
    }
}

impl From<InvalidForm> for Problem {
    fn from(error: InvalidForm) -> Self {
        match error {
            InvalidForm::Forged => Self::FORM_FORGED,
            InvalidForm::Expired => Self::FORM_EXPIRED,
        }
    }
}
