//! What `rotate` is given.

use clap::{Args, Subcommand};
use domain::ids::CompanyId;

use super::Asking;
use super::help::{API_KEY, CALLBACK_SECRET, DISCONNECT_KEY, MASTER, SIGNING_KEY};

/// `rotate`.
#[derive(Debug, Subcommand)]
pub(crate) enum Rotate {
    /// The secret that signs TestGorilla's callbacks: two are valid, then one
    #[command(after_help = CALLBACK_SECRET)]
    CallbackSecret(TwoSteps),
    /// The key that signs a company's access tokens: the old one verifies until its last token has expired
    #[command(after_help = SIGNING_KEY)]
    SigningKey(SigningKey),
    /// The key in the disconnect URL: two are valid, then one
    #[command(after_help = DISCONNECT_KEY)]
    DisconnectKey(TwoSteps),
    /// The master pair that SmartRecruiters gives its partners; also to fill it in at first
    #[command(after_help = MASTER)]
    Master(Master),
    /// A company's TestGorilla key, by another of the same account
    #[command(after_help = API_KEY)]
    ApiKey(ApiKey),
}

/// A rotation in two steps.
#[derive(Debug, Args)]
pub(crate) struct TwoSteps {
    /// The second step: take the old one out
    #[arg(long)]
    pub(crate) finish: bool,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// `rotate signing-key`.
#[derive(Debug, Args)]
pub(crate) struct SigningKey {
    /// Whose key
    #[arg(long, value_name = "ID", required_unless_present = "all")]
    pub(crate) company: Option<CompanyId>,
    /// The key of every connected company
    #[arg(long, conflicts_with = "company")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// `rotate master`.
#[derive(Debug, Args)]
pub(crate) struct Master {
    /// The new pair's public half
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// `rotate api-key`.
#[derive(Debug, Args)]
pub(crate) struct ApiKey {
    /// Whose key
    #[arg(long, value_name = "ID")]
    pub(crate) company: CompanyId,
    #[command(flatten)]
    pub(crate) asking: Asking,
}
