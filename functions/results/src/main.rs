//! Reads candidatures and catalogues back from TestGorilla, and publishes results to SmartRecruiters.

mod handler;
#[cfg(test)]
mod tests;

use aws::{CompanySecretStore, ResultSqs, Sdk, Table};
use domain::flows::{Ports, follow};
use lambda_runtime::Error;
use partners::{SmartRecruitersClient, SmartRecruitersConfig, TestGorillaClient, TestGorillaConfig};
use runtime::config::{Config, environment};
use runtime::system::System;
use runtime::transport::Transport;
use runtime::{batch, telemetry};

use crate::handler::Settings;

type AppPorts =
    Ports<Table, CompanySecretStore, ResultSqs, TestGorillaClient<System>, SmartRecruitersClient<System>, System>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_PKG_NAME"));
    let app = app(&Config::new(&environment)).inspect_err(|error| telemetry::not_started(error.as_ref()))?;
    let (ports, settings) = &app;
    batch::serve(|event, limit| handler::handle(ports, settings, event, limit)).await
}

fn app(config: &Config<'_>) -> Result<(AppPorts, Settings), Error> {
    let transport = Transport::warmed();
    let sdk = Sdk::from_env(transport.sdk_client())?;
    let testgorilla = TestGorillaConfig::new(config.parsed("TESTGORILLA_API_URL")?);
    let smartrecruiters =
        SmartRecruitersConfig::new(config.parsed("SMARTRECRUITERS_API_URL")?, config.smartrecruiters_hosts()?);
    let ports = Ports {
        store: Table::new(&sdk, config.table()?),
        secrets: CompanySecretStore::new(&sdk, config.company_secret_prefix()?),
        queues: ResultSqs::new(&sdk, config.result_queue()?),
        testgorilla: TestGorillaClient::new(transport.clone(), testgorilla, System),
        smartrecruiters: SmartRecruitersClient::new(transport, smartrecruiters, System),
        world: System,
    };
    let settings = Settings {
        follow: follow::Settings { candidate_page: config.candidate_page()?, personal_data: config.personal_data()? },
        catalogue_max_age: config.catalogue_max_age()?,
    };
    Ok((ports, settings))
}
