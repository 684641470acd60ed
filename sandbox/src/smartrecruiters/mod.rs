//! The stand-in of SmartRecruiters: its API for assessment partners, and what its admins, recruiters and candidates do.

mod attachments;
mod candidates;
mod company;
mod configuration;
mod control;
mod demo;
mod gate;
mod hiring;
mod integration;
mod limits;
mod merge;
mod order;
mod ordering;
mod people;
mod product;
mod results;
mod screens;
mod state;
mod token;
mod what_happened;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, patch, post};

#[cfg(test)]
pub(crate) use merge::merge;
pub(crate) use state::Pair;
pub(crate) use what_happened::router as what_happened;

use crate::client::Client;
use crate::contract::{Contract, ContractError};
use crate::control::Shared;
use crate::misbehave::misbehave;
use crate::observe::{Observer, observe};

/// The stand-in.
#[derive(Debug)]
pub(crate) struct SmartRecruiters {
    state: Mutex<state::State>,
    client: Client,
    shared: Shared,
    /// What the product serves.
    product_contract: Contract,
}

impl SmartRecruiters {
    /// A stand-in without companies at this address (without a slash at its end).
    ///
    /// # Errors
    /// A contract cannot be read.
    pub(crate) fn new(base: String, master: Pair) -> Result<Arc<Self>, ContractError> {
        let shared = Shared {
            contract: Arc::new(Contract::smartrecruiters_api()?),
            calls: Arc::default(),
            faults: Arc::default(),
        };
        Ok(Arc::new(Self {
            state: Mutex::new(state::State::new(base, master)),
            client: Client::new(),
            shared,
            product_contract: Contract::product()?,
        }))
    }

    /// Adds a company with a job and candidates, for a person to begin with.
    pub(crate) fn furnish(&self) {
        demo::furnish(&mut self.state());
    }

    fn state(&self) -> MutexGuard<'_, state::State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that the stand-in serves.
pub(crate) fn router(smartrecruiters: Arc<SmartRecruiters>) -> Router {
    let shared = smartrecruiters.shared.clone();
    let owner = Arc::clone(&smartrecruiters);
    let observer = Observer {
        contract: Arc::clone(&shared.contract),
        calls: Arc::clone(&shared.calls),
        account_of: Arc::new(move |headers| {
            let state = owner.state();
            match &gate::bearer(headers).and_then(|token| state.token(token))?.credential {
                state::Credential::Master => None,
                state::Credential::Customer(company) => Some(company.clone()),
            }
        }),
        prefix: "",
    };
    let api = Router::new()
        .route("/assessment-api/v202010/partner/configuration", get(configuration::get).put(configuration::put))
        .route("/assessment-api/v202010/integration/company/{company}", post(integration::set_up))
        .route("/assessment-api/v202010/orders/{order}/results", patch(results::patch))
        .route("/assessment-api/v202010/orders/{order}/results/attachment", post(attachments::add))
        .route("/candidates/{id}", get(candidates::get))
        .fallback(|| async { gate::refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such resource.") })
        .layer(from_fn_with_state(Arc::clone(&shared.faults), misbehave))
        .layer(from_fn_with_state(Arc::clone(&smartrecruiters), gate::gate));
    let identity = Router::new()
        .route("/identity/oauth/token", post(token::issue))
        .layer(from_fn_with_state(Arc::clone(&shared.faults), misbehave));
    let api = identity
        .fallback_service(api.with_state(Arc::clone(&smartrecruiters)))
        .with_state(Arc::clone(&smartrecruiters))
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(observer, observe));
    let files = Router::new().route("/files/{id}", get(attachments::read)).with_state(Arc::clone(&smartrecruiters));
    let screens = screens::router(Arc::clone(&smartrecruiters));
    control::router(smartrecruiters)
        .merge(crate::control::router(shared))
        .merge(files)
        .merge(screens)
        .merge(crate::screens::assets())
        .fallback_service(api)
}

#[cfg(test)]
mod tests;
