//! Lists a company's assessments to SmartRecruiters.

mod handler;
#[cfg(test)]
mod tests;
mod wire;

use aws::{ResultSqs, Sdk, Table};
use domain::flows::Ports;
use lambda_http::Error;
use runtime::config::{Config, environment};
use runtime::system::System;
use runtime::transport::Transport;
use runtime::{http, telemetry};

type AppPorts = Ports<Table, (), ResultSqs, (), (), System>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_PKG_NAME"));
    let config = Config::new(&environment);
    let ports = ports(&config).inspect_err(|error| telemetry::not_started(error.as_ref()))?;
    let max_age = config.catalogue_max_age().inspect_err(|error| telemetry::not_started(error))?;
    let ports = &ports;
    http::serve(|request| async move { handler::handle(ports, max_age, &request).await }).await
}

fn ports(config: &Config<'_>) -> Result<AppPorts, Error> {
    let transport = Transport::warmed();
    let sdk = Sdk::from_env(transport.sdk_client())?;
    Ok(Ports {
        store: Table::new(&sdk, config.table()?),
        secrets: (),
        queues: ResultSqs::new(&sdk, config.result_queue()?),
        testgorilla: (),
        smartrecruiters: (),
        world: System,
    })
}
