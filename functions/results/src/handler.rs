//! The result queue: reads from TestGorilla what a message points at, and publishes it to SmartRecruiters.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::flows::Ports;
use domain::flows::end::wind_down;
use domain::flows::follow::{self, follow, follow_callback};
use domain::flows::refresh::refresh;
use domain::ports::{
    Catalogue, Clients, Clock, CompanySecrets, Entropy, Integrations, Ledger, OpenWork, ResultQueue, ResultWork,
    SmartRecruiters, TestGorilla,
};
use runtime::batch::{self, RecordError};

/// What the function knows beyond its ports.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) follow: follow::Settings,
    pub(crate) catalogue_max_age: Duration,
}

/// Works on a batch, on each message no longer than `limit`.
pub(crate) async fn handle<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    event: SqsEvent,
    limit: Duration,
) -> SqsBatchResponse
where
    S: Catalogue + Clients + Integrations + Ledger + OpenWork,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    batch::process(event, limit, |message| work(ports, settings, message)).await
}

async fn work<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    message: SqsMessage,
) -> Result<(), RecordError>
where
    S: Catalogue + Clients + Integrations + Ledger + OpenWork,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    match batch::parse(&message)? {
        ResultWork::Follow { invitation, called_back: true, .. } => {
            follow_callback(ports, &settings.follow, &invitation).await?;
        }
        ResultWork::Follow { invitation, hinted, called_back: false } => {
            follow(ports, &settings.follow, &invitation, hinted).await?;
        }
        ResultWork::Refresh { company } => {
            refresh(ports, &company, settings.catalogue_max_age, true).await?.log(&company);
        }
        ResultWork::WindDown { company } => {
            let is_done = wind_down(ports, &settings.follow, &company).await?;
            tracing::info!(event = "integration.wound_down", %company, is_done);
        }
    }
    Ok(())
}
