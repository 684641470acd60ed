//! The command line.

mod arguments;
mod help;
mod rotate;
#[cfg(test)]
mod tests;

use clap::{Args, Parser, Subcommand};

pub(crate) use arguments::*;
use help::{DOCTOR, ERASE, EXAMPLES, EXPORT, REDRIVE, REGISTER, REPLAY, RESTORE, WHY};
pub(crate) use rotate::*;

/// Does for ops what a deployed stack needs: connect, watch, diagnose, mend, rotate, erase.
#[derive(Debug, Parser)]
#[command(name = "ops", version, about, after_help = EXAMPLES, propagate_version = true, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which stack, and how")]
pub(crate) struct Globals {
    /// The stack's name in CloudFormation
    #[arg(long, global = true, env = "OPS_STACK_NAME", value_name = "NAME")]
    pub(crate) stack_name: Option<String>,
    /// The AWS region; the profile's unless told
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The AWS profile, e.g. one of single sign-on
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Where AWS is, when it is a local stack
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// The API's address, when it is not the one of the stack's output: a domain name of one's own, or a local stack
    #[arg(long, global = true, env = "OPS_API_URL", value_name = "URL")]
    pub(crate) api_url: Option<String>,
    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// How what changes something is confirmed.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Asking {
    /// Do not ask
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// Show what would be done, and do not do it
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

/// What ops do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register the product at SmartRecruiters as this stack's outputs say
    #[command(after_help = REGISTER)]
    Register(Register),
    /// Look at the whole chain at once
    #[command(after_help = DOCTOR)]
    Doctor,
    /// Say why an assessment is not listed
    #[command(after_help = WHY)]
    Why(Why),
    /// Look at orders
    #[command(subcommand)]
    Order(Order),
    /// Put dead letters and stuck orders back to work
    #[command(after_help = REDRIVE)]
    Redrive(Redrive),
    /// Look at companies, or end an integration
    #[command(subcommand)]
    Company(Company),
    /// Replace a key without refusing a request
    #[command(subcommand)]
    Rotate(Rotate),
    /// Erase a candidate who asks for it (GDPR article 17)
    #[command(after_help = ERASE)]
    Erase(Erase),
    /// Tell a candidate what is held about them (GDPR article 15)
    #[command(after_help = EXPORT)]
    Export(Export),
    /// Read results back from TestGorilla and publish what differs
    #[command(after_help = REPLAY)]
    Replay(Replay),
    /// Copy back what the table has lost, from one that DynamoDB has restored
    #[command(after_help = RESTORE)]
    Restore(Restore),
}

impl Command {
    /// Whether it changes nothing, so that it may end anywhere.
    pub(crate) const fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::Doctor | Self::Why(_) | Self::Order(_) | Self::Company(Company::List(_) | Company::Show(_))
        )
    }
}
