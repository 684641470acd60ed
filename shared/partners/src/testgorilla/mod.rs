//! TestGorilla's public API.

mod answers;
mod client;
mod limits;
mod pages;
mod pdf;
mod scalar;
mod unconfirmed;
mod wire;

use std::time::Duration;

use domain::pace::Pace;
use domain::ports::{Clock, TestGorillaError};
use domain::sensitive::ApiKey;
use domain::timestamp::in_millis;
use http::Method;
use runtime::transport::{Limits, Transport};

use crate::base_url::BaseUrl;
use crate::call::{self, Ask, MAX_JSON_BYTES, Reply};
use crate::fault::Fault;
use crate::report_slot::ReportSlot;
use limits::Gate;

/// Where TestGorilla is, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestGorillaConfig {
    /// The API's address, `https://app.testgorilla.com/api` in production.
    pub base: BaseUrl,
    /// Longest wait for an answer.
    pub timeout: Duration,
    /// Longest wait for a PDF report, which TestGorilla draws when it is asked for.
    pub report_timeout: Duration,
    /// How fast one key may invite.
    pub pace: Pace,
}

impl TestGorillaConfig {
    /// With time-outs of 5 seconds, and 15 for reports: all calls of one invocation fit its function's time. With the documented pace.
    pub const fn new(base: BaseUrl) -> Self {
        Self { base, timeout: Duration::from_secs(5), report_timeout: Duration::from_secs(15), pace: Pace::DOCUMENTED }
    }
}

/// The client behind [`domain::ports::TestGorilla`]. One for a process: it remembers which limits are used up, by key.
#[derive(Debug)]
pub struct TestGorillaClient<C> {
    transport: Transport,
    config: TestGorillaConfig,
    clock: C,
    gate: Gate,
    report_slot: ReportSlot,
}

impl<C: Clock> TestGorillaClient<C> {
    /// A client that sends through the process's HTTP stack.
    pub fn new(transport: Transport, config: TestGorillaConfig, clock: C) -> Self {
        Self { transport, config, clock, gate: Gate::default(), report_slot: ReportSlot::new() }
    }

    /// A request for JSON, which may be repeated.
    fn get(&self, operation: &'static str, path: &[&str], query: &[(&str, &str)]) -> Ask {
        let mut url = self.config.base.endpoint(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let limits = Limits { timeout: self.config.timeout, max_body: MAX_JSON_BYTES, repeatable: true };
        Ask { operation, method: Method::GET, url, body: None, json: true, limits }
    }

    /// Sends with the key, unless its limit is used up, and takes note of what the answer says of limits.
    async fn exchange(&self, key: &ApiKey, ask: Ask) -> Result<Reply, TestGorillaError> {
        let class = unconfirmed::class(ask.operation);
        let hash = key.hash();
        if let Some(wait) = self.gate.wait(&hash, class, self.clock.now()) {
            let (operation, wait_ms) = (ask.operation, in_millis(wait));
            tracing::debug!(event = "partner.held_back", partner = PARTNER, operation, outcome = "held_back", wait_ms);
            return Err(TestGorillaError::RateLimited(wait));
        }
        let operation = ask.operation;
        let authorization = call::authorization("Token", key.expose());
        let authorization = authorization.ok_or_else(|| answers::broken(Fault::body(operation)))?;
        let reply = call::send(&self.transport, PARTNER, ask, Some(authorization)).await.map_err(answers::broken)?;
        let refused = reply.status == http::StatusCode::TOO_MANY_REQUESTS;
        match self.gate.observe(&hash, class, refused, &reply.headers, self.clock.now()) {
            Some(wait) => {
                call::log_wait(PARTNER, operation, wait);
                Err(TestGorillaError::RateLimited(wait))
            }
            None => Ok(reply),
        }
    }

    /// [`Self::exchange`], taking good answers alone.
    async fn ask(&self, key: &ApiKey, ask: Ask) -> Result<Reply, TestGorillaError> {
        answers::accept(self.exchange(key, ask).await?)
    }
}

/// The partner's name in the log.
const PARTNER: &str = "testgorilla";
