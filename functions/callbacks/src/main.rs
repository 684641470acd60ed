//! Takes TestGorilla's callbacks.

mod handler;
#[cfg(test)]
mod tests;
mod wire;

use aws::{CallbackSecretStore, ResultSqs, Sdk, Table};
use domain::flows::Ports;
use lambda_http::Error;
use runtime::config::{Config, environment};
use runtime::system::System;
use runtime::transport::Transport;
use runtime::{http, telemetry};

type AppPorts = Ports<Table, CallbackSecretStore, ResultSqs, (), (), System>;

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
        secrets: CallbackSecretStore::new(&sdk, config.text("CALLBACK_SECRET_ARN")?),
        queues: ResultSqs::new(&sdk, config.result_queue()?),
        testgorilla: (),
        smartrecruiters: (),
        world: System,
    })
}
