//! The stand-in of TestGorilla: its public API below `/api`, and what its users and candidates do.

mod account;
mod assessment;
mod assessments;
mod candidate_page;
mod candidates;
mod candidature;
mod candidatures;
mod control;
mod deeds;
mod demo;
mod events;
mod gate;
mod limits;
mod paging;
mod pdf;
mod results;
mod screens;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};

pub(crate) use events::CallbackSettings;

use crate::client::Client;
use crate::contract::{Contract, ContractError};
use crate::control::{ActionError, Shared};
use crate::misbehave::misbehave;
use crate::observe::{Observer, observe};

/// The stand-in.
#[derive(Debug)]
pub(crate) struct TestGorilla {
    state: Mutex<state::State>,
    client: Client,
    shared: Shared,
}

impl TestGorilla {
    /// A stand-in without accounts at this address (without a slash at its end).
    ///
    /// # Errors
    /// The contract cannot be read.
    pub(crate) fn new(base: String, callbacks: CallbackSettings) -> Result<Arc<Self>, ContractError> {
        let shared =
            Shared { contract: Arc::new(Contract::testgorilla()?), calls: Arc::default(), faults: Arc::default() };
        Ok(Arc::new(Self { state: Mutex::new(state::State::new(base, callbacks)), client: Client::new(), shared }))
    }

    /// Adds accounts for a person to begin with.
    ///
    /// # Errors
    /// An account or assessment is refused.
    pub(crate) fn furnish(&self) -> Result<(), ActionError> {
        demo::furnish(&mut self.state())
    }

    fn state(&self) -> MutexGuard<'_, state::State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that the stand-in serves.
pub(crate) fn router(testgorilla: Arc<TestGorilla>) -> Router {
    let shared = testgorilla.shared.clone();
    let owner = Arc::clone(&testgorilla);
    let observer = Observer {
        contract: Arc::clone(&shared.contract),
        calls: Arc::clone(&shared.calls),
        account_of: Arc::new(move |headers| {
            gate::key(headers).and_then(|key| owner.state().account_of_key(key).map(|account| account.id.clone()))
        }),
        prefix: "/api",
    };
    let api = Router::new()
        .route("/api/assessments/", get(assessments::list))
        .route("/api/assessments/{id}/", get(assessments::get))
        .route("/api/assessments/{id}/invite_candidate/", post(candidatures::invite))
        .route("/api/assessments/candidature/", get(candidatures::list))
        .route("/api/assessments/candidature/{id}/", delete(candidatures::delete))
        .route("/api/assessments/candidates/{id}/", get(candidates::get))
        .route("/api/assessments/candidates/{id}/render_pdf/", get(candidates::report))
        .route("/api/assessments/results/", get(results::list))
        .fallback(|| async { gate::refuse(StatusCode::NOT_FOUND, "Not found.") })
        .with_state(Arc::clone(&testgorilla))
        .layer(from_fn_with_state(Arc::clone(&shared.faults), misbehave))
        .layer(from_fn_with_state(Arc::clone(&testgorilla), gate::gate))
        .layer(from_fn_with_state(observer, observe));
    let screens = screens::router(Arc::clone(&testgorilla));
    control::router(testgorilla)
        .merge(crate::control::router(shared))
        .merge(screens)
        .merge(crate::screens::assets())
        .fallback_service(api)
}

#[cfg(test)]
mod tests;
