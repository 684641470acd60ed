//! Refreshes a company's stored catalogue from TestGorilla: one list, and the pages of what is new or changed, within TestGorilla's
//! budget of 20 such calls a minute.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::assessment::{Assessment, AssessmentStatus, AssessmentSummary};
use crate::flows::Ports;
use crate::flows::api_key::{KeyCallError, note_key, with_key};
use crate::ids::{AssessmentId, CompanyId};
use crate::integration::Connection;
use crate::ports::{
    Catalogue, CatalogueState, Clock, CompanySecrets, Integrations, ResultQueue, ResultWork, StoreError, TestGorilla,
    TestGorillaError, is_saved,
};
use crate::timestamp::Timestamp;

/// Pages of assessments read in one refresh: with the list and a look by someone else, below 20 a minute.
const DETAILS_AT_ONCE: usize = 15;

/// Pause after a failure, and while pages are still to be read.
const SHORT_PAUSE: Duration = Duration::from_secs(60);

/// A message goes on with the pages that are still to be read, once TestGorilla's minute is over.
const NEXT_PAGES: Duration = Duration::from_secs(63);

/// What became of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Read.
    Refreshed {
        /// Assessments that the integration recognises.
        recognised: usize,
        /// New or changed ones.
        changed: usize,
        /// Pages still to be read.
        pending: usize,
    },
    /// Somebody else has just read it, or is at it.
    Fresh,
    /// The company is not connected.
    NotConnected,
    /// TestGorilla could not be read; the old copy stays.
    Failed {
        /// Why: a stable code.
        code: &'static str,
        /// How often in a row; `None` where it was only put off.
        failures: Option<u32>,
    },
}

impl Outcome {
    /// Logs what became of a refresh, an event for each kind.
    pub fn log(&self, company: &CompanyId) {
        match self {
            Self::Refreshed { recognised, changed, pending } => {
                tracing::info!(event = "catalogue.refreshed", %company, recognised, changed, pending);
            }
            Self::Failed { code, failures } => {
                tracing::warn!(event = "catalogue.failed", %company, code, failures);
            }
            Self::Fresh => tracing::debug!(event = "catalogue.left", %company, why = "fresh"),
            Self::NotConnected => tracing::info!(event = "catalogue.left", %company, why = "not_connected"),
        }
    }
}

/// Marks a company's catalogue as due.
///
/// # Errors
/// When the store fails.
pub async fn schedule<S: Catalogue>(store: &S, company: &CompanyId, now: Timestamp) -> Result<(), StoreError> {
    let (state, _) = store.catalogue(company).await?;
    let mut state = state.unwrap_or_else(|| CatalogueState::new(company.clone()));
    state.checked_at = None;
    state.due_at = Some(now);
    // Whoever saved in between is refreshing it, or has: at worst the copy is as old as it may be.
    is_saved(store.save_catalogue_state(&mut state).await)?;
    Ok(())
}

/// Refreshes a catalogue that was not checked within `max_age`. `listed`: SmartRecruiters has just asked for it, so that it is
/// likely to ask again soon.
///
/// # Errors
/// When the store fails.
pub async fn refresh<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    max_age: Duration,
    listed: bool,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    T: TestGorilla,
    W: Clock,
{
    let now = ports.world.now();
    let (state, known) = ports.store.catalogue(company).await?;
    let mut state = state.unwrap_or_else(|| CatalogueState::new(company.clone()));
    if listed && state.checked_at.is_some_and(|checked| now.since(checked) <= max_age) {
        return Ok(Outcome::Fresh);
    }
    let integration = ports.store.integration(company).await?;
    let active =
        integration.as_ref().and_then(|integration| Some((integration.connection()?, integration.enabled_at()?)));
    let Some((connection, enabled_at)) = active else {
        // While it is being connected the catalogue stays due: whoever connects it has asked for that before.
        let attempt = integration.as_ref().and_then(|integration| integration.attempt.as_ref());
        state.due_at = attempt.map(|attempt| attempt.claimed_until.max(now + SHORT_PAUSE));
        save(ports, &mut state).await?;
        return Ok(Outcome::NotConnected);
    };
    state.checked_at = Some(now);
    state.due_at = Some(now + SHORT_PAUSE);
    if listed {
        state.listed_at = Some(now);
    }
    if !save(ports, &mut state).await? {
        return Ok(Outcome::Fresh);
    }
    let testgorilla = &ports.testgorilla;
    let list = with_key(&ports.secrets, connection, |key| async move { testgorilla.assessments(&key).await }).await;
    let is_refused = integration.as_ref().is_some_and(|integration| integration.is_key_refused());
    let list = match list {
        Ok(list) => list,
        Err(error) => return failed(ports, state, connection, error).await,
    };
    if is_refused {
        note_key(ports, company, connection, false).await?;
    }
    let count = list.iter().filter(|summary| summary.is_recognised(enabled_at)).count();
    // What is known from before a later enabling is still there, though no longer recognised.
    let copied: HashSet<_> = known.iter().map(Assessment::id).collect();
    let kept = list.into_iter().filter(|summary| summary.is_recognised(enabled_at) || copied.contains(&summary.id));
    let mut changes = Changes::between(known, kept.collect());
    let changed = changes.changed.len();
    changes.read_details(ports, connection).await?;
    ports.store.put_assessments(company, &changes.changed).await?;
    state.refreshed_at = Some(now);
    state.last_error = None;
    state.failures = 0;
    state.due_at = Some(if changes.pending > 0 { now + SHORT_PAUSE } else { next_refresh(&state, now) });
    save(ports, &mut state).await?;
    if changes.pending > 0 {
        // Without the message the schedule goes on with it, some minutes later.
        let _ = ports.queues.wake_result(&ResultWork::Refresh { company: company.clone() }, NEXT_PAGES).await;
    }
    Ok(Outcome::Refreshed { recognised: count, changed, pending: changes.pending })
}

/// A catalogue that is looked at is refreshed often, one that is not is refreshed hourly: after a tenth of the time since
/// SmartRecruiters last asked, within 5 and 60 minutes.
fn next_refresh(state: &CatalogueState, now: Timestamp) -> Timestamp {
    const SOONEST: Duration = Duration::from_secs(5 * 60);
    const LATEST: Duration = Duration::from_secs(3600);
    now + state.listed_at.map_or(LATEST, |listed| (now.since(listed) / 10).clamp(SOONEST, LATEST))
}

/// What differs between the copy and TestGorilla's list.
struct Changes {
    changed: Vec<Assessment>,
    /// Known and unchanged, but their page was never read.
    unread: Vec<Assessment>,
    pending: usize,
}

impl Changes {
    fn between(known: Vec<Assessment>, list: Vec<AssessmentSummary>) -> Self {
        let mut known: HashMap<AssessmentId, Assessment> =
            known.into_iter().map(|assessment| (assessment.id(), assessment)).collect();
        let mut changes = Self { changed: vec![], unread: vec![], pending: 0 };
        for summary in list {
            match known.remove(&summary.id) {
                Some(old) if old.summary == summary && !old.is_gone => {
                    if old.details.is_none() {
                        changes.unread.push(old);
                    }
                }
                Some(old) if old.summary.modified_at == summary.modified_at => {
                    // Only counters or the status moved: the page is the same.
                    changes.changed.push(Assessment { summary, details: old.details, is_gone: false });
                }
                _ => changes.changed.push(Assessment { summary, details: None, is_gone: false }),
            }
        }
        let vanished = known.into_values().filter(|old| !old.is_gone);
        changes.changed.extend(vanished.map(|old| Assessment { is_gone: true, ..old }));
        changes
    }

    /// Reads the pages of what is offered and new, as many as the budget allows; the rest is left for the next time.
    async fn read_details<S, K, Q, T, R, W>(
        &mut self,
        ports: &Ports<S, K, Q, T, R, W>,
        connection: &Connection,
    ) -> Result<(), StoreError>
    where
        K: CompanySecrets,
        T: TestGorilla,
    {
        let (mut budget, testgorilla) = (DETAILS_AT_ONCE, &ports.testgorilla);
        let first_unread = self.changed.len();
        self.changed.append(&mut self.unread);
        for assessment in &mut self.changed {
            if !wants_details(assessment) {
                continue;
            }
            if budget == 0 {
                self.pending += 1;
                continue;
            }
            budget -= 1;
            let id = assessment.id();
            let details =
                with_key(
                    &ports.secrets,
                    connection,
                    |key| async move { testgorilla.assessment_details(&key, id).await },
                );
            match details.await {
                Ok(details) => assessment.details = Some(details),
                Err(KeyCallError::Store(error)) => return Err(error),
                Err(KeyCallError::TestGorilla(TestGorillaError::NotFound)) => assessment.is_gone = true,
                Err(_) => {
                    self.pending += 1;
                    budget = 0;
                }
            }
        }
        // Of what had not changed, only what was read now is worth a write.
        let mut position = 0;
        self.changed.retain(|assessment| {
            position += 1;
            position <= first_unread || !wants_details(assessment)
        });
        Ok(())
    }
}

fn wants_details(assessment: &Assessment) -> bool {
    let is_open = assessment.summary.status != AssessmentStatus::Archived && !assessment.summary.is_empty;
    assessment.details.is_none() && is_open && !assessment.is_gone
}

async fn failed<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    mut state: CatalogueState,
    connection: &Connection,
    error: KeyCallError,
) -> Result<Outcome, StoreError>
where
    S: Integrations + Catalogue,
    W: Clock,
{
    let now = ports.world.now();
    let mut is_put_off = false;
    let (code, pause) = match error {
        KeyCallError::Store(error) => return Err(error),
        KeyCallError::NoSecret => ("no_secret", SHORT_PAUSE),
        KeyCallError::TestGorilla(error) => {
            if let TestGorillaError::KeyRefused(_) = error {
                note_key(ports, &state.company, connection, true).await?;
            }
            let pause = if let TestGorillaError::RateLimited(wait) = error { wait } else { 5 * SHORT_PAUSE };
            is_put_off = matches!(error, TestGorillaError::RateLimited(_));
            (error.code(), pause)
        }
    };
    if !is_put_off {
        state.failures = state.failures.saturating_add(1);
    }
    state.last_error = Some(code.to_owned());
    state.due_at = Some(now + pause);
    save(ports, &mut state).await?;
    Ok(Outcome::Failed { code, failures: (!is_put_off).then_some(state.failures) })
}

/// Saves; says whether nobody else did in between.
async fn save<S: Catalogue, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    state: &mut CatalogueState,
) -> Result<bool, StoreError> {
    is_saved(ports.store.save_catalogue_state(state).await)
}
