//! What each command is given.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::ids::{AssessmentId, CompanyId, OrderId};
use domain::registration::{Display, Field};
use domain::timestamp::Timestamp;

use super::Asking;
use super::help::{DISCONNECT, ORDER_LIST, ORDER_SHOW};

/// `register`.
#[derive(Debug, Args)]
pub(crate) struct Register {
    /// How SmartRecruiters shows the consent page: POPUP or REDIRECT
    #[arg(long, value_name = "HOW")]
    pub(crate) display: Option<Display>,
    /// A field that comes with each listing, as ID=NAME=DESCRIPTION; up to five, in place of those that are registered
    #[arg(long = "field", value_name = "FIELD", value_parser = field)]
    pub(crate) fields: Vec<Field>,
    /// No field comes with the listing
    #[arg(long, conflicts_with = "fields")]
    pub(crate) no_fields: bool,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// `why`.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// SmartRecruiters' id of the company
    #[arg(long, value_name = "ID")]
    pub(crate) company: CompanyId,
    /// TestGorilla's id of the assessment
    #[arg(long, value_name = "ID")]
    pub(crate) assessment: AssessmentId,
}

/// `order`.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Show an order from its acceptance to now
    #[command(after_help = ORDER_SHOW)]
    Show(OrderShow),
    /// List a company's orders, or all
    #[command(after_help = ORDER_LIST)]
    List(OrderList),
}

/// `order show`.
#[derive(Debug, Args)]
pub(crate) struct OrderShow {
    /// SmartRecruiters' id of the order: the uuid in its result URL
    #[arg(value_name = "ID")]
    pub(crate) id: OrderId,
    /// Whose it is, when that is known: it is found at once then
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<CompanyId>,
}

/// `order list`.
#[derive(Debug, Args)]
pub(crate) struct OrderList {
    /// Whose orders; all companies' unless told
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<CompanyId>,
    /// Only orders in this state
    #[arg(long, value_parser = STATES)]
    pub(crate) state: Option<String>,
    /// Only orders that are not getting on
    #[arg(long)]
    pub(crate) stuck: bool,
    /// Show the newest so many; 0 for all
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub(crate) limit: usize,
}

const STATES: [&str; 9] =
    ["scheduled", "sent", "started", "completed", "refused", "expired", "withdrawn", "closed", "lost"];

/// `redrive`.
#[derive(Debug, Args)]
pub(crate) struct Redrive {
    /// Only stuck orders of this company; dead letters are left
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<CompanyId>,
    /// Only dead letters: the table is not read, and stuck orders are left
    #[arg(long, conflicts_with = "company")]
    pub(crate) dead_letters: bool,
    /// Most messages a second
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rate: u32,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// `company`.
#[derive(Debug, Subcommand)]
pub(crate) enum Company {
    /// List the companies that are or were connected
    #[command(after_help = "Examples:\n  ops company list\n  ops company list --active")]
    List(CompanyList),
    /// Show a company: its integration, its list, its orders by state
    #[command(after_help = "Examples:\n  ops company show acme-example\n\nKeys are shown by their fingerprints.")]
    Show(CompanyShow),
    /// End a company's integration
    #[command(after_help = DISCONNECT)]
    Disconnect(CompanyDisconnect),
}

/// `company list`.
#[derive(Debug, Args)]
pub(crate) struct CompanyList {
    /// Only companies that are connected now
    #[arg(long)]
    pub(crate) active: bool,
}

/// `company show`.
#[derive(Debug, Args)]
pub(crate) struct CompanyShow {
    /// SmartRecruiters' id of the company
    #[arg(value_name = "ID")]
    pub(crate) company: CompanyId,
}

/// `company disconnect`.
#[derive(Debug, Args)]
pub(crate) struct CompanyDisconnect {
    /// SmartRecruiters' id of the company
    #[arg(value_name = "ID")]
    pub(crate) company: CompanyId,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// A candidate of a company.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// Whose candidate
    #[arg(long, value_name = "ID")]
    pub(crate) company: CompanyId,
    /// Who: an e-mail address, or SmartRecruiters' id
    #[arg(long, value_name = "WHO")]
    pub(crate) candidate: String,
}

/// `erase`.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// `export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) who: Who,
    /// A new file that gets the answer, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `replay`.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Beginning: a time, or a day at 00:00 UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) from: Timestamp,
    /// End
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) to: Timestamp,
    /// Only this company's
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<CompanyId>,
    /// Most candidatures a minute of each company: TestGorilla allows 60 for each key
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=6000))]
    pub(crate) rate: u32,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// `restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The table that DynamoDB has restored beside the stack's own
    #[arg(long, value_name = "NAME")]
    pub(crate) from_table: String,
    /// Take it although DynamoDB does not say that it was restored from the stack's table
    #[arg(long)]
    pub(crate) origin_unknown: bool,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// RFC 3339, or a day.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let parsed = Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")));
    parsed.ok_or_else(|| "write 2026-01-03 or 2026-01-03T09:00:00Z".to_owned())
}

/// `ID=NAME=DESCRIPTION`.
pub(super) fn field(text: &str) -> Result<Field, String> {
    match text.splitn(3, '=').collect::<Vec<_>>().as_slice() {
        [id, name, description] if !id.is_empty() && !name.is_empty() => {
            Ok(Field { id: (*id).to_owned(), name: (*name).to_owned(), description: (*description).to_owned() })
        }
        _ => Err("write ID=NAME=DESCRIPTION".to_owned()),
    }
}
