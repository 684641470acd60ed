//! Stand-ins of TestGorilla and SmartRecruiters for a laptop, and the product's journey walked by program.

mod calls;
mod cli;
mod client;
mod clock;
mod contract;
mod control;
mod faults;
mod held;
mod ids;
mod journey;
mod misbehave;
mod observe;
mod proxy;
mod redact;
mod screens;
mod serve;
mod smartrecruiters;
mod testgorilla;
#[cfg(test)]
mod testing;
mod webhook;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    cli::Cli::parse().run().await
}
