//! Publishes to SmartRecruiters what an order's recruiter should see: never twice the same, never backwards, one publisher at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::candidate_page::CandidatePage;
use crate::flows::compose::{Reading, compose};
use crate::flows::{Ports, update};
use crate::ids::OrderId;
use crate::integration::Connection;
use crate::invitation::{Invitation, State};
use crate::order::{Closed, Order, OrderKind, Published, Report};
use crate::ports::{
    Clock, CompanySecrets, Ledger, SmartRecruiters, SmartRecruitersError, StoreError, TestGorilla, TestGorillaError,
    is_saved,
};
use crate::report::Status;
use crate::sensitive::ClientCredentials;
use crate::timestamp::{Timestamp, in_millis};

/// How long one publisher may take: longer than the time-outs of the calls it makes.
pub(crate) const CLAIM: Duration = Duration::from_secs(90);

/// An order that SmartRecruiters does not know so long after it ordered will not become known.
const UNKNOWN_ORDER_PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// And not by one answer, which may be about a moment of theirs.
const UNKNOWN_ORDER_TRIES: u32 = 5;

/// A PDF report that a partner does not have is asked for this often: it may be rendered in a moment.
const REPORT_TRIES: u32 = 5;
/// A PDF report is given up after so many tries with growing pauses, which is three days at least: the candidate page shows the same.
const PATIENT_REPORT_TRIES: u32 = 150;

/// Somebody else, by whose clock the claim had run out, published while this publisher was at it: what SmartRecruiters shows now may
/// be the older of the two, so it is looked at once more.
pub(crate) const OVERTAKEN: &str = "overtaken";

/// What became of publishing for one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// SmartRecruiters took it.
    Published,
    /// It had been published before, or the order takes nothing more.
    Unchanged,
    /// Published, but the PDF report is still to come.
    ReportMissing,
    /// Somebody else is publishing for the order.
    Busy,
    /// To be tried again.
    Deferred {
        /// Why: a stable code.
        code: &'static str,
        /// How long to wait, where that is known.
        wait: Option<Duration>,
    },
    /// SmartRecruiters wants to be spared, whatever is published.
    RateLimited {
        /// Why: a stable code.
        code: &'static str,
        /// For so long.
        wait: Duration,
    },
}

/// What publishing for the orders of one invitation needs to know.
pub(crate) struct Publication<'a> {
    pub(crate) invitation: &'a Invitation,
    pub(crate) assessment_name: Option<&'a str>,
    pub(crate) reading: Option<&'a Reading>,
    /// When TestGorilla was read.
    pub(crate) read_at: Timestamp,
    pub(crate) page: &'a CandidatePage,
    /// The connection whose credentials are used.
    pub(crate) connection: &'a Connection,
    /// The integration has ended: when SmartRecruiters refuses the credentials, that is final.
    pub(crate) has_ended: bool,
}

/// Publishes for one order.
///
/// # Errors
/// When the store fails. Trouble with the partners is an [`Outcome`].
pub(crate) async fn publish<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    publication: &Publication<'_>,
    id: OrderId,
) -> Result<Outcome, StoreError>
where
    S: Ledger,
    K: CompanySecrets,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock,
{
    let company = &publication.invitation.key.company;
    let Some(mut order) = ports.store.order(company, id).await? else { return Ok(Outcome::Unchanged) };
    if !is_readable(publication) {
        // Somebody else has read the results and is about to publish them.
        return Ok(if order.is_open() { Outcome::Busy } else { Outcome::Unchanged });
    }
    if matches!(publication.reading, Some(Reading::Gone)) && is_told_completed(&order) {
        // What was told stays.
        return without_report(ports, publication, id).await;
    }
    if !has_news(&order, publication) {
        return Ok(Outcome::Unchanged);
    }
    if let Some(published) = order.published.as_ref().filter(|published| published.at > publication.read_at) {
        // What was read before does not replace it; that is for another reading, after it by every clock.
        let wait = Some(published.at.since(publication.read_at));
        return Ok(Outcome::Deferred { code: "read_too_early", wait });
    }
    let now = ports.world.now();
    if order.is_claimed(now) {
        return Ok(Outcome::Busy);
    }
    order.claimed_until = Some(now + CLAIM);
    if !is_saved(ports.store.save_order(&mut order).await)? {
        return Ok(Outcome::Busy);
    }
    let told = tell(ports, publication, &mut order).await;
    note(ports, publication, &order, told).await
}

/// Whether it is known what to publish: of what is completed nothing can be said without its results.
const fn is_readable(publication: &Publication<'_>) -> bool {
    publication.reading.is_some() || !matches!(publication.invitation.state, State::Completed(_))
}

fn is_told_completed(order: &Order) -> bool {
    order.published.as_ref().is_some_and(|published| published.status == Status::Completed)
}

/// No PDF report will come any more.
async fn without_report<S: Ledger, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    publication: &Publication<'_>,
    id: OrderId,
) -> Result<Outcome, StoreError> {
    update::order(&ports.store, &publication.invitation.key.company, id, |order| {
        let is_missing = matches!(order.report, Report::Missing { .. });
        if is_missing {
            order.report = Report::Without;
        }
        is_missing
    })
    .await?;
    Ok(Outcome::Unchanged)
}

/// Whether SmartRecruiters lacks anything of what would be published now.
fn has_news(order: &Order, publication: &Publication<'_>) -> bool {
    if order.closed.is_some() {
        return false;
    }
    let report =
        compose(order, publication.invitation, publication.assessment_name, publication.reading, publication.page);
    match &order.published {
        None => true,
        Some(published) if !report.status.may_follow(published.status) => false,
        Some(published) => published.digest != report.digest() || wants_report(order, publication),
    }
}

fn wants_report(order: &Order, publication: &Publication<'_>) -> bool {
    let is_completed = matches!(publication.invitation.state, State::Completed(_));
    is_completed && order.kind == OrderKind::Package && matches!(order.report, Report::Missing { .. })
}

/// Makes the calls. The PDF goes first, so that one patch tells all; its failure never holds up the score.
async fn tell<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    publication: &Publication<'_>,
    order: &mut Order,
) -> Result<Option<Published>, SmartRecruitersError>
where
    S: Ledger,
    K: CompanySecrets,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock,
{
    let secret = ports.secrets.company_secret(&publication.connection.secret).await;
    let secret = secret.map_err(|error| SmartRecruitersError::Unavailable(error.into()))?;
    let Some(secret) = secret else { return Err(SmartRecruitersError::CredentialsRefused) };
    let Some(mut credentials) = secret.smartrecruiters else { return Err(SmartRecruitersError::CredentialsRefused) };
    if matches!(publication.reading, Some(Reading::Gone)) {
        order.report = Report::Without;
    }
    if wants_report(order, publication) {
        order.report = attach(ports, publication, order, &secret.api_key, &credentials).await;
    }
    let report =
        compose(order, publication.invitation, publication.assessment_name, publication.reading, publication.page);
    let digest = report.digest();
    if order.published.as_ref().is_some_and(|published| published.digest == digest) {
        return Ok(None);
    }
    let mut answer = ports.smartrecruiters.publish(&credentials, &order.result_url, &report).await;
    if matches!(answer, Err(SmartRecruitersError::CredentialsRefused)) {
        // The remembered pair may be old: read it again, once.
        if let Some(stored) = stored_credentials(ports, publication).await.filter(|stored| *stored != credentials) {
            credentials = stored;
            answer = ports.smartrecruiters.publish(&credentials, &order.result_url, &report).await;
        }
    }
    answer?;
    Ok(Some(Published { status: report.status, scored: report.score.is_some(), digest, at: publication.read_at }))
}

async fn stored_credentials<S, K: CompanySecrets, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    publication: &Publication<'_>,
) -> Option<ClientCredentials> {
    ports.secrets.company_secret_now(&publication.connection.secret).await.ok()??.smartrecruiters
}

/// Moves the PDF report from TestGorilla to SmartRecruiters. Where it lies is noted together with what is told next.
async fn attach<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    publication: &Publication<'_>,
    order: &Order,
    key: &crate::sensitive::ApiKey,
    credentials: &ClientCredentials,
) -> Report
where
    T: TestGorilla,
    R: SmartRecruiters,
{
    let Report::Missing { failures } = order.report else { return order.report.clone() };
    let failures = failures + 1;
    let failed = |tries| if failures < tries { Report::Missing { failures } } else { Report::Without };
    let Some(sent) = publication.invitation.state.sent() else { return order.report.clone() };
    let pdf = match ports.testgorilla.report(key, sent.test_taker, sent.candidature).await {
        Ok(pdf) => pdf,
        Err(error) => {
            tracing::warn!(event = "report.not_rendered", order = %order.id(), code = error.code());
            return failed(if matches!(error, TestGorillaError::NotFound) {
                REPORT_TRIES
            } else {
                PATIENT_REPORT_TRIES
            });
        }
    };
    match ports.smartrecruiters.attach(credentials, &order.result_url, pdf).await {
        Ok(url) => Report::Attached(url),
        Err(error) => {
            tracing::warn!(event = "report.not_attached", order = %order.id(), code = error.code());
            failed(match error {
                SmartRecruitersError::Refused(_) => 0,
                SmartRecruitersError::NotFound => REPORT_TRIES,
                _ => PATIENT_REPORT_TRIES,
            })
        }
    }
}

/// Notes what SmartRecruiters took, and gives the order free.
async fn note<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    publication: &Publication<'_>,
    order: &Order,
    told: Result<Option<Published>, SmartRecruitersError>,
) -> Result<Outcome, StoreError>
where
    S: Ledger,
    W: Clock,
{
    let is_unknown = matches!(told, Err(SmartRecruitersError::NotFound));
    let unknown_answers = if is_unknown { order.unknown_answers.saturating_add(1) } else { 0 };
    let closed = match &told {
        Err(SmartRecruitersError::NotFound)
            if publication.has_ended
                || (publication.read_at.since(order.accepted_at) > UNKNOWN_ORDER_PATIENCE
                    && unknown_answers >= UNKNOWN_ORDER_TRIES) =>
        {
            Some(Closed::UnknownOrder)
        }
        Err(SmartRecruitersError::CredentialsRefused | SmartRecruitersError::Refused(403)) if publication.has_ended => {
            Some(Closed::IntegrationEnded)
        }
        _ => None,
    };
    let company = &publication.invitation.key.company;
    let is_overtaken = AtomicBool::new(false);
    let noted = update::known_order(&ports.store, order.clone(), |stored| {
        if let Ok(Some(published)) = &told {
            let is_known = stored.published == order.published || stored.published.as_ref() == Some(published);
            is_overtaken.fetch_or(!is_known, Ordering::Relaxed);
        }
        stored.claimed_until = None;
        stored.unknown_answers = unknown_answers;
        // Who was overtaken may have failed where the other one did not.
        if !matches!(stored.report, Report::Attached(_)) {
            stored.report = order.report.clone();
        }
        stored.closed = stored.closed.or(closed);
        if let Ok(Some(published)) = &told {
            stored.published = Some(published.clone());
        }
        true
    });
    let noted = noted.await?;
    if closed.is_some() {
        tracing::warn!(event = "order.closed", order = %order.id(), %company, reason = ?closed);
        return Ok(Outcome::Unchanged);
    }
    log(publication, order, &told, ports.world.now());
    match told {
        Ok(Some(_)) if is_overtaken.load(Ordering::Relaxed) => Ok(Outcome::Deferred { code: OVERTAKEN, wait: None }),
        Ok(_) if noted.is_some_and(|order| wants_report(&order, publication)) => Ok(Outcome::ReportMissing),
        Ok(Some(_)) => Ok(Outcome::Published),
        Ok(None) => Ok(Outcome::Unchanged),
        Err(error) => Ok(match error {
            SmartRecruitersError::RateLimited(wait) => Outcome::RateLimited { code: error.code(), wait },
            _ => Outcome::Deferred { code: error.code(), wait: None },
        }),
    }
}

/// Logs what an order was told, or why not. How long its recruiter had waited is said of a new status alone: what else may be new, such as
/// a score that was corrected, has no time since when it was known.
fn log(
    publication: &Publication<'_>,
    order: &Order,
    told: &Result<Option<Published>, SmartRecruitersError>,
    now: Timestamp,
) {
    let (invitation, id) = (publication.invitation, order.id());
    let status = invitation.state.status();
    let is_new = order.published.as_ref().is_none_or(|published| published.status != status);
    let known_since = invitation.changed_at.max(order.accepted_at);
    let waited_ms = is_new.then(|| in_millis(now.since(known_since)));
    match told {
        Ok(Some(_)) => tracing::info!(event = "result.published", order = %id, ?status, waited_ms),
        Ok(None) => {}
        Err(error) => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::warn!(event = "result.not_published", order = %id, ?status, code = error.code(), cause, waited_ms);
        }
    }
}
