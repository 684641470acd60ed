//! Sends an invitation: once its time has come, at most once, whatever is repeated or crashes.
//!
//! The order of things: claim the invitation (a conditional write), ask TestGorilla, note the candidature. A crash in between leaves
//! a claim that runs out; whoever comes next asks again, hears that the candidate was invited before, and adopts the candidature
//! that exists. TestGorilla invites a person to an assessment once, so asking twice never sends twice.

use std::time::Duration;

use tracing::Instrument;

use crate::flows::api_key::{KeyCallError, REFUSED_KEY_PAUSE, judged, note_key, with_key};
use crate::flows::follow::{self, Occasion, follow_read};
use crate::flows::{Ports, update};
use crate::ids::{AssessmentId, InvitationKey};
use crate::integration::{Connection, Integration};
use crate::invitation::{Invitation, Refusal, Sent, State};
use crate::outcome::Candidature;
use crate::ports::{
    Catalogue, Clock, CompanySecrets, Entropy, Integrations, InvitationQueue, Invited, Ledger, MAX_DELAY, ResultQueue,
    SmartRecruiters, SmartRecruitersError, StoreError, TestGorilla, TestGorillaError, Turns, is_saved,
};
use crate::retry::backoff;
use crate::sensitive::Personal;
use crate::timestamp::{Timestamp, in_millis};

/// How long one worker may take: longer than any function lets one work, so that whoever finds a claim run out is alone.
const CLAIM: Duration = Duration::from_secs(90);

/// Longest time from an order to its invitation, as promised.
const PROMISED: Duration = Duration::from_secs(30 * 60);

/// What became of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// TestGorilla invited the candidate now.
    Sent {
        /// Where the candidate takes the assessment, when TestGorilla says.
        link: Option<Personal<String>>,
    },
    /// The candidate was invited before; the order follows that candidature.
    Adopted {
        /// Where the candidate takes the assessment, when TestGorilla says.
        link: Option<Personal<String>>,
    },
    /// TestGorilla will never invite.
    Refused(Refusal),
    /// The integration ended before.
    Withdrawn,
    /// It was sent, or came to its end, before; its orders are published.
    Handled,
    /// Its time or its turn has not come.
    Early,
    /// It waits for its turn: others invite with the same key.
    Queued {
        /// When its turn comes.
        until: Timestamp,
    },
    /// Somebody else is at it.
    Busy,
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

impl Outcome {
    /// How long an invitation that was ordered then will have waited when its turn comes, if that is longer than promised: the line of its
    /// API key is too long.
    pub fn too_late(&self, ordered_at: Timestamp) -> Option<Duration> {
        match self {
            Self::Queued { until } => Some(until.since(ordered_at)).filter(|waits| *waits > PROMISED),
            _ => None,
        }
    }

    /// Logs what became of an invitation that was ordered then, an event for each kind.
    pub(crate) fn log(&self, invitation: &InvitationKey, ordered_at: Timestamp, now: Timestamp) {
        let waited_ms = in_millis(now.since(ordered_at));
        match self {
            Self::Sent { .. } => tracing::info!(event = "invitation.sent", %invitation, waited_ms),
            Self::Adopted { .. } => tracing::info!(event = "invitation.adopted", %invitation, waited_ms),
            Self::Refused(reason) => tracing::warn!(event = "invitation.refused", %invitation, ?reason),
            Self::Withdrawn => tracing::info!(event = "invitation.withdrawn", %invitation),
            Self::Deferred { code, until } => {
                tracing::warn!(event = "invitation.deferred", %invitation, code, %until, waited_ms);
            }
            Self::Queued { until } => {
                let late_ms = self.too_late(ordered_at).map(in_millis);
                tracing::info!(event = "invitation.queued", %invitation, %until, waited_ms, late_ms);
            }
            Self::Unknown => tracing::warn!(event = "invitation.unknown", %invitation),
            Self::Handled => tracing::debug!(event = "invitation.left", %invitation, why = "handled"),
            Self::Early => tracing::debug!(event = "invitation.left", %invitation, why = "early"),
            Self::Busy => tracing::info!(event = "invitation.left", %invitation, why = "busy"),
        }
    }
}

/// Sends an invitation when its time has come, and tells its orders what became of it.
///
/// # Errors
/// When the store fails: the message is to be delivered again.
pub async fn attend<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &follow::Settings,
    key: &InvitationKey,
) -> Result<(), StoreError>
where
    S: Catalogue + Integrations + Ledger + Turns,
    K: CompanySecrets,
    Q: InvitationQueue + ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let (outcome, integration) = in_its_time(ports, key).await?;
    let occasion = match outcome {
        Outcome::Sent { .. } | Outcome::Refused(_) | Outcome::Withdrawn => Occasion::Settled,
        // The candidate may have come further meanwhile.
        Outcome::Adopted { .. } | Outcome::Handled => Occasion::Untold,
        Outcome::Early | Outcome::Queued { .. } | Outcome::Busy | Outcome::Deferred { .. } | Outcome::Unknown => {
            return Ok(());
        }
    };
    follow_read(ports, settings, key, integration, occasion).await.map(|_| ())
}

/// Sends an invitation when its time has come, and logs what became of it.
///
/// # Errors
/// When the store fails: the message is to be delivered again. Trouble with the partners is an [`Outcome`].
pub async fn invite<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &InvitationKey,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger + Turns,
    K: CompanySecrets,
    Q: InvitationQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    in_its_time(ports, key).await.map(|(outcome, _)| outcome)
}

/// [`invite`], with the integration where it was read.
async fn in_its_time<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &InvitationKey,
) -> Result<(Outcome, Option<Integration>), StoreError>
where
    S: Integrations + Ledger + Turns,
    K: CompanySecrets,
    Q: InvitationQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Some(invitation) = ports.store.invitation(key).await? else {
        let now = ports.world.now();
        Outcome::Unknown.log(key, now, now);
        return Ok((Outcome::Unknown, None));
    };
    let (ordered_at, span) = (invitation.changed_at, invitation.span());
    let work = async {
        let now = ports.world.now();
        let wait = invitation.wait(now);
        let (outcome, integration) = match wait.is_zero() {
            true => {
                let integration = ports.store.integration(&key.company).await?;
                (resolve_and_send(ports, integration.as_ref(), invitation).await?, integration)
            }
            false => (Outcome::Early, None),
        };
        match &outcome {
            Outcome::Early => wake_again(ports, key, wait).await,
            // However long the line: the reconciler comes by too late for a turn.
            Outcome::Queued { until } => wake_again(ports, key, until.since(now)).await,
            // A try that is so far away is the reconciler's.
            Outcome::Deferred { until, .. } if until.since(now) <= PROMISED => {
                wake_again(ports, key, until.since(now)).await
            }
            _ => {}
        }
        outcome.log(key, ordered_at, ports.world.now());
        Ok((outcome, integration))
    };
    work.instrument(span).await
}

/// A lost wake-up costs time, not the invitation: it is due, and the reconciler comes by. Where the wait is longer than a message's, the
/// message comes too early and is sent on.
async fn wake_again<S, K, Q: InvitationQueue, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &InvitationKey,
    wait: Duration,
) {
    let _ = ports.queues.wake_invite(key, wait.min(MAX_DELAY)).await;
}

/// Reads the e-mail address from SmartRecruiters where the order did not carry it.
async fn resolve_email<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: Option<&Integration>,
    invitation: Invitation,
) -> Result<Result<Invitation, Outcome>, StoreError>
where
    S: Ledger,
    K: CompanySecrets,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    // What has come to its end needs no address, however late a message comes, or how often.
    let missing = invitation.candidate.as_ref().filter(|_| invitation.state == State::Scheduled);
    let missing = missing.filter(|candidate| candidate.email.is_none());
    let Some(id) = missing.and_then(|candidate| candidate.id.clone()) else { return Ok(Ok(invitation)) };
    let Some(connection) = integration.and_then(Integration::connection) else { return Ok(Ok(invitation)) };
    // One that a restore has brought back may have been sent.
    let is_unclear = invitation.is_unclear();
    let credentials = ports.secrets.company_secret(&connection.secret).await?.and_then(|secret| secret.smartrecruiters);
    let Some(credentials) = credentials else {
        return defer(ports, invitation, "no_secret", None, is_unclear).await.map(Err);
    };
    let found = match ports.smartrecruiters.candidate(&credentials, &id).await {
        Ok(found) => found,
        Err(error @ SmartRecruitersError::NotFound) if invitation.keeps_failing(error.code(), ports.world.now()) => {
            let outcome = settle(ports, invitation, State::Refused(Refusal::NoEmail), is_unclear).await?;
            return Ok(Err(outcome));
        }
        Err(error) => {
            let wait = if let SmartRecruitersError::RateLimited(wait) = error { Some(wait) } else { None };
            return defer(ports, invitation, error.code(), wait, is_unclear).await.map(Err);
        }
    };
    let Some(email) = found.email else {
        return settle(ports, invitation, State::Refused(Refusal::NoEmail), is_unclear).await.map(Err);
    };
    let stored = update::invitation(&ports.store, &invitation.key, |invitation| match &mut invitation.candidate {
        Some(candidate) if candidate.email.is_none() => {
            candidate.email = Some(email.clone());
            candidate.first_name = candidate.first_name.take().or_else(|| found.first_name.clone());
            candidate.last_name = candidate.last_name.take().or_else(|| found.last_name.clone());
            true
        }
        _ => false,
    });
    Ok(stored.await?.ok_or(Outcome::Unknown))
}

/// Reads the e-mail address where the order did not carry it, and sends.
async fn resolve_and_send<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: Option<&Integration>,
    invitation: Invitation,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger + Turns,
    K: CompanySecrets,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    match resolve_email(ports, integration, invitation).await? {
        Ok(invitation) => send_in_turn(ports, integration, invitation).await,
        Err(outcome) => Ok(outcome),
    }
}

/// Sends a scheduled invitation, or has it wait where its API key sends as fast as TestGorilla allows.
async fn send_in_turn<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: Option<&Integration>,
    mut invitation: Invitation,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger + Turns,
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock + Entropy,
{
    let now = ports.world.now();
    let is_free = invitation.state == State::Scheduled && !invitation.is_claimed(now);
    if is_free
        && !invitation.has_turn(now)
        && let Some(connection) = integration.and_then(Integration::connection)
    {
        let turn = ports.store.take_turn(&connection.api_key, ports.testgorilla.pace(), now).await?;
        if turn > now {
            invitation.queued(turn);
            let is_ours = is_saved(ports.store.save_invitation(&mut invitation).await)?;
            return Ok(if is_ours { Outcome::Queued { until: turn } } else { Outcome::Busy });
        }
    }
    send(ports, integration, invitation).await
}

/// Sends a scheduled invitation now: claims it, asks TestGorilla, notes the answer.
///
/// # Errors
/// When the store fails.
pub async fn send<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: Option<&Integration>,
    mut invitation: Invitation,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger,
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock + Entropy,
{
    let now = ports.world.now();
    if invitation.state != State::Scheduled {
        return Ok(Outcome::Handled);
    }
    if invitation.is_claimed(now) {
        return Ok(Outcome::Busy);
    }
    let key = invitation.key.clone();
    let Some(connection) = integration.and_then(Integration::connection) else {
        let is_unclear = invitation.is_unclear();
        return settle(ports, invitation, State::Withdrawn, is_unclear).await;
    };
    // An earlier worker's claim that has run out: TestGorilla may have invited.
    let was_unclear = invitation.is_unclear();
    invitation.claimed_until = Some(now + CLAIM);
    invitation.due_by(now + CLAIM);
    if !is_saved(ports.store.save_invitation(&mut invitation).await)? {
        return Ok(Outcome::Busy);
    }
    let answer = judged(ports, connection, ask(ports, connection, &invitation, was_unclear).await).await;
    let is_refused = integration.is_some_and(Integration::is_key_refused);
    if answer.is_ok() && is_refused {
        note_key(ports, &key.company, connection, false).await?;
    }
    match answer {
        Ok(Asked::Invited { candidature, is_new }) => {
            let link = candidature.link;
            let sent = Sent {
                candidature: candidature.id,
                test_taker: candidature.test_taker,
                at: candidature.created_at.unwrap_or_else(|| ports.world.now()),
            };
            settle(ports, invitation, State::Sent(sent), false).await?;
            Ok(if is_new { Outcome::Sent { link } } else { Outcome::Adopted { link } })
        }
        Ok(Asked::Refused(refusal)) => {
            // What is wrong with the address was wrong before; anything else may have been right when it was asked first.
            let is_by_address = matches!(refusal, Refusal::BadEmail | Refusal::SuspiciousEmail | Refusal::NoEmail);
            settle(ports, invitation, State::Refused(refusal), was_unclear && !is_by_address).await
        }
        Ok(Asked::NotListedYet) => defer(ports, invitation, "candidature_not_listed", None, true).await,
        Err(KeyCallError::Store(error)) => Err(error),
        Err(KeyCallError::NoSecret) => defer(ports, invitation, "no_secret", None, was_unclear).await,
        Err(KeyCallError::TestGorilla(error @ TestGorillaError::NotFound)) => {
            // It ends the order: believed of an assessment that TestGorilla does not have, and of one that it has, if it goes on.
            let (code, wait) = match why_refused(ports, connection, key.assessment).await {
                Ok(Some(refusal)) => return settle(ports, invitation, State::Refused(refusal), was_unclear).await,
                Ok(None) if invitation.keeps_failing(error.code(), ports.world.now()) => {
                    return settle(ports, invitation, State::Refused(Refusal::Other), was_unclear).await;
                }
                Err(KeyCallError::TestGorilla(TestGorillaError::RateLimited(wait))) => (error.code(), Some(wait)),
                Ok(None) | Err(_) => (error.code(), None),
            };
            defer(ports, invitation, code, wait, was_unclear).await
        }
        Err(KeyCallError::TestGorilla(error)) => {
            let wait = match &error {
                TestGorillaError::RateLimited(wait) => Some(*wait),
                TestGorillaError::KeyRefused(_) => {
                    note_key(ports, &key.company, connection, true).await?;
                    Some(REFUSED_KEY_PAUSE)
                }
                _ => None,
            };
            let is_lost = matches!(error, TestGorillaError::Unavailable(_) | TestGorillaError::Unexpected(_));
            defer(ports, invitation, error.code(), wait, was_unclear || is_lost).await
        }
    }
}

/// Withdraws an invitation that was not sent: its integration has ended. One that is being sent is left to its sender.
///
/// # Errors
/// When the store fails.
pub(crate) async fn withdraw<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &InvitationKey,
) -> Result<Outcome, StoreError>
where
    S: Ledger,
    W: Clock,
{
    let Some(invitation) = ports.store.invitation(key).await? else { return Ok(Outcome::Unknown) };
    if invitation.state == State::Scheduled && invitation.is_claimed(ports.world.now()) {
        return Ok(Outcome::Busy);
    }
    let is_unclear = invitation.is_unclear();
    settle(ports, invitation, State::Withdrawn, is_unclear).await
}

/// TestGorilla's answer.
enum Asked {
    Invited {
        candidature: Candidature,
        is_new: bool,
    },
    Refused(Refusal),
    /// Invited before, but the list does not show it: it may in a moment.
    NotListedYet,
}

async fn ask<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
    invitation: &Invitation,
    was_unclear: bool,
) -> Result<Asked, KeyCallError>
where
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let Some((candidate, email)) = invitation.candidate.as_ref().and_then(|candidate| {
        let email: Personal<String> = candidate.email.clone()?;
        Some((candidate, email))
    }) else {
        return Ok(Asked::Refused(Refusal::NoEmail));
    };
    let assessment = invitation.key.assessment;
    let testgorilla = &ports.testgorilla;
    let invited = with_key(&ports.secrets, connection, |key| async move {
        testgorilla.invite(&key, assessment, candidate, invitation.mail).await
    });
    let find = || {
        let email = &email;
        with_key(&ports.secrets, connection, move |key| async move {
            testgorilla.find_candidature(&key, assessment, email).await
        })
    };
    match invited.await? {
        Invited::New(candidature) => Ok(Asked::Invited { candidature, is_new: true }),
        // Refused now, and perhaps invited before, when the answer was lost.
        Invited::Refused(_) if was_unclear && let Some(candidature) = find().await? => {
            Ok(Asked::Invited { candidature, is_new: false })
        }
        Invited::Refused(Refusal::Other) => {
            // Where the page cannot be read, the refusal stands without it.
            let why = why_refused(ports, connection, assessment).await.ok().flatten();
            Ok(Asked::Refused(why.unwrap_or(Refusal::Other)))
        }
        Invited::Refused(refusal) => Ok(Asked::Refused(refusal)),
        Invited::Before => Ok(match find().await? {
            Some(candidature) => Asked::Invited { candidature, is_new: false },
            None => Asked::NotListedYet,
        }),
    }
}

/// Why TestGorilla refuses where its answer does not say so: the assessment's page may tell; `None` when it is open there.
async fn why_refused<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
    assessment: AssessmentId,
) -> Result<Option<Refusal>, KeyCallError>
where
    K: CompanySecrets,
    T: TestGorilla,
    W: Clock,
{
    let testgorilla = &ports.testgorilla;
    let details =
        with_key(
            &ports.secrets,
            connection,
            |key| async move { testgorilla.assessment_details(&key, assessment).await },
        );
    let now = ports.world.now();
    match details.await {
        Ok(details) => {
            let is_over = details.expires_at.is_some_and(|end| end <= now);
            Ok((details.is_archived || details.tests.is_empty() || is_over).then_some(Refusal::AssessmentClosed))
        }
        Err(KeyCallError::TestGorilla(TestGorillaError::NotFound)) => Ok(Some(Refusal::AssessmentGone)),
        Err(error) => Err(error),
    }
}

/// Moves a scheduled invitation on. Where somebody has joined it since it was read, it is read anew; what has moved on already stays.
/// `is_unclear`: it may have been sent all the same.
async fn settle<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    invitation: Invitation,
    state: State,
    is_unclear: bool,
) -> Result<Outcome, StoreError>
where
    S: Ledger,
    W: Clock,
{
    let now = ports.world.now();
    let settled = update::known_invitation(&ports.store, invitation, |invitation| {
        if invitation.state != State::Scheduled {
            return false;
        }
        invitation.end_scheduled(state, is_unclear, now);
        true
    });
    Ok(match settled.await?.map(|invitation| invitation.state) {
        Some(State::Refused(refusal)) => Outcome::Refused(refusal),
        Some(State::Withdrawn) => Outcome::Withdrawn,
        Some(_) => Outcome::Handled,
        None => Outcome::Unknown,
    })
}

/// Gives a scheduled invitation free to be tried again: after `wait`, where a partner said so, else after a growing pause.
/// `is_unclear`: it may have been sent.
async fn defer<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    invitation: Invitation,
    code: &'static str,
    wait: Option<Duration>,
    is_unclear: bool,
) -> Result<Outcome, StoreError>
where
    S: Ledger,
    W: Clock + Entropy,
{
    let random = ports.world.number();
    let spread = Duration::from_millis(random % 5_000);
    let now = ports.world.now();
    let until = now + wait.map_or_else(|| backoff(invitation.failures, random), |wait| wait + spread);
    let deferred = update::known_invitation(&ports.store, invitation, |invitation| {
        if invitation.state != State::Scheduled {
            return false;
        }
        match wait {
            Some(_) => invitation.postponed(until),
            None => invitation.failed(code, now, until),
        }
        if is_unclear {
            invitation.be_unclear(now);
        }
        true
    });
    Ok(match deferred.await?.map(|invitation| invitation.state) {
        Some(State::Scheduled) => Outcome::Deferred { code, until },
        // Somebody has brought it to its end meanwhile.
        Some(_) => Outcome::Handled,
        None => Outcome::Unknown,
    })
}
