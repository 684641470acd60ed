//! The command line.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};

use crate::journey::{self, JourneyArgs};
use crate::smartrecruiters::{Pair, SmartRecruiters};
use crate::testgorilla::{CallbackSettings, TestGorilla};
use crate::webhook::{Secret, Sending};
use crate::{ids, proxy, serve, smartrecruiters, testgorilla};

/// Stand-ins of TestGorilla and SmartRecruiters, and the journey walked by program.
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  sandbox testgorilla --listen 127.0.0.1:0 --port-file testgorilla.json
  sandbox smartrecruiters --listen 127.0.0.1:8081 --master-client-id partner --master-client-secret secret
  sandbox journey --product-url http://127.0.0.1:3000 --testgorilla-url http://127.0.0.1:8080 \\
      --smartrecruiters-url http://127.0.0.1:8081 --invitation-delay 5

A stand-in prints its address as one line of JSON and runs until it is interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the stand-in of TestGorilla (API below /api, control API below /_control).
    #[command(name = "testgorilla")]
    TestGorilla(TestGorillaArgs),
    /// Runs the stand-in of SmartRecruiters (control API below /_control).
    #[command(name = "smartrecruiters")]
    SmartRecruiters(SmartRecruitersArgs),
    /// Stands between the functions and the emulated AWS: records what they ask for, and misbehaves on request.
    Proxy(ProxyArgs),
    /// Walks the product's journey by program and fails when a promise is not kept.
    Journey(JourneyArgs),
}

/// Where a stand-in listens.
#[derive(Debug, Args)]
struct Listening {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// File that gets the printed line too, once the stand-in listens.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct TestGorillaArgs {
    #[command(flatten)]
    listening: Listening,
    /// Where callbacks are sent: the product's /callbacks/testgorilla.
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// What callbacks are signed with (whsec_...).
    #[arg(long, value_name = "SECRET", env = "SANDBOX_CALLBACK_SECRET", hide_env_values = true)]
    callback_secret: Option<Secret>,
}

#[derive(Debug, Args)]
struct SmartRecruitersArgs {
    #[command(flatten)]
    listening: Listening,
    /// The partner's own client id.
    #[arg(long, value_name = "ID", default_value = "sandbox-partner")]
    master_client_id: String,
    /// The partner's own client secret; a random one when absent.
    #[arg(long, value_name = "SECRET", env = "SANDBOX_MASTER_CLIENT_SECRET", hide_env_values = true)]
    master_client_secret: Option<String>,
    /// Address of TestGorilla's stand-in, whose calls the page /what-happened shows beside its own.
    #[arg(long, value_name = "URL")]
    testgorilla_url: Option<String>,
}

#[derive(Debug, Args)]
struct ProxyArgs {
    #[command(flatten)]
    listening: Listening,
    /// Address of the emulated AWS, without a slash at its end.
    #[arg(long, value_name = "URL")]
    upstream: String,
}

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot listen: {0}")]
    Listen(#[source] std::io::Error),
    #[error("cannot write the address: {0}")]
    Announce(#[source] std::io::Error),
    #[error(transparent)]
    Contract(#[from] crate::contract::ContractError),
    #[error("cannot furnish the stand-in: {0}")]
    Furnish(#[from] crate::control::ActionError),
}

impl Cli {
    /// Runs the command to its end.
    pub(crate) async fn run(self) -> ExitCode {
        let ended = match self.command {
            Command::TestGorilla(args) => run_testgorilla(args).await,
            Command::SmartRecruiters(args) => run_smartrecruiters(args).await,
            Command::Proxy(args) => run_proxy(args).await,
            Command::Journey(args) => return journey::walk(args).await,
        };
        match ended {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                let _ = writeln!(std::io::stderr(), "sandbox: {failure}");
                ExitCode::FAILURE
            }
        }
    }
}

async fn run_testgorilla(args: TestGorillaArgs) -> Result<(), Failure> {
    let (listener, address) = serve::listen(args.listening.listen).await.map_err(Failure::Listen)?;
    let base = format!("http://{address}");
    let callbacks =
        CallbackSettings { url: args.callback_url, secret: args.callback_secret, sending: Sending::default() };
    let app = TestGorilla::new(base.clone(), callbacks)?;
    app.furnish()?;
    let line = json!({"partner": "testgorilla", "url": base, "port": address.port(), "api_url": format!("{base}/api")});
    announce(args.listening.port_file.as_deref(), &line)?;
    until_interrupted(serve::serve(listener, testgorilla::router(app))).await;
    Ok(())
}

async fn run_smartrecruiters(args: SmartRecruitersArgs) -> Result<(), Failure> {
    let (listener, address) = serve::listen(args.listening.listen).await.map_err(Failure::Listen)?;
    let base = format!("http://{address}");
    let client_secret = args.master_client_secret.unwrap_or_else(ids::secret);
    let master = Pair { client_id: args.master_client_id, client_secret };
    let app = SmartRecruiters::new(base.clone(), master)?;
    app.furnish();
    announce(
        args.listening.port_file.as_deref(),
        &json!({"partner": "smartrecruiters", "url": base, "port": address.port()}),
    )?;
    let what_happened = smartrecruiters::what_happened(Arc::clone(&app), args.testgorilla_url);
    until_interrupted(serve::serve(listener, smartrecruiters::router(app).merge(what_happened))).await;
    Ok(())
}

async fn run_proxy(args: ProxyArgs) -> Result<(), Failure> {
    let (listener, address) = serve::listen(args.listening.listen).await.map_err(Failure::Listen)?;
    let line = json!({"proxy": args.upstream, "url": format!("http://{address}"), "port": address.port()});
    announce(args.listening.port_file.as_deref(), &line)?;
    until_interrupted(serve::serve(listener, proxy::router(proxy::Proxy::new(args.upstream)))).await;
    Ok(())
}

/// Prints where the stand-in listens, as one line of JSON, and writes the same to the file.
fn announce(file: Option<&Path>, line: &Value) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}").map_err(Failure::Announce)?;
    if let Some(file) = file {
        // Written aside and renamed: whoever waits for the file never reads half of it.
        let aside = file.with_extension("tmp");
        std::fs::write(&aside, format!("{line}\n")).map_err(Failure::Announce)?;
        std::fs::rename(&aside, file).map_err(Failure::Announce)?;
    }
    Ok(())
}

async fn until_interrupted(serving: impl Future<Output = ()>) {
    tokio::select! {
        () = serving => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
