//! A job with its hiring steps, and what happens when candidates enter one.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::company::{Company, Step};
use super::order::{NewCandidate, NewOrder};
use super::state::State;
use super::{SmartRecruiters, company, ordering, people};
use crate::control::ActionError;
use crate::ids;

/// How many orders of a hiring step are on their way at once.
const ORDERS_AT_ONCE: usize = 8;

/// The step that a candidate is in before anybody moves them.
const FIRST_STEP: &str = "new";

/// The step that can carry an assessment.
pub(crate) const SKILLS_TEST: &str = "skills-test";

/// Every job's steps in their order: id and name.
const STEPS: [(&str, &str); 4] =
    [(FIRST_STEP, "New"), (SKILLS_TEST, "Skills Test"), ("interview", "Interview"), ("offer", "Offer")];

/// The steps of a company's job, with those that only the control API knows: id and name.
pub(crate) fn steps(company: &Company) -> Vec<(String, String)> {
    let own = company.steps.keys().filter(|id| !STEPS.iter().any(|(known, _)| known == id));
    let known = STEPS.iter().map(|(id, _)| *id);
    known.chain(own.map(String::as_str)).map(|id| (id.to_owned(), step_name(id))).collect()
}

/// A step's name.
pub(crate) fn step_name(id: &str) -> String {
    STEPS.iter().find(|(known, _)| *known == id).map_or(id, |(_, name)| name).to_owned()
}

/// A company's job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The id, `job.id` of an order.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// The step of every candidate who has left the first one, by the candidate's id.
    positions: BTreeMap<String, String>,
}

impl Job {
    /// The job that every company has.
    pub(super) fn new() -> Self {
        Self { id: ids::uuid(), title: "Backend engineer".to_owned(), positions: BTreeMap::new() }
    }

    /// The id of the step that a candidate is in.
    pub(crate) fn position(&self, candidate: &str) -> &str {
        self.positions.get(candidate).map_or(FIRST_STEP, String::as_str)
    }
}

/// Sets which assessment a step carries; none takes it away.
///
/// # Errors
/// There is no such company.
pub(crate) fn set_step(state: &mut State, company: &str, step: &str, carries: Option<Step>) -> Result<(), ActionError> {
    let company = company::find(state, company)?;
    match carries {
        Some(carries) => company.steps.insert(step.to_owned(), carries),
        None => company.steps.remove(step),
    };
    Ok(())
}

/// Candidates enter a step. Where it is auto-triggered, whoever was not ordered its package before is ordered it, in nobody's
/// name. Returns what became of each order.
///
/// # Errors
/// There is no such company or step.
pub(crate) async fn enter(
    app: &SmartRecruiters,
    id: &str,
    step: &str,
    candidates: Vec<NewCandidate>,
) -> Result<Vec<Value>, ActionError> {
    let carries = take_in(&mut app.state(), id, step, &candidates)?;
    let Some(carries) = carries.filter(|carries| carries.auto_triggered) else { return Ok(Vec::new()) };
    let new = |candidate| NewOrder::of(id, &carries.package, candidate, None);
    let orders = stream::iter(candidates.into_iter().map(new)).map(|new| async {
        match ordering::order(app, new).await {
            Ok(made) => json!(made),
            Err(error) => json!({"error": error.to_string()}),
        }
    });
    Ok(orders.buffered(ORDERS_AT_ONCE).collect().await)
}

/// Moves the candidates, and tells what the step carries.
fn take_in(state: &mut State, id: &str, step: &str, candidates: &[NewCandidate]) -> Result<Option<Step>, ActionError> {
    let carries = company::find(state, id)?.steps.get(step).cloned();
    if carries.is_none() && !STEPS.iter().any(|(known, _)| *known == step) {
        return Err(ActionError::NotFound(format!("step {step}")));
    }
    for new in candidates {
        let candidate = people::candidate(state, id, new);
        company::find(state, id)?.job.positions.insert(candidate, step.to_owned());
    }
    Ok(carries)
}
