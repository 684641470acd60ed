//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::ids::{AssessmentId, CompanyId, OrderId};
use domain::registration::{Display, Field};
use domain::timestamp::Timestamp;

/// Does for ops what a deployed stack needs: connect, watch, diagnose, mend, rotate, erase.
#[derive(Debug, Parser)]
#[command(name = "ops", version, about, after_help = EXAMPLES, propagate_version = true, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  ops --stack-name assessments-production doctor
  ops --stack-name assessments-production --profile production why --company acme-example --assessment 439706
  export OPS_STACK_NAME=assessments-production AWS_PROFILE=production; ops order list --company acme-example --stuck

Everything else is found by the stack's outputs. The answer goes to standard output, everything else to standard error.
What changes something shows what it will do and asks; --yes does not ask, --dry-run does not do it.

Exit codes:
  0 done, or all is well          5 the stack is half deployed      10 a rule forbids it, at least now
  1 done, and something is wrong  6 a partner is down or refuses    130 Ctrl-C; nothing is half done
  2 the command makes no sense    7 no such company, order, person
  3 no AWS credentials or rights  8 AWS does not answer
  4 no such stack                 9 not confirmed";

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
}

const REGISTER: &str = "\
Examples:
  ops register --dry-run                       what differs, and nothing else
  ops register                                 shows what differs, and asks
  ops register --display REDIRECT --yes        the consent page in place of SmartRecruiters' own
  ops register --field level=Level='Level of the job'

Keys are shown by their fingerprints. Fields and display stay as they are registered unless told; display is POPUP at first.";

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

const DOCTOR: &str = "\
Examples:
  ops doctor
  ops doctor --json | jq '.lines[] | select(.verdict != \"ok\")'

Each line is ok, a warning or a failure, and says what to do. Exit code 1 when one is a failure. Nothing is changed.";

const WHY: &str = "\
Examples:
  ops why --company acme-example --assessment 439706

The answer is from the stored copy and from TestGorilla now, and has a sentence for the customer. Exit code 1 when it is not listed.";

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

const ORDER_SHOW: &str = "\
Examples:
  ops order show 0f8fad5b-d9cb-469f-a165-70867728950e --company acme-example
  ops order show 0f8fad5b-d9cb-469f-a165-70867728950e        reads the whole table: slower

Exit code 1 when the order is stuck. The candidate is not named.";

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

const ORDER_LIST: &str = "\
Examples:
  ops order list --company acme-example
  ops order list --company acme-example --state sent
  ops order list --stuck                       of all companies

States: scheduled, sent, started, completed, refused, expired, withdrawn, closed. Stuck: due for 20 minutes or more (overdue), failed five
times or more (failing), or with nothing due that would bring it to its end (stranded).";

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

const STATES: [&str; 8] = ["scheduled", "sent", "started", "completed", "refused", "expired", "withdrawn", "closed"];

const REDRIVE: &str = "\
Examples:
  ops redrive --dry-run                        what there is
  ops redrive --yes
  ops redrive --company acme-example --rate 5  stuck orders of one company; its dead letters are among all others'

Safe to repeat: a message only wakes work, and work that finds nothing to do changes nothing. Dead letters that cannot be read stay where
they are. Ctrl-C ends it after the message that it is at.";

/// `redrive`.
#[derive(Debug, Args)]
pub(crate) struct Redrive {
    /// Only stuck orders of this company; dead letters are left
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<CompanyId>,
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
    #[command(after_help = "Examples:\n  ops company list\n  ops company list --active\n\nReads the whole table.")]
    List(CompanyList),
    /// Show a company: its integration, its list, its orders by state
    #[command(after_help = "Examples:\n  ops company show acme-example\n\nKeys are shown by their fingerprints.")]
    Show(CompanyShow),
    /// End a company's integration
    #[command(after_help = DISCONNECT)]
    Disconnect(CompanyDisconnect),
}

const DISCONNECT: &str = "\
Examples:
  ops company disconnect acme-example --dry-run
  ops company disconnect acme-example --yes

Nothing is listed, ordered or invited any more from then on; open orders are closed at SmartRecruiters, then the keys are destroyed: by the
functions, within an hour. Results that were delivered stay. SmartRecruiters shows the company as connected until its admin presses
Disconnect; they can connect again after that.";

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

const CALLBACK_SECRET: &str = "\
Examples:
  ops rotate callback-secret --yes             a new secret beside the old one: both are valid from now on
  aws secretsmanager get-secret-value --secret-id ARN --query SecretString    the new one is the first: give it to TestGorilla
  ops rotate callback-secret --finish          when TestGorilla signs with it: the old one is taken out

Safe to repeat: beginning twice makes no third secret.";

const SIGNING_KEY: &str = "\
Examples:
  ops rotate signing-key --company acme-example
  ops rotate signing-key --all --yes           of every connected company

No second step: the reconciliation forgets the old key after 36 minutes, when its last token has expired.";

const DISCONNECT_KEY: &str = "\
Examples:
  ops rotate disconnect-key --yes              a new key beside the old one, and the URL with it registered at SmartRecruiters
  ops rotate disconnect-key --finish           65 minutes later: the old one is taken out

The key signs consent forms, too, which are open for an hour at most. Safe to repeat: beginning twice makes no third key.";

const MASTER: &str = "\
Examples:
  ops rotate master --client-id partner-2 --yes < secret.txt
  pass show smartrecruiters/master | ops rotate master --client-id partner-2 --yes

The secret is read from standard input, so that nobody can be asked there: say --yes. The pair is stored when SmartRecruiters takes it, and the former is used no more. End the former at
SmartRecruiters ten minutes later.";

const API_KEY: &str = "\
Examples:
  ops rotate api-key --company acme-example --yes < key.txt

The key is read from standard input, so that nobody can be asked there: say --yes. It is stored when TestGorilla takes it. Assessments stay recognised as before.";

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

const ERASE: &str = "\
Examples:
  ops erase --company acme-example --candidate juno@example.com --dry-run
  ops erase --company acme-example --candidate juno@example.com --yes
  ops erase --company acme-example --candidate 3c1f2a9e-6f1d-4f0a-9b59-0d9c53f3c0de

Who is not invited yet is not invited any more, and SmartRecruiters is told so. Results that were delivered stay there. What is kept is that
an assessment was sent once, under a hash. A record of the request stays that does not tell whose it was. Exit code 10 when an
invitation was being sent at that moment: do it again in a minute. Safe to repeat.";

/// `erase`.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

const EXPORT: &str = "\
Examples:
  ops export --company acme-example --candidate juno@example.com --output juno.json
  ops export --company acme-example --candidate juno@example.com | jq .

The answer is JSON with personal data in it; the file can be read by its owner alone. Scores are not held here: TestGorilla and SmartRecruiters
have them. A record of the request stays that does not tell whose it was.";

/// `export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) who: Who,
    /// A new file that gets the answer, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

const REPLAY: &str = "\
Examples:
  ops replay --from 2026-01-03T09:00:00Z --to 2026-01-03T12:00:00Z --dry-run
  ops replay --from 2026-01-03 --to 2026-01-04 --company acme-example --yes

Reads every candidature back that was out at some time between the two, and publishes what SmartRecruiters was not told. What a partner does
not answer now is left to the reconciliation. Safe to repeat: what was told is not told again. Ctrl-C ends it after the one that it is at.";

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
    /// Most candidatures a minute: TestGorilla allows 60 for each key
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=6000))]
    pub(crate) rate: u32,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// RFC 3339, or a day.
fn time(text: &str) -> Result<Timestamp, String> {
    let parsed = Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")));
    parsed.ok_or_else(|| "write 2026-01-03 or 2026-01-03T09:00:00Z".to_owned())
}

/// `ID=NAME=DESCRIPTION`.
fn field(text: &str) -> Result<Field, String> {
    match text.splitn(3, '=').collect::<Vec<_>>().as_slice() {
        [id, name, description] if !id.is_empty() && !name.is_empty() => {
            Ok(Field { id: (*id).to_owned(), name: (*name).to_owned(), description: (*description).to_owned() })
        }
        _ => Err("write ID=NAME=DESCRIPTION".to_owned()),
    }
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_every_command_has_examples() {
        let mut cli = Cli::command();
        cli.build();
        cli.clone().debug_assert();
        fn check(command: &clap::Command) {
            let subcommands: Vec<_> = command.get_subcommands().filter(|one| one.get_name() != "help").collect();
            if subcommands.is_empty() {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("Examples:"), "{}", command.get_name());
            }
            subcommands.into_iter().for_each(check);
        }
        check(&cli);
    }

    #[test]
    fn every_example_of_the_help_can_be_typed() {
        let examples: Vec<&str> = [
            REGISTER,
            DOCTOR,
            WHY,
            ORDER_SHOW,
            ORDER_LIST,
            REDRIVE,
            DISCONNECT,
            CALLBACK_SECRET,
            SIGNING_KEY,
            DISCONNECT_KEY,
            MASTER,
            API_KEY,
            ERASE,
            EXPORT,
            REPLAY,
        ]
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.trim().strip_prefix("ops "))
        .collect();
        assert!(examples.len() > 25, "{}", examples.len());
        for example in examples {
            // What follows two spaces is a remark; what follows these signs is the shell's.
            let typed = example.split(['<', '|']).next().and_then(|typed| typed.split("   ").next()).unwrap();
            let typed = typed.split("  ").next().unwrap().replace("='Level of the job'", "=Level");
            let parsed = Cli::try_parse_from(std::iter::once("ops").chain(typed.split_whitespace()));
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }

    #[test]
    fn every_line_of_the_readme_can_be_typed() {
        let typed = include_str!("../README.md").lines().filter_map(|line| line.strip_prefix("$ ops "));
        let typed: Vec<&str> = typed.collect();
        assert!(typed.len() > 20, "{}", typed.len());
        for line in typed {
            let words = line.split(" <").next().unwrap_or_default().split_whitespace();
            let parsed = Cli::try_parse_from(std::iter::once("ops").chain(words));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
    }

    #[test]
    fn a_day_is_its_beginning() {
        assert_eq!(time("2026-01-03"), time("2026-01-03T00:00:00Z"));
        assert!(time("yesterday").is_err());
    }

    #[test]
    fn a_field_has_three_parts() {
        let read = field("level=Level=Of the job = position").unwrap();
        assert_eq!((read.id.as_str(), read.description.as_str()), ("level", "Of the job = position"));
        for bad in ["level", "level=Level", "=a=b", "a==b"] {
            assert!(field(bad).is_err(), "{bad}");
        }
    }
}
