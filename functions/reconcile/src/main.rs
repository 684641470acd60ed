//! Sees to whatever is due, on a schedule.

mod handler;
#[cfg(test)]
mod tests;
mod wire;

use aws::{CompanySecretStore, InvitationSqs, Queues, ResultSqs, Sdk, Table};
use domain::flows::{Ports, follow};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use partners::{SmartRecruitersClient, SmartRecruitersConfig, TestGorillaClient, TestGorillaConfig};
use runtime::config::{Config, environment};
use runtime::system::System;
use runtime::telemetry;
use runtime::transport::Transport;
use serde_json::Value;

type AppPorts = Ports<
    Table,
    CompanySecretStore,
    Queues<InvitationSqs, ResultSqs>,
    TestGorillaClient<System>,
    SmartRecruitersClient<System>,
    System,
>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_PKG_NAME"));
    let app = app(&Config::new(&environment)).inspect_err(|error| telemetry::not_started(error.as_ref()))?;
    let (ports, settings) = &app;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let stop_at = handler::stop_at(event.context.deadline());
        telemetry::invocation(&event.context, async move {
            let reply = handler::handle(ports, settings, &event.payload, stop_at).await;
            reply.inspect_err(|error| tracing::error!(event = "invocation.failed", %error)).map_err(Error::from)
        })
    }))
    .await
}

fn app(config: &Config<'_>) -> Result<(AppPorts, follow::Settings), Error> {
    let transport = Transport::warmed();
    let sdk = Sdk::from_env(transport.sdk_client())?;
    let pace = config.pace()?;
    let testgorilla = TestGorillaConfig { pace, ..TestGorillaConfig::new(config.parsed("TESTGORILLA_API_URL")?) };
    let smartrecruiters =
        SmartRecruitersConfig::new(config.parsed("SMARTRECRUITERS_API_URL")?, config.smartrecruiters_hosts()?);
    let ports = Ports {
        store: Table::new(&sdk, config.table()?),
        secrets: CompanySecretStore::new(&sdk, config.company_secret_prefix()?),
        queues: Queues {
            invitations: InvitationSqs::new(&sdk, config.invitation_queue()?),
            results: ResultSqs::new(&sdk, config.result_queue()?),
        },
        testgorilla: TestGorillaClient::new(transport.clone(), testgorilla, System),
        smartrecruiters: SmartRecruitersClient::new(transport, smartrecruiters, System),
        world: System,
    };
    let settings =
        follow::Settings { candidate_page: config.candidate_page()?, personal_data: config.personal_data()? };
    Ok((ports, settings))
}
