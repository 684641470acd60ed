//! The operator's command: what ops do with a deployed stack, by the product's own use cases.

mod alarms;
mod cli;
mod commands;
mod connect;
mod console;
mod fail;
mod interrupt;
mod report;
mod stack;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use tracing::level_filters::LevelFilter;

use crate::cli::Cli;
use crate::connect::App;
use crate::console::Console;
use crate::fail::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::report::Report;

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt().with_max_level(LevelFilter::ERROR).with_writer(std::io::stderr).without_time().init();
    let exit = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(run(&cli));
            // Whoever waits for somebody to type is not waited for.
            runtime.shutdown_background();
            exit
        }
        Err(error) => complain(&Failure::new(Exit::Aws, format!("The system gives no resources: {error}."))),
    };
    ExitCode::from(exit as u8)
}

async fn run(cli: &Cli) -> Exit {
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => return complain(&Failure::new(Exit::Aws, format!("The system gives no signals: {error}."))),
    };
    let console = Console::new(interrupt.clone());
    match work(cli, console, &interrupt).await {
        Ok(report) => {
            // Who has read enough has closed the pipe (`| head`): that is no failure.
            if let Err(error) = report.print(cli.globals.json)
                && error.kind() != ErrorKind::BrokenPipe
            {
                let sentence = format!(
                    "The command did its work, and its answer cannot be written: {error}. Look where it goes to."
                );
                return complain(&Failure::new(Exit::Wrong, sentence));
            }
            if interrupt.is_raised() && report.exit != Exit::Interrupted {
                return complain(&Failure::new(
                    Exit::Interrupted,
                    "Interrupted; what had been begun was done to its end.",
                ));
            }
            report.exit
        }
        Err(failure) => complain(&failure),
    }
}

async fn work(cli: &Cli, console: Console, interrupt: &Interrupt) -> Result<Report, Failure> {
    let app = interrupt.or(App::connect(&cli.globals, console)).await?;
    commands::run(&app, &cli.command).await
}

/// Says what went wrong.
fn complain(failure: &Failure) -> Exit {
    // Who has closed standard error has the exit code.
    let _ = writeln!(std::io::stderr(), "{failure}");
    failure.exit
}
