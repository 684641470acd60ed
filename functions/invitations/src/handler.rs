//! The invitation queue: each message wakes one invitation, when its time has come.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::flows::Ports;
use domain::flows::invite::invite;
use domain::ids::InvitationKey;
use domain::ports::{
    Clock, CompanySecrets, Entropy, Integrations, InvitationQueue, Ledger, ResultQueue, SmartRecruiters, TestGorilla,
    Turns,
};
use runtime::batch::{self, RecordError};

/// Works on a batch, on each message no longer than `limit`.
pub(crate) async fn handle<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    event: SqsEvent,
    limit: Duration,
) -> SqsBatchResponse
where
    S: Integrations + Ledger + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    batch::process(event, limit, |message| work(ports, message)).await
}

async fn work<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, message: SqsMessage) -> Result<(), RecordError>
where
    S: Integrations + Ledger + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let key: InvitationKey = batch::parse(&message)?;
    invite(ports, &key).await?.log(&key);
    Ok(())
}
