//! The product's journey, walked by program: every row as it happens, and an end when a promise is not kept.

mod connect;
mod ending;
mod invitations;
mod listing;
mod ordering;
mod page;
mod recruiter;
mod results;
mod tale;
mod world;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use recruiter::Seen;
use tale::{Broken, Tale};
use world::World;

/// What the journey is told.
#[derive(Debug, Args)]
pub(crate) struct JourneyArgs {
    /// Where the product is served (the stack's ApiUrl).
    #[arg(long, value_name = "URL")]
    product_url: String,
    /// Where the stand-in of TestGorilla is.
    #[arg(long, value_name = "URL")]
    testgorilla_url: String,
    /// Where the stand-in of SmartRecruiters is.
    #[arg(long, value_name = "URL")]
    smartrecruiters_url: String,
    /// The stack's InvitationDelaySeconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    invitation_delay: u64,
    /// The disconnect key of the stack's partner secret; without it the disconnect call is made with the company's token.
    #[arg(long, value_name = "KEY", env = "SANDBOX_DISCONNECT_KEY", hide_env_values = true)]
    disconnect_key: Option<String>,
    /// The callback signing secret, when the stand-in of TestGorilla was not started with it.
    #[arg(long, value_name = "SECRET", env = "SANDBOX_CALLBACK_SECRET", hide_env_values = true)]
    callback_secret: Option<String>,
    /// Let one candidate finish without any callback, and wait until the reconciliation finds it.
    #[arg(long)]
    with_reconcile: bool,
    /// How long to wait for anything that should happen soon.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    patience: u64,
    /// Print a summary for machines too, as the last line.
    #[arg(long)]
    json: bool,
}

/// A walk through the journey.
struct Journey {
    world: World,
    tale: Tale,
    invitation_delay: Duration,
    patience: Duration,
    with_reconcile: bool,
    disconnect_key: Option<String>,
    callback_secret: Option<String>,
    /// What the recruiter sees at the end.
    seen: Vec<Seen>,
}

/// Walks the journey. Fails when a promise is not kept.
pub(crate) async fn walk(args: JourneyArgs) -> ExitCode {
    let mut journey = Journey {
        world: World::new(&args.product_url, &args.testgorilla_url, &args.smartrecruiters_url),
        tale: Tale::begin(),
        invitation_delay: Duration::from_secs(args.invitation_delay),
        patience: Duration::from_secs(args.patience),
        with_reconcile: args.with_reconcile,
        disconnect_key: args.disconnect_key,
        callback_secret: args.callback_secret,
        seen: Vec::new(),
    };
    let walked = journey.walk().await;
    recruiter::print_all(&journey.seen);
    match &walked {
        Ok(()) => tale::print(&format!("Every promise was kept, in {:.0} s.", journey.tale.seconds())),
        Err(broken) => tale::print(&format!("{broken}")),
    }
    if args.json {
        tale::print(&journey.tale.summary(&journey.seen, walked.as_ref().err()).to_string());
    }
    if walked.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Journey {
    async fn walk(&mut self) -> Result<(), Broken> {
        let marks = self.world.marks().await?;
        let account = self.enable().await?;
        self.register().await?;
        self.connect(&account).await?;
        let offered = self.offer().await?;
        let orders = self.order(&offered).await?;
        self.invitations(&offered, &orders).await?;
        self.results(&account, &offered, &orders).await?;
        self.inline(&offered).await?;
        self.disconnect(&account, &offered, &orders).await?;
        self.disable(&account, &offered).await?;
        self.invited_once(&orders).await?;
        self.contracts_kept(marks).await
    }

    /// Every call, of either side, kept to the contracts.
    async fn contracts_kept(&mut self, marks: world::Marks) -> Result<(), Broken> {
        let breaches = self.world.breaches(marks).await?;
        if let Some(breach) = breaches.first() {
            let more = breaches.len() - 1;
            return Err(Broken::new("all", format!("a call broke a contract ({more} more did): {breach}")));
        }
        self.tale.tell("all", "Everyone", "Every call in both directions kept to the three contracts");
        Ok(())
    }
}
