//! Reads a candidature back from TestGorilla and publishes it to every order that shares its invitation.
//!
//! A callback, a message and the reconciler all lead here, and none of them is believed: what is published is what TestGorilla's
//! API says now.

use std::time::Duration;

use crate::candidate_page::CandidatePage;
use crate::flows::api_key::{KeyCallError, REFUSED_KEY_PAUSE, note_key, with_key};
use crate::flows::compose::Reading;
use crate::flows::publish::{self, Publication, publish};
use crate::flows::{Ports, update};
use crate::ids::InvitationKey;
use crate::integration::{Connection, Integration, Status as IntegrationStatus};
use crate::invitation::{Expiry, Invitation, Sent, State};
use crate::outcome::Progress;
use crate::ports::{
    Catalogue, Clock, CompanySecrets, Entropy, Integrations, Ledger, MAX_DELAY, ResultQueue, ResultWork,
    SmartRecruiters, StoreError, TestGorilla, TestGorillaError,
};
use crate::retry::backoff;
use crate::timestamp::Timestamp;

/// What following needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address of candidates' pages.
    pub candidate_page: CandidatePage,
    /// How long personal data is kept after an invitation's end.
    pub personal_data: Duration,
}

/// What became of following an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Where the invitation stands, and for how many orders something new was published.
    Followed {
        /// Stable name of the state.
        state: &'static str,
        /// Orders that were told something new.
        published: usize,
    },
    /// Not sent yet: nothing to follow.
    NotSent,
    /// To be tried again.
    Deferred {
        /// Why: a stable code.
        code: &'static str,
        /// When.
        until: Timestamp,
    },
    /// There is no such invitation.
    Unknown,
}

/// Trouble on the way, before it is turned into a time to try again.
struct Trouble {
    code: &'static str,
    wait: Option<Duration>,
}

/// Follows an invitation. `hinted`: something happened, so look even where all is published.
///
/// # Errors
/// When the store fails: the message is to be delivered again. Trouble with the partners is an [`Outcome`].
pub async fn follow<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    key: &InvitationKey,
    hinted: bool,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Some(invitation) = ports.store.invitation(key).await? else { return Ok(Outcome::Unknown) };
    if invitation.state == State::Scheduled {
        return Ok(Outcome::NotSent);
    }
    let Some(integration) = ports.store.integration(&key.company).await? else { return Ok(Outcome::Unknown) };
    let Some((connection, has_ended)) = usable_connection(&integration) else {
        return close(ports, settings, &invitation).await;
    };
    let read_at = ports.world.now();
    let looked = look(ports, &integration, connection, has_ended, &invitation, hinted).await?;
    let (state, reading) = match looked {
        Ok(looked) => looked,
        Err(trouble) => return defer(ports, &invitation, trouble, hinted).await,
    };
    let Some(invitation) = advance(ports, &invitation, state).await? else { return Ok(Outcome::Unknown) };
    let name = ports.store.assessment(&key.company, key.assessment).await?.map(|assessment| assessment.summary.name);
    let publication = Publication {
        invitation: &invitation,
        assessment_name: name.as_deref(),
        reading: reading.as_ref(),
        read_at,
        page: &settings.candidate_page,
        connection,
        has_ended,
    };
    match tell_all(ports, &publication).await? {
        Ok(published) => {
            rest(ports, settings, &invitation, read_at).await?;
            Ok(Outcome::Followed { state: invitation.state.code(), published })
        }
        Err(trouble) => defer(ports, &invitation, trouble, hinted).await,
    }
}

/// The connection whose keys can still be used, and whether its integration has ended.
const fn usable_connection(integration: &Integration) -> Option<(&Connection, bool)> {
    match &integration.status {
        IntegrationStatus::Active { connection, .. } => Some((connection, false)),
        IntegrationStatus::Ended { remains: Some(connection), .. } => Some((connection, true)),
        IntegrationStatus::Ended { remains: None, .. } | IntegrationStatus::New => None,
    }
}

/// Where the invitation stands by what TestGorilla says now, with the results when it is completed.
async fn look<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: &Integration,
    connection: &Connection,
    has_ended: bool,
    invitation: &Invitation,
    hinted: bool,
) -> Result<Result<(State, Option<Reading>), Trouble>, StoreError>
where
    S: Integrations + Ledger + Catalogue,
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let sent = match invitation.state {
        State::Sent(sent) | State::Started(sent) if has_ended => {
            return Ok(Ok((State::Expired(sent, Expiry::IntegrationEnded), None)));
        }
        State::Sent(sent) | State::Started(sent) => sent,
        // A finished candidate is read again when something happened, or when an order is still to be told.
        State::Completed(sent) if hinted || has_untold_orders(ports, invitation).await? => sent,
        state => return Ok(Ok((state, None))),
    };
    let read = read(ports, connection, invitation, sent).await;
    if read.is_ok() && integration.is_key_refused() {
        note_key(ports, &invitation.key.company, false).await?;
    }
    match read {
        Ok(looked) => Ok(Ok(looked)),
        Err(KeyCallError::Store(error)) => Err(error),
        Err(KeyCallError::NoSecret) => Ok(Err(Trouble { code: "no_secret", wait: None })),
        Err(KeyCallError::TestGorilla(error)) => {
            let wait = match &error {
                TestGorillaError::RateLimited(wait) => Some(*wait),
                TestGorillaError::KeyRefused(_) => {
                    note_key(ports, &invitation.key.company, true).await?;
                    Some(REFUSED_KEY_PAUSE)
                }
                _ => None,
            };
            Ok(Err(Trouble { code: error.code(), wait }))
        }
    }
}

/// Whether an order of a completed invitation lacks its result or its report.
async fn has_untold_orders<S: Ledger, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    invitation: &Invitation,
) -> Result<bool, StoreError> {
    for id in &invitation.orders {
        let order = ports.store.order(&invitation.key.company, *id).await?;
        if order.is_some_and(|order| order.is_open()) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn read<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
    invitation: &Invitation,
    sent: Sent,
) -> Result<(State, Option<Reading>), KeyCallError>
where
    S: Catalogue,
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
        let state = match invitation.state {
            State::Completed(_) => invitation.state,
            _ => State::Expired(sent, Expiry::CandidatureDeleted),
        };
        return Ok((state, None));
    };
    let is_completed = attempt.progress == Progress::Completed || matches!(invitation.state, State::Completed(_));
    if is_completed {
        let tests = with_key(&ports.secrets, connection, |key| async move {
            testgorilla.test_results(&key, assessment, sent.test_taker).await
        });
        let tests = tests.await?;
        return Ok((State::Completed(sent), Some(Reading { attempt, tests })));
    }
    if has_assessment_ended(ports, connection, invitation).await? {
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
) -> Result<bool, KeyCallError>
where
    S: Catalogue,
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let assessment = invitation.key.assessment;
    let now = ports.world.now();
    let copy = ports.store.assessment(&invitation.key.company, assessment).await?;
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

/// Moves the invitation on to `state`, unless it has moved further meanwhile.
async fn advance<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    invitation: &Invitation,
    state: State,
) -> Result<Option<Invitation>, StoreError>
where
    S: Ledger,
    W: Clock,
{
    if invitation.state == state {
        return Ok(Some(invitation.clone()));
    }
    let now = ports.world.now();
    update::invitation(&ports.store, &invitation.key, |stored| {
        if !stored.state.may_become(&state) {
            return false;
        }
        stored.enter(state, now);
        // Due until the orders are told.
        stored.due_at = Some(now);
        true
    })
    .await
}

/// Tells every order; returns how many learned something new, or the trouble that some had.
async fn tell_all<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    publication: &Publication<'_>,
) -> Result<Result<usize, Trouble>, StoreError>
where
    S: Ledger,
    K: CompanySecrets,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock,
{
    let mut published = 0;
    let mut trouble = None;
    for id in &publication.invitation.orders {
        match publish(ports, publication, *id).await? {
            publish::Outcome::Published => published += 1,
            publish::Outcome::Unchanged => {}
            publish::Outcome::ReportMissing => trouble = Some(Trouble { code: "report_missing", wait: None }),
            publish::Outcome::Busy => trouble = Some(Trouble { code: "busy", wait: Some(publish::CLAIM) }),
            publish::Outcome::Deferred { code, wait } => trouble = Some(Trouble { code, wait }),
        }
    }
    Ok(trouble.map_or(Ok(published), Err))
}

/// All is told: says when to look again, or, at the end, when to erase.
async fn rest<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    invitation: &Invitation,
    read_at: Timestamp,
) -> Result<(), StoreError>
where
    S: Ledger,
    W: Clock,
{
    let rested = update::invitation(&ports.store, &invitation.key, |stored| {
        // Somebody moved it on, or joined it, since it was read: leave their due time.
        if stored.state != invitation.state || stored.orders.len() != invitation.orders.len() {
            return false;
        }
        stored.succeeded();
        stored.due_at = match stored.state.is_final() {
            true => stored.candidate.as_ref().map(|_| stored.changed_at + settings.personal_data),
            false => Some(stored.next_look(read_at)),
        };
        true
    });
    rested.await.map(|_| ())
}

/// The integration has ended and its keys are destroyed: nobody can be told any more.
async fn close<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    invitation: &Invitation,
) -> Result<Outcome, StoreError>
where
    S: Ledger,
    W: Clock,
{
    let state = match invitation.state {
        State::Sent(sent) | State::Started(sent) => State::Expired(sent, Expiry::IntegrationEnded),
        state => state,
    };
    let Some(invitation) = advance(ports, invitation, state).await? else { return Ok(Outcome::Unknown) };
    for id in &invitation.orders {
        let closed = update::order(&ports.store, &invitation.key.company, *id, |order| {
            let is_open = order.is_open();
            if is_open {
                order.closed = Some(crate::order::Closed::IntegrationEnded);
            }
            is_open
        });
        closed.await?;
    }
    rest(ports, settings, &invitation, ports.world.now()).await?;
    Ok(Outcome::Followed { state: invitation.state.code(), published: 0 })
}

/// Notes the trouble and when to try again; a message wakes the work where that is soon.
async fn defer<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    invitation: &Invitation,
    trouble: Trouble,
    hinted: bool,
) -> Result<Outcome, StoreError>
where
    S: Ledger,
    Q: ResultQueue,
    W: Clock + Entropy,
{
    let random = ports.world.number();
    let now = ports.world.now();
    let spread = Duration::from_millis(random % 5_000);
    let pause = trouble.wait.map_or_else(|| backoff(invitation.failures, random), |wait| wait + spread);
    let until = now + pause;
    let deferred = update::invitation(&ports.store, &invitation.key, |stored| {
        match trouble.wait {
            Some(_) => stored.postponed(until),
            None => stored.failed(trouble.code, until),
        }
        true
    });
    deferred.await?;
    if pause <= MAX_DELAY {
        let work = ResultWork::Follow { invitation: invitation.key.clone(), hinted };
        // Without the message the reconciler comes by: the invitation is due.
        let _ = ports.queues.wake_result(&work, pause).await;
    }
    Ok(Outcome::Deferred { code: trouble.code, until })
}
