//! Issues access tokens to SmartRecruiters.

mod handler;
#[cfg(test)]
mod tests;
mod wire;

use aws::{CompanySecretStore, Sdk, Table};
use domain::flows::Ports;
use lambda_http::Error;
use runtime::config::{Config, environment};
use runtime::system::System;
use runtime::transport::Transport;
use runtime::{http, telemetry};

type AppPorts = Ports<Table, CompanySecretStore, (), (), (), System>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_PKG_NAME"));
    let ports = ports(&Config::new(&environment)).inspect_err(|error| telemetry::not_started(error.as_ref()))?;
    let ports = &ports;
    http::serve(|request| async move { handler::handle(ports, &request).await }).await
}

fn ports(config: &Config<'_>) -> Result<AppPorts, Error> {
    let transport = Transport::warmed();
    let sdk = Sdk::from_env(transport.sdk_client())?;
    Ok(Ports {
        store: Table::new(&sdk, config.table()?),
        secrets: CompanySecretStore::new(&sdk, config.company_secret_prefix()?),
        queues: (),
        testgorilla: (),
        smartrecruiters: (),
        world: System,
    })
}
