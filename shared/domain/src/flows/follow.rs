//! Reads a candidature back from TestGorilla and publishes it to every order that shares its invitation.
//!
//! A callback, a message and the reconciler all lead here, and none of them is believed: what is published is what TestGorilla's
//! API says now.

use std::time::Duration;

use tracing::Instrument;

use crate::candidate_page::CandidatePage;
use crate::flows::look::{Trouble, look};
use crate::flows::publish::{self, Publication, publish};
use crate::flows::{Ports, update};
use crate::ids::InvitationKey;
use crate::integration::{Connection, Integration, Status as IntegrationStatus};
use crate::invitation::{Expiry, Invitation, LONGEST_LOOK, State};
use crate::ports::{
    Catalogue, Clock, CompanySecrets, Entropy, Integrations, Ledger, MAX_DELAY, ResultQueue, ResultWork,
    SmartRecruiters, StoreError, TestGorilla,
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

/// Why an invitation is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// It was sent this moment, or will not be: its orders are to be told, and there is nothing to read yet.
    Settled,
    /// Its orders are to be told.
    Untold,
    /// Something may have happened: TestGorilla is read, also where all seems told.
    Look,
    /// TestGorilla has called back.
    CalledBack,
}

impl Occasion {
    /// Whether TestGorilla is read even where all is told.
    pub(crate) const fn is_hinted(self) -> bool {
        matches!(self, Self::Look | Self::CalledBack)
    }
}

/// All is told but the PDF report.
const REPORT_MISSING: &str = "report_missing";

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
        /// How often in a row it has failed; `None` where it was only put off.
        failures: Option<u32>,
    },
    /// There is no such invitation.
    Unknown,
}

impl Outcome {
    /// Logs what became of following an invitation, an event for each kind.
    fn log(&self, invitation: &InvitationKey) {
        match self {
            Self::Followed { state, published } => {
                tracing::info!(event = "result.followed", %invitation, state, published);
            }
            Self::Deferred { code, until, failures } => {
                tracing::warn!(event = "result.deferred", %invitation, code, %until, failures);
            }
            Self::NotSent => tracing::debug!(event = "result.left", %invitation, why = "not_sent"),
            Self::Unknown => tracing::warn!(event = "result.left", %invitation, why = "unknown"),
        }
    }
}

/// Follows an invitation, and logs what became of it. `hinted`: something happened, so look even where all is published.
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
    follow_read(ports, settings, key, None, if hinted { Occasion::Look } else { Occasion::Untold }).await
}

/// Follows an invitation because TestGorilla has called back about it, and logs what became of it.
///
/// # Errors
/// As [`follow`].
pub async fn follow_callback<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    key: &InvitationKey,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    follow_read(ports, settings, key, None, Occasion::CalledBack).await
}

/// Follows an invitation, of an integration that may just have been read.
pub(crate) async fn follow_read<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    key: &InvitationKey,
    integration: Option<Integration>,
    occasion: Occasion,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Some(invitation) = ports.store.invitation(key).await? else {
        Outcome::Unknown.log(key);
        return Ok(Outcome::Unknown);
    };
    follow_known(ports, settings, invitation, integration, occasion).await
}

/// Follows an invitation that was just read.
pub(crate) async fn follow_known<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    invitation: Invitation,
    integration: Option<Integration>,
    occasion: Occasion,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let (key, span) = (invitation.key.clone(), invitation.span());
    let work = async {
        let outcome = to_its_orders(ports, settings, invitation, integration, occasion).await?;
        outcome.log(&key);
        Ok(outcome)
    };
    work.instrument(span).await
}

async fn to_its_orders<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    invitation: Invitation,
    known: Option<Integration>,
    occasion: Occasion,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Ledger + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    if invitation.state == State::Scheduled {
        return Ok(Outcome::NotSent);
    }
    let key = &invitation.key;
    let read = match known {
        Some(integration) => Some(integration),
        None => ports.store.integration(&key.company).await?,
    };
    let Some(mut integration) = read else { return Ok(Outcome::Unknown) };
    if occasion == Occasion::CalledBack {
        note_callback(ports, &mut integration, true).await?;
    }
    let Some((connection, has_ended)) = usable_connection(&integration) else {
        return close(ports, settings, invitation).await;
    };
    let read_at = ports.world.now();
    let assessment = ports.store.assessment(&key.company, key.assessment).await?;
    let looked = look(ports, &integration, connection, has_ended, &invitation, assessment.as_ref(), occasion).await?;
    let (state, reading) = match looked {
        Ok(looked) => looked,
        Err(trouble) => {
            let state = invitation.state;
            return defer(ports, invitation, state, trouble, occasion).await;
        }
    };
    let has_come_further = state != invitation.state && matches!(state, State::Started(_) | State::Completed(_));
    let is_missed = has_come_further && occasion == Occasion::Look;
    // An end is stored before it is told: whoever comes next may read another. That a candidate has started can be read again, and is
    // stored once it is told.
    let invitation = match state.is_final() {
        true => advance(ports, invitation, state).await?,
        false => Some(invitation),
    };
    let Some(invitation) = invitation else { return Ok(Outcome::Unknown) };
    let mut told = invitation.clone();
    told.move_on(state, read_at);
    let publication = Publication {
        invitation: &told,
        assessment_name: assessment.as_ref().map(|assessment| assessment.summary.name.as_str()),
        reading: reading.as_ref(),
        read_at,
        page: &settings.candidate_page,
        connection,
        has_ended,
    };
    match tell_all(ports, &publication).await? {
        Ok(published) => {
            if is_missed {
                note_callback(ports, &mut integration, false).await?;
            }
            let rest = Rest { state: told.state, read_at, hears_callbacks: integration.hears_callbacks(read_at) };
            rest.begin(ports, settings, invitation).await?;
            Ok(Outcome::Followed { state: told.state.code(), published })
        }
        Err(trouble) => {
            let is_overtaken = trouble.code == publish::OVERTAKEN && !occasion.is_hinted();
            let occasion = if is_overtaken { Occasion::Look } else { occasion };
            defer(ports, invitation, told.state, trouble, occasion).await
        }
    }
}

/// Remembers whether callbacks come: where they do, TestGorilla need not be looked at often.
async fn note_callback<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    integration: &mut Integration,
    came: bool,
) -> Result<(), StoreError>
where
    S: Integrations,
    W: Clock,
{
    let now = ports.world.now();
    if integration.note_callback(came, now) {
        update::integration(&ports.store, &integration.company, |stored| stored.note_callback(came, now)).await?;
    }
    Ok(())
}

/// The connection whose keys can still be used, and whether its integration has ended.
const fn usable_connection(integration: &Integration) -> Option<(&Connection, bool)> {
    match &integration.status {
        IntegrationStatus::Active { connection, .. } => Some((connection, false)),
        IntegrationStatus::Ended { remains: Some(connection), .. } => Some((connection, true)),
        IntegrationStatus::Ended { remains: None, .. } | IntegrationStatus::New => None,
    }
}

/// Moves the invitation on to `state`, unless it has moved further meanwhile.
async fn advance<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    invitation: Invitation,
    state: State,
) -> Result<Option<Invitation>, StoreError>
where
    S: Ledger,
    W: Clock,
{
    if invitation.state == state {
        return Ok(Some(invitation));
    }
    let now = ports.world.now();
    update::known_invitation(&ports.store, invitation, |stored| {
        let moves = stored.move_on(state, now);
        if moves {
            // Due until the orders are told, should this worker not come to it: mostly a look was due, which stays.
            stored.due_by(now + LONGEST_LOOK);
        }
        moves
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
            // What another order lacks is worth more words.
            publish::Outcome::ReportMissing => trouble = trouble.or(Some(Trouble { code: REPORT_MISSING, wait: None })),
            publish::Outcome::Busy => trouble = Some(Trouble { code: "busy", wait: Some(publish::CLAIM) }),
            publish::Outcome::Deferred { code, wait } => trouble = Some(Trouble { code, wait }),
            publish::Outcome::RateLimited { code, wait } => {
                trouble = Some(Trouble { code, wait: Some(wait) });
                // The others would be told to wait, too.
                break;
            }
        }
    }
    Ok(trouble.map_or(Ok(published), Err))
}

/// All is told: an invitation is put to rest.
struct Rest {
    /// How far the candidate is.
    state: State,
    /// When that was read.
    read_at: Timestamp,
    hears_callbacks: bool,
}

impl Rest {
    /// Notes how far the candidate is, and when to look again, or, at the end, when to erase.
    async fn begin<S, K, Q, T, R, W>(
        &self,
        ports: &Ports<S, K, Q, T, R, W>,
        settings: &Settings,
        invitation: Invitation,
    ) -> Result<(), StoreError>
    where
        S: Ledger,
        W: Clock,
    {
        let (orders, now) = (invitation.orders.len(), ports.world.now());
        let rested = update::known_invitation(&ports.store, invitation, |stored| {
            let before = stored.clone();
            let moves = stored.move_on(self.state, now);
            // Somebody moved it further, or joined it, since it was read: leave their due time.
            if stored.state != self.state || stored.orders.len() != orders {
                return moves;
            }
            stored.succeeded();
            let erase_at = stored.candidate.as_ref().map(|_| stored.changed_at + settings.personal_data);
            if self.state.is_final() {
                stored.due_at = erase_at;
            } else {
                let look_at = stored.next_look(self.read_at, self.hears_callbacks);
                let erase_at = erase_at.filter(|at| *at > self.read_at).unwrap_or(look_at);
                stored.rest_until(look_at.min(erase_at), self.read_at);
            }
            *stored != before
        });
        rested.await.map(|_| ())
    }
}

/// The integration has ended and its keys are destroyed: nobody can be told any more.
async fn close<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    settings: &Settings,
    invitation: Invitation,
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
    let rest = Rest { state: invitation.state, read_at: ports.world.now(), hears_callbacks: false };
    rest.begin(ports, settings, invitation).await?;
    Ok(Outcome::Followed { state: rest.state.code(), published: 0 })
}

/// Notes how far the candidate is, the trouble, and when to try again; a message wakes the work where that is soon.
async fn defer<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    invitation: Invitation,
    state: State,
    trouble: Trouble,
    occasion: Occasion,
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
    let key = invitation.key.clone();
    // Reports may be missing for days, which says nothing of what has failed now.
    let was_report = invitation.last_error.as_deref() == Some(REPORT_MISSING);
    let deferred = update::known_invitation(&ports.store, invitation, |stored| {
        stored.move_on(state, now);
        match trouble.wait {
            Some(_) => stored.postponed(until),
            None => stored.failed(trouble.code, now, until),
        }
        true
    });
    let failures = deferred.await?.map(|invitation| if was_report { 1 } else { invitation.failures });
    let failures = failures.filter(|_| trouble.wait.is_none());
    if pause <= MAX_DELAY {
        // The next try is for the same occasion: a callback that has come stays one that has come.
        let (hinted, called_back) = (occasion.is_hinted(), occasion == Occasion::CalledBack);
        let work = ResultWork::Follow { invitation: key, hinted, called_back };
        // Without the message the reconciler comes by: the invitation is due.
        let _ = ports.queues.wake_result(&work, pause).await;
    }
    Ok(Outcome::Deferred { code: trouble.code, until, failures })
}
