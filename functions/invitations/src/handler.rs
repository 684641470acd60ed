//! The invitation queue: each message wakes one invitation, when its time has come. What becomes of it is told at once.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::flows::{Ports, follow, invite};
use domain::ids::InvitationKey;
use domain::ports::{
    Catalogue, Clock, CompanySecrets, Entropy, Integrations, InvitationQueue, Ledger, ResultQueue, SmartRecruiters,
    TestGorilla, Turns,
};
use runtime::batch::{self, RecordError};

/// Works on a batch, on each message no longer than `limit`.
pub(crate) async fn handle<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    event: SqsEvent,
    limit: Duration,
) -> SqsBatchResponse
where
    S: Catalogue + Integrations + Ledger + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    batch::process(event, limit, |message| work(ports, settings, message)).await
}

async fn work<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    message: SqsMessage,
) -> Result<(), RecordError>
where
    S: Catalogue + Integrations + Ledger + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let key: InvitationKey = batch::parse(&message)?;
    Ok(invite::attend(ports, settings, &key).await?)
}
