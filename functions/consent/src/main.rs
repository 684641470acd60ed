//! The Grant consent page, its form, and the disconnect call.

mod disconnect;
mod handler;
mod pages;
mod problem;
#[cfg(test)]
mod tests;
mod wire;

use aws::{CompanySecretStore, PartnerSecretStore, ResultSqs, Sdk, Secrets, Table};
use domain::flows::Ports;
use domain::hosts::AllowedHosts;
use lambda_http::Error;
use partners::{SmartRecruitersClient, SmartRecruitersConfig, TestGorillaClient, TestGorillaConfig};
use runtime::config::{Config, environment};
use runtime::system::System;
use runtime::transport::Transport;
use runtime::{http, telemetry};

type AppPorts = Ports<
    Table,
    Secrets<CompanySecretStore, PartnerSecretStore>,
    ResultSqs,
    TestGorillaClient<System>,
    SmartRecruitersClient<System>,
    System,
>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_PKG_NAME"));
    let app = app(&Config::new(&environment)).inspect_err(|error| telemetry::not_started(error.as_ref()))?;
    let (ports, hosts) = &app;
    http::serve(|request| async move { handler::handle(ports, hosts, &request).await }).await
}

fn app(config: &Config<'_>) -> Result<(AppPorts, AllowedHosts), Error> {
    let transport = Transport::warmed();
    let sdk = Sdk::from_env(transport.sdk_client())?;
    let testgorilla = TestGorillaConfig::new(config.parsed("TESTGORILLA_API_URL")?);
    let hosts = config.smartrecruiters_hosts()?;
    let smartrecruiters = SmartRecruitersConfig::new(config.parsed("SMARTRECRUITERS_API_URL")?, hosts.clone());
    let ports = Ports {
        store: Table::new(&sdk, config.table()?),
        secrets: Secrets {
            companies: CompanySecretStore::new(&sdk, config.company_secret_prefix()?),
            partner: PartnerSecretStore::new(&sdk, config.text("PARTNER_SECRET_ARN")?),
        },
        queues: ResultSqs::new(&sdk, config.result_queue()?),
        testgorilla: TestGorillaClient::new(transport.clone(), testgorilla, System),
        smartrecruiters: SmartRecruitersClient::new(transport, smartrecruiters, System),
        world: System,
    };
    Ok((ports, hosts))
}
