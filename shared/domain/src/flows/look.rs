//! Looks at TestGorilla: how far the candidate of an invitation is now, and with what result.

use std::time::Duration;

use crate::assessment::Assessment;
use crate::flows::Ports;
use crate::flows::api_key::{KeyCallError, REFUSED_KEY_PAUSE, judged, note_key, with_key};
use crate::flows::compose::Reading;
use crate::flows::follow::Occasion;
use crate::flows::order::has_untold_orders;
use crate::integration::{Connection, Integration};
use crate::invitation::{Expiry, Invitation, Sent, State};
use crate::outcome::Progress;
use crate::ports::{Clock, CompanySecrets, Integrations, Ledger, StoreError, TestGorilla, TestGorillaError};

/// Trouble on the way, before it is turned into a time to try again.
pub(crate) struct Trouble {
    /// Stable.
    pub(crate) code: &'static str,
    /// How long to wait at least, where a partner said so.
    pub(crate) wait: Option<Duration>,
}

/// Where the invitation stands by what TestGorilla says now, with the results when it is completed.
pub(crate) async fn look<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: &Integration,
    connection: &Connection,
    has_ended: bool,
    invitation: &Invitation,
    assessment: Option<&Assessment>,
    occasion: Occasion,
) -> Result<Result<(State, Option<Reading>), Trouble>, StoreError>
where
    S: Integrations + Ledger,
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let sent = match invitation.state {
        State::Sent(sent) | State::Started(sent) if has_ended => {
            return Ok(Ok((State::Expired(sent, Expiry::IntegrationEnded), None)));
        }
        State::Sent(sent) | State::Started(sent) if occasion != Occasion::Settled => sent,
        // A finished candidate is read again when something happened, or when an order is still to be told.
        State::Completed(sent) if occasion.is_hinted() || has_untold_orders(ports, invitation).await? => sent,
        state => return Ok(Ok((state, None))),
    };
    let read = judged(ports, connection, read(ports, connection, invitation, assessment, sent).await).await;
    if read.is_ok() && integration.is_key_refused() {
        note_key(ports, &invitation.key.company, connection, false).await?;
    }
    match read {
        Ok((State::Expired(_, Expiry::CandidatureDeleted), _) | (_, Some(Reading::Gone)))
            if !invitation.keeps_failing(MISSING, ports.world.now()) =>
        {
            Ok(Err(Trouble { code: MISSING, wait: None }))
        }
        Ok(looked) => Ok(Ok(looked)),
        Err(KeyCallError::Store(error)) => Err(error),
        Err(KeyCallError::NoSecret) => Ok(Err(Trouble { code: "no_secret", wait: None })),
        Err(KeyCallError::TestGorilla(error)) => {
            let wait = match &error {
                TestGorillaError::RateLimited(wait) => Some(*wait),
                TestGorillaError::KeyRefused(_) => {
                    note_key(ports, &invitation.key.company, connection, true).await?;
                    Some(REFUSED_KEY_PAUSE)
                }
                _ => None,
            };
            Ok(Err(Trouble { code: error.code(), wait }))
        }
    }
}

/// TestGorilla does not have the attempt.
const MISSING: &str = "attempt_missing";

async fn read<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
    invitation: &Invitation,
    copy: Option<&Assessment>,
    sent: Sent,
) -> Result<(State, Option<Reading>), KeyCallError>
where
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let testgorilla = &ports.testgorilla;
    let assessment = invitation.key.assessment;
    let attempt = with_key(&ports.secrets, connection, |key| async move {
        testgorilla.attempt(&key, sent.test_taker, sent.candidature).await
    });
    let attempt = match attempt.await {
        Ok(attempt) => attempt,
        Err(KeyCallError::TestGorilla(TestGorillaError::NotFound)) => None,
        Err(error) => return Err(error),
    };
    // An attempt at another assessment is not this candidate's, whatever its id says.
    let Some(attempt) = attempt.filter(|attempt| attempt.assessment == assessment) else {
        return Ok(match invitation.state {
            State::Completed(_) => (invitation.state, Some(Reading::Gone)),
            _ => (State::Expired(sent, Expiry::CandidatureDeleted), None),
        });
    };
    let is_completed = attempt.progress == Progress::Completed || matches!(invitation.state, State::Completed(_));
    if is_completed {
        let tests = with_key(&ports.secrets, connection, |key| async move {
            testgorilla.test_results(&key, assessment, sent.test_taker).await
        });
        let tests = tests.await?;
        return Ok((State::Completed(sent), Some(Reading::Result { attempt, tests })));
    }
    if has_assessment_ended(ports, connection, invitation, copy).await? {
        return Ok((State::Expired(sent, Expiry::AssessmentEnded), None));
    }
    let has_started = attempt.progress == Progress::Started || matches!(invitation.state, State::Started(_));
    Ok((if has_started { State::Started(sent) } else { State::Sent(sent) }, None))
}

/// Whether the candidate can no longer finish: by the stored copy, and where that says so by TestGorilla itself.
async fn has_assessment_ended<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
    invitation: &Invitation,
    copy: Option<&Assessment>,
) -> Result<bool, KeyCallError>
where
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let assessment = invitation.key.assessment;
    let now = ports.world.now();
    if !copy.is_some_and(|copy| copy.has_ended(now)) {
        return Ok(false);
    }
    let testgorilla = &ports.testgorilla;
    let details =
        with_key(
            &ports.secrets,
            connection,
            |key| async move { testgorilla.assessment_details(&key, assessment).await },
        );
    match details.await {
        Ok(details) => Ok(details.is_archived || details.expires_at.is_some_and(|end| end <= now)),
        Err(KeyCallError::TestGorilla(TestGorillaError::NotFound)) => Ok(true),
        Err(error) => Err(error),
    }
}
