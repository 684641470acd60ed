//! Takes SmartRecruiters' orders.

mod handler;
#[cfg(test)]
mod tests;
mod wire;

use aws::{CompanySecretStore, InvitationSqs, Sdk, Table};
use domain::flows::Ports;
use lambda_http::Error;
use partners::{TestGorillaClient, TestGorillaConfig};
use runtime::config::{Config, environment};
use runtime::system::System;
use runtime::transport::Transport;
use runtime::{http, telemetry};

use crate::handler::Settings;

type AppPorts = Ports<Table, CompanySecretStore, InvitationSqs, TestGorillaClient<System>, (), System>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_PKG_NAME"));
    let app = app(&Config::new(&environment)).inspect_err(|error| telemetry::not_started(error.as_ref()))?;
    let (ports, settings) = &app;
    http::serve(|request| async move { handler::handle(ports, settings, &request).await }).await
}

fn app(config: &Config<'_>) -> Result<(AppPorts, Settings), Error> {
    let transport = Transport::warmed();
    let sdk = Sdk::from_env(transport.sdk_client())?;
    let testgorilla = TestGorillaConfig::new(config.parsed("TESTGORILLA_API_URL")?);
    let ports = Ports {
        store: Table::new(&sdk, config.table()?),
        secrets: CompanySecretStore::new(&sdk, config.company_secret_prefix()?),
        queues: InvitationSqs::new(&sdk, config.invitation_queue()?),
        testgorilla: TestGorillaClient::new(transport, testgorilla, System),
        smartrecruiters: (),
        world: System,
    };
    let settings = Settings { hosts: config.smartrecruiters_hosts()?, invitation_delay: config.invitation_delay()? };
    Ok((ports, settings))
}
